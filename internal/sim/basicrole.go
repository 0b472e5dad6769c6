package sim

import "slices"

// A member of a project has at least one of the predefined roles. The strongest is the role of the
// membership, which the older routes show and set; the others are grants.

// strength orders the predefined roles of projects; other roles have none.
func strength(role string) int {
	return 1 + slices.Index([]string{"viewer", "member", "owner"}, role)
}

// promote makes a stronger predefined role that was just granted the role of the membership.
func (c *call) promote(h holder) {
	m, g := c.strongest(h)
	if g == nil || strength(nameOf(g)) < strength(m.Role) {
		return
	}
	m.Role, g.RoleID = nameOf(g), "role-api-project-"+m.Role
}

// replaceBasic takes the role of the membership away if there is another predefined one.
func (c *call) replaceBasic(h holder) bool {
	m, g := c.strongest(h)
	if g == nil {
		return false
	}
	m.Role = nameOf(g)
	drop(&c.project.Grants, g.ID)
	return true
}

// strongest finds the membership of a user and the strongest of its grants of predefined roles.
func (c *call) strongest(h holder) (*Membership, *Grant) {
	if h.kind != "user" || c.project == nil {
		return nil, nil
	}
	m, err := pick(c.project.Users, h.id, "User")
	if err != nil {
		return nil, nil
	}
	var best *Grant
	for i := range c.project.Grants {
		g := &c.project.Grants[i]
		if g.PrincipalID == h.id && nameOf(g) != "" && (best == nil || strength(nameOf(g)) > strength(nameOf(best))) {
			best = g
		}
	}
	return m, best
}

// nameOf is the name of a predefined role of projects.
func nameOf(g *Grant) string {
	all := predefinedRoles("project")
	if i := index(all, g.RoleID); i >= 0 {
		return all[i].Name
	}
	return ""
}

// forget drops what a principal was granted in the scope.
func (a *Access) forget(principal string, which func(Grant) bool) {
	a.Grants = slices.DeleteFunc(a.Grants, func(g Grant) bool { return g.PrincipalID == principal && which(g) })
}

func everyGrant(Grant) bool { return true }

func (g Grant) key() string      { return g.ID }
func (m Membership) key() string { return m.UserID }
