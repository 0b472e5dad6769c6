package plan

import (
	"fmt"
	"slices"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// Make compares what is declared with what is live. While Plan.Needs is not empty the rest of the
// plan means nothing: read what it names, add it to Input.Live and call Make again. The error is one
// of usage: an --only glob that matches nothing.
func Make(in Input) (Plan, error) {
	m := newMaker(in)
	m.want = slices.DeleteFunc(slices.Clone(m.in.Want), func(o kind.Object) bool { return !m.inScope(o.Addr) })
	for i := range m.in.Want {
		m.wanted[m.in.Want[i].Addr] = &m.in.Want[i]
	}
	m.ix = newIndex(in.Live.Objects)
	m.file()
	if m.needDeclared(); !m.p.Needs.None() {
		return Plan{Needs: m.p.Needs}, nil
	}
	for i := range m.want {
		m.object(&m.want[i])
	}
	m.undeclared()
	m.carryNothingGone()
	m.batch()
	m.ride()
	m.watch()
	m.order()
	m.guard()
	if m.d != nil {
		m.stays()
	}
	if !m.p.Needs.None() {
		return Plan{Needs: m.p.Needs}, nil
	}
	m.reads()
	m.uses()
	m.sort()
	return m.p, m.checkOnly()
}

func newMaker(in Input) *maker {
	m := &maker{in: in, only: newScope(in.Only), changed: map[kind.Address]int{}, written: map[kind.Address]bool{},
		blocked: map[kind.Address]bool{}, waits: map[kind.Address]Why{}, asked: map[kind.Source]bool{},
		carriers: map[kind.Address]kind.Address{}, wanted: map[kind.Address]*kind.Object{}, hints: map[kind.Address]string{}, earlier: map[kind.Address][]kind.Address{},
		first: map[*kind.Object]kind.Address{}}
	if in.Base != nil {
		m.compare()
	}
	return m
}

// compare finds what is new against the base. What it drops is declared absent from here on.
func (m *maker) compare() {
	m.d = newDelta(m.in)
	for to, from := range m.d.was {
		m.earlier[to] = append(m.earlier[to], from)
	}
	m.p.Based, m.p.Policy = true, policyChanges(m.in.Base.Policy, m.in.Policy)
	m.in.Want = slices.Concat(m.in.Want, m.d.dropped)
	slices.SortStableFunc(m.in.Want, func(a, b kind.Object) int { return a.Addr.Compare(b.Addr) })
}

type maker struct {
	in       Input
	only     *scope                        // nil: everything
	want     []kind.Object                 // what --only matches
	wanted   map[kind.Address]*kind.Object // all that is declared, whatever --only says
	d        *delta                        // nil: without a base
	ix       *index
	p        Plan
	changed  map[kind.Address]int            // address -> place in p.Changes
	written  map[kind.Address]bool           // collections and settings with a change
	blocked  map[kind.Address]bool           // objects with a problem: nothing below them is planned
	waits    map[kind.Address]Why            // objects that are not there and need not be made: until a person accepts an invite, or as others imply them
	asked    map[kind.Source]bool            // the places in p.Needs
	carriers map[kind.Address]kind.Address   // object -> the one whose create takes it along
	keyed    map[kind.Address]bool           // see referred
	hints    map[kind.Address]string         // see meant
	fresh    map[kind.Address]bool           // see hasNew
	earlier  map[kind.Address][]kind.Address // the addresses that what is renamed lives under, and had in base
	first    map[*kind.Object]kind.Address   // see refile
}

func (m *maker) problem(addr kind.Address, pos kind.Position, message, hint string) {
	m.p.Problems = append(m.p.Problems, Problem{Addr: addr, Pos: pos, Message: message, Hint: hint})
}

// block reports a problem of a declared object, once, and leaves all below it unplanned. Of an object that
// --only leaves out, along with all below it, nobody wants to know.
func (m *maker) block(w *kind.Object, message, hint string) {
	if m.blocked[w.Addr] {
		return
	}
	m.blocked[w.Addr] = true
	below, scoped := len(under(m.want, w.Addr)), m.inScope(w.Addr)
	if scoped {
		below-- // itself
	}
	if below == 0 && !scoped {
		return
	}
	if below > 0 {
		message += fmt.Sprintf(" (%d declared below it left unplanned)", below)
	}
	m.problem(w.Addr, w.Pos, message, hint)
}

func (m *maker) note(w *kind.Object, why Why, quiet bool, format string, args ...any) {
	m.p.Notes = append(m.p.Notes, Note{Addr: w.Addr, Pos: w.Pos, Why: why, Message: fmt.Sprintf(format, args...), Quiet: quiet})
}

func (m *maker) add(c Change) {
	c.Drift = m.d != nil && !m.d.touches(c.Addr) && m.reverts(c.Addr)
	m.changed[c.Addr] = len(m.p.Changes)
	m.written[c.Addr.Collection()] = true
	m.p.Changes = append(m.p.Changes, c)
}

// change is the change planned at an address, or nil.
func (m *maker) change(a kind.Address) *Change {
	if i, ok := m.changed[a]; ok {
		return &m.p.Changes[i]
	}
	return nil
}

func (m *maker) allowed(verb string, a kind.Address) bool {
	return slices.Contains(m.in.Allow, Allow{verb, a})
}

// under are the objects that stand at an address or below it, of a list that is sorted by address.
func under(objects []kind.Object, a kind.Address) []kind.Object {
	from, _ := slices.BinarySearchFunc(objects, a, func(o kind.Object, a kind.Address) int { return o.Addr.Compare(a) })
	to := from
	for to < len(objects) && objects[to].Addr.Under(a) {
		to++
	}
	return objects[from:to]
}

func (m *maker) inScope(a kind.Address) bool { return m.only.match(a) && m.moves(a) }

// scopeHint tells how to plan what is not in scope.
func (m *maker) scopeHint(a kind.Address) string {
	if m.only.match(a) {
		return "base declares it, too: it went away meanwhile; without --base all that is declared is planned"
	}
	return "let --only match it as well"
}

// checkOnly reports an --only glob that points at nothing.
func (m *maker) checkOnly() error {
	for _, g := range m.in.Only {
		if !m.matches(g) {
			return fmt.Errorf("--only %s %w", g, ErrNoMatch)
		}
	}
	return nil
}

// matches says that a glob points at something that is declared, or live in what was read.
func (m *maker) matches(g kind.Glob) bool {
	if a := kind.Address(g); g.Literal() {
		return m.wanted[a] != nil || len(m.ix.live[a])+len(m.ix.pending[a]) > 0
	}
	for a := range m.wanted {
		if g.Match(a) {
			return true
		}
	}
	for a := range m.ix.live {
		if g.Match(a) {
			return true
		}
	}
	for a := range m.ix.pending {
		if g.Match(a) {
			return true
		}
	}
	return false
}
