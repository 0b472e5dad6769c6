package audit

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/kind"
)

// A sighting is an event as it may be about one difference.
type sighting struct {
	Event
	stem, verb string
	shared     bool   // its ids may be those of other objects, too
	place      string // what it does not say of where it happened
}

// What an event may leave open.
const (
	noProject = "the event does not say in which project"
	noScope   = "the event does not say whether in a project"
	noRole    = "the event does not say which role"
	noUser    = "the event does not say which user"
	noName    = "the event does not name it"
)

// assignment is the stem of the events that tell who got or lost a role, and not which one. Their ids are
// those of the assignments, which nothing else has.
const assignment = "role.assignment"

func (s sighting) makes() bool {
	return kind.Has("created added registered sent activated", s.verb)
}

func (s sighting) removes() bool {
	return kind.Has("deleted removed archived deactivated", s.verb)
}

// where says whether an event happened where a difference is. The project of an event is believed of
// sessions only: whatever an admin key does is booked on the default project.
func (d *Difference) where(s sighting) (doubt string, here bool) {
	project, inProject := d.Within["projects"]
	resource, named := s.resource()
	own := s.ownProject()
	switch {
	case named && inProject:
		return "", resource == project
	case named:
		return "", !strings.HasPrefix(resource, sourceOf("project").prefixes)
	case d.ID != "" && !s.shared:
		return "", true // nothing else has this id
	case own != "":
		return "", own == project || !inProject && s.ids()[own]
	case inProject:
		return noProject, true
	case s.Actor.byKey && s.shared:
		return noScope, true
	}
	return "", true
}

// resource is where the events of roles say that they happened: a project or the organization.
func (s sighting) resource() (id string, named bool) {
	payload, _ := s.Payload.(adminapi.Row)
	id = cmp.Or(text(payload, "resource_id"), text(member(payload, "changes_requested"), "resource_id"))
	return id, id != ""
}

// shared says that events with a stem may have the id of an object of a kind and be about another one: a row
// that every project has, the same person or certificate in several places.
func shared(k *kind.Kind, stem string) bool {
	_, byKey := k.KeyRef()
	return byKey || k.Given() || slices.ContainsFunc(kind.All(), func(o *kind.Kind) bool {
		r, refers := o.KeyRef()
		return refers && kind.Has(o.Events, stem) && slices.ContainsFunc(r.To, func(to string) bool { return kind.Address(to).KindName() == k.Name })
	})
}

// target says whether an event is about the object of a difference, by its id.
func (d *Difference) target(s sighting) (doubt string, about bool) {
	ids := s.ids()
	payload, _ := s.Payload.(adminapi.Row)
	switch principal := text(payload, "principal_id"); {
	case s.stem == assignment:
		up := d.Addr.Kind().Parent()
		return noRole, principal != "" && (principal == d.ID || up != nil && principal == d.Within[up.Section()])
	case d.ID != "" && ids[d.ID]:
		return "", true
	case s.Type == "user.updated": // the id may be that of the project
		project, inProject := d.Within["projects"]
		return noUser, inProject && ids[project]
	}
	return "", false
}

// ids are those of what an event is about: its own, or those of a list.
func (s sighting) ids() map[string]bool {
	payload, _ := s.Payload.(adminapi.Row)
	out := map[string]bool{}
	if id := text(payload, "id"); id != "" {
		out[id] = true
	}
	for _, v := range payload {
		list, _ := v.([]any)
		for _, e := range list {
			row, _ := e.(adminapi.Row)
			if id := text(row, "id"); id != "" {
				out[id] = true
			}
		}
	}
	return out
}

// names are what an event calls things, by id.
func (s sighting) names(k *kind.Kind) map[string]string {
	payload, _ := s.Payload.(adminapi.Row)
	out := map[string]string{}
	note := func(id, name string) {
		if id != "" && name != "" && s.stem != assignment {
			out[id] = name
		}
	}
	for _, v := range payload {
		list, _ := v.([]any)
		for _, e := range list {
			row, _ := e.(adminapi.Row)
			note(text(row, "id"), text(row, "name"))
		}
	}
	called, _ := kind.At(payload, told[s.Type].name).(string)
	called = cmp.Or(called, cmp.Or(s.newName(), text(payload, "name")))
	note(text(payload, "id"), cmp.Or(called, k.RowKey(member(payload, "data"))))
	return out
}

// newName is the name that an update gave, in the words of events.
func (s sighting) newName() string {
	payload, _ := s.Payload.(adminapi.Row)
	changes := member(payload, "changes_requested")
	for _, word := range nameWords {
		if name := text(changes, word); name != "" && s.verb == "updated" {
			return name
		}
	}
	return ""
}

// nameWords are what events call the field `name`.
var nameWords = []string{"name", "title", "group_name", "role_name"}

// value says whether an event says something of a field, and whether that is how it lives.
func (s sighting) value(k *kind.Kind, f Value) (agrees, says bool) {
	payload, _ := s.Payload.(adminapi.Row)
	top, rest, _ := strings.Cut(f.Name, ".")
	words := []string{top, k.ReadField(top), k.WriteField(top)}
	if top == "name" {
		words = nameWords
	}
	for _, in := range []adminapi.Row{member(payload, "changes_requested"), member(payload, "data"), payload} {
		for _, word := range words {
			if said := kind.At(in, strings.TrimSuffix(word+"."+rest, ".")); said != nil {
				return same(fieldAt(k.Fields(), f.Name), said, f.Live), true
			}
		}
	}
	return s.part(words, f)
}

// part judges an event that says what it added to a list and what it took away. It made the difference where
// that is a part of it.
func (s sighting) part(words []string, f Value) (agrees, says bool) {
	payload, _ := s.Payload.(adminapi.Row)
	changes := member(payload, "changes_requested")
	live, _ := f.Live.([]any)
	want, _ := f.Want.([]any)
	for _, word := range words {
		added, _ := changes[word+"_added"].([]any)
		removed, _ := changes[word+"_removed"].([]any)
		if agrees = meet(added, live, want) || meet(removed, want, live); agrees || meet(removed, live, want) || meet(added, want, live) {
			return agrees, true
		}
	}
	return false, false // of what differs it says nothing
}

// meet says that one of some is in a list and not in another.
func meet(some, in, notIn []any) bool {
	return slices.ContainsFunc(some, func(v any) bool { return slices.Contains(in, v) && !slices.Contains(notIn, v) })
}

// mute says that an event changed something of the object and does not say what: it may be this field.
func (s sighting) mute(f Value) bool {
	if s.stem == assignment {
		return s.verb == "created" && f.Name == "role"
	}
	payload, _ := s.Payload.(adminapi.Row)
	for _, name := range slices.Sorted(maps.Keys(member(payload, "changes_requested"))) {
		v := member(payload, "changes_requested")[name]
		list, isList := v.([]any)
		if v != nil && !(isList && len(list) == 0) && !strings.HasPrefix(name, "resource_") {
			return false
		}
	}
	return s.verb == "updated"
}

// same compares a value with what lives. Events know no reader of the organization: they say member.
func same(f kind.Field, said, live any) bool {
	return f.Equal(said, live) || said == "member" && live == "reader"
}

func fieldAt(fields []kind.Field, name string) kind.Field {
	top, rest, more := strings.Cut(name, ".")
	for _, f := range fields {
		switch {
		case f.Name == top && more:
			return fieldAt(f.Fields, rest)
		case f.Name == top:
			return f
		}
	}
	return kind.Field{}
}
