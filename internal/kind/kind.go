// Package kind is what bylaw knows of each kind of object in an OpenAI organization, as data: where
// it stands in the YAML, its natural key, its API routes and its quirks. It also holds the nouns that
// both sides of a plan share: Object, Address, Position. It reads nothing and sends nothing. Start at
// All; a new kind is a row there and an entry in schema/org.schema.json.
package kind

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// A Kind is one kind of object. It is data: nothing in the program asks which kind it is.
//
// Routes are "METHOD path": "." stands for Path without its query, "{id}" for the object's API id,
// "{projects}" for the id of the ancestor in that collection. A zero Call means that the API cannot do
// it. Row rules are "field=value" or "field!=value" over a row of the API's answer; a field may be a
// dotted path, which collects what lists hold, and a rule does not hold of what is missing or null.
type Kind struct {
	// Where it is.
	Name string // its place in the YAML and the shape of its address: "projects/spend_limit"
	Path string // API collection or setting, with the query that every read needs
	Key  string // fields that name the object, blank-separated, missing ones skipped; "" = a setting, one per scope
	ID   string // row field with the API id; "" = "id"

	// What can be done.
	Create, Update, Delete Call
	Detail                 string // extra read a declared object, for fields that the list leaves out
	Replace                bool   // delete and create is acceptable where an immutable field differs; elsewhere that is a problem
	Full                   bool   // an update carries every field of the schema, the undeclared ones as they live
	Secret                 string // field of the create's answer that is shown once: such objects are due, and never made by a plan

	// How fields travel. Names, order, types, defaults, sets, e-mails and PEM are the schema's.
	Read, Write map[string]string // YAML field -> field of the answer (a dotted path), of the request, where they differ
	Body        map[string]any    // constants of the create body; "{projects}" is an id
	Immutable   string            // fields settable at creation only
	Late        string            // fields not settable at creation: an update follows
	Refs        []Ref             // fields that name another object

	// Which rows count.
	Skip          []string // rules: rows that are no objects of this kind; "{parent}" and "{projects}" are ids
	Foreign       []string // rules: objects that others own; never written or pruned
	ForeignParent bool     // those who own the parent own these too
	Implied       string   // "users/{email}#role=owner": objects that follow from another one; never written or pruned
	Archived      string   // rule: objects that are archived; they can only be declared so

	// How it hangs together.
	Pending       *Kind    // the same people before they accept: lists, creates and removes here
	Expired       string   // rule, of a Pending kind: its time ran out. Reported, not made again unasked
	Used          string   // rule, of a Pending kind: it was accepted. Where what it promised is gone, someone removed that
	Carries       *Carry   // a create takes objects of another kind along
	After         []string // same-scope kinds that are written first, because writing them may disturb this one
	AddFirst      bool     // deletes wait for the creates beside them: never without a role or a certificate
	ChildrenFirst bool     // a delete fails while children, or objects that refer to it by key, exist; elsewhere they go with it

	// What people are warned of. Deletes are disruptive, the rest routine, unless:
	Irreversible bool              // a delete cannot be undone
	CreateRisk   string            // the risk of a create
	Power        map[string]string // fields where more is more power ("*" all): going up is an escalation, going down disruptive. The value orders enumerations, least first; "" is the natural order of numbers, switches and sets; what has no order is disruptive
	Inverse      string            // "mode=deny_list": where it holds, more of a set is less power
	Redacted     string            // row field that shows the ends of a key: the one in use is not removed
	Events       string            // "user invite": what the audit log's types of events of a change begin with; "" = it has none

	fields []Field
	parent *Kind
}

// A Call is how the API does something.
type Call struct {
	Route string
	Body  map[string]any // nil: the fields; "{id}" is the object's id
	Batch int            // how many objects one call takes, their lists in Body joined; 0 = one
}

// None says that the API cannot do it.
func (c Call) None() bool { return c.Route == "" }

// A Ref says that Field names the object at To.
type Ref struct {
	Field string
	To    []string          // address templates over the own address ({projects}) and the own fields ({email}); the first that exists wins
	Known map[string]string // names with an id of their own everywhere
	Write string            // field of the request that takes the other object's id; "" = none: it stands in the path or in Call.Body
	Read  string            // field of the answer that has it; "" where Field is the key
}

// A Carry moves objects of another kind into the body of this kind's create.
type Carry struct {
	Kind  string
	Where string         // what ties them: a field of both kinds, or "{parent}": those that stand under this one
	Field string         // of the create body
	Item  map[string]any // a list of these: "{projects}" is the id of the carried object's ancestor, "{role}" its field; nil: just one, its id
}

// Setting says that there is one per scope: it has no key.
func (k *Kind) Setting() bool { return k.Key == "" }

// Given says that the API makes and removes the objects: they can be changed only.
func (k *Kind) Given() bool { return !k.Setting() && k.Create.None() && k.Delete.None() }

// AllowList says that the objects are made elsewhere and can only be kept or removed.
func (k *Kind) AllowList() bool {
	return !k.Setting() && k.Create.None() && !k.Delete.None() && k.Pending == nil
}

// Parent is the kind that this one stands under, or nil.
func (k *Kind) Parent() *Kind { return k.parent }

// Section is the last part of the name: what the YAML calls it.
func (k *Kind) Section() string { return k.Name[strings.LastIndex(k.Name, "/")+1:] }

// Shared says that the list of the kind is read for something else as well: for another kind, or to find
// the key in use.
func (k *Kind) Shared() bool {
	return k.Redacted != "" || slices.ContainsFunc(All(), func(o *Kind) bool { return o != k && o.Path == k.Path })
}

// Pinned says that the YAML may name the objects by API id.
func (k *Kind) Pinned() bool {
	_, ok := place(k.Name).Property("id")
	return ok
}

// Renamable says that the YAML may name the objects by earlier keys.
func (k *Kind) Renamable() bool {
	_, ok := place(k.Name).Property("previously")
	return ok
}

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

// Field is the field of this name; the zero value where there is none.
func (k *Kind) Field(name string) Field {
	for _, f := range k.fields {
		if f.Name == name {
			return f
		}
	}
	return Field{}
}

// Has says whether names, separated by blanks, hold name.
func Has(names, name string) bool {
	return slices.Contains(strings.Fields(names), name)
}

// KeyRef is the reference that is also the key: such an object goes when either end goes.
func (k *Kind) KeyRef() (Ref, bool) {
	r, ok := k.Ref(k.Key)
	return r, ok && k.Key != ""
}

// Ref is the reference in a field.
func (k *Kind) Ref(field string) (Ref, bool) {
	for _, r := range k.Refs {
		if r.Field == field {
			return r, true
		}
	}
	return Ref{}, false
}

// ReadField is where the API answers with a field: a dotted path.
func (k *Kind) ReadField(name string) string {
	if r, ok := k.Ref(name); ok && r.Read != "" {
		return r.Read
	}
	if r, ok := k.Read[name]; ok {
		return r
	}
	return name
}

// WriteField is the name of a field in requests.
func (k *Kind) WriteField(name string) string {
	if w, ok := k.Write[name]; ok {
		return w
	}
	return name
}

// RowKey is the natural key of a row of the API's answer.
func (k *Kind) RowKey(row map[string]any) string {
	return k.KeyOf(func(path string) any { return At(row, k.ReadField(path)) })
}

// IDField is the field of a row that has the API id.
func (k *Kind) IDField() string {
	if k.ID == "" {
		return "id"
	}
	return k.ID
}

// KeyFields are the fields that make the key.
func (k *Kind) KeyFields() []string { return strings.Fields(k.Key) }

// KeyOf is the natural key as it stands in addresses, made of the fields that a row or a document has:
// e-mails without case, several parts joined by ":". It is "" when there is none of them.
func (k *Kind) KeyOf(get func(path string) any) string {
	var parts []string
	for _, name := range k.KeyFields() {
		if v := get(name); v != nil && v != "" {
			parts = append(parts, k.canonPart(name, fmt.Sprint(v)))
		}
	}
	return strings.Join(parts, ":")
}

func (k *Kind) canonPart(name, key string) string {
	if k.Field(name).Email {
		return strings.ToLower(key)
	}
	return key
}

// Find returns the kind of this name, a Pending one too, or nil.
func Find(name string) *Kind {
	for _, k := range All() {
		if k.Name == name {
			return k
		}
		if k.Pending != nil && k.Pending.Name == name {
			return k.Pending
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
	return slices.DeleteFunc(slices.Clone(fields), func(f Field) bool { return Has(names, f.Name) })
}
