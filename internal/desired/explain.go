package desired

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// explain says what each failure of the schema means. Where one mistake makes several failures, the
// first tells it: a misspelt field is not missing as well.
func (l *loader) explain(all []failure) {
	said := map[*node]map[string]bool{} // missing members that another mistake explains
	wanted := typesWanted(all)
	explained := func(n *node, name string) {
		if said[n] == nil {
			said[n] = map[string]bool{}
		}
		said[n][name] = true
	}
	for _, f := range all {
		switch {
		case f.node.muted():
		case f.keyword == "additionalProperties":
			l.unknown(f, explained)
		case f.keyword == "type":
			l.wrongType(f, wanted[f.node])
			if f.node.shorthand() {
				explained(f.node.up, "") // the rest was not written
			}
		case f.keyword != "required":
			l.wrongValue(f)
			if f.node.name == "state" {
				explained(f.node.up, "") // it decides what is required
			}
		}
	}
	for _, f := range all {
		if f.keyword == "required" && !f.node.muted() && !f.node.incomplete() && !said[f.node][""] {
			l.missing(f, said[f.node])
		}
	}
}

// unknown reports the members that the schema does not name.
func (l *loader) unknown(f failure, explained func(*node, string)) {
	valid := keys(child(f.at, "properties"))
	for _, m := range f.node.content {
		if slices.Contains(valid, m.name) {
			continue
		}
		if k := kindOf(f.node); k != nil && m.name == "state" {
			l.atKey(m, "no state here", "it can be changed, but not removed; choices: "+strings.Join(valid, ", "))
			continue
		}
		if k := kindOf(f.node); len(f.node.content) == 1 && asName(k, m) {
			l.atKey(m, "unknown field "+short(m.name), fmt.Sprintf("write %s: %s", k.Key, short(m.name)))
			explained(f.node, k.Key)
			continue
		}
		meant := kind.Suggest(m.name, valid)
		l.atKey(m, "unknown field "+short(m.name), chosen(meant, valid))
		if meant != "" {
			explained(f.node, meant)
		}
	}
}

// asName says that the member of an item, or of what should be a list, is meant as an object's name: it looks
// like no field, and it is none.
func asName(k *kind.Kind, m *node) bool {
	if k == nil || len(k.KeyFields()) != 1 || m.name == "state" {
		return false
	}
	field := slices.ContainsFunc(k.Fields(), func(f kind.Field) bool { return kind.Suggest(m.name, []string{f.Name}) != "" })
	return !field && childKind(k, m.name) == nil && (m.form != scalar || strings.ContainsAny(m.name, "@-. "))
}

func (l *loader) missing(f failure, explained map[string]bool) {
	for _, name := range words(f.want) {
		if f.node.member(name) != nil || explained[name] || f.partial(name) {
			continue
		}
		hint := ""
		if k := kindOf(f.node); strings.HasPrefix(f.node.path(), "profiles/") && !f.profile && (k == nil || !kind.Has(k.Key, name)) {
			hint = "say it here, or in every project with this profile"
		}
		l.at(f.node, "missing "+name, hint)
	}
}

// partial says that a profile leaves the member to its projects: anything but the key of an object.
func (f failure) partial(name string) bool {
	if !f.profile {
		return false
	}
	k := kindOf(f.node)
	return k == nil || !kind.Has(k.Key, name)
}

// types are the schema's types, as people call them.
var types = map[string]string{"integer": "a whole number", "number": "a number", "string": "text",
	"boolean": "true or false", "array": "a list", "object": "a mapping"}

// typesWanted are the types that the schema allows where it finds another one.
func typesWanted(all []failure) map[*node][]string {
	want := map[*node][]string{}
	for _, f := range all {
		if f.keyword != "type" {
			continue
		}
		for _, t := range append(words(f.want), f.want.Value) { // one type, or a list of them
			if called, ok := types[t]; ok && !slices.Contains(want[f.node], called) {
				want[f.node] = append(want[f.node], called)
			}
		}
	}
	return want
}

// wrongType reports a value of another type.
func (l *loader) wrongType(f failure, want []string) {
	l.at(f.node, "expected "+strings.Join(want, " or ")+", got "+f.node.called(), typeHint(f))
	f.node.bad = true
}

func typeHint(f failure) string {
	n, want := f.node, f.want.Value
	s, text := n.value.(string)
	switch {
	case want == "string" && n.form == scalar:
		return fmt.Sprintf(`quote it: "%v"`, n.value)
	case want == "integer" && text:
		if _, err := strconv.ParseInt(s, 10, 64); err == nil {
			return "unquote it: " + s
		}
	case want == "boolean" && text:
		switch strings.ToLower(s) {
		case "yes", "on", "true", "y":
			return "write true"
		case "no", "off", "false", "n":
			return "write false"
		}
	case want == "array" && n.form == mapping && len(n.content) > 0 && asName(kindOf(n), n.content[0]):
		return fmt.Sprintf("write a list: - %s: %s", kindOf(n).Key, short(n.content[0].name))
	case want == "array":
		return "begin each item with a dash, or write [a, b]"
	case want == "object" && n.form == list && child(f.at, "properties") == nil:
		return "write {name: value}"
	case want == "object" && n.form == list:
		return "remove the dash, there is just one"
	}
	return ""
}

// wrongValue reports a value of the right type that is not allowed.
func (l *loader) wrongValue(f failure) {
	n := f.node
	switch f.keyword {
	case "enum":
		valid := words(f.want)
		if n.form != scalar {
			l.at(n, "expected one of a few words, got "+n.called(), choices("", valid)+orMany(f.choice))
			return
		}
		l.at(n, n.shown()+" is not a choice here", choices(fmt.Sprint(n.value), valid)+orMany(f.choice))
	case "const":
		l.at(n, fmt.Sprintf("expected %s, got %s", f.want.Value, n.called()), "")
	case "minimum":
		l.at(n, fmt.Sprintf("%v is too small", n.value), "the least is "+f.want.Value)
	case "maximum":
		l.at(n, fmt.Sprintf("%v is too large", n.value), "the most is "+f.want.Value)
	case "format":
		l.at(n, short(n.text())+" is not an e-mail address", "")
	case "minLength":
		l.at(n, "the text is empty", "")
	case "maxLength":
		l.at(n, fmt.Sprintf("the text has %d characters", utf8.RuneCountInString(n.text())), "the most is "+f.want.Value)
	case "minItems", "minProperties":
		l.at(n, fmt.Sprintf("expected at least %s, got %d", f.want.Value, len(n.content)), "")
	case "uniqueItems": // walk says it
	default:
		l.at(n, fmt.Sprintf("%s is not allowed here", n.called()), sentence(f.about))
	}
}

// orMany says that several words, in a list or a mapping, are a choice as well.
func orMany(choice *yaml.Node) string {
	for i := 0; choice != nil && i < len(choice.Content); i++ {
		c := choice.Content[i]
		if valid := words(child(child(c, "items"), "enum")); len(valid) > 0 {
			return ", or a list of " + strings.Join(valid, ", ")
		}
		if about := child(c, "description"); child(c, "additionalProperties") != nil && about != nil {
			return ", or " + sentence(about.Value)
		}
	}
	return ""
}

// keys are the names of a schema's properties, in its order.
func keys(n *yaml.Node) []string {
	var out []string
	for i := 0; n != nil && i < len(n.Content); i += 2 {
		out = append(out, n.Content[i].Value)
	}
	return out
}

func words(n *yaml.Node) []string {
	var out []string
	for i := 0; n != nil && i < len(n.Content); i++ {
		out = append(out, n.Content[i].Value)
	}
	return out
}

// sentence is the first sentence of a description.
func sentence(description string) string {
	s, _, _ := strings.Cut(description, ". ")
	if s == "" {
		return ""
	}
	return strings.ToLower(s[:1]) + strings.TrimSuffix(s[1:], ".")
}
