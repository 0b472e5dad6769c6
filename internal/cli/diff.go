package cli

import (
	"fmt"

	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/render"
	"github.com/bylaw-dev/bylaw/internal/saved"
)

type diffCmd struct {
	Base string `arg:"" help:"What to compare with: a git ref of the repository that holds HEAD, or a directory."`
	Head string `arg:"" optional:"" default:"." help:"The YAML: a file, or a directory of fragments (${default})."`
	formatFlags
	DetailedExitcode bool `help:"Exit 2 when there are differences."`
}

func (diffCmd) Help() string {
	return "A pull request of a fork can run it. What lives, and what the guardrails say, only bylaw plan --base tells.\n\nExample:\n\n    bylaw diff origin/main... orgs/acme"
}

// Run compares two trees of YAML.
func (c diffCmd) Run(a *app) error {
	outputs, err := c.outputs()
	if err != nil {
		return err
	}
	in, commit, err := a.load(c.Head, &c.Base)
	if err != nil {
		return err
	}
	p, err := plan.Compare(in)
	if err != nil {
		return err
	}
	d := saved.Document{Plan: p, Tool: toolVersion(), Time: a.now(), Base: commit, Head: a.head(c.Head)}
	o := render.MarkdownOptions{Title: c.Head, Base: commitText(d.Base), Commit: commitText(d.Head), Verbose: a.Verbose, Diff: true,
		Last: diffSummary(p), Readings: []string{"Compared as declared: what lives was not read, and no guardrail judged it."}}
	v := view{doc: d, markdown: o, text: render.Options{Color: a.color(), Verbose: a.Verbose, Last: o.Last}}
	if err := a.write(outputs, v); err != nil {
		return err
	}
	return statusOfPlan(p, c.DetailedExitcode)
}

// diffSummary is the last line of a comparison. Its form is stable.
func diffSummary(p plan.Plan) string {
	s := p.Summary()
	return fmt.Sprintf("Diff: %d to create, %d to update, %d to delete; %d no longer managed, %d unchanged.",
		s.Create, s.Update, s.Delete, len(p.Unmanaged), s.Unchanged)
}
