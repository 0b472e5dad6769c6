package desired

import (
	"bytes"
	"net/mail"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"gopkg.in/yaml.v3"

	"github.com/bylaw-dev/bylaw/schema"
)

// compiled is the JSON Schema. It cannot fail: the schema is embedded and tested.
var compiled = sync.OnceValue(func() *jsonschema.Schema {
	const name = "https://raw.githubusercontent.com/bylaw-dev/bylaw/main/schema/org.schema.json" // its $id; a bare name would be taken for a file here
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	c.AssertFormat = true
	c.Formats["email"] = email
	if err := c.AddResource(name, bytes.NewReader(schema.Org())); err != nil {
		panic(err)
	}
	return c.MustCompile(name)
})

// email says that a value can be the e-mail address of a person: bare, at a domain of the internet.
// What is not text passes, as formats do.
func email(v any) bool {
	s, ok := v.(string)
	if !ok {
		return true
	}
	a, err := mail.ParseAddress(s)
	_, domain, _ := strings.Cut(s, "@")
	return err == nil && a.Address == s && a.Name == "" && strings.Contains(strings.Trim(domain, "."), ".")
}

// document is the JSON Schema as it is written, for the words of its keywords in their order.
var document = sync.OnceValue(func() *yaml.Node {
	var doc yaml.Node
	if err := yaml.Unmarshal(schema.Org(), &doc); err != nil {
		panic(err)
	}
	return doc.Content[0]
})

// A failure is one keyword of the schema that one node does not satisfy.
type failure struct {
	node    *node
	keyword string
	want    *yaml.Node // the value of the keyword
	at      *yaml.Node // the schema that the keyword stands in
	about   string     // what the schema says of the value
	choice  *yaml.Node // the choice of schemas that it is one of, or nil
	profile bool       // it is about a profile by itself, not about a project that has one
}

// check holds the files, with profiles merged, against the schema.
func (l *loader) check() {
	found := make([][]failure, len(l.files))
	sideBySide(len(l.files), func(i int) { found[i] = failures(l.files[i].root) })
	l.explain(slices.Concat(found...))
}

func failures(root *node) []failure {
	if root == nil {
		return nil
	}
	err, _ := compiled().Validate(root.json()).(*jsonschema.ValidationError)
	if err == nil {
		return nil
	}
	var out []failure
	for _, leaf := range leaves(err) {
		out = append(out, locate(root, leaf))
	}
	return out
}

// leaves are the failures at the bottom. Of a choice, as between a scalar and an object, only the branch
// counts that was meant: one that fails for more than the type of the value itself, or than its word where
// another branch takes its type.
func leaves(err *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(err.Causes) == 0 {
		return []*jsonschema.ValidationError{err}
	}
	var fit, near, all []*jsonschema.ValidationError
	choice := strings.HasSuffix(err.KeywordLocation, "/anyOf")
	for _, c := range err.Causes {
		found := leaves(c)
		all = append(all, found...)
		if !choice || !only(found, err.InstanceLocation, "type") {
			near = append(near, found...)
		}
		if !choice || !only(found, err.InstanceLocation, "type", "enum") {
			fit = append(fit, found...)
		}
	}
	for _, meant := range [][]*jsonschema.ValidationError{fit, near} {
		if len(meant) > 0 {
			return meant
		}
	}
	return all
}

// only says that all failures are those of some keywords for the value itself.
func only(found []*jsonschema.ValidationError, at string, keywords ...string) bool {
	return !slices.ContainsFunc(found, func(f *jsonschema.ValidationError) bool {
		return f.InstanceLocation != at || !slices.Contains(keywords, path.Base(f.KeywordLocation))
	})
}

// locate finds the node and the keyword of a failure.
func locate(root *node, err *jsonschema.ValidationError) failure {
	_, location, _ := strings.Cut(err.AbsoluteKeywordLocation, "#")
	i := strings.LastIndexByte(location, '/')
	f := failure{node: root, keyword: location[i+1:], at: document(),
		profile: strings.HasPrefix(err.InstanceLocation, "/profiles/")}
	parts := pointer(location[:i])
	for i, part := range parts {
		if f.at = child(f.at, part); part == "anyOf" && i == len(parts)-2 {
			f.choice = f.at
		}
		if d := child(f.at, "description"); d != nil && d.Kind == yaml.ScalarNode {
			f.about = d.Value
		}
	}
	f.want = child(f.at, f.keyword)
	for _, part := range pointer(err.InstanceLocation) {
		f.node = f.node.child(part)
	}
	return f
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// pointer splits a JSON pointer as the library writes it.
func pointer(s string) []string {
	parts := strings.Split(s, "/")[1:]
	for i, p := range parts {
		if plain, err := url.PathUnescape(p); err == nil {
			p = plain
		}
		parts[i] = unescape.Replace(p)
	}
	return parts
}

// child is the member or item of this name.
func (n *node) child(name string) *node {
	if n.form == list {
		if i, err := strconv.Atoi(name); err == nil && i < len(n.content) {
			return n.content[i]
		}
	}
	if m := n.member(name); m != nil {
		return m
	}
	return n
}

// child is the member or item of this name in a schema, or nil.
func child(n *yaml.Node, name string) *yaml.Node {
	switch {
	case n == nil:
	case n.Kind == yaml.SequenceNode:
		if i, err := strconv.Atoi(name); err == nil && i < len(n.Content) {
			return n.Content[i]
		}
	case n.Kind == yaml.MappingNode:
		for i := 0; i < len(n.Content); i += 2 {
			if n.Content[i].Value == name {
				return n.Content[i+1]
			}
		}
	}
	return nil
}
