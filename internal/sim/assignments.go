package sim

import "slices"

// Grant is a role that a user or a group has, beside the predefined one that every user has: that one is
// the role of the User or of the Membership.
type Grant struct {
	ID          string `json:"id"` // of the assignment; only audit events show it
	PrincipalID string `json:"principal_id"`
	RoleID      string `json:"role_id"`
}

// A holder is who a role is assigned to, the user or the group of the path.
type holder struct {
	kind  string // user or group
	id    string
	basic string // the predefined role of a user, by name; "" for none
	above source // who gives the user the basic role, if not somebody at this place
	view  any
}

// A source is a principal that a role is inherited from.
type source struct {
	ID   string `json:"principal_id"`
	Type string `json:"principal_type"`
}

// An assignment is a role as somebody has it (reference: AssignedRoleDetails).
type assignment struct {
	scopedRole
	alias   string
	direct  bool
	sources []source
}

func (a assignment) key() string { return a.alias }

var roleAssign = []field{{name: "role_id", is: text, required: true}}

// assignmentList: the reference names bounds and neither a default nor an order.
func assignmentList() *listing { return tokens(100, 1000, "asc") }

// holder finds the user or the group and asks whether it belongs to the scope.
func (c *call) holder() (holder, error) {
	if _, ok := c.path["group_id"]; ok {
		return c.groupHolder()
	}
	u, err := c.user()
	if err != nil {
		return holder{}, err
	}
	h := holder{kind: "user", id: u.ID, basic: u.Role, view: u.view()}
	if c.project == nil {
		return h, nil
	}
	m, err := c.member()
	switch {
	case err == nil && m.implied:
		h.above = source{c.state.Organization.ID, "organization"}
	case err != nil && !c.throughGroup(u.ID):
		return holder{}, err
	}
	h.basic = m.Role
	return h, nil
}

func (c *call) groupHolder() (holder, error) {
	g, err := c.group()
	if err != nil {
		return holder{}, err
	}
	if c.project != nil {
		if _, err := c.projectGroup(); err != nil {
			return holder{}, err
		}
	}
	return holder{kind: "group", id: g.ID, view: g.summary()}, nil
}

// A collection is the assignments of a holder while they are found.
type collection struct {
	*call
	known []scopedRole // of the scope; listed once, since there may be many of both
	all   []assignment
}

// add takes a role that somebody has directly, or inherits from a source.
func (l *collection) add(roleID string, from ...source) {
	r, err := l.roleOf(l.known, roleID)
	if err != nil {
		return
	}
	i := index(l.all, l.alias(r))
	if i < 0 {
		i = len(l.all)
		l.all = append(l.all, assignment{scopedRole: r, alias: l.alias(r)})
	}
	l.all[i].direct = l.all[i].direct || from == nil
	l.all[i].sources = append(l.all[i].sources, from...)
}

// addGrants takes what a principal was granted.
func (l *collection) addGrants(principal string, from ...source) {
	for _, g := range l.access().Grants {
		if g.PrincipalID == principal {
			l.add(g.RoleID, from...)
		}
	}
}

// assignments are the roles of a holder: the predefined one, its own, and for users those of their
// groups. A role that comes both ways is one row, whose sources then name the user too.
func (c *call) assignments(h holder) []assignment {
	l := &collection{call: c, known: c.roles()}
	switch basic := "role-api-" + c.scope() + "-" + h.basic; {
	case h.above != source{}:
		l.add(basic, h.above)
	case h.basic != "":
		l.add(basic)
	}
	l.addGrants(h.id)
	for _, g := range c.groupsOf(h.id) {
		l.addGrants(g, source{g, "group"})
	}
	for i, a := range l.all {
		if a.direct && a.sources != nil {
			l.all[i].sources = append([]source{{h.id, h.kind}}, a.sources...)
		}
	}
	return l.all
}

func (c *call) viewAssignment(a assignment) any {
	sources := a.sources
	if sources == nil {
		sources = []source{}
	}
	details := map[string]any{
		"id": a.alias, "name": a.Name, "description": a.Description, "permissions": a.Permissions,
		"resource_type": a.resource, "predefined_role": a.predefined, "assignment_sources": sources,
		"created_at": nil, "updated_at": nil, "created_by": nil, "created_by_user_obj": nil, "metadata": map[string]any{},
	}
	if !a.predefined {
		details["created_at"], details["updated_at"], details["created_by"] = a.CreatedAt, a.UpdatedAt, a.CreatedBy
		if i := index(c.state.Users, a.CreatedBy); i >= 0 {
			u := c.state.Users[i]
			details["created_by_user_obj"] = map[string]any{"id": u.ID, "name": u.Name, "email": u.Email}
		}
	}
	return details
}

func listAssignments(c *call) (any, error) {
	h, err := c.holder()
	if err != nil {
		return nil, err
	}
	return page(c, c.assignments(h), c.viewAssignment)
}

// getAssignment does not know aliases, as clients of the live API found: 404, and the list has it.
func getAssignment(c *call) (any, error) {
	h, err := c.holder()
	if err != nil {
		return nil, err
	}
	all := c.assignments(h)
	i := slices.IndexFunc(all, func(a assignment) bool { return a.ID == c.path["role_id"] })
	if i < 0 {
		return nil, notFound("Role '%s' is not assigned to %s '%s'.", c.path["role_id"], h.kind, h.id)
	}
	return c.viewAssignment(all[i]), nil
}

// assignRole refuses what the holder has already, which the reference does not speak of. A group may
// give its members the owner role of the organization; that alone makes nobody an owner of projects here.
func assignRole(c *call) (any, error) {
	h, err := c.holder()
	if err != nil {
		return nil, err
	}
	var in struct {
		RoleID string `json:"role_id"`
	}
	if err := c.into(&in); err != nil {
		return nil, err
	}
	r, err := c.role(in.RoleID)
	if err != nil {
		return nil, invalid("role_id", "role_not_found", "%s", err)
	}
	if err := c.give(h, r); err != nil {
		return nil, err
	}
	return object(h.kind+".role", map[string]any{h.kind: h.view, "role": r.viewAs(c.alias(r))}), nil
}

func (c *call) give(h holder, r scopedRole) error {
	all := c.assignments(h)
	if i := index(all, c.alias(r)); i >= 0 && all[i].direct {
		return invalid("role_id", "role_assigned", "The role '%s' is already assigned to %s '%s'.", r.Name, h.kind, h.id)
	}
	if h.above != (source{}) {
		return invalid("user_id", "organization_owner", "User %s is an owner of the organization and owns every project.", h.id)
	}
	if h.kind == "user" && c.project != nil && h.basic == "" {
		return notFound("User %s is not a member of %s", h.id, c.project.ID)
	}
	if h.kind == "user" && c.project == nil && r.predefined {
		c.setRole(h.id, r.Name)
		return nil
	}
	c.grant(h.kind, h.id, r.ID)
	c.promote(h)
	return nil
}

func (c *call) grant(kind, principal, role string) {
	g := Grant{ID: c.state.next("role_assignment_"), PrincipalID: principal, RoleID: role}
	c.access().Grants = append(c.access().Grants, g)
	c.logGrant("role.assignment.created", g.ID, kind, principal)
}

func (c *call) logGrant(event, id, kind, principal string) {
	c.log(event, id, "principal_id", principal, "principal_type", kind, "resource_id", c.scopeID(), "resource_type", "api."+c.scope())
}

// setRole changes what a user is in the organization: everyone is exactly one of the predefined roles.
func (c *call) setRole(user, role string) {
	if u, err := pick(c.state.Users, user, "User"); err == nil {
		u.Role = role
	}
	c.logGrant("role.assignment.created", c.state.next("role_assignment_"), "user", user)
}

// unassignRole removes a direct assignment only. Nobody can be left without a role: the last one of a
// group goes with its place in the project, the last predefined one of a user likewise. (The reference
// is silent about that.)
func unassignRole(c *call) (any, error) {
	h, err := c.holder()
	if err != nil {
		return nil, err
	}
	r, err := c.role(c.path["role_id"])
	if err != nil {
		return nil, err
	}
	all := c.assignments(h)
	i := index(all, c.alias(r))
	switch {
	case i < 0:
		return nil, notFound("Role '%s' is not assigned to %s '%s'.", c.path["role_id"], h.kind, h.id)
	case !all[i].direct:
		return nil, invalid("role_id", "role_inherited", "The role '%s' is inherited from %s '%s' and cannot be removed here.", r.Name, all[i].sources[0].Type, all[i].sources[0].ID)
	}
	if err := c.take(h, r); err != nil {
		return nil, err
	}
	return deleted(h.kind+".role", ""), nil
}

func (c *call) take(h holder, r scopedRole) error {
	a := c.access()
	i := slices.IndexFunc(a.Grants, func(g Grant) bool { return g.PrincipalID == h.id && g.RoleID == r.ID })
	isBasic := i < 0
	if isBasic && !c.replaceBasic(h) {
		return invalid("role_id", "last_role", "The role '%s' is the only predefined one of user '%s' and cannot be removed.", r.Name, h.id)
	}
	if !isBasic && h.kind == "group" && c.project != nil && c.countGrants(h.id) == 1 {
		return invalid("role_id", "last_role", "The role '%s' is the last one of group '%s' in the project and cannot be removed.", r.Name, h.id)
	}
	id := c.state.next("role_assignment_")
	if !isBasic {
		id = a.Grants[i].ID
		a.Grants = slices.Delete(a.Grants, i, i+1)
	}
	c.logGrant("role.assignment.deleted", id, h.kind, h.id)
	return nil
}

func (c *call) countGrants(principal string) int {
	n := 0
	for _, g := range c.access().Grants {
		if g.PrincipalID == principal {
			n++
		}
	}
	return n
}
