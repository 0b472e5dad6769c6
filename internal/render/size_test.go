package render_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/render"
)

// different are changes of one risk that have nothing in common but a long value.
func different(n int, r plan.Risk, value int) []plan.Change {
	out := make([]plan.Change, n)
	for i := range out {
		out[i] = plan.Change{Action: plan.Update, Addr: kind.Address("projects").Join(fmt.Sprintf("%s-%05d", r, i)), Risk: r, Pos: line(i + 1),
			Fields: []plan.FieldDiff{{Name: "name", Old: fmt.Sprint(i), New: strings.Repeat("é", value) + fmt.Sprint(i)}}}
		if r == plan.Irreversible {
			out[i].Action, out[i].Fields = plan.Delete, nil
		}
	}
	return out
}

func refused(n int) []plan.Refusal {
	out := make([]plan.Refusal, n)
	for i := range out {
		out[i] = plan.Refusal{Rule: "protect", Message: fmt.Sprintf("projects/p-%d is protected", i), Allow: []string{fmt.Sprintf("archive:projects/p-%d", i)}}
	}
	return out
}

var shown = regexp.MustCompile(`^[+~±-] \S[^:]*(?:: (\d+) objects?)?`)
var notShown = regexp.MustCompile(`^(?:and )?(\d+)(?: more, in|, all in) the plan's text or JSON$`)

// counts is how many changes a comment shows and leaves out, by risk.
func counts(t *testing.T, comment string) map[plan.Risk]int {
	t.Helper()
	out, risk := map[plan.Risk]int{}, plan.Risk("")
	for _, line := range strings.Split(comment, "\n") {
		if strings.HasPrefix(line, "#### ") || strings.HasPrefix(line, "<details>") && !strings.Contains(line, ">All ") {
			risk = ""
			for _, r := range plan.Risks() {
				if strings.Contains(strings.ToLower(line), string(r)) {
					risk = r
				}
			}
		}
		if m := shown.FindStringSubmatch(line); m != nil {
			out[risk] += number(t, m[1], 1)
		}
		if m := notShown.FindStringSubmatch(line); m != nil {
			out[risk] += number(t, m[1], 0)
		}
	}
	return out
}

func number(t *testing.T, s string, none int) int {
	t.Helper()
	if s == "" {
		return none
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A comment of any plan is short enough, is well formed, and counts each change.
func TestLargePlansFit(t *testing.T) {
	t.Parallel()
	mixed := func(n, value int) []plan.Change {
		return slices.Concat(equalChanges(n*6/10), different(n/10, plan.Irreversible, 0), different(n/10, plan.Escalation, value), different(n/5, plan.Routine, value))
	}
	approval := strings.Repeat("a", 449) // of 64 changes; cut, it is none
	for name, p := range map[string]plan.Plan{
		"500":                    {Changes: mixed(500, 3000)},
		"500 with short values":  {Changes: mixed(500, 10)},
		"20000":                  {Changes: mixed(20000, 100), Refusals: refused(3000)},
		"20000 equal":            {Changes: equalChanges(20000)},
		"20000 irreversible":     {Changes: different(20000, plan.Irreversible, 0)},
		"20000 routine":          {Changes: different(20000, plan.Routine, 1000), Drift: different(20000, plan.Routine, 10)},
		"20000 disruptive":       {Changes: different(20000, plan.Disruptive, 1000)},
		"20000 not yet accepted": {Notes: slices.Repeat([]plan.Note{{Addr: "users/ada@acme.example", Why: plan.Pending, Message: "is invited"}}, 20000)},
	} {
		comment := markdown(t, p, render.MarkdownOptions{Title: "orgs/acme", Apply: "bylaw apply orgs/acme", Approval: approval})
		if len(comment) >= 60000 {
			t.Errorf("%s: %d bytes", name, len(comment))
		}
		inert(t, name, comment)
		got := counts(t, comment)
		for _, r := range plan.Risks() {
			want := len(slices.DeleteFunc(slices.Clone(p.Changes), func(c plan.Change) bool { return c.Risk != r }))
			if got[r] != want {
				t.Errorf("%s: %d %s changes, of %d", name, got[r], r, want)
			}
			if title, _, _ := strings.Cut(comment, "\n"); want > 0 && !strings.Contains(title, fmt.Sprintf("%d %s", want, r)) {
				t.Errorf("%s: no %d %s in %s", name, want, r, title)
			}
		}
		if !strings.Contains(comment, render.Summary(p)+"\n") {
			t.Errorf("%s: no summary", name)
		}
		for _, next := range []string{"bylaw apply orgs/acme\n", "`" + approval + "`"} { // a refused plan cannot be approved
			if strings.Contains(comment, next) == (len(p.Refusals) > 0) {
				t.Errorf("%s: with %d refusals, %s", name, len(p.Refusals), next)
			}
		}
	}
}

// What can be left out goes in the order of what matters least.
func TestWhatMattersMostStays(t *testing.T) {
	t.Parallel()
	p := plan.Plan{Refusals: refused(2000), Changes: slices.Concat(different(150, plan.Irreversible, 0), different(500, plan.Disruptive, 50), different(500, plan.Escalation, 50), different(2000, plan.Routine, 50)),
		Notes: []plan.Note{{Addr: "users/ada@acme.example", Why: plan.Pending, Message: "is invited"}}, Drift: different(5, plan.Routine, 1)}
	comment := markdown(t, p, render.MarkdownOptions{})
	for want, n := range map[string]int{"\n- projects/irreversible-": 150, "\n~ projects/routine-": 0, "\n~ projects/escalation-": 10, "is invited": 0, "\n~ update projects: 2000 objects\n": 1} {
		if got := strings.Count(comment, want); got != n {
			t.Errorf("%d times %q, not %d", got, want, n)
		}
	}
	if n := strings.Count(comment, "\nrefused "); n < 10 || !strings.Contains(comment, "**Guardrails: refused.**") {
		t.Errorf("%d refusals", n)
	}
}
