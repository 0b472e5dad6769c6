package plan

import (
	"slices"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// A scope is what --only matches; nil is everything. What was written is read back with an address for
// each change, so these are looked up and not tried one by one.
type scope struct {
	addrs map[kind.Address]bool // globs that are addresses
	in    map[kind.Address]bool // and where these stand
	globs kind.Globs            // all others
}

func newScope(only kind.Globs) *scope {
	if only == nil {
		return nil
	}
	s := &scope{addrs: map[kind.Address]bool{}, in: map[kind.Address]bool{}}
	for _, g := range only {
		if a := kind.Address(g); g.Literal() {
			s.addrs[a], s.in[a.Collection()] = true, true
		} else {
			s.globs = append(s.globs, g)
		}
	}
	return s
}

func (s *scope) match(a kind.Address) bool { return s == nil || s.addrs[a] || s.globs.Match(a) }

// mayMatchIn says whether an object of this collection, or this setting, can be in it.
func (s *scope) mayMatchIn(collection kind.Address) bool {
	return s == nil || s.in[collection] || slices.ContainsFunc(s.globs, func(g kind.Glob) bool { return g.MayMatchIn(collection) })
}
