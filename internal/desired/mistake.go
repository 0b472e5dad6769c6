package desired

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// A Mistake is something wrong in the YAML.
type Mistake struct {
	Pos     kind.Position // without a line: the file or directory as a whole
	Path    string        // like an address: projects/web/users/ada@acme.example/role; "" = the whole file
	Message string
	Hint    string // what to do about it; "" = the message says it
}

// mistake is the one constructor. Messages and hints are lower case, without a full stop, and name
// the valid choices. A mistake is where it stands, whoever uses it: that it is in a profile its place says.
func mistake(pos kind.Position, path, message, hint string) Mistake {
	pos.From = ""
	return Mistake{Pos: pos, Path: path, Message: message, Hint: hint}
}

// Error is file:line:col: path: message; hint.
func (m Mistake) Error() string {
	var b strings.Builder
	b.WriteString(m.Pos.File)
	if m.Pos.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", m.Pos.Line, m.Pos.Col)
	}
	if m.Path != "" {
		b.WriteString(": " + m.Path)
	}
	b.WriteString(": " + m.Message)
	if m.Hint != "" {
		b.WriteString("; " + m.Hint)
	}
	return b.String()
}

// Mistakes are all that is wrong, in the order of the files, each once.
type Mistakes []Mistake

// Error is a line a mistake.
func (ms Mistakes) Error() string {
	lines := make([]string, len(ms))
	for i, m := range ms {
		lines[i] = m.Error()
	}
	return strings.Join(lines, "\n")
}

// A collector gathers mistakes. The same message at the same place counts once, whichever way led
// there: a profile is used by many projects, an anchor by many aliases.
type collector struct {
	mistakes Mistakes
	seen     map[said]bool
}

type said struct {
	pos     kind.Position
	message string
}

func (c *collector) add(m Mistake) {
	if c.seen == nil {
		c.seen = map[said]bool{}
	}
	if s := (said{m.Pos, m.Message}); !c.seen[s] {
		c.seen[s] = true
		c.mistakes = append(c.mistakes, m)
	}
}

// at reports a mistake in the value of a node.
func (c *collector) at(n *node, message, hint string) {
	c.add(mistake(n.pos(), n.path(), message, hint))
}

// atKey reports a mistake in the key before a value.
func (c *collector) atKey(n *node, message, hint string) {
	c.add(mistake(n.keyPos(), n.path(), message, hint))
}

func (c *collector) sorted() Mistakes {
	slices.SortStableFunc(c.mistakes, func(a, b Mistake) int {
		return cmp.Or(a.Pos.Compare(b.Pos), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Message, b.Message))
	})
	return c.mistakes
}

// choices is the hint for a word that is none of the choices.
func choices(word string, valid []string) string {
	return chosen(kind.Suggest(word, valid), valid)
}

// chosen is the hint where the word that was meant is known; "" = it is not.
func chosen(meant string, valid []string) string {
	all := "choices: " + strings.Join(valid, ", ")
	if len(valid) == 0 {
		all = "there are none"
	}
	switch {
	case meant != "" && len(valid) > fewChoices:
		return "did you mean " + meant + "?"
	case meant != "":
		return "did you mean " + meant + "? " + all
	}
	return all
}

// fewChoices is how many are listed beside the one that was probably meant.
const fewChoices = 8

// short quotes a word of the document, cut to a length for a line.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:57]) + "..."
	}
	return fmt.Sprintf("%q", s)
}
