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
		RequiredOwners: n.member("required_owners").texts(), ServiceAccountKeysOnly: l.projectGlobs(n.member("service_account_keys_only"))}
	if owners := number(n.member("min_owners")); owners != nil {
		p.MinOwners = *owners
	}
	if n == nil || n.form != mapping {
		return p
	}
	p.Pos = map[string]kind.Position{}
	for _, m := range n.content {
		p.Pos[m.name] = m.keyPos()
	}
	return p
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
