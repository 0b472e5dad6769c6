package plan

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// An index finds live objects by address. Objects that share a key share a slot.
type index struct {
	live     map[kind.Address][]*kind.Object // in force
	pending  map[kind.Address][]*kind.Object // of Pending kinds, all their stages
	archived map[kind.Address][]*kind.Object
	byID     map[string]*kind.Object // see idKey
	all      []*kind.Object
	in       map[kind.Address][]*kind.Object // see beside
}

func newIndex(objects []kind.Object) *index {
	ix := &index{live: map[kind.Address][]*kind.Object{}, pending: map[kind.Address][]*kind.Object{},
		archived: map[kind.Address][]*kind.Object{}, byID: map[string]*kind.Object{}}
	objects = slices.Clone(objects)
	slices.SortFunc(objects, func(a, b kind.Object) int { // however they were read; those that share a slot by id
		return cmp.Or(a.Addr.Compare(b.Addr), strings.Compare(a.ID, b.ID))
	})
	for i := range objects {
		o := &objects[i]
		ix.byID[idKey(o.Addr.Collection(), o.ID)] = o
		ix.all = append(ix.all, o)
		ix.put(o)
	}
	return ix
}

func idKey(in kind.Address, id string) string { return string(in) + "#" + id }

// withID is the object with an API id in a collection, or nil.
func (ix *index) withID(in kind.Address, id any) *kind.Object {
	s, ok := id.(string)
	if !ok {
		return nil
	}
	return ix.byID[idKey(in, s)]
}

// beside are the live objects of a collection.
func (ix *index) beside(collection kind.Address) []*kind.Object {
	if ix.in == nil {
		ix.in = map[kind.Address][]*kind.Object{}
		for o := range ix.inForce() {
			at := o.Addr.Collection() // which no move changes
			ix.in[at] = append(ix.in[at], o)
		}
	}
	return ix.in[collection]
}

// keys are the keys of the live objects of a collection.
func (ix *index) keys(collection kind.Address) []string {
	var out []string
	for _, o := range ix.beside(collection) {
		out = append(out, o.Addr.Key())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (ix *index) put(o *kind.Object) { slot(ix, o)[o.Addr] = append(slot(ix, o)[o.Addr], o) }

func slot(ix *index, o *kind.Object) map[kind.Address][]*kind.Object {
	switch {
	case o.State == kind.Archived:
		return ix.archived
	case o.State != kind.Present:
		return ix.pending
	}
	return ix.live
}

// move files an object under another address: a rename, a pin, one of several with the same name.
func (ix *index) move(o *kind.Object, to kind.Address) {
	s := slot(ix, o)
	s[o.Addr] = slices.DeleteFunc(s[o.Addr], func(p *kind.Object) bool { return p == o })
	if len(s[o.Addr]) == 0 {
		delete(s, o.Addr)
	}
	o.Addr = to
	ix.put(o)
}

// one is the live object at an address; nil when there is none or several.
func (ix *index) one(a kind.Address) *kind.Object {
	if at := ix.live[a]; len(at) == 1 {
		return at[0]
	}
	return nil
}

// inForce goes through the objects that are in force, in the order of the addresses that they had at
// first.
func (ix *index) inForce() iter.Seq[*kind.Object] {
	return func(yield func(*kind.Object) bool) {
		for _, o := range ix.all {
			if o.State == kind.Present && !yield(o) {
				return
			}
		}
	}
}

// invites are the objects of Pending kinds.
func (ix *index) invites() []*kind.Object {
	return slices.DeleteFunc(slices.Clone(ix.all), func(o *kind.Object) bool { return o.State == kind.Present || o.State == kind.Archived })
}

// besides is the address of one of several objects that share a key.
func besides(o *kind.Object) kind.Address {
	return o.Addr.Collection() + kind.Address("/"+kind.Escape(o.Addr.Key()+"~"+o.ID))
}

// file gives live objects the addresses under which the YAML declares them: by pin, then by an
// earlier name. It reports what cannot be told apart.
func (m *maker) file() {
	for i := range m.in.Want { // what --only leaves out, too: what is below it may be asked for, or prunable
		if w := &m.in.Want[i]; w.ID != "" {
			m.filePin(w)
		}
	}
	for i := range m.in.Want {
		if w := &m.in.Want[i]; w.ID == "" && len(w.Previously) > 0 {
			m.fileEarlier(w)
		}
	}
}

func (m *maker) filePin(w *kind.Object) {
	o := m.ix.withID(w.Addr.Collection(), w.ID)
	switch {
	case !m.read(m.place(w.Kind, w.Addr.Collection(), w.Addr.Parent())):
		return
	case o == nil && w.State != kind.Present, m.d.drops(w.Addr) && o.Addr != w.Addr && m.wanted[o.Addr] != nil:
		m.blocked[w.Addr] = true // gone already, or head means it by its name; another one of this name is not meant
		return
	case o == nil:
		m.block(w, fmt.Sprintf("no live object has the id %s", w.ID), "is this the right organization? remove `id` to go by name")
		return
	case o.State == kind.Archived && w.State == kind.Present:
		m.block(w, fmt.Sprintf("%s is archived, which cannot be undone", w.ID), "")
		return
	}
	for _, other := range slices.Clone(m.ix.live[w.Addr]) {
		if other != o {
			m.refile(other, besides(other))
		}
	}
	if o.Addr != w.Addr {
		m.refile(o, w.Addr)
	}
}

// refile moves a live object, and keeps the address that it had at first.
func (m *maker) refile(o *kind.Object, to kind.Address) {
	first, moved := m.first[o]
	if !moved {
		first = o.Addr
		m.first[o] = first
	}
	m.earlier[to] = append(m.earlier[to], first)
	m.ix.move(o, to)
}

func (m *maker) fileEarlier(w *kind.Object) {
	for _, name := range w.Previously {
		earlier := w.Addr.Collection() + kind.Address("/"+kind.Escape(name))
		at := m.ix.live[earlier]
		switch {
		case len(at) == 0:
			continue
		case len(at) > 1:
			m.block(w, fmt.Sprintf("%d live objects have the earlier name %s: %s", len(at), name, ids(at)), "pin one with `id`")
		case len(m.ix.live[w.Addr]) > 0:
			m.block(w, fmt.Sprintf("both this name and its earlier name %s are live: %s, %s", name, ids(m.ix.live[w.Addr]), ids(at)),
				"remove `previously`, or pin one with `id`")
		default:
			m.refile(at[0], w.Addr)
		}
		return
	}
}

func ids(objects []*kind.Object) string {
	var out []string
	for _, o := range objects {
		out = append(out, o.ID)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// twins settles live objects that share a key. Of leaves, the one that equals the declared object,
// else the oldest, has the address; where children or a secret hang on the choice a person decides.
func (m *maker) twins(w *kind.Object) {
	at := m.ix.live[w.Addr]
	if len(at) < 2 {
		return
	}
	if len(w.Kind.Children()) > 0 || w.Kind.Irreversible {
		m.block(w, fmt.Sprintf("%d live objects have this name: %s", len(at), ids(at)), m.twinHint(w))
		return
	}
	if w.State != kind.Present {
		return // they all go
	}
	at = slices.Clone(at)
	differs := func(o *kind.Object) int { return min(len(m.diff(w, o)), 1) }
	slices.SortStableFunc(at, func(a, b *kind.Object) int {
		return cmp.Or(differs(a)-differs(b), cmp.Compare(a.Created, b.Created), strings.Compare(a.ID, b.ID))
	})
	for _, o := range at[1:] {
		m.ix.move(o, besides(o))
	}
}

func (m *maker) twinHint(w *kind.Object) string {
	if w.Kind.Pinned() {
		return "pin one with `id`"
	}
	return "remove or rename all but one by hand"
}
