package render

import (
	"fmt"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
)

// A bunch is one change, or several that are the same but for their addresses.
type bunch []plan.Change

// bunches puts what has the same key together where there is at least so much of it. It stands where the first
// one stands.
func bunches[B ~[]T, T any](all []T, least int, key func(T) string) []B {
	keys := make([]string, len(all))
	same, said := map[string]B{}, map[string]bool{}
	for i, c := range all {
		keys[i] = key(c)
		same[keys[i]] = append(same[keys[i]], c)
	}
	var out []B
	for i, c := range all {
		switch all := same[keys[i]]; {
		case len(all) < least:
			out = append(out, B{c})
		case !said[keys[i]]:
			out, said[keys[i]] = append(out, all), true
		}
	}
	return out
}

// likeness is all of a change that people see but its address and place.
func likeness(c plan.Change) string {
	parts := []string{c.Verb(), c.Addr.KindName(), string(c.Risk), c.Reason, fmt.Sprint(c.Drift)}
	for _, d := range c.Fields {
		parts = append(parts, view{}.line(c, d))
	}
	return strings.Join(parts, "\x00")
}

// pattern is the address of the changes of a bunch, with * for what differs.
func (b bunch) pattern() string {
	addrs := make([]kind.Address, len(b))
	for i, c := range b {
		addrs[i] = c.Addr
	}
	return patternOf(addrs)
}

func patternOf(addrs []kind.Address) string {
	parts := strings.Split(string(addrs[0]), "/")
	for _, a := range addrs[1:] {
		for i, p := range strings.Split(string(a), "/") {
			if i < len(parts) && parts[i] != p {
				parts[i] = "*"
			}
		}
	}
	return Clean(strings.Join(parts, "/"))
}

// addresses are the addresses of a bunch, each with its place where these differ.
func (b bunch) addresses(width int) []string {
	pos, same := b.pos()
	out := make([]string, len(b))
	for i, c := range b {
		out[i] = cut(Clean(string(c.Addr)), width)
		if !same && c.Pos != pos {
			out[i] += "    " + cut(atFrom(c.Pos), width)
		}
	}
	return out
}

// pos is the place of all of a bunch; the zero value where they have several.
func (b bunch) pos() (pos kind.Position, same bool) {
	for _, c := range b {
		if c.Pos != b[0].Pos {
			return kind.Position{}, false
		}
	}
	return b[0].Pos, true
}
