package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/plan"
)

// The changes of a comment.

const (
	fewest = 3 // changes that are the same, to be shown as one
	someOf = 3 // addresses that stand for them all
	deep   = 4 // times the depth of a field is that of a change
)

var ranks = map[plan.Risk]rank{plan.Irreversible: ofLosses, plan.Disruptive: ofDisruptions, plan.Escalation: ofEscalations, plan.Routine: ofRoutine}

// of is the changes of a risk.
func (c comment) of(r plan.Risk) []plan.Change {
	return slices.DeleteFunc(slices.Clone(c.p.Changes), func(ch plan.Change) bool { return ch.Risk != r })
}

// risk shows the changes that must be looked at. They are never folded.
func (c comment) risk(r plan.Risk, d detail) section {
	changes := c.of(r)
	if len(changes) == 0 {
		return section{}
	}
	s := section{rank: ranks[r], head: fmt.Sprintf("#### %s: %d", strings.ToUpper(string(r[:1]))+string(r[1:]), len(changes)), words: why(r, changes), language: "diff"}
	return c.list(s, c.changes[r], d)
}

func (c comment) routine(d detail) section {
	changes := c.of(plan.Routine)
	if len(changes) == 0 {
		return section{}
	}
	s := section{rank: ofRoutine, folded: true, head: plural(len(changes), "routine change"), language: "diff"}
	if d.routine {
		return c.list(s, c.changes[plan.Routine], d)
	}
	s.items = byKind(changes, d)
	return s
}

// drift is what drifted and is left as it is.
func (c comment) drift(d detail) section {
	if driftCount(c.p) == 0 {
		return section{}
	}
	s := section{rank: ofDrift, folded: true, head: "Already drifted: " + objects(driftCount(c.p)), language: "text",
		words: "These differ from what base asks as well: they were changed elsewhere. Apply leaves them as they are (policy.drift: report). This would put them back:"}
	d.risks = true // no head says it
	s = c.list(s, c.drifted, d)
	for _, q := range c.p.Drifted {
		s.items = append(s.items, item{[]string{cut("cannot be put back: "+problemLine(q), d.width)}, 1})
	}
	return s.counted(!d.drift)
}

// counted shows a number in place of the list.
func (s section) counted(yes bool) section {
	if yes {
		for _, i := range s.items {
			s.left += i.n
		}
		s.items, s.folds = nil, nil
	}
	return s
}

// list adds changes to a section. What comes after more than a whole comment holds is only counted.
func (c comment) list(s section, all []bunch, d detail) section {
	size := 0
	for _, b := range all {
		if size > c.o.Limit {
			s.left += len(b)
			continue
		}
		i := c.item(b, d)
		for _, line := range i.lines {
			size += len(line)
		}
		s.items = append(s.items, i)
		if len(b) > someOf && d.addresses {
			s.folds = append(s.folds, section{folded: true, head: fmt.Sprintf("All %d of %s", len(b), htmlCode(b.pattern(), longestName)),
				language: "text", items: asItems(b.addresses(d.width))})
		}
	}
	return s
}

// item is a change, or several that are the same, as lines of a diff.
func (c comment) item(b bunch, d detail) item {
	ch, lines := b[0], []string{c.header(b, d)}
	if len(b) > 1 {
		lines = append(lines, "    "+some(b.addresses(d.width), someOf))
	}
	if d.fields || ch.Risk != plan.Routine {
		for _, f := range ch.Fields {
			for _, r := range d.view.rows(ch, f) {
				lines = append(lines, r.inDiff())
			}
		}
	}
	for _, line := range c.o.Why[ch.Addr] {
		lines = append(lines, "    "+cut(Clean(line), d.width))
	}
	if most := d.view.depth * deep; len(lines) > most {
		lines = append(lines[:most:most], fmt.Sprintf("    ... and %d lines more", len(lines)-most))
	}
	return item{lines, len(b)}
}

func (c comment) header(b bunch, d detail) string {
	ch := b[0]
	what := fmt.Sprintf("%c %s", ch.Action, cut(b.pattern(), d.width))
	if len(b) > 1 {
		what += ": " + objects(len(b))
	}
	verb := ""
	if v := ch.Verb(); v == "archive" {
		verb = v
	}
	risk := ""
	if d.risks && ch.Risk != plan.Routine {
		risk = string(ch.Risk)
	}
	pos, _ := b.pos()
	if rest := columns(d, verb, risk, putsBack(ch), Clean(ch.Reason), atFrom(pos)); rest != "" {
		what += "    " + rest
	}
	return what
}

// inDiff is the row in a block that shows differences: there the mark stands first.
func (r row) inDiff() string {
	if r.mark == 0 {
		return "    " + r.text
	}
	return fmt.Sprintf("%c     %s", r.mark, r.text)
}

// byKind counts changes.
func byKind(changes []plan.Change, d detail) []item {
	sorted := slices.Clone(changes)
	slices.SortStableFunc(sorted, func(x, y plan.Change) int { return cmp.Compare(x.Verb(), y.Verb()) })
	var out []item
	for _, b := range bunches[bunch](sorted, 1, func(ch plan.Change) string { return ch.Verb() + " " + ch.Addr.KindName() }) {
		name := cut(Clean(b[0].Addr.KindName()), d.width)
		out = append(out, item{[]string{fmt.Sprintf("%c %s %s: %s", b[0].Action, b[0].Verb(), name, objects(len(b)))}, len(b)})
	}
	return out
}
