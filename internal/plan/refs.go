package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// refersNew says that a reference changes.
func refersNew(w *kind.Object, diff []FieldDiff) bool {
	return slices.ContainsFunc(diff, func(d FieldDiff) bool { _, ok := w.Kind.Ref(d.Name); return ok })
}

// refWaits handles what an object refers to: nothing of it can be created before that exists.
func (m *maker) refWaits(w *kind.Object) bool {
	for _, r := range w.Kind.Refs {
		if _, declared := w.Fields[r.Field]; declared && m.oneRefWaits(w, r) {
			return true
		}
	}
	return false
}

func (m *maker) oneRefWaits(w *kind.Object, r kind.Ref) bool {
	t := m.target(w, r)
	if t.unread || t.id != nil {
		return t.unread
	}
	switch c := m.change(t.addr); {
	case c != nil && c.Action != Delete && carries(t.addr.Kind(), w.Kind):
		if !m.incomplete(w) {
			m.carried(w, t.addr, c)
		}
	case m.lastPending(t.addr) != nil || c != nil && t.addr.Kind().Pending != nil:
		m.wait(w, t.addr)
	default:
		m.namesNothing(w, r, t.addr)
	}
	return true
}

// namesNothing reports a reference to what neither lives nor comes, a being the first candidate.
func (m *maker) namesNothing(w *kind.Object, r kind.Ref, a kind.Address) {
	for _, template := range r.To {
		switch to := w.Resolve(template); {
		case m.wanted[to] == nil && len(m.ix.live[to]) > 1:
			m.block(w, fmt.Sprintf("%d live objects have the name %s: %s", len(m.ix.live[to]), to, ids(m.ix.live[to])), "remove or rename all but one by hand")
			return
		case m.wanted[to] == nil:
		case !m.inScope(to):
			m.block(w, fmt.Sprintf("%s does not exist yet", to), m.scopeHint(to))
			return
		default:
			m.block(w, fmt.Sprintf("%s has a problem itself", to), "")
			return
		}
	}
	m.block(w, fmt.Sprintf("there is no %s", a),
		strings.TrimSuffix(fmt.Sprintf("declare it under %s; %s", a.Collection(), m.meant(a)), "; "))
}

// A target is what a reference names.
type target struct {
	addr   kind.Address // the first candidate, when there is none
	id     any          // a text, or {"$id_of": address} of what this plan makes; nil when there is none
	unread bool         // it has to be read first
}

// target finds what a reference of a declared object names: the first candidate that lives or comes.
func (m *maker) target(w *kind.Object, r kind.Ref) target {
	if id, ok := r.Known[fmt.Sprint(w.Fields[r.Field])]; ok {
		return target{id: id}
	}
	var t target
	for _, template := range r.To {
		to := w.Resolve(template)
		if t.addr == "" {
			t.addr = to
		}
		if m.comes(to) {
			return target{addr: to, id: map[string]any{"$id_of": string(to)}}
		}
		if p := to.Parent(); p == "" || !m.comes(p) {
			before := len(m.p.Needs.Places)
			m.needUnder(to.Collection())
			t.unread = t.unread || len(m.p.Needs.Places) > before
		}
		if o := m.ix.one(to); o != nil {
			return target{addr: to, id: o.ID}
		}
	}
	return t
}

// refersTo says that a reference is to objects of a kind.
func refersTo(r kind.Ref, k *kind.Kind) bool {
	return slices.ContainsFunc(r.To, func(to string) bool { return kind.Address(to).KindName() == k.Name })
}

// foreignOnce says that an assignment would be foreign as soon as it is made: that of a role which a field
// of its own gives.
func (m *maker) foreignOnce(w *kind.Object) bool {
	r, byKey := w.Kind.KeyRef()
	if !byKey || len(w.Kind.Foreign) == 0 {
		return false
	}
	o := m.ix.one(m.target(w, r).addr)
	return kind.HoldsAny(w.Kind.Foreign, map[string]any{"name": w.Addr.Key(), "predefined_role": o != nil && o.Foreign})
}

// keyTargets are the candidates of the reference that is an object's key.
func keyTargets(o *kind.Object) []kind.Address {
	var out []kind.Address
	if r, ok := o.Kind.KeyRef(); ok {
		for _, to := range r.To {
			out = append(out, o.Resolve(to))
		}
	}
	return out
}

// ends are the addresses that an object goes with when they do: those above it, and its key's.
func ends(o *kind.Object) []kind.Address {
	out := keyTargets(o)
	for p := o.Addr.Parent(); p != ""; p = p.Parent() {
		out = append(out, p)
	}
	return out
}

// referred says that a declared object has this one as its key.
func (m *maker) referred(a kind.Address) bool {
	if m.keyed == nil {
		m.keyed = map[kind.Address]bool{}
		for _, w := range m.wanted {
			if w.State != kind.Present {
				continue
			}
			for _, to := range keyTargets(w) {
				m.keyed[to] = true
			}
		}
	}
	return m.keyed[a]
}
