package plan

import (
	"fmt"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// invite plans a person who is declared and not in the organization.
func (m *maker) invite(w *kind.Object) {
	p := w.Kind.Pending
	if o := m.waiting(w); o != nil {
		m.invited(w, o)
		return
	}
	last := m.lastPending(w.Addr)
	switch {
	case last == nil || m.allowed("create", w.Addr):
		if !m.unresolved(w) {
			m.create(w, p)
		}
	case last.State == kind.Expired:
		m.waits[w.Addr] = Pending
		m.note(w, Pending, false, "the invite expired; to send another: --allow create:%s", w.Addr)
	default:
		m.problem(w.Addr, w.Pos, "accepted an invite and was removed since, so is not invited again",
			fmt.Sprintf("remove the entry, or invite again with --allow create:%s", w.Addr))
	}
}

// invited compares a person with the invite that waits for her.
func (m *maker) invited(w, o *kind.Object) {
	w = m.part(w)
	p := w.Kind.Pending
	diff := m.diffOf(p, w, o)
	switch {
	case len(diff) == 0:
		m.waits[w.Addr] = Pending
		m.note(w, Pending, true, "is invited and has not accepted yet")
	case p.Replace && immutable(p, diff):
		m.replace(w, o, diff)
	default:
		m.fixed(w, diff)
	}
}

// waiting is the pending invite of a declared person, the newest where there are several.
func (m *maker) waiting(w *kind.Object) *kind.Object {
	return m.newest(w.Addr, func(o *kind.Object) bool { return o.State == kind.Waiting })
}

// lastPending is her newest invite of any stage.
func (m *maker) lastPending(a kind.Address) *kind.Object {
	return m.newest(a, func(*kind.Object) bool { return true })
}

func (m *maker) newest(a kind.Address, ok func(*kind.Object) bool) *kind.Object {
	var best *kind.Object
	for _, o := range m.ix.pending[a] {
		if ok(o) && (best == nil || o.Created > best.Created || o.Created == best.Created && o.ID > best.ID) {
			best = o
		}
	}
	return best
}

// wait notes an object that cannot be before a person accepts her invite.
func (m *maker) wait(w *kind.Object, who kind.Address) {
	m.waits[w.Addr] = Pending
	if who.Kind().Pending == nil {
		m.note(w, Pending, true, "waits for %s", who)
		return
	}
	m.note(w, Pending, true, "waits until %s accepts the invite", who.Key())
}

// implied says that an object follows from another one. It asks for that one if it must.
func (m *maker) implied(o *kind.Object) bool {
	t, err := kind.ParseTarget(o.Kind.Implied)
	if err != nil {
		return false
	}
	to := o.Resolve(t.To)
	if !m.needCollection(to.Kind(), to.Collection(), to.Parent()) {
		return true
	}
	return m.finally(to, t.Field) == t.Value
}

// impliedNow says that a live object follows from another one as that lives. Where this plan changes
// the other one, the row is gone afterwards, and there is nothing to update.
func (m *maker) impliedNow(live *kind.Object) bool {
	t, err := kind.ParseTarget(live.Kind.Implied)
	if err != nil {
		return false
	}
	to := m.ix.one(live.Resolve(t.To))
	return to != nil && to.Fields[t.Field] == t.Value
}

// impliedMissing handles an object that is not listed because it follows from another one.
func (m *maker) impliedMissing(w *kind.Object) bool {
	if w.Kind.Implied == "" || !m.implied(w) {
		return false
	}
	m.waits[w.Addr] = Implied
	m.owned(w)
	return true
}

// owned notes an object that follows from another one, and is as it should be.
func (m *maker) owned(w *kind.Object) {
	m.p.Unchanged++
	m.note(w, Implied, true, "owners of the organization own every project")
}

// finally is the value of another object's field after this plan: declared, else as it lives. What
// others own stays as it lives.
func (m *maker) finally(a kind.Address, field string) any {
	o := m.ix.one(a)
	if w := m.wanted[a]; w != nil && m.inScope(a) && !m.blocked[a] && (o == nil || !o.Foreign) {
		if v, ok := m.part(w).Fields[field]; ok || w.State == kind.Absent {
			return v
		}
	}
	if o != nil {
		return o.Fields[field]
	}
	if o := m.lastPending(a); o != nil && o.State == kind.Waiting {
		return o.Fields[field]
	}
	return nil
}
