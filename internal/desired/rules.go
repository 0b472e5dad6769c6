package desired

import (
	"fmt"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// rules holds what no schema can say: what is right by itself, but not beside the rest.
func (l *loader) rules(all []object, p kind.Policy) {
	l.duplicates(all)
}

// duplicates reports what is declared twice.
func (l *loader) duplicates(all []object) {
	first := map[kind.Address]object{}
	for _, o := range all {
		prior, ok := first[o.Addr]
		if !ok {
			first[o.Addr] = o
			continue
		}
		l.add(mistake(o.Pos, string(o.Addr), fmt.Sprintf("already declared at %s", prior.Pos), "keep one of the two"))
	}
}
