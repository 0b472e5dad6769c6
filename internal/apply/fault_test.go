package apply_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/apply"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// complete is small and has every kind, made, changed and removed where the API can, against sim.Demo.
const complete = `
version: 1
policy: {prune: ["projects/*/users/*", "projects/*/service_accounts/*"]}
data_retention: {retention_type: zero_data_retention}
spend_limit: {threshold_amount: 4000000}
spend_alerts:
  - {threshold_amount: 4000000, notification_channel: {recipients: [ada@acme.example]}}
  - {threshold_amount: 100, notification_channel: {recipients: [ada@acme.example]}}
users:
  - {email: ada@acme.example, role: owner}
  - {email: linus@acme.example, role: reader}
  - {email: grace@acme.example, role: reader, technical_level: expert}
  - {email: barbara@acme.example, state: absent}
  - {email: margaret@acme.example, role: owner}
  - {email: katherine@acme.example, role: reader}
projects:
  - name: search
    previously: [search-prod]
    users:
      - {email: linus@acme.example, role: member}
      - {email: grace@acme.example, role: owner}
      - {email: edsger@acme.example, role: member}
    service_accounts:
      - {name: indexer, role: owner}
      - {name: crawler, role: member}
    model_permissions: {state: absent}
    rate_limits: [{model: gpt-4.1, max_requests_per_1_minute: 400}, {model: gpt-4o, max_requests_per_1_minute: 3}]
    hosted_tool_permissions: {mcp: {enabled: true}}
    data_retention: {retention_type: organization_default}
    spend_alerts:
      - {threshold_amount: 50000, notification_channel: {recipients: [ada@acme.example]}}
      - {threshold_amount: 150000, state: absent}
      - {threshold_amount: 70, notification_channel: {recipients: [ada@acme.example]}}
    spend_limit: {state: absent}
  - name: fresh
    residency: EU_STORAGE_PROCESSING
    users: [{email: grace@acme.example, role: member}, {email: katherine@acme.example, role: owner}]
    service_accounts: [{name: crawler, role: owner}, plain]
    model_permissions: {mode: allow_list, model_ids: [o3, gpt-4.1]}
    rate_limits: [{model: o3, max_requests_per_1_minute: 7}, {model: gpt-4.1, max_tokens_per_1_minute: 9}]
    hosted_tool_permissions: {web_search: {enabled: false}}
    data_retention: {retention_type: none}
    spend_alerts: [{threshold_amount: 5, notification_channel: {recipients: [ada@acme.example]}}]
    spend_limit: {threshold_amount: 10}
  - {name: support-bot, state: archived}
`

// A trial is one run of a document against an organization where something goes wrong.
type trial struct {
	text   string
	state  sim.State
	faults []sim.Fault
	lag    time.Duration
	wrap   []func(roundTripper) roundTripper // stand between the client and the simulator while the first apply runs
}

// A verdict is what came of a trial.
type verdict struct {
	first   apply.Report // with the faults
	took    time.Duration
	writes  []sim.Received
	reads   map[string]int // by route, of the first apply
	state   sim.State      // at the end
	meaning []string       // of the state, where it is asked for often
}

// run applies with the faults, waits until reads show what was written, and applies again without.
// It demands what every trial owes: the first report tells the truth, the second apply does the rest,
// and then nothing is left to do. It runs in a bubble.
func (tr trial) run(t *testing.T, ctx context.Context) verdict {
	t.Helper()
	time.Sleep(time.Until(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))) // after all that sim.Demo tells
	server := sim.New(tr.state)
	server.Faults, server.Lag = tr.faults, tr.lag
	w := newWorld(t, server, tr.text, tr.wrap...)
	p := w.open().plan()
	before, start := w.client.Stats(), time.Now()
	v := verdict{first: w.apply(ctx, p), reads: map[string]int{}}
	v.took = time.Since(start)
	for name, n := range w.client.Stats() {
		if route, ok := strings.CutPrefix(name, "GET "); ok {
			v.reads[route] = n - before[name]
		}
	}
	v.writes = writes(server)
	time.Sleep(10 * time.Minute)
	after := w.open()
	if left := truthful(after, v.first); len(left.Changes) > 0 {
		after.settled(after.apply(context.Background(), left))
		time.Sleep(10 * time.Minute)
		after.converged()
	}
	v.state = server.Snapshot()
	return v
}

// outcomes lists what became of the changes, those that are done left out.
func outcomes(r apply.Report) map[kind.Address]string {
	out := map[kind.Address]string{}
	for _, res := range r.Results {
		if res.Outcome != apply.Done {
			out[res.Change.Addr] = fmt.Sprintf("%s: %v", res.Outcome, res.Err)
		}
	}
	return out
}

// done demands that the first apply did it all.
func (v verdict) done(t *testing.T) {
	t.Helper()
	for addr, what := range outcomes(v.first) {
		t.Errorf("%s: %s", addr, what)
	}
}

// same demands that the trial ended as another one did, and sent no more invites.
func (v verdict) same(t *testing.T, clean verdict) {
	t.Helper()
	if diff := cmp.Diff(clean.meaning, meaning(v.state)); diff != "" {
		t.Errorf("it ends elsewhere (-clean +this):\n%s", diff)
	}
	if diff := cmp.Diff(invitesSent(clean.state), invitesSent(v.state)); diff != "" {
		t.Errorf("it sends other invites (-clean +this):\n%s", diff)
	}
}

// cleanly is the trial of the complete organization where nothing goes wrong.
func cleanly(t *testing.T) (v verdict) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		v = trial{text: complete, state: sim.Demo()}.run(t, t.Context())
		v.done(t)
		v.meaning = meaning(v.state)
	})
	return v
}

// Whatever goes wrong with whichever write, apply recovers, and nothing is made or sent twice. Of the
// writes of one route all lose their answers, and the first has every fault; those that are alike to apply
// take turns.
func TestEveryFaultOnEveryWrite(t *testing.T) {
	t.Parallel()
	clean := cleanly(t)
	nth := map[string]int{}
	for _, write := range clean.writes {
		nth[write.Route]++
		for _, name := range sim.FaultNames() {
			fault := sim.Fault{Route: write.Route, Nth: nth[write.Route], Fault: name}
			if !strings.HasPrefix(name, "drop_") && (fault.Nth > 1 || !turn(len(nth), name)) {
				continue
			}
			t.Run(fmt.Sprintf("%s %d %s", strings.ReplaceAll(write.Route, "/", "."), fault.Nth, name), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					v := trial{text: complete, state: sim.Demo(), faults: []sim.Fault{fault}}.run(t, t.Context())
					v.met(t, fault)
					v.same(t, clean)
				})
			})
		}
	}
}

// turn says that it is a fault's turn among those that apply cannot tell apart.
func turn(n int, name string) bool {
	for _, alike := range [][]string{{"error_500", "html_502", "string_error"}, {"too_many_requests", "too_many_requests_retry_after"}} {
		if i := slices.Index(alike, name); i >= 0 {
			return n%len(alike) == i
		}
	}
	return true
}

// met demands that a fault kept nothing from being done, and that it was not waited out longer than it
// needs: a lost create that was not made is looked for during a minute, all else takes moments. An answer
// that is no answer says nothing of an update or a delete, and what comes after it waits for the next run.
func (v verdict) met(t *testing.T, f sim.Fault) {
	t.Helper()
	unknown := v.first.Count(apply.Unknown)
	switch {
	case f.Fault != "empty":
		v.done(t)
	case unknown > 1 || v.first.Count(apply.Failed) > 0 || unknown == 0 && v.first.Count(apply.NotTried) > 0:
		t.Errorf("%v", outcomes(v.first))
	}
	if most := 2 * time.Minute; v.took > most {
		t.Errorf("it took %s", v.took)
	}
}

// Every kind that the complete organization declares is written by its plan, so that the trials meet it.
func TestCompleteOrganizationIsComplete(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.New(sim.Demo()), complete)
	written := map[*kind.Kind]string{}
	for _, c := range w.plan().Changes {
		written[c.Addr.Kind()] += string(c.Action)
	}
	for addr := range w.doc.Declared {
		k := addr.Kind()
		if written[k] == "" {
			t.Errorf("%s: nothing changes", k.Name)
		}
		t.Log(k.Name, written[k])
	}
}
