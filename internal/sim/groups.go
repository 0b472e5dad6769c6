package sim

import "slices"

// Group is a group of users (reference: "The group object"). Names are not unique.
type Group struct {
	ID            string   `json:"id"`
	Name          string   `json:"name"`
	CreatedAt     int64    `json:"created_at"`
	IsSCIMManaged bool     `json:"is_scim_managed"`
	GroupType     string   `json:"group_type"`      // group or tenant_group
	Users         []string `json:"users,omitempty"` // ids, oldest member first
}

func (g Group) key() string { return g.ID }

var groupBody = []field{{name: "name", is: text, min: 1, max: 255, required: true}}

var groupUserCreate = []field{{name: "user_id", is: text, required: true}}

func (g Group) head() map[string]any {
	return map[string]any{"id": g.ID, "name": g.Name, "created_at": g.CreatedAt, "is_scim_managed": g.IsSCIMManaged}
}

func (g Group) view() any { return object("", g.head(), map[string]any{"group_type": g.GroupType}) }

// summary is the group in the answers of assignments: scim_managed, and no type.
func (g Group) summary() any {
	return object("group", map[string]any{"id": g.ID, "name": g.Name, "created_at": g.CreatedAt, "scim_managed": g.IsSCIMManaged})
}

func listGroups(c *call) (any, error) { return page(c, c.state.Groups, Group.view) }

func getGroup(c *call) (any, error) {
	g, err := c.group()
	if err != nil {
		return nil, err
	}
	return g.view(), nil
}

func createGroup(c *call) (any, error) {
	g := Group{GroupType: "group"}
	if err := c.into(&g); err != nil {
		return nil, err
	}
	g.ID, g.CreatedAt = c.state.next("group_"), c.now
	c.state.Groups = append(c.state.Groups, g)
	c.log("group.created", g.ID, "data", map[string]any{"group_name": g.Name})
	return g.view(), nil
}

// updateGroup answers without the type.
func updateGroup(c *call) (any, error) {
	g, err := c.ownGroup()
	if err != nil {
		return nil, err
	}
	if err := c.into(g); err != nil {
		return nil, err
	}
	c.log("group.updated", g.ID, "changes_requested", map[string]any{"group_name": g.Name})
	return g.head(), nil
}

// deleteGroup takes memberships, grants and places in projects along. (Not stated, but what else.)
func deleteGroup(c *call) (any, error) {
	g, err := c.ownGroup()
	if err != nil {
		return nil, err
	}
	id := g.ID
	drop(&c.state.Groups, id)
	c.state.forget(id, everyGrant)
	for i := range c.state.Projects {
		p := &c.state.Projects[i]
		drop(&p.Groups, id)
		p.forget(id, everyGrant)
	}
	c.log("group.deleted", id)
	return deleted("group", id), nil
}

func (c *call) group() (*Group, error) { return pick(c.state.Groups, c.path["group_id"], "Group") }

// ownGroup is the group in the path if the organization manages it: not the identity provider, and not
// the tenant above the organization.
func (c *call) ownGroup() (*Group, error) {
	g, err := c.group()
	switch {
	case err != nil:
		return nil, err
	case g.IsSCIMManaged:
		return nil, invalid("group_id", "scim_managed", "Group '%s' is managed by your identity provider and cannot be changed.", g.ID)
	case g.GroupType != "group":
		return nil, invalid("group_id", "tenant_group", "Group '%s' belongs to the tenant and cannot be changed by the organization.", g.ID)
	}
	return g, nil
}

func listGroupUsers(c *call) (any, error) {
	g, err := c.group()
	if err != nil {
		return nil, err
	}
	var rows []User
	for _, id := range g.Users {
		if i := index(c.state.Users, id); i >= 0 {
			rows = append(rows, c.state.Users[i])
		}
	}
	return page(c, rows, User.brief)
}

func (u User) brief() any { return map[string]any{"id": u.ID, "name": u.Name, "email": u.Email} }

func getGroupUser(c *call) (any, error) {
	g, err := c.group()
	if err != nil {
		return nil, err
	}
	u, err := c.groupUser(g)
	if err != nil {
		return nil, err
	}
	return object("", u.brief(), map[string]any{"picture": nil, "is_service_account": u.IsServiceAccount, "user_type": "user"}), nil
}

func (c *call) groupUser(g *Group) (*User, error) {
	if !slices.Contains(g.Users, c.path["user_id"]) {
		return nil, notFound("User %s is not a member of group %s", c.path["user_id"], g.ID)
	}
	return c.user()
}

func createGroupUser(c *call) (any, error) {
	g, err := c.ownGroup()
	if err != nil {
		return nil, err
	}
	var in struct {
		UserID string `json:"user_id"`
	}
	if err := c.into(&in); err != nil {
		return nil, err
	}
	if index(c.state.Users, in.UserID) < 0 {
		return nil, invalid("user_id", "user_not_found", "User %s is not a member of the organization.", in.UserID)
	}
	if slices.Contains(g.Users, in.UserID) {
		return nil, invalid("user_id", "user_exists", "User %s already exists in group %s.", in.UserID, g.ID)
	}
	g.Users = append(g.Users, in.UserID)
	c.log("tenant.group.member.added", g.ID, "user_id", in.UserID)
	return object("group.user", map[string]any{"user_id": in.UserID, "group_id": g.ID}), nil
}

func deleteGroupUser(c *call) (any, error) {
	g, err := c.ownGroup()
	if err != nil {
		return nil, err
	}
	u, err := c.groupUser(g)
	if err != nil {
		return nil, err
	}
	g.Users = slices.DeleteFunc(g.Users, func(id string) bool { return id == u.ID })
	c.log("tenant.group.member.removed", g.ID, "user_id", u.ID)
	return deleted("group.user", ""), nil
}

// groupsOf are the ids of the groups that a user is in.
func (c *call) groupsOf(user string) []string {
	var all []string
	for _, g := range c.state.Groups {
		if slices.Contains(g.Users, user) {
			all = append(all, g.ID)
		}
	}
	return all
}
