package plan

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// place is where the objects of a kind under a parent are read.
func (m *maker) place(k *kind.Kind, in, parent kind.Address) kind.Place {
	p := kind.Place{Kind: k, In: in, Route: k.Place(), Path: m.fill(k.Path, parent, "")}
	for _, rule := range k.Skip {
		p.Skip = append(p.Skip, kind.Expand(rule, func(string) string {
			id, at := m.id(parent)
			if at != "" {
				return placeholder(at)
			}
			return id
		}))
	}
	return p
}

// detail is where more fields of one live object are read.
func (m *maker) detail(o *kind.Object) kind.Place {
	_, template := o.Kind.Template("GET " + o.Kind.Detail)
	route, _, _ := strings.Cut(template, "?")
	return kind.Place{Kind: o.Kind, In: o.Addr, Route: route, Path: m.fill(template, o.Addr.Parent(), url.PathEscape(o.ID)), ID: o.ID}
}

// fill writes a path template under a parent: ids where they are known, else the address of the
// object that will have one. self stands for {id}.
func (m *maker) fill(template string, parent kind.Address, self string) string {
	return kind.Expand(template, func(name string) string {
		if name == "id" {
			return self
		}
		return m.idOf(parent.Ancestor(name))
	})
}

// idOf is the escaped API id of a live object, or a placeholder: its address in braces.
func (m *maker) idOf(a kind.Address) string {
	id, at := m.id(a)
	if at != "" {
		return placeholder(at)
	}
	return url.PathEscape(id)
}

// id is the API id of an object, or the address of the object that will have it. What is named by
// another object has that one's id.
func (m *maker) id(a kind.Address) (id string, at kind.Address) {
	if o := m.ix.one(a); o != nil {
		return o.ID, ""
	}
	o := kind.Object{Kind: a.Kind(), Addr: a}
	if o.Kind == nil {
		return "", a
	}
	if r, ok := o.Kind.KeyRef(); ok {
		for _, to := range r.To {
			if id, at = m.id(o.Resolve(to)); at == "" || m.comes(at) {
				return id, at
			}
		}
	}
	return "", a
}

func (m *maker) read(p kind.Place) bool { return m.in.Live.Read[p.Source()] }

// need asks for a place that was not read yet, and says whether it was.
func (m *maker) need(k *kind.Kind, in, parent kind.Address) bool {
	return m.needPlace(m.place(k, in, parent))
}

func (m *maker) needPlace(p kind.Place) bool {
	if m.read(p) {
		return true
	}
	if !m.asked[p.Source()] {
		m.asked[p.Source()] = true
		m.p.Needs.Places = append(m.p.Needs.Places, p)
	}
	return false
}

// needCollection asks for a collection and for those who are to be in it but have not accepted yet.
func (m *maker) needCollection(k *kind.Kind, in, parent kind.Address) bool {
	ok := m.need(k, in, parent)
	if k.Pending != nil {
		ok = m.need(k.Pending, in, parent) && ok
	}
	return ok
}

// needEverywhere asks for the collections of a kind under all that live.
func (m *maker) needEverywhere(k *kind.Kind) {
	up := k.Parent()
	if up == nil {
		m.needCollection(k, kind.Address(k.Name), "")
		return
	}
	m.needEverywhere(up)
	for _, a := range slices.Sorted(maps.Keys(m.ix.live)) {
		if a.Kind() == up && m.ix.one(a) != nil {
			m.needCollection(k, a.Join(k.Section()), a)
		}
	}
}

// needDeclared asks for every declared collection and setting whose parent is live, parents first.
func (m *maker) needDeclared() {
	var declared []kind.Address
	for a := range m.in.Declared {
		if m.mayMoveIn(a) {
			declared = append(declared, a)
		}
	}
	slices.SortFunc(declared, kind.Address.Compare)
	for _, a := range declared {
		m.needUnder(a)
	}
	for _, p := range m.policies() {
		if k := kind.Find("projects"); p.Witness != "" {
			m.need(k, "projects", "")
		}
	}
}

// reads lists what was read of the collections and settings that the changes touch.
func (m *maker) reads() {
	seen := map[kind.Source]bool{}
	add := func(p kind.Place) {
		if m.read(p) && !seen[p.Source()] {
			seen[p.Source()] = true
			m.p.Reads = append(m.p.Reads, p)
		}
	}
	for i := range m.p.Changes {
		c := &m.p.Changes[i]
		k, in, parent := c.Addr.Kind(), c.Addr.Collection(), c.Addr.Parent()
		if parent != "" && m.ix.one(parent) == nil {
			continue // made by this plan
		}
		add(m.place(k, in, parent))
		if k.Pending != nil {
			add(m.place(k.Pending, in, parent))
		}
		if o := m.ix.one(c.Addr); o != nil && k.Detail != "" {
			add(m.detail(o))
		}
	}
	slices.SortStableFunc(m.p.Reads, func(a, b kind.Place) int { return a.In.Compare(b.In) })
}

// needUnder asks for one collection or setting, or for what leads to it, and says whether it was read.
func (m *maker) needUnder(a kind.Address) bool {
	parent := a.Parent()
	return (parent == "" || m.reach(parent)) && m.needCollection(a.Kind(), a, parent)
}

// reach says that an object lives. It asks for the collections on the way.
func (m *maker) reach(a kind.Address) bool {
	return m.needUnder(a.Collection()) && m.ix.one(a) != nil && !m.blocked[a]
}
