package plan

import (
	"slices"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// Touched says of a collection or setting whether a plan may write there, or disturb it: head asks something
// in it that base did not, or what drifted there is put back. Without a base that is so everywhere.
func Touched(in Input) func(kind.Address) bool {
	m := newMaker(in)
	return func(a kind.Address) bool {
		a = a.Collection()
		return m.mayMoveIn(a) || slices.ContainsFunc(a.Kind().After, func(name string) bool {
			return m.mayMoveIn(a.Parent().Join(kind.Find(name).Section()))
		})
	}
}

// Asks is what a plan makes so, as if that was all that is declared, what leads to it, and what it may
// disturb: planned again once it is applied, it finds nothing to do, and needs neither the YAML nor the base.
func Asks(in Input, p Plan) ([]kind.Object, map[kind.Address]kind.Position) {
	m := newMaker(in)
	m.ix = newIndex(in.Live.Objects)
	whole, changed := map[kind.Address]bool{}, map[kind.Address]Action{}
	declared := map[kind.Address]kind.Position{}
	declare := func(a kind.Address) {
		if pos, ok := in.Declared[a]; ok {
			declared[a] = pos
		}
	}
	for _, c := range p.Changes {
		changed[c.Addr] = c.Action
		declare(c.Addr.Collection())
		for up := c.Addr.Parent(); up != ""; up = up.Parent() {
			whole[up] = true
		}
	}
	for _, w := range p.Watch {
		whole[w.In] = true
		declare(w.In)
	}
	for i := range m.in.Want {
		if w := &m.in.Want[i]; changed[w.Addr] != 0 {
			for _, a := range m.leadsTo(w) {
				whole[a] = true
			}
		}
	}
	var want []kind.Object
	for i := range m.in.Want {
		w := &m.in.Want[i]
		live := m.ix.one(w.Addr)
		_, beside := declared[w.Addr.Collection()]
		switch {
		case changed[w.Addr] == Update || changed[w.Addr] == Replace:
			want = append(want, *m.part(w))
			delete(changed, w.Addr)
		case changed[w.Addr] != 0:
			want = append(want, *w)
			delete(changed, w.Addr)
		case m.d.drops(w.Addr): // and nothing was there
		case beside && (w.ID != "" || len(w.Previously) > 0): // it tells which live object is which
			want = append(want, *w)
		case !whole[w.Addr]:
		case !w.Kind.Setting() || live != nil && len(m.diff(w, live)) == 0: // one that drifted stays so
			want = append(want, *w)
		}
	}
	for a := range changed { // pruned
		want = append(want, kind.Object{Kind: a.Kind(), Addr: a, State: kind.Absent})
	}
	slices.SortFunc(want, func(a, b kind.Object) int { return a.Addr.Compare(b.Addr) })
	return want, declared
}

// leadsTo are the addresses that an object refers to, and what these stand under: by a pin or an earlier name
// they may live under another one.
func (m *maker) leadsTo(w *kind.Object) []kind.Address {
	var out []kind.Address
	for _, r := range w.Kind.Refs {
		for _, template := range r.To {
			for a := w.Resolve(template); a != ""; a = a.Parent() {
				out = append(out, a)
			}
		}
	}
	return out
}

// GuardKey judges a plan that was made before by the key that is in use now: whether the key, or the person
// who owns it, would go. It may need the owner of the key.
func GuardKey(p Plan, live kind.Live, allow []Allow) ([]Refusal, Needs) {
	m := newMaker(Input{Live: live, Allow: allow})
	m.ix, m.p.Changes = newIndex(live.Objects), p.Changes
	m.guardKey()
	lost, _ := m.losses()
	m.guardKeyOwner(m.unallowed(lost))
	return m.p.Refusals, m.p.Needs
}
