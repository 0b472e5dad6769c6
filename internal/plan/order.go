package plan

import (
	"cmp"
	"maps"
	"slices"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// order computes the hard edges: what a change's requests need, the parent that is created now, what
// it refers to, and the kinds that the table says come first.
func (m *maker) order() {
	in := map[kind.Address][]kind.Address{} // the changes of each collection or setting
	for _, c := range m.p.Changes {
		in[c.Addr.Collection()] = append(in[c.Addr.Collection()], c.Addr)
	}
	before := m.before()
	for i := range m.p.Changes {
		c := &m.p.Changes[i]
		after := map[kind.Address]bool{}
		for _, r := range c.Requests {
			placeholders(r.Path, after)
			idsOf(r.Body, after)
		}
		after[c.Addr.Parent()] = true
		for _, to := range keyTargets(&kind.Object{Kind: c.Addr.Kind(), Addr: c.Addr}) {
			after[to] = true // of a removal, too: what follows from its end goes only once that changed
		}
		maps.DeleteFunc(after, func(a kind.Address, _ bool) bool { return m.goes(a) })
		kindEdges(c, in, after)
		m.sideEdges(c, in, after)
		for _, a := range before[c.Addr] {
			after[a] = true
		}
		c.After = m.edges(c.Addr, after)
	}
	m.carrierEdges()
}

// goes says that a change removes this object. What stands below it or refers to it never waits for that:
// it goes along, or first.
func (m *maker) goes(a kind.Address) bool {
	c := m.change(a)
	return c != nil && c.Action == Delete
}

// carrierEdges makes a change that carries others wait for what they wait for.
func (m *maker) carrierEdges() {
	for i := range m.p.Changes {
		c := &m.p.Changes[i]
		if c.With == "" {
			continue
		}
		carrier := m.change(c.With)
		all := map[kind.Address]bool{}
		for _, a := range append(carrier.After, c.After...) {
			all[a] = true
		}
		carrier.After, c.After = m.edges(carrier.Addr, all), nil
	}
}

// sideEdges orders what stands side by side: creates before deletes, and deletes of what keeps an
// object from being removed before its own.
func (m *maker) sideEdges(c *Change, in map[kind.Address][]kind.Address, after map[kind.Address]bool) {
	k := c.Addr.Kind()
	if c.Action != Delete {
		return
	}
	if k.AddFirst {
		for _, a := range in[c.Addr.Collection()] {
			if m.change(a).Action == Create {
				after[a] = true
			}
		}
	}
	if k.ChildrenFirst {
		for i := range m.p.Changes {
			if d := &m.p.Changes[i]; d.Action == Delete && hangsOn(d.Addr, c.Addr) {
				after[d.Addr] = true
			}
		}
	}
}

// before lists, for each object that goes, the changes that come first because of what lives: a create
// beside what goes along, where that must not leave nothing, the end of a reference to it, and what is removed
// below it by a request of its own, which cannot be sent any more once it is gone.
func (m *maker) before() map[kind.Address][]kind.Address {
	out, gone := map[kind.Address][]kind.Address{}, map[string][]kind.Address{} // gone: by id
	for _, c := range m.p.Changes {
		if c.Action == Delete && c.ID != "" {
			gone[c.ID] = append(gone[c.ID], c.Addr)
		}
	}
	for _, d := range m.p.Changes {
		if k := d.Addr.Kind(); d.Action == Create && k.AddFirst {
			for _, o := range m.ix.beside(d.Addr.Collection()) {
				for _, end := range slices.DeleteFunc(keyTargets(o), func(a kind.Address) bool { return !m.goes(a) }) {
					out[end] = append(out[end], d.Addr)
				}
			}
		}
		for up := d.Addr.Parent(); d.Action == Delete && up != ""; up = up.Parent() {
			if m.goes(up) {
				out[up] = append(out[up], d.Addr)
			}
		}
		for _, a := range m.letsGo(d, gone) {
			out[a] = append(out[a], d.Addr)
		}
	}
	return out
}

// letsGo lists what a change may end the reference of a live object to, of what goes.
func (m *maker) letsGo(d Change, gone map[string][]kind.Address) []kind.Address {
	k, o := d.Addr.Kind(), m.ix.withID(d.Addr.Collection(), d.ID)
	if d.Action == Create || k.Pending != nil || o == nil {
		return nil
	}
	var out []kind.Address
	for _, r := range k.Refs {
		id, _ := o.Fields[r.Field].(string)
		for _, a := range gone[id] {
			if r.Read != "" && refersTo(r, a.Kind()) {
				out = append(out, a)
			}
		}
	}
	return out
}

// hangsOn says that one object stands below another, or has it as its key.
func hangsOn(a, on kind.Address) bool {
	return slices.Contains(ends(&kind.Object{Kind: a.Kind(), Addr: a}), on)
}

// edges keeps those that are changes of this plan, sorted. What rides stands for its carrier.
func (m *maker) edges(self kind.Address, after map[kind.Address]bool) []kind.Address {
	var out []kind.Address
	for a := range after {
		c := m.change(a)
		if c != nil && c.With != "" {
			a = c.With
		}
		if c != nil && a != self && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, kind.Address.Compare)
	return out
}

func kindEdges(c *Change, in map[kind.Address][]kind.Address, after map[kind.Address]bool) {
	for _, name := range c.Addr.Kind().After {
		for _, a := range in[c.Addr.Parent().Join(kind.Find(name).Section())] {
			after[a] = true
		}
	}
}

func placeholders(path string, into map[kind.Address]bool) {
	kind.Expand(path, func(name string) string {
		into[kind.Address(name)] = true
		return ""
	})
}

func idsOf(v any, into map[kind.Address]bool) {
	switch v := v.(type) {
	case map[string]any:
		if a, ok := v["$id_of"].(string); ok {
			into[kind.Address(a)] = true
			return
		}
		for _, e := range v {
			idsOf(e, into)
		}
	case []any:
		for _, e := range v {
			idsOf(e, into)
		}
	}
}

// sort puts everything in the order of addresses, and problems in the order of the file.
func (m *maker) sort() {
	slices.SortStableFunc(m.p.Changes, func(a, b Change) int { return a.Addr.Compare(b.Addr) })
	slices.SortStableFunc(m.p.Notes, func(a, b Note) int { return a.Addr.Compare(b.Addr) })
	slices.SortFunc(m.p.Undeclared, kind.Address.Compare)
	slices.SortStableFunc(m.p.Problems, func(a, b Problem) int {
		return cmp.Or(a.Pos.Compare(b.Pos), a.Addr.Compare(b.Addr))
	})
}
