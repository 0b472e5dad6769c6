package apply_test

import (
	"testing"
	"testing/synctest"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// A role that somebody has through a group is listed like her own. It is not what a lost answer made.
func TestLostRoleIsNotTheInheritedOne(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"drop_before", "drop_after"} {
		synctest.Test(t, func(t *testing.T) {
			v := trial{text: "version: 1\nusers: [{email: alan@acme.example, roles: [key-keeper]}]\n", state: sim.Demo(),
				faults: []sim.Fault{{Route: "POST /v1/organization/users/{user_id}/roles", Fault: fault}}}.run(t, t.Context())
			v.done(t)
			if want := map[string]int{"drop_before": 2, "drop_after": 1}[fault]; len(v.writes) != want {
				t.Errorf("%s: sent %d times, want %d", fault, len(v.writes), want)
			}
		})
	}
}
