package ci_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// Two organizations of a repository; the simulator is both of them.
const (
	acme   = "version: 1\nprojects:\n  - name: search-prod\n    rate_limits: [{model: gpt-4.1, max_requests_per_1_minute: 500}]\n"
	globex = "version: 1\nprojects:\n  - name: support-bot\n    users: [{email: edsger@acme.example, role: member}]\n"
)

func acmeWith(limit int) string { return strings.ReplaceAll(acme, "500", fmt.Sprint(limit)) }

func oneOrganization(t *testing.T) *world {
	return newWorld(t, map[string]string{"orgs/acme/org.yaml": acme})
}

// opened is the event of a pull request.
func opened(head string) map[string]any {
	return map[string]any{"event_name": "pull_request", "base_ref": "main", "ref": "refs/pull/7/merge", "sha": head,
		"event": map[string]any{"pull_request": map[string]any{"head": map[string]any{"sha": head}}}}
}

// checked is the event that the check of a pull request has ended.
func checked(head, from string) map[string]any {
	owner, _, _ := strings.Cut(from, "/")
	return map[string]any{"event_name": "workflow_run", "event": map[string]any{"workflow_run": map[string]any{
		"event": "pull_request", "conclusion": "success", "head_sha": head, "head_branch": "change",
		"head_repository": map[string]any{"full_name": from, "owner": map[string]any{"login": owner}}}}}
}

func (w *world) check(t *testing.T, head string) *run {
	t.Helper()
	return w.start(t, "check", input{github: opened(head), inputs: w.called(nil)})
}

func (w *world) plan(t *testing.T, head, from string) *run {
	t.Helper()
	return w.start(t, "plan", input{github: checked(head, from), inputs: w.called(nil)})
}

// ended checks how each job ended.
func (r *run) ended(t *testing.T, want map[string]string) {
	t.Helper()
	if d := cmp.Diff(want, r.results); d != "" {
		t.Errorf("jobs:\n%s\n%s", d, r.said())
	}
}

// said is all that jobs printed.
func (r *run) said() string {
	var out strings.Builder
	for _, j := range r.jobs {
		fmt.Fprintf(&out, "---- %s\n%s", j.name, j.log.String())
	}
	return out.String()
}

// summary is what a job shows on the page of the run.
func (r *run) summary(name string) string {
	i := slices.IndexFunc(r.jobs, func(j *jobRun) bool { return j.name == name })
	if i < 0 {
		return ""
	}
	return r.jobs[i].summary.String()
}

// writes are the requests that changed the live organization since the last time.
func (w *world) writes() []string {
	var out []string
	for _, r := range w.sim.Requests() {
		if r.Method != "GET" {
			out = append(out, r.Method+" "+r.Path+" "+string(r.Body))
		}
	}
	w.sim.ResetRequests()
	return out
}

// has checks that a text holds others.
func has(t *testing.T, text string, all ...string) {
	t.Helper()
	for _, part := range all {
		if !strings.Contains(text, part) {
			t.Errorf("there is no %q in:\n%s", part, text)
		}
	}
}

// A fork's pull request is checked without a key and without a request; what is wrong is shown at its line, and what
// it changes in the summary.
func TestCheck(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	r := w.check(t, w.open("stranger/governance", map[string]string{"orgs/acme/org.yaml": acmeWith(400)}))
	r.ended(t, map[string]string{"organizations": "success", "check": "success", "result": "success"})
	has(t, r.summary("check acme"), "projects/search-prod/rate_limits/gpt-4.1", "500", "400")
	if got := w.sim.Requests(); len(got) > 0 {
		t.Errorf("the check asked the live organization: %v", got)
	}

	r = w.check(t, w.open("stranger/governance", map[string]string{"orgs/acme/org.yaml": acmeWith(-1)}))
	r.ended(t, map[string]string{"organizations": "success", "check": "failure", "result": "failure"})
	has(t, r.said(), "::error file=orgs/acme/org.yaml,line=4,col=")
}

func TestCheckWithoutAChange(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	r := w.check(t, w.open(repository, map[string]string{"README.md": "hello\n"}))
	r.ended(t, map[string]string{"organizations": "success", "check": "skipped", "result": "success"})
}

// A branch behind main is compared with where it left, so that what others merged is not in its review.
func TestCheckOfABranchBehind(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"orgs/acme/org.yaml": acme, "orgs/globex/org.yaml": globex})
	head := w.open(repository, map[string]string{"orgs/acme/org.yaml": acmeWith(400)})
	w.merge(map[string]string{"orgs/globex/org.yaml": strings.ReplaceAll(globex, "member", "owner")})
	r := w.check(t, head)
	r.ended(t, map[string]string{"organizations": "success", "check": "success", "result": "success"})
	if got := len(r.jobs); got != 3 || r.jobs[1].name != "check acme" {
		t.Errorf("%d jobs ran:\n%s", got, r.said())
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
	r.ended(t, map[string]string{"organizations": "success", "check": "success", "result": "success"})
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

// The plan is a comment; the plan of the next push takes its place. Nothing is written to the organization.
func TestPlan(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	all := map[string]string{"pull_request": "success", "plan": "success", "comment": "success"}
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
	r.ended(t, map[string]string{"pull_request": "success", "plan": "success", "comment": "success"})
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
	has(t, comments[0].Body, "### b\n\nToo long to stand here: see the [run](https://github.example/acme/governance/actions/runs/42).")
}

// A plan that a guardrail refuses is shown as well, and the commit's status is red.
func TestPlanRefused(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	head := w.open(repository, map[string]string{"orgs/acme/org.yaml": acme + "policy: {protect: [projects/search-prod]}\n"})
	w.plan(t, head, repository)
	head = w.open(repository, map[string]string{"orgs/acme/org.yaml": "version: 1\npolicy: {max_archives: 0}\nprojects: [{name: search-prod, state: archived}]\n"})
	r := w.plan(t, head, repository)
	r.ended(t, map[string]string{"pull_request": "success", "plan": "failure", "comment": "success"})
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
	r.ended(t, map[string]string{"pull_request": "success", "plan": "skipped", "comment": "skipped"})
	if got := w.kept().Comments; got != nil || w.sim.Requests() != nil {
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
		r.ended(t, map[string]string{"pull_request": "skipped", "plan": "skipped", "comment": "skipped"})
	}
	r := w.start(t, "plan", input{github: checked(head, repository)}) // neither called nor set up here
	r.ended(t, map[string]string{"pull_request": "skipped", "plan": "skipped", "comment": "skipped"})
}

// A commit that changes no organization gets its status, and no comment unless one is there.
func TestPlanWithoutAChange(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	quiet := map[string]string{"pull_request": "success", "plan": "skipped", "comment": "success"}
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
	w.plan(t, head, fork).ended(t, map[string]string{"pull_request": "success", "plan": "failure", "comment": "success"})
	has(t, w.kept().Comments["7"][0].Body, "### acme\n\nThere is no plan: bylaw ended with status 77.")
	if got := w.sim.Requests(); got != nil {
		t.Errorf("without a key it asked: %v", got)
	}
	w.keys["bylaw-plan-fork-acme"] = sim.DefaultAdminKey
	w.plan(t, head, fork).ended(t, map[string]string{"pull_request": "success", "plan": "success", "comment": "success"})
	has(t, w.kept().Comments["7"][0].Body, "400")
}

// hostileTree is what a checkout could try to be run for. Whatever of it runs leaves the mark.
func hostileTree(t *testing.T, mark string) map[string]string {
	t.Helper()
	run := "#!/bin/sh\n: > " + mark + "\n"
	files := map[string]string{
		"Makefile": "all:\n\t: > " + mark + "\n", ".envrc": ": > " + mark + "\n", ".bashrc": ": > " + mark + "\n",
		".gitattributes": "*.yaml filter=bad diff=bad export-subst\n", ".gitmodules": "[submodule \"x\"]\n\tpath = x\n\turl = \"ext::sh -c :>" + mark + "\"\n",
		".githooks/post-checkout": run, "hooks/post-checkout": run,
		".github/workflows/plan.yml": "name: bylaw plan\n", "tool/action.yml": "runs: {using: composite, steps: [{run: ': > " + mark + "', shell: bash}]}\n",
		"action.yml": "runs: {using: composite, steps: [{run: ': > " + mark + "', shell: bash}]}\n",
		"go.work":    "use .\n", "main.go": "the pull request's\n", "bylaw.yaml": "not: [valid",
	}
	for _, dir := range []string{"", "orgs/", "orgs/acme/"} {
		for _, name := range []string{"bylaw", "git", "gh", "jq", "go", "bash", "sh", "cat"} {
			files[dir+name] = run
		}
	}
	return files
}

// hostileNames are texts that mean something to a shell, to Markdown, to HTML, to GitHub and to its runners.
var hostileNames = []string{"$(: > MARK)", "`: > MARK`", "; : > MARK #", "' ; : > MARK ; '", "::add-mask::b", "::error::boo", "##[error]boo",
	"@acme/owners", "#1", "![x](https://evil.example/x.png)", "<img src=x onerror=alert(1)>", "``` # not a plan", "--yes", "<!-- bylaw plan -->"}

// A hostile pull request brings programs, hooks, settings, actions and names. None of it is run: not where another
// repository's workflow is called, and not where the tool is of the same repository.
func TestHostilePullRequest(t *testing.T) {
	t.Parallel()
	for _, own := range []bool{false, true} {
		t.Run(map[bool]string{false: "called", true: "own"}[own], func(t *testing.T) {
			t.Parallel()
			files := map[string]string{"orgs/acme/org.yaml": acme}
			in := input{vars: map[string]any{"BYLAW_ROOT": "orgs"}}
			if own {
				for name, text := range toolFiles(t, "main's") {
					files[name] = text
				}
			}
			w := newWorld(t, files)
			mark := filepath.Join(w.dir, "mark")
			change := hostileTree(t, mark)
			var yaml strings.Builder
			yaml.WriteString(acmeWith(400))
			for _, name := range hostileNames {
				fmt.Fprintf(&yaml, "  - {name: %q}\n", strings.ReplaceAll(name, "MARK", mark))
			}
			change["orgs/acme/org.yaml"] = yaml.String()
			head := w.open("stranger/governance", change)
			w.keys["bylaw-plan-fork-acme"] = sim.DefaultAdminKey
			in.github = checked(head, "stranger/governance")
			if !own {
				in.inputs = w.called(nil)
				w.check(t, head)
			}
			r := w.start(t, "plan", in)
			r.ended(t, map[string]string{"pull_request": "success", "plan": "success", "comment": "success"})
			absent(t, mark, r)
			want := map[bool]string{false: "the tool\nthe tool\n", true: "main's\nmain's\n"}[own]
			if got := read(t, filepath.Join(r.dir, "builds")); got != want {
				t.Errorf("built:\n%swant:\n%s", got, want)
			}
			if got := w.writes(); got != nil {
				t.Errorf("plan wrote: %v", got)
			}
			harmless(t, w.kept().Comments["7"][0].Body, r)
		})
	}
}

// harmless says that the names are shown, and are only shown: in code, where they mean nothing.
func harmless(t *testing.T, body string, r *run) {
	t.Helper()
	has(t, body, "evil.example", "onerror")
	for _, line := range prose(body) {
		for _, bad := range []string{"@acme", "<img", "![x]", "# not a plan", "evil.example"} {
			if strings.Contains(line, bad) {
				t.Errorf("%q is outside of code: %s", bad, line)
			}
		}
	}
	for _, line := range strings.Split(r.said(), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "::add-mask") || strings.Contains(line, "##[error]boo") || strings.HasPrefix(line, "::error::boo") {
			t.Errorf("a runner takes this for a command: %s", line)
		}
	}
}

// A directory that looks like a repository has settings, and settings name programs. git would take it for one.
func TestDirectoryLikeARepository(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"orgs/", "orgs/acme/", "orgs/acme/teams/", "./"} {
		t.Run(path.Base(dir), func(t *testing.T) {
			t.Parallel()
			w := oneOrganization(t)
			mark := filepath.Join(w.dir, "mark")
			run := "\": > " + mark + ";\"\n"
			head := w.open(repository, map[string]string{"orgs/acme/org.yaml": acmeWith(400), dir + "HEAD": "ref: refs/heads/main\n",
				dir + "config":       "[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tfsmonitor = " + run + "\tpager = " + run + "[diff]\n\texternal = " + run,
				dir + "objects/keep": "", dir + "refs/keep": ""})
			check, plan := w.check(t, head), w.plan(t, head, repository)
			absent(t, mark, check)
			absent(t, mark, plan)
			if dir == "orgs/" || dir == "orgs/acme/" {
				has(t, check.said(), "cannot use bare repository")
				has(t, plan.said(), "cannot use bare repository")
			} else {
				plan.ended(t, map[string]string{"pull_request": "success", "plan": "success", "comment": "success"})
			}
		})
	}
}

// A directory's name reaches the matrix, which reaches expressions: one that is not plain stops everything.
func TestHostileDirectory(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"$(id)", "a b", "a'b", "-rf", "x\nmatrix=y", "`id`", "${{ secrets.X }}"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := oneOrganization(t)
			head := w.open(repository, map[string]string{"orgs/" + name + "/org.yaml": acme})
			r := w.plan(t, head, repository)
			r.ended(t, map[string]string{"pull_request": "failure", "plan": "skipped", "comment": "success"})
			has(t, r.said(), "unsafe in a workflow")
			has(t, w.kept().Comments["7"][0].Body, "There is no plan of "+head)
			w.check(t, head).ended(t, map[string]string{"organizations": "failure", "check": "skipped", "result": "failure"})
		})
	}
}

// What a link leads to is not in the review: on a runner it may be a file with secrets, which a message would show.
func TestSymbolicLinks(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	head := w.open(repository, map[string]string{"orgs/acme/secrets.yaml": "link: /proc/self/environ"})
	r := w.plan(t, head, repository)
	r.ended(t, map[string]string{"pull_request": "failure", "plan": "skipped", "comment": "success"})
	has(t, r.said(), "there are symbolic links below the root")
	w.check(t, head).ended(t, map[string]string{"organizations": "failure", "check": "skipped", "result": "failure"})
}

// Links on the way to the root, which nobody looks for, are none in the checkout.
func TestSymbolicLinksAboveTheRoot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"README.md": "hello\n"})
	secret := filepath.Join(w.dir, "secret.yaml")
	must(t, os.WriteFile(secret, []byte("do: not show\n"), 0o600))
	head := w.open(repository, map[string]string{"a": "link: b", "b/orgs/acme/org.yaml": acme, "b/orgs/acme/secret.yaml": "link: " + secret})
	r := w.start(t, "plan", input{github: checked(head, repository), inputs: w.called(map[string]any{"root": "a/orgs"})})
	r.ended(t, map[string]string{"pull_request": "failure", "plan": "skipped", "comment": "success"})
	if strings.Contains(r.said(), "show") {
		t.Errorf("it followed a link:\n%s", r.said())
	}
}

var (
	fence = regexp.MustCompile("^(`{3,})[a-z]*$")
	code  = regexp.MustCompile("`+[^`]*`+|<code>.*?</code>")
)

// prose are the lines of a comment that are no code, without the code in them.
func prose(body string) (out []string) {
	open := ""
	for _, line := range strings.Split(body, "\n") {
		switch m := fence.FindStringSubmatch(line); {
		case open == "" && m != nil:
			open = m[1]
		case open == line:
			open = ""
		case open == "":
			out = append(out, code.ReplaceAllString(line, ""))
		}
	}
	return out
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	must(t, err)
	return string(data)
}

// absent says that nothing ran that would have left a mark.
func absent(t *testing.T, mark string, r *run) {
	t.Helper()
	if _, err := os.Stat(mark); err == nil {
		t.Errorf("something of the checkout ran:\n%s", r.said())
	}
}
