package render_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/apply"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/render"
)

var update = flag.Bool("update", false, "rewrite golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestTextOfAPlan(t *testing.T) {
	t.Parallel()
	requests := map[string]int{"GET /organization/users": 2, "GET /organization/projects": 11}
	for name, o := range map[string]render.Options{
		"plan.txt":         {},
		"plan_verbose.txt": {Verbose: true, Requests: requests},
		"plan_colors.txt":  {Color: true},
	} {
		var b strings.Builder
		render.Text(&b, everything(), o)
		text := b.String()
		if (strings.Contains(text, "\x1b[")) != o.Color {
			t.Errorf("%s: colours are wrong", name)
		}
		golden(t, name, strings.ReplaceAll(text, "\x1b", "^["))
	}
}

// A cap may ask for hundreds of flags; the first few show the form.
func TestManyAllowFlagsAreFolded(t *testing.T) {
	t.Parallel()
	allow := []string{"delete:users/1", "delete:users/2", "delete:users/3", "delete:users/4", "delete:users/5"}
	text := func(n int) string {
		var b strings.Builder
		render.Text(&b, plan.Plan{Refusals: []plan.Refusal{{Rule: "max_removals", Message: "too many", Allow: append(allow, "delete:users/6", "delete:users/7")[:n]}}}, render.Options{})
		return b.String()
	}
	for n, want := range map[int]string{5: "--allow delete:users/5\nPlan:", 6: "and 1 more\nPlan:", 7: "and 2 more\nPlan:"} {
		if got := text(n); !strings.Contains(got, want) || strings.Count(got, "--allow") != 5 {
			t.Errorf("%d flags, want %q in\n%s", n, want, got)
		}
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		old, new any
		unit     string
		want     string
	}{
		{nil, "x", "", `(not set) -> "x"`},
		{"x", nil, "", `"x" -> (not set)`},
		{"", "a\nb", "", `"" -> "a\nb"`},
		{"\x1b[2J", "\u202egnp", "", `"\x1b[2J" -> "\u202egnp"`},
		{"\u009b31m", "\u00a0", "", `"\u009b31m" -> "\u00a0"`},
		{int64(5), int64(-7), "", "5 -> -7"},
		{int64(0), int64(5), "cents", "0 ($0.00) -> 5 ($0.05)"},
		{int64(100), int64(123456789), "cents", "100 ($1.00) -> 123456789 ($1,234,567.89)"},
		{int64(-1), int64(-123456), "cents", "-1 (-$0.01) -> -123456 (-$1,234.56)"},
		{true, false, "", "true -> false"},
		{[]any{}, []any{"a", int64(1)}, "", `[] -> ["a", 1]`},
		{map[string]any{"b": int64(1), "a": "\u2028"}, map[string]any{}, "", `{"a":"\u2028","b":1} -> {}`},
	} {
		var b strings.Builder
		render.Text(&b, plan.Plan{Changes: []plan.Change{{Action: plan.Update, Addr: "spend_limit", Risk: plan.Routine,
			Fields: []plan.FieldDiff{{Name: "f", Old: tc.old, New: tc.new, Unit: tc.unit}}}}}, render.Options{})
		_, line, _ := strings.Cut(b.String(), "\n")
		line, _, _ = strings.Cut(line, "\n")
		if want := "    f = " + tc.want; line != want {
			t.Errorf("got  %s\nwant %s", line, want)
		}
	}
}

func TestTextOfResults(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	var report apply.Report
	for _, r := range []apply.Result{
		{Change: plan.Change{Action: plan.Create, Addr: "users/a@b.example"}, Outcome: apply.Done},
		{Change: plan.Change{Action: plan.Update, Addr: "spend_limit"}, Outcome: apply.Done},
		{Change: plan.Change{Action: plan.Replace, Addr: "users/c@b.example"}, Outcome: apply.Done},
		{Change: plan.Change{Action: plan.Delete, Addr: "users/d@b.example"}, Outcome: apply.Done},
		{Change: plan.Change{Action: plan.Delete, Addr: "projects/old"}, Outcome: apply.Done},
		{Change: plan.Change{Action: plan.Create, Addr: "projects/web"}, Outcome: apply.Done, Note: "its answer was lost; found as \x1bproj_1"},
		{Change: plan.Change{Action: plan.Create, Addr: kind.Address("projects").Join("a\nb")}, Outcome: apply.Failed, Err: errors.New("400: no\nway")},
		{Change: plan.Change{Action: plan.Update, Addr: "data_retention"}, Outcome: apply.NotTried, Err: errors.New("comes after projects/x, which is not done")},
		{Change: plan.Change{Action: plan.Delete, Addr: "spend_limit"}, Outcome: apply.Unknown, Err: errors.New("connection reset")},
	} {
		render.Result(&b, r, render.Options{})
		report.Results = append(report.Results, r)
	}
	golden(t, "results.txt", b.String()+render.Report(report)+"\n")
}

func TestSummaryCounts(t *testing.T) {
	t.Parallel()
	const want = "Plan: 2 to create, 1 to update, 1 to replace, 1 to delete; 7 unchanged, 1 undeclared, 1 pending, 1 problems."
	if got := render.Summary(everything()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
