package repo_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bylaw-dev/bylaw/internal/repo"
)

// TestMain runs git without anybody's settings, and with one author and one date.
func TestMain(m *testing.M) {
	for _, v := range []string{
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@acme.example", "GIT_AUTHOR_DATE=2026-01-31T12:00:00Z",
		"GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@acme.example", "GIT_COMMITTER_DATE=2026-01-31T12:00:00Z",
	} {
		name, value, _ := strings.Cut(v, "=")
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// A work is a work tree.
type work struct {
	t   *testing.T
	dir string
}

// newWork is a repository on main with these files in one commit.
func newWork(t *testing.T, files map[string]string) work {
	t.Helper()
	w := work{t, t.TempDir()}
	w.git("-c", "init.defaultBranch=main", "init", "--quiet", "--template=")
	if len(files) > 0 {
		w.write(files)
		w.commit("first")
	}
	return w
}

func (w work) git(args ...string) string {
	w.t.Helper()
	return w.feed("", args...)
}

func (w work) feed(input string, args ...string) string {
	w.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = w.dir, strings.NewReader(input)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		w.t.Fatalf("git %s: %v\n%s", args[0], err, &said)
	}
	return strings.TrimSuffix(string(out), "\n")
}

func (w work) at(path string) string { return filepath.Join(w.dir, path) }

func (w work) write(files map[string]string) {
	w.t.Helper()
	for name, text := range files {
		w.must(os.MkdirAll(filepath.Dir(w.at(name)), 0o755))
		w.must(os.WriteFile(w.at(name), []byte(text), 0o644))
	}
}

func (w work) link(to, name string) {
	w.t.Helper()
	w.must(os.MkdirAll(filepath.Dir(w.at(name)), 0o755))
	w.must(os.Symlink(to, w.at(name)))
}

func (w work) commit(message string) string {
	w.t.Helper()
	w.git("add", "--all", ".")
	w.git("commit", "--quiet", "--message", message)
	return w.git("rev-parse", "HEAD")
}

func (w work) open(path string) repo.Repo {
	w.t.Helper()
	r, err := repo.Open(w.t.Context(), w.at(path))
	w.must(err)
	return r
}

func (w work) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// texts are the files of a file system, by path; a directory ends in a slash.
func texts(t *testing.T, fsys fs.FS) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(fsys, p)
		out[p] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// wantError fails unless the error has all these texts.
func wantError(t *testing.T, err error, texts ...string) {
	t.Helper()
	if err == nil {
		t.Error("no error")
		return
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q lacks %q", err, text)
		}
	}
}

// everything is each file below a directory, .git too, with its bytes and its time.
func everything(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		about := fmt.Sprint(info.Mode(), info.ModTime())
		if info.Mode().IsRegular() {
			text, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			about += string(text)
		}
		out[p] = about
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
