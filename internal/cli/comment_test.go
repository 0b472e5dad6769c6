package cli_test

import (
	"bytes"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/cli"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// A review is a repository with a pull request, and the organization that it is about.
type review struct {
	t   *testing.T
	dir string
	sim *sim.Server
}

// newReview makes a repository of testdata/comment/base and applies it. Somebody then lifts a limit by hand,
// and the pull request is testdata/comment/head.
func newReview(t *testing.T) *review {
	t.Helper()
	r := &review{t: t, dir: t.TempDir(), sim: sim.New(sim.Demo())}
	root, err := filepath.Abs("../../testdata/comment")
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range gitEnv {
		t.Setenv(name, v)
	}
	r.git("-c", "init.defaultBranch=main", "init", "-q", "--template=")
	r.write(filepath.Join(root, "base", "org.yaml"))
	r.commit("The organization")
	t.Chdir(r.dir)
	for _, name := range []string{"assistant", "billing", "translate"} { // apply makes them at once, and ids are in the hash
		r.byHand("POST", "/organization/projects", `{"name":"`+name+`"}`)
	}
	if out, status := r.bylaw("apply", "--yes", "-q", "orgs/acme"); status != 0 {
		t.Fatalf("status %d:\n%s", status, out)
	}
	r.git("checkout", "-q", "-b", "change")
	r.write(filepath.Join(root, "head", "org.yaml"))
	r.commit("A change")
	r.byHand("POST", "/organization/projects/"+r.project("assistant")+"/spend_limit", `{"threshold_amount":300000,"currency":"USD","interval":"month"}`)
	return r
}

// write makes a file the organization's YAML.
func (r *review) write(from string) {
	r.t.Helper()
	text, err := os.ReadFile(from)
	dir := filepath.Join(r.dir, "orgs", "acme")
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "org.yaml"), text, 0o644)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *review) git(args ...string) {
	r.t.Helper()
	if out, err := exec.Command("git", append([]string{"-C", r.dir}, args...)...).CombinedOutput(); err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func (r *review) commit(message string) {
	r.git("add", "--all", ".")
	r.git("commit", "-q", "-m", message)
}

func (r *review) project(name string) string {
	for _, p := range r.sim.Snapshot().Projects {
		if p.Name == name {
			return p.ID
		}
	}
	r.t.Fatalf("no project %s", name)
	return ""
}

func (r *review) byHand(method, path, body string) {
	r.t.Helper()
	rec := httptest.NewRecorder()
	in := `{"method":"` + method + `","path":"` + path + `","body":` + body + `}`
	r.sim.ServeHTTP(rec, httptest.NewRequest("POST", "/_sim/change", strings.NewReader(in)))
	if rec.Code != 200 {
		r.t.Fatalf("%s: %d %s", path, rec.Code, rec.Body)
	}
}

func (r *review) bylaw(args ...string) (out string, status int) {
	var b bytes.Buffer
	env := map[string]string{"OPENAI_ADMIN_KEY": sim.DefaultAdminKey, "XDG_CACHE_HOME": filepath.Join(r.dir, ".git", "cache")}
	status = cli.Main(args, cli.Env{Stdin: strings.NewReader(""), Stdout: &b, Stderr: &b, Transport: r.sim.Transport(),
		Getenv: func(name string) string { return env[name] },
		Now:    func() time.Time { return time.Date(2025, 11, 21, 9, 0, 0, 0, time.UTC) }})
	return b.String(), status
}

// TestReadmeComment holds the comment that the README shows against what a plan of that pull request prints.
func TestReadmeComment(t *testing.T) {
	golden, err := filepath.Abs("../../testdata/comment/comment.md")
	if err != nil {
		t.Fatal(err)
	}
	shown, err := filepath.Abs(readme)
	if err != nil {
		t.Fatal(err)
	}
	r := newReview(t)
	got, status := r.bylaw("plan", "--base", "main...", "--format", "markdown", "orgs/acme")
	if status != 0 {
		t.Fatalf("status %d:\n%s", status, got)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the comment (-want +got):\n%s", diff)
	}
	text, err := os.ReadFile(shown)
	if err != nil {
		t.Fatal(err)
	}
	const open, end = "````markdown\n", "````\n"
	before, rest, found := strings.Cut(string(text), open)
	have, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatal("README.md shows no comment")
	}
	if *update {
		if err := os.WriteFile(shown, []byte(before+open+got+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		have = got
	}
	if diff := cmp.Diff(got, have); diff != "" {
		t.Errorf("the comment in README.md (-plan +README):\n%s", diff)
	}
}
