package ci_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
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
func (r *run) ended(t *testing.T, want string) {
	t.Helper()
	var got []string
	for _, j := range r.workflow.Jobs {
		got = append(got, j.name+" "+r.results[j.name])
	}
	if got := strings.Join(got, ", "); got != want {
		t.Errorf("jobs: %s\nwant: %s\n%s", got, want, r.said())
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

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	must(t, err)
	return string(data)
}

// lever moves one of the simulator's levers.
func (w *world) lever(t *testing.T, method, path, body string) {
	t.Helper()
	rec := httptest.NewRecorder()
	w.sim.ServeHTTP(rec, httptest.NewRequest(method, "/_sim/"+path, strings.NewReader(body)))
	if rec.Code != 200 {
		t.Fatal(rec.Body)
	}
}

// byHand is what somebody does in the dashboard.
func (w *world) byHand(t *testing.T, method, path, body string) {
	t.Helper()
	w.lever(t, "POST", "change", fmt.Sprintf(`{"method": %q, "path": %q, "body": %s}`, method, path, body))
}
