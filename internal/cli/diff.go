package cli

import (
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
	return "Compares two trees of YAML. It needs no key and no network: a fork's pull request can run it. What lives,\nand what the guardrails say, only bylaw plan --base tells.\n\nExample:\n\n    bylaw diff origin/main orgs/acme"
}

// Run compares two trees of YAML.
func (c diffCmd) Run(a *app) error {
	outputs, err := c.outputs()
	if err != nil {
		return err
	}
	in, commit, err := a.load(c.Head, c.Base)
	if err != nil {
		return err
	}
	p, err := plan.Compare(in)
	if err != nil {
		return err
	}
	d := saved.Document{Plan: p, Tool: toolVersion(), Time: a.now(), Base: commit, Head: a.head(c.Head)}
	o := render.MarkdownOptions{Title: c.Head, Base: commitText(d.Base), Commit: commitText(d.Head), Verbose: a.Verbose,
		Readings: []string{"Compared as declared: what lives was not read."}}
	v := view{doc: d, markdown: o, text: render.Options{Color: a.color(), Verbose: a.Verbose}}
	if err := a.write(outputs, v); err != nil {
		return err
	}
	return statusOfPlan(p, c.DetailedExitcode)
}
