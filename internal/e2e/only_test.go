package e2e_test

import (
	"testing"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// TestOnlyKeepsPinsAndEarlierNames: --only leaves a project out of the plan, not out of the document. What
// its pin and its earlier names say holds for what stands below it.
func TestOnlyKeepsPinsAndEarlierNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, yaml string }{
		{"a pin", `projects: [{name: search-prod, id: proj_sim0003, users: [{email: edsger@acme.example, role: owner}]}]`},
		{"an earlier name", `projects: [{name: search-next, previously: [support-bot], users: [{email: edsger@acme.example, role: owner}]}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			state := sim.Demo()
			if c.name == "a pin" {
				state.Projects[2].Name = "search-prod" // the second one of this name
			}
			in := document(t, c.yaml)
			in.Only = kind.Globs{"projects/search-*/users/*"}
			o := newOrg(t, state)
			p := o.sound(in)
			if len(p.Changes) != 1 || p.Changes[0].ID != edsger {
				t.Fatalf("the changes are %v", p.Changes)
			}
			o.apply(p)
			if w := o.writes(); len(w) != 1 || w[0].path != "/organization/projects/"+supportBot+"/users/"+edsger {
				t.Errorf("sent %v", w)
			}
		})
	}
}

// TestOnlyNeverPrunesWhatIsRenamed: the project that another name declares is not undeclared, even where
// --only leaves that name out.
func TestOnlyNeverPrunesWhatIsRenamed(t *testing.T) {
	t.Parallel()
	in := document(t, `
policy: {prune: ["projects/*"]}
projects: [{name: search-prod}, {name: assistant, previously: [support-bot]}]
`)
	in.Only = kind.Globs{"projects/s*"}
	if p := newOrg(t, sim.Demo()).sound(in); len(p.Changes) > 0 {
		t.Errorf("--only projects/s* plans to %s %s", p.Changes[0].Verb(), p.Changes[0].Addr)
	}
}
