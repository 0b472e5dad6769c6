package kind

import (
	"fmt"
	"regexp"
	"strings"
)

var braces = regexp.MustCompile(`\{([^{}]+)\}`)

// Expand replaces each {name} in a template by what fill answers for name.
func Expand(template string, fill func(name string) string) string {
	return braces.ReplaceAllStringFunc(template, func(s string) string { return fill(s[1 : len(s)-1]) })
}

// Call splits a route of the kind into its method and its path template: "POST ./{id}" of users is
// POST, /organization/users/{id}.
func (k *Kind) Call(route string) (method, template string) {
	method, rest, _ := strings.Cut(route, " ")
	path, _, _ := strings.Cut(k.Path, "?")
	return method, strings.Replace(rest, ".", path, 1)
}

// Template is the path template of the collection or setting, without its query.
func (k *Kind) Template() string {
	path, _, _ := strings.Cut(k.Path, "?")
	return path
}

// A rule is "field=value" over a row.
type rule struct{ field, value string }

func parseRule(s string) (rule, error) {
	field, value, ok := strings.Cut(s, "=")
	if !ok || field == "" {
		return rule{}, fmt.Errorf("rule %q: not field=value", s)
	}
	return rule{field, value}, nil
}

// Holds says whether a row rule holds. An empty rule never does.
func Holds(s string, row map[string]any) bool {
	r, err := parseRule(s)
	if s == "" || err != nil {
		return false
	}
	v, ok := row[r.field]
	return ok && v != nil && fmt.Sprint(v) == r.value
}

// A Target is a reference to a field of another object having a value: "users/{email}#role=owner".
type Target struct {
	To, Field, Value string
}

// ParseTarget reads the notation of Kind.Implied.
func ParseTarget(s string) (Target, error) {
	to, is, ok := strings.Cut(s, "#")
	r, err := parseRule(is)
	if !ok || err != nil {
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
		if name == o.Kind.Key {
			return Escape(o.Addr.Key())
		}
		return Escape(fmt.Sprint(o.Fields[name]))
	}))
}
