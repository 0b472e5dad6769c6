package plan

import (
	"fmt"
	"slices"

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
	live := m.in.Live
	said := map[string]bool{}
	for _, policy := range m.policies() {
		if o := policy.Organization; o != "" && live.Organization != "" && o != live.Organization && !said[o] {
			said[o] = true
			m.refuse("organization", fmt.Sprintf("the document describes %s, and %s answered: the key belongs to another organization", o, live.Organization), nil)
		}
		if w := policy.Witness; w != "" && m.ix.withID("projects", w) == nil && !said[w] {
			said[w] = true
			m.refuse("witness", fmt.Sprintf("the project %s is not visible: a wrong key, or a wrong organization", w), nil)
		}
	}
}

// witnesses are the projects that show by being there that this is the organization.
func (m *maker) witnesses() []kind.Address {
	var out []kind.Address
	for _, p := range m.policies() {
		if o := m.ix.withID("projects", p.Witness); o != nil {
			out = append(out, o.Addr)
		}
	}
	return out
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
	m.cap("max_archives", func(p kind.Policy) *int { return p.MaxArchives }, "to archive", func(c Change) bool { return c.Verb() == "archive" })
	m.cap("max_creates", func(p kind.Policy) *int { return p.MaxCreates }, "to create", func(c Change) bool { return c.Action == Create })
	m.cap("max_invites", func(p kind.Policy) *int { return p.MaxInvites }, "to invite", func(c Change) bool {
		return c.Action != Delete && c.Action != Update && c.Addr.Kind().Pending != nil
	})
	m.capRemovals()
}

// cap refuses more of some changes than the stricter policy allows.
func (m *maker) cap(rule string, limit func(kind.Policy) *int, what string, counts func(Change) bool) {
	var least *int
	said := ""
	for i, p := range m.policies() {
		if n := limit(p); n != nil && (least == nil || *n < *least) {
			least, said = n, bySaid(i)
		}
	}
	if got := m.pick(counts); least != nil && len(got) > *least {
		m.refuse(rule, fmt.Sprintf("%d %s, and at most %d are allowed%s", len(got), what, *least, said), got)
	}
}

// policies are head's and, with a base, base's: a change of the YAML does not loosen what it is judged by.
func (m *maker) policies() []kind.Policy {
	if m.in.Base == nil {
		return []kind.Policy{m.in.Policy}
	}
	return []kind.Policy{m.in.Policy, m.in.Base.Policy}
}

// bySaid says which of the policies it was.
func bySaid(i int) string {
	if i > 0 {
		return " by the policy of the base"
	}
	return ""
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
	allowed, said := -1, ""
	for i, p := range m.policies() {
		limit, n := removable(p, total)
		if allowed >= 0 && n >= allowed {
			continue
		}
		if allowed, said = n, bySaid(i); limit.Percent {
			said = fmt.Sprintf(" (%s of %d)%s", limit, total, said)
		}
	}
	if got := m.pick(func(c Change) bool { return c.Action == Delete }); len(got) > allowed {
		m.refuse("max_removals", fmt.Sprintf("%d to remove, and at most %d are allowed%s", len(got), allowed, said), got)
	}
}

// removable is how many of the live objects a policy lets go.
func removable(p kind.Policy, total int) (kind.Cap, int) {
	if p.MaxRemovals != nil {
		return *p.MaxRemovals, p.MaxRemovals.Of(total)
	}
	limit := kind.Cap{N: 25, Percent: true}
	return limit, max(limit.Of(total), alwaysRemovable)
}
