package sim

import (
	"slices"
	"strings"
)

const (
	org  = "/v1/organization"
	proj = org + "/projects/{project_id}"
	api  = "/v1/projects/{project_id}" // where the roles of projects are
)

// routes is everything that is served. "Archived projects cannot be used or updated", so every write
// below one is refused; of the reads, the lists of users and service accounts are (reference: the 400
// answers of those operations).
func routes() []route {
	table := slices.Concat(people(), projects(), settings(), spendRoutes(org), spendRoutes(proj),
		meterRoutes(), certificates(), cloud(), groups(), roleRoutes(org), roleRoutes(api),
		assignmentRoutes(org+"/users/{user_id}"), assignmentRoutes(org+"/groups/{group_id}"),
		assignmentRoutes(api+"/users/{user_id}"), assignmentRoutes(api+"/groups/{group_id}"))
	for i := range table {
		table[i].segments = strings.Split(table[i].template, "/")
	}
	return table
}

func people() []route {
	return []route{
		{method: "GET", template: org + "/users", handle: listUsers, list: userList()},
		{method: "GET", template: org + "/users/{user_id}", handle: getUser},
		{method: "POST", template: org + "/users/{user_id}", handle: updateUser, fields: userUpdate},
		{method: "DELETE", template: org + "/users/{user_id}", handle: deleteUser},

		{method: "GET", template: org + "/invites", handle: listInvites, list: standard()},
		{method: "POST", template: org + "/invites", handle: createInvite, fields: inviteCreate},
		{method: "GET", template: org + "/invites/{invite_id}", handle: getInvite},
		{method: "DELETE", template: org + "/invites/{invite_id}", handle: deleteInvite},

		{method: "GET", template: org + "/audit_logs", handle: listAuditLogs, list: auditList()},
		{method: "GET", template: org + "/admin_api_keys", handle: listAdminKeys, list: adminKeyList()},
		{method: "POST", template: org + "/admin_api_keys", handle: createAdminKey, fields: adminKeyCreate},
		{method: "GET", template: org + "/admin_api_keys/{key_id}", handle: getAdminKey},
		{method: "DELETE", template: org + "/admin_api_keys/{key_id}", handle: deleteAdminKey},
	}
}

// projects are the projects and who is in them.
func projects() []route {
	const (
		member  = proj + "/users/{user_id}"
		account = proj + "/service_accounts/{service_account_id}"
		key     = proj + "/api_keys/{api_key_id}"
	)
	return []route{
		{method: "GET", template: org + "/projects", handle: listProjects, list: projectList()},
		{method: "POST", template: org + "/projects", handle: createProject, fields: projectCreate},
		{method: "GET", template: proj, handle: getProject},
		{method: "POST", template: proj, handle: updateProject, fields: projectUpdate, guard: custom},
		{method: "POST", template: proj + "/archive", handle: archiveProject, guard: custom},

		{method: "GET", template: proj + "/users", handle: listMembers, list: standard(), guard: notArchived},
		{method: "POST", template: proj + "/users", handle: createMember, fields: memberCreate, guard: custom},
		{method: "GET", template: member, handle: getMember},
		{method: "POST", template: member, handle: updateMember, fields: memberUpdate, guard: notArchived},
		{method: "DELETE", template: member, handle: deleteMember, guard: notArchived},

		{method: "GET", template: proj + "/service_accounts", handle: listServiceAccounts, list: standard(), guard: notArchived},
		{method: "POST", template: proj + "/service_accounts", handle: createServiceAccount, fields: serviceAccountCreate, guard: custom},
		{method: "GET", template: account, handle: getServiceAccount},
		{method: "POST", template: account, handle: updateServiceAccount, fields: serviceAccountUpdate, guard: notArchived},
		{method: "DELETE", template: account, handle: deleteServiceAccount, guard: notArchived},
		{method: "POST", template: account + "/api_keys", handle: createServiceAccountKey, fields: serviceAccountKeyCreate, optional: true, guard: notArchived},

		{method: "GET", template: proj + "/api_keys", handle: listAPIKeys, list: apiKeyList()},
		{method: "GET", template: key, handle: getAPIKey},
		{method: "POST", template: key, handle: updateAPIKey, fields: apiKeyUpdate, guard: notArchived},
		{method: "DELETE", template: key, handle: deleteAPIKey, guard: notArchived},
	}
}

// settings are what an organization or a project has one of, and the rate limits, one a model.
func settings() []route {
	return []route{
		{method: "GET", template: proj + "/rate_limits", handle: listRateLimits, list: rateLimitList(), guard: flat404},
		{method: "POST", template: proj + "/rate_limits/{rate_limit_id}", handle: updateRateLimit, fields: rateLimitUpdate(), guard: custom | flat404},

		{method: "GET", template: proj + "/model_permissions", handle: getModelPermissions},
		{method: "POST", template: proj + "/model_permissions", handle: updateModelPermissions, fields: modelPermissionsUpdate, guard: notArchived},
		{method: "DELETE", template: proj + "/model_permissions", handle: deleteModelPermissions, guard: notArchived},
		{method: "GET", template: proj + "/hosted_tool_permissions", handle: getHostedTools},
		{method: "POST", template: proj + "/hosted_tool_permissions", handle: updateHostedTools, fields: hostedToolsUpdate(), guard: notArchived},
		{method: "GET", template: proj + "/data_retention", handle: getRetention},
		{method: "POST", template: proj + "/data_retention", handle: updateRetention, fields: projectRetentionUpdate(), guard: notArchived},
		{method: "GET", template: proj + "/service_tier_settings", handle: getServiceTiers},
		{method: "POST", template: proj + "/service_tier_settings", handle: updateServiceTiers, fields: serviceTiersUpdate, guard: notArchived},
		{method: "GET", template: org + "/data_retention", handle: getRetention},
		{method: "POST", template: org + "/data_retention", handle: updateRetention, fields: orgRetentionUpdate},
	}
}

func spendRoutes(scope string) []route {
	alert := scope + "/spend_alerts/{alert_id}"
	return []route{
		{method: "GET", template: scope + "/spend_limit", handle: getSpendLimit},
		{method: "POST", template: scope + "/spend_limit", handle: updateSpendLimit, fields: spendLimitBody(), guard: notArchived},
		{method: "DELETE", template: scope + "/spend_limit", handle: deleteSpendLimit, guard: notArchived},
		{method: "GET", template: scope + "/spend_alerts", handle: listSpendAlerts, list: spendAlertList()},
		{method: "POST", template: scope + "/spend_alerts", handle: createSpendAlert, fields: spendAlertBody(), guard: notArchived},
		{method: "GET", template: alert, handle: getSpendAlert},
		{method: "POST", template: alert, handle: updateSpendAlert, fields: spendAlertBody(), guard: notArchived},
		{method: "DELETE", template: alert, handle: deleteSpendAlert, guard: notArchived},
	}
}

func groups() []route {
	const (
		group   = org + "/groups/{group_id}"
		user    = group + "/users/{user_id}"
		granted = proj + "/groups/{group_id}"
	)
	return []route{
		{method: "GET", template: org + "/groups", handle: listGroups, list: tokens(100, 1000, "asc")},
		{method: "POST", template: org + "/groups", handle: createGroup, fields: groupBody},
		{method: "GET", template: group, handle: getGroup},
		{method: "POST", template: group, handle: updateGroup, fields: groupBody},
		{method: "DELETE", template: group, handle: deleteGroup},
		{method: "GET", template: group + "/users", handle: listGroupUsers, list: tokens(100, 1000, "desc")},
		{method: "POST", template: group + "/users", handle: createGroupUser, fields: groupUserCreate},
		{method: "GET", template: user, handle: getGroupUser},
		{method: "DELETE", template: user, handle: deleteGroupUser},

		{method: "GET", template: proj + "/groups", handle: listProjectGroups, list: tokens(20, 100, "asc")},
		{method: "POST", template: proj + "/groups", handle: createProjectGroup, fields: projectGroupCreate, guard: custom},
		{method: "GET", template: granted, handle: getProjectGroup, list: groupType()},
		{method: "DELETE", template: granted, handle: deleteProjectGroup, guard: notArchived},
	}
}

func roleRoutes(scope string) []route {
	one := scope + "/roles/{role_id}"
	return []route{
		{method: "GET", template: scope + "/roles", handle: listRoles, list: tokens(1000, 1000, "asc")},
		{method: "POST", template: scope + "/roles", handle: createRole, fields: roleCreate, guard: notArchived},
		{method: "GET", template: one, handle: getRole},
		{method: "POST", template: one, handle: updateRole, fields: roleUpdate, guard: notArchived},
		{method: "DELETE", template: one, handle: deleteRole, guard: notArchived},
	}
}

// assignmentRoutes are the roles of a holder, a user or a group.
func assignmentRoutes(holder string) []route {
	one := holder + "/roles/{role_id}"
	return []route{
		{method: "GET", template: holder + "/roles", handle: listAssignments, list: assignmentList()},
		{method: "POST", template: holder + "/roles", handle: assignRole, fields: roleAssign, guard: notArchived},
		{method: "GET", template: one, handle: getAssignment},
		{method: "DELETE", template: one, handle: unassignRole, guard: notArchived},
	}
}

func certificates() []route {
	const (
		one  = org + "/certificates/{certificate_id}"
		all  = org + "/certificates"
		here = proj + "/certificates"
	)
	return []route{
		{method: "GET", template: all, handle: listCertificates, list: certificateList()},
		{method: "POST", template: all, handle: createCertificate, fields: certificateCreate},
		{method: "POST", template: all + "/activate", handle: activateCertificates, fields: certificateToggle},
		{method: "POST", template: all + "/deactivate", handle: deactivateCertificates, fields: certificateToggle},
		{method: "GET", template: one, handle: getCertificate, list: certificateGet()},
		{method: "POST", template: one, handle: updateCertificate, fields: certificateUpdate},
		{method: "DELETE", template: one, handle: deleteCertificate},
		{method: "GET", template: here, handle: listCertificates, list: certificateList()},
		{method: "POST", template: here + "/activate", handle: activateCertificates, fields: certificateToggle, guard: notArchived},
		{method: "POST", template: here + "/deactivate", handle: deactivateCertificates, fields: certificateToggle, guard: notArchived},
	}
}

// cloud is what the organization has with cloud providers and issuers of tokens.
func cloud() []route {
	const (
		key     = org + "/external_keys/{external_key_id}"
		storage = org + "/external_storage/{external_storage_id}"
		issuer  = org + "/workload_identity_providers/{workload_identity_provider_id}"
		rule    = issuer + "/federation_rules/{workload_identity_federation_rule_id}"
	)
	return []route{
		{method: "GET", template: org + "/external_keys", handle: listExternalKeys, list: externalKeyList()},
		{method: "POST", template: org + "/external_keys", handle: createExternalKey, fields: externalKeyCreate},
		{method: "GET", template: key, handle: getExternalKey},
		{method: "DELETE", template: key, handle: deleteExternalKey},
		{method: "POST", template: key + "/validate", handle: validateExternalKey},

		{method: "GET", template: org + "/external_storage", handle: listExternalStorage, list: externalStorageList()},
		{method: "POST", template: org + "/external_storage", handle: createExternalStorage, fields: externalStorageCreate},
		{method: "GET", template: storage, handle: getExternalStorage},
		{method: "DELETE", template: storage, handle: deleteExternalStorage},
		{method: "POST", template: storage + "/validate", handle: validateExternalStorage},

		{method: "GET", template: org + "/workload_identity_providers", handle: listWorkloadProviders, list: cloudList()},
		{method: "POST", template: org + "/workload_identity_providers", handle: createWorkloadProvider, fields: workloadFields(true)},
		{method: "GET", template: issuer, handle: getWorkloadProvider},
		{method: "POST", template: issuer, handle: updateWorkloadProvider, fields: workloadFields(false)},
		{method: "DELETE", template: issuer, handle: deleteWorkloadProvider},
		{method: "GET", template: issuer + "/federation_rules", handle: listRules, list: ruleList()},
		{method: "POST", template: issuer + "/federation_rules", handle: createRule, fields: ruleCreate()},
		{method: "GET", template: rule, handle: getRule},
		{method: "POST", template: rule, handle: updateRule, fields: ruleUpdate},
		{method: "DELETE", template: rule, handle: deleteRule},
	}
}
