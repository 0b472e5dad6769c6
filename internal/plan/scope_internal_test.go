package plan

import (
	"slices"
	"testing"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// A scope looks addresses up, and says the same as trying every glob.
func TestScopeSaysWhatItsGlobsSay(t *testing.T) {
	only := kind.Globs{"users/ada@acme.example", "projects/web", "projects/web/spend_limit", "projects/api/users/ada@acme.example", "projects/*-prod/**"}
	addrs := []kind.Address{"users", "users/ada@acme.example", "users/grace@acme.example", "projects", "projects/web", "projects/web/users",
		"projects/web/spend_limit", "projects/api", "projects/api/users", "projects/api/spend_limit", "projects/api/users/ada@acme.example",
		"projects/x-prod", "projects/x-prod/users", "projects/x-prod/spend_limit", "projects/x-prod/users/ada@acme.example", "spend_limit", "groups"}
	s := newScope(only)
	for _, a := range addrs {
		if got, want := s.match(a), only.Match(a); got != want {
			t.Errorf("match %s: %v, its globs say %v", a, got, want)
		}
		if a.Key() != "" {
			continue // an object is nothing that is read by itself
		}
		want := slices.ContainsFunc(only, func(g kind.Glob) bool { return g.MayMatchIn(a) })
		if got := s.mayMatchIn(a); got != want {
			t.Errorf("may match in %s: %v, its globs say %v", a, got, want)
		}
	}
	if none := newScope(nil); !none.match("users/x") || !none.mayMatchIn("users") {
		t.Error("without --only something is left out")
	}
	if none := newScope(kind.Globs{}); none.match("users/x") || none.mayMatchIn("users") {
		t.Error("no glob at all matches something")
	}
}
