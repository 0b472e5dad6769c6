package kind

import "slices"

// A Live is what was read of the organization.
type Live struct {
	Objects      []Object        // every row that counts, objects that share a key included
	Read         map[Source]bool // what was read, to tell "nothing there" from "not asked"
	Organization string          // the organization that answered, "" where the API does not say
	KeyOwner     *KeyOwner       // nil: not asked
}

// A Source is one kind of object in one answer of the API; the same answer may serve several kinds.
type Source struct {
	Kind *Kind
	Path string
	In   Address
}

// A KeyOwner is the person that the admin key in use belongs to.
type KeyOwner struct {
	UserID string // "" = could not be told
}

// A Place is one collection or setting to read.
type Place struct {
	Kind  *Kind
	In    Address  // the collection, or the setting, that the objects are filed under
	Route string   // the path's template
	Path  string   // with the ids filled in
	Skip  []string // the kind's rules, with the ids filled in
	ID    string   // set: a detail, more fields of the object with this id
}

// Source is what reading the place gives.
func (p Place) Source() Source { return Source{p.Kind, p.Path, p.In} }

// Holds says that an object is of the place: one of its collection, its setting, or the object that it
// is a detail of.
func (p Place) Holds(o *Object) bool {
	switch {
	case o.Kind != p.Kind:
		return false
	case p.ID != "":
		return o.Addr == p.In && o.ID == p.ID
	}
	return o.Addr.Collection() == p.In
}

// Of is the part of a reading that some places gave. Who owns the key in use is no part of any.
func (l Live) Of(places []Place) Live {
	out := Live{Read: map[Source]bool{}, Organization: l.Organization}
	type at struct {
		kind *Kind
		in   Address
	}
	read := map[at][]Place{}
	for _, p := range places {
		if s := p.Source(); l.Read[s] && !out.Read[s] {
			out.Read[s] = true
			read[at{p.Kind, p.In}] = append(read[at{p.Kind, p.In}], p)
		}
	}
	for i := range l.Objects {
		o := &l.Objects[i]
		holds := func(p Place) bool { return p.Holds(o) }
		if slices.ContainsFunc(read[at{o.Kind, o.Addr.Collection()}], holds) || slices.ContainsFunc(read[at{o.Kind, o.Addr}], holds) {
			out.Objects = append(out.Objects, *o)
		}
	}
	return out
}
