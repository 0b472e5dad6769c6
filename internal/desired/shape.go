package desired

import (
	"fmt"
	"strings"
	"sync"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/schema"
)

// root is the schema as facts about fields. It cannot fail: the schema is embedded and tested.
var root = sync.OnceValue(func() schema.Def {
	d, _ := schema.Root()
	return d
})

// projectDef is the schema of a project, and of what a profile may say.
func projectDef() schema.Def {
	d, _ := root().Property("projects")
	return *d.Items
}

// shape brings every file into the form that the rest reads: an item that is just a key becomes an
// object, objects bear their key as name. It reports what only makes sense before profiles merge.
func (l *loader) shape() {
	for _, f := range l.files {
		if f.root == nil {
			continue
		}
		l.rootRules(f)
		name(f.root, topKinds())
		if profiles := f.root.member("profiles"); profiles != nil {
			for _, p := range profiles.content {
				name(p, kind.Find("projects").Children())
			}
		}
		l.walk(f.root, root(), schema.Def{})
	}
}

// rootRules holds what belongs into the root file only.
func (l *loader) rootRules(f file) {
	if f.main {
		if f.root.member("version") == nil && !f.root.lost {
			l.at(f.root, "missing version", "write `version: 1`")
		}
		return
	}
	for _, section := range []string{"policy", "profiles"} {
		if m := f.root.member(section); m != nil {
			l.atKey(m, section+" in a fragment", "move it to the root file, org.yaml")
			m.bad = true
		}
	}
}

// name expands and names the objects of the kinds below n.
func name(n *node, kinds []*kind.Kind) {
	for _, k := range kinds {
		m := n.member(k.Section())
		if m == nil || k.Setting() || m.form != list {
			continue
		}
		for _, item := range m.content {
			expand(item, k)
			if key := keyOf(item, k); key != "" {
				item.name = key
			}
			name(item, k.Children())
		}
	}
}

// expand makes an object of an item that is just its key.
func expand(item *node, k *kind.Kind) {
	if item.form != scalar || item.value == nil || item.bad || strings.ContainsAny(k.Key, " .") {
		return
	}
	key := *item
	key.up, key.name = item, k.Key
	item.form, item.value, item.content = mapping, nil, []*node{&key}
}

// shorthand says that the node is a key that stands for its object.
func (n *node) shorthand() bool { return n.up != nil && n.up.form == mapping && n.at == n.up.at }

// keyOf is the natural key of an object, as addresses spell it, or "": a part of it is missing that
// must be there, or is of another type than the field's.
func keyOf(item *node, k *kind.Kind) string {
	ok := true
	key := k.KeyOf(func(path string) any {
		m := item.down(path)
		if m == nil {
			ok = ok && len(k.KeyFields()) > 1
			return nil
		}
		_, isInt := m.value.(int64)
		_, isText := m.value.(string)
		ok = ok && !m.bad && (isInt || isText) && isInt == (k.Field(path).Type == "integer")
		return m.value
	})
	if !ok {
		return ""
	}
	return key
}

// down is the member at a dotted path, or nil.
func (n *node) down(path string) *node {
	for _, name := range strings.Split(path, ".") {
		n = n.member(name)
	}
	return n
}

// walk reports null, which could mean two things, and repetition in sets.
func (l *loader) walk(n *node, d, up schema.Def) {
	switch {
	case n.bad:
	case n.form == scalar && n.value == nil:
		l.null(n, d, up)
	case n.form == list && d.Items != nil:
		for _, item := range n.content {
			l.walk(item, *d.Items, d)
		}
		if d.Set {
			l.repeated(n, d.Items.Format == "email")
		}
	case n.form == mapping:
		l.walkMembers(n, d)
	}
}

func (l *loader) walkMembers(n *node, d schema.Def) {
	for _, m := range n.content {
		p, ok := d.Property(m.name)
		switch {
		case ok && m.name == "profiles" && n.up == nil:
			for _, profile := range m.content {
				l.walk(profile, projectDef(), p)
			}
			if m.form != mapping {
				l.walk(m, p, d)
			}
		case ok:
			l.walk(m, p, d)
		case d.Values != nil:
			l.walk(m, *d.Values, d)
		case d.Free:
			l.walk(m, schema.Def{}, d)
		}
	}
}

func (l *loader) null(n *node, d, up schema.Def) {
	hint := "leave it out: what is omitted stays as it is"
	k := kindOf(n.up)
	switch {
	case k != nil && kind.Has(k.Key, n.name):
		hint = "write it: it names the object"
	case n.up != nil && n.up.form == list:
		hint = "remove the item, or write what it is"
	case d.Type == "array":
		hint = "leave it out (not managed) or write [] (managed and empty)"
	case removable(d):
		hint = "leave it out (it stays as it is) or write {state: absent} (it is unset)"
	case removable(up):
		hint += "; to remove the whole object write `state: absent`"
	}
	n.bad = true
	l.at(n, "nothing stands here, or null", hint)
}

// removable says that an object of this shape can be declared absent.
func removable(d schema.Def) bool {
	p, ok := d.Property("state")
	for _, s := range p.Enum {
		if ok && s == string(kind.Absent) {
			return true
		}
	}
	return false
}

// repeated reports what stands in a set twice.
func (l *loader) repeated(n *node, email bool) {
	first := map[any]*node{}
	for _, item := range n.items() {
		v := item.value
		if s, ok := v.(string); ok && email {
			v = strings.ToLower(s)
		}
		if item.form != scalar {
			continue
		}
		if prior := first[v]; prior != nil {
			l.at(item, fmt.Sprintf("%s is already in this list, at %s", item.shown(), prior.pos()), "keep one of the two")
			continue
		}
		first[v] = item
	}
}
