package audit_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/bylaw-dev/bylaw/internal/audit"
)

// A history is what happened to one person in the organization and two projects of it, and which event made it so.
type history struct {
	rand   *rand.Rand
	events []happened
	places []string          // where they really happened
	role   map[string]string // by place; "" where she is not
	joined map[string]int    // the event by which she came or went
	given  map[string]int    // the event that gave her the role
}

func newHistory(seed uint64) *history {
	return &history{rand: rand.New(rand.NewPCG(seed, 1)), role: map[string]string{}, joined: map[string]int{}, given: map[string]int{}}
}

// act makes one event in a place, by a session, which says where, or by a key, which does not.
func (h *history) act(in string) {
	now, n := h.role[in], len(h.events)
	verb, role := "user.updated", []string{"owner", "member"}[h.rand.IntN(2)]
	payload := row{"id": "user-7", "changes_requested": row{"role": role}}
	switch {
	case now == "":
		verb, payload = "user.added", row{"id": "user-7", "data": row{"role": role}}
	case h.rand.IntN(2) == 0:
		verb, payload, role = "user.deleted", row{"id": "user-7"}, ""
	}
	if now == "" || role == "" {
		h.joined[in] = n
	}
	if now != role {
		h.given[in] = n
	}
	h.role[in] = role
	e := session(in, verb, payload)
	if h.rand.IntN(2) == 0 {
		e = withKey(verb, payload)
	}
	h.events, h.places = append(h.events, e), append(h.places, in)
}

// questions are how she lives in a project other than declared, and the event that made it so.
func (h *history) questions(in string) map[int]audit.Difference {
	d := audit.Difference{Addr: "projects/web/users/alan@acme.example", ID: "user-7", Within: map[string]string{"projects": in}}
	if in == "org" {
		d.Addr, d.Within = "users/alan@acme.example", nil
	}
	gone, extra, changed := d, d, d
	gone.What, extra.What = audit.Gone, audit.Extra
	changed.Fields = []audit.Value{{Name: "role", Live: h.role[in], Want: "other"}}
	if h.role[in] == "" {
		return map[int]audit.Difference{h.joined[in]: gone}
	}
	if by := h.given[in]; by != h.joined[in] {
		return map[int]audit.Difference{h.joined[in]: extra, by: changed}
	}
	return map[int]audit.Difference{h.joined[in]: extra}
}

// made says whether an event made a difference. To give somebody the role once more that she has says so, too.
func (h *history) made(id, in string, by int, d audit.Difference) bool {
	for i := range h.events {
		if fmt.Sprintf("audit_log-%03d", i) == id {
			return i == by || i > by && d.What == audit.Changed && h.places[i] == in
		}
	}
	return false
}

// TestWhatIsProvenIsTrue lets a person come and go, by sessions and by keys, and asks who did it.
// What is likely may be wrong.
func TestWhatIsProvenIsTrue(t *testing.T) {
	t.Parallel()
	proven := 0
	for seed := range uint64(1500) {
		h := newHistory(seed)
		for range 1 + h.rand.IntN(8) {
			h.act([]string{"proj_1", "proj_2", "org"}[h.rand.IntN(3)])
		}
		record := audit.Record{Events: newest(t, h.events)[:1+h.rand.IntN(len(h.events))]} // the log begins somewhere
		for in := range h.given {
			for by, d := range h.questions(in) {
				for _, c := range audit.Explain([]audit.Difference{d}, record)[0].Clues {
					if !c.Likely && !h.made(c.Event.ID, in, by, d) {
						t.Errorf("seed %d: %s: proven by %s, but it was %d: %v", seed, d.Addr, c.Event.ID, by, h.events)
					}
					if !c.Likely {
						proven++
					}
				}
			}
		}
	}
	if proven < 300 {
		t.Errorf("only %d are proven", proven)
	}
}
