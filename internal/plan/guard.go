package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize/english"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// guard judges the whole plan and the state after it. It also lets new owners step up before old ones go.
func (m *maker) guard() {
	m.guardIdentity()
	m.guardCaps()
	m.guardProtected()
	m.guardOwners()
	m.guardKey()
}

func (m *maker) refuse(rule, message string, changes []Change) {
	r := Refusal{Rule: rule, Message: message}
	for _, c := range changes {
		r.Allow = append(r.Allow, Allow{c.Verb(), c.Addr}.String())
	}
	slices.Sort(r.Allow)
	m.p.Refusals = append(m.p.Refusals, r)
}

// guardIdentity checks that this is the organization that the document describes.
func (m *maker) guardIdentity() {
	policy, live := m.in.Policy, m.in.Live
	if policy.Organization != "" && live.Organization != "" && policy.Organization != live.Organization {
		m.refuse("organization", fmt.Sprintf("the document describes %s, and %s answered: the key belongs to another organization", policy.Organization, live.Organization), nil)
	}
	if policy.Witness == "" {
		return
	}
	if m.ix.withID("projects", policy.Witness) == nil {
		m.refuse("witness", fmt.Sprintf("the project %s is not visible: a wrong key, or a wrong organization", policy.Witness), nil)
	}
}

// pick lists the changes that a guardrail counts, but for those that were allowed by name.
func (m *maker) pick(counts func(Change) bool) []Change {
	var out []Change
	for _, c := range m.p.Changes {
		if counts(c) && !m.allowed(c.Verb(), c.Addr) {
			out = append(out, c)
		}
	}
	return out
}

func (m *maker) guardCaps() {
	m.cap("max_archives", m.in.Policy.MaxArchives, "to archive", func(c Change) bool { return c.Verb() == "archive" })
	m.cap("max_creates", m.in.Policy.MaxCreates, "to create", func(c Change) bool { return c.Action == Create })
	m.cap("max_invites", m.in.Policy.MaxInvites, "to invite", func(c Change) bool {
		return c.Action != Delete && c.Action != Update && c.Addr.Kind().Pending != nil
	})
	m.capRemovals()
}

func (m *maker) cap(rule string, limit *int, what string, counts func(Change) bool) {
	if got := m.pick(counts); limit != nil && len(got) > *limit {
		m.refuse(rule, fmt.Sprintf("%d %s, and at most %d are allowed", len(got), what, *limit), got)
	}
}

// alwaysRemovable is how many removals the default cap lets pass however small the organization is.
const alwaysRemovable = 5

func (m *maker) capRemovals() {
	total := 0
	for o := range m.ix.inForce() {
		if _, declared := m.in.Declared[o.Addr.Collection()]; declared && !o.Kind.Given() {
			total++
		}
	}
	limit, said := kind.Cap{N: 25, Percent: true}, ""
	allowed := max(limit.Of(total), alwaysRemovable)
	if p := m.in.Policy.MaxRemovals; p != nil {
		limit, allowed = *p, p.Of(total)
	}
	if limit.Percent {
		said = fmt.Sprintf(" (%s of %d)", limit, total)
	}
	if got := m.pick(func(c Change) bool { return c.Action == Delete }); len(got) > allowed {
		m.refuse("max_removals", fmt.Sprintf("%d to remove, and at most %d are allowed%s", len(got), allowed, said), got)
	}
}

// guardProtected refuses to remove what is protected, itself or with what it stands under or refers to.
func (m *maker) guardProtected() {
	along, asked := m.protectedAlong(), map[*kind.Kind]bool{}
	for _, c := range m.pick(func(c Change) bool { return c.Action == Delete || c.Action == Replace }) {
		m.needProtected(c.Addr, asked)
		switch hit := along[c.Addr]; {
		case m.in.Policy.Protect.Match(c.Addr):
			m.refuse("protect", fmt.Sprintf("%s is protected", c.Addr), []Change{c})
		case hit != "" && c.Action == Delete:
			m.refuse("protect", fmt.Sprintf("%s is protected", hit), []Change{c})
		}
	}
	for _, g := range m.in.Policy.Protect {
		if m.in.Only == nil && !m.matches(g) {
			m.problem("policy", m.in.Policy.Pos["protect"], fmt.Sprintf("protect: %s matches nothing that is declared or live in a declared collection", g), "")
		}
	}
}

// needProtected asks for what would go with an object and may be protected, declared or not. What refers to
// it may stand anywhere, and is asked for once a kind.
func (m *maker) needProtected(a kind.Address, asked map[*kind.Kind]bool) {
	if m.ix.one(a) == nil {
		return
	}
	to := a.Kind()
	for _, k := range to.Children() {
		m.needIfProtected(k, a)
	}
	if asked[to] {
		return
	}
	asked[to] = true
	for _, k := range kind.All() {
		if r, ok := k.KeyRef(); ok && k.Parent() != nil && refersTo(r, to) {
			for parent := range m.ix.inForce() {
				if parent.Kind == k.Parent() {
					m.needIfProtected(k, parent.Addr)
				}
			}
		}
	}
}

func (m *maker) needIfProtected(k *kind.Kind, parent kind.Address) {
	in := parent.Join(k.Section())
	if slices.ContainsFunc(m.in.Policy.Protect, func(g kind.Glob) bool { return g.MayMatchIn(in) }) {
		m.needCollection(k, in, parent)
	}
}

// protectedAlong has, for each address whose removal would take along what is protected, the first of that.
func (m *maker) protectedAlong() map[kind.Address]kind.Address {
	along := map[kind.Address]kind.Address{}
	for o := range m.ix.inForce() {
		if !m.in.Policy.Protect.Match(o.Addr) {
			continue
		}
		for _, a := range ends(o) {
			if along[a] == "" {
				along[a] = o.Addr
			}
		}
	}
	return along
}

// guardOwners judges removed and demoted owners of the organization.
func (m *maker) guardOwners() {
	var lost []Change
	owners, promoted := 0, m.promoted()
	for o := range m.ix.inForce() {
		if o.Kind.Name != "users" || o.Fields["role"] != "owner" {
			continue
		}
		owners++
		if c := m.lossOf(o); c != nil {
			owners--
			c.After = slices.Concat(c.After, promoted) // never without an owner in between
			slices.SortFunc(c.After, kind.Address.Compare)
			lost = append(lost, *c)
		}
	}
	if len(lost) == 0 {
		return
	}
	owners += len(promoted)
	unallowed := slices.DeleteFunc(slices.Clone(lost), func(c Change) bool { return m.allowed(c.Verb(), c.Addr) })
	if least := max(m.in.Policy.MinOwners, 1); owners < least && len(unallowed) > 0 {
		m.refuse("min_owners", fmt.Sprintf("%s would be left, and at least %d must be", english.Plural(owners, "accepted owner", ""), least), unallowed)
	}
	for _, c := range unallowed {
		if slices.ContainsFunc(m.in.Policy.RequiredOwners, func(e string) bool { return strings.EqualFold(e, c.Addr.Key()) }) {
			m.refuse("required_owners", c.Addr.Key()+" is a required owner", []Change{c})
		}
	}
	m.guardKeyOwner(unallowed)
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
