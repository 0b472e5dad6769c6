package kind

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestGlobMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		glob Glob
		addr Address
		want bool
	}{
		{"users/*", "users/ada@acme.example", true},
		{"users/*", "users", false},
		{"users/*", "projects/a/users/ada@acme.example", false},
		{"**/users/*", "projects/a/users/ada@acme.example", true},
		{"**/users/*", "users/ada@acme.example", true},
		{"projects/*-prod/**", "projects/search-prod", true},
		{"projects/*-prod/**", "projects/search-prod/spend_limit", true},
		{"projects/*-prod/**", "projects/search-dev/spend_limit", false},
		{"projects/a/**", "projects/a", true},
		{"projects/a/**", "projects/ab", false},
		{"projects/*", "projects/a/spend_limit", false},
		{"projects/*/spend_alerts/*", "projects/a/spend_alerts/500", true},
		{"projects/{a,b}/spend_limit", "projects/b/spend_limit", true},
		{"projects/{a,b}/spend_limit", "projects/c/spend_limit", false},
		{"projects/[a-c]/**", "projects/b/users/x@acme.example", true},
		{"projects/?", "projects/ab", false},
		{"projects/a%2Fb", "projects/a%2Fb", true},
		{"projects/a*", "projects/a%2Fb", true},
		{"**", "data_retention", true},
		{"spend_limit", "spend_limit", true},
		{"spend_limit", "projects/a/spend_limit", false},
	} {
		if got := c.glob.Match(c.addr); got != c.want {
			t.Errorf("%s matches %s: %v", c.glob, c.addr, got)
		}
	}
}

func TestGlobMayMatchIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		glob       Glob
		collection Address
		want       bool
	}{
		{"users/*", "users", true},
		{"users/ada@acme.example", "users", true},
		{"users/*", "projects", false},
		{"users/*", "projects/a/users", false},
		{"projects/*/users/*", "projects/a/users", true},
		{"projects/*/users/*", "projects", false},
		{"projects/*/users/*", "projects/a/service_accounts", false},
		{"projects/a/users/*", "projects/b/users", false},
		{"projects/*", "projects/a/users", false},
		{"projects/**", "projects/a/users", true},
		{"**/spend_alerts/*", "projects/a/spend_alerts", true},
		{"projects/{a,b}/users/*", "projects/a/users", true},
		{"projects/*/spend_limit", "projects/a/spend_limit", true},
		{"projects/*/spend_limit", "projects/a/data_retention", false},
		{"users", "users", false},
		{"projects/{a,b}/users/*", "projects/c/users", false},
		{"projects/{a,b}/users/*", "projects/a/spend_alerts", false},
		{"{projects/a,x}/users/*", "projects/a/users", true},
		{"**/spend_alerts/*", "users", false},
		{"**/spend_alerts/*", "projects", false},
		{"**/spend_alerts/*", "projects/a/users", false},
		{"projects/**", "users", false},
		{"projects/a/**", "projects", true},
		{"projects/a/**", "projects/a/users", true},
		{"projects/a/**", "projects/b/users", false},
	} {
		if got := c.glob.MayMatchIn(c.collection); got != c.want {
			t.Errorf("%s in %s: %v", c.glob, c.collection, got)
		}
	}
}

func TestGlobCovers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		glob       Glob
		collection Address
		want       bool
	}{
		{"projects/*", "projects", true},
		{"projects/**", "projects", true},
		{"**", "projects", true},
		{"*/*", "projects", true},
		{"{users,projects}/*", "projects", true},
		{"**/*", "projects", true},
		{"projects/*/**", "projects", true},
		{"projects/*/**", "projects/a/users", true},
		{"projects/a/**", "projects", false},
		{"projects/a*", "projects", false},
		{"projects/?*", "projects", false},
		{"projects/[!a]*", "projects", false},
		{"projects/{a,*}", "projects", false}, // it does, but that takes a second look
		{"projects/*/users/*", "projects", false},
		{"projects/*/users/*", "projects/a/users", true},
		{"users/*", "projects", false},
	} {
		if got := c.glob.Covers(c.collection); got != c.want {
			t.Errorf("%s in %s: %v", c.glob, c.collection, got)
		}
	}
}

func TestGlobCrosses(t *testing.T) {
	t.Parallel()
	for glob, want := range map[Glob]bool{"**": false, "projects/*-prod/**": false, "projects/{a,b}/users/*": false, "users/[a-c]*": false,
		"{projects/a,users}/*": true, "projects/{a,**}": true, `projects/\*`: true} {
		if got := glob.Crosses(); got != want {
			t.Errorf("%s: %v", glob, got)
		}
	}
}

// globs draws globs that have a chance to match the address.
func globs(a Address) *rapid.Generator[Glob] {
	return rapid.Custom(func(t *rapid.T) Glob {
		var parts []string
		for _, p := range a.parts() {
			switch rapid.IntRange(0, 7).Draw(t, "how") {
			case 0:
				p = "*"
			case 1:
				p = "**"
			case 2:
				p = "{" + p + ",x}"
			case 3:
				p = p[:len(p)/2] + "*"
			case 4:
				p = "?" + strings.Repeat("?", len([]rune(p))-1)
			case 5:
				p = "{x,users/*,**}"
			}
			parts = append(parts, p)
			if p == "**" && rapid.Bool().Draw(t, "cut") {
				break
			}
		}
		return Glob(strings.Join(parts, "/"))
	})
}

func TestWhatMatchesMayMatchInItsCollection(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := addresses().Draw(t, "address")
		g, err := ParseGlob(string(globs(a).Draw(t, "glob")))
		if err == nil && g.Match(a) && !g.MayMatchIn(a.Collection()) {
			t.Fatalf("%s matches %s, but nothing in %s", g, a, a.Collection())
		}
		if err == nil && g.Covers(a.Collection()) && a.Key() != "" && !g.Match(a) {
			t.Fatalf("%s does not match %s, but all of %s", g, a, a.Collection())
		}
	})
}

func TestParseGlobs(t *testing.T) {
	t.Parallel()
	if gs, err := ParseGlobs([]string{"users/*", "projects/a"}); err != nil || !gs.Match("projects/a") || gs.Match("projects/b") {
		t.Errorf("%v, %v", gs, err)
	}
	for _, s := range []string{"", "users/[a", "users/{a", `users/\`} {
		if _, err := ParseGlobs([]string{"users/*", s}); err == nil {
			t.Errorf("%q is a glob", s)
		}
	}
}
