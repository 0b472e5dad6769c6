package desired

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// TestValid holds what each document of testdata/valid declares against its golden text.
func TestValid(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../../testdata/valid/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no documents, %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(name)
			must(t, err)
			dir := t.TempDir()
			path := "org.yaml"
			for _, f := range a.Files[:len(a.Files)-1] {
				if strings.HasPrefix(f.Name, "acme/") {
					path = "acme"
				}
				write(t, filepath.Join(dir, f.Name), string(f.Data))
			}
			org, err := LoadFS(os.DirFS(dir), path, path)
			must(t, err)
			golden(t, name, a, print(t, org))
		})
	}
}

// print writes all of an organization, a line a fact.
func print(t *testing.T, org Org) string {
	var b strings.Builder
	fmt.Fprintln(&b, "files", strings.Join(org.Files, " "))
	for _, a := range slices.SortedFunc(maps.Keys(org.Declared), kind.Address.Compare) {
		fmt.Fprintln(&b, "declared", a, org.Declared[a])
	}
	for _, name := range slices.Sorted(maps.Keys(org.Policy.Pos)) {
		fmt.Fprintln(&b, "policy", name, org.Policy.Pos[name])
	}
	org.Policy.Pos = nil
	if text := asJSON(t, org.Policy); text != asJSON(t, kind.Policy{}) {
		fmt.Fprintln(&b, "policy", text)
	}
	for _, o := range org.Objects {
		fmt.Fprintln(&b, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s", o.Addr, o.Pos, o.State, o.ID, strings.Join(o.Previously, ","))))
		for _, name := range slices.Sorted(maps.Keys(o.Fields)) {
			fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf("    %s = %s %s", name, asJSON(t, o.Fields[name]), o.FieldPos.Of(name)), " "))
		}
	}
	return b.String()
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	must(t, err)
	return string(b)
}

// TestLoadBuildsWholeObjects compares one organization as Go values: the types count as well.
func TestLoadBuildsWholeObjects(t *testing.T) {
	t.Parallel()
	const doc = `version: 1
policy: {max_removals: 25%, min_owners: 2, protect: ["users/*"]}
users: [Ada@Acme.example]
projects:
  - name: web
    id: proj_1
    previously: [www]
    model_permissions: {mode: allow_list, model_ids: []}
    spend_limit: {threshold_amount: 5}
`
	dir := t.TempDir()
	write(t, filepath.Join(dir, "org.yaml"), doc)
	got, err := LoadFS(os.DirFS(dir), "org.yaml", "org.yaml")
	must(t, err)
	pos := func(line, col int) kind.Position { return kind.Position{File: "org.yaml", Line: line, Col: col} }
	want := Org{
		Files: []string{"org.yaml"},
		Policy: kind.Policy{MaxRemovals: &kind.Cap{N: 25, Percent: true}, MinOwners: 2, Protect: kind.Globs{"users/*"},
			Pos: map[string]kind.Position{"max_removals": pos(2, 10), "min_owners": pos(2, 29), "protect": pos(2, 44)}},
		Declared: map[kind.Address]kind.Position{"users": pos(3, 1), "projects": pos(4, 1),
			"projects/web/model_permissions": pos(8, 5), "projects/web/spend_limit": pos(9, 5)},
		Objects: []kind.Object{
			{Kind: kind.Find("users"), Addr: "users/ada@acme.example", Pos: pos(3, 9),
				Fields: map[string]any{"email": "Ada@Acme.example"}, FieldPos: kind.FieldPositions{{Name: "email", Position: pos(3, 9)}}},
			{Kind: kind.Find("projects"), Addr: "projects/web", ID: "proj_1", Previously: []string{"www"}, Pos: pos(5, 5),
				Fields: map[string]any{"name": "web"}, FieldPos: kind.FieldPositions{
					{Name: "name", Position: pos(5, 5)}, {Name: "id", Position: pos(6, 5)}, {Name: "previously", Position: pos(7, 5)}}},
			{Kind: kind.Find("projects/model_permissions"), Addr: "projects/web/model_permissions", Pos: pos(8, 5),
				Fields:   map[string]any{"mode": "allow_list", "model_ids": []any{}},
				FieldPos: kind.FieldPositions{{Name: "mode", Position: pos(8, 25)}, {Name: "model_ids", Position: pos(8, 43)}}},
			{Kind: kind.Find("projects/spend_limit"), Addr: "projects/web/spend_limit", Pos: pos(9, 5),
				Fields:   map[string]any{"threshold_amount": int64(5), "currency": "USD", "interval": "month"},
				FieldPos: kind.FieldPositions{{Name: "threshold_amount", Position: pos(9, 19)}}},
		},
	}
	if d := cmp.Diff(want, got, cmp.Comparer(func(a, b *kind.Kind) bool { return a == b })); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
