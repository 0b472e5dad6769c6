package audit_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/bylaw-dev/bylaw/internal/audit"
	"github.com/bylaw-dev/bylaw/internal/kind"
)

// TestKindsNameEventsThatThereAre: a stem without types would make every change look as if nobody had
// done it.
func TestKindsNameEventsThatThereAre(t *testing.T) {
	t.Parallel()
	for _, k := range kind.All() {
		for _, k := range []*kind.Kind{k, k.Pending} {
			if k == nil {
				continue
			}
			for stem := range strings.FieldsSeq(k.Events) {
				if len(audit.TypesOf(stem)) < 2 {
					t.Errorf("%s: no types of event begin with %s", k.Name, stem)
				}
			}
		}
	}
	want := []string{"role.assignment.created", "role.assignment.deleted", "user.added", "user.deleted", "user.updated"}
	if got := audit.TypesOf("user role.assignment user"); !slices.Equal(got, want) {
		t.Errorf("types are %v", got)
	}
	if got := audit.TypesOf("role"); !slices.Equal(got, []string{"role.created", "role.deleted", "role.updated"}) {
		t.Errorf("types are %v", got)
	}
}
