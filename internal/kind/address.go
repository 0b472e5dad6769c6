package kind

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// An Address names an object, a collection or a setting: section and key by turns, joined by "/".
// "projects/search-prod/rate_limits/gpt-4.1" is an object, "projects/search-prod/rate_limits" its
// collection, "projects/search-prod/spend_limit" a setting. The characters % / * ? [ ] { } \ and
// control characters of a key stand escaped as %XX.
type Address string

const special = `%/*?[]{}\`

// Escape writes a key as one part of an address.
func Escape(key string) string {
	var b strings.Builder
	for i := 0; i < len(key); i++ {
		if c := key[i]; c < 0x20 || c == 0x7f || strings.IndexByte(special, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Join appends a section, and the keys and sections that follow it in turns. Each part is escaped.
func (a Address) Join(parts ...string) Address {
	for _, p := range parts {
		if a != "" {
			a += "/"
		}
		a += Address(Escape(p))
	}
	return a
}

// ParseAddress checks that s is an address as bylaw prints it: known sections, keys escaped.
func ParseAddress(s string) (Address, error) {
	parts := strings.Split(s, "/")
	for i, p := range parts {
		key, err := url.PathUnescape(p)
		if err != nil || Escape(key) != p {
			return "", fmt.Errorf("address %q: %q is not escaped as bylaw prints it, try %q", s, p, Escape(key))
		}
		if p == "" && (i%2 == 0 || i < len(parts)-1) {
			return "", fmt.Errorf("address %q: an empty part", s)
		}
	}
	if a := Address(s); a.Kind() != nil && !(a.Kind().Setting() && len(parts)%2 == 0) {
		return a, nil
	}
	return "", fmt.Errorf("address %q: no kind of object stands there; an address reads like projects/NAME/users/EMAIL", s)
}

// parts are the escaped parts.
func (a Address) parts() []string {
	if a == "" {
		return nil
	}
	return strings.Split(string(a), "/")
}

// KindName is the name of the kind that stands here: every other part.
func (a Address) KindName() string {
	var name []string
	for i, p := range a.parts() {
		if i%2 == 0 {
			name = append(name, p)
		}
	}
	return strings.Join(name, "/")
}

// Kind is the kind that stands here, or nil.
func (a Address) Kind() *Kind { return Find(a.KindName()) }

// Key is the last part, unescaped, of an object in a collection; "" of a collection or a setting.
func (a Address) Key() string {
	if parts := a.parts(); len(parts)%2 == 0 && len(parts) > 0 {
		return unescape(parts[len(parts)-1])
	}
	return ""
}

// Part is the key of the ancestor, or of the object itself, in the collection with this section.
func (a Address) Part(section string) (string, bool) {
	parts := a.parts()
	for i := 0; i+1 < len(parts); i += 2 {
		if parts[i] == section {
			return unescape(parts[i+1]), true
		}
	}
	return "", false
}

func unescape(part string) string {
	if key, err := url.PathUnescape(part); err == nil {
		return key
	}
	return part
}

// Collection is where the object stands: the address without its key. A setting is its own.
func (a Address) Collection() Address {
	if len(a.parts())%2 == 0 {
		return a.up(1)
	}
	return a
}

// Parent is the address of the object that this one stands under, or "".
func (a Address) Parent() Address {
	if len(a.parts())%2 == 0 {
		return a.up(2)
	}
	return a.up(1)
}

func (a Address) up(n int) Address {
	parts := a.parts()
	return Address(strings.Join(parts[:max(0, len(parts)-n)], "/"))
}

// Ancestor is the ancestor, or the object itself, in the collection with this section, or "".
func (a Address) Ancestor(section string) Address {
	parts := a.parts()
	for i := 0; i+1 < len(parts); i += 2 {
		if parts[i] == section {
			return Address(strings.Join(parts[:i+2], "/"))
		}
	}
	return ""
}

// Top is the object at the top that this one stands under, or the object itself; of a collection or a
// setting at the top that.
func (a Address) Top() Address {
	at := 0
	for range 2 {
		next := strings.IndexByte(string(a[at:]), '/')
		if next < 0 {
			return a
		}
		at += next + 1
	}
	return a[:at-1]
}

// Under says that a is b or stands below it.
func (a Address) Under(b Address) bool {
	return a == b || strings.HasPrefix(string(a), string(b)) && a[len(b)] == '/'
}

// Compare orders addresses as plans print them: by the order of kinds at each level, then by key.
func (a Address) Compare(b Address) int {
	if a == "" || b == "" {
		return cmp.Compare(len(a), len(b))
	}
	restA, restB := string(a), string(b)
	for i := 0; ; i++ {
		x, nextA, moreA := strings.Cut(restA, "/")
		y, nextB, moreB := strings.Cut(restB, "/")
		switch {
		case x != y && i%2 == 0:
			atA, atB := a[:len(a)-len(restA)+len(x)], b[:len(b)-len(restB)+len(y)]
			return cmp.Or(cmp.Compare(rank(atA.KindName()), rank(atB.KindName())), compareKeys(x, y))
		case x != y:
			return compareKeys(x, y)
		case !moreA && !moreB:
			return 0
		case !moreA:
			return -1
		case !moreB:
			return 1
		}
		restA, restB = nextA, nextB
	}
}

// compareKeys puts 500 before 50000 and both before 60000, and 500~alert_1 after 500: keys that begin
// with a number go by it first.
func compareKeys(a, b string) int {
	x, y := leading(a), leading(b)
	if x == "" || y == "" {
		return cmp.Compare(a, b)
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y), cmp.Compare(a, b))
}

// leading is the digits that a key begins with.
func leading(s string) string { return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))] }

func rank(name string) int {
	for i, k := range All() {
		if k.Name == name {
			return i
		}
	}
	return len(All())
}

// A Glob points at addresses: "*" matches within one part, "**" any number of parts, "{a,b}" either.
type Glob string

// ParseGlob checks a glob.
func ParseGlob(s string) (Glob, error) {
	if s == "" || !doublestar.ValidatePattern(s) {
		return "", fmt.Errorf("glob %q: not a pattern; try projects/*-prod/**", s)
	}
	return Glob(s), nil
}

// Match says whether the glob points at the address.
func (g Glob) Match(a Address) bool {
	if g.Literal() {
		return string(g) == string(a)
	}
	return doublestar.MatchUnvalidated(string(g), string(a))
}

// Literal says that the glob is an address: it points at just that.
func (g Glob) Literal() bool { return !strings.ContainsAny(string(g), `*?[{\`) }

// MayMatchIn says whether the glob can point at an object of this collection, or at this setting.
func (g Glob) MayMatchIn(collection Address) bool {
	if k := collection.Kind(); k == nil || k.Setting() {
		return g.Match(collection)
	}
	return g.Crosses() || mayMatch(strings.Split(string(g), "/"), append(collection.parts(), anyKey), func(string) bool { return true })
}

// Covers says that the glob points at every object of the collection, whatever its key. Where that takes
// a second look, as at {a,*}, it says no.
func (g Glob) Covers(collection Address) bool {
	return mayMatch(strings.Split(string(g), "/"), append(collection.parts(), anyKey), func(part string) bool { return part == "*" })
}

// Crosses says that the parts of the glob cannot be read one by one: MayMatchIn then says yes to too much.
func (g Glob) Crosses() bool { return slices.ContainsFunc(strings.Split(string(g), "/"), crosses) }

// anyKey stands for the keys of a collection. No part of an address is empty.
const anyKey = ""

// mayMatch compares the parts of a glob with those of an address, of which a key may be open: which parts
// match it then, open says.
func mayMatch(want, have []string, open func(part string) bool) bool {
	switch {
	case len(want) == 0:
		return len(have) == 0
	case want[0] == "**":
		return mayMatch(want[1:], have, open) || len(have) > 0 && mayMatch(want, have[1:], open)
	case len(have) == 0:
		return false
	case have[0] == anyKey:
		return open(want[0]) && mayMatch(want[1:], have[1:], open)
	}
	return doublestar.MatchUnvalidated(want[0], have[0]) && mayMatch(want[1:], have[1:], open)
}

// crosses says that a part of a glob is not one by itself: braces or brackets go on in the next part, or
// hold a "**", or something is escaped.
func crosses(part string) bool {
	return strings.Count(part, "{") != strings.Count(part, "}") || strings.Count(part, "[") != strings.Count(part, "]") ||
		strings.Contains(part, "{") && strings.Contains(part, "**") || strings.Contains(part, `\`)
}

// Globs match where one of them does.
type Globs []Glob

// Match says whether one of the globs points at the address.
func (gs Globs) Match(a Address) bool {
	return slices.ContainsFunc(gs, func(g Glob) bool { return g.Match(a) })
}

// ParseGlobs checks several globs.
func ParseGlobs(ss []string) (Globs, error) {
	out := make(Globs, 0, len(ss))
	for _, s := range ss {
		g, err := ParseGlob(s)
		if err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	return out, nil
}
