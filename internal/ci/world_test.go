package ci_test

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

const (
	repository = "acme/governance" // whose workflows run
	toolRepo   = "bylaw-dev/bylaw"
)

// A world is what workflows run in: a repository, what GitHub keeps beside it, and the live organization.
type world struct {
	t         *testing.T
	dir       string
	workflows string            // the directory that they are in
	tree      string            // a person's clone
	remotes   map[string]string // bare repositories, by name
	version   string            // the commit of toolRepo
	keys      map[string]string // the admin key, by environment
	hub       string            // the file that is GitHub
	sim       *sim.Server
	url       string
	bin       string // the programs of a runner
	program   string // bylaw
}

// newWorld has one commit on main, of these files.
func newWorld(t *testing.T, files map[string]string) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), workflows: filepath.Join(root, ".github/workflows"), remotes: map[string]string{}, keys: map[string]string{}, sim: sim.New(sim.Demo()), program: program(t)}
	server := httptest.NewServer(w.sim)
	t.Cleanup(server.Close)
	w.url = server.URL + "/v1"
	for _, job := range []string{"plan", "apply", "drift"} {
		w.keys["bylaw-"+job+"-acme"] = sim.DefaultAdminKey
	}
	w.hub = filepath.Join(w.dir, "hub.json")
	must(t, hub{}.write(w.hub))
	w.runner()
	w.tree = w.repository(repository, files)
	tool := w.repository(toolRepo, toolFiles(t, "the tool"))
	w.version = w.git(tool, "rev-parse", "HEAD")
	return w
}

// toolFiles are what of bylaw a runner sees; the mark tells one commit of it from another.
func toolFiles(t *testing.T, mark string) map[string]string {
	t.Helper()
	out := map[string]string{"main.go": mark + "\n"}
	names := []string{"action.yml", "go.mod"}
	for _, name := range kept {
		names = append(names, workflowFile(name))
	}
	for _, name := range names {
		out[name] = read(t, filepath.Join(root, name))
	}
	return out
}

// skipped says that scripts cannot run here.
var skipped atomic.Bool

// runner makes the directory of programs.
func (w *world) runner() {
	w.t.Helper()
	if runtime.GOOS != "linux" {
		skipped.Store(true)
		w.t.Skip("the scripts are for GitHub's Linux runners: a newer bash than some, GNU's grep")
	}
	w.bin = filepath.Join(w.dir, "bin")
	must(w.t, os.Mkdir(w.bin, 0o755))
	self, err := os.Executable()
	must(w.t, err)
	for _, name := range []string{"gh", "go"} {
		must(w.t, os.Symlink(self, filepath.Join(w.bin, name)))
	}
	for _, name := range tools {
		at, err := exec.LookPath(name)
		if err != nil {
			skipped.Store(true)
			w.t.Skipf("GitHub's runners have %s, this machine does not", name)
		}
		must(w.t, os.Symlink(at, filepath.Join(w.bin, name)))
	}
}

// repository makes a bare repository, and a clone of it with a first commit.
func (w *world) repository(name string, files map[string]string) (clone string) {
	w.t.Helper()
	bare := filepath.Join(w.dir, name+".git")
	w.remotes[name] = bare
	must(w.t, os.MkdirAll(bare, 0o755))
	w.git(bare, "init", "--quiet", "--bare")
	w.git(bare, "config", "uploadpack.allowAnySHA1InWant", "true")
	clone = filepath.Join(w.dir, name)
	must(w.t, os.MkdirAll(clone, 0o755))
	w.git(clone, "init", "--quiet")
	w.git(clone, "remote", "add", "origin", bare)
	w.commit(clone, files)
	w.git(clone, "push", "--quiet", "origin", "main")
	guard := "#!/bin/sh\ncase \"$GH_TOKEN\" in *contents=write*) ;; *) echo 'the job may not push' >&2; exit 1 ;; esac\n"
	must(w.t, os.MkdirAll(filepath.Join(bare, "hooks"), 0o755))
	must(w.t, os.WriteFile(filepath.Join(bare, "hooks/pre-receive"), []byte(guard), 0o755))
	return clone
}

// git runs git as a person would, who may push, and answers what it says.
func (w *world) git(dir string, args ...string) string {
	w.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "GIT_CONFIG_NOSYSTEM=1", "GH_TOKEN=contents=write",
		"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@acme.example", "GIT_AUTHOR_DATE=2025-11-18T00:00:00Z",
		"GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@acme.example", "GIT_COMMITTER_DATE=2025-11-18T00:00:00Z",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=init.defaultBranch", "GIT_CONFIG_VALUE_0=main"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// commit writes files and commits them. "link: X" makes a link to X, a text that begins with #! a program.
func (w *world) commit(dir string, files map[string]string) (sha string) {
	w.t.Helper()
	for _, name := range sortedKeys(files) {
		at, text := filepath.Join(dir, name), files[name]
		must(w.t, os.MkdirAll(filepath.Dir(at), 0o755))
		mode := os.FileMode(0o644)
		if strings.HasPrefix(text, "#!") {
			mode = 0o755
		}
		if to, ok := strings.CutPrefix(text, "link: "); ok {
			must(w.t, os.Symlink(to, at))
			continue
		}
		must(w.t, os.WriteFile(at, []byte(text), mode))
	}
	w.git(dir, "add", "--all", "--force")
	w.git(dir, "commit", "--quiet", "--allow-empty", "--message", "change")
	return w.git(dir, "rev-parse", "HEAD")
}

// merge puts files on main.
func (w *world) merge(files map[string]string) (sha string) {
	w.t.Helper()
	w.git(w.tree, "checkout", "--quiet", "main")
	sha = w.commit(w.tree, files)
	w.git(w.tree, "push", "--quiet", "origin", "main")
	return sha
}

// open opens a pull request, or pushes to it: number 7, from the branch `change` of a repository. A fork's commit is in no
// branch of ours.
func (w *world) open(from string, files map[string]string) (sha string) {
	w.t.Helper()
	w.git(w.tree, "checkout", "--quiet", "-B", "change", "main")
	sha = w.commit(w.tree, files)
	ref := "refs/heads/change"
	if from != repository {
		ref = "refs/pull/7/head"
	}
	w.git(w.tree, "push", "--quiet", "--force", "origin", "HEAD:"+ref)
	w.git(w.tree, "checkout", "--quiet", "main")
	p := pull{Number: 7, State: "open"}
	p.Head.Ref, p.Head.SHA, p.Head.Repo.Name = "change", sha, from
	p.Base.Ref = "main"
	w.change(func(h *hub) { h.Pulls = []pull{p} })
	return sha
}

// change changes what GitHub keeps.
func (w *world) change(do func(*hub)) {
	w.t.Helper()
	h := w.kept()
	do(&h)
	must(w.t, h.write(w.hub))
}

// kept is what GitHub keeps.
func (w *world) kept() hub {
	w.t.Helper()
	h, err := readHub(w.hub)
	must(w.t, err)
	return h
}

// tip is the commit of a ref of the repository, or "".
func (w *world) tip(ref string) string {
	w.t.Helper()
	return w.git(w.remotes[repository], "for-each-ref", "--format=%(objectname)", ref)
}

// github is the context of that name: what of it any workflow uses, and what the event brings. The ref of main is
// what a run is of unless the event says otherwise.
func (w *world) github(event map[string]any) map[string]any {
	out := map[string]any{"repository": repository, "server_url": "https://github.example", "run_id": "42", "ref": "refs/heads/main",
		"base_ref": nil, "event_name": nil, "sha": w.tip("refs/heads/main"), "action_path": nil,
		"event": map[string]any{"repository": map[string]any{"default_branch": "main"}, "pull_request": nil, "workflow_run": nil}}
	inner := out["event"].(map[string]any)
	maps.Copy(out, event)
	if brought, ok := event["event"].(map[string]any); ok {
		maps.Copy(inner, brought)
		out["event"] = inner
	}
	return out
}

// called are the inputs of a workflow that another repository calls.
func (w *world) called(more map[string]any) map[string]any {
	out := map[string]any{"root": "orgs", "version": w.version}
	maps.Copy(out, more)
	return out
}

// program is bylaw, built once, by the action's own script.
func program(t *testing.T) string {
	t.Helper()
	for _, st := range parse[action](t, "action.yml").Runs.Steps {
		if st.Name == "Install bylaw" {
			built.once.Do(func() { built.program, built.err = install(st.Run) })
		}
	}
	must(t, built.err)
	return built.program
}

var built struct {
	once    sync.Once
	dir     string // removed at the end
	program string
	err     error
}

func install(script string) (string, error) {
	here, err := filepath.Abs(root)
	if err != nil {
		return "", err
	}
	if built.dir, err = os.MkdirTemp("", "bylaw-ci-"); err != nil {
		return "", err
	}
	cmd := exec.Command("bash", "-c", script)
	cmd.Env = append(os.Environ(), "RUNNER_TEMP="+built.dir, "GITHUB_ACTION_PATH="+here, "GITHUB_PATH="+filepath.Join(built.dir, "path"))
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return filepath.Join(built.dir, "bylaw-bin/bylaw"), nil
}
