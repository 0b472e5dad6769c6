package plan

import (
	"fmt"
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
	for i := range m.p.Changes {
		c := &m.p.Changes[i]
		after := map[kind.Address]bool{}
		for _, r := range c.Requests {
			placeholders(r.Path, after)
			idsOf(r.Body, after)
		}
		after[c.Addr.Parent()] = true
		m.refEdges(c, after)
		maps.DeleteFunc(after, func(a kind.Address, _ bool) bool { return m.goes(a) })
		kindEdges(c, in, after)
		m.sideEdges(c, in, after)
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
	for _, a := range in[c.Addr.Collection()] {
		if k.AddFirst && m.change(a).Action == Create {
			after[a] = true
		}
	}
	for i := range m.p.Changes {
		d := &m.p.Changes[i]
		if k.ChildrenFirst && d.Action == Delete && hangsOn(d.Addr, c.Addr) || d.Action == Create && m.goesBeside(d, c) || m.letsGo(d, c) {
			after[d.Addr] = true
		}
	}
}

// goesBeside says that a removal takes along what a create stands beside, where that has to be there first.
func (m *maker) goesBeside(d, gone *Change) bool {
	if !d.Addr.Kind().AddFirst {
		return false
	}
	beside := d.Addr.Collection().Join(gone.Addr.Key())
	return len(m.ix.live[beside]) > 0 && hangsOn(beside, gone.Addr)
}

// letsGo says that a change ends the reference of a live object to one that goes.
func (m *maker) letsGo(d, gone *Change) bool {
	k := d.Addr.Kind()
	if d.Action == Create || gone.ID == "" || k.Pending != nil {
		return false
	}
	return slices.ContainsFunc(k.Refs, func(r kind.Ref) bool {
		o := m.ix.byID[fmt.Sprintf("%s#%s", d.Addr.Collection(), d.ID)]
		return r.Read != "" && o != nil && o.Fields[r.Field] == gone.ID && refersTo(r, gone.Addr.Kind())
	})
}

// hangsOn says that one object stands below another, or has it as its key.
func hangsOn(a, on kind.Address) bool {
	o := kind.Object{Kind: a.Kind(), Addr: a}
	r, byKey := o.Kind.KeyRef()
	return a != on && a.Under(on) || byKey && names(&o, r, on)
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

func (m *maker) refEdges(c *Change, after map[kind.Address]bool) {
	o := kind.Object{Kind: c.Addr.Kind(), Addr: c.Addr}
	for _, r := range o.Kind.Refs {
		if r.Field != o.Kind.Key {
			continue
		}
		for _, to := range r.To { // of a removal, too: what follows from its end goes only once that changed
			after[o.Resolve(to)] = true
		}
	}
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
		if c := a.Pos.Compare(b.Pos); c != 0 {
			return c
		}
		return a.Addr.Compare(b.Addr)
	})
}
