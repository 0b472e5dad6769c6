package render

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes a text from the live organization or a file safe for a terminal: what does not print,
// escape sequences and marks that turn the writing direction included, is shown as its code. So is what
// GitHub's runners take for a command anywhere in a log: "##[".
func Clean(s string) string {
	s = strings.ReplaceAll(s, "##[", `#\x23[`)
	if utf8.ValidString(s) && strings.IndexFunc(s, unseen) < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1: // no UTF-8: to some terminals such a byte is a command
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unseen(r):
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}

// unseen says that a character shows nothing, or makes others show otherwise.
func unseen(r rune) bool {
	if r < unicode.MaxASCII {
		return r < ' '
	}
	return !unicode.IsPrint(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Line makes a text that stands as a line of its own safe for a log, too: GitHub's runners take a line
// that begins with "::" for a command.
func Line(s string) string { return guarded(Clean(s)) }

// guarded does that for a line whose parts are clean.
func guarded(s string) string {
	if rest := strings.TrimLeft(s, " "); strings.HasPrefix(rest, "::") {
		return s[:len(s)-len(rest)] + `\x3a` + rest[1:]
	}
	return s
}

// cut shortens a clean text to about n bytes, and says so; 0 = it stays whole.
func cut(s string, n int) string {
	if n == 0 || len(s) <= n {
		return s
	}
	end := n
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s... (%d bytes more)", s[:end], len(s)-end)
}
