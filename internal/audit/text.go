package audit

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/kind"
)

var (
	optional = regexp.MustCompile(`\[[^\]]*\]`)
	field    = regexp.MustCompile(`\{[^}]*\}`)
)

// templates are the texts of the types in parts, of which every second one is optional.
var templates = sync.OnceValue(func() map[string][]string {
	out := map[string][]string{}
	for _, t := range Types() {
		from := 0
		for _, at := range optional.FindAllStringIndex(t.Text, -1) {
			out[t.Name] = append(out[t.Name], t.Text[from:at[0]], t.Text[at[0]+1:at[1]-1])
			from = at[1]
		}
		if t.Text != "" {
			out[t.Name] = append(out[t.Name], t.Text[from:])
		}
	}
	return out
})

// Text is what happened, without when and by whom: "archived the project search-prod". It comes from the
// organization: a terminal should not see it as it is.
func (n *Names) Text(e Event) string {
	parts := templates()[e.Type]
	if parts == nil {
		return e.bare()
	}
	var b strings.Builder
	for i, part := range parts {
		s, whole := n.fill(part, e)
		switch {
		case whole:
			b.WriteString(s)
		case i%2 == 0:
			return e.bare()
		}
	}
	if e.ownProject() != "" && !mentions(e.Payload, map[string]bool{e.project: true}) {
		fmt.Fprintf(&b, " (project %s)", orID(e.projectName, e.project))
	}
	return b.String()
}

// bare is an event that nothing is known of.
func (e Event) bare() string {
	if e.Payload == nil {
		return e.Type
	}
	return e.Type + " " + compact(e.Payload)
}

func compact(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // a decoded value can always be encoded
	return strings.TrimSpace(b.String())
}

// fill replaces the fields of a part; whole says whether all are there.
func (n *Names) fill(part string, e Event) (text string, whole bool) {
	whole = true
	text = field.ReplaceAllStringFunc(part, func(spec string) string {
		for _, f := range fieldsOf(spec) {
			if s := n.show(f, f.of(e)); s != "" {
				return s
			}
		}
		whole = false
		return ""
	})
	return text, whole
}

// A fieldSpec is "path" or "path:as".
type fieldSpec struct{ path, as string }

func fieldsOf(spec string) []fieldSpec {
	var out []fieldSpec
	for s := range strings.SplitSeq(strings.Trim(spec, "{}"), "|") {
		path, as, _ := strings.Cut(s, ":")
		out = append(out, fieldSpec{path, as})
	}
	return out
}

// of is the field's value, nil where it is missing.
func (f fieldSpec) of(e Event) any {
	payload, _ := e.Payload.(adminapi.Row)
	return kind.At(payload, f.path)
}

// show is a value in words, "" where there is none.
func (n *Names) show(f fieldSpec, v any) string {
	id, isText := v.(string)
	switch {
	case f.as == "scopes":
		if l, ok := v.([]any); ok && len(l) == 0 {
			return "all"
		}
	case f.as != "" && isText:
		return n.spoken(id, f.as)
	}
	return words(v)
}

func words(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		if len(v) == 0 {
			return "none"
		}
		var out []string
		for _, e := range v {
			out = append(out, words(e))
		}
		return strings.Join(out, ", ")
	case adminapi.Row:
		return members(v)
	}
	return fmt.Sprint(v)
}

// members is an object: by its name if it is no more than a name, else field by field.
func members(v adminapi.Row) string {
	if id := text(v, "id"); id != "" && (len(v) == 1 || len(v) == 2 && v["name"] != nil) {
		return orID(text(v, "name"), id)
	}
	var out []string
	for _, k := range slices.Sorted(maps.Keys(v)) {
		s := words(v[k])
		if _, nested := v[k].(adminapi.Row); nested || s == "" {
			s = compact(v[k])
		}
		out = append(out, k+" = "+s)
	}
	return strings.Join(out, ", ")
}

func orID(name, id string) string {
	if name == "" {
		return id
	}
	return name
}

// Who is the actor: "ada@acme.example with the key bylaw".
func (n *Names) Who(a Actor) string {
	who := a.Email
	if who == "" && a.ID != "" {
		who = n.spoken(a.ID, "any")
	}
	if who == "" {
		who = "somebody"
	}
	if a.Key != "" {
		who += " with the key " + n.spoken(a.Key, "key")
	}
	if a.IP != "" {
		who += " (" + a.IP + ")"
	}
	return who
}
