package faults_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// Two applies at once see the same plan, and each makes what it says: there is no lock. Both end. What they
// made twice, the next plan reports with all ids, as a problem where a person has to choose and as undeclared
// elsewhere; all else converges.
func TestTwoAppliesAtOnce(t *testing.T) {
	t.Parallel()
	clean := cleanly(t)
	rounds := 60
	switch {
	case testing.Short():
		rounds = 3
	case race:
		rounds = 20
	}
	drawn := sampleSeed()
	t.Logf("-faults.seed %d", drawn)
	var tally twinTally
	t.Run("", func(t *testing.T) {
		for i := range rounds {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					time.Sleep(time.Until(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)))
					server := sim.New(seed())
					random := &jitter{next: server.Transport(), random: rand.New(rand.NewPCG(drawn, uint64(i)))}
					var both [2]run
					var wg sync.WaitGroup
					for n := range both {
						wg.Go(func() { both[n] = bylaw(random, "apply", "--yes") })
					}
					wg.Wait()
					time.Sleep(10 * time.Minute)
					tally.add(settleTwins(t, server, both, &clean))
				})
			})
		}
	})
	t.Log(tally.String())
}

// The same with processes.
func TestTwoProcessesAtOnce(t *testing.T) {
	t.Parallel()
	clean := cleanly(t)
	rounds := 8
	if testing.Short() {
		rounds = 1
	}
	var tally twinTally
	t.Run("", func(t *testing.T) {
		for i := range rounds {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				server := sim.New(seed())
				server.Latency = 5 * time.Millisecond
				gate := &both{sim: server, waiting: 2, open: make(chan struct{})}
				front := httptest.NewServer(gate)
				defer front.Close()
				a, b := start(t, front.URL+"/a", "--no-verify"), start(t, front.URL+"/b", "--no-verify")
				tally.add(settleTwins(t, server, [2]run{a.finish(), b.finish()}, &clean))
			})
		}
	})
	t.Log(tally.String())
}

// A jitter lets every request take its time, so that two runs overtake each other.
type jitter struct {
	next   http.RoundTripper
	mu     sync.Mutex
	random *rand.Rand
}

func (j *jitter) RoundTrip(r *http.Request) (*http.Response, error) {
	j.mu.Lock()
	d := time.Duration(1+j.random.IntN(50)) * time.Millisecond
	j.mu.Unlock()
	time.Sleep(d)
	return j.next.RoundTrip(r)
}

// both holds the writes back until both processes, told apart by a prefix of the path, have planned.
type both struct {
	sim     *sim.Server
	mu      sync.Mutex
	seen    [2]bool
	waiting int
	open    chan struct{}
}

func (b *both) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	who := int(r.URL.Path[1] - 'a')
	http.StripPrefix(r.URL.Path[:2], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			b.arrive(who)
			select {
			case <-b.open:
			case <-r.Context().Done():
				return
			}
		}
		b.sim.ServeHTTP(w, r)
	})).ServeHTTP(w, r)
}

func (b *both) arrive(who int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.seen[who] {
		return
	}
	b.seen[who] = true
	if b.waiting--; b.waiting == 0 {
		close(b.open)
	}
}

// settleTwins lets the next runs do what two left, demands that what is there twice was reported, removes it as
// a person would, and demands that the organization is what one run makes of it, but for mails.
func settleTwins(t *testing.T, server *sim.Server, both [2]run, clean *verdict) (twice []string) {
	for _, r := range both {
		if !slices.Contains([]int{0, 1, 5}, r.status) {
			t.Errorf("one of the two exits %d:\n%s", r.status, r.text)
		}
	}
	var third run
	for range 3 {
		if third = bylaw(server.Transport(), "apply", "--yes"); len(third.plan.Changes) == 0 {
			break
		}
	}
	if len(third.plan.Changes) > 0 {
		t.Errorf("still to do: %v\n%s", third.plan.Changes, third.text)
	}
	state := server.Snapshot()
	at := live(state)
	for _, a := range slices.SortedFunc(maps.Keys(at), kind.Address.Compare) {
		ids := at[a]
		if len(ids) < 2 {
			continue
		}
		how := told(third.plan, a, ids)
		if how == "" {
			t.Errorf("twins of which nothing is said: %s %v, in: %v, %v", a, ids, third.plan.Problems, third.plan.Undeclared)
		}
		twice = append(twice, a.KindName()+how)
	}
	if (third.status == 0) != (len(third.plan.Problems) == 0) {
		t.Errorf("exit %d with problems %v", third.status, third.plan.Problems)
	}
	tidied(t, state, clean)
	if t.Failed() {
		for _, r := range both {
			t.Logf("exit %d:\n%s", r.status, r.text)
		}
	}
	return twice
}

// told says how a plan tells of twins: with all their ids in a problem, as undeclared but for one, or in a
// problem of what they stand under.
func told(p document, a kind.Address, ids []string) string {
	n := 0
	for _, id := range ids {
		if slices.Contains(p.Undeclared, string(a.Collection().Join(a.Key()+"~"+id))) {
			n++
		}
	}
	if n == len(ids)-1 {
		return " (undeclared)"
	}
	for _, q := range p.Problems {
		said := !slices.ContainsFunc(ids, func(id string) bool { return !strings.Contains(q.Message, id) })
		switch at := kind.Address(q.Address); {
		case at == a && said:
			return " (problem)"
		case at != a && a.Under(at):
			return " (below)"
		}
	}
	return ""
}

// tidied demands that after a person removed one of each two, an apply makes the organization what it would be
// had there been one run only, but for the mails.
func tidied(t *testing.T, state sim.State, clean *verdict) {
	server := sim.New(tidy(t, state))
	if r := bylaw(server.Transport(), "apply", "--yes"); r.status != 0 {
		t.Errorf("without the twins it exits %d: %v\n%s", r.status, r.plan.Problems, r.text)
	}
	if got := meaning(server.Snapshot()); got != clean.meaning {
		t.Errorf("without the twins it ends elsewhere (-clean +this):\n%s", cmp.Diff(strings.Split(clean.meaning, "\n"), strings.Split(got, "\n")))
	}
}

// tidy removes all but the first of what shares an address, and what hangs on it.
func tidy(t *testing.T, s sim.State) sim.State {
	t.Helper()
	for {
		gone, kept := map[any]bool{}, map[any]any{}
		for _, ids := range live(s) {
			for _, id := range ids[1:] {
				gone[id], kept[id] = true, ids[0]
			}
		}
		if len(gone) == 0 {
			return s
		}
		b, err := json.Marshal(s)
		var v any
		if err == nil {
			err = json.Unmarshal(b, &v)
		}
		if err == nil {
			b, err = json.Marshal(without(v, gone, kept))
		}
		if err == nil {
			s, err = sim.ReadState(bytes.NewReader(b))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// without drops what has one of the ids, and what names one of them; a project that
// uses a key uses the other, and an invite leads to the other project.
func without(v any, gone map[any]bool, kept map[any]any) any {
	switch v := v.(type) {
	case map[string]any:
		invited, _ := v["projects"].([]any)
		for _, e := range invited {
			if to, _ := e.(map[string]any); v["email"] != nil && gone[to["id"]] {
				to["id"] = kept[to["id"]]
			}
		}
		for name, e := range v {
			if name != "audit_logs" {
				v[name] = without(e, gone, kept)
			}
		}
		if id := v["external_key_id"]; gone[id] {
			v["external_key_id"] = kept[id]
		}
	case []any:
		return slices.DeleteFunc(slices.Clone(v), func(e any) bool {
			m, _ := e.(map[string]any)
			for _, name := range []string{"id", "group_id", "principal_id", "role_id", "project_id", "service_account_id"} {
				if gone[m[name]] {
					return true
				}
			}
			without(e, gone, kept)
			if s, ok := e.(string); ok {
				return gone[s]
			}
			return false
		})
	}
	return v
}

// A twinTally counts what was made twice, by kind.
type twinTally struct {
	mu     sync.Mutex
	rounds int
	none   int
	kinds  map[string]int
}

func (c *twinTally) add(kinds []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kinds == nil {
		c.kinds = map[string]int{}
	}
	c.rounds++
	if len(kinds) == 0 {
		c.none++
	}
	for _, k := range kinds {
		c.kinds[k]++
	}
}

func (c *twinTally) String() string {
	s := fmt.Sprintf("%d rounds, %d of them without twins; made twice:", c.rounds, c.none)
	for _, k := range slices.Sorted(maps.Keys(c.kinds)) {
		s += fmt.Sprintf(" %s %d,", k, c.kinds[k])
	}
	return strings.TrimRight(s, ",")
}
