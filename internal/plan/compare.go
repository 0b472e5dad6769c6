package plan

import (
	"github.com/bylaw-dev/bylaw/internal/kind"
)

// Compare says what head asks and base did not, without looking at what lives: a plan against an
// organization that is as base says. It holds no requests, cannot be applied, and no guardrail judges it. Where base says nothing of
// a field, nobody knows what it is, and the risk is that of the worse direction.
func Compare(in Input) (Plan, error) {
	m := newMaker(in)
	var before []kind.Object
	for _, b := range m.d.base {
		if b.State == kind.Present {
			before = append(before, *b)
		}
	}
	m.ix = newIndex(before)
	for i := range m.in.Want {
		w := &m.in.Want[i]
		m.wanted[w.Addr] = w
		switch {
		case !m.only.match(w.Addr):
		case m.d.touches(w.Addr):
			m.declare(w)
		case w.State == kind.Present:
			m.p.Unchanged++
		}
	}
	for _, u := range m.d.unmanaged {
		if u.Stays = nil; m.only.match(u.Addr) || m.only.mayMatchIn(u.Addr) {
			m.p.Unmanaged = append(m.p.Unmanaged, u)
		}
	}
	m.sort()
	return m.p, m.checkOnly()
}

// declare adds what head asks of one object.
func (m *maker) declare(w *kind.Object) {
	b := m.d.base[w.Addr]
	switch {
	case w.State != kind.Present:
		if b == nil || b.State == kind.Present {
			m.undeclare(w, b)
		}
	case b == nil || b.State != kind.Present:
		m.begin(w)
	default:
		w = m.part(w)
		var diff []FieldDiff
		for _, f := range w.Kind.Fields() {
			if v, asks := w.Fields[f.Name]; asks {
				diff = append(diff, diffField(f, f.Name, v, b.Fields[f.Name])...)
			}
		}
		if len(diff) == 0 {
			return
		}
		c := Change{Action: Update, Addr: w.Addr, Pos: m.posOf(w, diff), Fields: diff, Risk: m.updateRisk(w, diff)}
		if immutable(w.Kind, diff) && !w.Kind.Replace {
			c.Reason = "cannot be changed once it is there"
		}
		m.add(c)
	}
}

// undeclare adds a removal. Children of what goes go along.
func (m *maker) undeclare(w, b *kind.Object) {
	c := Change{Action: Delete, Addr: w.Addr, Pos: w.Pos, Risk: deleteRisk(w.Kind)}
	switch {
	case m.d.drops(w.Addr):
		c.Reason = m.dropReason(w.Addr)
	case b == nil:
		c.Reason = "if it is there"
	}
	m.add(c)
}

// begin adds an object that base does not have. A setting, or a row that the API gives, is there already
// and has values that nobody knows.
func (m *maker) begin(w *kind.Object) {
	k := w.Kind
	c := Change{Action: Create, Addr: w.Addr, Pos: w.Pos, Fields: m.creation(w, k), Risk: m.createRisk(w, k)}
	parent := w.Addr.Parent()
	given := k.Setting() || k.Given()
	if given && (parent == "" || m.ix.one(parent) != nil) && len(c.Fields) > 0 {
		c.Action, c.Find, c.Risk = Update, &Find{Kind: k.Name}, m.updateRisk(w, c.Fields)
	}
	if len(c.Fields) == 0 && given {
		m.p.Unchanged++
		return
	}
	m.add(c)
}
