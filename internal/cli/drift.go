package cli

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/render"
)

type driftCmd struct {
	Path       string   `arg:"" optional:"" default:"." help:"The YAML: a file, or a directory of fragments (${default})."`
	Only       []string `placeholder:"GLOB" sep:"none" help:"Only objects at these addresses, such as 'projects/*-prod/**'. Repeatable."`
	Why        bool     `help:"Say who made each difference, and when, as far as the audit log tells."`
	Undeclared bool     `help:"List what is live and not declared in declared collections, too, and exit 2 where there is any."`
	formatFlags
}

func (driftCmd) Help() string {
	return `Examples, the first with no key:

    bylaw drift --sandbox examples/orgs/acme
    bylaw drift --why orgs/acme

It exits 0 where what lives is what is declared, 2 where it is not. Guardrails do not matter: nothing is to be applied. --why reads a page or two of the audit log. What an event says by id and value is told as it is; the rest is "likely".`
}

// Run compares what lives with what is declared.
func (c driftCmd) Run(a *app) (err error) {
	t, err := a.task(c.Path, planFlags{Only: c.Only, formatFlags: c.formatFlags})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.s.close()) }()
	policy := t.input.Policy // the rest would only ask for more reads
	t.input.Policy = kind.Policy{Organization: policy.Organization, Witness: policy.Witness, Prune: policy.Prune, Pos: policy.Pos}
	p, err := t.plan(t.reader, t.input, unguarded)
	if err != nil {
		return err
	}
	d := drift{p: asDrift(p, policy.Pos), listed: c.Undeclared}
	var unknown error
	if c.Why {
		unknown = t.explain(&d)
	}
	v := view{doc: t.document(d.p), text: t.options(), report: d.text,
		markdown: render.MarkdownOptions{Title: c.Path, Drift: true, Last: d.summary(), Sandbox: a.Sandbox, Why: d.why, Verbose: c.Undeclared || a.Verbose}}
	if err := a.write(t.outputs, v); err != nil {
		return err
	}
	if unknown != nil {
		return unknown // the drift is shown, without who made it
	}
	return d.status()
}

// unguarded makes a plan that no guardrail is to judge: the owner of the key need not be known.
func unguarded(in plan.Input, _ plan.Plan) (plan.Plan, error) {
	if in.Live.KeyOwner == nil {
		in.Live.KeyOwner = &kind.KeyOwner{}
	}
	return plan.Make(in)
}

// A drift is a plan that nobody is to apply: what would put the organization back.
type drift struct {
	p      plan.Plan
	listed bool                      // what is undeclared is drift, too
	why    map[kind.Address][]string // who made a difference
}

// asDrift is a plan as a report: no requests, and no guardrails but those that say that this is another
// organization.
func asDrift(p plan.Plan, pos map[string]kind.Position) plan.Plan {
	for _, r := range p.Refusals {
		if r.Rule == "organization" || r.Rule == "witness" {
			p.Problems = append(p.Problems, plan.Problem{Addr: "policy", Pos: pos[r.Rule], Message: r.Message})
		}
	}
	p.Refusals = nil
	for i := range p.Changes {
		c := &p.Changes[i]
		c.Requests, c.With, c.After = nil, "", nil
		c.Reason = verbOf(*c)
	}
	return p
}

// verbOf says how what a change would put back differs.
func verbOf(c plan.Change) string {
	declared := c.Pos != (kind.Position{})
	switch {
	case c.Action == plan.Create:
		return "missing"
	case c.Action != plan.Delete:
		return "differs"
	case !declared:
		return "undeclared"
	case c.Verb() == "archive":
		return "declared archived"
	}
	return "declared absent"
}

// text is the report for people. Its last line is stable.
func (d drift) text(o render.Options) []byte {
	var b bytes.Buffer
	if len(d.p.Changes) > 0 {
		fmt.Fprintln(&b, "What would put it back, live -> declared:")
	}
	o.Why, o.Last, o.Undeclared = d.why, d.summary(), d.listed
	render.Text(&b, d.p, o)
	return b.Bytes()
}

// summary is the last line. Its form is stable.
func (d drift) summary() string {
	return fmt.Sprintf("Drift: %d objects differ, %d undeclared, %d problems.", len(d.p.Changes), len(d.p.Undeclared), len(d.p.Problems))
}

func (d drift) status() error {
	switch {
	case len(d.p.Problems) > 0:
		return withStatus(exitError, nil)
	case len(d.p.Changes) > 0, d.listed && len(d.p.Undeclared) > 0:
		return withStatus(exitChanges, nil)
	}
	return nil
}
