package e2e_test

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

const module = "github.com/bylaw-dev/bylaw"

// layers are the packages, and what of ours each may import. Data moves one way: what is declared and
// what is read, to a plan, to its apply.
var layers = map[string]string{
	".":                 "internal/cli",
	"schema":            "",
	"internal/kind":     "schema",
	"internal/desired":  "schema internal/kind",
	"internal/adminapi": "",
	"internal/observed": "internal/adminapi internal/kind",
	"internal/plan":     "internal/kind",
	"internal/apply":    "internal/adminapi internal/plan internal/kind",
	"internal/render":   "internal/plan internal/apply internal/kind",
	"internal/saved":    "schema internal/kind internal/plan",
	"internal/keys":     "internal/adminapi internal/kind",
	"internal/audit":    "internal/adminapi internal/kind",
	"internal/repo":     "",
	"internal/sim":      "", // written from the API reference, so that it can prove the rest wrong
	"internal/cli": "schema internal/kind internal/desired internal/adminapi internal/observed internal/plan " +
		"internal/apply internal/render internal/saved internal/keys internal/audit internal/repo internal/sim",
	"internal/docs":     "schema internal/kind",
	"internal/docs/gen": "internal/docs",
	"internal/bench":    "", // only tests
	"internal/ci":       "", // only tests
	"internal/e2e":      "", // only tests
	"internal/faults":   "", // only tests
}

// goDirs are the directories with Go files, by their path in the module.
func goDirs(t *testing.T) map[string]*build.Package {
	t.Helper()
	out := map[string]*build.Package{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if name := d.Name(); name == "testdata" || strings.HasPrefix(name, ".") && name != ".." {
			return filepath.SkipDir
		}
		if p, err := build.ImportDir(path, 0); err == nil {
			rel, err := filepath.Rel("../..", path)
			out[filepath.ToSlash(rel)] = p
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestLayers holds every package to what it may import, and to a comment that says what it is.
func TestLayers(t *testing.T) {
	t.Parallel()
	dirs := goDirs(t)
	for dir, p := range dirs {
		may, known := layers[dir]
		if !known {
			t.Errorf("%s has no place among the layers", dir)
		}
		for _, path := range p.Imports {
			rel, ours := strings.CutPrefix(path, module+"/")
			if known && ours && !slices.Contains(strings.Fields(may), rel) {
				t.Errorf("%s imports %s; it may import: %s", dir, rel, may)
			}
		}
		if p.Doc == "" {
			t.Errorf("%s has no package comment", dir)
		}
	}
	for dir := range layers {
		if dirs[dir] == nil {
			t.Errorf("there is no %s", dir)
		}
	}
}

// elsewhere are the words of the table that stand outside of it with good reason.
var elsewhere = map[string]string{
	"internal/observed/observed.go": "admin_api_keys api_keys", // the owner of the key in use is found there
	"internal/desired/policy.go":    "service_accounts",        // the name of a field of the policy
	"internal/cli/keys.go":          "service_accounts",        // the same
	"internal/plan/guard.go":        "projects",                // the witness
	"internal/plan/owners.go":       "users role",              // the owners that are left
	"internal/plan/policy.go":       "service_accounts",        // the name of a field of the policy
	"internal/plan/reads.go":        "projects",                // the witness
	"internal/desired/rules.go":     "users projects role",     // required_owners, profiles
	"internal/desired/profile.go":   "projects",                // profiles are of projects
	"internal/desired/shape.go":     "projects",                // the same
	"internal/desired/globs.go":     "projects",                // the same
}

// speakers are the packages that speak the API's own words: they know nothing of the table.
var speakers = []string{"internal/sim", "internal/keys", "internal/audit"}

// TestOneKindOneRow: no code but the table names a kind; the simulator, which knows nothing of the table,
// does. A name with a "_" stands nowhere. Another word, and role, which guardrails ask for, is no text of its
// own and no part of a path; it may stand in a sentence.
func TestOneKindOneRow(t *testing.T) {
	t.Parallel()
	words := map[string]bool{"role": true}
	for _, k := range kinds() {
		words[k.Section()] = true
	}
	for dir, p := range goDirs(t) {
		for _, name := range p.GoFiles {
			at := filepath.ToSlash(filepath.Join(dir, name))
			if at == "internal/kind/rows.go" || slices.Contains(speakers, dir) {
				continue
			}
			for _, text := range literals(t, filepath.Join("../..", at)) {
				for word := range words {
					if !kind.Has(elsewhere[at], word) && speaksOf(text, word) {
						t.Errorf("%s names %s: %s", at, word, text)
					}
				}
			}
		}
	}
}

func speaksOf(text, word string) bool {
	if strings.Contains(word, "_") {
		return strings.Contains(text, strings.TrimSuffix(word, "s"))
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\"`/{}#", r) })
	return strings.HasPrefix(text, `"`) && !strings.Contains(text, " ") && slices.Contains(parts, word)
}

// literals are the texts and names in the code of a file; comments are not code.
func literals(t *testing.T, file string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			out = append(out, n.Value)
		case *ast.Ident:
			out = append(out, n.Name)
		}
		return true
	})
	return out
}
