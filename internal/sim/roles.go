package sim

import (
	"slices"
	"strings"
)

// Access is the roles of an organization or of a project, and who has them.
type Access struct {
	Roles  []Role  `json:"roles,omitempty"` // custom ones; the predefined ones are everywhere
	Grants []Grant `json:"grants,omitempty"`
}

// Role is a custom role (reference: "The role object"). Names are unique in their scope.
type Role struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description *string  `json:"description"`
	Permissions []string `json:"permissions"` // sorted
	CreatedAt   int64    `json:"created_at"`
	UpdatedAt   int64    `json:"updated_at"`
	CreatedBy   string   `json:"created_by"` // a user
}

func (r Role) key() string { return r.ID }

// A scoped role is one that can be assigned in the scope of the request.
type scopedRole struct {
	Role
	resource   string // api.organization or api.project
	predefined bool
}

// predefinedRoles are OpenAI's. The reference names the ids of the project's three only through the
// official Terraform provider, those of the organization's are formed alike, and no vocabulary of
// permissions is published: these are some that have been seen.
func predefinedRoles(scope string) []Role {
	if scope == "organization" {
		return []Role{
			{ID: "role-api-organization-owner", Name: "owner", Permissions: []string{"api.groups.read", "api.groups.write", "api.organization.projects.api_keys.read", "api.organization.projects.api_keys.write"}},
			{ID: "role-api-organization-reader", Name: "reader", Permissions: []string{"api.groups.read"}},
		}
	}
	return []Role{
		{ID: "role-api-project-owner", Name: "owner", Permissions: []string{"api.model.request", "api.organization.projects.api_keys.read", "api.organization.projects.api_keys.write"}},
		{ID: "role-api-project-member", Name: "member", Permissions: []string{"api.model.request"}},
		{ID: "role-api-project-viewer", Name: "viewer", Permissions: []string{"api.files.read"}},
	}
}

var roleCreate = []field{
	{name: "role_name", is: text, required: true},
	{name: "permissions", is: list, required: true},
	{name: "description", is: text, nullable: true},
}

var roleUpdate = []field{
	{name: "role_name", is: text, nullable: true},
	{name: "permissions", is: list, nullable: true},
	{name: "description", is: text, nullable: true},
}

// tokens is how the lists of groups and roles page; limits start at 0.
func tokens(limit, most int, order string) *listing {
	return &listing{style: nextToken, limit: limit, least: 0, most: most, order: order}
}

func (c *call) access() *Access {
	if c.project != nil {
		return &c.project.Access
	}
	return &c.state.Access
}

// roles are those of the scope: an organization's custom role is not offered in its projects, the
// reference does not say that it were.
func (c *call) roles() []scopedRole {
	var all []scopedRole
	for _, r := range predefinedRoles(c.scope()) {
		all = append(all, scopedRole{r, "api." + c.scope(), true})
	}
	for _, r := range c.access().Roles {
		all = append(all, scopedRole{r, "api." + c.scope(), false})
	}
	return all
}

func (r scopedRole) view() any { return r.viewAs(r.ID) }

// viewAs shows the role under the id that an assignment knows it by.
func (r scopedRole) viewAs(id string) any {
	return object("role", map[string]any{
		"id": id, "name": r.Name, "description": r.Description, "permissions": r.Permissions,
		"resource_type": r.resource, "predefined_role": r.predefined,
	})
}

// alias is how assignments in a project name a predefined role: role-api-project-member answers as
// role-api-project-member__api-project__proj_x, and either is accepted (seen by Terraform providers).
func (c *call) alias(r scopedRole) string {
	if r.predefined && c.project != nil {
		return r.ID + "__api-project__" + c.project.ID
	}
	return r.ID
}

// role finds a role of the scope by its id or its alias.
func (c *call) role(id string) (scopedRole, error) { return c.roleOf(c.roles(), id) }

func (c *call) roleOf(all []scopedRole, id string) (scopedRole, error) {
	id = strings.TrimSuffix(id, "__api-"+c.scope()+"__"+c.scopeID())
	i := index(all, id)
	if i < 0 {
		return scopedRole{}, notFound("Role with id '%s' not found.", id)
	}
	return all[i], nil
}

func (c *call) scopeID() string {
	if c.project != nil {
		return c.project.ID
	}
	return c.state.Organization.ID
}

func listRoles(c *call) (any, error) { return page(c, c.roles(), scopedRole.view) }

func getRole(c *call) (any, error) {
	r, err := c.role(c.path["role_id"])
	if err != nil {
		return nil, err
	}
	return r.view(), nil
}

func createRole(c *call) (any, error) {
	var in struct {
		Name string `json:"role_name"`
		Role
	}
	if err := c.into(&in); err != nil {
		return nil, err
	}
	r := in.Role
	r.Name, r.Permissions = in.Name, set(r.Permissions)
	if err := c.checkRoleName(r); err != nil {
		return nil, err
	}
	r.ID, r.CreatedAt, r.UpdatedAt, r.CreatedBy = c.state.next("role_"), c.now, c.now, c.actor.user().ID
	c.access().Roles = append(c.access().Roles, r)
	c.log("role.created", r.ID, "role_name", r.Name, "permissions", r.Permissions, "resource_type", "api."+c.scope(), "resource_id", c.scopeID())
	return scopedRole{r, "api." + c.scope(), false}.view(), nil
}

// checkRoleName: "Unique name for the role", among the predefined ones as well.
func (c *call) checkRoleName(r Role) error {
	taken := slices.ContainsFunc(c.roles(), func(other scopedRole) bool { return other.Name == r.Name && other.ID != r.ID })
	if taken {
		return invalid("role_name", "role_exists", "A role with the name '%s' already exists.", r.Name)
	}
	return nil
}

// updateRole replaces the set of permissions. A null description clears it, other nulls change nothing.
func updateRole(c *call) (any, error) {
	r, err := c.customRole()
	if err != nil {
		return nil, err
	}
	next, in := *r, struct {
		Name        *string   `json:"role_name"`
		Permissions *[]string `json:"permissions"`
		Description *string   `json:"description"`
	}{Description: r.Description}
	if err := c.into(&in); err != nil {
		return nil, err
	}
	next.Description = in.Description
	if in.Name != nil {
		next.Name = *in.Name
	}
	if in.Permissions != nil {
		next.Permissions = set(*in.Permissions)
	}
	if err := c.checkRoleName(next); err != nil {
		return nil, err
	}
	c.logRole(*r, next)
	next.UpdatedAt = c.now
	*r = next
	return scopedRole{next, "api." + c.scope(), false}.view(), nil
}

func (c *call) logRole(was, next Role) {
	changes := map[string]any{"resource_type": "api." + c.scope(), "resource_id": c.scopeID(),
		"permissions_added": without(next.Permissions, was.Permissions), "permissions_removed": without(was.Permissions, next.Permissions)}
	if next.Name != was.Name {
		changes["role_name"] = next.Name
	}
	if c.says("description") {
		changes["description"] = next.Description
	}
	c.log("role.updated", next.ID, "changes_requested", changes)
}

// deleteRole takes the assignments along.
func deleteRole(c *call) (any, error) {
	r, err := c.customRole()
	if err != nil {
		return nil, err
	}
	id := r.ID
	a := c.access()
	drop(&a.Roles, id)
	a.Grants = slices.DeleteFunc(a.Grants, func(g Grant) bool { return g.RoleID == id })
	c.log("role.deleted", id)
	return deleted("role", id), nil
}

// customRole is the role in the path, unless OpenAI manages it.
func (c *call) customRole() (*Role, error) {
	r, err := c.role(c.path["role_id"])
	if err != nil {
		return nil, err
	}
	if r.predefined {
		return nil, invalid("role_id", "predefined_role", "The role '%s' is predefined and cannot be changed.", r.Name)
	}
	return pick(c.access().Roles, r.ID, "Role")
}

// set sorts and leaves out what is there twice: the order of permissions is nobody's.
func set(all []string) []string {
	sorted := append([]string{}, all...)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

func without(all, gone []string) []string {
	return slices.DeleteFunc(append([]string{}, all...), func(s string) bool { return slices.Contains(gone, s) })
}
