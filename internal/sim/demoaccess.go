package sim

// demoRoles are the organization's two custom roles and who has them: Grace by herself, Alan through the
// group platform.
func demoRoles() Access {
	return Access{
		Roles: []Role{
			demoRole("role_sim0001", "auditor", "Reads who may do what", "api.groups.read", "api.organization.projects.api_keys.read"),
			demoRole("role_sim0002", "key-keeper", "", "api.organization.projects.api_keys.read", "api.organization.projects.api_keys.write"),
		},
		Grants: []Grant{
			{ID: "role_assignment_sim0001", PrincipalID: "user-sim0003", RoleID: "role_sim0001"},
			{ID: "role_assignment_sim0002", PrincipalID: "group_sim0001", RoleID: "role_sim0002"},
		},
	}
}

func demoRole(id, name, description string, permissions ...string) Role {
	return Role{ID: id, Name: name, Description: orNull(description), Permissions: permissions, CreatedAt: june, UpdatedAt: june, CreatedBy: "user-sim0001"}
}

// demoGroups: one of the organization's own, one from the identity provider, one from the tenant.
func demoGroups() []Group {
	return []Group{
		{ID: "group_sim0001", Name: "platform", CreatedAt: june, GroupType: "group", Users: []string{"user-sim0004", "user-sim0006"}},
		{ID: "group_sim0002", Name: "eng-scim", CreatedAt: june + day, IsSCIMManaged: true, GroupType: "group", Users: []string{"user-sim0006", "user-sim0008"}},
		{ID: "group_sim0003", Name: "acme-everyone", CreatedAt: june + 2*day, GroupType: "tenant_group", Users: []string{"user-sim0001", "user-sim0003"}},
	}
}

// demoAccess is who has which role in search-prod besides its members: two groups, Grace's custom role,
// and what Alan has himself and through platform.
func demoAccess(p *Project) {
	p.Roles = []Role{demoRole("role_sim0003", "runner", "Sends requests and nothing else", "api.model.request")}
	p.Groups = []ProjectGroup{{"group_sim0001", june + 3*day}, {"group_sim0002", june + 3*day}}
	p.Grants = []Grant{
		{ID: "role_assignment_sim0003", PrincipalID: "group_sim0001", RoleID: "role-api-project-owner"},
		{ID: "role_assignment_sim0004", PrincipalID: "group_sim0002", RoleID: "role-api-project-viewer"},
		{ID: "role_assignment_sim0005", PrincipalID: "group_sim0002", RoleID: "role_sim0003"},
		{ID: "role_assignment_sim0006", PrincipalID: "user-sim0003", RoleID: "role_sim0003"},
	}
}
