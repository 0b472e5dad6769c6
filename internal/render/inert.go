package render

import (
	"fmt"
	"html"
	"strings"
)

// What comes from the live organization, a file or the command line enters a comment through one of these
// three. In code nothing is interpreted: no Markdown, no HTML, no link, no mention, no number of an issue.

// code is a text as a code span.
func code(s string, width int) string {
	s = cut(Clean(s), width)
	fence := strings.Repeat("`", backticks(s)+1)
	switch {
	case s == "":
		s = " "
	case s[0] == '`' || s[len(s)-1] == '`' || s[0] == ' ' && s[len(s)-1] == ' ':
		s = " " + s + " " // one on each side goes again
	}
	return fence + s + fence
}

// htmlCode is a text in a line of HTML, such as the summary of a fold.
func htmlCode(s string, width int) string {
	return "<code>" + html.EscapeString(cut(Clean(s), width)) + "</code>"
}

// block is a fenced block of clean lines.
func block(language string, lines []string) string {
	longest := 2
	for i, line := range lines {
		longest, lines[i] = max(longest, backticks(line)), guarded(line)
	}
	fence := strings.Repeat("`", longest+1)
	return fmt.Sprintf("%s%s\n%s\n%s\n", fence, language, strings.Join(lines, "\n"), fence)
}

// backticks is the length of the longest run of them.
func backticks(s string) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
