package audit

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// extra looks for what made an object that should not be, or gave it the name.
func (x *explainer) extra(d *Difference) (clues []Clue) {
	var likely []Clue
	crossed := false // before the likely one there is one that may have removed it
	k, key := d.Addr.Kind(), d.Addr.Key()
	x.events(d, func(s sighting) bool {
		doubt, about := d.target(s)
		doubt = cmp.Or(doubt, s.place)
		renamed := s.newName() != "" && s.newName() == key
		switch {
		case len(clues) > 0: // she came by herself; who let her in?
			if s.makes() && calls(s.names(k), key) {
				clues = append(clues, Clue{Event: s.Event})
			}
			return len(clues) == 1
		case about && renamed:
			clues = []Clue{{Event: s.Event, NewName: key}}
			return false
		case about && s.removes() && doubt == "":
			return false // it was made again since
		case about && s.removes():
			crossed = len(likely) > 0
		case about && s.makes() && doubt == "" && !crossed:
			clues = []Clue{{Event: s.Event}}
			return s.Actor.ID == d.ID
		case about && s.makes() && doubt != "":
			likely = append(likely, Clue{Event: s.Event, Likely: true, Doubt: doubt})
		}
		return true
	})
	switch {
	case len(clues) > 0:
		x.contest(d, &clues[0], sighting.removes)
	case len(likely) > 0:
		clues = likely[:1]
	}
	return clues
}

// missing looks for what took away an object that should be, or its name. Nobody knows its id any more,
// unless it names another object that lives or another event tells.
func (x *explainer) missing(d *Difference) []Clue {
	var proof *Clue
	var likely []Clue
	crossed := false // before the likely one there is one that may have made it again
	k, key := d.Addr.Kind(), d.Addr.Key()
	x.events(d, func(s sighting) bool {
		if c, ok := x.removal(d, s); ok && !c.Likely {
			if !crossed {
				proof = &c
			}
			return false
		} else if ok {
			likely = append(likely, c)
		}
		if c, ok := x.renaming(d, s); ok && !c.Likely {
			proof = &c
			return false
		} else if ok {
			likely = append(likely, c)
		}
		_, about := d.target(s)
		again := s.makes() && s.stem != assignment && (about || d.ID == "" && calls(s.names(k), key))
		crossed = crossed || again && len(likely) > 0
		return !again || s.place != "" // what was removed before was made again
	})
	if proof != nil {
		x.contest(d, proof, sighting.makes)
	}
	return best(d, proof, likely)
}

// best picks of what may have taken away an object.
func best(d *Difference, proof *Clue, likely []Clue) []Clue {
	renamed := slices.IndexFunc(likely, gaveName)
	switch {
	case proof != nil && renamed >= 0 && !gaveName(*proof):
		proof.Likely, proof.Doubt = true, "unless a later one of that name was renamed"
		return []Clue{likely[renamed], *proof}
	case proof != nil:
		return []Clue{*proof}
	case renamed >= 0:
		return likely[renamed : renamed+1] // there is one that nobody declared
	case len(likely) > 1 && d.ID == "":
		likely[0].Of = len(likely)
		fallthrough
	case len(likely) > 0:
		return likely[:1]
	}
	return nil
}

func gaveName(c Clue) bool { return c.NewName != "" }

// removal judges an event that took something away.
func (x *explainer) removal(d *Difference, s sighting) (Clue, bool) {
	if !s.removes() {
		return Clue{}, false
	}
	doubt, about := d.target(s)
	if d.ID == "" && s.stem != assignment {
		doubt, about = x.vanished(d, s)
		if doubt == "" && s.place == noScope {
			s.place = "" // who is not in the organization any more was removed from that last
		}
	}
	doubt = cmp.Or(doubt, s.place)
	return Clue{Event: s.Event, Likely: doubt != "", Doubt: doubt}, about
}

// vanished says whether an event may have removed an object whose id nobody knows: not if what it removed
// lives, or had another name.
func (x *explainer) vanished(d *Difference, s sighting) (doubt string, may bool) {
	k := d.Addr.Kind()
	for id := range s.ids() {
		names := x.names(k)[id]
		_, lives := x.record.Names[id]
		switch {
		case len(names) > 0 && sameName(names[0], d.Addr.Key()):
			return "", true
		case slices.ContainsFunc(names, func(name string) bool { return sameName(name, d.Addr.Key()) }):
			return "it had another name by then", true
		case !lives && len(names) == 0:
			may = true
		}
	}
	return noName, may
}

// renaming judges an event that gave an undeclared object beside this one the name that it has.
func (x *explainer) renaming(d *Difference, s sighting) (Clue, bool) {
	name := s.newName()
	if name == "" {
		return Clue{}, false
	}
	for id := range s.ids() {
		o := x.extras[id]
		if o == nil || o.Addr.Collection() != d.Addr.Collection() || o.Addr.Key() != name {
			continue
		}
		names := x.names(d.Addr.Kind())[id]
		before := slices.Index(names, name) + 1 // what it was called then, if the log tells
		was := before < len(names) && sameName(names[before], d.Addr.Key())
		return Clue{Event: s.Event, Likely: !was, NewName: name}, true
	}
	return Clue{}, false
}

// names are what events call the objects of a kind, by id, the newest first. People are called by what they did,
// too.
func (x *explainer) names(k *kind.Kind) map[string][]string {
	if known, ok := x.called[k]; ok {
		return known
	}
	out := map[string][]string{}
	for _, e := range x.record.Events {
		if e.Actor.ID != "" && e.Actor.Email != "" {
			out[e.Actor.ID] = append(out[e.Actor.ID], e.Actor.Email)
		}
		if e.project != "" && e.projectName != "" {
			out[e.project] = append(out[e.project], e.projectName)
		}
		stem, verb := splitType(e.Type)
		if !kind.Has(k.Events, stem) {
			continue
		}
		for id, name := range (sighting{Event: e, stem: stem, verb: verb}).names(k) {
			out[id] = append(out[id], name)
		}
	}
	for id, names := range out {
		out[id] = slices.Compact(names)
	}
	x.called[k] = out
	return out
}

func calls(names map[string]string, key string) bool {
	for _, name := range names {
		if sameName(name, key) {
			return true
		}
	}
	return false
}

// sameName compares e-mails without case.
func sameName(a, b string) bool {
	return a == b || strings.Contains(a, "@") && strings.EqualFold(a, b)
}
