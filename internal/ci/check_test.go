package ci_test

import (
	"strings"
	"testing"
)

// A fork's pull request is checked without a key and without a request; what is wrong is shown at its line, and what
// it changes in the summary.
func TestCheck(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	r := w.check(t, w.open("stranger/governance", map[string]string{"orgs/acme/org.yaml": acmeWith(400)}))
	r.ended(t, "organizations success, check success, result success")
	has(t, r.summary("check acme"), "projects/search-prod/rate_limits/gpt-4.1", "500", "400")
	if got := w.sim.Requests(); len(got) > 0 {
		t.Errorf("the check asked the live organization: %v", got)
	}

	r = w.check(t, w.open("stranger/governance", map[string]string{"orgs/acme/org.yaml": acmeWith(-1)}))
	r.ended(t, "organizations success, check failure, result failure")
	has(t, r.said(), "::error file=orgs/acme/org.yaml,line=4,col=")
}

func TestCheckWithoutAChange(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	r := w.check(t, w.open(repository, map[string]string{"README.md": "hello\n"}))
	r.ended(t, "organizations success, check skipped, result success")
}

// A branch behind main is compared with where it left, so that what others merged is not in its review.
func TestCheckOfABranchBehind(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"orgs/acme/org.yaml": acme, "orgs/globex/org.yaml": globex})
	head := w.open(repository, map[string]string{"orgs/acme/org.yaml": acmeWith(400)})
	w.merge(map[string]string{"orgs/globex/org.yaml": strings.ReplaceAll(globex, "member", "owner"),
		"orgs/acme/org.yaml": acme + "    users: [{email: grace@acme.example, role: member}]\n"})
	r := w.check(t, head)
	r.ended(t, "organizations success, check success, result success")
	if got := len(r.jobs); got != 3 || r.jobs[1].name != "check acme" {
		t.Errorf("%d jobs ran:\n%s", got, r.said())
	}
	if got := r.summary("check acme"); strings.Contains(got, "users") {
		t.Errorf("it is compared with what others merged:\n%s", got)
	}
}

// In the repository of bylaw itself, and where somebody copied the file, nothing calls the workflow.
func TestCheckOfItsOwnRepository(t *testing.T) {
	t.Parallel()
	files := toolFiles(t, "main's")
	files["examples/orgs/acme/org.yaml"] = acme
	w := newWorld(t, files)
	head := w.open(repository, map[string]string{"examples/orgs/acme/org.yaml": acmeWith(400)})
	r := w.start(t, "check", input{github: opened(head)})
	r.ended(t, "organizations success, check success, result success")
}

// What a tag or a branch names may change under those who call.
func TestVersionIsACommit(t *testing.T) {
	t.Parallel()
	for _, name := range kept {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := oneOrganization(t)
			head := w.open(repository, map[string]string{"orgs/acme/org.yaml": acmeWith(400)})
			event := map[string]any{}
			switch name {
			case "check":
				event = opened(head)
			case "plan":
				event = checked(head, repository)
			}
			r := w.start(t, name, input{github: event, inputs: w.called(map[string]any{"version": "v1.0.0"})})
			has(t, r.said(), "::error::version: not a commit of 40 hexadecimal digits")
			if r.jobs[0].failed == false || w.sim.Requests() != nil {
				t.Errorf("it went on:\n%s", r.said())
			}
		})
	}
}
