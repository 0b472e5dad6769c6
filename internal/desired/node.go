package desired

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// A form is the form of a node.
type form uint8

const (
	scalar form = iota
	list
	mapping
)

// A node is one value of the document, with its place. A mapping holds its members as content, in
// order, each under its name; a list its items.
type node struct {
	file    string
	at      place
	key     place // of the key before it; of anything but a member of a mapping the same as at
	up      *node // what holds it in the file; nil = the root
	name    string
	form    form
	value   any // of a scalar: string, int64, float64, bool; nil = null
	content []*node

	bad  bool // a mistake is reported here: nothing more is said of it or of what is below
	lost bool // members are missing through a mistake that is reported: nothing is said of what is missing
}

type place struct{ line, col int32 }

func (n *node) position(p place) kind.Position {
	return kind.Position{File: n.file, Line: int(p.line), Col: int(p.col)}
}

func (n *node) pos() kind.Position    { return n.position(n.at) }
func (n *node) keyPos() kind.Position { return n.position(n.key) }

// member finds the member of a mapping, or nil. Of nil it is nil.
func (n *node) member(name string) *node {
	if n == nil || n.form != mapping {
		return nil
	}
	for _, m := range n.content {
		if m.name == name {
			return m
		}
	}
	return nil
}

// members are the members of a mapping that have no mistake.
func (n *node) members() []*node {
	if n == nil || n.form != mapping || n.bad {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(n.content), func(m *node) bool { return m.bad })
}

// text is the string of a scalar, or "".
func (n *node) text() string {
	if n == nil {
		return ""
	}
	s, _ := n.value.(string)
	return s
}

// texts are the strings of a list.
func (n *node) texts() []string {
	var out []string
	for _, item := range n.items() {
		if s, ok := item.value.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// items are the items of a list that have no mistake.
func (n *node) items() []*node {
	var out []*node
	if n == nil || n.form != list || n.bad {
		return nil
	}
	for _, item := range n.content {
		if !item.bad {
			out = append(out, item)
		}
	}
	return out
}

// path is like an address: names from the root, objects by their key. In the policy, which has no objects,
// names may be globs: they are shown as they stand.
func (n *node) path() string {
	var parts []string
	for ; n != nil && n.up != nil; n = n.up {
		parts = append(parts, n.name)
	}
	slices.Reverse(parts)
	if len(parts) > 0 && parts[0] == "policy" {
		return strings.Join(parts, "/")
	}
	for i, p := range parts {
		parts[i] = kind.Escape(p)
	}
	return strings.Join(parts, "/")
}

// profile is the profile in which the node stands, or nil.
func (n *node) profile() *node {
	var below *node // of the member of the root that n is in
	for ; n.up != nil && n.up.up != nil; n = n.up {
		below = n
	}
	if n.name != "profiles" {
		return nil
	}
	return below
}

// json is the value as the JSON Schema and objects have it.
func (n *node) json() any {
	switch n.form {
	case list:
		out := make([]any, len(n.content))
		for i, item := range n.content {
			out[i] = item.json()
		}
		return out
	case mapping:
		out := make(map[string]any, len(n.content))
		for _, m := range n.content {
			out[m.name] = m.json()
		}
		return out
	}
	return n.value
}

// muted says that nothing more is said of the node: it, or what holds it, has a mistake.
func (n *node) muted() bool {
	for ; n != nil; n = n.up {
		if n.bad {
			return true
		}
	}
	return false
}

// incomplete says that members are missing here through a mistake that is reported.
func (n *node) incomplete() bool {
	for ; n != nil; n = n.up {
		if n.lost {
			return true
		}
	}
	return false
}

// shown is a scalar as messages show it.
func (n *node) shown() string {
	if s, ok := n.value.(string); ok {
		return short(s)
	}
	return fmt.Sprint(n.value)
}

// called names the type of a value as people do.
func (n *node) called() string {
	switch n.form {
	case list:
		return "a list"
	case mapping:
		return "a mapping"
	}
	switch v := n.value.(type) {
	case string:
		return "the text " + short(v)
	case bool:
		return fmt.Sprint(v)
	case int64, float64:
		return fmt.Sprint("the number ", v)
	}
	return "nothing"
}
