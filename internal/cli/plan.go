package cli

import (
	"context"
	"errors"

	"github.com/bylaw-dev/bylaw/internal/apply"
	"github.com/bylaw-dev/bylaw/internal/desired"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/observed"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/render"
	"github.com/bylaw-dev/bylaw/internal/saved"
)

// planFlags are what plan and apply share.
type planFlags struct {
	Path   string   `arg:"" optional:"" default:"." help:"The YAML: a file, or a directory of fragments (${default})."`
	Only   []string `placeholder:"GLOB" sep:"none" help:"Only objects at these addresses, such as 'projects/*-prod/**'. Repeatable."`
	Allow  []string `placeholder:"ACTION:ADDRESS" sep:"none" help:"Let one change through the guardrails, such as delete:users/x@acme.example. Repeatable."`
	Format string   `enum:"text,json" default:"text" help:"text or json (${default})."`
}

type planCmd struct {
	planFlags
	DetailedExitcode bool `help:"Exit 2 when changes are pending."`
}

func (planCmd) Help() string {
	return "Example, with no key:\n\n    bylaw plan --sandbox examples/orgs/acme"
}

// Run plans and prints the plan.
func (c planCmd) Run(a *app) (err error) {
	t, err := a.task(c.planFlags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.s.close()) }()
	p, err := t.plan(t.reader, t.input)
	if err != nil {
		return err
	}
	if err := t.show(p); err != nil {
		return err
	}
	return statusOfPlan(p, c.DetailedExitcode)
}

func statusOfPlan(p plan.Plan, detailed bool) error {
	switch {
	case len(p.Refusals) > 0:
		return withStatus(exitRefused, nil)
	case len(p.Problems) > 0:
		return withStatus(exitError, nil)
	case detailed && len(p.Changes) > 0:
		return withStatus(exitChanges, nil)
	}
	return nil
}

// A task is one document and one organization.
type task struct {
	a      *app
	s      *session
	flags  planFlags
	reader *observed.Reader
	input  plan.Input // without Live

	journal func(apply.Entry) error // nil without --journal
}

// task loads the YAML, reads the flags and opens the organization, in the order in which mistakes
// cost least.
func (a *app) task(f planFlags) (*task, error) {
	input, err := f.input()
	if err != nil {
		return nil, usage(err)
	}
	org, err := desired.Load(f.Path)
	if err != nil {
		return nil, err
	}
	input.Want, input.Declared, input.Policy = org.Objects, org.Declared, org.Policy
	s, err := a.open()
	if err != nil {
		return nil, err
	}
	return &task{a: a, s: s, flags: f, reader: observed.New(s.client, s.key), input: input}, nil
}

func (f planFlags) input() (plan.Input, error) {
	var in plan.Input
	if len(f.Only) > 0 {
		only, err := kind.ParseGlobs(f.Only)
		if err != nil {
			return in, err
		}
		in.Only = only
	}
	for _, s := range f.Allow {
		allow, err := plan.ParseAllow(s)
		if err != nil {
			return in, err
		}
		in.Allow = append(in.Allow, allow)
	}
	return in, nil
}

// plan reads what the plan needs until it needs nothing more. When time runs out it says what is left.
func (t *task) plan(r *observed.Reader, in plan.Input) (plan.Plan, error) {
	p, err := t.planning(r, in)
	if errors.Is(err, context.DeadlineExceeded) {
		t.s.meter.left(t.a.Stderr)
	}
	return p, err
}

func (t *task) planning(r *observed.Reader, in plan.Input) (plan.Plan, error) {
	for {
		in.Live = r.Live()
		p, err := plan.Make(in)
		if errors.Is(err, plan.ErrNoMatch) {
			return p, usage(err)
		}
		if err != nil || p.Needs.None() {
			return p, err
		}
		t.s.meter.expect(r.Requests(p.Needs.Places))
		if err := r.Read(t.s.ctx, p.Needs.Places); err != nil {
			return p, t.cause(err)
		}
		if p.Needs.KeyOwner {
			if err := r.ReadKeyOwner(t.s.ctx); err != nil {
				return p, t.cause(err)
			}
		}
	}
}

func (t *task) show(p plan.Plan) error {
	t.a.problems(p)
	if t.flags.Format == "json" {
		return saved.Document{Plan: p, Tool: toolVersion(), Time: t.a.now(), Sandbox: t.a.Sandbox, Requests: t.s.client.Stats()}.Write(t.a.Stdout)
	}
	t.a.banner()
	render.Text(t.a.Stdout, p, t.options())
	return nil
}

func (t *task) options() render.Options {
	return render.Options{Color: t.a.color(), Verbose: t.a.Verbose, Requests: t.s.client.Stats()}
}
