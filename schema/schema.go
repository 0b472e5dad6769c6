// Package schema holds the JSON Schemas of bylaw's documents and reads from them what the program
// needs to know of the fields: names, order, types, defaults, sets, e-mails and units. It validates
// nothing (internal/desired does) and knows no API route (internal/kind does). Start at Root.
package schema

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

//go:embed org.schema.json
var org []byte

//go:embed plan.schema.json
var plan []byte

//go:embed snapshot.schema.json
var snapshot []byte

// Org is the JSON Schema of org.yaml (draft 2020-12).
func Org() []byte { return org }

// Plan is the JSON Schema of a plan in JSON (draft 2020-12).
func Plan() []byte { return plan }

// Snapshot is the JSON Schema of a snapshot (draft 2020-12).
func Snapshot() []byte { return snapshot }

// A Def is what the schema says of one field: references followed, and of a choice the last.
type Def struct {
	Name             string
	Description      string
	Type             string // object, array, string, integer, boolean, number, any; "" = an enumeration of strings
	Format           string // "email"
	Unit             string // "cents"
	Default          any    // nil = none
	Enum             []string
	Set              bool  // an array without order or repetition
	Items            *Def  // of an array
	Properties       []Def // of an object, in the schema's order
	Free             bool  // an object whose members the schema does not name
	Values           *Def  // of a free object: what its members are; nil = anything
	RequiredToCreate []string
}

// Property finds a property by name.
func (d Def) Property(name string) (Def, bool) {
	for _, p := range d.Properties {
		if p.Name == name {
			return p, true
		}
	}
	return Def{}, false
}

// Root is the whole of org.schema.json. It fails only when the embedded file is not a schema of the
// shape that this package reads, which a test rules out. It is read once; nobody may change it.
func Root() (Def, error) { return root() }

var root = sync.OnceValues(func() (Def, error) {
	var doc yaml.Node // YAML keeps the order of properties, which JSON decoding loses
	if err := yaml.Unmarshal(org, &doc); err != nil {
		return Def{}, fmt.Errorf("read org.schema.json: %w", err)
	}
	r := reader{defs: member(doc.Content[0], "$defs")}
	return r.def("", doc.Content[0])
})

type reader struct{ defs *yaml.Node }

// def reads the schema at n. What stands beside a $ref wins over what it refers to.
func (r reader) def(name string, n *yaml.Node) (Def, error) {
	d := Def{Name: name}
	if ref := text(n, "$ref"); ref != "" {
		to := member(r.defs, strings.TrimPrefix(ref, "#/$defs/"))
		if to == nil {
			return d, fmt.Errorf("org.schema.json: %s: no %s", name, ref)
		}
		var err error
		if d, err = r.def(name, to); err != nil {
			return d, err
		}
	}
	if choice := member(n, "anyOf"); choice != nil {
		var err error
		if d, err = r.def(name, choice.Content[len(choice.Content)-1]); err != nil {
			return d, err
		}
		if d.Type == "array" { // or a word that stands for a list
			d.Type = "any"
		}
	}
	overlay(&d, n)
	err := r.members(&d, n)
	d.Free = d.Type == "object" && len(d.Properties) == 0
	return d, err
}

func overlay(d *Def, n *yaml.Node) {
	for key, to := range map[string]*string{"description": &d.Description, "type": &d.Type, "format": &d.Format, "x-unit": &d.Unit} {
		if s := text(n, key); s != "" {
			*to = s
		}
	}
	if v := member(n, "default"); v != nil {
		_ = v.Decode(&d.Default) // a scalar always decodes
	}
	if v := member(n, "enum"); v != nil {
		d.Enum = strs(v)
	}
	if v := member(n, "x-required-to-create"); v != nil {
		d.RequiredToCreate = strs(v)
	}
	d.Set = d.Set || text(n, "uniqueItems") == "true"
}

func (r reader) members(d *Def, n *yaml.Node) error {
	if items := member(n, "items"); items != nil {
		item, err := r.def("", items)
		if err != nil {
			return err
		}
		d.Items = &item
	}
	if values := member(n, "additionalProperties"); values != nil && values.Kind == yaml.MappingNode {
		value, err := r.def("", values)
		if err != nil {
			return err
		}
		d.Values = &value
	}
	props := member(n, "properties")
	for i := 0; props != nil && i < len(props.Content); i += 2 {
		p, err := r.def(props.Content[i].Value, props.Content[i+1])
		if err != nil {
			return err
		}
		d.Properties = append(d.Properties, p)
	}
	return nil
}

func member(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n != nil && n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func text(n *yaml.Node, key string) string {
	if m := member(n, key); m != nil && m.Kind == yaml.ScalarNode {
		return m.Value
	}
	return ""
}

func strs(n *yaml.Node) []string {
	var out []string
	for _, c := range n.Content {
		out = append(out, c.Value)
	}
	return out
}
