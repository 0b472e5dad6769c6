package repo_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChanged(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"a/org.yaml": "1", "b/org.yaml": "a longer text, so that a move is seen as one", "c/org.yaml": "1", "d": "1"})
	w.git("checkout", "--quiet", "-b", "topic")
	w.write(map[string]string{"a/org.yaml": "2", "a/ü \"x\"\n.yaml": "1", "a/\xff.yaml": "1", "-x": ""})
	w.git("mv", "b", "e")
	w.git("rm", "--quiet", "d")
	w.commit("topic")
	w.git("checkout", "--quiet", "main")
	w.write(map[string]string{"c/org.yaml": "2"})
	w.commit("meanwhile")
	w.git("checkout", "--quiet", "topic")
	w.write(map[string]string{"c/org.yaml": "3", "c/new.yaml": ""}) // is not committed
	w.git("config", "diff.relative", "true")
	w.git("config", "diff.renames", "true")
	want := []string{"-x", "a/org.yaml", "a/ü \"x\"\n.yaml", "a/\xff.yaml", "b/org.yaml", "d", "e/org.yaml"}
	got, err := w.open("a").Changed(t.Context(), "main")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	got, err = w.open("a").Changed(t.Context(), "topic")
	if len(got) > 0 || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestChangedSubmodule(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{".gitmodules": "[submodule \"sub\"]\n\tpath = sub\n\turl = ./sub\n\tignore = all\n"})
	first := w.git("rev-parse", "HEAD")
	w.git("update-index", "--add", "--cacheinfo", "160000,"+first+",sub")
	w.git("commit", "--quiet", "--message", "sub")
	got, err := w.open(".").Changed(t.Context(), first)
	if diff := cmp.Diff([]string{"sub"}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestChangedWithoutCommonHistory(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"org.yaml": "1"})
	w.git("checkout", "--quiet", "--orphan", "other")
	w.commit("other")
	_, err := w.open(".").Changed(t.Context(), "main")
	wantError(t, err, `compare with "main"`, "no commit in common", "fetch-depth: 0")
}

func TestChangedRefuses(t *testing.T) {
	t.Parallel()
	w := newWork(t, map[string]string{"org.yaml": "1"})
	for _, ref := range []string{"", "--output=x", "-h", "main:../..", "a b", "main..main"} {
		got, err := w.open(".").Changed(t.Context(), ref)
		if err == nil {
			t.Errorf("%q: got %q", ref, got)
		}
	}
}
