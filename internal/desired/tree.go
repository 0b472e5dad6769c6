package desired

import (
	"fmt"
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// The caps on what a document may unfold into.
const (
	maxCopies = 1_000_000 // nodes that aliases stand for
	maxDepth  = 100
)

// A planter makes nodes of a file's YAML: aliases followed, everything in it that is YAML but has no
// place in an organization refused.
type planter struct {
	*loader
	file   string
	open   map[*yaml.Node]bool // the anchors that stand around
	inside int                 // the aliases being followed
}

// plant makes the tree of one file, or nil.
func (l *loader) plant(name string, doc *yaml.Node) *node {
	if doc == nil {
		return nil
	}
	p := &planter{loader: l, file: name, open: map[*yaml.Node]bool{}}
	root := p.node(doc.Content[0], nil, 0)
	if root.form != mapping && !root.bad {
		l.at(root, "expected a mapping such as `version: 1`, got "+root.called(), "")
		return nil
	}
	return root
}

func at(y *yaml.Node) place { return place{int32(y.Line), int32(y.Column)} }

func (p *planter) node(y *yaml.Node, up *node, depth int) *node {
	n := &node{file: p.file, at: at(y), key: at(y), up: up}
	return p.fill(n, y, depth)
}

// fill gives n what stands at y. Its name and place are known, for mistakes to show.
func (p *planter) fill(n *node, y *yaml.Node, depth int) *node {
	if p.inside > 0 {
		p.copies++
	}
	if y.Anchor != "" {
		p.open[y] = true
		defer delete(p.open, y)
	}
	switch {
	case depth > maxDepth:
		p.refuse(n, fmt.Sprintf("nested deeper than %d levels", maxDepth), "")
	case y.Kind == yaml.AliasNode:
		p.alias(n, y, depth)
	case y.Kind == yaml.SequenceNode && p.tag(n, y, "!!seq"):
		p.list(n, y, depth)
	case y.Kind == yaml.MappingNode && p.tag(n, y, "!!map"):
		p.mapping(n, y, depth)
	case y.Kind == yaml.ScalarNode:
		p.scalar(n, y)
	}
	return n
}

func (p *planter) refuse(n *node, message, hint string) {
	n.bad = true
	p.at(n, message, hint)
}

func (p *planter) alias(n *node, y *yaml.Node, depth int) {
	switch {
	case p.open[y.Alias]:
		p.refuse(n, "the alias *"+y.Value+" stands inside its own anchor", "write the value out")
	case p.copies > maxCopies:
		p.bomb(n, y)
	default:
		p.inside++
		p.fill(n, y.Alias, depth)
		p.inside--
	}
}

// bomb refuses the first alias past the cap, and passes over the others.
func (p *planter) bomb(n *node, y *yaml.Node) {
	n.bad = true
	if !p.bombed {
		p.at(n, fmt.Sprintf("with the alias *%s the document unfolds to more than a million values", y.Value), "write less with aliases, or use profiles")
	}
	p.bombed = true
}

// tag refuses tags but the one that the value has anyway.
func (p *planter) tag(n *node, y *yaml.Node, want string) bool {
	if y.Tag == want || y.Tag == "!" || y.Tag == "" {
		return true
	}
	p.refuse(n, "the tag "+y.Tag+" means nothing here", "remove it")
	return false
}

func (p *planter) list(n *node, y *yaml.Node, depth int) {
	n.form = list
	n.content = make([]*node, 0, len(y.Content))
	for i, c := range y.Content {
		item := &node{file: p.file, at: at(c), key: at(c), up: n, name: strconv.Itoa(i)}
		n.content = append(n.content, p.fill(item, c, depth+1))
		if p.copies > maxCopies && p.inside > 0 {
			break
		}
	}
}

func (p *planter) mapping(n *node, y *yaml.Node, depth int) {
	n.form = mapping
	n.content = make([]*node, 0, len(y.Content)/2)
	first := map[string]*node{}
	for i := 0; i+1 < len(y.Content); i += 2 {
		m := &node{file: p.file, at: at(y.Content[i+1]), key: at(y.Content[i]), up: n}
		if !p.name(m, y.Content[i]) {
			n.lost = true
			continue
		}
		if prior := first[m.name]; prior != nil {
			p.atKey(m, fmt.Sprintf("%s is already at %s", short(m.name), prior.keyPos()), "keep one of the two")
			continue
		}
		first[m.name] = m
		n.content = append(n.content, p.fill(m, y.Content[i+1], depth+1))
		if p.copies > maxCopies && p.inside > 0 {
			break
		}
	}
}

// name reads a key, and says whether it can be one.
func (p *planter) name(m *node, y *yaml.Node) bool {
	if y.Kind == yaml.AliasNode {
		y = y.Alias
	}
	m.name = y.Value
	refuse := func(message, hint string) bool {
		p.add(mistake(m.keyPos(), m.up.path(), message, hint))
		return false
	}
	switch {
	case y.Kind != yaml.ScalarNode:
		return refuse("a key that is a list or a mapping", "keys are plain names")
	case y.Tag == "!!merge":
		return refuse("the merge key << is not supported", "put what is shared into a profile and say `profile: NAME`")
	case y.Tag == "!!null":
		return refuse("a key that is null", "write a name before the colon")
	case y.Tag != "!!str" && y.Tag != "!!timestamp":
		return refuse(fmt.Sprintf("the key %s is not text", short(y.Value)), fmt.Sprintf("quote it: %q", y.Value))
	case control(y.Value):
		return refuse(fmt.Sprintf("the key %s has a control character", short(y.Value)), "remove it")
	}
	return true
}

func control(s string) bool {
	for _, r := range s {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return true
		}
	}
	return false
}

func (p *planter) scalar(n *node, y *yaml.Node) {
	v, err := resolve(y)
	if err != nil {
		p.refuse(n, err.Error(), err.hint)
		return
	}
	n.value = kind.Number(v)
}
