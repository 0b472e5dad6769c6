package ci_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	pinned  = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)
	version = regexp.MustCompile(`^v\d+\.\d+\.\d+$`)
)

// A tag can be moved to other code; a commit cannot. One version of each action is enough to watch.
func TestActionsArePinned(t *testing.T) {
	t.Parallel()
	pins := map[string]string{}
	for _, p := range places(t) {
		switch {
		case p.step.Uses == "" || p.step.Uses == "./tool":
			continue
		case !pinned.MatchString(p.step.Uses):
			t.Errorf("%s uses %s: no commit", p.at, p.step.Uses)
		case !version.MatchString(p.step.pin):
			t.Errorf("%s uses %s: the comment names no version: %q", p.at, p.step.Uses, p.step.pin)
		}
		name, _, _ := strings.Cut(p.step.Uses, "@")
		if at := p.step.Uses + " # " + p.step.pin; pins[name] == "" {
			pins[name] = at
		} else if pins[name] != at {
			t.Errorf("%s uses %s, and elsewhere it is %s", p.at, at, pins[name])
		}
	}
}

// What GitHub puts into a script is no text there but code, whoever wrote it. The environment has texts.
func TestScriptsHaveNoExpressions(t *testing.T) {
	t.Parallel()
	for _, p := range places(t) {
		if strings.Contains(p.step.Run, "${{") {
			t.Errorf("%s: an expression in the script; give it to the script as a variable", p.at)
		}
		if p.step.Run != "" && p.step.Run != ".ci/run" && !strings.HasPrefix(p.step.Run, "set -euo pipefail\n") {
			t.Errorf("%s: the script does not begin with set -euo pipefail", p.at)
		}
	}
}

// pull_request_target would run with secrets on the pull request's own terms.
func TestTriggers(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(root, ".github/workflows/*"))
	must(t, err)
	for _, file := range append(files, filepath.Join(root, "action.yml")) {
		data, err := os.ReadFile(file)
		must(t, err)
		if strings.Contains(string(data), "pull_request_target") {
			t.Errorf("%s: pull_request_target", file)
		}
	}
	got := map[string][]string{}
	for _, name := range kept {
		got[name] = sortedKeys(parse[workflow](t, workflowFile(name)).On)
	}
	want := map[string][]string{
		"check": {"pull_request", "workflow_call"},
		"plan":  {"workflow_call", "workflow_run"},
		"apply": {"push", "workflow_call", "workflow_dispatch"},
		"drift": {"schedule", "workflow_call", "workflow_dispatch"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// rights are what each job may do, which environment's secrets it gets, and whether it names the key.
// docs/threat-model.md has the same table for people.
var rights = []string{
	"check/organizations: contents=read",
	"check/check: contents=read",
	"check/result:",
	"plan/pull_request: contents=read pull-requests=read",
	"plan/plan: contents=read; ...-..., key in step Plan", // bylaw-plan-acme or bylaw-fork-acme
	"plan/comment: pull-requests=write statuses=write",
	"apply/organizations: contents=read",
	"apply/apply: contents=read; bylaw-apply-..., key in step Apply",
	"apply/applied: contents=write",
	"drift/organizations: contents=read",
	"drift/drift: contents=read; bylaw-drift-..., key in step Find drift",
	"drift/issue: issues=write",
}

func TestRights(t *testing.T) {
	t.Parallel()
	var got []string
	for _, name := range kept {
		w := parse[workflow](t, workflowFile(name))
		if w.Permissions == nil || len(w.Permissions) > 0 {
			t.Errorf("%s: permissions of the whole workflow are %v, want {}", name, w.Permissions)
		}
		for _, j := range w.Jobs {
			if j.value.Permissions == nil {
				t.Errorf("%s/%s: no permissions of its own", name, j.name)
			}
			got = append(got, strings.TrimSpace(name+"/"+j.name+": "+rightsOf(j.value)))
		}
	}
	if d := cmp.Diff(rights, got); d != "" {
		t.Error(d)
	}
}

func rightsOf(j job) string {
	s := token(j.Permissions)
	if j.Environment != "" {
		s += "; " + expression.ReplaceAllString(j.Environment, "...")
	}
	for _, st := range j.Steps {
		if text := fmt.Sprint(st); strings.Contains(text, "secrets.") {
			s += ", key in step " + st.Name
		}
	}
	return s
}

// token is a set of permissions as a text; it stands for the job's GITHUB_TOKEN, too.
func token(permissions map[string]string) string {
	var out []string
	for _, name := range sortedKeys(permissions) {
		out = append(out, name+"="+permissions[name])
	}
	return strings.Join(out, " ")
}

// The key is in no job's and no workflow's environment, where every step has it, and no other secret is used.
func TestSecrets(t *testing.T) {
	t.Parallel()
	for _, name := range kept {
		data, err := os.ReadFile(filepath.Join(root, workflowFile(name)))
		must(t, err)
		for _, line := range strings.Split(string(data), "\n") {
			if strings.Contains(line, "secrets.") && strings.TrimSpace(line) != "OPENAI_ADMIN_KEY: ${{ secrets.OPENAI_ADMIN_KEY }}" {
				t.Errorf("%s: %s", name, line)
			}
		}
		w := parse[workflow](t, workflowFile(name))
		for v := range w.Env {
			if !strings.HasPrefix(v, "GIT_CONFIG_") {
				t.Errorf("%s: every step has %s", name, v)
			}
		}
	}
}

func TestTimeoutsAndConcurrency(t *testing.T) {
	t.Parallel()
	for _, name := range kept {
		w := parse[workflow](t, workflowFile(name))
		if w.Defaults.Run.Shell != "bash" {
			t.Errorf("%s: the shell is %q", name, w.Defaults.Run.Shell)
		}
		for _, j := range w.Jobs {
			if j.value.Timeout == 0 || j.value.Timeout > 90 {
				t.Errorf("%s/%s: timeout-minutes is %d", name, j.name, j.value.Timeout)
			}
			if j.value.Strategy.Matrix != "" && j.value.Strategy.FailFast {
				t.Errorf("%s/%s: one organization's failure stops the others", name, j.name)
			}
		}
	}
	apply := parse[workflow](t, workflowFile("apply"))
	want := concurrency{Group: "bylaw-apply-${{ matrix.name }}", Cancel: "false"}
	if d := cmp.Diff(want, apply.Jobs[1].value.Concurrency); d != "" || apply.Concurrency != (concurrency{}) {
		t.Errorf("apply: %s%v", d, apply.Concurrency)
	}
}

// No credentials lie on the disk, and no cache, which other runs may have written, is built from.
func TestCheckouts(t *testing.T) {
	t.Parallel()
	for _, p := range places(t) {
		switch name, _, _ := strings.Cut(p.step.Uses, "@"); name {
		case "actions/checkout":
			if p.step.With["persist-credentials"] != "false" {
				t.Errorf("%s: persist-credentials is not false", p.at)
			}
		case "actions/setup-go":
			if !strings.HasPrefix(p.at, workflowFile("ci")) && p.step.With["cache"] != "false" {
				t.Errorf("%s: builds with a cache", p.at)
			}
		}
	}
}

// A script works in the workspace, in its own tool's directory or in a tree of YAML, and the only action of a
// checkout that is run is that of the tool. What else a script could run is held by the PATH of run_test.go.
func TestNothingElseOfACheckoutIsUsed(t *testing.T) {
	t.Parallel()
	for _, p := range places(t) {
		if !slices.Contains([]string{"", "organization"}, p.step.Directory) {
			t.Errorf("%s: works in %s", p.at, p.step.Directory)
		}
		if strings.HasPrefix(p.step.Uses, ".") && p.step.Uses != "./tool" {
			t.Errorf("%s: uses %s", p.at, p.step.Uses)
		}
		if p.step.With["path"] == "tool" && p.step.Uses != "" &&
			(p.step.With["repository"] != "${{ inputs.tool || github.repository }}" || p.step.With["ref"] != "${{ inputs.version || github.sha }}") {
			t.Errorf("%s: the tool is of %s at %s", p.at, p.step.With["repository"], p.step.With["ref"])
		}
	}
}
