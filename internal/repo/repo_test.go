package repo_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/repo"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"orgs/acme/org.yaml": "version: 1\n", ":(top) x\n/org.yaml": ""})
	top, err := filepath.EvalSymlinks(w.dir)
	w.must(err)
	w.link("orgs/acme", "current")
	w.write(map[string]string{"new/org.yaml": ""})
	for path, want := range map[string]string{
		".":                  ".",
		"orgs":               "orgs",
		"orgs/acme":          "orgs/acme",
		"orgs/acme/../acme/": "orgs/acme",
		"orgs/acme/org.yaml": "orgs/acme/org.yaml",
		":(top) x\n":         ":(top) x\n",
		"current":            "orgs/acme", // a link is where it leads
		"current/org.yaml":   "orgs/acme/org.yaml",
		"new/org.yaml":       "new/org.yaml", // not in git yet
	} {
		if diff := cmp.Diff(repo.Repo{Top: top, Path: want}, w.open(path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func TestOpenThroughALinkFromElsewhere(t *testing.T) {
	t.Parallel()
	w, elsewhere := newWork(t, map[string]string{"orgs/acme/org.yaml": ""}), t.TempDir()
	w.must(os.Symlink(w.at("orgs"), filepath.Join(elsewhere, "link")))
	r, err := repo.Open(t.Context(), filepath.Join(elsewhere, "link", "acme"))
	if err != nil || r.Path != "orgs/acme" {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestOpenLinkedWorktree(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"orgs/acme/org.yaml": ""})
	other := work{t, filepath.Join(t.TempDir(), "other")}
	w.git("worktree", "add", "--quiet", "-b", "topic", other.dir)
	other.write(map[string]string{"orgs/acme/a.yaml": ""})
	id := other.commit("second")
	got, err := other.open("orgs").Commit(t.Context(), "HEAD")
	if err != nil || got != id {
		t.Errorf("got %s, %v, want %s", got, err, id)
	}
}

func TestOpenWithoutRepository(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(dir))
	_, err := repo.Open(t.Context(), dir)
	if !errors.Is(err, repo.ErrNone) {
		t.Errorf("got %v", err)
	}
	wantError(t, err, "no git repository holds "+dir)
}

func TestOpenBareRepository(t *testing.T) {
	t.Parallel()
	w := newWork(t, nil)
	w.git("init", "--quiet", "--bare", "evil")
	w.git("-C", "evil", "config", "core.fsmonitor", "touch ../marker")
	_, err := repo.Open(t.Context(), w.at("evil"))
	wantError(t, err, "bare repository")
}

func TestOpenWithoutGit(t *testing.T) {
	w := newWork(t, nil)
	t.Setenv("PATH", t.TempDir())
	_, err := repo.Open(t.Context(), w.dir)
	if !errors.Is(err, repo.ErrNone) {
		t.Errorf("got %v", err)
	}
	wantError(t, err, "git", "not found")
}

func TestOpenMissingPath(t *testing.T) {
	t.Parallel()
	_, err := repo.Open(t.Context(), newWork(t, nil).at("orgs"))
	if !errors.Is(err, fs.ErrNotExist) || errors.Is(err, repo.ErrNone) {
		t.Errorf("got %v", err)
	}
}

func TestOpenOfAnotherUser(t *testing.T) {
	w := newWork(t, map[string]string{"org.yaml": ""})
	t.Setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1") // git's own way to test it
	_, err := repo.Open(t.Context(), w.dir)
	if errors.Is(err, repo.ErrNone) {
		t.Errorf("passes for none: %v", err)
	}
	wantError(t, err, "dubious ownership", "git config --global --add safe.directory "+w.dir)
}

// TestInsideAHook: git tells a hook by variables which repository and index it runs for.
func TestInsideAHook(t *testing.T) {
	w, other := newWork(t, map[string]string{"a/org.yaml": "1"}), newWork(t, map[string]string{"b/org.yaml": "2"})
	t.Setenv("GIT_DIR", other.at(".git"))
	t.Setenv("GIT_WORK_TREE", other.dir)
	t.Setenv("GIT_INDEX_FILE", other.at(".git/index"))
	t.Setenv("GIT_PREFIX", "b/")
	r, err := repo.Open(t.Context(), w.at("a"))
	w.must(err)
	_, dirty, err := r.Head(t.Context())
	if err != nil || dirty || r.Path != "a" {
		t.Errorf("got %+v, dirty %t, %v", r, dirty, err)
	}
}

func TestCommit(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"org.yaml": "1"})
	first := w.git("rev-parse", "HEAD")
	w.write(map[string]string{"org.yaml": "2"})
	second := w.commit("second: a b")
	w.git("tag", "--annotate", "--message", "v1", "v1", first)
	w.git("branch", "feature/x", first)
	for ref, want := range map[string]string{
		"HEAD": second, "main": second, "@": second, "HEAD~1": first, "main^": first, "v1": first,
		"feature/x": first, "refs/heads/main": second, first: first, first[:12]: first, "v1^{commit}": first,
	} {
		got, err := w.open(".").Commit(t.Context(), ref)
		if err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", ref, got, err, want)
		}
	}
}

func TestCommitRefuses(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"org.yaml": "1", "orgs/a.yaml": ""})
	before := everything(t, w.dir)
	for _, ref := range []string{
		"", "-", "--", "-h", "--help", "--all", "--output=x", "--output=" + w.at("x"), "--git-dir=..", "^main", "main..main", "main...main",
		"main:../..", "main:orgs", "main^{tree}", "a b", "main ", " main", "main main", "main\nmain", "main\x00", "nosuch", "HEAD~9",
		"main^@", "main^!", "main^-", "@{u}", ":orgs", ":/nosuch", ":(top)", "*", "ma?n", "$(id)", strings.Repeat("0", 40), strings.Repeat("x", 5000),
	} {
		got, err := w.open("orgs").Commit(t.Context(), ref)
		if err == nil || got != "" {
			t.Errorf("%q: got %q, %v", ref, got, err)
			continue
		}
		wantError(t, err, "git has no commit")
	}
	if diff := cmp.Diff(before, everything(t, w.dir)); diff != "" {
		t.Errorf("something was written (-before +after):\n%s", diff)
	}
}

// Whoever may push a tag could call it as a branch is called; git would take the tag.
func TestCommitOfAnAmbiguousName(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"org.yaml": "1"})
	first := w.git("rev-parse", "HEAD")
	w.write(map[string]string{"org.yaml": "2"})
	second := w.commit("second")
	w.git("update-ref", "refs/remotes/origin/main", second)
	for _, name := range []string{"main", "origin/main"} {
		w.git("tag", name, first)
		for _, ref := range []string{name, name + "~1", name + "^"} {
			_, err := w.open(".").Commit(t.Context(), ref)
			wantError(t, err, "names several refs", "refs/tags/"+name, "write one of them in full")
		}
	}
	for ref, want := range map[string]string{"refs/heads/main": second, "refs/remotes/origin/main": second, "refs/tags/main": first, "HEAD": second} {
		if got, err := w.open(".").Commit(t.Context(), ref); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", ref, got, err, want)
		}
	}
}

func TestCommitHints(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"org.yaml": "1"})
	w.git("update-ref", "refs/remotes/origin/release", "HEAD")
	_, err := w.open(".").Commit(t.Context(), "release")
	wantError(t, err, `did you mean "origin/release"?`)
	_, err = w.open(".").Commit(t.Context(), "origin/nosuch")
	wantError(t, err, `"origin/nosuch"`, "in GitHub Actions", "fetch-depth: 0")
}

func TestCommitInShallowClone(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"org.yaml": "1"})
	first := w.git("rev-parse", "HEAD")
	w.write(map[string]string{"org.yaml": "2"})
	w.commit("second")
	c := work{t, filepath.Join(t.TempDir(), "clone")}
	w.git("clone", "--quiet", "--depth=1", "file://"+w.dir, c.dir)
	for _, ref := range []string{first, "HEAD~1"} {
		_, err := c.open(".").Commit(t.Context(), ref)
		wantError(t, err, ref, "fetch-depth: 0")
		_, err = c.open(".").Changed(t.Context(), ref)
		wantError(t, err, ref, "fetch-depth: 0")
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	files := map[string]string{"orgs/acme/org.yaml": "1", "orgs/acme/README.md": "", "orgs/zeta/org.yaml": "1", ".gitignore": "*.log\nlocal*\n"}
	for name, c := range map[string]struct {
		change func(work)
		dirty  bool
	}{
		"clean":                   {func(work) {}, false},
		"touched":                 {func(w work) { w.must(os.Chtimes(w.at("orgs/acme/org.yaml"), time.Time{}, time.Unix(1, 0))) }, false},
		"a change elsewhere":      {func(w work) { w.write(map[string]string{"orgs/zeta/org.yaml": "2"}) }, false},
		"a change":                {func(w work) { w.write(map[string]string{"orgs/acme/org.yaml": "2"}) }, true},
		"a staged change":         {func(w work) { w.write(map[string]string{"orgs/acme/org.yaml": "2"}); w.git("add", ".") }, true},
		"a new file":              {func(w work) { w.write(map[string]string{"orgs/acme/a/b.yaml": "2"}) }, true},
		"a removed file":          {func(w work) { w.must(os.Remove(w.at("orgs/acme/org.yaml"))) }, true},
		"moved within":            {func(w work) { w.git("mv", "orgs/acme/org.yaml", "orgs/acme/a.yaml") }, true},
		"moved away":              {func(w work) { w.git("mv", "orgs/acme/org.yaml", "orgs/a.yaml") }, true},
		"ignored, but read":       {func(w work) { w.write(map[string]string{"orgs/acme/local/a.yaml": "2"}) }, true},
		"ignored and not read":    {func(w work) { w.write(map[string]string{"orgs/acme/a.log": "2"}) }, false},
		"ignored and hidden":      {func(w work) { w.write(map[string]string{"orgs/acme/local/.a.yaml": "2"}) }, false},
		"a repository of its own": {func(w work) { w.git("init", "--quiet", "orgs/acme/own") }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWork(t, files)
			c.change(w)
			id, dirty, err := w.open("orgs/acme").Head(t.Context())
			if err != nil || dirty != c.dirty || id != w.git("rev-parse", "HEAD") {
				t.Errorf("got %s, dirty %t, %v", id, dirty, err)
			}
		})
	}
}

func TestHeadOfAFileWithAPatternForAName(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"[ab].yaml": "1", "a.yaml": "1"})
	w.write(map[string]string{"a.yaml": "2"})
	if _, dirty, err := w.open("[ab].yaml").Head(t.Context()); err != nil || dirty {
		t.Errorf("dirty %t, %v", dirty, err)
	}
}

func TestHeadWithoutCommit(t *testing.T) {
	t.Parallel()
	_, _, err := newWork(t, nil).open(".").Head(t.Context())
	wantError(t, err, "no commit yet")
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"org.yaml": "1"})
	r := w.open(".")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := r.Head(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestNothingIsRunOrWritten: a checkout may bring settings along that run programs, and none of them runs;
// nor is a byte written, not even that of an index which is out of date.
func TestNothingIsRunOrWritten(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"orgs/acme/org.yaml": "1", "orgs/acme/b.yaml": "1", ".gitattributes": "*.yaml diff=evil\n"})
	first := w.git("rev-parse", "HEAD")
	w.write(map[string]string{"orgs/acme/org.yaml": "2", ".git/evil": "#!/bin/sh\ntouch " + w.at("ran") + "\n"})
	w.commit("second")
	w.must(os.Chmod(w.at(".git/evil"), 0o755))
	w.must(os.Chtimes(w.at("orgs/acme/b.yaml"), time.Time{}, time.Unix(1, 0)))
	w.must(os.Mkdir(w.at(".git/hooks"), 0o755))
	for _, hook := range []string{"post-index-change", "fsmonitor-watchman", "reference-transaction"} {
		w.must(os.Symlink("../evil", w.at(".git/hooks/"+hook)))
	}
	for _, key := range []string{"core.fsmonitor", "core.pager", "diff.external", "diff.evil.textconv", "diff.evil.command", "alias.ls-tree",
		"pager.ls-tree", "pager.status", "core.sshCommand", "core.askPass", "core.editor"} {
		w.git("config", key, w.at(".git/evil"))
	}
	before := everything(t, w.dir)
	r := w.open("orgs/acme")
	_, _, err := r.Head(t.Context())
	w.must(err)
	_, _, err = r.FS(t.Context(), first)
	w.must(err)
	_, err = r.Changed(t.Context(), first)
	w.must(err)
	if diff := cmp.Diff(before, everything(t, w.dir)); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}
