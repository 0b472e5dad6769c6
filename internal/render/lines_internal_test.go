package render

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// with picks the lines that have one of the marks.
func with(rows []row, marks string) []string {
	out := []string{}
	for _, r := range rows {
		if strings.IndexByte(marks, r.mark) >= 0 {
			out = append(out, r.text)
		}
	}
	return out
}

// What is shown of two texts is both of them; and leaving out what stays leaves out nothing else.
func TestLinesOfADiffAreThoseOfBothTexts(t *testing.T) {
	t.Parallel()
	few := rapid.Custom(func(t *rapid.T) string { return fmt.Sprint("line ", rapid.IntRange(0, 30).Draw(t, "n")) })
	rapid.Check(t, func(t *rapid.T) {
		old, new := rapid.SliceOf(few).Draw(t, "old"), rapid.SliceOf(few).Draw(t, "new")
		rows := compare(old, new)
		if got := with(rows, " -"); !slices.Equal(got, old) {
			t.Errorf("old: %q", got)
		}
		if got := with(rows, " +"); !slices.Equal(got, new) {
			t.Errorf("new: %q", got)
		}
		if got := with(elide(rows), "-+"); !slices.Equal(got, with(rows, "-+")) {
			t.Errorf("left out: %q", got)
		}
	})
}
