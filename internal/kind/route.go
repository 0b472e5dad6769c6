package kind

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var braces = regexp.MustCompile(`\{([^{}]+)\}`)

// Expand replaces each {name} in a template by what fill answers for name.
func Expand(template string, fill func(name string) string) string {
	return braces.ReplaceAllStringFunc(template, func(s string) string { return fill(s[1 : len(s)-1]) })
}

// Template splits a route of the kind into its method and its path template: "POST ./{id}" of users is
// POST, /organization/users/{id}.
func (k *Kind) Template(route string) (method, template string) {
	method, rest, _ := strings.Cut(route, " ")
	return method, strings.Replace(rest, ".", k.Place(), 1)
}

// Place is the path template of the collection or setting, without its query.
func (k *Kind) Place() string {
	path, _, _ := strings.Cut(k.Path, "?")
	return path
}

// A rule is "field=value" or "field!=value" over a row.
type rule struct {
	field, value string
	not          bool
}

func parseRule(s string) (rule, error) {
	field, value, ok := strings.Cut(s, "=")
	field, not := strings.CutSuffix(field, "!")
	if !ok || field == "" {
		return rule{}, fmt.Errorf("rule %q: not field=value or field!=value", s)
	}
	return rule{field, value, not}, nil
}

// Holds says whether a row rule holds. An empty rule never does, and no rule holds of what is missing.
func Holds(s string, row map[string]any) bool {
	r, err := parseRule(s)
	if s == "" || err != nil {
		return false
	}
	values := collect(row, r.field)
	found := slices.ContainsFunc(values, func(v any) bool { return fmt.Sprint(v) == r.value })
	return len(values) > 0 && found != r.not
}

// HoldsAny says whether one of the rules holds.
func HoldsAny(rules []string, row map[string]any) bool {
	return slices.ContainsFunc(rules, func(s string) bool { return Holds(s, row) })
}

// collect lists what stands at a dotted path, those of every element where there is a list on the way.
// Null is nothing.
func collect(v any, path string) []any {
	switch at := v.(type) {
	case nil:
		return nil
	case []any:
		var out []any
		for _, e := range at {
			out = append(out, collect(e, path)...)
		}
		return out
	case map[string]any:
		if path != "" {
			head, rest, _ := strings.Cut(path, ".")
			return collect(at[head], rest)
		}
	}
	if path != "" {
		return nil
	}
	return []any{v}
}

// At is what stands at a dotted path of an object, lists whole; nil where there is nothing.
func At(row map[string]any, path string) any {
	head, rest, more := strings.Cut(path, ".")
	if !more {
		return row[head]
	}
	next, _ := row[head].(map[string]any)
	return At(next, rest)
}

// A Target is a reference to a field of another object having a value: "users/{email}#role=owner".
type Target struct {
	To, Field, Value string
}

// ParseTarget reads the notation of Kind.Implied.
func ParseTarget(s string) (Target, error) {
	to, is, ok := strings.Cut(s, "#")
	r, err := parseRule(is)
	if !ok || err != nil || r.not {
		return Target{}, fmt.Errorf("target %q: not address#field=value", s)
	}
	return Target{To: to, Field: r.field, Value: r.value}, nil
}

// Resolve fills an address template: {projects} is the key of the own ancestor in that section, {email} an
// own field.
func (o Object) Resolve(template string) Address {
	return Address(Expand(template, func(name string) string {
		if key, ok := o.Addr.Part(name); ok {
			return Escape(key)
		}
		if name == o.Kind.Key { // lower case where the YAML may not be
			return Escape(o.Addr.Key())
		}
		return Escape(fmt.Sprint(o.Fields[name]))
	}))
}
