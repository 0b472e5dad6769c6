package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

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
		if m.d.drops(w.Addr) {
			m.stillInvited(w)
		}
		m.p.Unchanged++
	}
	for i, o := range found {
		addr := w.Addr
		if i > 0 {
			addr = besides(o)
		}
		if !m.only.match(addr) {
			continue
		}
		switch {
		case m.d.drops(w.Addr) && (m.referred(addr) || m.claimed(addr)):
			m.blocked[w.Addr] = true
			m.problem(w.Addr, m.in.Declared[w.Addr.Collection()], "is not removed: base declares it and head does not, and declared objects refer to it",
				fmt.Sprintf("declare it under %s, or remove them as well", w.Addr.Collection()))
		case m.foreign(o):
			m.note(w, Foreign, false, "is managed elsewhere and stays")
		case m.implied(o):
			m.note(w, Implied, false, "owns it as an owner of the organization, and stays")
		default:
			m.remove(addr, w.Pos, o)
		}
	}
}

// present plans a declared object that is live.
func (m *maker) present(w, live *kind.Object) {
	if m.impliedNow(live) && !m.implied(live) {
		if !m.incomplete(w) {
			m.create(w, w.Kind)
		}
		return
	}
	if w = m.part(w); m.needsDetail(w, live) {
		return
	}
	diff := m.diff(w, live)
	m.mark(w, live, diff)
	if len(diff) == 0 {
		m.p.Unchanged++
		return
	}
	switch {
	case m.foreign(live):
		m.p.Unchanged++
		m.note(w, Foreign, false, "is managed elsewhere: %s stays", fieldNames(diff))
	case m.implied(live):
		m.owned(w)
	case immutable(w.Kind, diff) && !w.Kind.Replace:
		m.fixed(w, diff)
	case m.lacks(w, live, diff):
	case w.Kind.Update.None():
		m.fixed(w, diff)
	case refersNew(w, diff) && m.refWaits(w):
	case immutable(w.Kind, diff):
		m.replace(w, live, diff)
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

// fixed reports fields that cannot be changed any more.
func (m *maker) fixed(w *kind.Object, diff []FieldDiff) {
	for _, d := range diff {
		if top := topLevel(d.Name); w.Kind.Update.None() || kind.Has(w.Kind.Immutable, top) {
			m.problem(w.Addr, w.FieldPos.Of(top), fmt.Sprintf("%s is %v and cannot be changed", d.Name, show(d.Old)), fixHint(w.Kind, d))
		}
	}
}

// fixHint says how to live with a field that cannot be changed.
func fixHint(k *kind.Kind, d FieldDiff) string {
	switch {
	case k.Field(d.Name).PEM:
		return "another one needs another " + k.Key
	case d.Old == nil:
		return "remove it"
	}
	return fmt.Sprintf("write %s: %v", d.Name, d.Old)
}

// lacks reports declared fields that a row given by the API does not have: they do not apply to it.
func (m *maker) lacks(w, live *kind.Object, diff []FieldDiff) bool {
	found := false
	for _, d := range diff {
		if _, has := live.Fields[d.Name]; w.Kind.Given() && !has {
			m.problem(w.Addr, w.FieldPos.Of(d.Name), d.Name+" does not apply here: the live row has no such field", "remove it")
			found = true
		}
	}
	return found
}

func immutable(k *kind.Kind, diff []FieldDiff) bool {
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
		m.problem(w.Addr, w.Pos, "no such "+k.Key, m.meant(w.Addr))
	case k.Pending != nil:
		m.invite(w)
	case m.carriers[w.Addr] != "":
		m.add(Change{Action: Create, Addr: w.Addr, Pos: w.Pos, Fields: m.creation(w, k), Risk: m.createRisk(w, k), With: m.carriers[w.Addr],
			Reason: "granted with it"})
	case k.Setting() && len(w.Fields) == 0: // nothing of it is declared
		m.p.Unchanged++
	case m.unresolved(w):
	case m.foreignOnce(w):
		m.problem(w.Addr, w.Pos, w.Addr.Key()+" is predefined by OpenAI: once given, it could not be seen or taken back here",
			"give it by the `role` of the member")
	default:
		m.create(w, k)
	}
}

// mayCome says that a row may be there once what is written before it is: a model that is allowed now.
func (m *maker) mayCome(w *kind.Object) bool {
	return slices.ContainsFunc(w.Kind.After, func(name string) bool {
		return m.written[w.Addr.Parent().Join(kind.Find(name).Section())]
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

// parentMissing reports an object whose parent neither lives nor comes, or follows from something else.
func (m *maker) parentMissing(w *kind.Object) bool {
	p := w.Addr.Parent()
	if p == "" || m.comes(p) {
		return false
	}
	live := m.ix.one(p)
	switch why := m.waits[p]; {
	case live != nil && (live.Kind.Implied == "" || !m.implied(live)):
		return false
	case live != nil || why == Implied:
		m.waits[w.Addr] = Implied
		m.owned(w)
		return true
	case why == Pending || p.Kind().Pending != nil && (m.change(p) != nil || m.lastPending(p) != nil):
		m.wait(w, p)
		return true
	}
	m.problem(w.Addr, w.Pos, fmt.Sprintf("%s does not exist yet", p), m.scopeHint(p))
	return true
}

// incomplete reports the fields that a creation needs and nobody declares.
func (m *maker) incomplete(w *kind.Object) bool {
	missing := false
	for _, f := range w.Kind.Fields() {
		if _, has := w.Fields[f.Name]; f.RequiredToCreate && !has {
			m.problem(w.Addr, w.Pos, fmt.Sprintf("is not there yet, and to create it %s is needed", f.Name),
				strings.TrimSuffix(fmt.Sprintf("add %s: %s", f.Name, strings.Join(f.Enum, " or ")), ": "))
			missing = true
		}
	}
	m.blocked[w.Addr] = m.blocked[w.Addr] || missing
	return missing
}

// unresolved plans what cannot be created yet: the person it names waits, or is not there; a field
// that creation needs is missing.
func (m *maker) unresolved(w *kind.Object) bool {
	return m.impliedMissing(w) || m.refWaits(w) || m.incomplete(w)
}

// meant is the hint where nothing stands at an address. It is found once for each: many objects may refer
// to the same one.
func (m *maker) meant(a kind.Address) string {
	hint, found := m.hints[a]
	if !found {
		hint = didYouMean(a.Key(), m.ix.keys(a.Collection()))
		m.hints[a] = hint
	}
	return hint
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
