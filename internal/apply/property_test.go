package apply_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/bylaw-dev/bylaw/internal/apply"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/render"
	"github.com/bylaw-dev/bylaw/internal/saved"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// draw draws a world, and says what it is where the property fails.
func draw(t *rapid.T) (*world, sim.State, string) {
	state, doc := drawWorld(t)
	text := yamlOf(t, doc)
	t.Log(text)
	for _, line := range meaning(state) {
		t.Log(line)
	}
	return newWorld(t, sim.New(state), text), state, text
}

func logPlan(t rapid.TB, p plan.Plan) {
	var b strings.Builder
	render.Text(&b, p, render.Options{Verbose: true})
	t.Log(b.String())
}

// What was applied is not planned again.
func TestApplyThenPlanIsEmpty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, _, _ := draw(t)
		p := w.plan()
		logPlan(t, p)
		w.settled(w.apply(context.Background(), p))
		w.converged()
	})
}

// A run that was broken off anywhere is finished by the next one, and ends where a whole one does.
func TestBrokenOffApplyConverges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		whole, state, text := draw(t)
		p := whole.plan()
		logPlan(t, p)
		whole.settled(whole.apply(context.Background(), p))
		k := rapid.Int64Range(0, int64(len(writes(whole.sim)))).Draw(t, "writes")
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		stop := stopAfter(k, rapid.Bool().Draw(t, "refuse"), cancel)
		w := newWorld(t, sim.New(state), text, stop.wrap)
		p = w.plan()
		report := w.apply(ctx, p)
		stop.off.Store(true)
		if got := len(writes(w.sim)); int64(got) < k {
			t.Fatalf("%d writes, not %d", got, k)
		}
		if halfReplaced(report) {
			t.SkipNow()
		}
		left := truthful(w, report)
		w.settled(w.apply(context.Background(), left))
		w.converged()
		if diff := cmp.Diff(meaning(whole.sim.Snapshot()), meaning(w.sim.Snapshot())); diff != "" {
			t.Fatalf("broken off after %d writes it ends elsewhere (-whole +broken):\n%s", k, diff)
		}
		if diff := cmp.Diff(invitesSent(whole.sim.Snapshot()), invitesSent(w.sim.Snapshot())); diff != "" {
			t.Fatalf("broken off after %d writes it sends other invites (-whole +broken):\n%s", k, diff)
		}
	})
}

// halfReplaced says that an invite went and the new one was not sent. What only the old one knew is lost:
// the memberships that nobody declares, and that she had not been removed.
func halfReplaced(report apply.Report) bool {
	return slices.ContainsFunc(report.Results, func(r apply.Result) bool {
		return r.Change.Action == plan.Replace && r.Outcome != apply.Done && r.Outcome != apply.NotTried
	})
}

// A stop lets so many writes through and no more: it refuses them, or ends the run.
type stop struct {
	left   atomic.Int64
	off    atomic.Bool
	refuse bool
	cancel func()
}

func stopAfter(k int64, refuse bool, cancel func()) *stop {
	s := &stop{refuse: refuse, cancel: cancel}
	s.left.Store(k)
	if !refuse && k == 0 {
		cancel()
	}
	return s
}

func (s *stop) wrap(next roundTripper) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		if r.Method == "GET" || s.off.Load() {
			return next(r)
		}
		left := s.left.Add(-1)
		if left < 0 && s.refuse {
			return answer(r, http.StatusBadRequest, `{"error":{"message":"not today","type":"invalid_request_error","param":null,"code":null}}`), nil
		}
		resp, err := next(r)
		if left <= 0 && !s.refuse {
			s.cancel()
		}
		return resp, err
	}
}

func answer(r *http.Request, status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r}
}

// truthful demands that nothing that is done is left to do, that nothing that was not tried was done,
// and that nothing fails without a word. It returns what is left to do.
func truthful(w *world, report apply.Report) plan.Plan {
	w.t.Helper()
	left, p := map[string]bool{}, w.plan()
	for _, c := range p.Changes {
		left[what(c)] = true
	}
	for _, res := range report.Results {
		again := left[what(res.Change)]
		switch {
		case res.Outcome == apply.Done && again:
			w.t.Fatalf("%s was done and is planned again", res.Change.Addr)
		case res.Outcome == apply.NotTried && !again && !isNew(report, res.Change.Addr.Parent()) && !follows(res.Change):
			w.t.Fatalf("%s was not tried (%v) and is not planned again", res.Change.Addr, res.Err)
		case res.Outcome != apply.Done && res.Err == nil:
			w.t.Fatalf("%s is %s, and nothing says why", res.Change.Addr, res.Outcome)
		}
	}
	return p
}

// isNew says that the plan creates an object: its settings may be as declared from the start.
func isNew(report apply.Report, a kind.Address) bool {
	return slices.ContainsFunc(report.Results, func(r apply.Result) bool { return r.Change.Addr == a && r.Change.Action == plan.Create })
}

// follows says that a change may turn out to be none once what it waits for is done: what an owner of the
// organization owns goes by itself, and a row that comes may be as declared.
func follows(c plan.Change) bool {
	return len(c.After) > 0 && (c.Action == plan.Delete || c.Action == plan.Update && c.Find != nil)
}

// what a change is about: of twins the one that is left takes over the plain address.
func what(c plan.Change) string {
	if c.Action == plan.Delete && c.ID != "" {
		return string(c.Addr.Collection()) + "#" + c.ID
	}
	return string(c.Addr)
}

// The same organization in another order gives the same plan.
func TestPlanIsDeterministic(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, state, _ := draw(t)
		p, in := w.planAnd()
		in.Live.Objects = rapid.Permutation(in.Live.Objects).Draw(t, "live order")
		in.Declared = maps.Clone(in.Declared)
		again, err := plan.Make(in)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, again, cmp.Comparer(func(a, b *kind.Kind) bool { return a == b })); diff != "" {
			t.Fatalf("other order, other plan:\n%s", diff)
		}
		if a, b := jsonOf(t, p, in), jsonOf(t, again, in); !bytes.Equal(a, b) {
			t.Fatalf("other order, other bytes:\n%s\n%s", a, b)
		}
		slices.Reverse(state.Users)
		slices.Reverse(state.Invites)
		other := newWorld(t, sim.New(state), "version: 1")
		other.doc = w.doc
		otherPlan, otherIn := other.planAnd()
		if a, b := jsonOf(t, p, in), jsonOf(t, otherPlan, otherIn); !bytes.Equal(a, b) {
			t.Fatalf("other order of the API, other bytes:\n%s\n%s", a, b)
		}
	})
}

// jsonOf saves a plan and all that it was made from, and demands that it comes back.
func jsonOf(t rapid.TB, p plan.Plan, in plan.Input) []byte {
	t.Helper()
	d := saved.Document{Plan: p, Tool: "test", Organization: in.Live.Organization, Want: in.Want, Declared: in.Declared,
		Live: in.Live.Of(slices.Concat(p.Reads, p.Watch))}
	slices.SortFunc(d.Live.Objects, func(a, b kind.Object) int {
		if by := a.Addr.Compare(b.Addr); by != 0 {
			return by
		}
		return strings.Compare(a.ID, b.ID)
	})
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	got, err := saved.Read(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatalf("%v\n%s", err, b.Bytes())
	}
	kinds := cmp.Comparer(func(a, b *kind.Kind) bool { return a == b })
	if diff := cmp.Diff(d, got, kinds, cmpopts.IgnoreFields(kind.Object{}, "InUse")); diff != "" {
		t.Fatalf("(-written +read):\n%s", diff)
	}
	if got.Hash() != d.Hash() {
		t.Fatal("another hash")
	}
	return b.Bytes()
}

// Every change says what it does, and can be carried out in an order that its edges tell.
func TestChangesAreWellFormed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, _, _ := draw(t)
		p := w.plan()
		logPlan(t, p)
		at := map[kind.Address]plan.Change{}
		for _, c := range p.Changes {
			if _, twice := at[c.Addr]; twice {
				t.Fatalf("%s changes twice", c.Addr)
			}
			at[c.Addr] = c
		}
		for _, c := range p.Changes {
			if err := wellFormed(c, at); err != nil {
				t.Fatalf("%s %s: %v", c.Verb(), c.Addr, err)
			}
		}
		if _, err := sorted(at); err != nil {
			t.Fatal(err)
		}
	})
}

func wellFormed(c plan.Change, at map[kind.Address]plan.Change) error {
	if (c.Action == plan.Update || c.Action == plan.Replace) && len(c.Fields) == 0 {
		return errors.New("an update without a difference")
	}
	for _, d := range c.Fields {
		if c.Action != plan.Create && cmp.Equal(d.Old, d.New) {
			return fmt.Errorf("%s is %v and stays so", d.Name, d.New)
		}
	}
	if (c.With == "") != (len(c.Requests) > 0) {
		return fmt.Errorf("rides with %q and has %d requests", c.With, len(c.Requests))
	}
	if _, ok := at[c.With]; c.With != "" && !ok {
		return fmt.Errorf("rides with %s, which does not change", c.With)
	}
	if parent, made := at[c.Addr.Parent()]; made && parent.Action == plan.Create && c.With == "" && !slices.Contains(c.After, parent.Addr) {
		return errors.New("does not wait for its parent")
	}
	for _, a := range c.After {
		if _, ok := at[a]; !ok {
			return fmt.Errorf("waits for %s, which does not change", a)
		}
	}
	return placed(c, at)
}

var (
	inPath = regexp.MustCompile(`\{([^{}]+)\}`)
	inBody = regexp.MustCompile(`\{"\$id_of":("[^"]+")\}`)
)

// placed demands that whatever a request leaves open is made by a change that comes first, by an
// earlier request of the same one, or found by its key.
func placed(c plan.Change, at map[kind.Address]plan.Change) error {
	made := c.Find != nil && c.Action == plan.Update
	for _, r := range c.Requests {
		for _, a := range open(r) {
			maker, ok := at[a]
			if !(a == c.Addr && made) && !(ok && maker.Action == plan.Create && slices.Contains(c.After, a)) {
				return fmt.Errorf("%s in %v has no edge", a, r)
			}
		}
		made = made || r.Once
		if r.Once && c.Find == nil {
			return errors.New("its create could not be found again")
		}
	}
	return nil
}

// open lists the objects whose ids a request leaves open.
func open(r plan.Request) []kind.Address {
	var out []kind.Address
	for _, hit := range inPath.FindAllStringSubmatch(r.Path, -1) {
		out = append(out, kind.Address(hit[1]))
	}
	body, _ := json.Marshal(r.Body)
	for _, hit := range inBody.FindAllSubmatch(body, -1) {
		var a kind.Address
		_ = json.Unmarshal(hit[1], &a)
		out = append(out, a)
	}
	return out
}

// sorted is the changes in an order that keeps all edges, or the error that there is none.
func sorted(at map[kind.Address]plan.Change) ([]kind.Address, error) {
	var out []kind.Address
	state := map[kind.Address]int{}
	var visit func(a kind.Address) error
	visit = func(a kind.Address) error {
		switch state[a] {
		case 1:
			return fmt.Errorf("%s waits for itself", a)
		case 2:
			return nil
		}
		state[a] = 1
		edges := at[a].After
		if w := at[a].With; w != "" {
			edges = append(slices.Clone(edges), w)
		}
		for _, b := range edges {
			if err := visit(b); err != nil {
				return err
			}
		}
		state[a] = 2
		out = append(out, a)
		return nil
	}
	for a := range at {
		if err := visit(a); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// A refused plan is not applied, not even a part of it.
func TestRefusedPlanSendsNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, _, _ := draw(t)
		in := w.input()
		in.Policy.MaxRemovals, in.Policy.MaxCreates = &kind.Cap{}, new(int)
		p, _, err := w.read(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		if s := p.Summary(); (s.Create+s.Delete > 0) != (len(p.Refusals) > 0) {
			t.Fatalf("%+v, and the refusals are %v", s, p.Refusals)
		}
		if len(p.Refusals) == 0 {
			t.SkipNow()
		}
		before := len(w.sim.Requests())
		if _, err := apply.Run(context.Background(), p, apply.Options{Client: w.client}); !errors.Is(err, apply.ErrRefused) {
			t.Fatalf("got %v", err)
		}
		if got := len(w.sim.Requests()); got != before {
			t.Fatalf("%d requests were sent", got-before)
		}
		in.Allow = allowed(t, p)
		if p, _, err = w.read(context.Background(), in); err != nil || len(p.Refusals) > 0 {
			t.Fatalf("what was refused stays so with its own flags: %v %v", p.Refusals, err)
		}
	})
}

// allowed reads the flags that the refusals name.
func allowed(t rapid.TB, p plan.Plan) []plan.Allow {
	t.Helper()
	var out []plan.Allow
	for _, r := range p.Refusals {
		for _, s := range r.Allow {
			a, err := plan.ParseAllow(s)
			if err != nil {
				t.Fatalf("a flag that cannot be given: %v", err)
			}
			out = append(out, a)
		}
	}
	return out
}

// A plan of a part is a part of the plan.
func TestOnlyPlansASubset(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, _, _ := draw(t)
		p := w.plan()
		logPlan(t, p)
		in := w.input()
		globs := []kind.Glob{"users/*", "projects/*", "projects/web/**", "projects/*/users/*", "projects/*/spend_alerts/*", "spend_*{,/*}", "**"}
		for _, c := range p.Changes {
			globs = append(globs, kind.Glob(c.Addr))
		}
		in.Only = kind.Globs{rapid.SampledFrom(globs).Draw(t, "only")}
		part, _, err := w.read(context.Background(), in)
		if errors.Is(err, plan.ErrNoMatch) {
			t.SkipNow()
		}
		if err != nil {
			t.Fatal(err)
		}
		whole := map[string]bool{}
		for _, c := range p.Changes {
			whole[essence(c)] = true
		}
		for _, c := range part.Changes {
			if !in.Only.Match(c.Addr) {
				t.Fatalf("--only %s plans %s", in.Only[0], c.Addr)
			}
			if !whole[essence(c)] && !hangsOnPerson(w, c) {
				t.Fatalf("--only %s plans %s, which the whole does not:\n%v", in.Only[0], essence(c), whole)
			}
		}
		if in.Only[0] == "**" && len(part.Changes) != len(p.Changes) {
			t.Fatalf("--only ** plans %d of %d changes", len(part.Changes), len(p.Changes))
		}
	})
}

func essence(c plan.Change) string {
	return fmt.Sprintf("%s %s %s %v", c.Verb(), c.Addr, c.ID, c.Fields)
}

// hangsOnPerson says that a change is right only as long as a person's own change is left out: who
// becomes or stays an owner of the organization owns every project.
func hangsOnPerson(w *world, c plan.Change) bool {
	email, ok := c.Addr.Part("users")
	if !ok || c.Addr.Parent() == "" {
		return false
	}
	for _, o := range w.doc.Objects {
		if o.Addr == kind.Address("users").Join(email) {
			return o.Fields["role"] != nil
		}
	}
	return false
}

// Nothing of a live organization can break out of its line, and machines read what they are meant to.
func TestRenderingIsSafe(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, state, _ := draw(t)
		g := &gen{T: t}
		spoil(g, &state)
		w.sim = sim.New(state)
		spoiled := newWorld(t, w.sim, "version: 1")
		spoiled.doc = w.doc
		p, in := spoiled.planAnd()
		for _, o := range []render.Options{{}, {Verbose: true}} {
			var b strings.Builder
			render.Text(&b, p, o)
			if i := strings.IndexFunc(b.String(), func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
				t.Fatalf("it prints %q", b.String()[i:min(i+40, b.Len())])
			}
			for line := range strings.Lines(b.String()) {
				if strings.Contains(line, "INJECTED") && strings.HasPrefix(strings.TrimSpace(line), "INJECTED") {
					t.Fatalf("a value begins a line: %q", line)
				}
			}
		}
		var doc struct {
			Changes []struct{ Address kind.Address }
			Summary map[string]int
		}
		if err := json.Unmarshal(jsonOf(t, p, in), &doc); err != nil {
			t.Fatal(err)
		}
		for i, c := range p.Changes {
			if doc.Changes[i].Address != c.Addr {
				t.Fatalf("%q came back as %q", c.Addr, doc.Changes[i].Address)
			}
			if _, err := kind.ParseAddress(string(c.Addr)); err != nil {
				t.Fatal(err)
			}
		}
		if s := p.Summary(); doc.Summary["delete"] != s.Delete || doc.Summary["undeclared"] != s.Undeclared {
			t.Fatalf("%v is not %+v", doc.Summary, s)
		}
	})
}

var hostile = []string{"\x1b[2J", "a\nINJECTED", "\r\nINJECTED", "\u202egnp.exe", "\u009b31m", "\u200b", "\x07", "\u2028INJECTED", "%0A", "\u00a0", "~", "/../", `{}`, "\xff"}

// spoil gives live things names that nobody means well with.
func spoil(g *gen, s *sim.State) {
	for i := range s.Projects {
		p := &s.Projects[i]
		if i > 0 && g.chance(40) {
			p.Name += pick(g, "hostile", hostile)
		}
		for j := range p.ServiceAccounts {
			p.ServiceAccounts[j].Name += pick(g, "hostile", hostile)
		}
		spoilAlerts(g, p.SpendAlerts)
	}
	spoilAlerts(g, s.SpendAlerts)
	for i := range s.Users {
		if u := &s.Users[i]; i > 0 && u.Email != nil {
			u.TechnicalLevel = ptr(pick(g, "hostile", hostile))
			if g.chance(30) {
				u.Email = ptr(*u.Email + pick(g, "hostile", hostile))
			}
		}
	}
}

func spoilAlerts(g *gen, alerts []sim.SpendAlert) {
	for i := range alerts {
		alerts[i].NotificationChannel.SubjectPrefix = ptr(pick(g, "hostile", hostile))
	}
}
