package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// protect are the globs of all policies.
func (m *maker) protect() kind.Globs {
	var out kind.Globs
	for _, p := range m.policies() {
		out = append(out, p.Protect...)
	}
	return out
}

// protected says by which of its names an object is protected; "" if by none.
func (m *maker) protected(a kind.Address, protect kind.Globs) kind.Address {
	for _, name := range m.names(a) {
		if protect.Match(name) {
			return name
		}
	}
	return ""
}

// names are all addresses that an object is known by: a new name does not take away a protection.
func (m *maker) names(a kind.Address) []kind.Address {
	out := []kind.Address{a}
	if len(m.earlier) > 0 {
		top := a.Top()
		for _, from := range m.earlier[top] {
			out = append(out, from+a[len(top):])
		}
	}
	return out
}

// guardProtected refuses to remove what is protected, itself or with what it stands under or refers to.
func (m *maker) guardProtected() {
	along, protect, asked := m.protectedAlong(), m.protect(), map[*kind.Kind]bool{}
	for _, c := range m.pick(func(c Change) bool { return c.Action == Delete || c.Action == Replace }) {
		m.needProtected(c.Addr, asked)
		hit := m.protected(c.Addr, protect)
		if hit == "" && c.Action == Delete {
			hit = along[c.Addr]
		}
		if hit != "" {
			m.refuse("protect", fmt.Sprintf("%s is protected", hit), []Change{c})
		}
	}
	m.guardRenamed()
	for _, g := range m.in.Policy.Protect {
		if m.in.Only == nil && m.d == nil && !m.matches(g) { // with a base not all may have been read
			m.problem("policy", m.in.Policy.Pos["protect"], fmt.Sprintf("protect: %s matches nothing that is declared or live in a declared collection", g), "")
		}
	}
}

// guardRenamed reports what a change renames out of its protection: the next one could remove it.
func (m *maker) guardRenamed() {
	protect := m.in.Policy.Protect
	if m.d == nil || len(m.d.was) == 0 || len(protect) == 0 {
		return
	}
	lost := map[kind.Address]kind.Address{} // the first of each renamed object, by the name that it has now
	for a := range m.d.base {
		top := a.Top()
		was, renamed := m.d.was[top]
		w := m.wanted[a]
		if !renamed || !m.only.match(a) || w == nil || w.State != kind.Present || !protect.Match(was+a[len(top):]) || protect.Match(a) {
			continue
		}
		if first, told := lost[top]; !told || a.Compare(first) < 0 {
			lost[top] = a
		}
	}
	for _, top := range slices.SortedFunc(maps.Keys(lost), kind.Address.Compare) {
		a := lost[top]
		m.problem("policy", m.in.Policy.Pos["protect"], fmt.Sprintf("protect: %s is %s from now on, which is not protected", m.d.was[top]+a[len(top):], a),
			fmt.Sprintf("protect %s as well", a))
	}
}

// needProtected asks for what would go with an object and may be protected, declared or not. What refers to
// it may stand anywhere, and is asked for once a kind.
func (m *maker) needProtected(a kind.Address, asked map[*kind.Kind]bool) {
	if m.ix.one(a) == nil {
		return
	}
	to := a.Kind()
	for _, k := range to.Children() {
		m.needIfProtected(k, a)
	}
	if asked[to] {
		return
	}
	asked[to] = true
	for _, k := range kind.All() {
		if r, ok := k.KeyRef(); ok && k.Parent() != nil && refersTo(r, to) {
			for parent := range m.ix.inForce() {
				if parent.Kind == k.Parent() {
					m.needIfProtected(k, parent.Addr)
				}
			}
		}
	}
}

func (m *maker) needIfProtected(k *kind.Kind, parent kind.Address) {
	in := parent.Join(k.Section())
	for _, name := range m.names(in) {
		if slices.ContainsFunc(m.protect(), func(g kind.Glob) bool { return g.MayMatchIn(name) }) {
			m.needCollection(k, in, parent)
			return
		}
	}
}

// protectedAlong has, for each address whose removal would take along what is protected, the first of that.
func (m *maker) protectedAlong() map[kind.Address]kind.Address {
	along, protect := map[kind.Address]kind.Address{}, m.protect()
	for o := range m.ix.inForce() {
		hit := m.protected(o.Addr, protect)
		if hit == "" {
			continue
		}
		for _, a := range ends(o) {
			if along[a] == "" {
				along[a] = hit
			}
		}
	}
	return along
}
