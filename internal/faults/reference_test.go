package faults_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// The reference organization shows what it is for: every kind changes, in each way that its API can, in
// enough writes, some of which carry several changes, and some changes take several writes.
func TestReferenceHasEveryShape(t *testing.T) {
	t.Parallel()
	clean := cleanly(t)
	did, shapes := map[string]map[string]int{}, map[string]int{}
	for _, c := range clean.first.plan.Changes {
		k := kind.Address(c.Address).KindName()
		if did[k] == nil {
			did[k] = map[string]int{}
		}
		did[k][c.Action]++
		switch {
		case c.With != "":
			shapes["ride"]++
		case len(c.Requests) > 1:
			shapes["several requests"]++
		}
		shapes[c.Action]++
	}
	for _, k := range kind.All() {
		t.Log(k.Name, did[k.Name])
		if len(did[k.Name]) == 0 {
			t.Errorf("%s: nothing changes", k.Name)
		}
	}
	for _, s := range []string{"create", "update", "replace", "delete", "archive", "ride", "several requests"} {
		if shapes[s] == 0 {
			t.Errorf("no change is a %s", s)
		}
	}
	writes := writesOf(clean.received)
	routes := map[string]bool{}
	for _, w := range writes {
		routes[w.Route] = true
	}
	t.Log(fmt.Sprintf("%d requests, %d writes on %d routes:", len(clean.received), len(writes), len(routes)), shapes)
	if len(writes) < 60 {
		t.Errorf("%d writes", len(writes))
	}
	if twice := twins(seed()); len(twice) > 0 {
		t.Errorf("the seed has twins: %v", twice)
	}
	want := map[string]int{"margaret@acme.example": 2, "katherine@acme.example": 1, "hedy@acme.example": 1} // margaret's first is the seed's
	if got := mailed(clean.state); !maps.Equal(got, want) {
		t.Errorf("invites: %v, want %v", got, want)
	}
}
