package kind

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// addresses draws addresses of objects, and of settings, of every kind.
func addresses() *rapid.Generator[Address] {
	return rapid.Custom(func(t *rapid.T) Address {
		k := rapid.SampledFrom(All()).Draw(t, "kind")
		var a Address
		sections := strings.Split(k.Name, "/")
		for i, s := range sections {
			a = a.Join(s)
			if i < len(sections)-1 || !k.Setting() {
				a = a.Join(keys().Draw(t, "key"))
			}
		}
		return a
	})
}

func keys() *rapid.Generator[string] {
	return rapid.OneOf(rapid.StringN(1, 8, -1), rapid.StringMatching(`[a-c%/*?\[\]{}\\]{1,5}`), rapid.StringMatching(`[0-9]{1,6}`),
		rapid.SampledFrom([]string{".", "..", "a\nb", "\x7f", "ü", "%2F", " "}))
}

func TestEscapedKeysAreReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := addresses().Draw(t, "address")
		back, err := ParseAddress(string(a))
		if err != nil || back != a {
			t.Fatalf("%q: %q, %v", a, back, err)
		}
		key := keys().Draw(t, "key")
		if got := Address("users").Join(key).Key(); got != key {
			t.Fatalf("key %q read back as %q", key, got)
		}
		if unescape(Escape(key)) != key || strings.ContainsAny(Escape(key), `/*?[]{}\`) {
			t.Fatalf("%q escaped is %q", key, Escape(key))
		}
	})
}

func TestPartsOfAnAddressFit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := addresses().Draw(t, "address")
		k := a.Kind()
		if !k.Setting() && a.Collection().Join(a.Key()) != a {
			t.Fatalf("%s: collection %s, key %q", a, a.Collection(), a.Key())
		}
		if k.Setting() && (a.Collection() != a || a.Key() != "") {
			t.Fatalf("%s is a setting", a)
		}
		if !a.Under(a.Parent()) && a.Parent() != "" || a.Collection().Kind() != k {
			t.Fatalf("%s: parent %s", a, a.Parent())
		}
		if top := a.Top(); !a.Under(top) || top.Parent() != "" {
			t.Fatalf("%s: top %s", a, top)
		}
		if up := k.Parent(); up != nil && (a.Parent().Kind() != up || a.Ancestor(up.Section()) != a.Parent()) {
			t.Fatalf("%s: parent %s, ancestor %s", a, a.Parent(), a.Ancestor(up.Section()))
		}
	})
}

func TestAddressesHaveOneOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := addresses().Draw(t, "a"), addresses().Draw(t, "b"), addresses().Draw(t, "c")
		if a.Compare(b) != -b.Compare(a) || (a.Compare(b) == 0) != (a == b) {
			t.Fatalf("%s, %s: %d and %d", a, b, a.Compare(b), b.Compare(a))
		}
		if a.Compare(b) < 0 && b.Compare(c) < 0 && a.Compare(c) >= 0 {
			t.Fatalf("%s < %s < %s, but not the first before the last", a, b, c)
		}
	})
}

func TestAddressesSortByKindThenKey(t *testing.T) {
	t.Parallel()
	want := []Address{
		"", "users", "users/ada@acme.example", "users/grace@acme.example", "data_retention", "spend_alerts/500",
		"spend_alerts/50000", "spend_alerts/60000", "projects", "projects/a", "projects/a/users/z@acme.example",
		"projects/a/service_accounts/a", "projects/a/rate_limits/o3", "projects/a/spend_limit", "projects/b",
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, Address.Compare)
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestParseAddressRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "/", "user/a", "users//roles", "projects/a/user/b", "projects/a//", "/users/a", "users/a b%zz", "users/%61",
		"users/a*", "users/%2f", "spend_limit/a", "projects/a/spend_limit/b", "projects/a/users/b/c", "users/a\n",
	} {
		if a, err := ParseAddress(s); err == nil {
			t.Errorf("%q is %q", s, a)
		}
	}
}

func TestUnder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b Address
		want bool
	}{
		{"projects/a", "projects/a", true}, {"projects/a/users/b", "projects/a", true},
		{"projects/ab", "projects/a", false}, {"projects", "projects/a", false}, {"projects/a", "projects", true},
	} {
		if got := c.a.Under(c.b); got != c.want {
			t.Errorf("%s under %s: %v", c.a, c.b, got)
		}
	}
}

// FuzzParseAddress: what parses is what bylaw prints.
func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{
		"users/ada@acme.example", "projects/search-prod/spend_alerts/50000", "projects/a%2Fb/spend_limit", "users",
		"users/", "users/%", "users/%2f", "users/%2F", "projects/a/users", "/", "users/\xff", "projects/%00/users/%7F", "spend_limit",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddress(s)
		if err != nil {
			if a != "" {
				t.Fatalf("%q and %v", a, err)
			}
			return
		}
		if string(a) != s || a.Kind() == nil || a.Compare(a) != 0 {
			t.Fatalf("%q parsed as %q", s, a)
		}
		var again Address
		for _, p := range a.parts() {
			again = again.Join(unescape(p))
		}
		if again != a {
			t.Fatalf("%q built again is %q", a, again)
		}
	})
}
