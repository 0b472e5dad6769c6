package sim

import (
	"slices"
	"strings"
)

// inviteDays is how long an invite can be accepted. The reference names no number.
const inviteDays = 7

// Invite is an invite to the organization (reference: "The invite object"). Several for one address may
// stand side by side.
type Invite struct {
	ID         string          `json:"id"`
	Email      string          `json:"email"`
	Role       string          `json:"role"`
	Status     string          `json:"status"` // accepted, expired, pending
	CreatedAt  int64           `json:"created_at"`
	ExpiresAt  *int64          `json:"expires_at"`
	AcceptedAt *int64          `json:"accepted_at"`
	Projects   []InviteProject `json:"projects"`
}

// InviteProject is a membership that an accepted invite brings.
type InviteProject struct {
	ID   string `json:"id"`
	Role string `json:"role"`
}

func (i Invite) key() string { return i.ID }

// at is the invite as it stands at a time: a pending one expires by itself.
func (i Invite) at(now int64) Invite {
	if i.Status == "pending" && i.ExpiresAt != nil && *i.ExpiresAt <= now {
		i.Status = "expired"
	}
	if i.Projects == nil {
		i.Projects = []InviteProject{}
	}
	return i
}

var projectRoles = []string{"member", "owner"}

var inviteCreate = []field{
	{name: "email", is: text, required: true},
	{name: "role", is: text, enum: orgRoles, required: true},
	{name: "projects", is: list, of: []field{
		{name: "id", is: text, required: true},
		{name: "role", is: text, enum: projectRoles, required: true},
	}},
}

func listInvites(c *call) (any, error) {
	return page(c, c.state.Invites, c.viewInvite)
}

func getInvite(c *call) (any, error) {
	i, err := c.invite()
	if err != nil {
		return nil, err
	}
	return c.viewInvite(*i), nil
}

func (c *call) viewInvite(i Invite) any { return object("organization.invite", i.at(c.now)) }

// createInvite invites again and again if asked to: only people who are in the organization are refused.
func createInvite(c *call) (any, error) {
	var i Invite
	if err := c.into(&i); err != nil {
		return nil, err
	}
	if !strings.Contains(i.Email, "@") {
		return nil, invalid("email", "invalid_value", "Invalid 'email': '%s' is not an email address.", i.Email)
	}
	if c.state.userByEmail(i.Email) != nil {
		return nil, invalid("email", "already_member", "User with email %s is already a member of the organization.", i.Email)
	}
	if i.Projects == nil {
		i.Projects = []InviteProject{{ID: c.state.defaultProject().ID, Role: "member"}}
	}
	if err := c.checkInvited(i.Projects); err != nil {
		return nil, err
	}
	expires := c.now + inviteDays*24*3600
	i.ID, i.Status, i.CreatedAt, i.ExpiresAt = c.state.next("invite-"), "pending", c.now, &expires
	c.state.Invites = append(c.state.Invites, i)
	c.log("invite.sent", i.ID, "data", map[string]any{"email": i.Email, "role": auditRole(i.Role)})
	return c.viewInvite(i), nil
}

func (c *call) checkInvited(projects []InviteProject) error {
	for _, want := range projects {
		i := index(c.state.Projects, want.ID)
		if i < 0 {
			return invalid("projects", "invalid_value", "Project with id '%s' not found.", want.ID)
		}
		if c.state.Projects[i].Status == "archived" {
			return archived(&c.state.Projects[i])
		}
	}
	return nil
}

func deleteInvite(c *call) (any, error) {
	i, err := c.invite()
	if err != nil {
		return nil, err
	}
	if i.Status == "accepted" {
		return nil, invalid("invite_id", "invite_accepted", "Invite '%s' was already accepted and cannot be deleted.", i.ID)
	}
	id := i.ID
	c.state.Invites = slices.DeleteFunc(c.state.Invites, func(i Invite) bool { return i.ID == id })
	c.log("invite.deleted", id)
	return deleted("organization.invite", id), nil
}

func (c *call) invite() (*Invite, error) {
	i := index(c.state.Invites, c.path["invite_id"])
	if i < 0 {
		return nil, notFound("Invite with id '%s' not found.", c.path["invite_id"])
	}
	return &c.state.Invites[i], nil
}

// pendingInvite is the newest invite of an address that can still be accepted.
func (s *State) pendingInvite(email string, now int64) *Invite {
	for n := len(s.Invites) - 1; n >= 0; n-- {
		i := &s.Invites[n]
		if strings.EqualFold(i.Email, email) && i.at(now).Status == "pending" {
			return i
		}
	}
	return nil
}

// accept makes the invited person a member of the organization and of the invite's projects.
func (c *call) accept(i *Invite) User {
	name, _, _ := strings.Cut(i.Email, "@")
	email := strings.ToLower(i.Email)
	u := User{ID: c.state.next("user-"), Name: strings.ToUpper(name[:1]) + name[1:], Email: &email, Role: i.Role, AddedAt: c.now}
	c.state.Users = append(c.state.Users, u)
	for _, m := range i.Projects {
		if n := index(c.state.Projects, m.ID); n >= 0 && c.state.Projects[n].Status != "archived" {
			p := &c.state.Projects[n]
			p.Users = append(p.Users, Membership{UserID: u.ID, Role: m.Role, AddedAt: c.now})
		}
	}
	i.Status, i.AcceptedAt = "accepted", &c.now
	c.actor = Actor{Type: "session", Session: &ActorSession{User: ActorUser{ID: u.ID, Email: email}, IPAddress: sessionIP}}
	c.log("invite.accepted", i.ID)
	c.log("user.added", u.ID, "data", map[string]any{"role": auditRole(u.Role)})
	return u
}
