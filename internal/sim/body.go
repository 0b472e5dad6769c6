package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// A shape is the JSON type of a field.
type shape string

const (
	text    shape = "a string"
	integer shape = "an integer"
	boolean shape = "a boolean"
	list    shape = "an array"
	record  shape = "an object"
)

// A field is what a request may say under one name. Requests are decoded against these rows before any
// handler sees them: a name without a row, a wrong type, a null that the reference does not allow and a
// missing required name are all refused.
type field struct {
	name     string
	is       shape
	enum     []string
	min, max int64 // bounds of an integer, of the length of a text or a list; max 0 is none
	required bool
	nullable bool
	free     bool      // a record with any members
	or       string    // a text that may stand in the place of a list
	kinds    []variant // a text that decides which other members the record has; they are its enum
	of       []field   // members of a record, or of each record in a list; nil for a list of strings
}

// A variant is the members that a record has besides, when the field that decides has this value.
type variant struct {
	value  string
	fields []field
}

// checkBody refuses a body that the fields do not describe, and returns it with every name said once:
// of a repeated one the last counts. No body stands for {} where the route takes no fields.
func checkBody(body []byte, fields []field) ([]byte, error) {
	if len(bytes.TrimSpace(body)) == 0 && len(fields) == 0 {
		return []byte("{}"), nil
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, invalid("", "missing_body", "We expected a JSON body but found none.")
	}
	v, err := decode(body)
	if err != nil {
		return nil, invalid("", "invalid_json", "We could not parse the JSON body of your request: %s.", err)
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, invalid("", "invalid_type", "Invalid type for the body: expected an object, but got %s instead.", shapeOf(v))
	}
	if err := checkRecord("", m, fields); err != nil {
		return nil, err
	}
	return json.Marshal(m)
}

// decode reads one JSON value and nothing after it, with numbers as they were spelt.
func decode(body []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("it goes on after the first value")
	}
	return v, nil
}

func checkRecord(path string, m map[string]any, fields []field) error {
	fields, err := expand(path, m, fields)
	if err != nil {
		return err
	}
	for _, name := range sortedKeys(m) {
		if !slices.ContainsFunc(fields, func(f field) bool { return f.name == name }) {
			return invalid(join(path, name), "unknown_parameter", "Unknown parameter: '%s'.", join(path, name))
		}
	}
	for _, f := range fields {
		v, ok := m[f.name]
		if !ok && f.required {
			return invalid(join(path, f.name), "missing_required_parameter", "Missing required parameter: '%s'.", join(path, f.name))
		}
		if !ok {
			continue
		}
		if err := f.check(join(path, f.name), v); err != nil {
			return err
		}
	}
	return nil
}

// expand adds the members of the variant that the record is of.
func expand(path string, m map[string]any, fields []field) ([]field, error) {
	for _, f := range fields {
		value, ok := m[f.name].(string)
		if f.kinds == nil || !ok {
			continue
		}
		i := slices.IndexFunc(f.kinds, func(v variant) bool { return v.value == value })
		if i < 0 {
			return nil, field{enum: f.values()}.checkEnum(join(path, f.name), value)
		}
		fields = slices.Concat(fields, f.kinds[i].fields)
	}
	return fields, nil
}

func (f field) values() []string {
	var all []string
	for _, v := range f.kinds {
		all = append(all, v.value)
	}
	return all
}

func (f field) check(path string, v any) error {
	if v == nil && f.nullable || f.or != "" && v == f.or {
		return nil
	}
	if got := shapeOf(v); got != string(f.is) {
		return invalid(path, "invalid_type", "Invalid type for '%s': expected %s, but got %s instead.", path, f.is, got)
	}
	switch f.is {
	case text:
		if err := f.checkLength(path, "characters", utf8.RuneCountInString(v.(string))); err != nil {
			return err
		}
		return f.checkEnum(path, v.(string))
	case integer:
		return f.checkRange(path, v.(json.Number))
	case list:
		return f.checkItems(path, v.([]any))
	case record:
		if !f.free {
			return checkRecord(path, v.(map[string]any), f.of)
		}
	}
	return nil
}

func (f field) checkEnum(path, v string) error {
	if f.enum == nil || slices.Contains(f.enum, v) {
		return nil
	}
	return invalid(path, "invalid_value", "Invalid value: '%s'. Supported values are: '%s'.", v, strings.Join(f.enum, "', '"))
}

func (f field) checkRange(path string, v json.Number) error {
	n, err := v.Int64()
	if err != nil {
		return invalid(path, "invalid_value", "Invalid '%s': the integer is too large.", path)
	}
	if n < f.min {
		return invalid(path, "integer_below_min_value",
			"Invalid '%s': integer below minimum value. Expected a value >= %d, but got %d instead.", path, f.min, n)
	}
	if f.max > 0 && n > f.max {
		return invalid(path, "integer_above_max_value",
			"Invalid '%s': integer above maximum value. Expected a value <= %d, but got %d instead.", path, f.max, n)
	}
	return nil
}

func (f field) checkLength(path, what string, n int) error {
	if int64(n) >= f.min && (f.max == 0 || int64(n) <= f.max) {
		return nil
	}
	return invalid(path, "invalid_value", "Invalid '%s': expected %d to %d %s, but got %d.", path, f.min, f.max, what, n)
}

func (f field) checkItems(path string, items []any) error {
	if err := f.checkLength(path, "items", len(items)); err != nil {
		return err
	}
	each := field{is: record, of: f.of}
	if f.of == nil {
		each = field{is: text, enum: f.enum}
	}
	for i, v := range items {
		if err := each.check(fmt.Sprintf("%s[%d]", path, i), v); err != nil {
			return err
		}
	}
	return nil
}

// shapeOf names the JSON type of a decoded value.
func shapeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return string(text)
	case bool:
		return string(boolean)
	case []any:
		return string(list)
	case map[string]any:
		return string(record)
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return "a decimal"
		}
		return string(integer)
	}
	return "something else"
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
