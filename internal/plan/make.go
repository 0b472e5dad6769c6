package plan

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// Make compares what is declared with what is live. While Plan.Needs is not empty the rest of the
// plan means nothing: read what it names, add it to Input.Live and call Make again. The error is one
// of usage: an --only glob that matches nothing.
func Make(in Input) (Plan, error) {
	m := &maker{in: in, changed: map[kind.Address]int{}, blocked: map[kind.Address]bool{}, waits: map[kind.Address]Why{},
		carriers: map[kind.Address]kind.Address{}, wanted: map[kind.Address]*kind.Object{}}
	m.want = slices.Clone(in.Want)
	if in.Only != nil {
		m.want = slices.DeleteFunc(m.want, func(o kind.Object) bool { return !in.Only.Match(o.Addr) })
	}
	for i := range in.Want {
		m.wanted[in.Want[i].Addr] = &in.Want[i]
	}
	m.ix = newIndex(in.Live.Objects)
	m.file()
	if m.needDeclared(); !m.p.Needs.None() {
		return Plan{Needs: m.p.Needs}, nil
	}
	for i := range m.want {
		m.object(&m.want[i])
	}
	m.undeclared()
	m.carryNothingGone()
	m.batch()
	m.ride()
	m.watch()
	m.order()
	m.guard()
	if !m.p.Needs.None() {
		return Plan{Needs: m.p.Needs}, nil
	}
	m.sort()
	return m.p, m.checkOnly()
}

type maker struct {
	in       Input
	want     []kind.Object
	wanted   map[kind.Address]*kind.Object // all that is declared, whatever --only says
	ix       *index
	p        Plan
	changed  map[kind.Address]int          // address -> place in p.Changes
	blocked  map[kind.Address]bool         // objects with a problem: nothing below them is planned
	waits    map[kind.Address]Why          // objects that are not there and need not be made: until a person accepts an invite, or as others imply them
	carriers map[kind.Address]kind.Address // object -> the one whose create takes it along
}

func (m *maker) problem(addr kind.Address, pos kind.Position, message, hint string) {
	m.p.Problems = append(m.p.Problems, Problem{Addr: addr, Pos: pos, Message: message, Hint: hint})
}

// block reports a problem of a declared object, once, and leaves all below it unplanned. Of an object that
// --only leaves out, along with all below it, nobody wants to know.
func (m *maker) block(w *kind.Object, message, hint string) {
	if m.blocked[w.Addr] {
		return
	}
	m.blocked[w.Addr] = true
	below := 0
	for i := range m.want {
		if m.want[i].Addr != w.Addr && m.want[i].Addr.Under(w.Addr) {
			below++
		}
	}
	if below == 0 && !m.inScope(w.Addr) {
		return
	}
	if below > 0 {
		message += fmt.Sprintf(" (%d declared below it left unplanned)", below)
	}
	m.problem(w.Addr, w.Pos, message, hint)
}

func (m *maker) note(w *kind.Object, why Why, quiet bool, format string, args ...any) {
	m.p.Notes = append(m.p.Notes, Note{Addr: w.Addr, Pos: w.Pos, Why: why, Message: fmt.Sprintf(format, args...), Quiet: quiet})
}

func (m *maker) add(c Change) {
	m.changed[c.Addr] = len(m.p.Changes)
	m.p.Changes = append(m.p.Changes, c)
}

// change is the change planned at an address, or nil.
func (m *maker) change(a kind.Address) *Change {
	if i, ok := m.changed[a]; ok {
		return &m.p.Changes[i]
	}
	return nil
}

func (m *maker) allowed(verb string, a kind.Address) bool {
	return slices.Contains(m.in.Allow, Allow{verb, a})
}

// place is where the objects of a kind under a parent are read. The parent must be live.
func (m *maker) place(k *kind.Kind, in, parent kind.Address) kind.Place {
	p := kind.Place{Kind: k, In: in, Route: k.Place(), Path: m.fill(k.Path, parent, "")}
	for _, rule := range k.Skip {
		p.Skip = append(p.Skip, kind.Expand(rule, func(string) string { id, _ := m.id(parent); return id }))
	}
	return p
}

// detail is where more fields of one live object are read.
func (m *maker) detail(o *kind.Object) kind.Place {
	_, template := o.Kind.Template("GET " + o.Kind.Detail)
	route, _, _ := strings.Cut(template, "?")
	return kind.Place{Kind: o.Kind, In: o.Addr, Route: route, Path: m.fill(template, o.Addr.Parent(), url.PathEscape(o.ID)), ID: o.ID}
}

// fill writes a path template under a parent: ids where they are known, else the address of the
// object that will have one. self stands for {id}.
func (m *maker) fill(template string, parent kind.Address, self string) string {
	return kind.Expand(template, func(name string) string {
		if name == "id" {
			return self
		}
		return m.idOf(parent.Ancestor(name))
	})
}

// idOf is the escaped API id of a live object, or a placeholder: its address in braces.
func (m *maker) idOf(a kind.Address) string {
	id, at := m.id(a)
	if at != "" {
		return placeholder(at)
	}
	return url.PathEscape(id)
}

// id is the API id of an object, or the address of the object that will have it. What is named by
// another object has that one's id.
func (m *maker) id(a kind.Address) (id string, at kind.Address) {
	if o := m.ix.one(a); o != nil {
		return o.ID, ""
	}
	o := kind.Object{Kind: a.Kind(), Addr: a}
	if o.Kind == nil {
		return "", a
	}
	if r, ok := o.Kind.KeyRef(); ok {
		for _, to := range r.To {
			if id, at = m.id(o.Resolve(to)); at == "" || m.comes(at) {
				return id, at
			}
		}
	}
	return "", a
}

func (m *maker) read(p kind.Place) bool { return m.in.Live.Read[p.Source()] }

// need asks for a place that was not read yet, and says whether it was.
func (m *maker) need(k *kind.Kind, in, parent kind.Address) bool {
	return m.needPlace(m.place(k, in, parent))
}

func (m *maker) needPlace(p kind.Place) bool {
	if m.read(p) {
		return true
	}
	if !slices.ContainsFunc(m.p.Needs.Places, func(q kind.Place) bool { return q.Source() == p.Source() }) {
		m.p.Needs.Places = append(m.p.Needs.Places, p)
	}
	return false
}

// needCollection asks for a collection and for those who are to be in it but have not accepted yet.
func (m *maker) needCollection(k *kind.Kind, in, parent kind.Address) bool {
	ok := m.need(k, in, parent)
	if k.Pending != nil {
		ok = m.need(k.Pending, in, parent) && ok
	}
	return ok
}

// needDeclared asks for every declared collection and setting whose parent is live, parents first.
func (m *maker) needDeclared() {
	var declared []kind.Address
	for a := range m.in.Declared {
		if m.in.Only == nil || slices.ContainsFunc(m.in.Only, func(g kind.Glob) bool { return g.MayMatchIn(a) }) {
			declared = append(declared, a)
		}
	}
	slices.SortFunc(declared, kind.Address.Compare)
	for _, a := range declared {
		m.needUnder(a)
	}
	if k := kind.Find("projects"); m.in.Policy.Witness != "" {
		m.need(k, "projects", "")
	}
}

// needUnder asks for one collection or setting, or for what leads to it, and says whether it was read.
func (m *maker) needUnder(a kind.Address) bool {
	parent := a.Parent()
	return (parent == "" || m.reach(parent)) && m.needCollection(a.Kind(), a, parent)
}

// reach says that an object lives. It asks for the collections on the way.
func (m *maker) reach(a kind.Address) bool {
	return m.needUnder(a.Collection()) && m.ix.one(a) != nil && !m.blocked[a]
}

// object plans one declared object.
func (m *maker) object(w *kind.Object) {
	if m.blocked[w.Addr] || m.blockedAbove(w.Addr) {
		return
	}
	m.twins(w)
	if m.blocked[w.Addr] {
		return
	}
	live := m.ix.one(w.Addr)
	switch {
	case w.State == kind.Absent || w.State == kind.Archived:
		m.absent(w)
	case live != nil:
		m.present(w, live)
	default:
		m.missing(w)
	}
}

func (m *maker) blockedAbove(a kind.Address) bool {
	for p := a.Parent(); p != ""; p = p.Parent() {
		if m.blocked[p] {
			return true
		}
	}
	return false
}

// absent plans an object that is declared absent or archived. All that has its key goes: objects that
// share it, and invites that could still be accepted.
func (m *maker) absent(w *kind.Object) {
	found := slices.Clone(m.ix.live[w.Addr])
	for _, o := range m.ix.pending[w.Addr] {
		if o.State == kind.Waiting {
			found = append(found, o)
		}
	}
	if len(found) == 0 {
		m.notCarried(w)
		m.p.Unchanged++
	}
	for i, o := range found {
		addr := w.Addr
		if i > 0 {
			addr = besides(o)
		}
		if !m.inScope(addr) {
			continue
		}
		switch {
		case m.foreign(o):
			m.note(w, Foreign, false, "is managed elsewhere and stays")
		case m.implied(w, o):
			m.note(w, Implied, false, "owns it as an owner of the organization, and stays")
		default:
			m.remove(addr, w.Pos, o)
		}
	}
}

// present plans a declared object that is live.
func (m *maker) present(w, live *kind.Object) {
	if m.impliedNow(live) && !m.implied(w, live) {
		if !m.incomplete(w) {
			m.create(w, w.Kind)
		}
		return
	}
	if m.needsDetail(w, live) {
		return
	}
	diff := m.diff(w, live)
	if len(diff) == 0 {
		m.p.Unchanged++
		return
	}
	switch {
	case m.foreign(live):
		m.p.Unchanged++
		m.note(w, Foreign, false, "is managed elsewhere: %s stays", fieldNames(diff))
	case m.implied(w, live):
		m.p.Unchanged++
		m.note(w, Implied, true, "owners of the organization own every project")
	case m.immutable(w.Kind, diff) && !w.Kind.Replace:
		m.fixed(w, diff)
	case m.lacks(w, live, diff):
	case w.Kind.Update.None():
		m.fixed(w, diff)
	case m.refersNew(w, diff) && m.refWaits(w):
	default:
		m.update(w, live, diff)
	}
}

// needsDetail asks for the fields that the list leaves out, if the YAML declares more than the key.
func (m *maker) needsDetail(w, live *kind.Object) bool {
	return w.Kind.Detail != "" && len(w.Fields) > len(w.Kind.KeyFields()) && !m.needPlace(m.detail(live))
}

// foreign says that others own a live object, or the parent that it follows.
func (m *maker) foreign(o *kind.Object) bool {
	if o.Foreign || !o.Kind.ForeignParent {
		return o.Foreign
	}
	parent := m.ix.one(o.Addr.Parent())
	return parent != nil && parent.Foreign
}

// refersNew says that a reference changes.
func (m *maker) refersNew(w *kind.Object, diff []FieldDiff) bool {
	return slices.ContainsFunc(diff, func(d FieldDiff) bool { _, ok := w.Kind.Ref(d.Name); return ok })
}

// fixed reports fields that cannot be changed any more.
func (m *maker) fixed(w *kind.Object, diff []FieldDiff) {
	for _, d := range diff {
		if top := topLevel(d.Name); w.Kind.Update.None() || kind.Has(w.Kind.Immutable, top) {
			m.problem(w.Addr, w.FieldPos[top], fmt.Sprintf("%s is %v and cannot be changed", d.Name, show(d.Old)),
				fmt.Sprintf("write %s: %v", d.Name, show(d.Old)))
		}
	}
}

// lacks reports declared fields that a row given by the API does not have: they do not apply to it.
func (m *maker) lacks(w, live *kind.Object, diff []FieldDiff) bool {
	found := false
	for _, d := range diff {
		if _, has := live.Fields[d.Name]; w.Kind.Given() && !has {
			m.problem(w.Addr, w.FieldPos[d.Name], d.Name+" does not apply here: the live row has no such field", "remove it")
			found = true
		}
	}
	return found
}

func (m *maker) immutable(k *kind.Kind, diff []FieldDiff) bool {
	return slices.ContainsFunc(diff, func(d FieldDiff) bool { return kind.Has(k.Immutable, topLevel(d.Name)) })
}

// missing plans a declared object that is not live.
func (m *maker) missing(w *kind.Object) {
	k := w.Kind
	switch {
	case len(m.ix.archived[w.Addr]) > 0 && !m.allowed("create", w.Addr):
		m.block(w, fmt.Sprintf("an archived one has this name (%s), and archiving cannot be undone", ids(m.ix.archived[w.Addr])),
			fmt.Sprintf("choose another name, or make a new empty one with --allow create:%s", w.Addr))
	case m.parentMissing(w):
	case m.foreign(w):
		m.note(w, Foreign, false, "is managed elsewhere and not added")
	case k.AllowList():
		m.p.Unchanged++
	case k.Secret != "":
		m.note(w, Due, false, "does not exist yet; a plan makes no secrets")
	case k.Given() && (m.comes(w.Addr.Parent()) || m.mayCome(w)):
		m.coming(w)
	case k.Given():
		m.problem(w.Addr, w.Pos, "no such "+k.Key, didYouMean(w.Addr.Key(), m.keys(w.Addr.Collection())))
	case k.Pending != nil:
		m.invite(w)
	case m.carriers[w.Addr] != "":
		m.add(Change{Action: Create, Addr: w.Addr, Pos: w.Pos, Fields: m.creation(w, k), Risk: m.createRisk(w, k), With: m.carriers[w.Addr],
			Reason: "granted with it"})
	case k.Setting() && len(w.Fields) == 0: // nothing of it is declared
		m.p.Unchanged++
	case m.unresolved(w):
	default:
		m.create(w, k)
	}
}

// mayCome says that a row may be there once what is written before it is: a model that is allowed now.
func (m *maker) mayCome(w *kind.Object) bool {
	return slices.ContainsFunc(m.p.Changes, func(c Change) bool {
		return c.Addr.Parent() == w.Addr.Parent() && slices.Contains(w.Kind.After, c.Addr.Kind().Name)
	})
}

// coming plans a row that the API will give. One that declares nothing but its key asks for nothing.
func (m *maker) coming(w *kind.Object) {
	if diff := m.creation(w, w.Kind); len(diff) > 0 {
		m.update(w, nil, diff)
		return
	}
	m.p.Unchanged++
}

// comes says that an object is created by this plan.
func (m *maker) comes(a kind.Address) bool {
	c := m.change(a)
	return c != nil && c.Action == Create && c.Find != nil && a.Kind().Pending == nil
}

// parentMissing reports an object whose parent neither lives nor comes.
func (m *maker) parentMissing(w *kind.Object) bool {
	p := w.Addr.Parent()
	if p == "" || m.ix.one(p) != nil || m.comes(p) {
		return false
	}
	switch why := m.waits[p]; {
	case why == Implied:
		m.waits[w.Addr] = Implied
		m.p.Unchanged++
		m.note(w, Implied, true, "owners of the organization own every project")
		return true
	case why == Pending || p.Kind().Pending != nil && (m.change(p) != nil || m.lastPending(p) != nil):
		m.wait(w, p)
		return true
	}
	m.problem(w.Addr, w.Pos, fmt.Sprintf("%s does not exist yet", p), "let --only match it as well")
	return true
}

// keys are the keys of the live objects of a collection.
func (m *maker) keys(collection kind.Address) []string {
	var out []string
	for a := range m.ix.live {
		if a.Collection() == collection {
			out = append(out, a.Key())
		}
	}
	slices.Sort(out)
	return out
}

func didYouMean(word string, choices []string) string {
	switch s := kind.Suggest(word, choices); {
	case s != "":
		return fmt.Sprintf("did you mean %s?", s)
	case len(choices) == 0:
		return ""
	case len(choices) > 20:
		return fmt.Sprintf("there are %d, such as %s", len(choices), strings.Join(choices[:5], ", "))
	}
	return "there are " + strings.Join(choices, ", ")
}

// invite plans a person who is declared and not in the organization.
func (m *maker) invite(w *kind.Object) {
	p := w.Kind.Pending
	if o := m.waiting(w); o != nil {
		m.invited(w, o)
		return
	}
	last := m.lastPending(w.Addr)
	switch {
	case last == nil || m.allowed("create", w.Addr):
		if !m.unresolved(w) {
			m.create(w, p)
		}
	case last.State == kind.Expired:
		m.waits[w.Addr] = Pending
		m.note(w, Pending, false, "the invite expired; to send another: --allow create:%s", w.Addr)
	default:
		m.problem(w.Addr, w.Pos, "accepted an invite and was removed since, so is not invited again",
			fmt.Sprintf("remove the entry, or invite again with --allow create:%s", w.Addr))
	}
}

// invited compares a person with the invite that waits for her.
func (m *maker) invited(w, o *kind.Object) {
	p := w.Kind.Pending
	diff := m.diffOf(p, w, o)
	switch {
	case len(diff) == 0:
		m.waits[w.Addr] = Pending
		m.note(w, Pending, true, "is invited and has not accepted yet")
	case p.Replace && m.immutable(p, diff):
		m.replace(w, o, diff)
	default:
		m.fixed(w, diff)
	}
}

// waiting is the pending invite of a declared person, the newest where there are several.
func (m *maker) waiting(w *kind.Object) *kind.Object {
	return m.newest(w.Addr, func(o *kind.Object) bool { return o.State == kind.Waiting })
}

// lastPending is her newest invite of any stage.
func (m *maker) lastPending(a kind.Address) *kind.Object {
	return m.newest(a, func(*kind.Object) bool { return true })
}

func (m *maker) newest(a kind.Address, ok func(*kind.Object) bool) *kind.Object {
	var best *kind.Object
	for _, o := range m.ix.pending[a] {
		if ok(o) && (best == nil || o.Created > best.Created || o.Created == best.Created && o.ID > best.ID) {
			best = o
		}
	}
	return best
}

// unresolved plans what cannot be created yet: the person it names waits, or is not there; a field
// that creation needs is missing.
func (m *maker) unresolved(w *kind.Object) bool {
	return m.impliedMissing(w) || m.refWaits(w) || m.incomplete(w)
}

// incomplete reports the fields that a creation needs and nobody declares.
func (m *maker) incomplete(w *kind.Object) bool {
	missing := false
	for _, f := range w.Kind.Fields() {
		if _, has := w.Fields[f.Name]; f.RequiredToCreate && !has {
			m.problem(w.Addr, w.Pos, fmt.Sprintf("is not there yet, and to create it %s is needed", f.Name),
				fmt.Sprintf("add %s: %s", f.Name, strings.Join(f.Enum, " or ")))
			missing = true
		}
	}
	return missing
}

// wait notes an object that cannot be before a person accepts her invite.
func (m *maker) wait(w *kind.Object, who kind.Address) {
	m.waits[w.Addr] = Pending
	if who.Kind().Pending == nil {
		m.note(w, Pending, true, "waits for %s", who)
		return
	}
	m.note(w, Pending, true, "waits until %s accepts the invite", who.Key())
}

// refWaits handles what an object refers to: nothing of it can be created before that exists.
func (m *maker) refWaits(w *kind.Object) bool {
	for _, r := range w.Kind.Refs {
		if _, declared := w.Fields[r.Field]; declared && m.oneRefWaits(w, r) {
			return true
		}
	}
	return false
}

func (m *maker) oneRefWaits(w *kind.Object, r kind.Ref) bool {
	t := m.target(w, r)
	if t.unread || t.id != nil {
		return t.unread
	}
	switch c := m.change(t.addr); {
	case c != nil && c.Action != Delete && m.carries(t.addr.Kind(), w.Kind):
		if !m.incomplete(w) {
			m.carried(w, t.addr, c)
		}
	case m.lastPending(t.addr) != nil || c != nil && t.addr.Kind().Pending != nil:
		m.wait(w, t.addr)
	default:
		m.problem(w.Addr, w.Pos, fmt.Sprintf("there is no %s", t.addr),
			strings.TrimSuffix(fmt.Sprintf("declare it under %s; %s", t.addr.Collection(), didYouMean(t.addr.Key(), m.keys(t.addr.Collection()))), "; "))
	}
	return true
}

// A target is what a reference names.
type target struct {
	addr   kind.Address // the first candidate, when there is none
	id     any          // a text, or {"$id_of": address} of what this plan makes; nil when there is none
	unread bool         // it has to be read first
}

// target finds what a reference of a declared object names: the first candidate that lives or comes.
func (m *maker) target(w *kind.Object, r kind.Ref) target {
	if id, ok := r.Known[fmt.Sprint(w.Fields[r.Field])]; ok {
		return target{id: id}
	}
	var t target
	for _, template := range r.To {
		to := w.Resolve(template)
		if t.addr == "" {
			t.addr = to
		}
		if m.comes(to) {
			return target{addr: to, id: map[string]any{"$id_of": string(to)}}
		}
		if p := to.Parent(); p == "" || !m.comes(p) {
			before := len(m.p.Needs.Places)
			m.needUnder(to.Collection())
			t.unread = t.unread || len(m.p.Needs.Places) > before
		}
		if o := m.ix.one(to); o != nil {
			return target{addr: to, id: o.ID}
		}
	}
	return t
}

// implied says that a live object follows from another one. It asks for that one if it must.
func (m *maker) implied(w, live *kind.Object) bool {
	t, err := kind.ParseTarget(w.Kind.Implied)
	if err != nil {
		return false
	}
	to := live.Resolve(t.To)
	if !m.needCollection(to.Kind(), to.Collection(), to.Parent()) {
		return true
	}
	return m.finally(to, t.Field) == t.Value
}

// impliedNow says that a live object follows from another one as that lives. Where this plan changes
// the other one, the row is gone afterwards, and there is nothing to update.
func (m *maker) impliedNow(live *kind.Object) bool {
	t, err := kind.ParseTarget(live.Kind.Implied)
	if err != nil {
		return false
	}
	to := m.ix.one(live.Resolve(t.To))
	return to != nil && to.Fields[t.Field] == t.Value
}

// impliedMissing handles an object that is not listed because it follows from another one.
func (m *maker) impliedMissing(w *kind.Object) bool {
	if w.Kind.Implied == "" || !m.implied(w, w) {
		return false
	}
	m.waits[w.Addr] = Implied
	if m.p.Needs.None() {
		m.p.Unchanged++
		m.note(w, Implied, true, "owners of the organization own every project")
	}
	return true
}

// finally is the value of another object's field after this plan: declared, else as it lives. What
// others own stays as it lives.
func (m *maker) finally(a kind.Address, field string) any {
	o := m.ix.one(a)
	if w := m.wanted[a]; w != nil && m.inScope(a) && !m.blocked[a] && (o == nil || !o.Foreign) {
		if v, ok := w.Fields[field]; ok || w.State == kind.Absent {
			return v
		}
	}
	if o != nil {
		return o.Fields[field]
	}
	if o := m.lastPending(a); o != nil && o.State == kind.Waiting {
		return o.Fields[field]
	}
	return nil
}

func (m *maker) inScope(a kind.Address) bool { return m.in.Only == nil || m.in.Only.Match(a) }

// undeclared counts what is live in declared collections and not declared, and removes what the
// policy says.
func (m *maker) undeclared() {
	seen := map[kind.Address]bool{}
	for _, o := range append(all(m.ix.live), all(m.ix.pending)...) {
		if o.State == kind.Expired || o.State == kind.Used || !m.stray(o) {
			continue
		}
		addr := o.Addr
		if seen[addr] || m.taken(addr, o) {
			addr = besides(o)
		}
		if seen[addr] = true; !m.inScope(addr) {
			continue
		}
		switch prune := m.in.Policy.Prune.Match(addr); {
		case (prune || m.targetRead(o)) && m.implied(o, o):
		case prune && (m.referred(addr) || m.claimed(o.Addr)):
			m.p.Undeclared = append(m.p.Undeclared, addr)
			m.problem(addr, m.in.Policy.Pos["prune"], "is not pruned: it is not declared here, and declared objects refer to it",
				fmt.Sprintf("declare it under %s", addr.Collection()))
		case prune:
			m.remove(addr, kind.Position{}, o)
		default:
			m.p.Undeclared = append(m.p.Undeclared, addr)
		}
	}
}

// targetRead says that what an object may follow from was read already.
func (m *maker) targetRead(o *kind.Object) bool {
	t, err := kind.ParseTarget(o.Kind.Implied)
	if err != nil {
		return false
	}
	to := o.Resolve(t.To)
	return m.read(m.place(to.Kind(), to.Collection(), to.Parent()))
}

// referred says that a declared object has this one as its key.
func (m *maker) referred(a kind.Address) bool {
	for _, w := range m.wanted {
		if r, ok := w.Kind.KeyRef(); ok && w.State == kind.Present && names(w, r, a) {
			return true
		}
	}
	return false
}

// claimed says that a declared object may be this one: it has its earlier name, and a problem that a
// person has to settle.
func (m *maker) claimed(a kind.Address) bool {
	for _, w := range m.wanted {
		if m.blocked[w.Addr] && w.Addr.Collection() == a.Collection() && slices.Contains(w.Previously, a.Key()) {
			return true
		}
	}
	return false
}

// stray says that a live object is one that the YAML could declare and does not.
func (m *maker) stray(o *kind.Object) bool {
	_, declared := m.in.Declared[o.Addr.Collection()]
	if !declared || o.Kind.Setting() || o.Kind.Given() || m.foreign(o) {
		return false
	}
	w := m.wanted[o.Addr]
	if w == nil {
		return true
	}
	if o.State == kind.Waiting { // a second invite of a declared person who waits for the first
		c := m.change(o.Addr)
		return m.ix.one(o.Addr) == nil && m.waiting(w) != o && (c == nil || c.Action == Replace)
	}
	return false
}

// taken says that another object has this address in the plan already.
func (m *maker) taken(a kind.Address, o *kind.Object) bool {
	invited := o.State != kind.Present && len(m.ix.live[a]) > 0 // someone who is in has the address
	return invited || m.wanted[a] != nil
}

// names says that one of the candidates of a reference is a.
func names(o *kind.Object, r kind.Ref, a kind.Address) bool {
	return slices.ContainsFunc(r.To, func(to string) bool { return o.Resolve(to) == a })
}

// checkOnly reports an --only glob that points at nothing.
func (m *maker) checkOnly() error {
	for _, g := range m.in.Only {
		if !m.matches(g) {
			return fmt.Errorf("--only %s %w", g, ErrNoMatch)
		}
	}
	return nil
}

func (m *maker) matches(g kind.Glob) bool {
	for a := range m.wanted {
		if g.Match(a) {
			return true
		}
	}
	for a := range m.ix.live {
		if g.Match(a) {
			return true
		}
	}
	for a := range m.ix.pending {
		if g.Match(a) {
			return true
		}
	}
	return false
}

func fieldNames(diff []FieldDiff) string {
	var out []string
	for _, d := range diff {
		out = append(out, d.Name)
	}
	return strings.Join(out, ", ")
}

func topLevel(name string) string {
	top, _, _ := strings.Cut(name, ".")
	return top
}

func show(v any) any {
	if v == nil {
		return "not set"
	}
	return v
}
