package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/plan"
)

// A comment is a plan as a comment of a pull request, in its parts.
type comment struct {
	p plan.Plan
	o MarkdownOptions

	changes map[plan.Risk][]bunch
	drifted []bunch
}

func newComment(p plan.Plan, o MarkdownOptions) comment {
	c := comment{p: p, o: o, changes: map[plan.Risk][]bunch{}}
	for _, r := range plan.Risks() {
		c.changes[r] = bunches[bunch](c.of(r), fewest, c.alike)
	}
	c.drifted = bunches[bunch](byRisk(p.Drift), fewest, c.alike)
	return c
}

// alike is the same for changes that are shown as one. What cannot be undone is always shown by itself.
func (c comment) alike(ch plan.Change) string {
	if ch.Risk == plan.Irreversible {
		return string(ch.Addr)
	}
	return likeness(ch) + "\x00" + strings.Join(c.o.Why[ch.Addr], "\x00")
}

const (
	longestName     = 200  // of what stands in a line with other words
	longestApproval = 512  // a hash and digits for 64 changes: cut, it would approve nothing
	longestCommand  = 2000 // a command is shown whole or not at all
)

// sections are the parts in their order, those that have nothing to say left out.
func (c comment) sections(d detail) []section {
	all := []section{c.title(), c.verdict(d), c.policy(d), c.problems(d)}
	for _, r := range plan.Risks() {
		if r != plan.Routine {
			all = append(all, c.risk(r, d))
		}
	}
	all = append(all, c.unmanaged(d), c.routine(d), c.notes(d), c.drift(d), c.readings(d), c.command(), c.end())
	return slices.DeleteFunc(all, func(s section) bool { return s.head == "" && s.words == "" && s.tail == "" })
}

func (c comment) title() section {
	what, none := "plan for", "no changes"
	switch {
	case c.o.Drift:
		what, none = "drift of", "no drift"
	case c.o.Diff:
		what, none = "diff of", "no differences"
	}
	head := "### bylaw " + strings.Fields(what)[0]
	if c.o.Title != "" {
		head = "### bylaw " + what + " " + code(c.o.Title, longestName)
	}
	var counts []string
	for _, r := range plan.Risks() {
		if n := len(c.of(r)); n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, r))
		}
	}
	if counts == nil {
		counts = []string{none}
	}
	return section{head: head + ": " + strings.Join(counts, ", "), words: c.about()}
}

// about says what the plan was made from.
func (c comment) about() string {
	var out []string
	if c.o.Sandbox {
		out = append(out, "**SANDBOX**: a simulated organization, nothing real is touched.")
	}
	if c.o.Commit != "" {
		out = append(out, "Commit "+code(c.o.Commit, longestName)+".")
	}
	if c.o.Base != "" {
		out = append(out, "Compared with "+code(c.o.Base, longestName)+".")
	}
	if c.o.Drift && len(c.p.Changes) > 0 {
		out = append(out, "The organization differs from what the YAML asks. Below is what would put it back; nothing is sent.")
	}
	return strings.Join(out, " ")
}

func (c comment) verdict(d detail) section {
	switch {
	case len(c.p.Refusals) > 0:
	case c.o.Drift, c.o.Diff:
		return section{}
	default:
		return section{words: "Guardrails: passed."}
	}
	s := section{rank: ofRefusals, head: "**Guardrails: refused.**", words: "The plan is not applied as it is. A flag of plan or apply lets one change through.", language: "text"}
	for _, r := range c.p.Refusals {
		lines := []string{cut(fmt.Sprintf("refused %s: %s", Clean(r.Rule), Clean(r.Message)), d.width)}
		for i, a := range r.Allow {
			if i == mostFlags {
				lines = append(lines, fmt.Sprintf("    and %d more", len(r.Allow)-i))
				break
			}
			lines = append(lines, cut("    --allow "+quoted(Clean(a)), d.width))
		}
		s.items = append(s.items, item{lines, 1})
	}
	return s
}

func (c comment) policy(d detail) section {
	if len(c.p.Policy) == 0 {
		return section{}
	}
	s := section{rank: ofPolicy, head: fmt.Sprintf("#### Policy: %s", plural(len(c.p.Policy), "change")), language: "text"}
	weaker := loosened(c.p, true)
	if len(weaker) > 0 {
		s.words = fmt.Sprintf("**Loosened: %d.** What allows more holds only for plans after this one.", len(weaker))
	}
	for _, p := range append(weaker, loosened(c.p, false)...) {
		s.items = append(s.items, item{[]string{columns(d, policyLine(p), at(p.Pos))}, 1})
	}
	return s
}

func (c comment) problems(d detail) section {
	if len(c.p.Problems) == 0 {
		return section{}
	}
	s := section{rank: ofProblems, head: fmt.Sprintf("#### Problems: %d", len(c.p.Problems)), words: "These cannot be planned.", language: "text"}
	for _, q := range c.p.Problems {
		s.items = append(s.items, item{[]string{cut(problemLine(q), d.width)}, 1})
	}
	return s
}

func (c comment) unmanaged(d detail) section {
	if len(c.p.Unmanaged) == 0 {
		return section{}
	}
	s := section{rank: ofUnmanaged, head: fmt.Sprintf("#### No longer managed: %d", len(c.p.Unmanaged)), language: "text",
		words: "The YAML declares these no more. Nothing is sent: they stay as they are."}
	for _, b := range bunches[[]plan.Unmanaged](c.p.Unmanaged, fewest, alikeUnmanaged) {
		s.items = append(s.items, item{[]string{cut(unmanagedLines(b), d.width)}, len(b)})
	}
	return s
}

func (c comment) notes(d detail) section {
	var items []item
	for _, n := range c.p.Notes {
		if !n.Quiet || c.o.Verbose {
			items = append(items, item{[]string{columns(d, fmt.Sprintf("%s: %s", Clean(string(n.Addr)), Clean(n.Message)), at(n.Pos))}, 1})
		}
	}
	if c.o.Verbose {
		for _, a := range c.p.Undeclared {
			lines := []string{cut(Clean(string(a)), d.width) + ": undeclared"}
			for _, why := range c.o.Why[a] {
				lines = append(lines, cut("    "+Clean(why), d.width))
			}
			items = append(items, item{lines, 1})
		}
	}
	if len(items) == 0 {
		return section{}
	}
	return section{rank: ofNotes, folded: true, head: plural(len(items), "note"), language: "text", items: items}.counted(!d.notes)
}

func (c comment) readings(d detail) section {
	if len(c.o.Readings) == 0 {
		return section{}
	}
	s := section{rank: ofReadings, words: "How the organization was read:", language: "text"}
	for _, r := range c.o.Readings {
		s.items = append(s.items, item{[]string{cut(Clean(r), d.width)}, 1})
	}
	return s
}

// command is what a person does next. Of a refused plan the refusal says it: nothing approves that plan.
func (c comment) command() section {
	var s section
	if len(c.p.Refusals) > 0 {
		return s
	}
	switch cmd := Clean(c.o.Apply); {
	case len(cmd) > longestCommand:
		s.words = "The command that applies it is too long to be shown."
	case cmd != "":
		s.words, s.language, s.items = "To apply it:", "sh", asItems([]string{cmd})
	}
	if c.o.Approval != "" {
		s.tail = "To approve this plan and no other: " + code(c.o.Approval, longestApproval)
	}
	return s
}

func (c comment) end() section {
	return section{words: driftLine(c.p), tail: last(c.p, c.o.Last)}
}

// columns is a line with what follows its first words set off.
func columns(d detail, cols ...string) string {
	var out []string
	for _, col := range cols {
		if col != "" {
			out = append(out, cut(col, d.width))
		}
	}
	return strings.Join(out, "    ")
}
