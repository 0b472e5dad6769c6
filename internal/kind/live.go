package kind

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
