package plan

import (
	"cmp"
	"maps"
	"slices"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// A Move is one object that differs between two readings.
type Move struct {
	Addr     kind.Address // as it was then, where it was there
	ID       string
	Appeared bool        // it was not there then
	Gone     bool        // it is not there now
	Fields   []FieldDiff // of one that was there and is: what differs, state and foreign too
}

// Moved compares two readings of some places, then and now, sorted by address. A place that was not read
// counts as empty. Of a collection, an id tells which object is which, so that a rename is a field like
// any other.
func Moved(places []kind.Place, then, now kind.Live) []Move {
	was, is := byID(then.Of(places)), byID(now.Of(places))
	var out []Move
	for at, o := range was {
		n, still := is[at]
		if !still {
			out = append(out, Move{Addr: o.Addr, ID: o.ID, Gone: true})
		} else if fields := movedFields(o, n); len(fields) > 0 {
			out = append(out, Move{Addr: o.Addr, ID: o.ID, Fields: fields})
		}
	}
	for at, o := range is {
		if _, before := was[at]; !before {
			out = append(out, Move{Addr: o.Addr, ID: o.ID, Appeared: true})
		}
	}
	slices.SortFunc(out, func(a, b Move) int { return cmp.Or(a.Addr.Compare(b.Addr), cmp.Compare(a.ID, b.ID)) })
	return out
}

// identity is what an object is known by while its fields change.
type identity struct {
	kind *kind.Kind
	in   kind.Address
	id   string
}

func byID(l kind.Live) map[identity]*kind.Object {
	out := make(map[identity]*kind.Object, len(l.Objects))
	for i := range l.Objects {
		o := &l.Objects[i]
		out[identity{o.Kind, o.Addr.Collection(), o.ID}] = o
	}
	return out
}

// movedFields are the fields that differ, in schema order, then what an object carries beside them, then
// its stage of life.
func movedFields(then, now *kind.Object) []FieldDiff {
	var out []FieldDiff
	rest := maps.Clone(then.Fields)
	maps.Copy(rest, now.Fields)
	for _, f := range then.Kind.Fields() {
		out = append(out, movedField(f, f.Name, then.Fields[f.Name], now.Fields[f.Name])...)
		delete(rest, f.Name)
	}
	whole := kind.Field{Free: true, Items: &kind.Field{Free: true}}
	for _, name := range slices.Sorted(maps.Keys(rest)) {
		out = append(out, movedField(whole, name, then.Fields[name], now.Fields[name])...)
	}
	if then.State != now.State {
		out = append(out, FieldDiff{Name: "state", Old: stage(then.State), New: stage(now.State)})
	}
	if then.Foreign != now.Foreign {
		out = append(out, FieldDiff{Name: "foreign", Old: then.Foreign, New: now.Foreign})
	}
	return out
}

// stage is a state as a value of a field.
func stage(s kind.State) any { return cmp.Or(string(s), "present") }

// movedField compares one field of two live objects. Members of an object compare one by one; lists and
// free maps whole.
func movedField(f kind.Field, name string, then, now any) []FieldDiff {
	if f.Equal(then, now) {
		return nil
	}
	if len(f.Fields) == 0 {
		return []FieldDiff{{Name: name, Old: f.Show(then), New: f.Show(now), Unit: f.Unit}}
	}
	was, _ := then.(map[string]any)
	is, _ := now.(map[string]any)
	var out []FieldDiff
	for _, member := range f.Fields {
		out = append(out, movedField(member, name+"."+member.Name, was[member.Name], is[member.Name])...)
	}
	return out
}
