package ci_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// One issue is opened where something drifts, is kept up to date, and is closed when nothing does. What is merged and
// not applied is no drift.
func TestDrift(t *testing.T) {
	t.Parallel()
	w := applied(t)
	watch := func() *run {
		t.Helper()
		return w.start(t, "drift", input{inputs: w.called(nil)})
	}
	all := "organizations success, drift success, issue success"
	w.merge(map[string]string{"orgs/acme/org.yaml": acmeWith(400)})
	watch().ended(t, all)
	if got := w.kept().Calls; got != nil {
		t.Errorf("nothing drifts: %v", got)
	}
	const limit = "/organization/projects/proj_sim0002/rate_limits/rl-gpt-4.1"
	w.byHand(t, "POST", limit, `{"max_requests_per_1_minute": 7}`)
	watch().ended(t, all)
	has(t, w.kept().Issues[0].Body, "projects/search-prod/rate_limits/gpt-4.1", "by ada@acme.example", "7")
	w.byHand(t, "POST", limit, `{"max_requests_per_1_minute": 8}`)
	watch().ended(t, all)
	w.lever(t, "PUT", "scopes", `{"forbid": ["read"]}`)
	watch().ended(t, "organizations success, drift failure, issue success") // who knows
	if got := w.kept().Issues[0].State; got != "open" {
		t.Errorf("the issue is %s, though nothing could be read", got)
	}
	w.lever(t, "PUT", "scopes", `{"forbid": []}`)
	w.byHand(t, "POST", limit, `{"max_requests_per_1_minute": 500}`)
	watch().ended(t, all)
	h := w.kept()
	want := []string{"create the issue #1", "edit the issue #1",
		"close the issue #1: Nothing drifts any more ([run](https://github.example/acme/governance/actions/runs/42))."}
	if d := cmp.Diff(want, h.Calls); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff("closed", h.Issues[0].State); d != "" {
		t.Error(d)
	}
	w.byHand(t, "POST", limit, `{"max_requests_per_1_minute": 9}`)
	watch()
	if got := w.kept().Calls; got[len(got)-1] != "create the issue #2" || w.writes() != nil {
		t.Errorf("%v", got)
	}
}

// Whoever may push may move the ref. What was never merged could declare the very drift, which would then be none.
func TestDriftFromAStrangeCommit(t *testing.T) {
	t.Parallel()
	w := applied(t)
	stray := w.open(repository, map[string]string{"orgs/acme/org.yaml": acmeWith(7)})
	w.git(w.tree, "push", "--quiet", "--force", "origin", stray+":"+appliedRef)
	w.byHand(t, "POST", "/organization/projects/proj_sim0002/rate_limits/rl-gpt-4.1", `{"max_requests_per_1_minute": 7}`)
	r := w.start(t, "drift", input{inputs: w.called(nil)})
	r.ended(t, "organizations success, drift failure, issue success")
	has(t, r.said(), "which is not in the history of")
}
