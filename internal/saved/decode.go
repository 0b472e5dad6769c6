package saved

import (
	"fmt"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
)

// A reader turns a decoded file into the nouns of a plan. It keeps the first mistake that the schema cannot
// find: an address or a kind that this bylaw does not know.
type reader struct{ err error }

func (r *reader) fail(at, format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...))
	}
}

func (r *reader) address(at string, a kind.Address) {
	if _, err := kind.ParseAddress(string(a)); err != nil {
		r.fail(at, "%v", err)
	}
}

// every turns each element of a list, which stands at a place in the file. Of none it makes nil.
func every[T, U any](r *reader, at string, in []T, f func(at string, e T) U) []U {
	var out []U
	for i, e := range in {
		if out = append(out, f(fmt.Sprintf("%s/%d", at, i), e)); r.err != nil {
			return nil
		}
	}
	return out
}

func (r *reader) document(f document) Document {
	d := Document{Tool: f.Tool, Time: f.Time.UTC(), Sandbox: f.Sandbox, Organization: f.Organization, Base: commitOf(f.Base), Head: commitOf(f.Head),
		Readings: every(r, "/readings", f.Readings, func(_ string, e Reading) Reading { return newReading(e) }),
		Want:     every(r, "/want", f.Want, r.object)}
	if len(f.Requests.ByRoute) > 0 {
		d.Requests = f.Requests.ByRoute
	}
	d.Plan = r.plan(f)
	d.Live = kind.Live{Organization: f.Organization, Objects: every(r, "/live", f.Live, r.object), Read: map[kind.Source]bool{}}
	r.sources(d.Live.Read, f.Reads, d.Plan.Reads)
	r.sources(d.Live.Read, f.Watch, d.Plan.Watch)
	for i, e := range f.Declared {
		if d.Declared == nil {
			d.Declared = map[kind.Address]kind.Position{}
		}
		r.address(fmt.Sprintf("/declared/%d", i), e.Address)
		d.Declared[e.Address] = positionOf(e.Position)
	}
	return d
}

// sources marks the places that were read.
func (r *reader) sources(read map[kind.Source]bool, file []place, places []kind.Place) {
	for i, p := range places {
		if !file[i].Unread {
			read[p.Source()] = true
		}
	}
}

func (r *reader) plan(f document) plan.Plan {
	return plan.Plan{
		Changes:    every(r, "/changes", f.Changes, r.change),
		Notes:      every(r, "/notes", f.Notes, r.note),
		Problems:   every(r, "/problems", f.Problems, r.problem),
		Refusals:   every(r, "/refusals", f.Refusals, r.refusal),
		Undeclared: every(r, "/undeclared", f.Undeclared, r.known),
		Unchanged:  f.Summary["unchanged"],
		Reads:      every(r, "/reads", f.Reads, r.place),
		Uses:       every(r, "/uses", f.Uses, r.use),
		Watch:      every(r, "/watch", f.Watch, r.place),
		Based:      f.Based,
		Drift:      every(r, "/drift", f.Drift, r.change),
		Drifted:    every(r, "/drifted", f.Drifted, r.problem),
		Unmanaged:  every(r, "/unmanaged", f.Unmanaged, r.unmanaged),
		Policy:     every(r, "/policy", f.Policy, r.policyChange),
	}
}

// actions are the verbs of changes. What an archive is called depends on the kind.
var actions = map[string]plan.Action{"create": plan.Create, "update": plan.Update, "replace": plan.Replace, "delete": plan.Delete, "archive": plan.Delete}

func (r *reader) change(at string, c change) plan.Change {
	out := plan.Change{Action: actions[c.Action], Addr: r.known(at, c.Address), ID: c.ID, Risk: c.Risk, Drift: c.Drift, Pos: positionOf(c.Position),
		Reason: c.Reason, With: c.With, After: every(r, at+"/after", c.After, r.known),
		Fields:   every(r, at+"/fields", c.Fields, r.diff),
		Requests: every(r, at+"/requests", c.Requests, r.request)}
	if c.With != "" {
		r.address(at+"/with", c.With)
	}
	if out.Verb() != c.Action {
		r.fail(at, "to %s is not what is done with %s", c.Action, c.Address)
	}
	if f := c.Find; f != nil {
		if kind.Find(f.Kind) == nil {
			r.fail(at+"/find", "%q is no kind", f.Kind)
		}
		out.Find = &plan.Find{Kind: f.Kind, Key: f.Key, Route: f.Route, Path: f.Path, Except: f.Except, Skip: f.Skip}
	}
	return out
}

func (r *reader) diff(_ string, f diff) plan.FieldDiff {
	return plan.FieldDiff{Name: f.Name, Old: settle(f.Old), New: settle(f.New), Unit: f.Unit, Drifted: f.Drifted, Base: settle(f.Base)}
}

func (r *reader) request(_ string, q request) plan.Request {
	return plan.Request{Method: q.Method, Route: q.Route, Path: q.Path, Body: settled(q.Body), Once: q.Once, Makes: q.Makes}
}

func (r *reader) use(at string, u use) plan.Use {
	return plan.Use{Place: r.place(at+"/place", u.Place), Addr: r.known(at, u.Address), ID: u.ID}
}

// known is an address at which some kind stands.
func (r *reader) known(at string, a kind.Address) kind.Address {
	r.address(at, a)
	return a
}

func (r *reader) note(at string, n note) plan.Note {
	return plan.Note{Addr: r.known(at, n.Address), Pos: positionOf(n.Position), Why: n.Why, Message: n.Message, Quiet: n.Quiet}
}

// problem may be one of the policy, which has no address of an object.
func (r *reader) problem(_ string, q problem) plan.Problem {
	return plan.Problem{Addr: q.Address, Pos: positionOf(q.Position), Message: q.Message, Hint: q.Hint}
}

func (r *reader) refusal(_ string, f refusal) plan.Refusal {
	out := plan.Refusal{Rule: f.Rule, Message: f.Message}
	if len(f.Allow) > 0 {
		out.Allow = f.Allow
	}
	return out
}

func (r *reader) unmanaged(at string, u unmanaged) plan.Unmanaged {
	return plan.Unmanaged{Addr: r.known(at, u.Address), Field: u.Field, Pos: positionOf(u.Position), Count: u.Count, Stays: settle(u.Stays), Unit: u.Unit}
}

func (r *reader) policyChange(_ string, c policyChange) plan.PolicyChange {
	return plan.PolicyChange{Field: c.Field, Old: c.Old, New: c.New, Loosened: c.Loosened, Pos: positionOf(c.Position)}
}

func commitOf(c *Commit) Commit {
	if c == nil {
		return Commit{}
	}
	return *c
}
