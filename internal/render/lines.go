package render

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

const (
	// mostLines is how long two texts may be to be compared by lines; the time grows with the square.
	mostLines = 2000

	// longValue is how long two lists or maps are that are hard to compare on one line.
	longValue = 160

	// around is how many lines that stay are shown before and after those that do not.
	around = 2
)

// differ compares two values by lines where both are texts of several lines, or lists or maps where those
// are compared, too; nil of all else.
func (v view) differ(old, new any) []row {
	long := v.lists && len(value(old, ""))+len(value(new, "")) > longValue
	a, b := lines(old, long), lines(new, long)
	if a == nil || b == nil || len(a)+len(b) > mostLines {
		return nil
	}
	return v.shorten(elide(compare(a, b)))
}

// lines are the lines of a text that has several, and of a long list or map; nil of all else.
func lines(x any, long bool) []string {
	switch x := x.(type) {
	case string:
		if strings.Contains(x, "\n") {
			return strings.Split(x, "\n")
		}
	case []any:
		if !long {
			return nil
		}
		out := make([]string, len(x))
		for i, e := range x {
			out[i] = value(e, "")
		}
		return out
	case map[string]any:
		if b, err := json.MarshalIndent(x, "", "  "); long && err == nil {
			return strings.Split(string(b), "\n")
		}
	}
	return nil
}

// compare compares two texts by lines. The library compares characters, so each line is given one; its
// own way to do that may split a line's number in two.
func compare(old, new []string) []row {
	var texts []string
	numbers := map[string]rune{}
	encode := func(lines []string) []rune {
		out := make([]rune, len(lines))
		for i, line := range lines {
			if _, known := numbers[line]; !known {
				numbers[line] = rune(len(texts))
				texts = append(texts, ending(Clean(line)))
			}
			out[i] = numbers[line]
		}
		return out
	}
	dmp := diffmatchpatch.New()
	dmp.DiffTimeout = 0 // the clock must not decide what is shown
	marks := map[diffmatchpatch.Operation]byte{diffmatchpatch.DiffDelete: '-', diffmatchpatch.DiffInsert: '+', diffmatchpatch.DiffEqual: ' '}
	var out []row
	for _, d := range dmp.DiffMainRunes(encode(old), encode(new), false) {
		for _, r := range d.Text {
			out = append(out, row{marks[d.Type], texts[r]})
		}
	}
	return out
}

// ending shows a blank at the end of a line, which may be all that differs.
func ending(line string) string {
	if s, blank := strings.CutSuffix(line, " "); blank {
		return s + `\x20`
	}
	return line
}

// elide leaves out most of what stays.
func elide(rows []row) []row {
	var out []row
	for i := 0; i < len(rows); {
		end := i
		for end < len(rows) && rows[end].mark == ' ' {
			end++
		}
		from, to := i+around, end-around
		if i == 0 {
			from = 0
		}
		if end == len(rows) {
			to = end
		}
		if to-from > 1 {
			out = append(append(out, rows[i:from]...), row{' ', fmt.Sprintf("... %d lines that stay", to-from)})
			i = to
		}
		out = append(out, rows[i:end]...)
		if i = end; i < len(rows) {
			out = append(out, rows[i])
			i++
		}
	}
	return out
}
