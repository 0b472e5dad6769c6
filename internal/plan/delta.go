package plan

import (
	"maps"
	"slices"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// A delta is what head asks and base did not.
type delta struct {
	base      map[kind.Address]*kind.Object // what base declares, under the addresses that head gives it
	declared  map[kind.Address]kind.Position
	asks      map[kind.Address]*kind.Object // head's objects with the fields that differ from base's; what is new is whole
	dropped   []kind.Object                 // what head declares no more and is to go, as declared absent
	unmanaged []Unmanaged                   // what head declares no more and stays
	in        map[kind.Address]bool         // collections and settings that any of these stand in
	was       map[kind.Address]kind.Address // head's address of what is renamed -> base's
}

// newDelta compares what head declares with what base did. Both are sorted by address.
func newDelta(in Input) *delta {
	d := &delta{base: map[kind.Address]*kind.Object{}, declared: map[kind.Address]kind.Position{},
		asks: map[kind.Address]*kind.Object{}, in: map[kind.Address]bool{}, was: map[kind.Address]kind.Address{}}
	for _, o := range in.Base.Want {
		d.base[o.Addr] = &o
	}
	for a, pos := range in.Base.Declared {
		d.declared[a] = pos
	}
	head := map[kind.Address]*kind.Object{}
	for i := range in.Want {
		head[in.Want[i].Addr] = &in.Want[i]
	}
	d.rename(in, head)
	for i := range in.Want {
		w := &in.Want[i]
		if part := asked(w, d.base[w.Addr]); part != nil {
			d.asks[w.Addr] = part
			d.in[w.Addr.Collection()] = true
		}
	}
	for a := range in.Declared {
		if _, before := d.declared[a]; !before {
			d.in[a] = true // its undeclared objects may be prunable from now on
		}
	}
	d.drop(in, head)
	return d
}

// rename files what base declares under the addresses that head gives it. What head does not declare, and
// whose name another one has now, is out of sight: it stays.
func (d *delta) rename(in Input, head map[kind.Address]*kind.Object) {
	now := d.identify(in)
	for a, to := range now {
		if a != to {
			d.was[to] = a
		}
	}
	gone := map[kind.Address]bool{}
	for i := range in.Base.Want {
		b := &in.Base.Want[i]
		if w := head[b.Addr]; now[b.Addr] == "" && w != nil && (d.was[b.Addr] != "" || repinned(w, b)) {
			gone[b.Addr] = true
			u := Unmanaged{Addr: b.Addr, Pos: b.Pos, Count: 1}
			if b.ID != "" {
				u.Addr = besides(b)
			}
			d.unmanaged = append(d.unmanaged, u)
		}
	}
	if len(d.was)+len(gone) == 0 {
		return
	}
	to := func(a kind.Address) (kind.Address, bool) {
		top := a.Top()
		if at := now[top]; at != "" {
			return at + a[len(top):], true
		}
		return a, !gone[top]
	}
	base, declared := d.base, d.declared
	d.base, d.declared = map[kind.Address]*kind.Object{}, map[kind.Address]kind.Position{}
	for a, b := range base {
		if at, stays := to(a); stays {
			moved := *b
			moved.Addr = at
			d.base[at] = &moved
		}
	}
	for a, pos := range declared {
		if at, stays := to(a); stays {
			d.declared[at] = pos
		}
	}
}

// identify finds which object of head is which of base: that with the same pin, else the same name, else an
// earlier one. Only what stands at the top has pins and earlier names.
func (d *delta) identify(in Input) map[kind.Address]kind.Address {
	now, taken, pins := map[kind.Address]kind.Address{}, map[kind.Address]bool{}, map[string]kind.Address{}
	for _, b := range in.Base.Want {
		if b.ID != "" {
			pins[idKey(b.Addr.Collection(), b.ID)] = b.Addr
		}
	}
	is := func(w *kind.Object, from kind.Address) {
		if b := d.base[from]; b != nil && now[from] == "" && !taken[w.Addr] && (b.Addr == pins[idKey(w.Addr.Collection(), w.ID)] || !repinned(w, b)) {
			now[from], taken[w.Addr] = w.Addr, true
		}
	}
	each := func(do func(w *kind.Object)) {
		for i := range in.Want {
			if w := &in.Want[i]; w.Addr == w.Addr.Top() {
				do(w)
			}
		}
	}
	each(func(w *kind.Object) { is(w, pins[idKey(w.Addr.Collection(), w.ID)]) })
	each(func(w *kind.Object) { is(w, w.Addr) })
	each(func(w *kind.Object) {
		for _, name := range w.Previously {
			is(w, w.Addr.Collection()+kind.Address("/"+kind.Escape(name)))
		}
	})
	return now
}

// repinned says that two objects are not the same, whatever their names: each has a pin of its own.
func repinned(w, b *kind.Object) bool { return w.ID != "" && b.ID != "" && w.ID != b.ID }

// asked is a declared object with the fields that base does not ask in the same way; nil where there are
// none. What is new is whole, and so is what makes sense only together: the list whose sense another field
// tells. What is made anew has all fields that can be told only then; the rest is made as it lives.
func asked(w, b *kind.Object) *kind.Object {
	points := b != nil && (w.ID != "" && w.ID != b.ID || lacksAny(b.Previously, w.Previously)) // to another live object, maybe
	switch {
	case b == nil, w.State != b.State, w.State != kind.Present && points:
		return w
	case w.State != kind.Present:
		return nil
	}
	part := *w
	part.Fields = map[string]any{}
	if points {
		part.Fields[w.Kind.Key] = w.Fields[w.Kind.Key]
	}
	for _, f := range w.Kind.Fields() {
		if v, declared := w.Fields[f.Name]; declared {
			if v, differs := differing(f, v, b.Fields[f.Name]); differs {
				part.Fields[f.Name] = v
			}
		}
	}
	switch {
	case len(part.Fields) == 0:
		return nil
	case w.Kind.Inverse != "":
		return w
	}
	remade := func(name string) bool { return kind.Has(w.Kind.Immutable, name) }
	if w.Kind.Replace && len(pick(w.Kind, part.Fields, remade)) > 0 {
		maps.Copy(part.Fields, pick(w.Kind, w.Fields, remade))
	}
	return &part
}

// differing is what a value asks that another one does not: of an object the members that differ.
func differing(f kind.Field, want, base any) (part any, differs bool) {
	wm, wantMap := want.(map[string]any)
	bm, baseMap := base.(map[string]any)
	if !wantMap || !baseMap || f.Free || variant(f, wm, bm) {
		return want, !f.Equal(want, base)
	}
	out := map[string]any{}
	for _, member := range f.Fields {
		if v, declared := wm[member.Name]; declared {
			if v, differs := differing(member, v, bm[member.Name]); differs {
				out[member.Name] = v
			}
		}
	}
	return out, len(out) > 0
}

// drop finds what base declares and head does not: objects of a collection that head still declares go,
// everything else stays and is no longer managed.
func (d *delta) drop(in Input, head map[kind.Address]*kind.Object) {
	there := func(parent kind.Address) bool { // head has the parent, so that what is below it is a question
		return parent == "" || head[parent] != nil && head[parent].State == kind.Present
	}
	held := map[kind.Address]int{} // objects of each collection
	for a := range d.base {
		held[a.Collection()]++
	}
	for a, pos := range d.declared {
		if _, still := in.Declared[a]; !still && there(a.Parent()) && !a.Kind().Setting() {
			d.unmanaged = append(d.unmanaged, Unmanaged{Addr: a, Pos: pos, Count: held[a]})
		}
	}
	for a, b := range d.base {
		_, collected := in.Declared[a.Collection()]
		switch w := head[a]; {
		case b.State != kind.Present || !there(a.Parent()):
		case w != nil && w.State == kind.Present:
			d.fields(b, w.Fields)
		case w != nil:
		case b.Kind.Setting() || collected && b.Kind.Given():
			d.fields(b, nil)
		case collected:
			d.dropped = append(d.dropped, kind.Object{Kind: b.Kind, Addr: a, ID: b.ID, State: kind.Absent})
			d.in[a.Collection()] = true
		}
	}
	slices.SortFunc(d.dropped, func(a, b kind.Object) int { return a.Addr.Compare(b.Addr) })
	slices.SortStableFunc(d.unmanaged, func(a, b Unmanaged) int { return a.Addr.Compare(b.Addr) })
}

// fields lists the fields of an object of base that head does not declare. What the schema fills in was
// never asked for.
func (d *delta) fields(b *kind.Object, head map[string]any) {
	for _, f := range b.Kind.Fields() {
		if v, was := b.Fields[f.Name]; was && !kind.Has(b.Kind.Key, f.Name) {
			d.field(b, f, f.Name, v, head[f.Name])
		}
	}
}

func (d *delta) field(b *kind.Object, f kind.Field, name string, was, is any) {
	wm, wasMap := was.(map[string]any)
	im, isMap := is.(map[string]any)
	switch {
	case wasMap && !f.Free && (isMap || is == nil && len(f.Fields) > 0):
		for _, member := range f.Fields {
			if v, declared := wm[member.Name]; declared {
				d.field(b, member, name+"."+member.Name, v, im[member.Name])
			}
		}
	case is == nil && (f.Default == nil || !f.Equal(was, f.Default)):
		d.unmanaged = append(d.unmanaged, Unmanaged{Addr: b.Addr, Field: name, Pos: b.FieldPos.Of(topLevel(name)), Stays: was, Unit: f.Unit})
	}
}

// touches says that head asks something of an object that base did not, or that it drops it.
func (d *delta) touches(a kind.Address) bool {
	if d.asks[a] != nil {
		return true
	}
	_, found := slices.BinarySearchFunc(d.dropped, a, func(o kind.Object, a kind.Address) int { return o.Addr.Compare(a) })
	return found
}

// drops says that base declares an object and head does not.
func (d *delta) drops(a kind.Address) bool { return d != nil && d.asks[a] == nil && d.touches(a) }
