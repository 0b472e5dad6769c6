package desired

import (
	"fmt"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// rules holds what no schema can say: what is right by itself, but not beside the rest.
func (l *loader) rules(all []object, policy *node) {
	first := l.duplicates(all)
	for _, o := range all {
		l.words(o)
		l.beside(o)
		l.references(o, first)
	}
	l.renames(all, first)
	l.pins(all)
	l.owners(policy.member("required_owners"), first)
	l.opposites(policy)
}

// profileRules holds the same of what the profiles say, whether they are used or not.
func (l *loader) profileRules(profiles *node) {
	if profiles == nil || profiles.form != mapping {
		return
	}
	for _, p := range profiles.content {
		b := objects{declared: map[kind.Address]kind.Position{}}
		b.sections(p, kind.Find("projects").Children(), kind.Address("profiles").Join(p.name))
		l.duplicates(b.all)
		for _, o := range b.all {
			l.words(o)
			l.beside(o)
		}
	}
}

// duplicates reports what is declared twice, and answers with the first of each.
func (l *loader) duplicates(all []object) map[kind.Address]object {
	first := make(map[kind.Address]object, len(all))
	for _, o := range all {
		prior, ok := first[o.Addr]
		if !ok {
			first[o.Addr] = o
			continue
		}
		l.add(mistake(o.Pos, string(o.Addr), fmt.Sprintf("already declared at %s", prior.Pos), "keep one of the two"))
	}
	return first
}

// words reports names that nobody means: with control characters, or blanks around them.
func (l *loader) words(o object) {
	names := append(o.node.member("previously").items(), o.node.member("id"))
	for _, name := range o.Kind.KeyFields() {
		if !o.Kind.Field(name).Email { // the format of e-mails has neither
			names = append(names, o.node.down(name))
		}
	}
	for _, n := range names {
		s := n.text()
		switch {
		case control(s):
			l.at(n, short(s)+" has a control character", "remove it")
		case strings.TrimSpace(s) != s:
			l.at(n, short(s)+" begins or ends with a blank", "remove it")
		}
	}
}

// beside reports what may not stand beside `state: absent` or `state: archived`.
func (l *loader) beside(o object) {
	allowed := []string{"state"}
	for _, name := range o.Kind.KeyFields() {
		top, _, _ := strings.Cut(name, ".")
		allowed = append(allowed, top)
	}
	switch o.State {
	case kind.Present:
		return
	case kind.Archived:
		allowed = append(allowed, "id", "previously")
	}
	if o.Kind.Setting() {
		allowed = allowed[:1]
	}
	var extra []string
	var first *node
	for _, m := range o.node.content {
		if !kind.Has(strings.Join(allowed, " "), m.name) {
			extra = append(extra, m.name)
		}
		if len(extra) == 1 && first == nil {
			first = m
		}
	}
	if first == nil {
		return
	}
	message := fmt.Sprintf("%s beside `state: %s`", strings.Join(extra, ", "), o.State)
	l.atKey(first, message, "remove it, or remove the state; allowed: "+strings.Join(allowed, ", "))
}

// references reports what refers to an object that is declared to be gone.
func (l *loader) references(o object, first map[kind.Address]object) {
	if o.State != kind.Present {
		return
	}
	for _, r := range o.Kind.Refs {
		n := o.node.member(r.Field)
		if n == nil || n.muted() {
			continue
		}
		to, gone := goneTarget(o, r, first)
		if !gone {
			continue
		}
		l.at(n, fmt.Sprintf("%s is declared %s at %s", to.Addr, to.State, to.Pos), "remove this one too, or keep that one")
	}
}

// goneTarget is what a reference names, where that is declared to be gone.
func goneTarget(o object, r kind.Ref, first map[kind.Address]object) (object, bool) {
	for _, template := range r.To {
		if to, ok := first[o.Resolve(template)]; ok {
			return to, to.State != kind.Present
		}
	}
	return object{}, false
}

// renames reports former names that are not free.
func (l *loader) renames(all []object, first map[kind.Address]object) {
	claimed := map[kind.Address]*node{}
	for _, o := range all {
		for _, n := range o.node.member("previously").items() {
			was := o.Addr.Collection().Join(n.text())
			other, ok := first[was]
			switch prior := claimed[was]; {
			case n.text() == "":
			case was == o.Addr:
				l.at(n, n.shown()+" is the name it has now", "list earlier names only")
			case ok && other.State == kind.Present:
				l.at(n, fmt.Sprintf("%s is declared as well, at %s", was, other.Pos), "one live object cannot be both")
			case prior != nil && prior.up != n.up:
				l.at(n, fmt.Sprintf("%s is already claimed at %s", n.shown(), prior.pos()), "one live object cannot become two")
			}
			claimed[was] = n
		}
	}
}

// pins reports two objects that are pinned to the same live one.
func (l *loader) pins(all []object) {
	first := map[string]*node{}
	for _, o := range all {
		n := o.node.member("id")
		if o.ID == "" || n == nil {
			continue
		}
		at := o.Kind.Name + " " + o.ID
		if prior := first[at]; prior != nil {
			l.at(n, fmt.Sprintf("the id %s is already pinned at %s", short(o.ID), prior.pos()), "one live object cannot be two")
			continue
		}
		first[at] = n
	}
}

// owners reports required owners whom the document itself makes something else.
func (l *loader) owners(required *node, first map[kind.Address]object) {
	for _, n := range required.items() {
		o, ok := first[kind.Address("users").Join(strings.ToLower(n.text()))]
		role, said := o.Fields["role"]
		switch {
		case !ok:
		case o.State == kind.Absent:
			l.at(n, fmt.Sprintf("%s is declared absent at %s", n.text(), o.Pos), "a required owner must stay")
		case said && role != "owner":
			l.at(n, fmt.Sprintf("%s is declared as %v at %s", n.text(), role, o.FieldPos.Of("role")), "a required owner has `role: owner`")
		}
	}
}

// opposites reports what is to be removed and never removed at once.
func (l *loader) opposites(policy *node) {
	protect := map[string]*node{}
	for _, n := range policy.member("protect").items() {
		protect[n.text()] = n
	}
	for _, n := range policy.member("prune").items() {
		if p := protect[n.text()]; p != nil && n.text() != "" {
			l.at(n, fmt.Sprintf("%s is protected at %s", n.text(), p.pos()), "remove one of the two")
		}
	}
}
