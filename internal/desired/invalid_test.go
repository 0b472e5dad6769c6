package desired

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

const corpus = "../../testdata/invalid"

// TestInvalid holds every document of the corpus against its mistakes, word for word.
func TestInvalid(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob(filepath.Join(corpus, "*.txtar"))
	if err != nil || len(names) < 65 {
		t.Fatalf("%d documents in %s, %v", len(names), corpus, err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := loadArchive(t, a, generated[strings.TrimSuffix(filepath.Base(name), ".txtar")])
			golden(t, name, a, got)
		})
	}
}

// generated are the files that no text file can hold, by document and path. A nil file is none: its
// folder is made.
var generated = map[string]map[string][]byte{
	"byte_order_mark":       {"org.yaml": []byte("\xef\xbb\xbfversion: 1\n")},
	"utf_16":                {"org.yaml": []byte("\xff\xfev\x00e\x00r\x00")},
	"utf_16_big_endian":     {"org.yaml": []byte("\xfe\xff\x00v\x00e\x00r")},
	"utf_32":                {"org.yaml": []byte("\x00\x00\xfe\xff\x00\x00\x00v")},
	"not_utf_8":             {"org.yaml": []byte("version: 1\nusers:\n  - {email: ada@acme.example, technical_level: gl\xfcck}\n")},
	"control_character":     {"org.yaml": []byte("version: 1\nprojects:\n  - a\x01b\n")},
	"carriage_return_lines": {"org.yaml": []byte("version: 1\r\nusers:\r\n  - {email: ada@acme.example, rol: owner}\r\n")},
	"too_large":             {"org.yaml": bytes.Repeat([]byte("# 16 chars text\n"), 20<<16)},
	"nested_too_deep":       {"org.yaml": []byte("version: 1\nusers: " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "\n")},
	"nested_far_too_deep":   {"org.yaml": []byte("version: 1\nusers: " + strings.Repeat("[", 100000) + "\n")},
	"directory_empty":       {"acme": nil},
	"directory_hidden_only": {"acme/.github/org.yaml": []byte("version: 1\n")},
	"empty_file":            {"org.yaml": {}},
	"path_missing":          {},
}

func loadArchive(t *testing.T, a *txtar.Archive, more map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	path := "org.yaml"
	write := func(name string, data []byte) {
		if strings.HasPrefix(name, "acme") {
			path = "acme"
		}
		at := filepath.Join(dir, name)
		if data == nil {
			must(t, os.MkdirAll(at, 0o755))
			return
		}
		must(t, os.MkdirAll(filepath.Dir(at), 0o755))
		must(t, os.WriteFile(at, data, 0o644))
	}
	for _, f := range a.Files {
		if f.Name != "want.txt" {
			write(f.Name, append([]byte{}, f.Data...))
		}
	}
	for name, data := range more {
		write(name, data)
	}
	_, err := LoadFS(os.DirFS(dir), path, path)
	if err == nil {
		t.Fatal("no mistake found")
	}
	placed(t, err)
	return err.Error() + "\n"
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// place is file:line:col; a mistake about a whole file or directory names just that.
var (
	withLine = regexp.MustCompile(`^(org\.yaml|acme/[-a-z/]+\.yaml):[1-9]\d*:[1-9]\d*: `)
	whole    = regexp.MustCompile(`^(org\.yaml|acme): (larger than|no |not an ordinary)`)
	jargon   = regexp.MustCompile(`(?i)schema|anyOf|additionalProp|instance|!!|failed|does not validate|<nil>`)
)

func placed(t *testing.T, err error) {
	t.Helper()
	ms, ok := errors.AsType[Mistakes](err)
	if !ok && !strings.HasPrefix(err.Error(), "read org.yaml: ") {
		t.Errorf("neither mistakes nor a path: %v", err)
	}
	for _, m := range ms {
		line := m.Error()
		if !withLine.MatchString(line) && !whole.MatchString(line) {
			t.Errorf("no place: %s", line)
		}
		if jargon.MatchString(m.Message+m.Hint) && !strings.Contains(m.Message, "tag") {
			t.Errorf("jargon: %s", line)
		}
		if strings.HasSuffix(m.Message+m.Hint, ".") || strings.Contains(line, "\n") {
			t.Errorf("not one line without a full stop: %s", line)
		}
	}
}

// golden compares with want.txt of the archive, or rewrites it.
func golden(t *testing.T, name string, a *txtar.Archive, got string) {
	t.Helper()
	i := len(a.Files) - 1
	if i < 0 || a.Files[i].Name != "want.txt" {
		t.Fatal("the last file is not want.txt")
	}
	if *update {
		a.Files[i].Data = []byte(got)
		must(t, os.WriteFile(name, txtar.Format(a), 0o644))
		return
	}
	if d := cmp.Diff(string(a.Files[i].Data), got); d != "" {
		t.Errorf("want.txt (-want +got):\n%s", d)
	}
}
