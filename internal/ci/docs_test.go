package ci_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// block is a fenced block of a page: its language and its text.
var block = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$")

// blocks are the blocks of docs/ci.md in a language.
func blocks(t *testing.T, language string) (out []string) {
	t.Helper()
	for _, m := range block.FindAllStringSubmatch(read(t, filepath.Join(root, "docs/ci.md")), -1) {
		if m[1] == language {
			out = append(out, m[2])
		}
	}
	return out
}

// The workflows that docs/ci.md tells to copy check, plan, apply and watch with the commit of bylaw that they were copied
// from, though bylaw goes on.
func TestCopies(t *testing.T) {
	t.Parallel()
	w := applied(t)
	tool := filepath.Join(w.dir, toolRepo)
	cmd := exec.Command("bash", "-euo", "pipefail", "-c", strings.Replace(blocks(t, "sh")[0], "../bylaw", tool, 1))
	cmd.Dir, cmd.Env = w.tree, []string{"PATH=" + os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1", "HOME=" + w.dir}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	w.git(tool, "push", "--quiet", "origin", w.commit(tool, map[string]string{"main.go": "a later tool\n"})+":main")
	w.workflows = filepath.Join(w.tree, ".github/workflows")
	here := map[string]any{"BYLAW_ROOT": "orgs"}

	head := w.open(repository, map[string]string{"orgs/acme/org.yaml": acmeWith(400)})
	w.git(w.tree, "checkout", "--quiet", "change", "--", ".github") // the copies were committed there
	for _, step := range []struct {
		name  string
		event map[string]any
		want  string
	}{
		{"check", opened(head), "organizations success, check success, result success"},
		{"plan", checked(head, repository), "pull_request success, plan success, comment success"},
		{"apply", map[string]any{"event_name": "push"}, "organizations success, apply success, applied success"},
		{"drift", map[string]any{"event_name": "schedule"}, "organizations success, drift success, issue success"},
	} {
		if step.name == "apply" {
			w.merge(map[string]string{"orgs/acme/org.yaml": acmeWith(400)})
		}
		r := w.start(t, "bylaw-"+step.name, input{github: step.event, vars: here})
		r.ended(t, step.want)
		if got := read(t, filepath.Join(r.dir, "builds")); strings.ReplaceAll(got, "the tool\n", "") != "" {
			t.Errorf("%s built %s", step.name, got)
		}
	}
	if got := w.writes(); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

// What docs/ci.md and the heads of the workflows tell to write calls with inputs that exist, and with permissions that suffice.
func TestCallers(t *testing.T) {
	t.Parallel()
	texts := []string{}
	for _, text := range blocks(t, "yaml") {
		if strings.Contains(text, "/workflows/") {
			texts = append(texts, text)
		}
	}
	for _, name := range kept {
		texts = append(texts, example(read(t, filepath.Join(root, workflowFile(name)))))
	}
	for _, text := range texts {
		var caller struct {
			Jobs map[string]struct {
				Uses        string
				Permissions map[string]string
				With        map[string]string
			}
		}
		text = strings.ReplaceAll(strings.ReplaceAll(text, "<the same commit>", "0"), "<commit>", "0")
		must(t, yaml.Unmarshal([]byte(text), &caller))
		for name, j := range caller.Jobs {
			if !strings.Contains(j.Uses, "/.github/workflows/"+name+".yml@") {
				t.Errorf("%s uses %s", name, j.Uses)
			}
			callee := parse[workflow](t, workflowFile(name))
			declared := inputsOf(callee, nil)
			for input := range j.With {
				if _, known := declared[input]; !known {
					t.Errorf("%s has no input %s", name, input)
				}
			}
			if j.Permissions == nil { // check's: all that it needs is what any token may
				continue
			}
			if d := cmp.Diff(needed(callee), j.Permissions); d != "" {
				t.Errorf("%s: %s", name, d)
			}
		}
		if len(caller.Jobs) != 1 {
			t.Errorf("no job in:\n%s", text)
		}
	}
}

// example is the indented YAML in the comment at the head of a file.
func example(file string) string {
	var out []string
	for line := range strings.Lines(file) {
		if !strings.HasPrefix(line, "#") {
			break
		}
		if rest, ok := strings.CutPrefix(line, "#     "); ok {
			out = append(out, rest)
		}
	}
	return strings.Join(out, "")
}

// needed are the permissions of all jobs.
func needed(w workflow) map[string]string {
	out := map[string]string{}
	for _, j := range w.Jobs {
		for name, may := range j.value.Permissions {
			if out[name] != "write" {
				out[name] = may
			}
		}
	}
	return out
}

// The table of docs/threat-model.md is what the workflows say.
func TestThreatModelTable(t *testing.T) {
	t.Parallel()
	type rights struct{ Permissions, Environment string }
	got, want := map[string]rights{}, map[string]rights{}
	row := regexp.MustCompile(`(?m)^\| (check|plan|apply|drift): ([^|]+) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$`)
	environment := regexp.MustCompile("`(bylaw-[a-z]+)-…`")
	for _, m := range row.FindAllStringSubmatch(read(t, filepath.Join(root, "docs/threat-model.md")), -1) {
		var r rights
		if m[3] != "none" {
			r.Permissions = strings.NewReplacer("`", "", ": ", "=", ", ", " ").Replace(m[3])
		}
		if e := environment.FindStringSubmatch(m[4]); e != nil {
			r.Environment = e[1]
		}
		for _, name := range strings.Split(m[2], ", ") {
			got[m[1]+"/"+strings.Trim(name, "`")] = r
		}
	}
	for _, name := range kept {
		for _, j := range parse[workflow](t, workflowFile(name)).Jobs {
			r := rights{Permissions: token(j.value.Permissions)}
			if j.value.Environment != "" {
				r.Environment = "bylaw-" + name
			}
			want[name+"/"+j.name] = r
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
