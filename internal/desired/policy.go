package desired

import (
	"strconv"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// policy reads the policy block of the root file.
func (l *loader) policy() kind.Policy {
	n := l.main().member("policy")
	p := kind.Policy{Organization: n.member("organization").text(), Witness: n.member("witness").text(),
		Prune: l.globs(n.member("prune")), Protect: l.globs(n.member("protect")),
		MaxArchives: number(n.member("max_archives")), MaxCreates: number(n.member("max_creates")),
		MaxInvites: number(n.member("max_invites")), MaxRemovals: limit(n.member("max_removals")),
		Lanes: l.lanes(n.member("lanes")), RequiredOwners: n.member("required_owners").texts(), ServiceAccountKeysOnly: l.projectGlobs(n.member("service_account_keys_only"))}
	if owners := number(n.member("min_owners")); owners != nil {
		p.MinOwners = *owners
	}
	p.Revert, p.Report = l.drift(n.member("drift"))
	if n == nil || n.form != mapping {
		return p
	}
	p.Pos = map[string]kind.Position{}
	for _, m := range n.content {
		p.Pos[m.name] = m.keyPos()
	}
	return p
}

// drift reads one word for everything, or a word for each address glob.
func (l *loader) drift(n *node) (revert, report kind.Globs) {
	if n == nil || n.bad {
		return nil, nil
	}
	globs := map[string]*kind.Globs{"revert": &revert, "report": &report}
	if to := globs[n.text()]; to != nil {
		*to = kind.Globs{"**"}
	}
	for _, m := range n.members() {
		g, ok := l.glob(m, m.name)
		if to := globs[m.text()]; ok && to != nil {
			*to = append(*to, g)
		}
	}
	return revert, report
}

func number(n *node) *int {
	if n == nil {
		return nil
	}
	v, ok := n.value.(int64)
	if i := int(v); ok {
		return &i
	}
	return nil
}

// limit reads a number or a percentage. What is neither, the schema reports.
func limit(n *node) *kind.Cap {
	if n == nil {
		return nil
	}
	s := n.text()
	if v, ok := n.value.(int64); ok {
		s = strconv.FormatInt(v, 10)
	}
	if c, err := kind.ParseCap(s); err == nil {
		return &c
	}
	return nil
}
