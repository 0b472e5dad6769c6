package ci_test

import (
	"strings"
	"testing"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// act runs the action as the only step of a job, in a directory with an organization.
func (w *world) act(t *testing.T, key string, with map[string]string) *jobRun {
	t.Helper()
	r := &run{world: w, t: t, workflow: workflow{Env: map[string]string{"OPENAI_ADMIN_KEY": key}}, dir: t.TempDir(),
		contexts: map[string]any{"github": w.github(nil), "inputs": nil, "vars": nil}}
	one := r.begin("job", 0, job{}, nil)
	one.step(step{Uses: "actions/checkout@x", With: map[string]string{"repository": toolRepo, "ref": w.version, "path": "tool"}})
	one.step(step{Uses: "actions/checkout@x", With: map[string]string{"ref": w.tip("refs/heads/main"), "path": "yaml", "fetch-depth": "0"}})
	one.step(step{ID: "bylaw", Uses: "./tool", With: with})
	return one
}

// outputs are those of the action.
func (one *jobRun) bylaw(name string) string {
	return show(one.scope().lookup("steps.bylaw.outputs." + name))
}

func TestAction(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	base := w.tip("refs/heads/main")
	w.merge(map[string]string{"orgs/acme/org.yaml": acmeWith(400)})
	const path = "yaml/orgs/acme"
	for _, c := range []struct {
		name, key string
		with      map[string]string
		status    string
		failed    bool
		says      string
	}{
		{"only installs", "", nil, "", false, "Install bylaw"},
		{"validate", "", map[string]string{"command": "validate", "path": path}, "0", false, "valid: 1 file"},
		{"diff", "", map[string]string{"command": "diff", "path": path, "base": base}, "0", false, "rate_limits"},
		{"plan", sim.DefaultAdminKey, map[string]string{"command": "plan", "path": path}, "0", false, "500 -> 400"},
		{"plan with a base", sim.DefaultAdminKey, map[string]string{"command": "plan", "path": path, "base": base}, "0", false, "500 -> 400"},
		{"plan without a key", "", map[string]string{"command": "plan", "path": path}, "77", true, "no admin key"},
		{"drift is no failure", sim.DefaultAdminKey, map[string]string{"command": "drift", "path": path}, "2", false, "500 -> 400"},
		{"mistakes", "", map[string]string{"command": "validate", "path": "yaml"}, "1", true, "::error"},
		{"no such command", "", map[string]string{"command": "apply"}, "", true, "::error::command: not one of validate, diff, plan, drift"},
		{"no flag", "", map[string]string{"command": "validate", "path": "--help"}, "1", true, "--help"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := *w // its own test
			w.t = t
			one := w.act(t, c.key, c.with)
			if got := one.bylaw("status"); got != c.status || one.failed != c.failed {
				t.Errorf("status %q, failed %t\n%s", got, one.failed, one.log.String())
			}
			has(t, one.log.String(), c.says)
			if shows := one.summary.String() != ""; shows != (one.bylaw("markdown") != "" && !c.failed) {
				t.Errorf("the summary: %q", one.summary.String())
			}
		})
	}
}

// The text of action.yml names the commands that it takes.
func TestActionNamesItsCommands(t *testing.T) {
	t.Parallel()
	a := parse[action](t, "action.yml")
	for _, name := range []string{"validate", "diff", "plan", "drift"} {
		if !strings.Contains(a.Inputs["command"].Description, name) {
			t.Errorf("the description of command lacks %s", name)
		}
	}
}
