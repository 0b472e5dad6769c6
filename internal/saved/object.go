package saved

import (
	"cmp"
	"slices"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// object is a live or a declared object in a file. It has no place for what depends on the key in use.
type object struct {
	Address    kind.Address    `json:"address"`
	Kind       string          `json:"kind,omitempty"` // where it is not that of the address: people before they accept
	ID         string          `json:"id,omitempty"`
	State      kind.State      `json:"state,omitempty"`
	Fields     map[string]any  `json:"fields,omitzero"`
	Foreign    bool            `json:"foreign,omitempty"`
	Created    int64           `json:"created,omitempty"`
	Previously []string        `json:"previously,omitempty"`
	Position   *kind.Position  `json:"position,omitempty"`
	Positions  []fieldPosition `json:"positions,omitempty"`
}

type fieldPosition struct {
	Field string `json:"field"`
	kind.Position
}

// place is a collection, a setting or a detail that was read.
type place struct {
	In     kind.Address `json:"in"`
	Kind   string       `json:"kind,omitempty"` // as of an object
	Route  string       `json:"route,omitempty"`
	Path   string       `json:"path"`
	Skip   []string     `json:"skip,omitempty"`
	ID     string       `json:"id,omitempty"`
	Unread bool         `json:"unread,omitempty"` // asked for by a plan whose document does not have it
}

// use is a live object that the requests name by its id.
type use struct {
	Address kind.Address `json:"address"`
	ID      string       `json:"id"`
	Place   place        `json:"place"`
}

// kindName names a kind where the address does not.
func kindName(k *kind.Kind, a kind.Address) string {
	if k == nil || k == a.Kind() {
		return ""
	}
	return k.Name
}

func newObject(o kind.Object) object {
	return object{Address: o.Addr, Kind: kindName(o.Kind, o.Addr), ID: o.ID, State: o.State, Fields: members(o.Fields), Foreign: o.Foreign,
		Created: o.Created, Previously: o.Previously, Position: position(o.Pos),
		Positions: each(o.FieldPos, func(p kind.FieldPosition) fieldPosition { return fieldPosition{p.Name, p.Position} })}
}

// newObjects are objects in the order of their addresses, as they are read.
func newObjects(objects []kind.Object) []object {
	out := each(objects, newObject)
	slices.SortStableFunc(out, func(a, b object) int {
		return cmp.Or(a.Address.Compare(b.Address), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Kind, b.Kind))
	})
	return out
}

func newPlace(p kind.Place, read map[kind.Source]bool) place {
	return place{In: p.In, Kind: kindName(p.Kind, p.In), Route: p.Route, Path: p.Path, Skip: p.Skip, ID: p.ID, Unread: !read[p.Source()]}
}

// newSources are the places of a reading, which says no more of them, in the order of their addresses.
func newSources(read map[kind.Source]bool) []place {
	out := []place{}
	for s, is := range read {
		if is {
			out = append(out, place{In: s.In, Kind: kindName(s.Kind, s.In), Path: s.Path})
		}
	}
	slices.SortFunc(out, func(a, b place) int {
		return cmp.Or(a.In.Compare(b.In), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Path, b.Path))
	})
	return out
}

func position(p kind.Position) *kind.Position {
	if p.File == "" {
		return nil
	}
	return &p
}

func (r *reader) object(at string, o object) kind.Object {
	return kind.Object{Kind: r.kind(at, o.Address, o.Kind), Addr: o.Address, ID: o.ID, State: o.State, Fields: settled(o.Fields), Foreign: o.Foreign,
		Created: o.Created, Previously: o.Previously, Pos: positionOf(o.Position),
		FieldPos: every(r, at+"/positions", o.Positions, func(_ string, p fieldPosition) kind.FieldPosition {
			return kind.FieldPosition{Name: p.Field, Position: p.Position}
		})}
}

func (r *reader) place(at string, p place) kind.Place {
	return kind.Place{Kind: r.kind(at, p.In, p.Kind), In: p.In, Route: p.Route, Path: p.Path, Skip: p.Skip, ID: p.ID}
}

// kind is the kind at an address, which has to be one, or the kind of those who have not accepted there.
func (r *reader) kind(at string, a kind.Address, name string) *kind.Kind {
	r.address(at, a)
	k := a.Kind()
	switch {
	case k == nil || name == "":
	case k.Pending != nil && k.Pending.Name == name:
		return k.Pending
	default:
		r.fail(at, "%q is no kind of %s", name, a)
	}
	return k
}

func positionOf(p *kind.Position) kind.Position {
	if p == nil {
		return kind.Position{}
	}
	return *p
}

// settled is settle of the members of an object; nil stays nil.
func settled(m map[string]any) map[string]any {
	if m == nil {
		return nil
	}
	return settle(m).(map[string]any)
}
