package audit

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// A Difference is an object that lives other than it is declared.
type Difference struct {
	Addr   kind.Address
	What   What
	ID     string            // the API id that it has, or that it had where this is known
	Within map[string]string // ids of the objects that it stands under, by their sections
	Fields []Value           // that differ, of what is Changed
	Aside  bool              // not asked for: another one may be called so now
}

// A What is how an object differs.
type What int

// The ways to differ.
const (
	Changed What = iota // it lives with other fields
	Extra               // it lives and should not
	Gone                // it should live and does not
)

// A Value is a field that differs. Nil is not set.
type Value struct {
	Name       string // dotted where it is a member
	Live, Want any
}

// A Record is what was read of the log, and what the ids in it stand for.
type Record struct {
	Events []Event                 // the newest first
	Empty  bool                    // there are no events at all
	Names  map[string]kind.Address // of what lives, by id
}

// An Answer is what the log says of a difference.
type Answer struct {
	Clues    []Clue       // none: nobody
	Unlogged bool         // the API logs nothing of such a change
	Along    kind.Address // that difference brings it along
	whole    bool         // nothing is left open
}

// A Clue is an event that made a difference.
type Clue struct {
	Event   Event
	Likely  bool     // it is not proven
	Doubt   string   // what the event does not say; may be "" of what is likely
	Of      int      // so many events may be it, and this is the newest of them; 0: it alone
	NewName string   // of what was renamed
	Fields  []string // that it changed, where it did not change all that differ
}

// Proven says that there is no more to find.
func (a Answer) Proven() bool {
	sure := !slices.ContainsFunc(a.Clues, func(c Clue) bool { return c.Likely })
	return a.Unlogged || a.Along != "" || a.whole && sure
}

// Explain looks for the events that made differences: an answer each, in their order. It reads nothing. What
// an event says by id and value is proven; the rest is likely, since ids repeat between projects and what is
// gone has no id any more.
func Explain(differences []Difference, r Record) []Answer {
	x := &explainer{record: r, gone: map[kind.Address]bool{}, changes: map[kind.Address]*Difference{}, extras: map[string]*Difference{},
		shared: map[*kind.Kind]map[string]bool{}, called: map[*kind.Kind]map[string][]string{}}
	for i := range differences {
		switch d := &differences[i]; d.What {
		case Gone:
			x.gone[d.Addr] = true
		case Extra:
			x.extras[d.ID] = d
		case Changed:
			x.changes[d.Addr] = d
		}
	}
	out := make([]Answer, len(differences))
	for i := range differences {
		if !differences[i].Aside {
			out[i] = x.answer(&differences[i])
		}
	}
	return out
}

// TypesFor are the types of event that may tell of differences.
func TypesFor(differences []Difference) []string {
	types := map[string]bool{}
	for _, d := range differences {
		if !d.Aside {
			for _, t := range TypesOf(d.Addr.Kind().Events) {
				types[t] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(types))
}

type explainer struct {
	record  Record
	gone    map[kind.Address]bool
	changes map[kind.Address]*Difference
	extras  map[string]*Difference             // by id
	shared  map[*kind.Kind]map[string]bool     // see shared, by stem
	called  map[*kind.Kind]map[string][]string // names that events give ids, by kind
}

func (x *explainer) answer(d *Difference) Answer {
	if with := x.with(d); with != "" {
		return Answer{Along: with}
	}
	if d.Addr.Kind().Events == "" {
		return Answer{Unlogged: true}
	}
	switch d.What {
	case Extra:
		return answerOf(x.extra(d))
	case Gone:
		return answerOf(x.missing(d))
	}
	return x.changed(d)
}

// with is the difference that brings this one along: what it stands under or names is gone, or what it
// follows from lives otherwise.
func (x *explainer) with(d *Difference) kind.Address {
	for up := d.Addr.Parent(); up != ""; up = up.Parent() {
		if x.gone[up] {
			return up
		}
	}
	o := kind.Object{Kind: d.Addr.Kind(), Addr: d.Addr}
	r, _ := o.Kind.KeyRef()
	for _, to := range r.To {
		if named := o.Resolve(to); d.What == Gone && x.gone[named] {
			return named
		}
	}
	if t, err := kind.ParseTarget(o.Kind.Implied); err == nil && d.What == Extra {
		if from := x.changes[o.Resolve(t.To)]; from != nil && slices.ContainsFunc(from.Fields, func(f Value) bool { return f.Name == t.Field && f.Live == t.Value }) {
			return from.Addr
		}
	}
	return ""
}

func answerOf(clues []Clue) Answer { return Answer{Clues: clues, whole: len(clues) > 0} }

// events are those of the kind of a difference that say where it was, if they do. The doubt is what they
// do not say.
func (x *explainer) events(d *Difference, each func(s sighting) (more bool)) {
	k := d.Addr.Kind()
	if x.shared[k] == nil {
		x.shared[k] = map[string]bool{}
		for stem := range strings.FieldsSeq(k.Events) {
			x.shared[k][stem] = shared(k, stem)
		}
	}
	for _, e := range x.record.Events {
		stem, verb := splitType(e.Type)
		shared, known := x.shared[k][stem]
		if !known {
			continue
		}
		s := sighting{Event: e, stem: stem, verb: verb, shared: shared}
		var here bool
		if s.place, here = d.where(s); here && !each(s) {
			return
		}
	}
}

// changed looks for the event of each field that differs.
func (x *explainer) changed(d *Difference) Answer {
	var a Answer
	for _, f := range d.Fields {
		c, ok := x.field(d, f)
		if !ok {
			continue
		}
		at := slices.IndexFunc(a.Clues, func(o Clue) bool { return o.Event.ID == c.Event.ID })
		if at < 0 {
			at = len(a.Clues)
			a.Clues = append(a.Clues, c)
		}
		had := &a.Clues[at]
		had.Fields = append(had.Fields, f.Name)
		if !c.Likely {
			had.Likely, had.Doubt = false, ""
		}
	}
	if len(a.Clues) == 1 && len(a.Clues[0].Fields) == len(d.Fields) {
		a.Clues[0].Fields, a.whole = nil, true
	}
	found := 0
	for _, c := range a.Clues {
		found += len(c.Fields)
	}
	a.whole = a.whole || found == len(d.Fields)
	slices.SortStableFunc(a.Clues, func(a, b Clue) int { return b.Event.At.Compare(a.Event.At) })
	return a
}

// field looks for the newest event that gave a field the value that lives. One that surely is about the
// object and gave it another value ends the search: what lives came about otherwise.
func (x *explainer) field(d *Difference, f Value) (best Clue, found bool) {
	k := d.Addr.Kind()
	var likely, mute *Clue
	crossed := false // before the likely one there is one that may be about the object, with another value
	x.events(d, func(s sighting) bool {
		doubt, about := d.target(s)
		doubt = cmp.Or(doubt, s.place)
		if !about || s.stem == assignment && s.removes() {
			return true
		}
		agrees, says := s.value(k, f)
		if s.removes() { // what lives was made, or given its defaults, after or by that
			agrees, says = false, true
			if k.Given() && mute == nil {
				mute = &Clue{Event: s.Event, Likely: true, Doubt: cmp.Or(doubt, "the event does not say what it set")}
			}
		}
		switch {
		case agrees && doubt == "" && !crossed:
			best, found = Clue{Event: s.Event}, true
			return false
		case agrees && likely == nil:
			likely = &Clue{Event: s.Event, Likely: true, Doubt: doubt}
		case says && !agrees && doubt == "":
			return false
		case says && !agrees:
			crossed = likely != nil
		case mute == nil && s.mute(f):
			mute = &Clue{Event: s.Event, Likely: true, Doubt: cmp.Or(doubt, "the event does not say what it set")}
		}
		return true
	})
	if found {
		x.contest(d, &best, func(s sighting) bool {
			agrees, says := s.value(k, f)
			return s.removes() || says && !agrees
		})
	}
	for _, c := range []*Clue{likely, mute} {
		if c != nil && !found {
			best, found = *c, true
		}
	}
	return best, found
}

// contest makes a proof likely where another event of the same second is against it: which of them came last, the
// log does not say.
func (x *explainer) contest(d *Difference, c *Clue, against func(sighting) bool) {
	x.events(d, func(s sighting) bool {
		doubt, about := d.target(s)
		if about && doubt == "" && s.place == "" && s.At.Equal(c.Event.At) && against(s) {
			c.Likely, c.Doubt = true, "another event of the same second says otherwise"
		}
		return !c.Likely && !s.At.Before(c.Event.At)
	})
}
