package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize/english"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// guardOwners judges removed and demoted owners of the organization.
func (m *maker) guardOwners() {
	lost, owners := m.losses()
	if len(lost) == 0 {
		return
	}
	promoted := m.promoted()
	for _, c := range lost {
		c.After = slices.Concat(c.After, promoted) // never without an owner in between
		slices.SortFunc(c.After, kind.Address.Compare)
	}
	owners += len(promoted) - len(lost)
	unallowed := m.unallowed(lost)
	least, said := 1, ""
	var required []string
	for i, p := range m.policies() {
		if required = append(required, p.RequiredOwners...); p.MinOwners > least {
			least, said = p.MinOwners, bySaid(i)
		}
	}
	if owners < least && len(unallowed) > 0 {
		m.refuse("min_owners", fmt.Sprintf("%s would be left, and at least %d must be%s", english.Plural(owners, "accepted owner", ""), least, said), unallowed)
	}
	for _, c := range unallowed {
		if slices.ContainsFunc(required, func(e string) bool { return strings.EqualFold(e, c.Addr.Key()) }) {
			m.refuse("required_owners", c.Addr.Key()+" is a required owner", []Change{c})
		}
	}
	m.guardKeyOwner(unallowed)
}

// losses lists the changes by which owners stop being ones, and counts the owners that live.
func (m *maker) losses() (lost []*Change, owners int) {
	for o := range m.ix.inForce() {
		if o.Kind.Name != "users" || o.Fields["role"] != "owner" {
			continue
		}
		owners++
		if c := m.lossOf(o); c != nil {
			lost = append(lost, c)
		}
	}
	return lost, owners
}

// unallowed are the changes that were not allowed by name.
func (m *maker) unallowed(changes []*Change) []Change {
	var out []Change
	for _, c := range changes {
		if !m.allowed(c.Verb(), c.Addr) {
			out = append(out, *c)
		}
	}
	return out
}

// promoted lists who becomes an owner by this plan, having accepted.
func (m *maker) promoted() []kind.Address {
	var out []kind.Address
	for _, c := range m.p.Changes {
		becomes := slices.ContainsFunc(c.Fields, func(d FieldDiff) bool { return d.Name == "role" && d.New == "owner" })
		if c.Action == Update && c.Addr.KindName() == "users" && becomes {
			out = append(out, c.Addr)
		}
	}
	return out
}

// lossOf is the change by which an owner stops being one, or nil.
func (m *maker) lossOf(o *kind.Object) *Change {
	for i := range m.p.Changes {
		c := &m.p.Changes[i]
		if c.ID != o.ID || c.Addr.Kind() != o.Kind {
			continue
		}
		demoted := slices.ContainsFunc(c.Fields, func(d FieldDiff) bool { return d.Name == "role" && d.New != "owner" })
		if c.Action == Delete || demoted {
			return c
		}
	}
	return nil
}

// guardKey keeps the key in use. Where none of the listed keys is that one, any of them may be.
func (m *maker) guardKey() {
	var going []Change
	known := false
	for o := range m.ix.inForce() {
		if o.Kind.Redacted == "" {
			continue
		}
		known = known || o.InUse
		for _, c := range m.pick(func(c Change) bool { return c.Action == Delete && c.ID == o.ID && c.Addr.Kind() == o.Kind }) {
			if going = append(going, c); o.InUse {
				m.refuse("key_in_use", string(c.Addr)+" is the key in use", []Change{c})
			}
		}
	}
	if len(going) > 0 && !known {
		m.refuse("key_in_use", "which key is in use cannot be told, and a key would go", going)
	}
}

// guardKeyOwner keeps the owner of the key in use: without her the key dies in the middle of the run.
func (m *maker) guardKeyOwner(lost []Change) {
	if len(lost) == 0 {
		return
	}
	owner := m.in.Live.KeyOwner
	switch {
	case owner == nil:
		m.p.Needs.KeyOwner = true
	case owner.UserID == "":
		m.refuse("key_owner", "the owner of the key in use cannot be told, and an owner would go", lost)
	}
	for _, c := range lost {
		if owner != nil && owner.UserID == c.ID && c.ID != "" {
			m.refuse("key_owner", c.Addr.Key()+" owns the key in use", []Change{c})
		}
	}
}
