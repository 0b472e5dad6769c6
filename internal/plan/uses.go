package plan

import (
	"cmp"
	"slices"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// A Use is a live object that requests name by its id and do not change: one that they stand under or refer
// to. The id says nothing to people; what they approved is the name.
type Use struct {
	Place kind.Place // where it is read
	Addr  kind.Address
	ID    string
}

// uses lists them. What stands in Reads is compared there, whole.
func (m *maker) uses() {
	add := newUsing(m)
	for i := range m.p.Changes {
		c := &m.p.Changes[i]
		for a := c.Addr.Parent(); a != ""; a = a.Parent() {
			add.object(a)
		}
		if w := m.wanted[c.Addr]; w != nil && c.Action != Delete {
			add.references(m.part(w))
		}
	}
	if len(m.p.Changes) > 0 {
		for _, a := range m.witnesses() {
			add.object(a)
		}
	}
	slices.SortFunc(m.p.Uses, func(a, b Use) int { return cmp.Or(a.Addr.Compare(b.Addr), cmp.Compare(a.ID, b.ID)) })
}

// A using adds each object once.
type using struct {
	m    *maker
	read map[identity]*kind.Object // under the addresses that they had at first
	seen map[kind.Address]bool
}

func newUsing(m *maker) using {
	return using{m: m, read: byID(m.in.Live), seen: map[kind.Address]bool{}}
}

func (u using) references(w *kind.Object) {
	for _, r := range w.Kind.Refs {
		if _, declared := w.Fields[r.Field]; declared {
			if t := u.m.target(w, r); t.id != nil {
				u.object(t.addr)
			}
		}
	}
}

// object adds the live object at an address, or the one that gives it its id.
func (u using) object(a kind.Address) {
	if a == "" || u.seen[a] {
		return
	}
	u.seen[a] = true
	o := u.m.ix.one(a)
	if o == nil {
		for _, to := range keyTargets(&kind.Object{Kind: a.Kind(), Addr: a}) {
			u.object(to)
		}
		return
	}
	p := u.m.place(o.Kind, a.Collection(), a.Parent())
	was := u.read[identity{o.Kind, p.In, o.ID}]
	compared := func(r kind.Place) bool { return r.Source() == p.Source() }
	if was != nil && u.m.read(p) && !slices.ContainsFunc(u.m.p.Reads, compared) {
		u.m.p.Uses = append(u.m.p.Uses, Use{Place: p, Addr: was.Addr, ID: o.ID})
	}
}

// Strayed lists the objects in use that are gone, archived, or called something else now.
func Strayed(uses []Use, now kind.Live) []Move {
	is := byID(now)
	var out []Move
	for _, u := range uses {
		move := Move{Addr: u.Addr, ID: u.ID}
		switch o, still := is[identity{u.Place.Kind, u.Place.In, u.ID}]; {
		case !still:
			move.Gone = true
		case o.Addr != u.Addr:
			move.Fields = []FieldDiff{{Name: o.Kind.Key, Old: u.Addr.Key(), New: o.Addr.Key()}}
		case o.State != kind.Present:
			move.Fields = []FieldDiff{{Name: "state", Old: stage(kind.Present), New: stage(o.State)}}
		default:
			continue
		}
		out = append(out, move)
	}
	return out
}
