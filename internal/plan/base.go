package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// dropReason is why an object goes that base declares and head does not.
func (m *maker) dropReason(a kind.Address) string {
	reason := fmt.Sprintf("not declared any more; base declares it at %s:%d", m.d.base[a].Pos.File, m.d.base[a].Pos.Line)
	if a.Kind().Renamable() && m.hasNew(a.Collection()) {
		reason += "; if another one is this one renamed, that takes `previously: [" + a.Key() + "]`"
	}
	return reason
}

// hasNew says that head declares an object in a collection that base does not.
func (m *maker) hasNew(collection kind.Address) bool {
	if m.fresh == nil {
		m.fresh = map[kind.Address]bool{}
		for _, w := range m.in.Want {
			if w.State == kind.Present && m.d.base[w.Addr] == nil {
				m.fresh[w.Addr.Collection()] = true
			}
		}
	}
	return m.fresh[collection]
}

// moves says that something may be planned at an address: without a base everywhere, with one where head
// asks something else than it, or where what drifted is put back.
func (m *maker) moves(a kind.Address) bool { return m.d == nil || m.d.touches(a) || m.reverts(a) }

// reverts says that what drifted at an address is put back: if head and base say so.
func (m *maker) reverts(a kind.Address) bool {
	return m.d != nil && m.in.Policy.Reverts(a) && m.in.Base.Policy.Reverts(a)
}

// part is what of a declared object is planned.
func (m *maker) part(w *kind.Object) *kind.Object {
	if m.d != nil && m.d.asks[w.Addr] != nil && !m.reverts(w.Addr) {
		return m.d.asks[w.Addr]
	}
	return w
}

// mark says of each field of a change whether someone else changed it, too: it is not as base asks.
func (m *maker) mark(w, live *kind.Object, diff []FieldDiff) {
	if m.d == nil || m.d.base[w.Addr] == nil || !m.d.touches(w.Addr) {
		return
	}
	before := *m.d.base[w.Addr]
	before.Fields = map[string]any{}
	for name, v := range m.d.base[w.Addr].Fields {
		_, asks := w.Fields[name]
		anew := name == w.Kind.Key && m.d.asks[w.Addr].Fields[name] == v // by a new pin or earlier name: it may be another object
		if asks && !anew {
			before.Fields[name] = v
		}
	}
	for _, was := range m.diff(&before, live) {
		for i := range diff {
			if diff[i].Name == was.Name {
				diff[i].Drifted, diff[i].Base = true, was.New
			}
		}
	}
}

// prunes says that an undeclared object is to go: the policy says so, and with a base it is news, or what
// drifted is put back.
func (m *maker) prunes(a kind.Address) bool {
	if !m.in.Policy.Prune.Match(a) || m.d == nil || m.reverts(a) {
		return m.in.Policy.Prune.Match(a)
	}
	_, before := m.d.declared[a.Collection()]
	return !before || !m.in.Base.Policy.Prune.Match(a)
}

// mayMoveIn says that something may be planned in a collection, or of a setting.
func (m *maker) mayMoveIn(a kind.Address) bool {
	if !m.only.mayMatchIn(a) {
		return false
	}
	may := func(g kind.Glob) bool { return g.MayMatchIn(a) }
	return m.d == nil || m.d.in[a] || slices.ContainsFunc(m.in.Policy.Revert, may) ||
		slices.ContainsFunc(m.in.Policy.Prune, func(g kind.Glob) bool { return may(g) && !slices.Contains(m.in.Base.Policy.Prune, g) })
}

// stays says how what is no longer managed lives.
func (m *maker) stays() {
	for _, u := range m.d.unmanaged {
		if !m.only.match(u.Addr) && !m.only.mayMatchIn(u.Addr) {
			continue
		}
		if u.Field != "" {
			u.Stays = nil
			k, parent := u.Addr.Kind(), u.Addr.Parent()
			if (parent == "" || m.reach(parent)) && m.need(k, u.Addr.Collection(), parent) {
				if o := m.ix.one(u.Addr); o != nil {
					u.Stays = at(k.Fields(), o.Fields, u.Field)
				}
			}
		}
		m.p.Unmanaged = append(m.p.Unmanaged, u)
	}
}

// at is a field of an object by its dotted name, as people compare it.
func at(fields []kind.Field, v map[string]any, name string) any {
	top, rest, nested := strings.Cut(name, ".")
	for _, f := range fields {
		if f.Name != top {
			continue
		}
		if inner, ok := v[top].(map[string]any); ok && nested {
			return at(f.Fields, inner, rest)
		}
		if v[top] != nil && !nested {
			return f.Show(v[top])
		}
	}
	return nil
}
