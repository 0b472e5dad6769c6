package desired

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// FuzzLoad holds any root file and fragment to what must be true of all: no panic, mistakes in order
// and in the files, objects whose addresses can be read back, and the same answer twice.
func FuzzLoad(f *testing.F) {
	for _, folder := range []string{corpus, "../../testdata/valid"} {
		names, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
		must(f, err)
		for _, name := range names {
			a, err := txtar.ParseFile(name)
			must(f, err)
			main, fragment := []byte("version: 1\n"), []byte("version: 1\n")
			for _, file := range a.Files[:len(a.Files)-1] {
				if strings.HasSuffix(file.Name, "org.yaml") {
					main = file.Data
				} else {
					fragment = file.Data
				}
			}
			f.Add(main, fragment)
		}
	}
	f.Fuzz(func(t *testing.T, main, fragment []byte) {
		fsys := fstest.MapFS{"org.yaml": {Data: main}, "team.yaml": {Data: fragment}}
		org, err := LoadFS(fsys, ".", "acme")
		again, twice := LoadFS(fsys, ".", "acme")
		if err != nil {
			checkMistakes(t, err, twice)
			return
		}
		if d := cmp.Diff(org, again, cmp.Comparer(func(a, b *kind.Kind) bool { return a == b })); d != "" {
			t.Fatalf("another answer: %s", d)
		}
		checkObjects(t, org)
	})
}

func checkMistakes(t *testing.T, err, twice error) {
	t.Helper()
	ms, ok := errors.AsType[Mistakes](err)
	if !ok || len(ms) == 0 {
		t.Fatalf("not mistakes: %v", err)
	}
	if d := cmp.Diff(err, twice); d != "" {
		t.Fatalf("other mistakes: %s", d)
	}
	for i, m := range ms {
		if m.Pos.File == "" || m.Pos.Line < 1 || m.Pos.Col < 1 || m.Message == "" || strings.ContainsAny(m.Error(), "\n\x00") {
			t.Fatalf("mistake %#v", m)
		}
		if i > 0 && ms[i-1].Pos.Compare(m.Pos) > 0 {
			t.Fatalf("out of order: %s", err)
		}
	}
}

func checkObjects(t *testing.T, org Org) {
	t.Helper()
	if ms := org.Outside(org.Policy.Lanes); ms != nil {
		t.Fatalf("loaded, but outside its lanes: %v", ms)
	}
	for i, o := range org.Objects {
		a, err := kind.ParseAddress(string(o.Addr))
		if err != nil || a.Kind() != o.Kind || o.Pos.Line < 1 || o.Fields == nil {
			t.Fatalf("object %#v: %v", o, err)
		}
		if _, ok := org.Declared[o.Addr.Collection()]; !ok {
			t.Fatalf("%s is not declared", o.Addr.Collection())
		}
		if i > 0 && org.Objects[i-1].Addr.Compare(o.Addr) >= 0 {
			t.Fatalf("out of order: %s", o.Addr)
		}
	}
}
