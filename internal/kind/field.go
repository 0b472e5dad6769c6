package kind

import (
	"crypto/sha256"
	"encoding/pem"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/schema"
)

// A Field is one field of a kind, as the schema describes it.
type Field struct {
	Name             string
	Type             string
	Unit             string // "cents" or ""
	Default          any
	Set, Email, Free bool
	PEM              bool
	RequiredToCreate bool
	Enum             []string
	Items            *Field
	Fields           []Field // of an object
}

// controls are words of bylaw's own in the YAML of an object: they never travel.
const controls = "state id profile previously"

// Control says that a field of the YAML is a word of bylaw's own, such as state.
func Control(name string) bool { return Has(controls, name) }

// fieldsOf takes a kind's fields from the schema: what stands at its place, but for the words of
// bylaw's own and the sections of other kinds.
func fieldsOf(k *Kind) []Field {
	at := place(k.Name)
	var out []Field
	for _, p := range at.Properties {
		if Control(p.Name) || child(k, p.Name) {
			continue
		}
		f := field(p)
		f.RequiredToCreate = Has(strings.Join(at.RequiredToCreate, " "), p.Name)
		out = append(out, f)
	}
	return out
}

// place finds the schema of the objects of the kind with this name. The schema is embedded, so a
// missing place is a mistake of the program, and a test of All finds it.
func place(name string) schema.Def {
	at, err := schema.Root()
	for _, part := range strings.Split(name, "/") {
		var ok bool
		if at, ok = at.Property(part); !ok || err != nil {
			return schema.Def{}
		}
		if at.Items != nil {
			at = *at.Items
		}
	}
	return at
}

func child(k *Kind, section string) bool {
	for _, r := range rows() {
		if r.Name == k.Name+"/"+section {
			return true
		}
	}
	return false
}

func field(d schema.Def) Field {
	f := Field{Name: d.Name, Type: d.Type, Unit: d.Unit, Default: Number(d.Default), Set: d.Set, Email: d.Format == "email", PEM: d.Format == "pem", Free: d.Free, Enum: d.Enum}
	if d.Items != nil {
		item := field(*d.Items)
		f.Items = &item
	}
	for _, p := range d.Properties {
		f.Fields = append(f.Fields, field(p))
	}
	return f
}

// Number makes every whole number an int64, as both sides of a comparison have it.
func Number(v any) any {
	switch n := v.(type) {
	case int:
		return int64(n)
	case float64:
		if n == math.Trunc(n) && math.Abs(n) < 1<<53 {
			return int64(n)
		}
	}
	return v
}

// FillDefaults adds the schema's defaults to the declared members of an object, nested ones too.
func FillDefaults(fields []Field, v map[string]any) {
	for _, f := range fields {
		at, ok := v[f.Name]
		if !ok && f.Default != nil {
			v[f.Name] = f.Default
		}
		if m, is := at.(map[string]any); is {
			FillDefaults(f.Fields, m)
		}
	}
}

// Equal compares two values of the field by meaning: sets have no order, e-mails no case, and an
// empty text is the same as none.
func (f Field) Equal(a, b any) bool {
	a, b = f.Canon(a), f.Canon(b)
	return reflect.DeepEqual(a, b) || none(a) && none(b)
}

func none(v any) bool { return v == nil || v == "" }

// Canon is the form in which equal values are the same: sorted, without repetition, lower case.
func (f Field) Canon(v any) any {
	switch v := v.(type) {
	case string:
		switch {
		case f.Email:
			return strings.ToLower(v)
		case f.PEM:
			return canonPEM(v)
		}
	case []any:
		return f.canonList(v)
	case map[string]any:
		return f.canonMap(v)
	}
	return Number(v)
}

// Show is the canonical form as people compare it: of a certificate its fingerprint.
func (f Field) Show(v any) any {
	s, ok := v.(string)
	if b, _ := pem.Decode([]byte(s)); ok && f.PEM && b != nil {
		return fmt.Sprintf("SHA-256 %X", sha256.Sum256(b.Bytes))
	}
	return f.Canon(v)
}

// canonPEM writes the blocks of a PEM text in one way. What is none stays as it is.
func canonPEM(s string) string {
	var out strings.Builder
	rest := []byte(s)
	for {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			break
		}
		b.Headers = nil
		_ = pem.Encode(&out, b) // a strings.Builder does not fail, nor does a block without headers
	}
	if out.Len() == 0 {
		return s
	}
	return out.String()
}

func (f Field) canonList(v []any) any {
	item := Field{}
	if f.Items != nil {
		item = *f.Items
	}
	out := make([]any, 0, len(v))
	for _, e := range v {
		out = append(out, item.Canon(e))
	}
	if !f.Set {
		return out
	}
	slices.SortFunc(out, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return slices.CompactFunc(out, func(a, b any) bool { return reflect.DeepEqual(a, b) })
}

// canonMap keeps the members that the schema names, or all of a free map. Null members are none.
func (f Field) canonMap(v map[string]any) any {
	out := map[string]any{}
	for name, e := range v {
		if f.Free && e != nil {
			out[name] = Number(e)
		}
	}
	for _, m := range f.Fields {
		if e, ok := v[m.Name]; ok && e != nil {
			out[m.Name] = m.Canon(e)
		}
	}
	return out
}
