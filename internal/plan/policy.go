package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// policyChanges lists the fields of the policy that differ, in the order of the schema. Loosened are those by
// which head would let more pass than base does; prune is no guardrail, and what it removes is in the plan.
func policyChanges(base, head kind.Policy) []PolicyChange {
	var out []PolicyChange
	add := func(field, old, now string, loosened bool) {
		if old != now {
			out = append(out, PolicyChange{Field: field, Old: old, New: now, Loosened: loosened, Pos: head.Pos[field]})
		}
	}
	add("organization", base.Organization, head.Organization, base.Organization != "")
	add("witness", base.Witness, head.Witness, base.Witness != "")
	add("prune", globs(base.Prune), globs(head.Prune), false)
	add("protect", globs(base.Protect), globs(head.Protect), lacksAny(head.Protect, base.Protect))
	add("drift", drift(base), drift(head), lacksAny(base.Revert, head.Revert) || lacksAny(head.Report, base.Report))
	add("lanes", lanes(base.Lanes), lanes(head.Lanes), true)
	add("service_account_keys_only", globs(base.ServiceAccountKeysOnly), globs(head.ServiceAccountKeysOnly), false)
	add("max_removals", removals(base), removals(head), moreRemovals(base, head))
	add("max_archives", number(base.MaxArchives), number(head.MaxArchives), more(base.MaxArchives, head.MaxArchives))
	add("max_creates", number(base.MaxCreates), number(head.MaxCreates), more(base.MaxCreates, head.MaxCreates))
	add("max_invites", number(base.MaxInvites), number(head.MaxInvites), more(base.MaxInvites, head.MaxInvites))
	add("min_owners", owners(base), owners(head), head.MinOwners < base.MinOwners && base.MinOwners > 1)
	add("required_owners", list(base.RequiredOwners), list(head.RequiredOwners), lacksAny(head.RequiredOwners, base.RequiredOwners))
	return out
}

// lacksAny says that have misses an element of want.
func lacksAny[T comparable](have, want []T) bool {
	return slices.ContainsFunc(want, func(e T) bool { return !slices.Contains(have, e) })
}

// more says that a cap is higher, or gone.
func more(base, head *int) bool { return base != nil && (head == nil || *head > *base) }

// moreRemovals compares two caps for organizations of any size: small ones, where the default has a floor, and
// one without end.
func moreRemovals(base, head kind.Policy) bool {
	for _, total := range []int{0, 4 * alwaysRemovable, 1 << 30} {
		_, was := removable(base, total)
		if _, is := removable(head, total); is > was {
			return true
		}
	}
	return false
}

func removals(p kind.Policy) string {
	if p.MaxRemovals == nil {
		return ""
	}
	return p.MaxRemovals.String()
}

func number(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

func owners(p kind.Policy) string {
	if p.MinOwners == 0 {
		return ""
	}
	return strconv.Itoa(p.MinOwners)
}

func globs(gs kind.Globs) string {
	var out []string
	for _, g := range gs {
		out = append(out, string(g))
	}
	return list(out)
}

// list is a list in any order, as the YAML has it; none is not set.
func list(items []string) string {
	if len(items) == 0 {
		return ""
	}
	return "[" + strings.Join(slices.Sorted(slices.Values(items)), ", ") + "]"
}

func drift(p kind.Policy) string {
	var out []string
	for word, gs := range map[string]kind.Globs{"revert": p.Revert, "report": p.Report} {
		for _, g := range gs {
			out = append(out, fmt.Sprintf("%s: %s", g, word))
		}
	}
	return list(out)
}

func lanes(ls []kind.Lane) string {
	var out []string
	for _, l := range ls {
		out = append(out, fmt.Sprintf("%s: %s", l.Files, globs(l.May)))
	}
	return list(out)
}
