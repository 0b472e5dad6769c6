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
	id, _ := row[p.Kind.IDField()].(string)
	if id == "" {
		return kind.Object{}, fmt.Errorf("a row without its %s", p.Kind.IDField())
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
		fields[c.Field] = carried(c, row[c.Field]) // not the YAML's, but lost with a replaced object unless it goes along
	}
	created, _ := row["created_at"].(int64)
	return kind.Object{Kind: p.Kind, Addr: address(p, key), ID: id, Fields: fields, State: stateOf(p, row),
		Foreign: kind.HoldsAny(p.Kind.Foreign, row), Created: created}, nil
}

// address is where a row is filed. A detail is of the object that the place names.
func address(p kind.Place, key string) kind.Address {
	if p.ID != "" {
		return p.In
	}
	return p.In + kind.Address("/"+kind.Escape(key))
}

// keyOf is the natural key of a row; "" where it is null, and an error where it is missing.
func keyOf(k *kind.Kind, row adminapi.Row) (string, error) {
	for _, path := range k.KeyFields() {
		switch v := kind.At(row, k.ReadField(path)).(type) {
		case nil, string, int64:
		default:
			return "", fmt.Errorf("its %s is neither a text nor a whole number: %T", k.ReadField(path), v)
		}
	}
	if single := k.ReadField(k.Key); len(k.KeyFields()) == 1 && !strings.Contains(single, ".") {
		if _, has := row[single]; !has {
			return "", fmt.Errorf("it has no %s", single)
		}
	}
	return k.RowKey(row), nil
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
		v := kind.At(row, k.ReadField(f.Name))
		if v == nil {
			continue
		}
		if err := checkType(f, v); err != nil {
			return nil, err
		}
		fields[f.Name] = known(f, v)
	}
	return fields, nil
}

// known is a value without what the schema does not name. Readings are saved, and nobody knows what the API
// may show one day.
func known(f kind.Field, v any) any {
	switch v := v.(type) {
	case []any:
		if f.Items == nil || len(f.Items.Fields) == 0 {
			return v
		}
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = known(*f.Items, e)
		}
		return out
	case map[string]any:
		if len(f.Fields) == 0 {
			return v
		}
		out := map[string]any{}
		for _, member := range f.Fields {
			if e, has := v[member.Name]; has {
				out[member.Name] = known(member, e)
			}
		}
		return out
	}
	return v
}

// carried is what an object carries, as the create that takes it along has it.
func carried(c *kind.Carry, v any) any {
	item := kind.Field{Items: &kind.Field{}}
	for name := range c.Item {
		item.Items.Fields = append(item.Items.Fields, kind.Field{Name: name})
	}
	return known(item, v)
}

// checkType refuses a value of another type than the field's: comparing it would be guessing.
func checkType(f kind.Field, v any) error {
	ok := true
	switch f.Type {
	case "any":
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
