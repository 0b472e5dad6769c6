package ci_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bylaw-dev/bylaw/internal/sim"
	"github.com/google/go-cmp/cmp"
)

// The plan is a comment; the plan of the next push takes its place. Nothing is written to the organization.
func TestPlan(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	all := "pull_request success, plan success, comment success"
	first := w.open(repository, map[string]string{"orgs/acme/org.yaml": acmeWith(400)})
	r := w.plan(t, first, repository)
	r.ended(t, all)
	second := w.open(repository, map[string]string{"orgs/acme/org.yaml": acmeWith(300)})
	w.plan(t, second, repository).ended(t, all)
	h := w.kept()
	if got := h.Comments["7"]; len(got) != 1 {
		t.Fatalf("%d comments", len(got))
	}
	has(t, h.Comments["7"][0].Body, "<!-- bylaw plan -->\n", second, "https://github.example/acme/governance/actions/runs/42",
		"projects/search-prod/rate_limits/gpt-4.1", "300", "disruptive")
	has(t, r.summary("plan acme"), "400")
	want := hub{Calls: []string{"comment on #7", "edit a comment of #7"},
		Statuses: []string{first + ", success, bylaw plan, planned", second + ", success, bylaw plan, planned"}}
	if d := cmp.Diff(want, hub{Calls: h.Calls, Statuses: h.Statuses}); d != "" {
		t.Error(d)
	}
	if got := w.writes(); got != nil {
		t.Errorf("plan wrote: %v", got)
	}
	if d := cmp.Diff([]string{"bylaw-plan-0"}, r.artifacts); d != "" {
		t.Error(d)
	}
}

// Beside the comment of another workflow, which is the bot's last one, a new one is made.
func TestPlanSparesOtherComments(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	said := func(login, text string) comment {
		c := comment{Body: text}
		c.User.Login = login
		return c
	}
	w.change(func(h *hub) {
		h.Comments = map[string][]comment{"7": {said(bot, "coverage: 100 %"), said("grace", "nice")}}
	})
	head := w.open(repository, map[string]string{"orgs/acme/org.yaml": acmeWith(400)})
	w.plan(t, head, repository)
	w.plan(t, head, repository)
	h := w.kept()
	if d := cmp.Diff([]string{"comment on #7", "edit a comment of #7"}, h.Calls); d != "" {
		t.Error(d)
	}
	if got := h.Comments["7"]; len(got) != 3 || got[0].Body != "coverage: 100 %" {
		t.Errorf("%v", got)
	}
}

// Each organization has a job, with the key of its own environment. All their plans are one comment.
func TestPlanOfManyOrganizations(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"orgs/acme/org.yaml": acme, "orgs/eu/globex/org.yaml": globex, "orgs/idle/org.yaml": acme})
	w.keys["bylaw-plan-eu/globex"] = sim.DefaultAdminKey
	head := w.open(repository, map[string]string{"orgs/acme/org.yaml": acmeWith(400),
		"orgs/eu/globex/org.yaml": strings.ReplaceAll(globex, "member", "owner")})
	r := w.plan(t, head, repository)
	r.ended(t, "pull_request success, plan success, comment success")
	body := w.kept().Comments["7"][0].Body
	has(t, body, "projects/search-prod/rate_limits/gpt-4.1", "projects/support-bot/users/edsger@acme.example")
	if strings.Index(body, "rate_limits") > strings.Index(body, "edsger") {
		t.Errorf("the order is not that of the names:\n%s", body)
	}
}

// A comment has an end. What does not fit is named.
func TestPlanTooLongForAComment(t *testing.T) {
	t.Parallel()
	change := map[string]string{}
	w := newWorld(t, map[string]string{"orgs/a/org.yaml": acme, "orgs/b/org.yaml": acme})
	for _, name := range []string{"a", "b"} {
		w.keys["bylaw-plan-"+name] = sim.DefaultAdminKey
		var yaml strings.Builder
		yaml.WriteString("version: 1\npolicy: {max_creates: 5000, max_invites: 5000}\nusers:\n")
		for i := range 700 {
			fmt.Fprintf(&yaml, "  - {email: %s-somebody-with-a-long-name-%03d@acme.example, role: owner}\n", name, i)
		}
		change["orgs/"+name+"/org.yaml"] = yaml.String()
	}
	r := w.plan(t, w.open(repository, change), repository)
	comments := w.kept().Comments["7"]
	if len(comments) != 1 {
		t.Fatalf("%d comments\n%s", len(comments), r.said())
	}
	has(t, comments[0].Body, "### <code>b</code>\n\nToo long to stand here: see the [run](https://github.example/acme/governance/actions/runs/42).")
}

// A plan that a guardrail refuses is shown as well, and the commit's status is red.
func TestPlanRefused(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	head := w.open(repository, map[string]string{"orgs/acme/org.yaml": acme + "policy: {protect: [projects/search-prod]}\n"})
	w.plan(t, head, repository)
	head = w.open(repository, map[string]string{"orgs/acme/org.yaml": "version: 1\npolicy: {max_archives: 0}\nprojects: [{name: search-prod, state: archived}]\n"})
	r := w.plan(t, head, repository)
	r.ended(t, "pull_request success, plan failure, comment success")
	h := w.kept()
	has(t, h.Comments["7"][0].Body, "max_archives")
	if got := h.Statuses[1]; got != head+", failure, bylaw plan, refused, or not planned" {
		t.Error(got)
	}
}

// A run that was late leaves the comment to the plan of the newer commit.
func TestPlanOfAnOldHead(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	old := w.open(repository, map[string]string{"orgs/acme/org.yaml": acmeWith(400)})
	w.open(repository, map[string]string{"orgs/acme/org.yaml": acmeWith(300)})
	r := w.plan(t, old, repository)
	r.ended(t, "pull_request success, plan skipped, comment skipped")
	if got := w.kept().Comments; got != nil || w.sim.Requests() != nil {
		t.Errorf("%v", got)
	}
}

// Somebody pushes while the plan is made: the comment is left to the plan of that commit.
func TestPlanOfAHeadThatMoves(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	head := w.open(repository, map[string]string{"orgs/acme/org.yaml": acmeWith(400)})
	push := func() { w.open(repository, map[string]string{"orgs/acme/org.yaml": acmeWith(300)}) }
	r := w.start(t, "plan", input{github: checked(head, repository), inputs: w.called(nil), before: map[string]func(){"comment": push}})
	r.ended(t, "pull_request success, plan success, comment success")
	if got := w.kept().Comments; got != nil {
		t.Errorf("%v", got)
	}
}

// What is not a pull request's check, or one that failed, starts nothing.
func TestPlanOfSomethingElse(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	head := w.open(repository, map[string]string{"orgs/acme/org.yaml": acmeWith(400)})
	for name, v := range map[string]string{"event": "push", "conclusion": "failure"} {
		event := checked(head, repository)
		event["event"].(map[string]any)["workflow_run"].(map[string]any)[name] = v
		r := w.start(t, "plan", input{github: event, inputs: w.called(nil)})
		r.ended(t, "pull_request skipped, plan skipped, comment skipped")
	}
	r := w.start(t, "plan", input{github: checked(head, repository)}) // neither called nor set up here
	r.ended(t, "pull_request skipped, plan skipped, comment skipped")
}

// A commit that changes no organization gets its status, and no comment unless one is there.
func TestPlanWithoutAChange(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	quiet := "pull_request success, plan skipped, comment success"
	head := w.open(repository, map[string]string{"README.md": "hello\n"})
	w.plan(t, head, repository).ended(t, quiet)
	if h := w.kept(); h.Comments != nil || h.Statuses[0] != head+", success, bylaw plan, no organization changes" {
		t.Errorf("%v", h)
	}
	w.plan(t, w.open(repository, map[string]string{"orgs/acme/org.yaml": acmeWith(400)}), repository)
	w.plan(t, w.open(repository, map[string]string{"orgs/acme/org.yaml": acme}), repository).ended(t, quiet)
	if got := w.kept().Comments["7"]; len(got) != 1 || !strings.Contains(got[0].Body, "No organization changes with") {
		t.Errorf("%v", got)
	}
}

// A fork's pull request gets no key of the others' environment. Where the one for forks has a key, it is planned,
// from its own commit, which is in no branch.
func TestPlanOfAFork(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	const fork = "stranger/governance"
	head := w.open(fork, map[string]string{"orgs/acme/org.yaml": acmeWith(400)})
	w.plan(t, head, fork).ended(t, "pull_request success, plan failure, comment success")
	has(t, w.kept().Comments["7"][0].Body, "### <code>acme</code>\n\nThere is no plan: bylaw ended with status 77.")
	if got := w.sim.Requests(); got != nil {
		t.Errorf("without a key it asked: %v", got)
	}
	w.keys["bylaw-fork-acme"] = sim.DefaultAdminKey
	w.plan(t, head, fork).ended(t, "pull_request success, plan success, comment success")
	has(t, w.kept().Comments["7"][0].Body, "400")
}

// A plan that nobody can read is not green: here a name makes one organization's report a directory of another's.
func TestPlanNotCommented(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	w.keys["bylaw-plan-acme.md/x"] = sim.DefaultAdminKey
	head := w.open(repository, map[string]string{"orgs/acme/org.yaml": acmeWith(400), "orgs/acme.md/x/org.yaml": acmeWith(400)})
	r := w.plan(t, head, repository)
	r.ended(t, "pull_request success, plan success, comment failure")
	h := w.kept()
	if got := h.Statuses[0]; h.Comments != nil || got != head+", failure, bylaw plan, not commented, so nobody can read it" {
		t.Errorf("%s\n%s", got, r.said())
	}
}

// A directory's name in our own words is in code, as it may look like a mention.
func TestPlanOfANameLikeAMention(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	w.plan(t, w.open("stranger/governance", map[string]string{"orgs/@acme/owners/org.yaml": acme}), "stranger/governance")
	has(t, w.kept().Comments["7"][0].Body, "### <code>@acme/owners</code>\n\nThere is no plan")
}

// An organization that is new has nothing to be compared with: it is checked, and planned as a whole.
func TestNewOrganization(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	w.keys["bylaw-plan-globex"] = sim.DefaultAdminKey
	head := w.open(repository, map[string]string{"orgs/globex/org.yaml": globex})
	check := w.check(t, head)
	check.ended(t, "organizations success, check success, result success")
	has(t, check.said(), "orgs/globex is new, or has moved")
	w.plan(t, head, repository).ended(t, "pull_request success, plan success, comment success")
	has(t, w.kept().Comments["7"][0].Body, "orgs/globex")
	check = w.check(t, w.open(repository, map[string]string{"orgs/globex/org.yaml": "version: 2\n"}))
	check.ended(t, "organizations success, check failure, result failure")
}
