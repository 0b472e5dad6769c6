package cli

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/bylaw-dev/bylaw/internal/apply"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/observed"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/render"
	"github.com/bylaw-dev/bylaw/internal/saved"
)

// planFlags are what plan and apply share.
type planFlags struct {
	Only     []string `placeholder:"GLOB" sep:"none" help:"Only objects at these addresses, such as 'projects/*-prod/**'. Repeatable."`
	Allow    []string `placeholder:"ACTION:ADDRESS" sep:"none" help:"Let one change through the guardrails, such as delete:users/x@acme.example. Repeatable."`
	Base     *string  `placeholder:"REF|DIR" help:"Plan what the YAML asks and this did not: a git ref of the repository that holds it (main... is where HEAD left main), or a directory. What drifted beside it is listed, and left as policy.drift says."`
	Snapshot string   `placeholder:"FILE" help:"Take from a snapshot what is not read again."`
	Refresh  string   `placeholder:"WHAT" enum:"auto,all,touched,none" default:"auto" help:"What to read: all; touched, what differs between base and YAML; none. auto is touched with --snapshot and --base, none with --snapshot alone, and else all (${default})."`
	formatFlags
}

type planCmd struct {
	Path string `arg:"" optional:"" default:"." help:"The YAML: a file, or a directory of fragments (${default})."`
	planFlags
	Out              *string `placeholder:"FILE" help:"Save the plan, for bylaw apply FILE. It holds no secret."`
	DetailedExitcode bool    `help:"Exit 2 when changes are pending."`
}

func (planCmd) Help() string {
	return "Examples, the first with no key:\n\n    bylaw plan --sandbox examples/orgs/acme\n    bylaw plan --base origin/main... --format markdown=plan.md orgs/acme"
}

// Run plans and prints the plan.
func (c planCmd) Run(a *app) (err error) {
	if c.Out != nil {
		if err := checkTarget(*c.Out); err != nil {
			return usagef("--out: %w", err)
		}
		c.Format = append(c.Format, "json="+*c.Out)
	}
	t, err := a.task(c.Path, c.planFlags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.s.close()) }()
	p, err := t.whole()
	if err != nil {
		return err
	}
	if err := t.show(t.document(p)); err != nil {
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
	a       *app
	s       *session
	path    string
	flags   planFlags
	outputs []output
	reader  *observed.Reader
	recall  *recall    // nil: everything is read
	input   plan.Input // without Live
	base    saved.Commit

	journal func(apply.Entry) error // nil without --journal
}

// task loads the YAML, reads the flags and opens the organization, in the order in which mistakes
// cost least.
func (a *app) task(path string, f planFlags) (*task, error) {
	t := &task{a: a, path: path, flags: f}
	flags, err := f.input()
	if err != nil {
		return nil, usage(err)
	}
	if t.outputs, err = f.outputs(); err != nil {
		return nil, err
	}
	if err := f.checkReading(); err != nil {
		return nil, err
	}
	if t.input, t.base, err = a.load(path, f.Base); err != nil {
		return nil, err
	}
	t.input.Only, t.input.Allow = flags.Only, flags.Allow
	if f.Snapshot != "" || f.Refresh == "touched" {
		if t.recall, err = a.recallFor(f, t.input); err != nil {
			return nil, err
		}
	}
	if err := t.open(); err != nil {
		return nil, err
	}
	return t, nil
}

// open opens the organization, unless nothing is read.
func (t *task) open() (err error) {
	if t.flags.refresh() == "none" {
		t.s, err = t.a.offline()
	} else {
		t.s, err = t.a.open()
	}
	if err != nil {
		return err
	}
	t.reader = t.newReader()
	return nil
}

// newReader reads the organization anew, but for what a snapshot may tell.
func (t *task) newReader() *observed.Reader {
	r := observed.New(t.s.client, t.s.key)
	if t.recall != nil {
		r.Recall(t.recall.snapshot.Live, t.recall.may)
	}
	return r
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

// whole is the plan and, with a base, what drifted beside it. Where only what is touched is read, and there
// is no snapshot to tell the rest, nobody knows of drift.
func (t *task) whole() (plan.Plan, error) {
	steps := []step{first}
	if t.input.Base != nil && !t.partial() {
		steps = append(steps, plan.Drift)
	}
	p, err := t.plan(t.reader, t.input, steps...)
	return p, t.outdated(err)
}

// partial says that only what the change touches is known.
func (t *task) partial() bool { return t.flags.refresh() == "touched" && t.flags.Snapshot == "" }

// A step makes a plan, or adds to one. While it needs something, the rest of the plan means nothing.
type step func(plan.Input, plan.Plan) (plan.Plan, error)

func first(in plan.Input, _ plan.Plan) (plan.Plan, error) { return plan.Make(in) }

// plan reads what the plan needs until it needs nothing more. When time runs out it says what is left.
func (t *task) plan(r *observed.Reader, in plan.Input, steps ...step) (plan.Plan, error) {
	p, err := t.planning(r, in, steps)
	if errors.Is(err, context.DeadlineExceeded) {
		t.s.meter.left(t.a.Stderr)
	}
	return p, err
}

func (t *task) planning(r *observed.Reader, in plan.Input, steps []step) (plan.Plan, error) {
	for {
		in.Live = r.Live()
		var p plan.Plan
		var err error
		for _, do := range steps {
			if p, err = do(in, p); err != nil || !p.Needs.None() {
				break
			}
		}
		if errors.Is(err, plan.ErrNoMatch) {
			return p, usage(err)
		}
		if err != nil || p.Needs.None() {
			return p, err
		}
		if err := t.read(r, p.Needs); err != nil {
			return p, err
		}
	}
}

func (t *task) read(r *observed.Reader, needs plan.Needs) error {
	t.s.meter.expect(r.Requests(needs.Places))
	if err := r.Read(t.s.ctx, needs.Places); err != nil {
		return t.cause(err)
	}
	if needs.KeyOwner {
		return t.cause(r.ReadKeyOwner(t.s.ctx))
	}
	return nil
}

// document is a plan as it is printed and saved.
func (t *task) document(p plan.Plan) saved.Document {
	live := t.reader.Live()
	d := saved.Document{Plan: p, Tool: toolVersion(), Time: t.a.now(), Sandbox: t.a.Sandbox, Organization: live.Organization,
		Base: t.base, Head: t.a.head(t.path), Requests: t.s.stats(), Readings: t.readings(), Live: live.Of(slices.Concat(p.Reads, p.Watch))}
	in := t.input
	in.Live = live
	d.Want, d.Declared = plan.Asks(in, p)
	return d
}

// show writes a plan in all formats.
func (t *task) show(d saved.Document) error {
	o := render.MarkdownOptions{Title: t.path, Sandbox: d.Sandbox, Verbose: t.a.Verbose, Base: commitText(d.Base), Commit: commitText(d.Head),
		Approval: saved.Approve(d).String(), Apply: t.command(), Readings: t.lines(d.Readings)}
	return t.a.write(t.outputs, view{doc: d, markdown: o, text: t.options()})
}

// command is the command line that applies this plan.
func (t *task) command() string {
	args := []string{"bylaw", "apply"}
	if t.a.Sandbox {
		args = append(args, "--sandbox")
	}
	if t.flags.Base != nil {
		args = append(args, "--base", *t.flags.Base)
	}
	for _, g := range t.flags.Only {
		args = append(args, "--only", g)
	}
	for _, s := range t.flags.Allow {
		args = append(args, "--allow", s)
	}
	return render.Command(append(args, t.path)...)
}

func (t *task) options() render.Options {
	return render.Options{Color: t.a.color(), Verbose: t.a.Verbose, Requests: t.s.stats()}
}

// out is where results go: beside the plan, unless that is for machines.
func (t *task) out() io.Writer {
	if shown(t.outputs) != "text" {
		return t.a.Stderr
	}
	return t.a.Stdout
}

// cause names what ended the session, where the error only says that it ended.
func (t *task) cause(err error) error {
	if err == nil {
		return nil
	}
	return t.s.cause(err)
}
