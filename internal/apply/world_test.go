package apply_test

import (
	"context"
	"slices"
	"testing/fstest"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/apply"
	"github.com/bylaw-dev/bylaw/internal/desired"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/observed"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// A world is one simulated organization and one document about it.
type world struct {
	t      rapid.TB
	sim    *sim.Server
	client *adminapi.Client
	key    adminapi.Key
	doc    desired.Org
}

// newWorld reads the YAML and opens the simulator. wrap may stand between the client and it.
func newWorld(t rapid.TB, server *sim.Server, text string, wrap ...func(roundTripper) roundTripper) *world {
	t.Helper()
	return (&world{t: t, sim: server, doc: load(t, text)}).open(wrap...)
}

// open is the same world through a new client.
func (w world) open(wrap ...func(roundTripper) roundTripper) *world {
	w.t.Helper()
	server, t := w.sim, w.t
	transport := roundTripper(server.Transport().RoundTrip)
	for _, f := range wrap {
		transport = f(transport)
	}
	var err error
	if w.key, err = adminapi.NewKey(sim.DefaultAdminKey); err != nil {
		t.Fatal(err)
	}
	if w.client, err = adminapi.New(adminapi.Options{Key: w.key, Transport: transport}); err != nil {
		t.Fatal(err)
	}
	return &w
}

func load(t rapid.TB, text string) desired.Org {
	t.Helper()
	org, err := desired.LoadFS(fstest.MapFS{"org.yaml": {Data: []byte(text)}}, "org.yaml", "org.yaml")
	if err != nil {
		t.Fatalf("the YAML is wrong: %v\n%s", err, text)
	}
	return org
}

func yamlOf(t rapid.TB, v any) string {
	t.Helper()
	b, err := yaml.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// input is what a plan is made from, before anything was read. Guardrails that count are loosened.
func (w *world) input() plan.Input {
	policy := w.doc.Policy
	policy.MaxRemovals = &kind.Cap{N: 1 << 30}
	return plan.Input{Want: w.doc.Objects, Declared: w.doc.Declared, Policy: policy}
}

// mostRounds is how often a plan may ask: projects, what is in them, what that refers to, the key.
const mostRounds = 5

// read reads what the input needs, as the commands do, and returns the plan and the complete input.
func (w *world) read(ctx context.Context, in plan.Input) (plan.Plan, plan.Input, error) {
	r := observed.New(w.client, w.key)
	for round := 0; ; round++ {
		in.Live = r.Live()
		p, err := plan.Make(in)
		if err != nil || p.Needs.None() {
			return p, in, err
		}
		if round == mostRounds {
			w.t.Fatalf("a plan that still asks for %v after %d rounds", p.Needs, round)
		}
		for _, place := range p.Needs.Places {
			if in.Live.Read[place.Source()] {
				w.t.Fatalf("a plan that asks again for %s", place.Path)
			}
		}
		if err := r.Read(ctx, p.Needs.Places); err != nil {
			return p, in, err
		}
		if p.Needs.KeyOwner {
			if err := r.ReadKeyOwner(ctx); err != nil {
				return p, in, err
			}
		}
	}
}

// plan is the plan of the whole document, which no guardrail may refuse.
func (w *world) plan() plan.Plan {
	w.t.Helper()
	p, _ := w.planAnd()
	return p
}

func (w *world) planAnd() (plan.Plan, plan.Input) {
	w.t.Helper()
	p, in, err := w.read(context.Background(), w.input())
	if err != nil {
		w.t.Fatalf("plan: %v", err)
	}
	if len(p.Refusals) > 0 {
		w.t.Fatalf("plan: refused: %v", p.Refusals)
	}
	return p, in
}

func (w *world) apply(ctx context.Context, p plan.Plan) apply.Report {
	w.t.Helper()
	report, err := apply.Run(ctx, p, apply.Options{Client: w.client})
	if err != nil {
		w.t.Fatalf("apply: %v", err)
	}
	return report
}

// settled demands that every change is done.
func (w *world) settled(r apply.Report) {
	w.t.Helper()
	for _, res := range r.Results {
		if res.Outcome != apply.Done {
			w.t.Fatalf("%s %s: %s: %v\n%v", res.Change.Verb(), res.Change.Addr, res.Outcome, res.Err, res.Change.Requests)
		}
	}
}

// converged demands that nothing is left to do.
func (w *world) converged() plan.Plan {
	w.t.Helper()
	p := w.plan()
	for _, c := range p.Changes {
		w.t.Errorf("still to do: %s %s %v", c.Verb(), c.Addr, c.Fields)
	}
	if len(p.Changes) > 0 {
		w.t.FailNow()
	}
	return p
}

// writes are the requests received that may change something.
func writes(s *sim.Server) []sim.Received {
	return slices.DeleteFunc(s.Requests(), func(r sim.Received) bool { return r.Method == "GET" })
}

// invitesSent counts the invite.sent events of each address.
func invitesSent(s sim.State) map[string]int {
	out := map[string]int{}
	for _, e := range s.AuditLogs {
		if e.Type == "invite.sent" {
			out[e.Details["data"].(map[string]any)["email"].(string)]++
		}
	}
	return out
}
