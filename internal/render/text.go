// Package render shows plans and reports to people. It computes nothing that a plan does not say. Rules of
// the text: what must be looked at first stands first, the last line is stable, and nothing of the live
// organization can move the cursor. Start at Text; Markdown is for the comment of a pull request, GitHub for
// its lines.
package render

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/fatih/color"

	"github.com/bylaw-dev/bylaw/internal/apply"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
)

// Options say how a plan is shown as text.
type Options struct {
	Color    bool
	Verbose  bool           // undeclared objects, quiet notes, requests by route
	Requests map[string]int // sent so far, by "METHOD route"

	Undeclared bool   // undeclared objects
	Last       string // instead of the summary; "" = that

	Why map[kind.Address][]string // of a change: who did it, and when; a line each
}

type printer struct {
	w      io.Writer
	o      Options
	indent string
}

func (p printer) line(format string, args ...any) {
	fmt.Fprintln(p.w, guarded(p.indent+fmt.Sprintf(format, args...)))
}

// paint colours s where colours are on.
func (p printer) paint(s string, attrs ...color.Attribute) string {
	c := color.New(attrs...)
	if p.o.Color {
		c.EnableColor()
	} else {
		c.DisableColor()
	}
	return c.Sprint(s)
}

// Text shows a plan to people.
func Text(w io.Writer, pl plan.Plan, o Options) {
	p := printer{w: w, o: o}
	p.changes(only(pl.Changes, false))
	p.review(pl)
	p.notes(pl)
	p.problems(pl)
	p.refusals(pl)
	p.requests()
	if drift := driftLine(pl); drift != "" {
		p.line("%s", drift)
	}
	p.line("%s", last(pl, o.Last))
}

// last is the last line of what is shown: of a plan its summary.
func last(pl plan.Plan, instead string) string {
	if instead != "" {
		return instead
	}
	return Summary(pl)
}

// review is what a plan with a base says beside what it changes of its own.
func (p printer) review(pl plan.Plan) {
	for _, u := range pl.Unmanaged {
		p.line("%s", unmanagedLine(u))
	}
	for _, c := range pl.Policy {
		p.line("%s", policyLine(c))
	}
	inner := p
	inner.indent = "    "
	if len(pl.Drift)+len(pl.Drifted) > 0 {
		p.line("%s", p.paint("Already drifted, and left as it is (policy.drift: report):", color.Bold))
		inner.changes(pl.Drift)
		for _, q := range pl.Drifted {
			inner.line("cannot be put back: %s", problemLine(q))
		}
	}
	if back := only(pl.Changes, true); len(back) > 0 {
		p.line("%s", p.paint("Already drifted, and put back (policy.drift: revert):", color.Bold))
		inner.changes(back)
	}
}

// only picks the changes that put back what drifted, or the others.
func only(changes []plan.Change, drift bool) []plan.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c plan.Change) bool { return c.Drift != drift })
}

func (p printer) changes(changes []plan.Change) {
	for _, c := range byRisk(changes) {
		p.change(c)
	}
}

// byRisk puts the worst first, and keeps the order of addresses within a risk.
func byRisk(changes []plan.Change) []plan.Change {
	out := slices.Clone(changes)
	slices.SortStableFunc(out, func(a, b plan.Change) int {
		return slices.Index(plan.Risks(), a.Risk) - slices.Index(plan.Risks(), b.Risk)
	})
	return out
}

var actionColor = map[plan.Action]color.Attribute{
	plan.Create: color.FgGreen, plan.Update: color.FgYellow, plan.Replace: color.FgMagenta, plan.Delete: color.FgRed,
}

func (p printer) change(c plan.Change) {
	cols := []string{p.paint(fmt.Sprintf("%c %s", c.Action, Clean(string(c.Addr))), actionColor[c.Action])}
	if v := c.Verb(); v == "archive" {
		cols = append(cols, v)
	}
	if c.Risk != plan.Routine {
		cols = append(cols, p.paint(string(c.Risk), color.Bold))
	}
	if c.Reason != "" {
		cols = append(cols, Clean(c.Reason))
	}
	if c.Pos.File != "" {
		cols = append(cols, p.paint(at(c.Pos), color.Faint))
	}
	p.line("%s", strings.Join(cols, "    "))
	for _, d := range c.Fields {
		for _, r := range (view{}).rows(c, d) {
			p.row(r)
		}
	}
	p.why(c.Addr)
}

// why says who did it.
func (p printer) why(a kind.Address) {
	for _, line := range p.o.Why[a] {
		p.line("    %s", Clean(line))
	}
}

var markColor = map[byte]color.Attribute{'+': color.FgGreen, '-': color.FgRed}

func (p printer) row(r row) {
	switch {
	case r.mark == 0:
		p.line("    %s", r.text)
	case r.mark == ' ':
		p.line("        %s", r.text)
	default:
		p.line("      %s", p.paint(fmt.Sprintf("%c %s", r.mark, r.text), markColor[r.mark]))
	}
}

func (p printer) notes(pl plan.Plan) {
	for _, n := range pl.Notes {
		if !n.Quiet || p.o.Verbose {
			p.line("%s", strings.TrimRight(fmt.Sprintf("%s %s: %s    %s", p.paint("·", color.Faint), Clean(string(n.Addr)), Clean(n.Message), at(n.Pos)), " "))
		}
	}
	if !p.o.Verbose && !p.o.Undeclared {
		return
	}
	for _, a := range pl.Undeclared {
		p.line("%s %s: undeclared", p.paint("·", color.Faint), Clean(string(a)))
		p.why(a)
	}
}

func (p printer) problems(pl plan.Plan) {
	for _, q := range pl.Problems {
		p.line("%s %s", p.paint("problem", color.FgRed, color.Bold), problemLine(q))
	}
}

var plain = regexp.MustCompile(`^[\w@%+=:,./~-]+$`)

// quoted is a word as a shell takes it.
func quoted(word string) string {
	if plain.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// mostFlags is how many --allow flags are spelled out; a cap may ask for hundreds.
const mostFlags = 5

func (p printer) refusals(pl plan.Plan) {
	for _, r := range pl.Refusals {
		p.line("%s %s: %s", p.paint("refused", color.FgRed, color.Bold), Clean(r.Rule), Clean(r.Message))
		for i, a := range r.Allow {
			if i == mostFlags {
				p.line("    and %d more", len(r.Allow)-i)
				break
			}
			p.line("    --allow %s", quoted(Clean(a)))
		}
	}
}

func (p printer) requests() {
	if p.o.Verbose {
		Requests(p.w, p.o.Requests)
	}
}

// Requests shows how many requests were sent, by "METHOD route".
func Requests(w io.Writer, sent map[string]int) {
	p, total := printer{w: w}, 0
	for _, route := range slices.Sorted(maps.Keys(sent)) {
		total += sent[route]
		p.line("%6d %s", sent[route], Clean(route))
	}
	p.line("%6d requests in all", total)
}

// Summary is the last line of a plan. Its form is stable.
func Summary(pl plan.Plan) string {
	s := pl.Summary()
	return fmt.Sprintf("Plan: %d to create, %d to update, %d to replace, %d to delete; %d unchanged, %d undeclared, %d pending, %d problems.",
		s.Create, s.Update, s.Replace, s.Delete, s.Unchanged, s.Undeclared, s.Pending, s.Problems)
}

var past = map[string]string{"create": "created", "update": "updated", "replace": "replaced", "delete": "deleted", "archive": "archived"}

// Result shows what became of one change.
func Result(w io.Writer, r apply.Result, o Options) {
	p := printer{w: w, o: o}
	addr := Clean(string(r.Change.Addr))
	if r.Outcome == apply.Done {
		note := ""
		if r.Note != "" {
			note = " (" + Clean(r.Note) + ")"
		}
		p.line("%s %s%s", p.paint(past[r.Change.Verb()], color.FgGreen), addr, note)
		return
	}
	p.line("%s %s %s: %s", p.paint(string(r.Outcome), color.FgRed, color.Bold), r.Change.Verb(), addr, Clean(fmt.Sprint(r.Err)))
}

// Report is the last line of an apply. Its form is stable.
func Report(r apply.Report) string {
	return fmt.Sprintf("Apply: %d done, %d failed, %d not tried, %d unknown.",
		r.Count(apply.Done), r.Count(apply.Failed), r.Count(apply.NotTried), r.Count(apply.Unknown))
}
