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
	o := kind.Object{Kind: k, Addr: at, Pos: pos, State: stateOf(n), ID: n.member("id").text(),
		Previously: n.member("previously").texts(), Fields: map[string]any{}}
	for _, m := range n.content {
		if kind.Control(m.name) || childKind(k, m.name) != nil {
			continue
		}
		o.Fields[m.name] = m.json()
		o.FieldPos = append(o.FieldPos, kind.FieldPosition{Name: m.name, Position: m.keyPos()})
	}
	if o.State == kind.Present {
		kind.FillDefaults(k.Fields(), o.Fields)
	}
	b.all = append(b.all, object{o, n})
	b.sections(n, k.Children(), at)
}
