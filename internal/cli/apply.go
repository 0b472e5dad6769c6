package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dustin/go-humanize/english"

	"github.com/bylaw-dev/bylaw/internal/apply"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/render"
	"github.com/bylaw-dev/bylaw/internal/saved"
)

type applyCmd struct {
	Path string `arg:"" optional:"" default:"." help:"The YAML: a file, or a directory of fragments (${default}); or a plan saved by bylaw plan --out."`
	planFlags
	Approved *string `placeholder:"WORD" help:"Apply only if the plan is the one that this word approves: its hash, as bylaw plan shows it in Markdown and JSON."`
	Yes      bool    `help:"Do not ask. Needed where there is no terminal to ask on."`
	NoVerify bool    `help:"Do not read back what was written."`
	Journal  *string `placeholder:"FILE" help:"Append a JSON line before and after each request that writes; what an interrupted run had sent is said first."`
}

func (applyCmd) Help() string {
	return "Example, with no key:\n\n    bylaw apply --sandbox --yes examples/orgs/acme"
}

// Run plans, or takes a saved plan, asks, applies, and reads back.
func (c applyCmd) Run(a *app) (err error) {
	if c.Journal != nil && *c.Journal == "" {
		return usagef("--journal: no file is named")
	}
	if !c.Yes && !a.Interactive {
		return usagef("there is no terminal to ask on: --yes applies without asking")
	}
	approval, err := c.approval()
	if err != nil {
		return err
	}
	t, d, err := c.prepare(a)
	if t == nil {
		return err
	}
	defer func() { err = errors.Join(err, t.s.close()) }()
	if err != nil {
		return err
	}
	var j *journal
	if c.Journal != nil {
		if j, err = a.openJournal(*c.Journal); err != nil {
			return err
		}
		defer func() { _ = j.close() }() // each line of it was synced
	}
	if d, err = c.plan(t, d); err != nil {
		return err
	}
	if j != nil {
		t.journal = j.of(d.Hash())
	}
	return c.carryOut(t, d, approval)
}

// approval is what was approved; nil where nobody has to. An empty word approves nothing.
func (c applyCmd) approval() (*saved.Approval, error) {
	if c.Approved == nil {
		return nil, nil
	}
	word, err := saved.ParseApproval(*c.Approved)
	if err != nil {
		return nil, usage(fmt.Errorf("--approved: %w", err))
	}
	return &word, nil
}

// prepare opens what is to be applied: YAML, or a saved plan, which is then returned.
func (c applyCmd) prepare(a *app) (*task, *saved.Document, error) {
	d, err := readPlan(c.Path)
	switch {
	case err != nil:
		return nil, nil, err
	case d != nil:
		t, err := c.take(a, *d)
		return t, d, err
	case c.refresh() == "none":
		return nil, nil, usagef("--refresh none reads nothing, and apply has to see what it changes; a snapshot goes with --base")
	}
	t, err := a.task(c.Path, c.planFlags)
	return t, nil, err
}

// plan makes the plan, or holds a saved one against what lives now.
func (c applyCmd) plan(t *task, taken *saved.Document) (*saved.Document, error) {
	if taken != nil {
		return taken, t.holds(taken)
	}
	p, err := t.whole()
	if err != nil {
		return nil, err
	}
	d := t.document(p)
	return &d, t.recalled(p)
}

// carryOut shows a plan, asks, and applies it.
func (c applyCmd) carryOut(t *task, d *saved.Document, approval *saved.Approval) error {
	if err := t.show(*d); err != nil {
		return err
	}
	p := d.Plan
	if approval != nil && len(p.Refusals) == 0 { // to approve of it would not help
		if err := t.approved(*approval, *d); err != nil {
			return err
		}
	}
	if len(p.Refusals) > 0 || len(p.Changes) == 0 {
		return statusOfPlan(p, false)
	}
	if !c.Yes {
		if err := t.a.ask(len(p.Changes)); err != nil {
			return err
		}
	}
	t.asks(*d)
	return t.apply(p, !c.NoVerify)
}

// ask asks a person. Anything but yes is no, and so are the end of the input and ctrl-c.
func (a *app) ask(changes int) error {
	fmt.Fprintf(a.Stderr, "Apply these %s? Only yes applies them: ", english.Plural(changes, "change", ""))
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(a.Stdin).ReadString('\n') // what came before an error is the answer
		answer <- line
	}()
	select {
	case line := <-answer:
		if !strings.HasSuffix(line, "\n") {
			fmt.Fprintln(a.Stderr)
		}
		if strings.TrimSpace(line) == "yes" {
			return nil
		}
	case <-a.ctx.Done():
		fmt.Fprintln(a.Stderr)
	}
	return errDeclined
}

// apply carries the plan out, says what became of it and reads it back.
func (t *task) apply(p plan.Plan, verify bool) error {
	report, err := t.run(p)
	if err != nil {
		return err
	}
	if verify && report.Journal == nil {
		err = t.verify(p, report)
	}
	fmt.Fprintln(t.out(), render.Report(report))
	status := statusOfReport(t.s.ctx, report)
	switch {
	case status != nil:
		if t.s.ctx.Err() == nil {
			t.a.fail(err) // the status is the report's, but why it was not read back is said as well
		}
		return status
	case err != nil:
		return err
	}
	return statusOfPlan(p, false)
}

func (t *task) run(p plan.Plan) (apply.Report, error) {
	t.s.meter.expect(writes(p))
	return apply.Run(t.s.ctx, p, apply.Options{Client: t.s.client, Journal: t.journal, Notify: func(r apply.Result) {
		if !t.a.Quiet || r.Outcome != apply.Done {
			render.Result(t.out(), r, t.options())
		}
	}})
}

// writes counts the requests of a plan, by "METHOD route".
func writes(p plan.Plan) map[string]int {
	out := map[string]int{}
	for _, c := range p.Changes {
		for _, r := range c.Requests {
			out[r.Method+" "+r.Route]++
		}
	}
	return out
}

func statusOfReport(ctx context.Context, r apply.Report) error {
	done := r.Count(apply.Done)
	switch {
	case r.Journal != nil && r.Count(apply.NotTried) == len(r.Results):
		return withStatus(exitError, fmt.Errorf("nothing was sent: %w", r.Journal))
	case r.Journal != nil:
		return withStatus(exitPartly, fmt.Errorf("nothing more was sent: %w", r.Journal))
	case done == len(r.Results):
		return nil
	case done == 0 && r.Count(apply.NotTried) == len(r.Results) && ctx.Err() != nil:
		return withStatus(exitTime, context.Cause(ctx))
	case r.Count(apply.Failed)+r.Count(apply.NotTried) == len(r.Results):
		if err := whyNothing(r); err != nil {
			return err
		}
		if changedNothing(r) {
			return withStatus(exitError, nil)
		}
	}
	return withStatus(exitPartly, errPartly)
}

// errPartly is the next step. A plan that was saved is stale by now.
var errPartly = errors.New("partly applied: plan again for what is left, and apply that")

// changedNothing says that not even a part of a change was carried out.
func changedNothing(r apply.Report) bool {
	for _, res := range r.Results {
		if res.Outcome == apply.Failed && len(res.Change.Requests) > 1 {
			return false // its first request may have worked
		}
	}
	return true
}

// whyNothing is the error of a report where nothing was done, if there is a status for it: the key lacks
// the permission, or the API throttled until time was up. A mixture has none.
func whyNothing(r apply.Report) error {
	var first error
	for _, res := range r.Results {
		switch s := statusOf(res.Err); {
		case res.Outcome == apply.NotTried && s == exitError: // it came after another one
		case s == exitError, first != nil && s != statusOf(first):
			return nil
		default:
			first = res.Err
		}
	}
	return first
}
