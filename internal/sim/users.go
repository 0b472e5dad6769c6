package sim

import (
	"slices"
	"strings"
)

// User is a member of the organization (reference: "The user object"). A row with IsServiceAccount has
// no email.
type User struct {
	ID               string  `json:"id"`
	Name             string  `json:"name"`
	Email            *string `json:"email"`
	Role             string  `json:"role"` // owner or reader
	AddedAt          int64   `json:"added_at"`
	IsDefault        bool    `json:"is_default"`
	IsServiceAccount bool    `json:"is_service_account"`
	IsSCIMManaged    bool    `json:"is_scim_managed"`
	APIKeyLastUsedAt *int64  `json:"api_key_last_used_at"`
	TechnicalLevel   *string `json:"technical_level"`
	DeveloperPersona *string `json:"developer_persona"`
}

func (u User) key() string { return u.ID }

// view adds what the API derives. `projects` stays out: the reference has it "if included" and no way to
// ask for it.
func (u User) view() any {
	return object("organization.user", u, map[string]any{
		"created":                            u.AddedAt,
		"is_scale_tier_authorized_purchaser": false,
		"user": map[string]any{
			"object": "user", "id": u.ID, "email": u.Email, "name": u.Name,
			"picture": nil, "enabled": true, "banned": false, "banned_at": nil,
		},
	})
}

func (u User) email() string {
	if u.Email == nil {
		return ""
	}
	return *u.Email
}

var orgRoles = []string{"owner", "reader"}

var userUpdate = []field{
	{name: "role", is: text, enum: orgRoles, nullable: true},
	{name: "role_id", is: text, nullable: true},
	{name: "technical_level", is: text, nullable: true},
	{name: "developer_persona", is: text, nullable: true},
}

func userList() *listing { return standard(filter{name: "emails", is: list}) }

func listUsers(c *call) (any, error) {
	emails := c.values("emails")
	var rows []User
	for _, u := range c.state.Users {
		if emails == nil || u.Email != nil && containsFold(emails, *u.Email) {
			rows = append(rows, u)
		}
	}
	return page(c, rows, User.view)
}

func getUser(c *call) (any, error) {
	u, err := c.user()
	if err != nil {
		return nil, err
	}
	return u.view(), nil
}

// updateUser lets the last owner step down: nothing in the reference forbids it.
func updateUser(c *call) (any, error) {
	u, err := c.user()
	if err != nil {
		return nil, err
	}
	was := u.Role
	if err := c.useRoleID(u); err != nil {
		return nil, err
	}
	if err := c.into(u); err != nil {
		return nil, err
	}
	changes := map[string]any{}
	if c.says("role") || u.Role != was {
		changes["role"] = auditRole(u.Role)
	}
	c.log("user.updated", u.ID, "changes_requested", changes)
	return u.view(), nil
}

// useRoleID assigns the role that the body names by its id, if it does: a predefined one replaces the
// user's role, a custom one is added. Both `role` and `role_id` at once are refused, as nothing says which
// of them wins.
func (c *call) useRoleID(u *User) error {
	var in struct {
		ID string `json:"role_id"`
	}
	if err := c.into(&in); err != nil || in.ID == "" {
		return err
	}
	if c.says("role") {
		return invalid("role_id", "invalid_value", "Only one of 'role' and 'role_id' can be given.")
	}
	r, err := c.role(in.ID)
	if err != nil {
		return invalid("role_id", "role_not_found", "The organization has no such role.")
	}
	if r.predefined {
		u.Role = r.Name
		return nil
	}
	h := holder{kind: "user", id: u.ID, basic: u.Role}
	all := c.assignments(h)
	if i := index(all, r.ID); i < 0 || !all[i].direct {
		c.grant("user", u.ID, r.ID)
	}
	return nil
}

// deleteUser takes the user's memberships, groups and roles along. Keys stay, without access.
func deleteUser(c *call) (any, error) {
	u, err := c.user()
	if err != nil {
		return nil, err
	}
	id := u.ID
	c.state.Users = slices.DeleteFunc(c.state.Users, func(u User) bool { return u.ID == id })
	for i := range c.state.Projects {
		p := &c.state.Projects[i]
		drop(&p.Users, id)
		p.forget(id, everyGrant)
	}
	for i := range c.state.Groups {
		g := &c.state.Groups[i]
		g.Users = slices.DeleteFunc(g.Users, func(member string) bool { return member == id })
	}
	c.state.forget(id, everyGrant)
	c.log("user.deleted", id)
	return deleted("organization.user", id), nil
}

// user is the member of the organization that the path names.
func (c *call) user() (*User, error) {
	i := index(c.state.Users, c.path["user_id"])
	if i < 0 {
		return nil, notFound("User with id '%s' not found.", c.path["user_id"])
	}
	return &c.state.Users[i], nil
}

// userByEmail compares without case.
func (s *State) userByEmail(email string) *User {
	i := slices.IndexFunc(s.Users, func(u User) bool { return u.Email != nil && strings.EqualFold(*u.Email, email) })
	if i < 0 {
		return nil
	}
	return &s.Users[i]
}

// auditRole is a role in the words of audit events, which know owner and member only.
func auditRole(role string) string {
	if role == "reader" {
		return "member"
	}
	return role
}

func containsFold(all []string, s string) bool {
	return slices.ContainsFunc(all, func(a string) bool { return strings.EqualFold(a, s) })
}
