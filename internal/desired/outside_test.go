package desired

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// fragments is a directory without lanes of its own.
func fragments(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{"acme/org.yaml": {Data: []byte(`version: 1
profiles: {base: {spend_limit: {threshold_amount: 5}, users: [ada@acme.example]}}
users: [ada@acme.example]
projects: [root]
`)}}
	for name, text := range files {
		out["acme/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// TestOutside holds documents against lanes that are not their own.
func TestOutside(t *testing.T) {
	t.Parallel()
	search := kind.Lane{Files: "search/**", May: kind.Globs{"projects/search-*/**"}}
	people := kind.Lane{Files: "**/people.yaml", May: kind.Globs{"users/*"}}
	for _, c := range []struct {
		name  string
		file  string
		text  string
		lanes []kind.Lane
		want  string
	}{
		{"no lanes allow everything", "a.yaml", "users: [eve@acme.example]", nil, ""},
		{"its own project, with all that is in it", "search/a.yaml", "projects: [{name: search-a, users: [], spend_limit: {threshold_amount: 1}}]", []kind.Lane{search}, ""},
		{"a file right in the folder, and one deep below", "search/x/y/z.yaml", "projects: [search-a]", []kind.Lane{search}, ""},
		{"a project of another name", "search/a.yaml", "projects: [search-a, search]", []kind.Lane{search},
			"search/a.yaml:1:22: projects/search: outside the lane search/**; files there may declare projects/search-*/**"},
		{"an empty list of a section that it may not touch", "search/a.yaml", "users: []", []kind.Lane{search},
			"search/a.yaml:1:1: users: outside the lane search/**; files there may declare projects/search-*/**"},
		{"an empty list of a section that it may", "search/a.yaml", "projects: []", []kind.Lane{search}, ""},
		{"two lanes of one file", "search/people.yaml", "users: [eve@acme.example]\nprojects: [search-a]\nroles: []", []kind.Lane{search, people},
			"search/people.yaml:3:1: roles: outside the lanes search/**, **/people.yaml; files there may declare projects/search-*/**, users/*"},
		{"a file in no lane", "searching/a.yaml", "projects: [{name: search-a, users: [ada@acme.example]}, search-b]", []kind.Lane{search, people},
			"searching/a.yaml:1:1: projects: this file is in no lane, so it may declare nothing; lanes: search/**, **/people.yaml"},
		{"a file in no lane that declares nothing", "b.yaml", "version: 1", []kind.Lane{search}, ""},
		{"many lanes are not all told", "b.yaml", "users: []", many(10), "b.yaml:1:1: users: this file is in no lane, so it may declare nothing; " +
			"lanes: t0.yaml, t1.yaml, t2.yaml, t3.yaml, t4.yaml, t5.yaml, t6.yaml, t7.yaml and 2 more"},
		{"what a profile says is the profile's", "a.yaml", "projects: [{name: a, profile: base}]", []kind.Lane{{Files: "a.yaml", May: kind.Globs{"projects/a"}}}, ""},
		{"what it says beside a profile is its own", "a.yaml", "projects: [{name: a, profile: base, users: [{email: ada@acme.example, role: owner}]}]", []kind.Lane{{Files: "a.yaml", May: kind.Globs{"projects/a"}}},
			"a.yaml:1:37: projects/a/users: outside the lane a.yaml; files there may declare projects/a"},
		{"removal on purpose", "search/a.yaml", "projects: [{name: pay, state: archived}]", []kind.Lane{search},
			"search/a.yaml:1:12: projects/pay: outside the lane search/**; files there may declare projects/search-*/**"},
		{"an earlier name within the lane", "search/a.yaml", "projects: [{name: search-a, previously: [search-z]}]", []kind.Lane{search}, ""},
		{"an earlier name of another lane", "search/a.yaml", "projects: [{name: search-a, previously: [search-z, pay]}]", []kind.Lane{search},
			`search/a.yaml:1:29: projects/search-a/previously: the earlier name "pay" is outside the lane search/**; it would take over projects/pay; files there may declare projects/search-*/**`},
		{"of a project that is outside no more is said", "search/a.yaml", "projects: [{name: a, id: proj_1, previously: [pay], users: []}]", []kind.Lane{search},
			"search/a.yaml:1:12: projects/a: outside the lane search/**; files there may declare projects/search-*/**"},
		{"a pin could be that of any project", "search/a.yaml", "projects: [{name: search-a, id: proj_1}]", []kind.Lane{search},
			"search/a.yaml:1:29: projects/search-a/id: the lane search/** allows no pinned id, which may be that of any object; pin it in the root file, or in a lane that may declare projects/*"},
		{"a pin where all projects are allowed", "a.yaml", "projects: [{name: a, id: proj_1}]", []kind.Lane{{Files: "a.yaml", May: kind.Globs{"**"}}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			org, err := LoadFS(fragments(map[string]string{c.file: c.text}), "acme", ".")
			must(t, err)
			got := ""
			if ms := org.Outside(c.lanes); ms != nil {
				got = ms.Error()
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

func many(n int) []kind.Lane {
	var out []kind.Lane
	for i := range n {
		out = append(out, kind.Lane{Files: kind.Glob(fmt.Sprintf("t%d.yaml", i)), May: kind.Globs{"**"}})
	}
	return out
}

// A file that is loaded by itself is the root file: it has no lane.
func TestOutsideOfASingleFile(t *testing.T) {
	t.Parallel()
	org, err := LoadFS(fragments(map[string]string{"a.yaml": "version: 1\nusers: []\n"}), "acme/a.yaml", "a.yaml")
	must(t, err)
	if ms := org.Outside(many(1)); ms != nil || org.Fragments != nil {
		t.Errorf("%v, %v", ms, org.Fragments)
	}
}

// TestFragmentsKnowTheirSections: Declared has only the first place of a section in several files.
func TestFragmentsKnowTheirSections(t *testing.T) {
	t.Parallel()
	org, err := LoadFS(fragments(map[string]string{"x/a.yaml": "users: []\nspend_limit: {threshold_amount: 5}", "x/b.yaml": "users: []"}), "acme", "acme")
	must(t, err)
	at := func(file string) map[kind.Address]kind.Position {
		return map[kind.Address]kind.Position{"users": {File: file, Line: 1, Col: 1}}
	}
	want := []Fragment{{"acme/x/a.yaml", "x/a.yaml", at("acme/x/a.yaml")}, {"acme/x/b.yaml", "x/b.yaml", at("acme/x/b.yaml")}}
	if d := cmp.Diff(want, org.Fragments); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
