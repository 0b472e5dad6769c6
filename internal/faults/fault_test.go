package faults_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"text/tabwriter"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/apply"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

var (
	seedFlag  = flag.Uint64("faults.seed", 0, "which cases a sample takes; 0: another one each time")
	shareFlag = flag.Int("faults.share", 0, "how many percent of the cases to run; 0: all, and a sample with -race or -short")
)

// A trial is an apply of the reference organization where something goes wrong, and another where nothing
// does.
type trial struct {
	faults []sim.Fault
	lag    time.Duration
}

func (tr trial) String() string {
	var out []string
	for _, f := range tr.faults {
		name := fmt.Sprintf("%s %d %s", strings.ReplaceAll(f.Route, "/", "."), f.Nth, f.Fault)
		if f.Count > 1 {
			name += fmt.Sprintf(" x%d", f.Count)
		}
		out = append(out, name)
	}
	return strings.Join(out, ", ")
}

// A verdict is what came of a trial.
type verdict struct {
	first, second run
	received      []sim.Received // by the first
	state         sim.State
	meaning       string
	wrong         wrongs
}

// wrongs are the numbers that must all be 0.
type wrongs struct{ twins, lies, mails, elsewhere, unhit int }

func (w *wrongs) add(o wrongs) {
	w.twins += o.twins
	w.lies += o.lies
	w.mails += o.mails
	w.elsewhere += o.elsewhere
	w.unhit += o.unhit
}

// run applies twice, in a bubble, and judges. clean is the trial where nothing goes wrong, or nil.
func (tr trial) run(t *testing.T, clean *verdict) (v verdict) {
	time.Sleep(time.Until(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))) // after all that sim.Demo tells
	server := sim.New(seed())
	server.Faults, server.Lag = tr.faults, tr.lag
	v.first = bylaw(server.Transport(), "apply", "--yes")
	v.received = server.Requests()
	after := server.Snapshot()
	for _, lie := range lies(v.first, v.received, after) {
		v.wrong.lies++
		t.Errorf("a lie: %s", lie)
	}
	time.Sleep(10 * time.Minute)
	again := sim.New(after)
	v.second = bylaw(again.Transport(), "apply", "--yes")
	v.judgeSecond(t, again)
	v.state = again.Snapshot()
	v.meaning = meaning(v.state)
	for _, twin := range twins(v.state) {
		v.wrong.twins++
		t.Errorf("twins: %s", twin)
	}
	if clean != nil {
		v.compare(t, tr, clean)
	}
	return v
}

// judgeSecond demands that the second run does what the first left, and no more, and that nothing is left then.
func (v *verdict) judgeSecond(t *testing.T, server *sim.Server) {
	if v.second.status != 0 {
		t.Errorf("the second run exits %d: %v", v.second.status, v.second.plan.Problems)
	}
	for _, c := range v.second.plan.Changes {
		if v.first.results[c.Address].outcome == apply.Done {
			v.wrong.lies++
			t.Errorf("a lie: %s was done, and the second run plans to %s it", c.Address, c.Action)
		}
	}
	if len(v.second.plan.Changes) == 0 {
		return
	}
	if third := bylaw(server.Transport(), "plan", "--detailed-exitcode"); third.status != 0 {
		t.Errorf("a third plan is not empty: exit %d, %v", third.status, third.plan.Changes)
	}
}

// compare demands that the trial ended as the clean one did.
func (v *verdict) compare(t *testing.T, tr trial, clean *verdict) {
	if v.meaning != clean.meaning {
		v.wrong.elsewhere++
		t.Errorf("it ends elsewhere (-clean +this):\n%s", cmp.Diff(strings.Split(clean.meaning, "\n"), strings.Split(v.meaning, "\n")))
	}
	if want, got := mailed(clean.state), mailed(v.state); !maps.Equal(want, got) {
		v.wrong.mails++
		t.Errorf("it sends other invites: %v, want %v", got, want)
	}
	for _, f := range tr.faults {
		n := 0
		for _, r := range v.received {
			if r.Route == f.Route {
				n++
			}
		}
		if n < f.Nth && len(tr.faults) == 1 {
			v.wrong.unhit++
			t.Errorf("the fault did not happen: %d of %s", n, f.Route)
		}
	}
}

// cleanly is the trial where nothing goes wrong.
func cleanly(t *testing.T) (v verdict) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		v = trial{}.run(t, nil)
		if v.first.status != 0 || len(v.second.plan.Changes) > 0 {
			t.Fatalf("exit %d, then %d changes:\n%s", v.first.status, len(v.second.plan.Changes), v.first.text)
		}
	})
	return v
}

// requests are the routes of what was received, each with its number on its route.
func requests(received []sim.Received, keep func(sim.Received) bool) []sim.Fault {
	var out []sim.Fault
	nth := map[string]int{}
	for _, r := range received {
		if nth[r.Route]++; keep(r) {
			out = append(out, sim.Fault{Route: r.Route, Nth: nth[r.Route]})
		}
	}
	return out
}

func all(sim.Received) bool { return true }

// loses has the faults that hide whether the work was done. What is sent again may then be refused.
var loses = map[string]bool{"drop_before": true, "drop_after": true, "error_500": true, "html_502": true, "string_error": true, "truncated": true, "empty": true}

// Whatever goes wrong with whichever request, the first run tells the truth, the second ends what it left,
// and the organization is what it would be had nothing gone wrong. All faults but one keep nothing from
// being done at once: an answer that is no answer says nothing of an update or a delete.
func TestEveryFaultOnEveryRequest(t *testing.T) {
	t.Parallel()
	clean := cleanly(t)
	var trials []trial
	for _, name := range sim.FaultNames() {
		for _, f := range requests(clean.received, all) {
			f.Fault = name
			trials = append(trials, trial{faults: []sim.Fault{f}})
		}
	}
	series{trials: trials, whole: "drop_after", met: func(t *testing.T, tr trial, v verdict) {
		n := v.first.count()
		lost := n[apply.Unknown] == 1 && n[apply.Failed]+n[apply.NotTried] == 0 && loses[tr.faults[0].Fault]
		if tr.faults[0].Fault != "empty" && v.first.status != 0 && !lost {
			t.Errorf("it keeps something from being done: exit %d", v.first.status)
		}
	}}.run(t, &clean)
}

// Creates whose answers are lost are found also where reads lag behind, and are not made again.
func TestLostWritesWhileReadsLag(t *testing.T) {
	t.Parallel()
	clean := cleanly(t)
	var trials []trial
	for _, name := range []string{"drop_after", "drop_before"} {
		for _, f := range requests(clean.received, func(r sim.Received) bool { return r.Method != "GET" }) {
			f.Fault = name
			trials = append(trials, trial{faults: []sim.Fault{f}, lag: 20 * time.Second})
		}
	}
	series{trials: trials}.run(t, &clean)
}

// Two things go wrong: the same with two requests of a route on end, or any two.
func TestTwoFaults(t *testing.T) {
	t.Parallel()
	clean := cleanly(t)
	seed := sampleSeed()
	random := rand.New(rand.NewPCG(seed, 1))
	t.Logf("-faults.seed %d", seed)
	every := requests(clean.received, all)
	draw := func() sim.Fault {
		f := every[random.IntN(len(every))]
		f.Fault = sim.FaultNames()[random.IntN(len(sim.FaultNames()))]
		return f
	}
	var trials []trial
	for i := range 200 {
		a, b := draw(), draw()
		if i%2 == 0 {
			a.Count = 2
			trials = append(trials, trial{faults: []sim.Fault{a}})
		} else {
			trials = append(trials, trial{faults: []sim.Fault{a, b}, lag: time.Duration(random.IntN(2)*15) * time.Second})
		}
	}
	series{trials: trials}.run(t, &clean)
}

// A series is many trials.
type series struct {
	trials []trial
	whole  string // the fault that no sample leaves out
	met    func(t *testing.T, tr trial, v verdict)
}

// run runs the trials, or a sample, at once, and tells of them by fault.
func (s series) run(t *testing.T, clean *verdict) {
	var mu sync.Mutex
	table := map[string]*row{}
	var open []string // what first runs left, but for answers that were none
	trials := s.sample(t)
	t.Run("", func(t *testing.T) {
		for _, tr := range trials {
			t.Run(tr.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					v := tr.run(t, clean)
					if s.met != nil {
						s.met(t, tr, v)
					}
					if t.Failed() {
						t.Logf("first, exit %d:\n%s\nsecond, exit %d:\n%s", v.first.status, v.first.text, v.second.status, v.second.text)
					}
					mu.Lock()
					defer mu.Unlock()
					name := tr.faults[0].Fault
					if table[name] == nil {
						table[name] = &row{outcomes: map[apply.Outcome]int{}, statuses: map[int]int{}}
					}
					table[name].add(v)
					for addr, res := range v.first.results {
						if res.outcome == apply.Unknown && name != "empty" {
							open = append(open, fmt.Sprintf("%s: %s: %s", tr, addr, res.why))
						}
					}
				})
			})
		}
	})
	slices.Sort(open)
	t.Log("\n" + tell(table) + strings.Join(open, "\n"))
}

func (s series) sample(t *testing.T) []trial {
	share := *shareFlag
	if share == 0 {
		share = 100
		if race {
			share = 10
		}
		if testing.Short() {
			share = 2
		}
	}
	if share >= 100 {
		return s.trials
	}
	seed := sampleSeed()
	t.Logf("a sample of %d %%: -faults.share %d -faults.seed %d", share, share, seed)
	random := rand.New(rand.NewPCG(seed, 0))
	return slices.DeleteFunc(slices.Clone(s.trials), func(tr trial) bool {
		taken := random.IntN(100) < share
		return !taken && (tr.faults[0].Fault != s.whole || testing.Short())
	})
}

func sampleSeed() uint64 {
	if *seedFlag != 0 {
		return *seedFlag
	}
	return uint64(time.Now().UnixNano()) % 1e6
}

// A row is a line of the table of a series.
type row struct {
	cases, again int
	statuses     map[int]int
	outcomes     map[apply.Outcome]int
	wrong        wrongs
}

func (r *row) add(v verdict) {
	r.cases++
	r.statuses[v.first.status]++
	if len(v.second.plan.Changes) > 0 {
		r.again++
	}
	for _, res := range v.first.results {
		r.outcomes[res.outcome]++
	}
	r.wrong.add(v.wrong)
}

// tell is the table of a series: what came of the first runs, and what must be 0.
func tell(table map[string]*row) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "fault\tcases\texit 0\t1\t5\tdone\tfailed\tnot tried\tunknown\tmore to do\ttwins\tlies\tmails\telsewhere\t")
	total := row{outcomes: map[apply.Outcome]int{}, statuses: map[int]int{}}
	for _, name := range slices.Sorted(maps.Keys(table)) {
		r := table[name]
		r.line(w, name)
		total.cases += r.cases
		total.again += r.again
		total.wrong.add(r.wrong)
		for s, n := range r.statuses {
			total.statuses[s] += n
		}
		for o, n := range r.outcomes {
			total.outcomes[o] += n
		}
	}
	total.line(w, "all")
	_ = w.Flush()
	return b.String()
}

func (r row) line(w *tabwriter.Writer, name string) {
	fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n", name, r.cases, r.statuses[0], r.statuses[1], r.statuses[5],
		r.outcomes[apply.Done], r.outcomes[apply.Failed], r.outcomes[apply.NotTried], r.outcomes[apply.Unknown], r.again,
		r.wrong.twins, r.wrong.lies, r.wrong.mails, r.wrong.elsewhere)
}
