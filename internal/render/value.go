package render

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/bylaw-dev/bylaw/internal/plan"
)

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

// amount shows a value where there is no place for two: money in dollars alone.
func amount(v any, unit string) string {
	if cents, ok := v.(int64); ok && unit == "cents" {
		return dollars(cents)
	}
	return value(v, unit)
}

func dollars(cents int64) string {
	sign, rest := "", uint64(cents)
	if cents < 0 {
		sign, rest = "-", -rest // of the least number, too
	}
	return fmt.Sprintf("%s$%s.%02d", sign, humanize.Comma(int64(rest/100)), rest%100)
}

// A row is one line below a change. In a diff of lines its mark says whether the line goes '-', comes '+'
// or stays ' '; elsewhere it is 0.
type row struct {
	mark byte
	text string
}

// A view says how the fields of a change are shown.
type view struct {
	width int  // of a value, in bytes; 0 = whole
	depth int  // lines of a field; 0 = all
	lists bool // long lists and maps are shown as lines that differ, as texts of several lines are
}

// rows are the lines of one field: one, or those that differ.
func (v view) rows(c plan.Change, d plan.FieldDiff) []row {
	if !unknown(c) {
		if rows := v.differ(d.Old, d.New); rows != nil {
			return append([]row{{text: v.name(d) + ":" + v.drifted(d)}}, rows...)
		}
	}
	return []row{{text: v.line(c, d)}}
}

// line is a field in one line: name = value where nothing is known of an old one, else name = old -> new.
func (v view) line(c plan.Change, d plan.FieldDiff) string {
	s := v.value(d.New, d.Unit)
	if !unknown(c) {
		s = v.value(d.Old, d.Unit) + " -> " + s
	}
	return v.name(d) + " = " + s + v.drifted(d)
}

// brief is a field in one line, too, but of texts, lists and maps it is only what comes and goes.
func (v view) brief(c plan.Change, d plan.FieldDiff) string {
	var out []string
	for _, r := range v.rows(c, d) {
		if r.mark == '-' || r.mark == '+' {
			out = append(out, string(r.mark)+r.text)
		}
	}
	if out == nil {
		return v.line(c, d)
	}
	return v.name(d) + " = " + cut(strings.Join(out, ", "), 2*v.width) + v.drifted(d)
}

// unknown says that nothing is known of old values.
func unknown(c plan.Change) bool {
	return c.Action == plan.Create || c.Action == plan.Update && c.Find != nil
}

func (v view) name(d plan.FieldDiff) string { return cut(Clean(d.Name), v.width) }

func (v view) value(x any, unit string) string { return cut(value(x, unit), v.width) }

// drifted says that the old value is not the one that a reader of base expects.
func (v view) drifted(d plan.FieldDiff) string {
	switch {
	case !d.Drifted:
		return ""
	case d.Base == nil:
		return " (base does not set it: it drifted meanwhile)"
	}
	return fmt.Sprintf(" (base asks %s: it drifted meanwhile)", v.value(d.Base, d.Unit))
}

// shorten cuts the lines of one field.
func (v view) shorten(rows []row) []row {
	for i := range rows {
		rows[i].text = cut(rows[i].text, v.width)
	}
	if v.depth == 0 || len(rows) <= v.depth {
		return rows
	}
	return append(rows[:v.depth:v.depth], row{' ', fmt.Sprintf("... and %d lines more", len(rows)-v.depth)})
}
