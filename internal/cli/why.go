package cli

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/audit"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/render"
)

// explain says who made the differences. Names come from what the plan has read; the log is read a page or
// two, and the list of admin keys once where an event names a key.
func (t *task) explain(d *drift) error {
	j := newJoin(t.reader.Live())
	differences := j.differences(d, t.input.Want)
	record := audit.Record{Names: j.names}
	answers := audit.Explain(differences, record)
	if types := audit.TypesFor(differences); len(types) > 0 {
		log := audit.Log{Client: t.s.client}
		events, empty, err := log.Newest(t.s.ctx, types, func(events []audit.Event) bool {
			record.Events = events
			answers = audit.Explain(differences, record)
			return slices.ContainsFunc(answers, func(a audit.Answer) bool { return !a.Proven() })
		})
		if unreadable(err) {
			t.a.say("who made the differences cannot be told: %s", render.Clean(err.Error()))
			return nil
		}
		if err != nil {
			return t.s.cause(err)
		}
		if record.Events, record.Empty = events, empty; empty {
			t.a.say(loggingOff)
		}
		if err := t.nameKeys(answers, record); err != nil {
			return err
		}
	}
	d.tell(differences, answers, record)
	return nil
}

// unreadable says that the key may not read something, or that the organization does not have it.
func unreadable(err error) bool {
	return errors.Is(err, adminapi.ErrPermission) || errors.Is(err, adminapi.ErrNotFound)
}

// nameKeys learns the names of the admin keys, where an event that is told names one.
func (t *task) nameKeys(answers []audit.Answer, r audit.Record) error {
	unknown := slices.ContainsFunc(answers, func(a audit.Answer) bool {
		return slices.ContainsFunc(a.Clues, func(c audit.Clue) bool { return c.Event.Actor.Key != "" && r.Names[c.Event.Actor.Key] == "" })
	})
	if !unknown {
		return nil
	}
	var places []kind.Place
	for _, k := range kind.All() {
		if k.Redacted != "" {
			places = append(places, kind.Place{Kind: k, In: kind.Address(k.Name), Route: k.Place(), Path: k.Path})
		}
	}
	if err := t.reader.Read(t.s.ctx, places); err != nil && !unreadable(err) {
		return t.s.cause(err)
	}
	for id, a := range newJoin(t.reader.Live()).names {
		r.Names[id] = a
	}
	return nil
}

// tell puts answers in words. A problem has them in its message, where there are any.
func (d *drift) tell(differences []audit.Difference, answers []audit.Answer, r audit.Record) {
	d.why = map[kind.Address][]string{}
	found := map[kind.Address]bool{}
	for i, a := range answers {
		if differences[i].Aside {
			continue
		}
		d.why[differences[i].Addr] = a.Lines(r)
		found[differences[i].Addr] = len(a.Clues) > 0
	}
	for i := range d.p.Problems {
		if q := &d.p.Problems[i]; found[q.Addr] {
			q.Message += "; " + strings.Join(d.why[q.Addr], "; ")
		}
	}
}

// A join finds what the audit log may know of the objects in a plan.
type join struct {
	at       map[kind.Address]*kind.Object // by the addresses that plans give, also to one of several with a name
	archived map[kind.Address][]*kind.Object
	ids      map[string]*kind.Object // by collection and id
	names    map[string]kind.Address // by id alone: of what stands at the top, before what stands below
	paths    map[kind.Address]string // that collections were read by
}

func newJoin(live kind.Live) *join {
	j := &join{at: map[kind.Address]*kind.Object{}, archived: map[kind.Address][]*kind.Object{}, ids: map[string]*kind.Object{},
		names: map[string]kind.Address{}, paths: map[kind.Address]string{}}
	for i := range live.Objects {
		j.add(&live.Objects[i])
	}
	for s := range live.Read {
		if s.Kind == s.In.Kind() {
			j.paths[s.In.Collection()] = s.Path
		}
	}
	return j
}

func (j *join) add(o *kind.Object) {
	in := o.Addr.Collection()
	j.ids[string(in)+"#"+o.ID] = o
	if had, ok := j.names[o.ID]; o.ID != "" && (!ok || had.Parent() != "" && o.Addr.Parent() == "") {
		j.names[o.ID] = o.Addr
	}
	if o.State == kind.Archived {
		j.archived[o.Addr] = append(j.archived[o.Addr], o)
		return
	}
	if had := j.at[o.Addr]; had == nil || had.State != kind.Present {
		j.at[o.Addr] = o
	}
	j.at[in+kind.Address("/"+kind.Escape(o.Addr.Key()+"~"+o.ID))] = o
}

// differences are what the audit log is asked about: changes, what is undeclared, and what cannot be planned
// since it is gone.
func (j *join) differences(d *drift, want []kind.Object) []audit.Difference {
	var out []audit.Difference
	for _, c := range d.p.Changes {
		out = append(out, j.change(c))
	}
	for _, a := range d.p.Undeclared {
		if o := j.at[a]; o != nil {
			out = append(out, audit.Difference{Addr: a, What: audit.Extra, ID: o.ID, Within: j.within(a), Aside: !d.listed})
		}
	}
	problem := map[kind.Address]bool{}
	for _, q := range d.p.Problems {
		problem[q.Addr] = true
	}
	for i := range want {
		w := &want[i]
		if lives := j.at[w.Addr]; problem[w.Addr] && (lives == nil || lives.State != kind.Present) {
			out = append(out, audit.Difference{Addr: w.Addr, What: audit.Gone, ID: j.last(w), Within: j.within(w.Addr)})
		}
	}
	return out
}

func (j *join) change(c plan.Change) audit.Difference {
	d := audit.Difference{Addr: c.Addr, ID: c.ID, Within: j.within(c.Addr)}
	switch c.Action {
	case plan.Create:
		d.What, d.ID = audit.Gone, j.named(c.Addr)
	case plan.Delete:
		d.What = audit.Extra
	default:
		o := j.ids[string(c.Addr.Collection())+"#"+c.ID]
		for _, f := range c.Fields {
			v := audit.Value{Name: f.Name, Want: f.New}
			if o != nil {
				v.Live = kind.At(o.Fields, f.Name)
			}
			d.Fields = append(d.Fields, v)
		}
	}
	return d
}

// within are the ids of the objects that an address stands under: they are in the path that its collection
// was read by.
func (j *join) within(a kind.Address) map[string]string {
	separates := func(r rune) bool { return strings.ContainsRune("/?&=", r) }
	path, out := strings.FieldsFunc(j.paths[a.Collection()], separates), map[string]string{}
	for i, part := range strings.FieldsFunc(a.Kind().Path, separates) {
		if name, ok := strings.CutPrefix(part, "{"); ok && i < len(path) {
			if id, err := url.PathUnescape(path[i]); err == nil {
				out[strings.TrimSuffix(name, "}")] = id
			}
		}
	}
	return out
}

// named is the id of the object that an address names by its key, where that lives, or "".
func (j *join) named(a kind.Address) string {
	w := kind.Object{Kind: a.Kind(), Addr: a}
	r, _ := w.Kind.KeyRef()
	for _, to := range r.To {
		if o := j.at[w.Resolve(to)]; o != nil {
			return o.ID
		}
	}
	return ""
}

// last is the id that a declared object had: its pin, or that of the archived one with the name.
func (j *join) last(w *kind.Object) string {
	switch old := j.archived[w.Addr]; {
	case w.ID != "":
		return w.ID
	case len(old) == 1:
		return old[0].ID
	}
	return j.named(w.Addr)
}
