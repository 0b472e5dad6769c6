package apply_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// What nobody declares and the policy does not prune stays as it is, field by field.
func TestOnlyWhatIsPlannedChanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, _, _ := draw(t)
		p, in := w.planAnd()
		logPlan(t, p)
		for _, c := range p.Changes {
			if !asked(w, in, c) {
				t.Fatalf("%s %s: nobody asked for it", c.Verb(), c.Addr)
			}
		}
		a, before := newAccount(p, w.sim.Snapshot()), flatten(w.sim.Snapshot())
		w.settled(w.apply(context.Background(), p))
		after := flatten(w.sim.Snapshot())
		for c, was := range before {
			if is, ok := after[c]; (!ok || is != was) && !a.mayChange(c) {
				t.Errorf("%+v was %s and is %q", c, was, is)
			}
		}
		for c, is := range after {
			if _, ok := before[c]; !ok && !a.mayAppear(c) {
				t.Errorf("%+v is new: %s", c, is)
			}
		}
		a.spent(t)
		if t.Failed() {
			t.FailNow()
		}
	})
}

// asked says that the document asks for a change: the object is declared, and so is each field, or it
// is pruned where its collection is.
func asked(w *world, in plan.Input, c plan.Change) bool {
	for _, o := range w.doc.Objects {
		twin := c.Action == plan.Delete && o.State == kind.Absent && strings.HasPrefix(string(c.Addr), string(o.Addr)+"~")
		if o.Addr != c.Addr && !twin {
			continue
		}
		for _, d := range c.Fields {
			top, _, _ := strings.Cut(d.Name, ".")
			if _, declared := o.Fields[top]; !declared {
				return false
			}
		}
		return (c.Action == plan.Delete) == (o.State != kind.Present) || pruned(w, in, c)
	}
	return pruned(w, in, c)
}

func pruned(w *world, in plan.Input, c plan.Change) bool {
	_, collection := w.doc.Declared[c.Addr.Collection()]
	return c.Action == plan.Delete && collection && in.Policy.Prune.Match(c.Addr)
}

// An account is what a plan may do to the cells of an organization.
type account struct {
	fields  map[cell]bool   // of updates
	gone    map[cell]bool   // objects, without a field
	people  map[string]bool // removed: their memberships go along
	created map[string]int  // by kind and scope; "new" is any project made by the plan
	seen    map[cell]bool   // new objects
	old     map[string]bool
}

var (
	inProject = regexp.MustCompile(`^/organization/projects/([^/]+)/`)
)

func newAccount(p plan.Plan, before sim.State) *account {
	a := &account{fields: map[cell]bool{}, gone: map[cell]bool{}, people: map[string]bool{}, created: map[string]int{},
		seen: map[cell]bool{}, old: map[string]bool{"": true}}
	for _, s := range before.Projects {
		a.old[s.ID] = true
	}
	for _, c := range p.Changes {
		for _, r := range c.Requests {
			a.request(c, r)
		}
	}
	return a
}

// request books one request.
func (a *account) request(c plan.Change, r plan.Request) {
	name, scope := c.Addr.KindName(), ""
	if strings.Contains(r.Path, "/invites") {
		name = "invites"
	}
	if m := inProject.FindStringSubmatch(r.Path); m != nil && strings.Contains(name, "/") {
		scope = m[1]
	}
	id := c.ID
	if c.Action == plan.Update && c.Find != nil { // a row that comes: its id is rl- and its key
		id = "rl-" + c.Addr.Key()
	}
	switch {
	case r.Once:
		a.created[name+" "+a.known(scope)]++
	case c.Action == plan.Create && c.Addr.Kind().Setting():
		a.gone[cell{name, scope, "", ""}] = true // it appears
	case c.Action == plan.Delete, c.Action == plan.Replace:
		a.gone[cell{name, scope, id, ""}] = true
		if name == "users" {
			a.people[id] = true
		}
	}
	for _, d := range c.Fields {
		a.fields[cell{name, scope, id, d.Name}] = true
	}
}

// known is the scope, or "new" where the plan makes it.
func (a *account) known(scope string) string {
	if a.old[scope] {
		return scope
	}
	return "new"
}

func (a *account) mayChange(c cell) bool {
	whole := cell{c.kind, c.scope, c.id, ""}
	_, archived := a.gone[cell{"projects", "", c.scope, ""}]
	return a.fields[c] || a.gone[whole] || archived && (c.kind == "projects/users" || c.kind == "projects/service_accounts") ||
		c.kind == "projects/users" && a.people[c.id]
}

// mayAppear says that an object is new and the plan made it, or that a setting is set.
func (a *account) mayAppear(c cell) bool {
	if a.fields[c] || a.gone[cell{c.kind, c.scope, c.id, ""}] {
		return true
	}
	a.seen[cell{c.kind, a.known(c.scope), c.id, ""}] = true
	return a.known(c.scope) == "new" || a.created[c.kind+" "+a.known(c.scope)] > 0
}

// spent demands that exactly as many objects are new as were to be made.
func (a *account) spent(t rapid.TB) {
	n := map[string]int{}
	for c := range a.seen {
		if k := kind.Find(c.kind); k == nil || !k.Setting() && !k.Given() {
			n[c.kind+" "+c.scope]++
		}
	}
	for what, want := range a.created {
		if strings.HasSuffix(what, " new") {
			continue // two new projects share the word
		}
		if n[what] != want {
			t.Errorf("%d of %s are new, not %d", n[what], what, want)
		}
	}
	for what, got := range n {
		if !strings.HasSuffix(what, " new") && a.created[what] != got {
			t.Errorf("%d of %s are new, not %d", got, what, a.created[what])
		}
	}
}
