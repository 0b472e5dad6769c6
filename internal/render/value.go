package render

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/dustin/go-humanize"

	"github.com/bylaw-dev/bylaw/internal/plan"
)

// Clean makes a text from the live organization or a file safe for a terminal: what does not print,
// escape sequences and marks that turn the writing direction included, is shown as its code. So is what
// GitHub's runners take for a command anywhere in a log: "##[".
func Clean(s string) string {
	s = strings.ReplaceAll(s, "##[", `#\x23[`)
	if strings.IndexFunc(s, unprintable) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unprintable(r) {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Line makes a text that stands as a line of its own safe for a log, too: GitHub's runners take a line
// that begins with "::" as a command.
func Line(s string) string { return guarded(Clean(s)) }

// guarded does that for a line whose parts are clean.
func guarded(s string) string {
	if rest := strings.TrimLeft(s, " "); strings.HasPrefix(rest, "::") {
		return s[:len(s)-len(rest)] + `\x3a` + rest[1:]
	}
	return s
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// value shows a field's value: texts quoted, money in dollars beside the cents.
func value(v any, unit string) string {
	switch v := v.(type) {
	case nil:
		return "(not set)"
	case string:
		return Clean(strconv.Quote(v))
	case int64:
		if unit == "cents" {
			return fmt.Sprintf("%d (%s)", v, dollars(v))
		}
		return strconv.FormatInt(v, 10)
	case []any:
		var out []string
		for _, e := range v {
			out = append(out, value(e, unit))
		}
		return "[" + strings.Join(out, ", ") + "]"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return Clean(fmt.Sprint(v))
	}
	return Clean(string(b))
}

func dollars(cents int64) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s$%s.%02d", sign, humanize.Comma(cents/100), cents%100)
}

// field is one line of a change: name = value where nothing is known of an old one, else
// name = old -> new.
func field(c plan.Change, d plan.FieldDiff) string {
	if c.Action == plan.Create || c.Action == plan.Update && c.Find != nil {
		return fmt.Sprintf("%s = %s", d.Name, value(d.New, d.Unit))
	}
	return fmt.Sprintf("%s = %s -> %s", d.Name, value(d.Old, d.Unit), value(d.New, d.Unit))
}
