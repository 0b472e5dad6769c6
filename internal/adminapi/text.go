package adminapi

import (
	"regexp"
	"strings"
	"unicode"
)

// maxText is how many characters of a server's text are kept.
const maxText = 500

// escapes matches ANSI control sequences (colours, cursor, window titles).
var escapes = regexp.MustCompile(`\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)?|\x1b.?`)

// clean makes a foreign text fit for one line of a terminal: no control characters, no key, not
// long. The order matters: dropping characters may join a key's parts, and a cut may halve one.
func clean(k Key, s string) string {
	s = escapes.ReplaceAllString(strings.ToValidUTF8(s, ""), "")
	s = strings.Map(printable, s)
	s = k.scrub(strings.Join(strings.Fields(s), " "))
	if r := []rune(s); len(r) > maxText {
		return string(r[:maxText]) + "…"
	}
	return s
}

func printable(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsPrint(r):
		return r
	}
	return -1
}
