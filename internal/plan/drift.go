package plan

import (
	"slices"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// Drift adds to a plan with a base what had drifted before: what differs from what base and head both ask,
// and stays. It also counts what is unchanged and undeclared in all that is declared. While Plan.Needs is
// not empty the rest means nothing, as with Make.
func Drift(in Input, p Plan) (Plan, error) {
	whole := in
	whole.Base = nil
	whole.Policy = kind.Policy{Prune: in.Policy.Prune, Protect: in.Policy.Protect, Pos: in.Policy.Pos}
	if whole.Live.KeyOwner == nil {
		whole.Live.KeyOwner = &kind.KeyOwner{} // refusals of the whole do not matter
	}
	all, err := Make(whole)
	if err != nil || !all.Needs.None() {
		return Plan{Needs: all.Needs}, err
	}
	d := newDelta(in)
	mine := map[kind.Address]*Change{}
	for i := range p.Changes {
		mine[p.Changes[i].Addr] = &p.Changes[i]
	}
	for _, c := range all.Changes {
		if left := drifted(c, mine[c.Addr], d); left != nil {
			p.Drift = append(p.Drift, *left)
		}
	}
	p.addProblems(all)
	for _, n := range all.Notes {
		if !slices.Contains(p.Notes, n) && mine[n.Addr] == nil {
			p.Notes = append(p.Notes, n)
		}
	}
	slices.SortStableFunc(p.Notes, func(a, b Note) int { return a.Addr.Compare(b.Addr) })
	p.Unchanged = all.Unchanged
	p.Undeclared = slices.DeleteFunc(all.Undeclared, func(a kind.Address) bool { return mine[a] != nil })
	return p, nil
}

// drifted is what of a change this plan leaves; nil where that is nothing. It holds no requests: it is not
// carried out.
func drifted(c Change, mine *Change, d *delta) *Change {
	c.Requests, c.With, c.After, c.Find = nil, "", nil, nil
	switch {
	case mine == nil && d.asks[c.Addr] != nil && d.base[c.Addr] == nil:
		return nil // this change asks for it, and something keeps it from being planned
	case mine == nil:
		return &c
	case mine.Action == Create || mine.Action == Delete || c.Action != Update && c.Action != Replace:
		return nil
	}
	c.Fields = slices.DeleteFunc(slices.Clone(c.Fields), func(f FieldDiff) bool {
		return slices.ContainsFunc(mine.Fields, func(m FieldDiff) bool { return m.Name == f.Name })
	})
	if len(c.Fields) == 0 {
		return nil
	}
	if !immutable(c.Addr.Kind(), c.Fields) {
		c.Action = Update
	}
	return &c
}

// addProblems takes the problems of all that is declared. Those of what this change asks are in the plan
// already, but for those of the policy, which need all to be read.
func (p *Plan) addProblems(all Plan) {
	for _, q := range all.Problems {
		switch {
		case slices.Contains(p.Problems, q):
		case q.Addr == "policy" && len(p.Policy) > 0:
			p.Problems = append(p.Problems, q)
		default:
			p.Drifted = append(p.Drifted, q)
		}
	}
}
