package plan

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// carries says that inviting someone takes objects of this kind along.
func carries(to, k *kind.Kind) bool {
	return to.Pending != nil && to.Pending.Carries != nil && to.Pending.Carries.Kind == k.Name
}

// carried lets an object ride in the create of another one. In a replaced one it may have ridden before.
func (m *maker) carried(w *kind.Object, to kind.Address, c *Change) {
	carry := to.Kind().Pending.Carries
	item := map[string]any{}
	for name, v := range carry.Item {
		item[name] = m.itemValue(w, v.(string))
	}
	before := m.uncarry(w, carry, c)
	create := &c.Requests[len(c.Requests)-1]
	list, _ := create.Body[carry.Field].([]any)
	create.Body[carry.Field] = append(list[:len(list):len(list)], item)
	if reflect.DeepEqual(before, any(item)) {
		m.wait(w, to)
		return
	}
	m.waits[w.Addr] = Pending
	m.add(Change{Action: Create, Addr: w.Addr, Pos: w.Pos, Fields: m.creation(w, w.Kind), Risk: m.createRisk(w, w.Kind), With: to,
		Reason: "granted with the invite"})
}

// stillCarried is what a replaced object carries on: what it carried, but for what stands under
// archived or unknown parents.
func (m *maker) stillCarried(carry *kind.Carry, live *kind.Object) []any {
	out := []any{}
	items, _ := live.Fields[carry.Field].([]any)
	if len(items) == 0 || !m.needCollection(kind.Find(carry.Kind).Parent(), kind.Address(kind.Find(carry.Kind).Parent().Name), "") {
		return out
	}
	for _, item := range items {
		old, _ := item.(map[string]any)
		kept, usable := map[string]any{}, true
		for name, v := range carry.Item {
			kept[name] = old[name]
			if k := kind.Find(inBraces(v)); k != nil {
				o := m.ix.withID(kind.Address(k.Name), old[name])
				usable = usable && o != nil && o.State == kind.Present
			}
		}
		if usable {
			out = append(out, kept)
		}
	}
	return out
}

// carryNothingGone takes out of what is carried what this plan removes: a project that is archived.
func (m *maker) carryNothingGone() {
	gone := map[string]bool{}
	for _, c := range m.p.Changes {
		if c.Action == Delete {
			gone[fmt.Sprintf("%s#%s", c.Addr.KindName(), c.ID)] = true
		}
	}
	for i := range m.p.Changes {
		c := &m.p.Changes[i]
		pending := c.Addr.Kind().Pending
		if pending == nil || pending.Carries == nil || c.Action != Replace {
			continue
		}
		body := c.Requests[len(c.Requests)-1].Body
		items, _ := body[pending.Carries.Field].([]any)
		body[pending.Carries.Field] = slices.DeleteFunc(slices.Clone(items), func(item any) bool {
			for name, v := range pending.Carries.Item {
				if gone[fmt.Sprintf("%s#%v", inBraces(v), item.(map[string]any)[name])] {
					return true
				}
			}
			return false
		})
	}
}

func inBraces(template any) string { return strings.Trim(template.(string), "{}") }

// uncarry takes what is carried for a declared object out of the create of another one, and returns it.
func (m *maker) uncarry(w *kind.Object, carry *kind.Carry, c *Change) any {
	create := &c.Requests[len(c.Requests)-1]
	list, _ := create.Body[carry.Field].([]any)
	for i, item := range list {
		if m.isItem(item, carry, w) {
			create.Body[carry.Field] = slices.Delete(slices.Clone(list), i, i+1)
			return item
		}
	}
	return nil
}

// notCarried lets an object that is declared absent not ride on in the create of another one.
func (m *maker) notCarried(w *kind.Object) {
	for _, r := range w.Kind.Refs {
		to := w.Resolve(r.To[0])
		if c := m.change(to); c != nil && c.Action == Replace && carries(to.Kind(), w.Kind) {
			m.uncarry(w, to.Kind().Pending.Carries, c)
		}
	}
}

// stillInvited notes what base declared, head does not, and a person gets nevertheless once she accepts her invite.
func (m *maker) stillInvited(w *kind.Object) {
	for _, r := range w.Kind.Refs {
		to := w.Resolve(r.To[0])
		if !carries(to.Kind(), w.Kind) || !m.needCollection(to.Kind(), to.Collection(), to.Parent()) || m.change(to) != nil {
			continue
		}
		carry := to.Kind().Pending.Carries
		o := m.newest(to, func(o *kind.Object) bool { return o.State == kind.Waiting })
		if o == nil {
			continue
		}
		items, _ := o.Fields[carry.Field].([]any)
		if slices.ContainsFunc(items, func(item any) bool { return m.isItem(item, carry, w) }) {
			m.note(w, Pending, false, "comes with the invite of %s once she accepts it: remove the invite, or this after that", to.Key())
		}
	}
}

// isItem says that an item of what is carried is this object: it names the same ancestors.
func (m *maker) isItem(item any, carry *kind.Carry, w *kind.Object) bool {
	for name, v := range carry.Item {
		if a := w.Addr.Ancestor(inBraces(v)); a != "" && !reflect.DeepEqual(item.(map[string]any)[name], m.bodyID(a)) {
			return false
		}
	}
	return true
}

// carry settles what a create takes along from below: the first declared that names something, if there
// is any. Without one the object cannot be created.
func (m *maker) carry(w *kind.Object, k *kind.Kind) bool {
	if k.Carries == nil || k.Carries.Where != "{parent}" {
		return true
	}
	below := m.carriedUnder(w, k)
	first := m.firstThere(below)
	if first != "" {
		m.carriers[first] = w.Addr
		return true
	}
	scoped := slices.DeleteFunc(below, func(o *kind.Object) bool { return !m.inScope(o.Addr) })
	switch section := kind.Find(k.Carries.Kind).Section(); {
	case len(scoped) > 0: // each says what it misses, or has to be read for
		for _, o := range scoped {
			m.refWaits(o)
		}
		m.blocked[w.Addr] = m.p.Needs.None()
	case len(below) > 0:
		m.block(w, fmt.Sprintf("is not there yet, and to create it one of its %s is needed", section), m.scopeHint(below[0].Addr))
	default:
		m.block(w, fmt.Sprintf("is not there yet, and to create it one of its %s is needed", section), "declare one")
	}
	return false
}

// carriedUnder are the declared objects that the create of the one above may take along, sorted.
func (m *maker) carriedUnder(w *kind.Object, k *kind.Kind) []*kind.Object {
	var out []*kind.Object
	below := under(m.in.Want, w.Addr)
	for i := range below {
		if o := &below[i]; o.Kind.Name == k.Carries.Kind && o.Addr.Parent() == w.Addr && o.State == kind.Present {
			out = append(out, o)
		}
	}
	return out
}

// firstThere is the first of these objects in scope whose key names something that lives or comes, or "".
func (m *maker) firstThere(objects []*kind.Object) kind.Address {
	for _, o := range objects {
		if r, _ := o.Kind.KeyRef(); m.inScope(o.Addr) && m.target(o, r).id != nil {
			return o.Addr
		}
	}
	return ""
}

// itemValue fills one member of a carried item: the id of an ancestor, or a field.
func (m *maker) itemValue(w *kind.Object, template string) any {
	name := inBraces(template)
	if a := w.Addr.Ancestor(name); a != "" {
		return m.bodyID(a)
	}
	return w.Fields[name]
}

// ride lets removals go with the removal of what they refer to: they need no request.
func (m *maker) ride() {
	for i := range m.p.Changes {
		c := &m.p.Changes[i]
		r, ok := c.Addr.Kind().KeyRef()
		if !ok || c.Action != Delete {
			continue
		}
		o := kind.Object{Kind: c.Addr.Kind(), Addr: c.Addr}
		for _, to := range r.To {
			if end := m.change(o.Resolve(to)); end != nil && end.Action == Delete && !end.Addr.Kind().ChildrenFirst {
				c.With, c.Requests, c.Reason = end.Addr, nil, "goes with "+string(end.Addr)
			}
		}
	}
}
