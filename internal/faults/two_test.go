package faults_test

import (
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
	seed := sampleSeed()
	t.Logf("-faults.seed %d", seed)
	var tally twinTally
	t.Run("", func(t *testing.T) {
		for i := range rounds {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					time.Sleep(time.Until(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)))
					server := sim.New(seed2())
					random := &jitter{next: server.Transport(), random: rand.New(rand.NewPCG(seed, uint64(i)))}
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
				server := sim.New(seed2())
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

// seed2 is the seed. It is a function of its own so that the two cannot share parts of a state.
func seed2() sim.State { return seed() }

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
	told := strings.Join(third.plan.Undeclared, "\n")
	for _, p := range third.plan.Problems {
		told += "\n" + p.Address + ": " + p.Message
	}
	state := server.Snapshot()
	at := live(state)
	for _, a := range slices.SortedFunc(maps.Keys(at), kind.Address.Compare) {
		ids := at[a]
		if len(ids) < 2 {
			continue
		}
		twice = append(twice, a.KindName())
		n := 0
		for _, id := range ids {
			if strings.Contains(told, id) {
				n++
			}
		}
		if n < len(ids)-1 && !slices.ContainsFunc(third.plan.Problems, func(p problem) bool { return a.Under(kind.Address(p.Address)) && kind.Address(p.Address) != a }) {
			t.Errorf("twins of which nothing is said: %s %v, in:\n%s", a, ids, told)
		}
	}
	if (third.status == 0) != (len(third.plan.Problems) == 0) {
		t.Errorf("exit %d with problems %v", third.status, third.plan.Problems)
	}
	if t.Failed() {
		for _, r := range both {
			t.Logf("exit %d:\n%s", r.status, r.text)
		}
	}
	return twice
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
