package desired

import "github.com/bylaw-dev/bylaw/internal/kind"

// An object is a declared object with the node that declares it.
type object struct {
	kind.Object
	node *node
}

// objects gathers what the files declare.
type objects struct {
	all      []object
	declared map[kind.Address]kind.Position
	from     map[*node]string // what positions in a profile say, written once
}

// sections takes the objects of these kinds from the members of n, which stands at up.
func (b *objects) sections(n *node, kinds []*kind.Kind, up kind.Address) {
	for _, k := range kinds {
		m := n.member(k.Section())
		if m == nil || m.bad {
			continue
		}
		at := up.Join(k.Section())
		if _, ok := b.declared[at]; !ok {
			b.declared[at] = m.keyPos()
		}
		if k.Setting() && m.form == mapping {
			b.object(m, k, at, m.keyPos())
		}
		for _, item := range m.items() {
			if key := keyOf(item, k); key != "" && !k.Setting() {
				b.object(item, k, at.Join(key), item.pos())
			}
		}
	}
}

// object takes one object, and what stands below it.
func (b *objects) object(n *node, k *kind.Kind, at kind.Address, pos kind.Position) {
	pos.From = b.source(n)
	o := kind.Object{Kind: k, Addr: at, Pos: pos, State: stateOf(n), ID: n.member("id").text(),
		Previously: n.member("previously").texts(), Fields: map[string]any{}}
	for _, m := range n.content {
		if childKind(k, m.name) != nil {
			continue
		}
		if !kind.Control(m.name) {
			o.Fields[m.name] = m.json()
		}
		field := kind.FieldPosition{Name: m.name, Position: m.keyPos()}
		field.From = b.source(m)
		o.FieldPos = append(o.FieldPos, field)
	}
	if o.State == kind.Present {
		kind.FillDefaults(k.Fields(), o.Fields)
	}
	b.all = append(b.all, object{o, n})
	b.sections(n, k.Children(), at)
}

// source is what a position says of the profile that it is in, "" outside of one. Every project that has
// the profile points there, so they share the text.
func (b *objects) source(n *node) string {
	p := n.profile()
	if p == nil {
		return ""
	}
	if b.from[p] == "" {
		if b.from == nil {
			b.from = map[*node]string{}
		}
		b.from[p] = "profiles." + p.name
	}
	return b.from[p]
}
