// Package kind is what bylaw knows of each kind of object in an OpenAI organization, as data: where
// it stands in the YAML, its natural key, its API routes and its quirks. It also holds the nouns that
// both sides of a plan share: Object, Address, Position. It reads nothing and sends nothing. Start at
// All; a new kind is a row there and an entry in schema/org.schema.json.
package kind

import (
	"strings"
	"sync"
)

// A Kind is one kind of object. It is data: nothing in the program asks which kind it is.
//
// Routes are "METHOD path": "." stands for Path without its query, "{id}" for the object's API id,
// "{projects}" for the id of the ancestor in that collection. An empty route means that the API
// cannot do it. Row rules are "field=value" over a row of the API's answer.
type Kind struct {
	// Where it is.
	Name string // its place in the YAML and the shape of its address: "projects/spend_limit"
	Path string // API collection or setting, with the query that every read needs
	Key  string // the field that names the object; "" = a setting, one per scope

	// What can be done.
	Create, Update, Delete string
	Replace                bool // delete and create is acceptable where an immutable field differs; elsewhere that is a problem
	Full                   bool // an update carries every field of the schema, the undeclared ones as they live

	// How fields travel. Names, order, types, defaults, sets and e-mails are the schema's.
	Read      map[string]string // YAML field -> field of the answer, where they differ
	Body      map[string]any    // constants of the create body
	Immutable string            // fields settable at creation only
	Late      string            // fields not settable at creation: an update follows
	Refs      []Ref             // fields that name another object

	// Which rows count.
	Skip     string // rule: rows that are no objects of this kind
	Foreign  string // rule: objects that others own; never written or pruned
	Implied  string // "users/{email}#role=owner": objects that follow from another one; never written or pruned
	Archived string // rule: objects that are archived; they can only be declared so

	// How it hangs together.
	Pending *Kind    // the same people before they accept: lists, creates and removes here
	Expired string   // rule, of a Pending kind: its time ran out. Reported, not made again unasked
	Used    string   // rule, of a Pending kind: it was accepted. Where what it promised is gone, someone removed that
	Carries *Carry   // a create takes objects of another kind along
	After   []string // same-scope kinds that are written first, because writing them may disturb this one

	// What people are warned of. Deletes are disruptive, the rest routine, unless:
	Irreversible bool              // a delete cannot be undone
	Power        map[string]string // fields where more is more power ("*" all): going up is an escalation, going down disruptive. The value orders enumerations, least first; "" is the natural order of numbers, switches and sets
	Inverse      string            // "mode=deny_list": where it holds, more of a set is less power

	fields []Field
	parent *Kind
}

// A Ref says that Field names the object at To.
type Ref struct {
	Field string
	To    string // address template over the own address ({projects}) and the own fields ({email})
	Write string // field of the request that takes the other object's id
}

// A Carry moves objects of another kind into the body of this kind's create.
type Carry struct {
	Kind  string
	Where string         // the field, in both kinds, that ties them
	Field string         // of the create body: a list of items
	Item  map[string]any // "{projects}" is the id of the carried object's ancestor, "{role}" its field
}

// Setting says that there is one per scope: it has no key.
func (k *Kind) Setting() bool { return k.Key == "" }

// Given says that the API makes and removes the objects: they can be changed only.
func (k *Kind) Given() bool { return !k.Setting() && k.Create == "" && k.Delete == "" }

// Parent is the kind that this one stands under, or nil.
func (k *Kind) Parent() *Kind { return k.parent }

// Section is the last part of the name: what the YAML calls it.
func (k *Kind) Section() string { return k.Name[strings.LastIndex(k.Name, "/")+1:] }

// Children are the kinds that stand directly under this one, in order.
func (k *Kind) Children() []*Kind {
	var out []*Kind
	for _, c := range All() {
		if c.parent == k {
			out = append(out, c)
		}
	}
	return out
}

// Fields are the fields that travel to and from the API, in the schema's order.
func (k *Kind) Fields() []Field { return k.fields }

// Has says whether names, separated by blanks, hold name.
func Has(names, name string) bool {
	for _, n := range strings.Fields(names) {
		if n == name {
			return true
		}
	}
	return false
}

// KeyRef is the reference that is also the key: such an object goes when either end goes.
func (k *Kind) KeyRef() (Ref, bool) {
	for _, r := range k.Refs {
		if r.Field == k.Key {
			return r, true
		}
	}
	return Ref{}, false
}

// ReadField is the name under which the API answers with a field.
func (k *Kind) ReadField(name string) string {
	if r, ok := k.Read[name]; ok {
		return r
	}
	return name
}

// Find returns the kind of this name, or nil.
func Find(name string) *Kind {
	for _, k := range All() {
		if k.Name == name {
			return k
		}
	}
	return nil
}

// All lists the kinds, parents first. The order is the order of plans and reports.
func All() []*Kind { return table() }

var table = sync.OnceValue(func() []*Kind {
	kinds := rows()
	out := make([]*Kind, len(kinds))
	for i := range kinds {
		out[i] = &kinds[i]
		for _, p := range out[:i] {
			if out[i].Name == p.Name+"/"+out[i].Section() {
				out[i].parent = p
			}
		}
	}
	for _, k := range out {
		k.fields = fieldsOf(k)
		if k.Pending != nil {
			k.Pending.parent, k.Pending.fields = k.parent, without(k.fields, k.Late)
		}
	}
	return out
})

func without(fields []Field, names string) []Field {
	var out []Field
	for _, f := range fields {
		if !Has(names, f.Name) {
			out = append(out, f)
		}
	}
	return out
}

// CanonKey is the form of a natural key in addresses: e-mails have no case.
func (k *Kind) CanonKey(key string) string {
	for _, f := range k.fields {
		if f.Name == k.Key && f.Email {
			return strings.ToLower(key)
		}
	}
	return key
}
