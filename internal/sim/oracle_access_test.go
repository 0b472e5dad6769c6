package sim_test

import (
	"context"

	"github.com/openai/openai-go/v3"
)

func (o *oracle) groups(p string) {
	ctx := context.Background()
	g := ok[openai.Group](o.t)(o.Groups.New(ctx, openai.AdminOrganizationGroupNewParams{Name: "sre"}))
	ok[openai.AdminOrganizationGroupUpdateResponse](o.t)(o.Groups.Update(ctx, g.ID, openai.AdminOrganizationGroupUpdateParams{Name: "on call"}))
	if got := ok[openai.Group](o.t)(o.Groups.Get(ctx, g.ID)); got.Name != "on call" || got.GroupType != "group" {
		o.t.Errorf("group is %s", got.RawJSON())
	}
	page, err := o.Groups.List(ctx, openai.AdminOrganizationGroupListParams{Order: "desc", Limit: openai.Int(2)})
	if err != nil || len(page.Data) != 2 || page.Data[0].ID != g.ID || page.Next != "group_sim0003" {
		o.t.Errorf("groups are %v, %v", page, err)
	}
	valid(o.t, page)

	users := o.Groups.Users
	for _, u := range []string{"user-sim0003", "user-sim0004"} {
		ok[openai.AdminOrganizationGroupUserNewResponse](o.t)(users.New(ctx, g.ID, openai.AdminOrganizationGroupUserNewParams{UserID: u}))
	}
	ok[openai.AdminOrganizationGroupUserGetResponse](o.t)(users.Get(ctx, g.ID, "user-sim0003"))
	members, err := users.List(ctx, g.ID, openai.AdminOrganizationGroupUserListParams{})
	if err != nil || len(members.Data) != 2 || members.Data[0].ID != "user-sim0004" {
		o.t.Errorf("members are %v, %v", members, err)
	}
	valid(o.t, members)
	o.projectGroups(p, g.ID)
	ok[openai.AdminOrganizationGroupUserDeleteResponse](o.t)(users.Delete(ctx, g.ID, "user-sim0003"))
	ok[openai.AdminOrganizationGroupDeleteResponse](o.t)(o.Groups.Delete(ctx, g.ID))
}

func (o *oracle) projectGroups(p, g string) {
	ctx, groups := context.Background(), o.Projects.Groups
	ok[openai.ProjectGroup](o.t)(groups.New(ctx, p, openai.AdminOrganizationProjectGroupNewParams{GroupID: g, Role: "role-api-project-member"}))
	ok[openai.ProjectGroup](o.t)(groups.Get(ctx, p, g, openai.AdminOrganizationProjectGroupGetParams{GroupType: "group"}))
	page, err := groups.List(ctx, p, openai.AdminOrganizationProjectGroupListParams{})
	if err != nil || len(page.Data) != 1 {
		o.t.Errorf("groups of the project are %v, %v", page, err)
	}
	valid(o.t, page)

	roles := groups.Roles
	ok[openai.AdminOrganizationProjectGroupRoleNewResponse](o.t)(roles.New(ctx, p, g, openai.AdminOrganizationProjectGroupRoleNewParams{RoleID: "role-api-project-owner__api-project__" + p}))
	ok[openai.AdminOrganizationProjectGroupRoleGetResponse](o.t)(roles.Get(ctx, p, g, "role-api-project-owner"))
	list, err := roles.List(ctx, p, g, openai.AdminOrganizationProjectGroupRoleListParams{})
	if err != nil || len(list.Data) != 2 || list.Data[0].ID != "role-api-project-member__api-project__"+p {
		o.t.Errorf("roles of the group in the project are %v, %v", list, err)
	}
	valid(o.t, list)
	ok[openai.AdminOrganizationProjectGroupRoleDeleteResponse](o.t)(roles.Delete(ctx, p, g, list.Data[0].ID))
	ok[openai.AdminOrganizationProjectGroupDeleteResponse](o.t)(groups.Delete(ctx, p, g))
}

func (o *oracle) roles(p string) {
	ctx, roles := context.Background(), o.Roles
	r := ok[openai.Role](o.t)(roles.New(ctx, openai.AdminOrganizationRoleNewParams{RoleName: "helper", Permissions: []string{"b", "a", "b"}}))
	r = ok[openai.Role](o.t)(roles.Update(ctx, r.ID, openai.AdminOrganizationRoleUpdateParams{Description: openai.String("helps")}))
	if r.JSON.Permissions.Raw() != `["a","b"]` || r.Description != "helps" || r.Name != "helper" {
		o.t.Errorf("role is %s", r.RawJSON())
	}
	ok[openai.Role](o.t)(roles.Get(ctx, r.ID))
	page, err := roles.List(ctx, openai.AdminOrganizationRoleListParams{})
	if err != nil || len(page.Data) != 5 || !page.Data[0].PredefinedRole {
		o.t.Errorf("roles are %v, %v", page, err)
	}
	valid(o.t, page)
	o.orgAssignments(r.ID)
	ok[openai.AdminOrganizationRoleDeleteResponse](o.t)(roles.Delete(ctx, r.ID))
	o.projectRoles(p)
}

func (o *oracle) orgAssignments(r string) {
	ctx, users, groups := context.Background(), o.Users.Roles, o.Groups.Roles
	ok[openai.AdminOrganizationUserRoleNewResponse](o.t)(users.New(ctx, "user-sim0004", openai.AdminOrganizationUserRoleNewParams{RoleID: r}))
	ok[openai.AdminOrganizationUserRoleGetResponse](o.t)(users.Get(ctx, "user-sim0004", r))
	list, err := users.List(ctx, "user-sim0004", openai.AdminOrganizationUserRoleListParams{})
	if err != nil || len(list.Data) != 3 || list.Data[2].AssignmentSources[0].PrincipalID != "group_sim0001" {
		o.t.Errorf("roles of the user are %v, %v", list, err)
	}
	valid(o.t, list)
	ok[openai.AdminOrganizationUserRoleDeleteResponse](o.t)(users.Delete(ctx, "user-sim0004", r))

	ok[openai.AdminOrganizationGroupRoleNewResponse](o.t)(groups.New(ctx, "group_sim0002", openai.AdminOrganizationGroupRoleNewParams{RoleID: r}))
	ok[openai.AdminOrganizationGroupRoleGetResponse](o.t)(groups.Get(ctx, "group_sim0002", r))
	rows, err := groups.List(ctx, "group_sim0002", openai.AdminOrganizationGroupRoleListParams{})
	if err != nil || len(rows.Data) != 1 {
		o.t.Errorf("roles of the group are %v, %v", rows, err)
	}
	valid(o.t, rows)
	ok[openai.AdminOrganizationGroupRoleDeleteResponse](o.t)(groups.Delete(ctx, "group_sim0002", r))
}

func (o *oracle) projectRoles(p string) {
	ctx, roles := context.Background(), o.Projects.Roles
	r := ok[openai.Role](o.t)(roles.New(ctx, p, openai.AdminOrganizationProjectRoleNewParams{RoleName: "caller", Permissions: []string{}}))
	ok[openai.Role](o.t)(roles.Update(ctx, p, r.ID, openai.AdminOrganizationProjectRoleUpdateParams{RoleName: openai.String("callers"), Description: openai.String("call")}))
	ok[openai.Role](o.t)(roles.Get(ctx, p, r.ID))
	page, err := roles.List(ctx, p, openai.AdminOrganizationProjectRoleListParams{})
	if err != nil || len(page.Data) != 4 || page.Data[0].ID != "role-api-project-owner" {
		o.t.Errorf("roles of the project are %v, %v", page, err)
	}
	valid(o.t, page)
	o.memberRoles(p, r.ID)
	ok[openai.AdminOrganizationProjectRoleDeleteResponse](o.t)(roles.Delete(ctx, p, r.ID))
}

func (o *oracle) memberRoles(p, r string) {
	ctx, roles := context.Background(), o.Projects.Users.Roles
	ok[openai.AdminOrganizationProjectUserRoleNewResponse](o.t)(roles.New(ctx, p, "user-sim0004", openai.AdminOrganizationProjectUserRoleNewParams{RoleID: r}))
	ok[openai.AdminOrganizationProjectUserRoleGetResponse](o.t)(roles.Get(ctx, p, "user-sim0004", r))
	list, err := roles.List(ctx, p, "user-sim0004", openai.AdminOrganizationProjectUserRoleListParams{})
	if err != nil || len(list.Data) != 2 || list.Data[0].ID != "role-api-project-owner__api-project__"+p {
		o.t.Errorf("roles of the member are %v, %v", list, err)
	}
	valid(o.t, list)
	ok[openai.AdminOrganizationProjectUserRoleDeleteResponse](o.t)(roles.Delete(ctx, p, "user-sim0004", r))
}
