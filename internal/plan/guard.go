package plan

import (
	"fmt"
	"maps"
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

// protect are the globs of all policies.
func (m *maker) protect() kind.Globs {
	var out kind.Globs
	for _, p := range m.policies() {
		out = append(out, p.Protect...)
	}
	return out
}

// names are all addresses that an object is known by: a new name does not take away a protection.
func (m *maker) names(a kind.Address) []kind.Address {
	out := []kind.Address{a}
	if len(m.earlier) > 0 {
		top := a.Top()
		for _, from := range m.earlier[top] {
			out = append(out, from+a[len(top):])
		}
	}
	return out
}

// protected says by which of its names an object is protected; "" if by none.
func (m *maker) protected(a kind.Address, protect kind.Globs) kind.Address {
	for _, name := range m.names(a) {
		if protect.Match(name) {
			return name
		}
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

// guardProtected refuses to remove what is protected, itself or with what it stands under or refers to.
func (m *maker) guardProtected() {
	along, protect, asked := m.protectedAlong(), m.protect(), map[*kind.Kind]bool{}
	for _, c := range m.pick(func(c Change) bool { return c.Action == Delete || c.Action == Replace }) {
		m.needProtected(c.Addr, asked)
		hit := m.protected(c.Addr, protect)
		if hit == "" && c.Action == Delete {
			hit = along[c.Addr]
		}
		if hit != "" {
			m.refuse("protect", fmt.Sprintf("%s is protected", hit), []Change{c})
		}
	}
	m.guardRenamed()
	for _, g := range m.in.Policy.Protect {
		if m.in.Only == nil && m.d == nil && !m.matches(g) { // with a base not all may have been read
			m.problem("policy", m.in.Policy.Pos["protect"], fmt.Sprintf("protect: %s matches nothing that is declared or live in a declared collection", g), "")
		}
	}
}

// guardRenamed reports what a change renames out of its protection: the next one could remove it.
func (m *maker) guardRenamed() {
	protect := m.in.Policy.Protect
	if m.d == nil || len(m.d.was) == 0 || len(protect) == 0 {
		return
	}
	lost := map[kind.Address]kind.Address{} // the first of each renamed object, by the name that it has now
	for a := range m.d.base {
		top := a.Top()
		was, renamed := m.d.was[top]
		w := m.wanted[a]
		if !renamed || !m.only.match(a) || w == nil || w.State != kind.Present || !protect.Match(was+a[len(top):]) || protect.Match(a) {
			continue
		}
		if first, told := lost[top]; !told || a.Compare(first) < 0 {
			lost[top] = a
		}
	}
	for _, top := range slices.SortedFunc(maps.Keys(lost), kind.Address.Compare) {
		a := lost[top]
		m.problem("policy", m.in.Policy.Pos["protect"], fmt.Sprintf("protect: %s is %s from now on, which is not protected", m.d.was[top]+a[len(top):], a),
			fmt.Sprintf("protect %s as well", a))
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
	for _, name := range m.names(in) {
		if slices.ContainsFunc(m.protect(), func(g kind.Glob) bool { return g.MayMatchIn(name) }) {
			m.needCollection(k, in, parent)
			return
		}
	}
}

// protectedAlong has, for each address whose removal would take along what is protected, the first of that.
func (m *maker) protectedAlong() map[kind.Address]kind.Address {
	along, protect := map[kind.Address]kind.Address{}, m.protect()
	for o := range m.ix.inForce() {
		hit := m.protected(o.Addr, protect)
		if hit == "" {
			continue
		}
		for _, a := range ends(o) {
			if along[a] == "" {
				along[a] = hit
			}
		}
	}
	return along
}

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
