package kind

const org, proj = "/organization", "/organization/projects/{projects}"

// The assignments of roles within a project stand outside /organization.
const projRoot = "/projects/{projects}"

var (
	post     = Call{Route: "POST ."}
	postID   = Call{Route: "POST ./{id}"}
	deleteID = Call{Route: "DELETE ./{id}"}
	deleteIt = Call{Route: "DELETE ."}

	// Activation takes up to ten certificates, all or none of them.
	activate   = Call{Route: "POST ./activate", Body: certificateIDs, Batch: 10}
	deactivate = Call{Route: "POST ./deactivate", Body: certificateIDs, Batch: 10}

	certificateIDs = map[string]any{"certificate_ids": []any{"{id}"}}

	toUser  = Ref{Field: "email", To: []string{"users/{email}"}, Write: "user_id"}
	orgRole = Ref{Field: "name", To: []string{"roles/{name}"}, Write: "role_id"}

	// Predefined project roles have an id of their own everywhere, also in a project not made yet.
	projRole = Ref{Field: "name", To: []string{"projects/{projects}/roles/{name}", "roles/{name}"}, Write: "role_id",
		Known: map[string]string{"owner": "role-api-project-owner", "member": "role-api-project-member", "viewer": "role-api-project-viewer"}}
	toCertificate = Ref{Field: "name", To: []string{"certificates/{name}"}}
)

const (
	// strictFirst orders retention controls by how much is kept.
	strictFirst = "zero_data_retention enhanced_zero_data_retention modified_abuse_monitoring enhanced_modified_abuse_monitoring organization_default none"

	// inherited is a role that comes from a group: it cannot be removed here.
	inherited  = "assignment_sources.principal_id!={parent}"
	predefined = "predefined_role=true"
	escalation = "escalation"
	disruptive = "disruptive"
)

// rows is the table, as long as the API has kinds. Comments say which quirk of the API a row answers to.
func rows() []Kind {
	return []Kind{
		// Written as `role_name`. The predefined ones are OpenAI's.
		{Name: "roles", Events: "role", Path: org + "/roles?limit=1000", Key: "name", Create: post, Update: postID, Delete: deleteID,
			Write: map[string]string{"name": "role_name"}, Foreign: []string{predefined}, Power: map[string]string{"permissions": ""}},

		// People join by invite or by the identity provider, so there is no create. The list also has
		// a row a service account.
		{Name: "users", Events: "user invite role.assignment", Path: org + "/users", Key: "email", Update: postID, Delete: deleteID,
			Skip: []string{"is_service_account=true"}, Foreign: []string{"is_scim_managed=true"},
			Late: "technical_level developer_persona", Power: map[string]string{"role": "reader owner"},
			Pending: &Kind{Name: "invites", Events: "invite", Path: org + "/invites", Key: "email", Create: post, Delete: deleteID,
				// Without `projects` an invite grants the default project.
				Replace: true, Immutable: "role", Body: map[string]any{"projects": []any{}},
				Power: map[string]string{"role": "reader owner"}, Expired: "status=expired", Used: "status=accepted",
				Carries: &Carry{Kind: "projects/users", Where: "email", Field: "projects",
					Item: map[string]any{"id": "{projects}", "role": "{role}"}}}},

		// The list also has what comes from groups, and what the person's organization role grants.
		{Name: "users/roles", Events: "role.assignment", Path: org + "/users/{users}/roles?limit=1000", Key: "name", Create: post, Delete: deleteID,
			AddFirst: true, Refs: []Ref{orgRole}, Skip: []string{inherited}, Foreign: []string{predefined}, CreateRisk: escalation},

		{Name: "groups", Events: "group", Path: org + "/groups?limit=1000", Key: "name", Create: post, Update: postID, Delete: deleteID,
			Foreign: []string{"is_scim_managed=true", "group_type=tenant_group"}},
		{Name: "groups/users", Path: org + "/groups/{groups}/users?limit=1000", Key: "email", Create: post, Delete: deleteID,
			Refs: []Ref{toUser}, ForeignParent: true, CreateRisk: escalation},
		{Name: "groups/roles", Events: "role.assignment", Path: org + "/groups/{groups}/roles?limit=1000", Key: "name", Create: post, Delete: deleteID,
			AddFirst: true, Refs: []Ref{orgRole}, Skip: []string{inherited}, CreateRisk: escalation},

		// Read as `type`, written as `retention_type`. Cannot be unset.
		{Name: "data_retention", Path: org + "/data_retention", Update: post,
			Read: map[string]string{"retention_type": "type"}, Power: map[string]string{"retention_type": strictFirst}},

		// Alerts have no name and may repeat, so the amount is the key. An update replaces the whole.
		{Name: "spend_alerts", Path: org + "/spend_alerts", Key: "threshold_amount",
			Create: post, Update: postID, Delete: deleteID, Full: true},

		// Unset answers 404. There is a report that a new alert disturbs the limit.
		{Name: "spend_limit", Path: org + "/spend_limit", Update: post, Delete: deleteIt, Full: true,
			Power: map[string]string{"threshold_amount": ""}, After: []string{"spend_alerts"}},

		// Lists leave the content out. An active one cannot be deleted.
		{Name: "certificates", Events: "certificate", Path: org + "/certificates", Key: "name", Create: post, Update: postID, Delete: deleteID,
			Detail: "./{id}?include[]=content", Read: map[string]string{"certificate": "certificate_details.content"},
			Immutable: "certificate", Irreversible: true, ChildrenFirst: true},
		{Name: "active_certificates", Events: "certificates", Path: org + "/certificates", Key: "name", Create: activate, Delete: deactivate,
			Skip: []string{"active!=true"}, AddFirst: true, Refs: []Ref{toCertificate}, CreateRisk: disruptive},

		{Name: "external_keys", Events: "external_key", Path: org + "/external_keys", Key: "name", Create: post, Delete: deleteID, Irreversible: true},

		// Made by people, once, with a secret; here they can only be kept or removed.
		{Name: "admin_api_keys", Path: org + "/admin_api_keys", Key: "name", Delete: deleteID, Irreversible: true, Redacted: "redacted_value"},

		// Names may repeat; archived projects keep theirs. The default project cannot be updated, and
		// only its name tells it apart.
		{Name: "projects", Events: "project", Path: org + "/projects?include_archived=true", Key: "name",
			Create: post, Update: postID, Delete: Call{Route: "POST ./{id}/archive"}, Irreversible: true,
			Immutable: "residency", Foreign: []string{"name=Default project"}, Archived: "status=archived", Power: map[string]string{"external_key": ""},
			Refs: []Ref{{Field: "external_key", To: []string{"external_keys/{external_key}"}, Write: "external_key_id", Read: "external_key_id"}}},

		{Name: "projects/roles", Events: "role", Path: projRoot + "/roles?limit=1000", Key: "name", Create: post, Update: postID, Delete: deleteID,
			Write: map[string]string{"name": "role_name"}, Foreign: []string{predefined, "resource_type!=api.project"},
			Power: map[string]string{"permissions": ""}},

		{Name: "projects/users", Events: "user role.assignment", Path: proj + "/users", Key: "email", Create: post, Update: postID, Delete: deleteID,
			Refs: []Ref{toUser}, Implied: "users/{email}#role=owner", Power: map[string]string{"role": "member owner"}},
		// The list also has what the membership's own role grants.
		{Name: "projects/users/roles", Events: "role.assignment", Path: projRoot + "/users/{users}/roles?limit=1000", Key: "name", Create: post, Delete: deleteID,
			AddFirst: true, Refs: []Ref{projRole}, Skip: []string{inherited}, Foreign: []string{"name=owner", "name=member"}, CreateRisk: escalation},

		// A grant takes its first role along, and the answer does not say which one it was.
		{Name: "projects/groups", Events: "role.assignment", Path: proj + "/groups", Key: "name", ID: "group_id", Create: post, Delete: deleteID,
			Read: map[string]string{"name": "group_name"}, CreateRisk: escalation,
			Refs:    []Ref{{Field: "name", To: []string{"groups/{name}"}, Write: "group_id"}},
			Carries: &Carry{Kind: "projects/groups/roles", Where: "{parent}", Field: "role"}},
		{Name: "projects/groups/roles", Events: "role.assignment", Path: projRoot + "/groups/{groups}/roles?limit=1000", Key: "name", Create: post, Delete: deleteID,
			AddFirst: true, Refs: []Ref{projRole}, Skip: []string{inherited}, CreateRisk: escalation},

		// Created without a key, and then without a role: `none`, which cannot be written.
		{Name: "projects/service_accounts", Events: "service_account", Path: proj + "/service_accounts", Key: "name",
			Create: post, Update: postID, Delete: deleteID, Body: map[string]any{"create_service_account_only": true},
			Late: "role", Irreversible: true, Power: map[string]string{"role": "none member owner"}},

		// Listed with the project's keys. The secret is shown once, so a plan never makes one.
		{Name: "projects/service_accounts/api_keys", Events: "api_key", Path: proj + "/api_keys?owner_project_access=any", Key: "name", Delete: deleteID,
			Create: Call{Route: "POST " + proj + "/service_accounts/{service_accounts}/api_keys"}, Secret: "value", Irreversible: true,
			Skip: []string{"owner.type!=service_account", "owner.service_account.id!={parent}"}},

		// People's own keys; without owner_project_access the list may hide some that work.
		{Name: "projects/api_keys", Events: "api_key", Path: proj + "/api_keys?owner_project_access=any", Key: "owner name", Delete: deleteID, Irreversible: true,
			Read: map[string]string{"owner": "owner.user.email"}, Skip: []string{"owner.type!=user"}},

		// Unset answers 404 and means every model. Both fields are always written, [] never null.
		{Name: "projects/model_permissions", Path: proj + "/model_permissions", Update: post, Delete: deleteIt, Full: true,
			Power: map[string]string{"mode": "allow_list deny_list", "model_ids": ""}, Inverse: "mode=deny_list"},

		// One row a model, given by the API; model permissions may change which ones are listed.
		{Name: "projects/rate_limits", Events: "rate_limit", Path: proj + "/rate_limits?limit=1000", Key: "model", Update: postID,
			Power: map[string]string{"*": ""}, After: []string{"projects/model_permissions"}},

		{Name: "projects/hosted_tool_permissions", Path: proj + "/hosted_tool_permissions", Update: post,
			Power: map[string]string{"*": ""}},

		// When the last one goes, the project's data retention is reset.
		{Name: "projects/external_storage", Events: "external_storage", Path: org + "/external_storage?project_id={projects}", Create: post, Delete: deleteID,
			Key:  "provider.type provider.account_name provider.container provider.bucket",
			Body: map[string]any{"project_id": "{projects}"}, Irreversible: true},

		{Name: "projects/data_retention", Path: proj + "/data_retention", Update: post,
			Read: map[string]string{"retention_type": "type"}, Power: map[string]string{"retention_type": strictFirst},
			After: []string{"projects/external_storage"}},

		{Name: "projects/spend_alerts", Path: proj + "/spend_alerts", Key: "threshold_amount",
			Create: post, Update: postID, Delete: deleteID, Full: true},

		{Name: "projects/spend_limit", Path: proj + "/spend_limit", Update: post, Delete: deleteIt, Full: true,
			Power: map[string]string{"threshold_amount": ""}, After: []string{"projects/spend_alerts"}},

		// `all` is not the full list: it takes in tiers to come.
		{Name: "projects/service_tier_settings", Path: proj + "/service_tier_settings", Update: post,
			Power: map[string]string{"enabled_tiers": "all", "default": ""}},

		{Name: "projects/certificates", Events: "certificates", Path: proj + "/certificates", Key: "name", Create: activate, Delete: deactivate,
			Skip: []string{"active!=true"}, AddFirst: true, Refs: []Ref{toCertificate}, CreateRisk: disruptive},

		// Both ends exist before the rules that join them. A provider goes after its rules.
		{Name: "workload_identity_providers", Events: "workload_identity_provider", Path: org + "/workload_identity_providers", Key: "name",
			Create: post, Update: postID, Delete: deleteID, Body: map[string]any{"type": "oidc"}, ChildrenFirst: true, CreateRisk: escalation,
			Power: map[string]string{"issuer": "", "audience": "", "enabled": "", "verification": "", "attribute_transformations": ""}},
		{Name: "workload_identity_providers/federation_rules", Events: "workload_identity_provider_mapping", Key: "name",
			Path:   org + "/workload_identity_providers/{workload_identity_providers}/federation_rules",
			Create: post, Update: postID, Delete: deleteID, Replace: true, Immutable: "project service_account", CreateRisk: escalation,
			Power: map[string]string{"enabled": "", "attribute_matchers": "", "permissions": ""},
			Refs: []Ref{
				{Field: "project", To: []string{"projects/{project}"}, Write: "project_id", Read: "project_id"},
				{Field: "service_account", To: []string{"projects/{project}/service_accounts/{service_account}"},
					Write: "service_account_id", Read: "service_account_id"}}},
	}
}
