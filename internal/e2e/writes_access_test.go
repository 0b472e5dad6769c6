package e2e_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/openai/openai-go/v3"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// More ids of sim.Demo.
const (
	auditor   = "role_sim0001"
	keyKeeper = "role_sim0002"
	runner    = "role_sim0003" // of search-prod
	platform  = "group_sim0001"
	viewer    = "role-api-project-viewer"
)

// in is the alias under which the API answers with a predefined role of a project.
func in(project, role string) string { return role + "__api-project__" + project }

func roles() []write {
	return []write{
		{kind: "roles", route: "create", yaml: `roles: [{name: deployer, description: ships, permissions: [api.groups.write, api.groups.read]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Roles.New(ctx, openai.AdminOrganizationRoleNewParams{RoleName: "deployer", Description: openai.String("ships"),
					Permissions: []string{"api.groups.write", "api.groups.read"}}))
			}},
		{kind: "roles", route: "create", about: "that may do nothing", yaml: `roles: [{name: badge, permissions: []}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Roles.New(ctx, openai.AdminOrganizationRoleNewParams{RoleName: "badge", Permissions: []string{}}))
			}},
		{kind: "roles", route: "update", yaml: `roles: [{name: auditor, permissions: [api.groups.read], description: ""}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Roles.Update(ctx, auditor, openai.AdminOrganizationRoleUpdateParams{Permissions: []string{"api.groups.read"}, Description: openai.String("")}))
			}},
		{kind: "roles", route: "delete", about: "takes assignments along", yaml: `roles: [{name: key-keeper, state: absent}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Roles.Delete(ctx, keyKeeper))
			}},
		{kind: "users/roles", route: "create", yaml: `users: [{email: Alan@acme.example, roles: [auditor]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Users.Roles.New(ctx, alan, openai.AdminOrganizationUserRoleNewParams{RoleID: auditor}))
			}},
		{kind: "users/roles", route: "create", about: "of a role that is made just before", yaml: `
roles: [{name: badge, permissions: []}]
users: [{email: alan@acme.example, roles: [badge]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				badge, err := a.Roles.New(ctx, openai.AdminOrganizationRoleNewParams{RoleName: "badge", Permissions: []string{}})
				if err != nil {
					return err
				}
				return sent(a.Users.Roles.New(ctx, alan, openai.AdminOrganizationUserRoleNewParams{RoleID: badge.ID}))
			}},
		{kind: "users/roles", route: "delete", about: "after another one is added", yaml: `users: [{email: grace@acme.example, roles: [key-keeper, {name: auditor, state: absent}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				if err := sent(a.Users.Roles.New(ctx, grace, openai.AdminOrganizationUserRoleNewParams{RoleID: keyKeeper})); err != nil {
					return err
				}
				return sent(a.Users.Roles.Delete(ctx, grace, auditor))
			}},
	}
}

func groups() []write {
	return []write{
		{kind: "groups", route: "create", yaml: `groups: [sre]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Groups.New(ctx, openai.AdminOrganizationGroupNewParams{Name: "sre"}))
			}},
		{kind: "groups", route: "delete", about: "takes all of it along", yaml: `groups: [{name: platform, state: absent}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Groups.Delete(ctx, platform))
			}},
		{kind: "groups/users", route: "create", yaml: `groups: [{name: platform, users: [Grace@acme.example]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Groups.Users.New(ctx, platform, openai.AdminOrganizationGroupUserNewParams{UserID: grace}))
			}},
		{kind: "groups/users", route: "create", about: "of a new group", yaml: `groups: [{name: sre, users: [grace@acme.example]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				g, err := a.Groups.New(ctx, openai.AdminOrganizationGroupNewParams{Name: "sre"})
				if err != nil {
					return err
				}
				return sent(a.Groups.Users.New(ctx, g.ID, openai.AdminOrganizationGroupUserNewParams{UserID: grace}))
			}},
		{kind: "groups/users", route: "delete", yaml: `groups: [{name: platform, users: [{email: barbara@acme.example, state: absent}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Groups.Users.Delete(ctx, platform, barbara))
			}},
		{kind: "groups/roles", route: "create", yaml: `groups: [{name: platform, roles: [auditor]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Groups.Roles.New(ctx, platform, openai.AdminOrganizationGroupRoleNewParams{RoleID: auditor}))
			}},
		{kind: "groups/roles", route: "delete", about: "prunes", yaml: `
policy: {prune: ["groups/*/roles/*"]}
groups: [{name: platform, roles: []}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Groups.Roles.Delete(ctx, platform, keyKeeper))
			}},
	}
}

// projectRoles is a table, as long as there are such writes.
func projectRoles() []write {
	type granted = openai.AdminOrganizationProjectGroupNewParams
	return []write{
		{kind: "projects/roles", route: "create", yaml: `projects: [{name: support-bot, roles: [{name: caller, permissions: [api.model.request]}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.Roles.New(ctx, supportBot, openai.AdminOrganizationProjectRoleNewParams{RoleName: "caller", Permissions: []string{"api.model.request"}}))
			}},
		{kind: "projects/roles", route: "update", yaml: `projects: [{name: search-prod, roles: [{name: runner, description: runs}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.Roles.Update(ctx, searchProd, runner, openai.AdminOrganizationProjectRoleUpdateParams{Description: openai.String("runs")}))
			}},
		{kind: "projects/roles", route: "delete", yaml: `projects: [{name: search-prod, roles: [{name: runner, state: absent}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.Roles.Delete(ctx, searchProd, runner))
			}},
		{kind: "projects/users/roles", route: "create", yaml: `projects: [{name: search-prod, users: [{email: alan@acme.example, roles: [runner]}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.Users.Roles.New(ctx, searchProd, alan, openai.AdminOrganizationProjectUserRoleNewParams{RoleID: runner}))
			}},
		{kind: "projects/users/roles", route: "create", about: "of a predefined role", yaml: `projects: [{name: search-prod, users: [{email: alan@acme.example, roles: [viewer]}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.Users.Roles.New(ctx, searchProd, alan, openai.AdminOrganizationProjectUserRoleNewParams{RoleID: viewer}))
			}},
		{kind: "projects/users/roles", route: "delete", yaml: `projects: [{name: search-prod, users: [{email: grace@acme.example, roles: [{name: runner, state: absent}]}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.Users.Roles.Delete(ctx, searchProd, grace, runner))
			}},
		{kind: "projects/groups", route: "create", about: "carries its role", yaml: `projects: [{name: support-bot, groups: [{name: platform, roles: [viewer]}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.Groups.New(ctx, supportBot, granted{GroupID: platform, Role: viewer}))
			}},
		{kind: "projects/groups", route: "create", about: "carries the first of its roles", yaml: `projects: [{name: support-bot, groups: [{name: platform, roles: [viewer, member]}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				if err := sent(a.Projects.Groups.New(ctx, supportBot, granted{GroupID: platform, Role: "role-api-project-member"})); err != nil {
					return err
				}
				return sent(a.Projects.Groups.Roles.New(ctx, supportBot, platform, openai.AdminOrganizationProjectGroupRoleNewParams{RoleID: viewer}))
			}},
		{kind: "projects/groups", route: "create", about: "of a group and a role that are made just before", yaml: `
groups: [sre]
projects: [{name: support-bot, roles: [{name: caller, permissions: []}], groups: [{name: sre, roles: [caller]}]}]`,
			anyOrder: true,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				g, err := a.Groups.New(ctx, openai.AdminOrganizationGroupNewParams{Name: "sre"})
				if err != nil {
					return err
				}
				r, err := a.Projects.Roles.New(ctx, supportBot, openai.AdminOrganizationProjectRoleNewParams{RoleName: "caller", Permissions: []string{}})
				if err != nil {
					return err
				}
				return sent(a.Projects.Groups.New(ctx, supportBot, granted{GroupID: g.ID, Role: r.ID}))
			}},
		{kind: "projects/groups", route: "delete", yaml: `projects: [{name: search-prod, groups: [{name: platform, state: absent}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.Groups.Delete(ctx, searchProd, platform))
			}},
		{kind: "projects/groups/roles", route: "create", yaml: `projects: [{name: search-prod, groups: [{name: platform, roles: [viewer]}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.Groups.Roles.New(ctx, searchProd, platform, openai.AdminOrganizationProjectGroupRoleNewParams{RoleID: viewer}))
			}},
		{kind: "projects/groups/roles", route: "delete", about: "by the id that the list has", yaml: `
projects: [{name: search-prod, groups: [{name: platform, roles: [viewer, {name: owner, state: absent}]}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				if err := sent(a.Projects.Groups.Roles.New(ctx, searchProd, platform, openai.AdminOrganizationProjectGroupRoleNewParams{RoleID: viewer})); err != nil {
					return err
				}
				return sent(a.Projects.Groups.Roles.Delete(ctx, searchProd, platform, in(searchProd, "role-api-project-owner")))
			}},
	}
}

// keys are allow lists: all that a plan does is to remove.
func keys() []write {
	return []write{
		{kind: "admin_api_keys", route: "delete", yaml: `admin_api_keys: [bylaw, {name: audit export, state: absent}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.AdminAPIKeys.Delete(ctx, "key_sim0002"))
			}},
		{kind: "admin_api_keys", route: "delete", about: "prunes", yaml: `
policy: {prune: ["admin_api_keys/*"]}
admin_api_keys: [bylaw, audit export]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.AdminAPIKeys.Delete(ctx, "key_acme0010"))
			}},
		{kind: "projects/service_accounts/api_keys", route: "create", about: "is due, and for somebody who can keep its secret", due: "projects/search-prod/service_accounts/indexer/api_keys/ci",
			yaml: `projects: [{name: search-prod, service_accounts: [{name: indexer, api_keys: [ci]}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.ServiceAccounts.APIKeys.New(ctx, searchProd, "svc_acct_sim0001",
					openai.AdminOrganizationProjectServiceAccountAPIKeyNewParams{Name: openai.String("ci")}))
			}},
		{kind: "projects/service_accounts/api_keys", route: "delete", yaml: `projects: [{name: search-prod, service_accounts: [{name: ranker, api_keys: [{name: ranker spare, state: absent}]}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.APIKeys.Delete(ctx, searchProd, "key_acme0005"))
			}},
		{kind: "projects/api_keys", route: "delete", yaml: `projects: [{name: search-prod, api_keys: [{owner: ken@acme.example, name: "ken's laptop", state: absent}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.APIKeys.Delete(ctx, searchProd, "key_acme0002"))
			}},
		{kind: "projects/api_keys", route: "delete", about: "prunes people's and leaves those of service accounts", yaml: `
policy: {prune: ["projects/*/api_keys/*"]}
projects: [{name: search-prod, api_keys: [{owner: Grace@acme.example, name: "grace's notebook"}, {owner: edsger@acme.example, name: reindex by hand}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.APIKeys.Delete(ctx, searchProd, "key_acme0002"))
			}},
	}
}

// certificates: activation takes up to ten at once. A table, as long as there are such writes.
func certificates() []write {
	content := sim.Demo().Certificates[1].Content
	ids, names := []string{}, []string{}
	for i := range 10 {
		ids, names = append(ids, fmt.Sprintf("cert_%d", i)), append(names, fmt.Sprintf("gw-%d", i))
	}
	ten := func(s *sim.State) {
		for i, id := range ids {
			s.Certificates = append(s.Certificates, sim.Certificate{ID: id, Name: &names[i], Content: content})
		}
	}
	return []write{
		{kind: "certificates", route: "create", yaml: fmt.Sprintf(`certificates: [{name: gateway, certificate: %q}]`, content),
			state: func(s *sim.State) { s.Certificates, s.Projects[1].Certificates = s.Certificates[:1], nil },
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Certificates.New(ctx, openai.AdminOrganizationCertificateNewParams{Name: openai.String("gateway"), Certificate: content}))
			}},
		{kind: "certificates", route: "delete", yaml: `certificates: [{name: search, state: absent}]`,
			state: func(s *sim.State) { s.Projects[1].Certificates = nil },
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Certificates.Delete(ctx, "cert_sim0002"))
			}},
		{kind: "certificates", route: "delete", about: "after it is active no more", yaml: `
certificates: [{name: ingress, state: absent}]
active_certificates: []`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				if err := sent(a.Certificates.Deactivate(ctx, openai.AdminOrganizationCertificateDeactivateParams{CertificateIDs: []string{"cert_sim0001"}})); err != nil {
					return err
				}
				return sent(a.Certificates.Delete(ctx, "cert_sim0001"))
			}},
		{kind: "active_certificates", route: "create", about: "ten at once", yaml: "active_certificates: [" + strings.Join(names, ", ") + "]", state: ten,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Certificates.Activate(ctx, openai.AdminOrganizationCertificateActivateParams{CertificateIDs: ids}))
			}},
		{kind: "active_certificates", route: "delete", about: "after another one is active", yaml: `active_certificates: [search, {name: ingress, state: absent}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				if err := sent(a.Certificates.Activate(ctx, openai.AdminOrganizationCertificateActivateParams{CertificateIDs: []string{"cert_sim0002"}})); err != nil {
					return err
				}
				return sent(a.Certificates.Deactivate(ctx, openai.AdminOrganizationCertificateDeactivateParams{CertificateIDs: []string{"cert_sim0001"}}))
			}},
		{kind: "active_certificates", route: "delete", about: "ten at once", yaml: `
policy: {prune: ["active_certificates/*"], max_removals: 10}
active_certificates: [ingress]`,
			state: func(s *sim.State) {
				ten(s)
				for i := range s.Certificates {
					s.Certificates[i].Active = s.Certificates[i].ID != "cert_sim0002"
				}
			},
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Certificates.Deactivate(ctx, openai.AdminOrganizationCertificateDeactivateParams{CertificateIDs: ids}))
			}},
		{kind: "projects/certificates", route: "create", about: "ten at once", yaml: "projects: [{name: support-bot, certificates: [" + strings.Join(names, ", ") + "]}]", state: ten,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.Certificates.Activate(ctx, supportBot, openai.AdminOrganizationProjectCertificateActivateParams{CertificateIDs: ids}))
			}},
		{kind: "projects/certificates", route: "delete", yaml: `projects: [{name: search-prod, certificates: [{name: search, state: absent}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.Certificates.Deactivate(ctx, searchProd, openai.AdminOrganizationProjectCertificateDeactivateParams{CertificateIDs: []string{"cert_sim0002"}}))
			}},
	}
}
