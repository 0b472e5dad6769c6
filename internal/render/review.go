package render

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize/english"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
)

// What a plan with a base says beside its changes, in the same words in every format.

// unmanagedLine says what is declared no more, and how it stays.
func unmanagedLine(u plan.Unmanaged) string {
	return fmt.Sprintf("no longer managed: %s (%s)", unmanagedName(u, Clean(string(u.Addr))), stays(u))
}

// unmanagedLines says it of several that are the same but for their addresses, such as those of a profile.
func unmanagedLines(us []plan.Unmanaged) string {
	if len(us) == 1 {
		return unmanagedLine(us[0])
	}
	addrs := make([]kind.Address, len(us))
	for i, u := range us {
		addrs[i] = u.Addr
	}
	return fmt.Sprintf("no longer managed: %d of %s (each %s)", len(us), unmanagedName(us[0], patternOf(addrs)), stays(us[0]))
}

// alikeUnmanaged is all that people see of it but the address.
func alikeUnmanaged(u plan.Unmanaged) string {
	return strings.Join([]string{u.Addr.KindName(), u.Field, stays(u)}, "\x00")
}

func unmanagedName(u plan.Unmanaged, at string) string {
	if u.Field == "" {
		return at
	}
	return at + " " + Clean(u.Field)
}

func stays(u plan.Unmanaged) string {
	switch {
	case u.Stays != nil:
		return "stays " + amount(u.Stays, u.Unit)
	case u.Count == 1:
		return "1 object stays"
	case u.Count > 1:
		return fmt.Sprintf("%d objects stay", u.Count)
	}
	return "stays as it is"
}

// policyLine says how the policy changes. What is loosened by a change does not hold for that change.
func policyLine(c plan.PolicyChange) string {
	s := fmt.Sprintf("policy.%s: %s -> %s", Clean(c.Field), orNotSet(c.Old), orNotSet(c.New))
	if c.Loosened {
		s += ", loosened: what base says holds for this plan"
	}
	return s
}

func orNotSet(s string) string {
	if s == "" {
		return value(nil, "")
	}
	return Clean(s)
}

// driftLine counts what drifted and is left; "" where nothing is.
func driftLine(p plan.Plan) string {
	switch n := driftCount(p); n {
	case 0:
		return ""
	case 1:
		return "Drift: 1 object differs from what base asks as well; apply leaves it."
	default:
		return fmt.Sprintf("Drift: %d objects differ from what base asks as well; apply leaves them.", n)
	}
}

// driftCount counts objects: one may have several problems.
func driftCount(p plan.Plan) int {
	seen := map[kind.Address]bool{}
	for _, c := range p.Drift {
		seen[c.Addr] = true
	}
	for _, q := range p.Drifted {
		seen[q.Addr] = true
	}
	return len(seen)
}

// loosened picks the fields of the policy by which head allows more, or the others.
func loosened(p plan.Plan, want bool) []plan.PolicyChange {
	var out []plan.PolicyChange
	for _, c := range p.Policy {
		if c.Loosened == want {
			out = append(out, c)
		}
	}
	return out
}

// problemLine is place, address, message and hint.
func problemLine(q plan.Problem) string {
	if q.Pos.File == "" {
		return problem(q)
	}
	return Clean(q.Pos.String()) + ": " + problem(q)
}

func problem(q plan.Problem) string {
	s := Clean(string(q.Addr)) + ": " + Clean(q.Message)
	if q.Hint != "" {
		s += "; " + Clean(q.Hint)
	}
	return s
}

// at is where something is declared: file:line, or "".
func at(pos kind.Position) string {
	if pos.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", Clean(pos.File), pos.Line)
}

// atFrom also says which profile declares it.
func atFrom(pos kind.Position) string {
	if s := from(pos); s != "" && pos.File != "" {
		return at(pos) + ", " + s
	}
	return at(pos)
}

func from(pos kind.Position) string {
	if pos.From == "" {
		return ""
	}
	return "from " + Clean(pos.From)
}

func putsBack(c plan.Change) string {
	if c.Drift {
		return "puts back what drifted"
	}
	return ""
}

// some names the first of many.
func some(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

func objects(n int) string { return plural(n, "object") }

// plural is a number and a word. Numbers have no commas: people search for them.
func plural(n int, word string) string {
	return fmt.Sprintf("%d %s", n, english.PluralWord(n, word, ""))
}
