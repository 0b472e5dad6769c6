package render

import (
	"fmt"
	"strings"
)

// A rank says which sections are shortened first where a comment gets too long. Those of rank 0 never are.
type rank int

const (
	always rank = iota
	ofReadings
	ofRoutine
	ofNotes
	ofDrift
	ofUnmanaged
	ofEscalations
	ofDisruptions
	ofPolicy
	ofProblems
	ofRefusals
	ofLosses
)

// A section is a part of a comment: a list of what stands in one fenced block, below words that are not
// taken from anywhere.
type section struct {
	rank     rank
	head     string // our own words, and code spans
	folded   bool   // head is the summary of a fold
	words    string // a sentence below the head
	language string // of the block
	items    []item
	left     int       // how many things are not shown
	folds    []section // below the block
	tail     string    // our own words again, below all that
}

// An item is what of a list is shown or left out as one.
type item struct {
	lines []string // clean
	n     int      // how many things it stands for
}

// asItems makes an item of each line.
func asItems(lines []string) []item {
	out := make([]item, len(lines))
	for i, line := range lines {
		out[i] = item{[]string{line}, 1}
	}
	return out
}

// write writes the section as blocks of Markdown, each followed by an empty line.
func (s section) write(b *strings.Builder) {
	switch {
	case s.folded:
		fmt.Fprintf(b, "<details><summary>%s</summary>\n\n", s.head)
	case s.head != "":
		b.WriteString(s.head + "\n\n")
	}
	if s.words != "" {
		b.WriteString(s.words + "\n\n")
	}
	s.list(b)
	for _, f := range s.folds {
		f.write(b)
	}
	if s.tail != "" {
		b.WriteString(s.tail + "\n\n")
	}
	if s.folded {
		b.WriteString("</details>\n\n")
	}
}

func (s section) list(b *strings.Builder) {
	var lines []string
	for _, i := range s.items {
		lines = append(lines, i.lines...)
	}
	if len(lines) > 0 {
		b.WriteString(block(s.language, lines) + "\n")
	}
	switch {
	case s.left > 0 && len(lines) > 0:
		fmt.Fprintf(b, "and %d more, in the plan's text or JSON\n\n", s.left)
	case s.left > 0:
		fmt.Fprintf(b, "%d, all in the plan's text or JSON\n\n", s.left)
	}
}

// trim leaves out items from the end, as many as hold so many bytes, but keeps some.
func (s *section) trim(bytes, keep int) {
	for bytes > 0 && len(s.items) > keep {
		last := s.items[len(s.items)-1]
		s.items, s.left = s.items[:len(s.items)-1], s.left+last.n
		for _, line := range last.lines {
			bytes -= len(line) + 1
		}
	}
}

// written is all sections, as text.
func written(sections []section) string {
	var b strings.Builder
	for _, s := range sections {
		s.write(&b)
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}
