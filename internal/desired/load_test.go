package desired

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func write(t testing.TB, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(text), 0o644))
}

func TestLoadReadsADirectoryInOrder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"z.yaml", "org.yaml", "team/b.yaml", "team/a.yaml", ".github/x.yaml", "team/.hidden.yaml", "notes.txt", "old.yml"} {
		write(t, filepath.Join(dir, name), "version: 1\n")
	}
	org, err := Load(dir + "/")
	must(t, err)
	var want []string
	for _, name := range []string{"org.yaml", "team/a.yaml", "team/b.yaml", "z.yaml"} {
		want = append(want, filepath.Join(dir, name))
	}
	if d := cmp.Diff(want, org.Files); d != "" {
		t.Error(d)
	}
}

func TestLoadOfAFileNamesItAsGiven(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "any.yaml")
	write(t, path, "version: 1\npolicy: {min_owners: 2}\nusers: [ada]\n")
	_, err := Load(path)
	want := path + ":3:9: users/ada/email: \"ada\" is not an e-mail address"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestLoadOfAMissingPath(t *testing.T) {
	t.Parallel()
	_, err := Load("no/such/path")
	if err == nil || err.Error() != "read no/such/path: no such file or directory" {
		t.Errorf("got %v", err)
	}
}

// A link is read where it leads within the directory. One that leads out of it could lead to a key, and what
// is read may end up in a message.
func TestLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "elsewhere"), "sk-admin-secret\n")
	write(t, filepath.Join(dir, "acme", "shared", "people.txt"), "users: [ada@acme.example]\n")
	write(t, filepath.Join(dir, "acme", "org.yaml"), "version: 1\n")
	must(t, os.Symlink("shared/people.txt", filepath.Join(dir, "acme", "users.yaml")))
	must(t, os.Symlink("acme", filepath.Join(dir, "current")))
	must(t, os.Symlink("acme/org.yaml", filepath.Join(dir, "one.yaml")))
	for path, objects := range map[string]int{"acme": 1, "current": 1, "one.yaml": 0} {
		if org, err := Load(filepath.Join(dir, path)); err != nil || len(org.Objects) != objects {
			t.Errorf("%s: %v %v", path, org.Objects, err)
		}
	}
	for _, to := range []string{"../elsewhere", filepath.Join(dir, "elsewhere"), "/proc/self/environ", "nowhere"} {
		link := filepath.Join(dir, "acme", "link.yaml")
		must(t, os.Symlink(to, link))
		want := link + ": a link that leads nowhere, or out of the directory; put the file itself here"
		if _, err := Load(filepath.Join(dir, "acme")); err == nil || err.Error() != want {
			t.Errorf("%s: %v", to, err)
		}
		must(t, os.Remove(link))
	}
}

// Loading is not quadratic: 2 MB load in a moment.
func TestLoadOfALargeDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeLarge(t, dir, 40)
	start := time.Now()
	org, err := Load(dir)
	must(t, err)
	if d := time.Since(start); len(org.Objects) != 40*920 || d > 20*time.Second {
		t.Errorf("%d objects in %v", len(org.Objects), d)
	}
}

func BenchmarkLoad(b *testing.B) {
	dir := b.TempDir()
	b.SetBytes(int64(writeLarge(b, dir, 200)))
	for b.Loop() {
		if _, err := Load(dir); err != nil {
			b.Fatal(err)
		}
	}
}

// writeLarge writes an organization, about 50 kB a team.
func writeLarge(t testing.TB, dir string, teams int) int {
	t.Helper()
	write(t, filepath.Join(dir, "org.yaml"), "version: 1\nprofiles:\n  base: {spend_limit: {threshold_amount: 5}, rate_limits: [{model: o3, max_requests_per_1_minute: 5}]}\n")
	size := 0
	for team := range teams {
		var b strings.Builder
		b.WriteString("users:\n")
		for i := range 300 {
			fmt.Fprintf(&b, "  - {email: person%d@team%d.example, role: reader}\n", i, team)
		}
		b.WriteString("projects:\n")
		for i := range 20 {
			fmt.Fprintf(&b, "  - name: project-%d-%d\n    profile: base\n    users:\n", team, i)
			for j := range 28 {
				fmt.Fprintf(&b, "      - {email: person%d@team%d.example, role: member}\n", i+j, team)
			}
		}
		size += b.Len()
		write(t, filepath.Join(dir, fmt.Sprintf("team%d.yaml", team)), b.String())
	}
	return size
}
