package desired

import (
	"fmt"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// merge puts under each project that names a profile what the profile says.
func (l *loader) merge() {
	profiles := l.main().member("profiles")
	for _, f := range l.files {
		projects := f.root.member("projects")
		for i := range projects.items() {
			item := projects.content[i]
			if base := l.base(item, profiles); base != nil {
				projects.content[i] = overlay(base, item, kind.Find("projects"))
			}
		}
	}
}

// base is the profile that a project names, or nil.
func (l *loader) base(project, profiles *node) *node {
	name := project.member("profile")
	if name == nil || name.bad || name.text() == "" || stateOf(project) == kind.Archived {
		return nil
	}
	base := profiles.member(name.text())
	if base == nil {
		var valid []string
		if profiles != nil {
			for _, p := range profiles.content {
				valid = append(valid, p.name)
			}
		}
		l.at(name, fmt.Sprintf("no profile %s", short(name.text())), choices(name.text(), valid))
	}
	if base == nil || base.bad || base.form != mapping {
		project.lost = true // what the profile would have said
		return nil
	}
	return sections(base)
}

// sections is a profile without what no profile can say, which is reported at the profile.
func sections(base *node) *node {
	out := *base
	out.content = nil
	d := projectDef()
	for _, m := range base.content {
		if _, ok := d.Property(m.name); ok && !kind.Control(m.name) && m.name != kind.Find("projects").Key {
			out.content = append(out.content, m)
		}
	}
	return &out
}

// overlay is base with what own says. Maps merge, collections merge object by object, everything
// else is replaced. k is the kind of the objects; nil of a map within one.
func overlay(base, own *node, k *kind.Kind) *node {
	if own.form != mapping || base.form != mapping || stateOf(own) == kind.Absent || stateOf(base) == kind.Absent {
		return own
	}
	out := *own
	out.lost = own.lost || base.lost
	out.content = nil
	for _, m := range base.content {
		mine := own.member(m.name)
		if mine == nil {
			out.content = append(out.content, m)
		} else {
			out.content = append(out.content, overlayMember(m, mine, childKind(k, m.name)))
		}
	}
	for _, m := range own.content {
		if base.member(m.name) == nil {
			out.content = append(out.content, m)
		}
	}
	return &out
}

func overlayMember(base, own *node, k *kind.Kind) *node {
	if k != nil && !k.Setting() && base.form == list && own.form == list {
		return overlayObjects(base, own, k)
	}
	return overlay(base, own, k)
}

// overlayObjects merges two collections by key. A key that own repeats stays repeated, for the rules
// to find.
func overlayObjects(base, own *node, k *kind.Kind) *node {
	out := *own
	out.content = append([]*node(nil), base.content...)
	at := map[string]int{}
	for i, item := range base.content {
		if key := keyOf(item, k); key != "" {
			at[key] = i
		}
	}
	for _, item := range own.content {
		key := keyOf(item, k)
		i, ok := at[key]
		if !ok {
			out.content = append(out.content, item)
			continue
		}
		out.content[i] = overlay(base.content[i], item, k)
		delete(at, key)
	}
	return &out
}

func childKind(k *kind.Kind, section string) *kind.Kind {
	if k == nil {
		return nil
	}
	return kind.Find(k.Name + "/" + section)
}

// kindOf is the kind of the object or setting at n, or nil.
func kindOf(n *node) *kind.Kind {
	if n == nil || n.up == nil {
		return nil
	}
	section, holder := n, n.up
	if holder.form == list {
		section, holder = holder, holder.up
	}
	switch {
	case holder == nil:
		return nil
	case holder.up == nil:
		return kind.Find(section.name)
	case holder.up.up == nil && holder.up.name == "profiles":
		return kind.Find("projects/" + section.name)
	}
	return childKind(kindOf(holder), section.name)
}

// stateOf is what an object or setting says of its state.
func stateOf(n *node) kind.State {
	switch s := kind.State(n.member("state").text()); s {
	case kind.Absent, kind.Archived:
		return s
	}
	return kind.Present
}
