package observed

import (
	"errors"
	"fmt"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// ErrNotRecalled says that a place is not in the earlier reading, and that nothing else may be read.
var ErrNotRecalled = errors.New("not in the earlier reading, and nothing may be read anew")

// A memory is an earlier reading and what was taken from it.
type memory struct {
	live  kind.Live
	may   func(kind.Place) bool
	by    map[collection][]kind.Object
	taken map[collection]bool
	n     int
}

// A collection is what one list gave.
type collection struct {
	kind *kind.Kind
	in   kind.Address
}

// Recall lets the reader take places from an earlier reading instead of the API, those for which may says
// yes; nil is yes to all. It is called before the first Read. Which key is in use and who owns it never
// comes from an earlier reading: as long as there is a client, lists that tell are read anew.
func (r *Reader) Recall(live kind.Live, may func(kind.Place) bool) {
	r.past = memory{live: live, may: may, by: map[collection][]kind.Object{}, taken: map[collection]bool{}}
	for _, o := range live.Objects {
		at := collection{o.Kind, o.Addr.Collection()}
		o.InUse = false
		r.past.by[at] = append(r.past.by[at], o)
	}
}

// Recalled is how many places were taken from the earlier reading.
func (r *Reader) Recalled() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.past.n
}

// recalls says that a place is taken from the earlier reading. The objects there have the fields of their
// details already, so a detail is recalled along with its list or not at all: over a newer list it would
// lay older fields.
func (r *Reader) recalls(p kind.Place) bool {
	m := r.past
	switch {
	case !m.live.Read[p.Source()]:
		return false
	case p.Kind.Redacted != "" && r.client != nil:
		return false
	case p.ID != "" && !m.taken[collection{p.Kind, p.In.Collection()}]:
		return false
	}
	return m.may == nil || m.may(p)
}

// recall takes what may be taken from the earlier reading, and returns the other places.
func (r *Reader) recall(places []kind.Place) []kind.Place {
	r.mu.Lock()
	defer r.mu.Unlock()
	var rest []kind.Place
	for _, p := range places {
		if !r.recalls(p) {
			rest = append(rest, p)
			continue
		}
		r.past.n++
		r.live.Read[p.Source()] = true
		if at := (collection{p.Kind, p.In}); p.ID == "" {
			r.past.taken[at] = true
			r.live.Objects = append(r.live.Objects, r.past.by[at]...)
		}
	}
	return rest
}

func notRecalled(places []kind.Place) error {
	more := ""
	if n := len(places) - 1; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Errorf("read %s (%s)%s: %w", places[0].In, places[0].Path, more, ErrNotRecalled)
}

// organization is the one that answered, or that the earlier reading is of where nobody did.
func (r *Reader) organization() string {
	if r.client != nil {
		if o := r.client.Organization(); o != "" || r.past.n == 0 {
			return o
		}
	}
	return r.past.live.Organization
}

// oneOrganization refuses to mix what two organizations hold.
func (r *Reader) oneOrganization() error {
	now, then := r.organization(), r.past.live.Organization
	if r.past.n > 0 && then != "" && now != then {
		return fmt.Errorf("the earlier reading is of %s, and %s answered: read all of it anew", then, now)
	}
	return nil
}
