package repo_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/desired"
	"github.com/bylaw-dev/bylaw/internal/kind"
)

func TestFS(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{
		"orgs/acme/org.yaml":          "version: 1\r\n$Id$ $Format:%H$\n",
		"orgs/acme/b/ü \"x\"\n$.yaml": "b",
		"orgs/acme/-x.yaml":           "",
		"orgs/acme/dir.yaml/c.yaml":   "c",
		"orgs/acme/d.yml":             "not read",
		"orgs/acme/e.YAML":            "not read",
		"orgs/acme/README.md":         "not there",
		"orgs/acme/.hidden.yaml":      "not there",
		"orgs/acme/.git2/f.yaml":      "not there",
		"orgs/acme2/org.yaml":         "not there",
		".github/orgs/org.yaml":       "g",
		"org.yaml":                    "root",
		".gitattributes":              "* export-ignore export-subst ident text eol=crlf\n",
	})
	acme := map[string]string{
		"orgs/acme/org.yaml":          "version: 1\n$Id$ $Format:%H$\n", // as it was added: text normalizes line ends
		"orgs/acme/b/ü \"x\"\n$.yaml": "b",
		"orgs/acme/-x.yaml":           "",
		"orgs/acme/dir.yaml/c.yaml":   "c",
		"orgs/acme/d.yml":             "",
		"orgs/acme/e.YAML":            "",
	}
	all := map[string]string{"org.yaml": "root", "orgs/acme2/org.yaml": "not there"}
	for name, text := range acme {
		all[name] = text
	}
	id := w.git("rev-parse", "HEAD")
	for path, want := range map[string]map[string]string{
		"orgs/acme":           acme,
		"orgs/acme/org.yaml":  {"orgs/acme/org.yaml": acme["orgs/acme/org.yaml"]},
		"orgs/acme/README.md": {"orgs/acme/README.md": "not there"}, // named, it is read
		".github/orgs":        {".github/orgs/org.yaml": "g"},
		".":                   all,
	} {
		fsys, at, err := w.open(path).FS(t.Context(), id)
		w.must(err)
		if diff := cmp.Diff(want, texts(t, fsys)); diff != "" || at != path {
			t.Errorf("%s, at %s (-want +got):\n%s", path, at, diff)
		}
	}
}

// TestFSLoads: what is read from git is the same organization, at the same places.
func TestFSLoads(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{
		"orgs/acme/org.yaml":         "version: 1\nusers:\n  - {email: ada@acme.example, role: owner}\n",
		"orgs/acme/teams/alan.yaml":  "users:\n  - {email: alan@acme.example, role: reader}\n",
		"orgs/acme/shared/grace.txt": "users:\n  - {email: grace@acme.example, role: reader}\n",
		"orgs/acme/teams/README.yml": "",
	})
	w.link("shared/grace.txt", "orgs/acme/grace.yaml")
	id := w.commit("links")
	for _, path := range []string{"orgs/acme", "orgs/acme/org.yaml", "orgs/acme/teams"} {
		want, wantErr := desired.Load(w.at(path))
		fsys, at, err := w.open(path).FS(t.Context(), id)
		w.must(err)
		got, gotErr := desired.LoadFS(fsys, at, w.at(path))
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b *kind.Kind) bool { return a == b })); diff != "" || (wantErr == nil) != (gotErr == nil) || wantErr != nil && wantErr.Error() != gotErr.Error() {
			t.Errorf("%s: want %v, got %v (-want +got):\n%s", path, wantErr, gotErr, diff)
		}
	}
}

func TestFSOfAnotherTime(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"orgs/acme/org.yaml": "1", "orgs/acme/old.yaml": "old"})
	first := w.git("rev-parse", "HEAD")
	w.git("rm", "--quiet", "orgs/acme/old.yaml")
	w.write(map[string]string{"orgs/acme/org.yaml": "2"})
	w.commit("second")
	w.git("replace", first, "HEAD") // passes one commit for another
	w.write(map[string]string{"orgs/acme/org.yaml": "3"})
	fsys, _, err := w.open("orgs/acme").FS(t.Context(), first)
	w.must(err)
	if diff := cmp.Diff(map[string]string{"orgs/acme/org.yaml": "1", "orgs/acme/old.yaml": "old"}, texts(t, fsys)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFSMissing(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"orgs/acme2/org.yaml": "1", "file": "", "other.txt": ""})
	id := w.git("rev-parse", "HEAD")
	w.write(map[string]string{"orgs/acme/org.yaml": "1", "orgs/acme2/new.yaml": "1", "orgs/empty/README.md": "", "*/org.yaml": ""})
	for _, path := range []string{"orgs/acme", "orgs/acme/org.yaml", "orgs/acme2/new.yaml", "orgs/empty", "*"} {
		_, _, err := w.open(path).FS(t.Context(), id)
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: got %v", path, err)
		}
		wantError(t, err, "read "+path+" at "+id[:12], "was it added, moved or renamed since?")
	}
}

// TestFSWithoutYAML: a directory that has none is a directory, and the loader says what it lacks.
func TestFSWithoutYAML(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"orgs/acme/README.md": "", "orgs/acme/.org.yaml": ""})
	fsys, at, err := w.open("orgs/acme").FS(t.Context(), w.git("rev-parse", "HEAD"))
	w.must(err)
	_, err = desired.LoadFS(fsys, at, "orgs/acme")
	wantError(t, err, "no *.yaml file in this directory")
}

func TestFSNotACommit(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"org.yaml": "1"})
	for _, commit := range []string{"", "main", "--help", w.git("rev-parse", "--short", "HEAD"), strings.Repeat("0", 40)} {
		if _, _, err := w.open(".").FS(t.Context(), commit); err == nil {
			t.Errorf("%q: no error", commit)
		}
	}
}

func TestFSLinks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ to, want string }{
		"beside":             {"org.yaml", ""},
		"elsewhere":          {"../../shared/a.yaml", ""},
		"through a link":     {"../../also/a.yaml", ""},
		"to a link":          {"../../shared/b.yaml", ""},
		"not YAML":           {"../../shared/README.md", ""},
		"nowhere":            {"nosuch", "leads nowhere"},
		"out of here":        {"../../../x", "out of the repository"},
		"absolute":           {"/etc/passwd", "out of the repository"},
		"in a circle":        {"l.yaml", "to itself"},
		"through a file":     {"org.yaml/x", "through a file"},
		"to a directory":     {"../../shared", "a link to a directory"},
		"into the git files": {"../../.git/config", "leads nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWork(t, map[string]string{"orgs/acme/org.yaml": "text", "shared/a.yaml": "text", "shared/README.md": "text"})
			w.link("shared", "also")
			w.link("a.yaml", "shared/b.yaml")
			w.link(c.to, "orgs/acme/l.yaml")
			w.link("nosuch", "orgs/acme/README.md") // nobody reads it
			w.link("nosuch", "orgs/acme/.l.yaml")
			id := w.commit("links")
			fsys, _, err := w.open("orgs/acme").FS(t.Context(), id)
			if c.want != "" {
				wantError(t, err, "read orgs/acme/l.yaml at "+id[:12]+": ", c.want)
				return
			}
			w.must(err)
			if diff := cmp.Diff(map[string]string{"orgs/acme/org.yaml": "text", "orgs/acme/l.yaml": "text"}, texts(t, fsys)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestFSPathWasALink: what is a directory or a file now was a link then.
func TestFSPathWasALink(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"acme/org.yaml": "text"})
	w.link("acme", "dir")
	w.link("acme/org.yaml", "file.yaml")
	id := w.commit("links")
	w.git("rm", "--quiet", "dir", "file.yaml")
	w.write(map[string]string{"dir/org.yaml": "", "file.yaml": ""})
	_, _, err := w.open("dir").FS(t.Context(), id)
	wantError(t, err, "read dir at", "a link to a directory")
	fsys, _, err := w.open("file.yaml").FS(t.Context(), id)
	w.must(err)
	if diff := cmp.Diff(map[string]string{"file.yaml": "text"}, texts(t, fsys)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// stage puts entries in the index that no work tree has.
func (w work) stage(entries ...string) string {
	w.t.Helper()
	w.feed(strings.Join(entries, "\x00")+"\x00", "update-index", "-z", "--add", "--index-info")
	w.git("commit", "--quiet", "--message", "staged")
	return w.git("rev-parse", "HEAD")
}

func TestFSSubmodule(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"orgs/acme/org.yaml": "1"})
	sub := "160000 " + w.git("rev-parse", "HEAD") + "\t"
	id := w.stage(sub+"orgs/acme/.sub", sub+"other")
	_, _, err := w.open("orgs/acme").FS(t.Context(), id)
	w.must(err)
	id = w.stage(sub + "orgs/acme/sub")
	_, _, err = w.open("orgs/acme").FS(t.Context(), id)
	wantError(t, err, "read orgs/acme/sub at", "a submodule")
}

func TestFSNamesThatAreNoText(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"orgs/acme/org.yaml": "1"})
	blob := "100644 " + w.git("rev-parse", "HEAD:orgs/acme/org.yaml") + "\t"
	id := w.stage(blob+"orgs/acme/\xff.txt", blob+"orgs/acme/\xff.yml", blob+"orgs/\xff.yaml")
	_, _, err := w.open("orgs/acme").FS(t.Context(), id)
	w.must(err)
	id = w.stage(blob + "orgs/acme/\xff.yaml")
	_, _, err = w.open("orgs/acme").FS(t.Context(), id)
	wantError(t, err, `"orgs/acme/\xff.yaml"`, "UTF-8")
	link := "120000 " + w.feed("org.yaml", "hash-object", "-w", "--stdin") + "\t"
	id = w.stage("0 "+strings.Repeat("0", 40)+"\torgs/acme/\xff.yaml", link+"orgs/acme/a\nb.yaml")
	_, _, err = w.open("orgs/acme").FS(t.Context(), id)
	wantError(t, err, `"orgs/acme/a\nb.yaml"`, "line break")
}

// TestFSHostileTree: git add makes no such trees, but git can hold them.
func TestFSHostileTree(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"orgs/org.yaml": "1"})
	blob, inner := w.git("rev-parse", "HEAD:orgs/org.yaml"), w.git("rev-parse", "HEAD:orgs")
	make := func(entries ...string) string {
		tree := w.feed(strings.Join(entries, "\n")+"\n", "mktree")
		top := w.feed("040000 tree "+tree+"\torgs\n", "mktree")
		return w.git("commit-tree", "-m", "hostile", top)
	}
	id := make("100644 blob "+blob+"\torg.yaml", "040000 tree "+inner+"\t..", "040000 tree "+inner+"\t.git", "040000 tree "+inner+"\t.")
	fsys, _, err := w.open("orgs").FS(t.Context(), id)
	w.must(err)
	if diff := cmp.Diff(map[string]string{"orgs/org.yaml": "1"}, texts(t, fsys)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFSLarge(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"org.yaml": "version: 1\n", "a.yaml": strings.Repeat("#", 16<<20), "b.yaml": strings.Repeat("#", 16<<20+1), "c.txt": strings.Repeat("#", 17<<20)})
	fsys, at, err := w.open(".").FS(t.Context(), w.git("rev-parse", "HEAD"))
	w.must(err)
	a, err := fs.Stat(fsys, "a.yaml")
	w.must(err)
	b, err := fs.Stat(fsys, "b.yaml")
	w.must(err)
	if a.Size() != 16<<20 || b.Size() != 16<<20+1 {
		t.Errorf("sizes %d, %d", a.Size(), b.Size())
	}
	_, err = desired.LoadFS(fsys, at, "x")
	wantError(t, err, "x/b.yaml", "larger than 16 MiB")
}

// TestFSOfManyLargeFiles: what is small in git can unpack into more than fits.
func TestFSOfManyLargeFiles(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"org.yaml": "version: 1\n"})
	var same, others []string
	for _, c := range "abcdefghi" {
		id := w.feed(strings.Repeat(string(c), 15<<20), "hash-object", "-w", "--stdin")
		others = append(others, "100644 "+id+"\t"+string(c)+".yaml")
		same = append(same, "100644 "+strings.Fields(others[0])[1]+"\t"+string(c)+".yaml")
	}
	_, _, err := w.open(".").FS(t.Context(), w.stage(same...))
	w.must(err)
	_, _, err = w.open(".").FS(t.Context(), w.stage(others...))
	wantError(t, err, "more than 128 MiB of YAML")
}

// TestFSOfPartialClone: nothing is fetched, and what is not there is no empty file.
func TestFSOfPartialClone(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"org.yaml": "1"})
	w.git("config", "uploadpack.allowFilter", "true")
	c := work{t, filepath.Join(t.TempDir(), "clone")}
	w.git("clone", "--quiet", "--no-checkout", "--filter=blob:none", "file://"+w.dir, c.dir)
	before := everything(t, c.dir)
	_, _, err := c.open(".").FS(t.Context(), w.git("rev-parse", "HEAD"))
	wantError(t, err, "read . at", "check out without a filter")
	if diff := cmp.Diff(before, everything(t, c.dir)); diff != "" {
		t.Errorf("something was fetched (-before +after):\n%s", diff)
	}
}
