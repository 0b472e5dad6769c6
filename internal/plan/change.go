package plan

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// request builds a call of a kind. self stands for {id} in the path.
func (m *maker) request(k *kind.Kind, call kind.Call, a kind.Address, self string) Request {
	method, template := k.Template(call.Route)
	return Request{Method: method, Route: template, Path: m.fill(template, a.Parent(), self)}
}

func placeholder(a kind.Address) string { return "{" + string(a) + "}" }

// create plans a new object: its create with all that can go along, and an update with what cannot.
// k is the object's kind, or its Pending one.
func (m *maker) create(w *kind.Object, k *kind.Kind) {
	c := Change{Action: Create, Addr: w.Addr, Pos: w.Pos, Fields: m.creation(w, k)}
	c.Risk = m.createRisk(w, k)
	if k.Setting() {
		r := m.request(k, k.Update, w.Addr, "")
		r.Body = m.outgoing(w, k, fullBody(k, w.Fields, nil))
		c.Requests = []Request{r}
		m.add(c)
		return
	}
	if !m.carry(w, k) {
		return
	}
	c.Find = m.find(w, k)
	c.Requests = append(c.Requests, m.createRequest(w, k))
	if late := pick(k, w.Fields, func(name string) bool { return kind.Has(k.Late, name) }); len(late) > 0 {
		r := m.request(k, k.Update, w.Addr, placeholder(w.Addr))
		r.Body = m.outgoing(w, k, late)
		c.Requests = append(c.Requests, r)
	}
	m.add(c)
}

func (m *maker) createRequest(w *kind.Object, k *kind.Kind) Request {
	r := m.request(k, k.Create, w.Addr, "")
	if k.Create.Body != nil {
		r.Body = m.expand(k.Create.Body, w.Addr).(map[string]any)
		return r
	}
	r.Once, r.Body = true, cloneMap(m.expand(k.Body, w.Addr).(map[string]any))
	if _, byRef := k.KeyRef(); !byRef {
		r.Makes = k.IDField()
	}
	maps.Copy(r.Body, m.outgoing(w, k, pick(k, w.Fields, func(name string) bool { return !kind.Has(k.Late, name) })))
	if k.Carries != nil && k.Carries.Where == "{parent}" {
		r.Body[k.Carries.Field] = m.bodyID(m.firstThere(m.carriedUnder(w, k)))
	}
	return r
}

// pick takes the declared fields of a kind that pass.
func pick(k *kind.Kind, fields map[string]any, pass func(name string) bool) map[string]any {
	out := map[string]any{}
	for _, f := range k.Fields() {
		if v, declared := fields[f.Name]; declared && pass(f.Name) {
			out[f.Name] = v
		}
	}
	return out
}

// outgoing gives a body the names of the API's requests, and ids for references.
func (m *maker) outgoing(w *kind.Object, k *kind.Kind, body map[string]any) map[string]any {
	out := map[string]any{}
	for name, v := range body {
		r, isRef := k.Ref(name)
		switch {
		case !isRef:
			out[k.WriteField(name)] = v
		case r.Write != "":
			out[r.Write] = m.target(w, r).id
		}
	}
	return out
}

// expand fills a body template: "{id}" is the id of the object itself, "{projects}" that of an ancestor.
func (m *maker) expand(v any, a kind.Address) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, e := range v {
			out[name] = m.expand(e, a)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = m.expand(e, a)
		}
		return out
	case string:
		if v == "{id}" {
			return m.bodyID(a)
		}
		if name, ok := strings.CutPrefix(v, "{"); ok {
			return m.bodyID(a.Ancestor(strings.TrimSuffix(name, "}")))
		}
	}
	return v
}

// bodyID is the API id of an object in a body, or the reference to the object that will have one.
func (m *maker) bodyID(a kind.Address) any {
	k := a.Kind()
	if r, ok := k.KeyRef(); ok && m.ix.one(a) == nil {
		return m.target(&kind.Object{Kind: k, Addr: a, Fields: map[string]any{r.Field: a.Key()}}, r).id
	}
	id, at := m.id(a)
	if at != "" {
		return map[string]any{"$id_of": string(at)}
	}
	return id
}

// find tells how to recognize the object among the rows of its collection. Rows that have its key and
// are something else, archived namesakes and old invites, are excepted.
func (m *maker) find(w *kind.Object, k *kind.Kind) *Find {
	f := &Find{Kind: k.Name, Key: w.Addr.Key(), Route: k.Place(), Path: m.fill(k.Path, w.Addr.Parent(), "")}
	if parent := w.Addr.Parent(); parent != "" { // below a new one there may be other rows, too: what comes from groups
		f.Skip = m.place(k, w.Addr.Collection(), parent).Skip
	}
	for _, o := range append(m.ix.archived[w.Addr], m.ix.pending[w.Addr]...) {
		f.Except = append(f.Except, o.ID)
	}
	return f
}

// update plans a change of fields. live is nil for a row that the API will give to a new parent: it
// is found by its key once the parent is there.
func (m *maker) update(w, live *kind.Object, diff []FieldDiff) {
	k := w.Kind
	c := Change{Action: Update, Addr: w.Addr, Pos: m.posOf(w, diff), Fields: diff, Risk: m.updateRisk(w, diff)}
	var r Request
	if live == nil {
		c.Find, c.Risk = m.find(w, k), Routine
		r = m.request(k, k.Update, w.Addr, placeholder(w.Addr))
		live = &kind.Object{}
	} else {
		c.ID = live.ID
		r = m.request(k, k.Update, w.Addr, url.PathEscape(live.ID))
	}
	body := changedBody(k, diff, w.Fields, live.Fields)
	if k.Full {
		body = fullBody(k, w.Fields, live.Fields)
	}
	r.Body = m.outgoing(w, k, body)
	c.Requests = []Request{r}
	m.add(c)
}

// posOf is where the first changed field stands, which is where a reviewer looks.
func (m *maker) posOf(w *kind.Object, diff []FieldDiff) kind.Position {
	if p := w.FieldPos.Of(topLevel(diff[0].Name)); p.File != "" {
		return p
	}
	return w.Pos
}

// replace plans a delete and a create, where a field cannot be changed in place. What is not declared is
// made as it lives.
func (m *maker) replace(w, live *kind.Object, diff []FieldDiff) {
	k := live.Kind
	c := Change{Action: Replace, Addr: w.Addr, ID: live.ID, Pos: m.posOf(w, diff), Fields: diff,
		Risk: worst(m.updateRisk(w, diff), m.createRisk(w, k)), Find: m.find(w, k)}
	if !slices.Contains(c.Find.Except, live.ID) {
		c.Find.Except = append(c.Find.Except, live.ID) // reads that lag still show it
	}
	whole := *w
	whole.Fields = fullBody(k, w.Fields, live.Fields)
	c.Requests = []Request{m.request(k, k.Delete, w.Addr, url.PathEscape(live.ID)), m.createRequest(&whole, k)}
	if k.Carries != nil {
		c.Requests[1].Body[k.Carries.Field] = m.stillCarried(k.Carries, live)
	}
	m.add(c)
}

// remove plans a delete, an archive, or the unsetting of a setting. What goes before something else already
// goes once.
func (m *maker) remove(addr kind.Address, pos kind.Position, live *kind.Object) {
	if c := m.change(addr); c != nil && c.Action == Delete && c.ID == live.ID {
		return
	}
	m.clear(live, pos)
	c := Change{Action: Delete, Addr: addr, ID: live.ID, Pos: pos, Risk: deleteRisk(live.Kind)}
	switch {
	case m.d.drops(live.Addr): // addr is that of one of several
		c.Reason = m.dropReason(live.Addr)
	case pos == (kind.Position{}):
		c.Reason = "not declared, and the policy prunes here"
	}
	r := m.request(live.Kind, live.Kind.Delete, addr, url.PathEscape(live.ID))
	if live.Kind.Delete.Body != nil {
		r.Body = m.expand(live.Kind.Delete.Body, live.Addr).(map[string]any)
	}
	c.Requests = []Request{r}
	m.add(c)
}

// clear removes what keeps an object from being removed, where the API does not do it: what stands
// below it, and what it is the key of. It asks for all collections where that may be.
func (m *maker) clear(live *kind.Object, pos kind.Position) {
	if !live.Kind.ChildrenFirst {
		return
	}
	refer := map[*kind.Kind]bool{}
	for _, k := range kind.All() {
		switch r, byKey := k.KeyRef(); {
		case k.Parent() == live.Kind:
			m.needCollection(k, live.Addr.Join(k.Section()), live.Addr)
		case byKey && refersTo(r, live.Kind):
			refer[k] = true
			m.needEverywhere(k)
		}
	}
	for o := range m.ix.inForce() {
		if (refer[o.Kind] || o.Addr.Under(live.Addr)) && hangsOn(o.Addr, live.Addr) && m.change(o.Addr) == nil {
			m.remove(o.Addr, pos, o)
			m.change(o.Addr).Reason = "goes before " + string(live.Addr)
		}
	}
}

// watch asks for the settings that the changes may disturb without naming them, so that they can be
// compared afterwards.
func (m *maker) watch() {
	seen := map[kind.Address]bool{}
	for i := range m.p.Changes {
		c := &m.p.Changes[i]
		k, parent := c.Addr.Kind(), c.Addr.Parent()
		for _, s := range kind.All() {
			if !s.Setting() || !slices.Contains(s.After, k.Name) {
				continue
			}
			at := parent.Join(s.Section())
			if seen[at] || m.change(at) != nil || parent != "" && m.ix.one(parent) == nil {
				continue
			}
			seen[at] = true
			m.need(s, at, parent)
			m.p.Watch = append(m.p.Watch, m.place(s, at, parent))
		}
	}
}
