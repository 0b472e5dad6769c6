package plan

import (
	"fmt"
	"slices"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// undeclared counts what is live in declared collections and not declared, and removes what the
// policy says.
func (m *maker) undeclared() {
	seen := map[kind.Address]bool{}
	for _, o := range slices.Concat(slices.Collect(m.ix.inForce()), m.ix.invites()) {
		if o.State == kind.Expired || o.State == kind.Used || !m.stray(o) {
			continue
		}
		addr := o.Addr
		if seen[addr] || m.taken(addr, o) {
			addr = besides(o)
		}
		if seen[addr] = true; !m.only.match(addr) {
			continue
		}
		switch prune := m.prunes(addr); {
		case (prune || m.targetRead(o)) && m.implied(o):
		case prune && (m.referred(addr) || m.claimed(o.Addr)):
			m.p.Undeclared = append(m.p.Undeclared, addr)
			m.problem(addr, m.in.Policy.Pos["prune"], "is not pruned: it is not declared here, and declared objects refer to it",
				fmt.Sprintf("declare it under %s", addr.Collection()))
		case prune:
			m.remove(addr, kind.Position{}, o)
		default:
			m.p.Undeclared = append(m.p.Undeclared, addr)
		}
	}
}

// targetRead says that what an object may follow from was read already.
func (m *maker) targetRead(o *kind.Object) bool {
	t, err := kind.ParseTarget(o.Kind.Implied)
	if err != nil {
		return false
	}
	to := o.Resolve(t.To)
	return m.read(m.place(to.Kind(), to.Collection(), to.Parent()))
}

// claimed says that a declared object may be this one: it has its earlier name, and a problem that a
// person has to settle.
func (m *maker) claimed(a kind.Address) bool {
	key := a.Key()
	for at := range m.blocked { // few have earlier names: they are asked first
		if w := m.wanted[at]; w != nil && slices.Contains(w.Previously, key) && at.Collection() == a.Collection() {
			return true
		}
	}
	return false
}

// stray says that a live object is one that the YAML could declare and does not.
func (m *maker) stray(o *kind.Object) bool {
	_, declared := m.in.Declared[o.Addr.Collection()]
	if !declared || o.Kind.Setting() || o.Kind.Given() || m.foreign(o) {
		return false
	}
	w := m.wanted[o.Addr]
	if w == nil {
		return true
	}
	if o.State == kind.Waiting { // a second invite of a declared person who waits for the first
		c := m.change(o.Addr)
		return m.ix.one(o.Addr) == nil && m.waiting(w) != o && (c == nil || c.Action == Replace)
	}
	return false
}

// taken says that another object has this address in the plan already.
func (m *maker) taken(a kind.Address, o *kind.Object) bool {
	invited := o.State != kind.Present && len(m.ix.live[a]) > 0 // someone who is in has the address
	return invited || m.wanted[a] != nil
}
