package sim

// Membership is a user's place in a project. Owners of the organization own every project without one;
// if they have one, it counts again when they are no longer owners.
type Membership struct {
	UserID  string `json:"user_id"`
	Role    string `json:"role"` // owner, member or viewer
	AddedAt int64  `json:"added_at"`
}

// A member is a project user as the API shows it (reference: "The project user object").
type member struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	Email   *string `json:"email"`
	Role    string  `json:"role"`
	AddedAt int64   `json:"added_at"`
	implied bool    // an owner of the organization
}

func (m member) key() string { return m.ID }
func (m member) view() any   { return object("organization.project.user", m) }

var memberCreate = []field{
	{name: "user_id", is: text, nullable: true},
	{name: "email", is: text, nullable: true},
	{name: "role", is: text, enum: projectRoles, required: true},
}

var memberUpdate = []field{{name: "role", is: text, enum: projectRoles, nullable: true}}

// members are the owners of the organization, then the project's own users.
func (c *call) members() []member {
	if c.project.Status == "archived" {
		return nil
	}
	var all []member
	for _, u := range c.state.Users {
		if u.Role == "owner" {
			at := max(u.AddedAt, c.project.CreatedAt)
			all = append(all, member{u.ID, u.Name, u.Email, "owner", at, true})
		}
	}
	owners := len(all)
	for _, m := range c.project.Users {
		if i := index(c.state.Users, m.UserID); i >= 0 && index(all[:owners], m.UserID) < 0 {
			u := c.state.Users[i]
			all = append(all, member{u.ID, u.Name, u.Email, m.Role, m.AddedAt, false})
		}
	}
	return all
}

func (c *call) member() (member, error) {
	all := c.members()
	i := index(all, c.path["user_id"])
	if i < 0 {
		return member{}, notFound("User %s is not a member of %s", c.path["user_id"], c.project.ID)
	}
	return all[i], nil
}

func listMembers(c *call) (any, error) { return page(c, c.members(), member.view) }

func getMember(c *call) (any, error) {
	m, err := c.member()
	if err != nil {
		return nil, err
	}
	return m.view(), nil
}

// createMember takes a user of the organization by id or by email, one of them.
func createMember(c *call) (any, error) {
	var in struct {
		UserID string `json:"user_id"`
		Email  string `json:"email"`
		Role   string `json:"role"`
	}
	if err := c.into(&in); err != nil {
		return nil, err
	}
	u, err := c.findUser(in.UserID, in.Email)
	if err != nil {
		return nil, err
	}
	if index(c.members(), u.ID) >= 0 {
		return nil, invalid("user_id", "user_exists", "User %s already exists in project %s.", u.ID, c.project.ID)
	}
	c.project.Users = append(c.project.Users, Membership{UserID: u.ID, Role: in.Role, AddedAt: c.now})
	c.log("user.added", u.ID, "data", map[string]any{"role": in.Role})
	return member{u.ID, u.Name, u.Email, in.Role, c.now, false}.view(), nil
}

func (c *call) findUser(id, email string) (*User, error) {
	if (id == "") == (email == "") {
		return nil, invalid("user_id", "invalid_value", "Exactly one of 'user_id' and 'email' is required.")
	}
	if u := c.state.userByEmail(email); email != "" && u != nil {
		return u, nil
	}
	if i := index(c.state.Users, id); i >= 0 {
		return &c.state.Users[i], nil
	}
	return nil, invalid("user_id", "user_not_found", "User %s is not a member of the organization.", id+email)
}

// updateMember sets the one role that these routes know: other predefined ones end, custom ones stay.
func updateMember(c *call) (any, error) {
	m, err := c.member()
	if err != nil {
		return nil, err
	}
	if err := c.into(&m); err != nil {
		return nil, err
	}
	if m.implied && m.Role != "owner" {
		return nil, invalid("role", "organization_owner", "User %s is an owner of the organization and owns every project.", m.ID)
	}
	if own, err := pick(c.project.Users, m.ID, "User"); err == nil && !m.implied {
		own.Role = m.Role
		c.project.forget(m.ID, func(g Grant) bool { return nameOf(&g) != "" })
	}
	c.log("user.updated", c.project.ID, "changes_requested", map[string]any{"role": m.Role})
	return m.view(), nil
}

func deleteMember(c *call) (any, error) {
	m, err := c.member()
	if err != nil {
		return nil, err
	}
	if m.implied {
		return nil, invalid("user_id", "organization_owner", "User %s is an owner of the organization and cannot be removed from a project.", m.ID)
	}
	drop(&c.project.Users, m.ID)
	c.project.forget(m.ID, everyGrant)
	c.log("user.deleted", m.ID)
	return deleted("organization.project.user", m.ID), nil
}
