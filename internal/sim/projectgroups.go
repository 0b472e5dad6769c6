package sim

import "slices"

// ProjectGroup is a group's place in a project (reference: "The project group object"). Its roles are
// grants of the project.
type ProjectGroup struct {
	GroupID   string `json:"group_id"`
	CreatedAt int64  `json:"created_at"`
}

func (g ProjectGroup) key() string { return g.GroupID }

var projectGroupCreate = []field{
	{name: "group_id", is: text, required: true},
	{name: "role", is: text, required: true}, // the id of a role of the project
}

// groupType is the one query of a route that is no list.
func groupType() *listing {
	return &listing{filters: []filter{{name: "group_type", is: text, enum: []string{"group", "tenant_group"}}}, single: true}
}

// viewProjectGroup does not tell the role.
func (c *call) viewProjectGroup(g ProjectGroup) any {
	name, kind := "", "group"
	if i := index(c.state.Groups, g.GroupID); i >= 0 {
		name, kind = c.state.Groups[i].Name, c.state.Groups[i].GroupType
	}
	return object("project.group", map[string]any{
		"project_id": c.project.ID, "group_id": g.GroupID, "group_name": name, "group_type": kind, "created_at": g.CreatedAt,
	})
}

func listProjectGroups(c *call) (any, error) { return page(c, c.project.Groups, c.viewProjectGroup) }

// getProjectGroup finds a tenant group only when it is asked for one.
func getProjectGroup(c *call) (any, error) {
	g, err := c.group()
	if err != nil {
		return nil, err
	}
	want := c.query.Get("group_type")
	if want == "" {
		want = "group"
	}
	p, err := c.projectGroup()
	if err == nil && g.GroupType != want {
		err = notFound("No group of the type '%s' with the id '%s' in project '%s'.", want, g.ID, c.project.ID)
	}
	if err != nil {
		return nil, err
	}
	return c.viewProjectGroup(*p), nil
}

func createProjectGroup(c *call) (any, error) {
	var in struct {
		GroupID string `json:"group_id"`
		Role    string `json:"role"`
	}
	if err := c.into(&in); err != nil {
		return nil, err
	}
	if index(c.state.Groups, in.GroupID) < 0 {
		return nil, invalid("group_id", "group_not_found", "Group '%s' not found.", in.GroupID)
	}
	r, err := c.role(in.Role)
	if err != nil {
		return nil, invalid("role", "role_not_found", "%s", err)
	}
	if index(c.project.Groups, in.GroupID) >= 0 {
		return nil, invalid("group_id", "group_exists", "Group %s already exists in project %s.", in.GroupID, c.project.ID)
	}
	g := ProjectGroup{in.GroupID, c.now}
	c.project.Groups = append(c.project.Groups, g)
	c.grant("group", g.GroupID, r.ID)
	return c.viewProjectGroup(g), nil
}

func deleteProjectGroup(c *call) (any, error) {
	g, err := c.projectGroup()
	if err != nil {
		return nil, err
	}
	id := g.GroupID
	for _, grant := range c.project.Grants {
		if grant.PrincipalID == id {
			c.logGrant("role.assignment.deleted", grant.ID, "group", id)
		}
	}
	drop(&c.project.Groups, id)
	c.project.forget(id, everyGrant)
	return deleted("project.group", ""), nil
}

func (c *call) projectGroup() (*ProjectGroup, error) {
	i := index(c.project.Groups, c.path["group_id"])
	if i < 0 {
		return nil, notFound("Group %s is not a member of %s", c.path["group_id"], c.project.ID)
	}
	return &c.project.Groups[i], nil
}

// throughGroup tells whether one of the project's groups gives a user access.
func (c *call) throughGroup(user string) bool {
	return slices.ContainsFunc(c.groupsOf(user), func(id string) bool { return index(c.project.Groups, id) >= 0 })
}
