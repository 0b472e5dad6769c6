package kind

// A Live is what was read of the organization.
type Live struct {
	Objects      []Object        // every row that counts, objects that share a key included
	Read         map[string]bool // by Place.Path: what was read, to tell "nothing there" from "not asked"
	Organization string          // the organization that answered, "" where the API does not say
	KeyOwner     *KeyOwner       // nil: not asked
}

// A KeyOwner is the person that the admin key in use belongs to.
type KeyOwner struct {
	UserID string // "" = could not be told
}

// A Place is one collection or setting to read.
type Place struct {
	Kind  *Kind
	In    Address // the collection, or the setting, that the objects are filed under
	Route string  // the path's template
	Path  string  // with the ids filled in
}
