package observed

import (
	"fmt"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/kind"
)

// object turns a row into an object. A row without an id, or that lacks its key altogether, is an
// error; one whose key is null has no name, and its address is its id.
func object(p kind.Place, row adminapi.Row) (kind.Object, error) {
	id, _ := row["id"].(string)
	if id == "" {
		return kind.Object{}, fmt.Errorf("a row without an id")
	}
	key, err := keyOf(p.Kind, row)
	if err != nil {
		return kind.Object{}, fmt.Errorf("row %s: %w", id, err)
	}
	if key == "" {
		key = "~" + id
	}
	fields, err := fieldsOf(p.Kind, row)
	if err != nil {
		return kind.Object{}, fmt.Errorf("row %s: %w", id, err)
	}
	if c := p.Kind.Carries; c != nil && row[c.Field] != nil {
		fields[c.Field] = row[c.Field] // not the YAML's, but lost with a replaced object unless it goes along
	}
	created, _ := row["created_at"].(int64)
	return kind.Object{Kind: p.Kind, Addr: p.In + kind.Address("/"+kind.Escape(key)), ID: id, Fields: fields, State: stateOf(p, row),
		Foreign: kind.Holds(p.Kind.Foreign, row), Created: created}, nil
}

func keyOf(k *kind.Kind, row adminapi.Row) (string, error) {
	name := k.ReadField(k.Key)
	v, has := row[name]
	switch v := v.(type) {
	case nil:
		if !has {
			return "", fmt.Errorf("it has no %s", name)
		}
		return "", nil
	case string:
		return k.CanonKey(v), nil
	case int64:
		return fmt.Sprint(v), nil
	}
	return "", fmt.Errorf("its %s is neither a text nor a whole number", name)
}

// stateOf reads the stage of life. Those of a Pending kind wait unless they say otherwise, so that an
// unknown stage never sends a second invite.
func stateOf(p kind.Place, row adminapi.Row) kind.State {
	k := p.Kind
	switch {
	case kind.Holds(k.Archived, row):
		return kind.Archived
	case kind.Holds(k.Used, row):
		return kind.Used
	case kind.Holds(k.Expired, row):
		return kind.Expired
	case k.Used != "":
		return kind.Waiting
	}
	return kind.Present
}

// fieldsOf takes the fields that the schema names, under their YAML names. Null is absent.
func fieldsOf(k *kind.Kind, row adminapi.Row) (map[string]any, error) {
	fields := map[string]any{}
	for _, f := range k.Fields() {
		v, has := row[k.ReadField(f.Name)]
		if !has || v == nil {
			continue
		}
		if err := checkType(f, v); err != nil {
			return nil, err
		}
		fields[f.Name] = v
	}
	return fields, nil
}

// checkType refuses a value of another type than the field's: comparing it would be guessing.
func checkType(f kind.Field, v any) error {
	ok := true
	switch f.Type {
	case "integer":
		_, ok = v.(int64)
	case "boolean":
		_, ok = v.(bool)
	case "array":
		_, ok = v.([]any)
	case "object":
		_, ok = v.(map[string]any)
	case "string", "":
		_, ok = v.(string)
	}
	if !ok {
		return fmt.Errorf("its %s is not of type %s: %T", f.Name, orText(f.Type), v)
	}
	return nil
}

func orText(t string) string {
	if t == "" {
		return "string"
	}
	return t
}

func names(k *kind.Kind) string {
	var out []string
	for _, f := range k.Fields() {
		out = append(out, k.ReadField(f.Name))
	}
	return strings.Join(out, ", ")
}
