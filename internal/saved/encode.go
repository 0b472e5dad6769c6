package saved

import (
	"slices"
	"time"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
)

// document is a plan in JSON, in the order of the file; schema/plan.schema.json describes it. The checksum
// comes last.
type document struct {
	Format       string         `json:"format"`
	Version      int            `json:"version"`
	Tool         string         `json:"tool"`
	Time         time.Time      `json:"time"`
	Sandbox      bool           `json:"sandbox"`
	Organization string         `json:"organization"`
	Base         *Commit        `json:"base,omitempty"`
	Head         *Commit        `json:"head,omitempty"`
	Hash         string         `json:"hash"`
	Approval     string         `json:"approval"`
	Verdict      string         `json:"verdict"`
	Summary      map[string]int `json:"summary"`
	Changes      []change       `json:"changes"`
	Based        bool           `json:"based"`
	Drift        []change       `json:"drift"`
	Drifted      []problem      `json:"drifted"`
	Unmanaged    []unmanaged    `json:"unmanaged"`
	Policy       []policyChange `json:"policy"`
	Notes        []note         `json:"notes"`
	Undeclared   []kind.Address `json:"undeclared"`
	Problems     []problem      `json:"problems"`
	Refusals     []refusal      `json:"refusals"`
	Readings     []Reading      `json:"readings"`
	Requests     requests       `json:"requests"`
	Reads        []place        `json:"reads"`
	Uses         []use          `json:"uses"`
	Watch        []place        `json:"watch"`
	Live         []object       `json:"live"`
	Want         []object       `json:"want"`
	Declared     []declared     `json:"declared"`
	Checksum     string         `json:"checksum,omitempty"`
}

type change struct {
	Action   string         `json:"action"`
	Address  kind.Address   `json:"address"`
	ID       string         `json:"id,omitempty"`
	Risk     plan.Risk      `json:"risk"`
	Drift    bool           `json:"drift,omitempty"`
	Position *kind.Position `json:"position,omitempty"`
	Reason   string         `json:"reason,omitempty"`
	Fields   []diff         `json:"fields"`
	Requests []request      `json:"requests"`
	With     kind.Address   `json:"with,omitempty"`
	After    []kind.Address `json:"after"`
	Find     *find          `json:"find,omitempty"`
}

type diff struct {
	Name    string `json:"name"`
	Old     any    `json:"old"`
	New     any    `json:"new"`
	Unit    string `json:"unit,omitempty"`
	Drifted bool   `json:"drifted,omitempty"`
	Base    any    `json:"base,omitempty"`
}

type request struct {
	Method string         `json:"method"`
	Route  string         `json:"route"`
	Path   string         `json:"path"`
	Body   map[string]any `json:"body,omitzero"`
	Once   bool           `json:"once,omitempty"`
	Makes  string         `json:"makes,omitempty"`
}

type find struct {
	Kind   string   `json:"kind"`
	Key    string   `json:"key"`
	Route  string   `json:"route"`
	Path   string   `json:"path"`
	Except []string `json:"except,omitempty"`
	Skip   []string `json:"skip,omitempty"`
}

type note struct {
	Address  kind.Address   `json:"address"`
	Position *kind.Position `json:"position,omitempty"`
	Why      plan.Why       `json:"why"`
	Message  string         `json:"message"`
	Quiet    bool           `json:"quiet,omitempty"`
}

type problem struct {
	Address  kind.Address   `json:"address"`
	Position *kind.Position `json:"position,omitempty"`
	Message  string         `json:"message"`
	Hint     string         `json:"hint,omitempty"`
}

type refusal struct {
	Rule    string   `json:"rule"`
	Message string   `json:"message"`
	Allow   []string `json:"allow"`
}

type unmanaged struct {
	Address  kind.Address   `json:"address"`
	Field    string         `json:"field,omitempty"`
	Position *kind.Position `json:"position,omitempty"`
	Count    int            `json:"count,omitempty"`
	Stays    any            `json:"stays,omitempty"`
	Unit     string         `json:"unit,omitempty"`
}

type policyChange struct {
	Field    string         `json:"field"`
	Old      string         `json:"old"`
	New      string         `json:"new"`
	Loosened bool           `json:"loosened"`
	Position *kind.Position `json:"position,omitempty"`
}

type requests struct {
	Total   int            `json:"total"`
	ByRoute map[string]int `json:"by_route"`
}

type declared struct {
	Address  kind.Address   `json:"address"`
	Position *kind.Position `json:"position,omitempty"`
}

func newDocument(d Document) document {
	p, a := d.Plan, Approve(d)
	live := d.Live.Of(slices.Concat(p.Reads, p.Watch))
	out := document{Format: planFile.name, Version: planFile.version, Tool: d.Tool, Time: d.Time.UTC().Truncate(time.Second), Sandbox: d.Sandbox,
		Organization: d.Organization, Base: commit(d.Base), Head: commit(d.Head), Hash: a.hash, Approval: a.String(), Verdict: verdict(p),
		Summary: summary(p), Changes: each(p.Changes, newChange), Based: p.Based, Drift: each(p.Drift, newChange), Drifted: each(p.Drifted, newProblem),
		Unmanaged: each(p.Unmanaged, newUnmanaged), Policy: each(p.Policy, newPolicyChange), Notes: each(p.Notes, newNote), Undeclared: list(p.Undeclared),
		Problems: each(p.Problems, newProblem), Refusals: each(p.Refusals, newRefusal), Readings: each(d.Readings, newReading),
		Requests: newRequests(d.Requests), Live: newObjects(live.Objects), Want: newObjects(d.Want), Declared: newDeclared(d.Declared)}
	out.Reads = each(p.Reads, func(p kind.Place) place { return newPlace(p, live.Read) })
	out.Uses = each(p.Uses, newUse)
	out.Watch = each(p.Watch, func(p kind.Place) place { return newPlace(p, live.Read) })
	return out
}

func verdict(p plan.Plan) string {
	if len(p.Refusals) > 0 {
		return "refused"
	}
	return "allowed"
}

func summary(p plan.Plan) map[string]int {
	s := p.Summary()
	return map[string]int{"create": s.Create, "update": s.Update, "replace": s.Replace, "delete": s.Delete, "unchanged": s.Unchanged,
		"undeclared": s.Undeclared, "pending": s.Pending, "problems": s.Problems, "drift": len(p.Drift)}
}

func commit(c Commit) *Commit {
	if c == (Commit{}) {
		return nil
	}
	return &c
}

func newChange(c plan.Change) change {
	out := change{Action: c.Verb(), Address: c.Addr, ID: c.ID, Risk: c.Risk, Drift: c.Drift, Position: position(c.Pos), Reason: c.Reason,
		With: c.With, After: list(c.After), Fields: each(c.Fields, newDiff), Requests: each(c.Requests, newRequest)}
	if f := c.Find; f != nil {
		out.Find = &find{f.Kind, f.Key, f.Route, f.Path, f.Except, f.Skip}
	}
	return out
}

func newDiff(f plan.FieldDiff) diff {
	return diff{f.Name, plain(f.Old), plain(f.New), f.Unit, f.Drifted, plain(f.Base)}
}

func newRequest(r plan.Request) request {
	return request{r.Method, r.Route, r.Path, members(r.Body), r.Once, r.Makes}
}

func newNote(n plan.Note) note {
	return note{n.Addr, position(n.Pos), n.Why, n.Message, n.Quiet}
}

func newProblem(q plan.Problem) problem {
	return problem{q.Addr, position(q.Pos), q.Message, q.Hint}
}

func newRefusal(r plan.Refusal) refusal { return refusal{r.Rule, r.Message, list(r.Allow)} }

func newUnmanaged(u plan.Unmanaged) unmanaged {
	return unmanaged{u.Addr, u.Field, position(u.Pos), u.Count, plain(u.Stays), u.Unit}
}

func newPolicyChange(c plan.PolicyChange) policyChange {
	return policyChange{c.Field, c.Old, c.New, c.Loosened, position(c.Pos)}
}

func newReading(r Reading) Reading {
	return Reading{r.Source, r.Time.UTC().Truncate(time.Second), r.Places}
}

func newRequests(sent map[string]int) requests {
	out := requests{ByRoute: map[string]int{}}
	for route, n := range sent {
		out.ByRoute[route] = n
		out.Total += n
	}
	return out
}

func newUse(u plan.Use) use {
	return use{u.Addr, u.ID, newPlace(u.Place, map[kind.Source]bool{u.Place.Source(): true})}
}

func newDeclared(in map[kind.Address]kind.Position) []declared {
	out := []declared{}
	for a, pos := range in {
		out = append(out, declared{a, position(pos)})
	}
	slices.SortFunc(out, func(a, b declared) int { return a.Address.Compare(b.Address) })
	return out
}

// list makes an empty JSON list of none, never null.
func list[T any](in []T) []T { return append([]T{}, in...) }

func each[T, U any](in []T, f func(T) U) []U {
	out := make([]U, len(in))
	for i, e := range in {
		out[i] = f(e)
	}
	return out
}
