package saved

import (
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
)

// Above is the part of what is declared that stands at or above the changes of a plan and what they may
// disturb: Document.Want and Document.Declared.
func Above(p plan.Plan, want []kind.Object, declared map[kind.Address]kind.Position) ([]kind.Object, map[kind.Address]kind.Position) {
	at := map[kind.Address]bool{}
	for _, c := range p.Changes {
		up(at, c.Addr)
	}
	for _, w := range p.Watch {
		up(at, w.In)
	}
	var objects []kind.Object
	for _, o := range want {
		if at[o.Addr] {
			objects = append(objects, o)
		}
	}
	var places map[kind.Address]kind.Position
	for a, pos := range declared {
		if at[a] {
			if places == nil {
				places = map[kind.Address]kind.Position{}
			}
			places[a] = pos
		}
	}
	return objects, places
}

// up marks an address and all above it.
func up(at map[kind.Address]bool, a kind.Address) {
	for !at[a] {
		at[a] = true
		i := strings.LastIndexByte(string(a), '/')
		if i < 0 {
			return
		}
		a = a[:i]
	}
}
