package render_test

import (
	"strings"
	"testing"

	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/render"
)

func markdown(t testing.TB, p plan.Plan, o render.MarkdownOptions) string {
	t.Helper()
	var b strings.Builder
	if err := render.Markdown(&b, p, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func github(t testing.TB, p plan.Plan) string {
	t.Helper()
	var b strings.Builder
	if err := render.GitHub(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMarkdownOfAPlan(t *testing.T) {
	t.Parallel()
	options := render.MarkdownOptions{Title: "orgs/acme", Sandbox: true, Commit: "0123abc", Base: "main at 4567def", Approval: "a1b2c3d4e5f6", Verbose: true,
		Apply: "bylaw apply --base main orgs/acme", Why: blamed, Readings: []string{"read live: 1 of 401 places; the rest is from snapshot acme.json, 5h old"}}
	golden(t, "reviewed.md", markdown(t, reviewed(), options))
	golden(t, "drift.md", markdown(t, plan.Plan{Changes: reviewed().Drift, Problems: reviewed().Drifted}, render.MarkdownOptions{Title: "orgs/acme", Drift: true, Why: blamed}))
	golden(t, "nothing.md", markdown(t, plan.Plan{Unchanged: 3}, render.MarkdownOptions{}))
}

func TestTextOfAReviewedPlan(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	render.Text(&b, reviewed(), render.Options{Why: blamed})
	golden(t, "reviewed.txt", b.String())
}

func TestGitHubOfAPlan(t *testing.T) {
	t.Parallel()
	golden(t, "reviewed.github", github(t, reviewed()))
}
