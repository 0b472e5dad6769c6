package sim

import (
	"net/url"
	"strings"
)

// A route is one row of the table: everything that differs between the operations of the API.
type route struct {
	method, template string
	handle           func(*call) (any, error)
	fields           []field  // what the request body may say; nil for none
	list             *listing // how the answer pages; nil for no query at all
	guard            guard

	segments []string
}

// A guard says which projects refuse the operation.
type guard int

const (
	notArchived guard = 1 << iota // 400 project_archived
	notDefault                    // 400 for the default project
	flat404                       // an unknown project is told in the flat envelope
)

// custom is for what only an active project other than the default one takes.
const custom = notArchived | notDefault

// routes is everything that is served. "Archived projects cannot be used or updated", so every write
// below one is refused; of the reads, the lists of users and service accounts are (reference: the 400
// answers of those operations). The function is long because it is the table.
func routes() []route {
	const (
		org     = "/v1/organization"
		proj    = org + "/projects/{project_id}"
		alert   = "/spend_alerts/{alert_id}"
		member  = proj + "/users/{user_id}"
		account = proj + "/service_accounts/{service_account_id}"
	)
	table := []route{
		{method: "GET", template: org + "/projects", handle: listProjects, list: projectList()},
		{method: "POST", template: org + "/projects", handle: createProject, fields: projectCreate},
		{method: "GET", template: proj, handle: getProject},
		{method: "POST", template: proj, handle: updateProject, fields: projectUpdate, guard: custom},
		{method: "POST", template: proj + "/archive", handle: archiveProject, guard: custom},

		{method: "GET", template: org + "/users", handle: listUsers, list: userList()},
		{method: "GET", template: org + "/users/{user_id}", handle: getUser},
		{method: "POST", template: org + "/users/{user_id}", handle: updateUser, fields: userUpdate},
		{method: "DELETE", template: org + "/users/{user_id}", handle: deleteUser},

		{method: "GET", template: org + "/invites", handle: listInvites, list: standard()},
		{method: "POST", template: org + "/invites", handle: createInvite, fields: inviteCreate},
		{method: "GET", template: org + "/invites/{invite_id}", handle: getInvite},
		{method: "DELETE", template: org + "/invites/{invite_id}", handle: deleteInvite},

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

		{method: "GET", template: proj + "/rate_limits", handle: listRateLimits, list: rateLimitList(), guard: flat404},
		{method: "POST", template: proj + "/rate_limits/{rate_limit_id}", handle: updateRateLimit, fields: rateLimitUpdate(), guard: custom | flat404},

		{method: "GET", template: proj + "/model_permissions", handle: getModelPermissions},
		{method: "POST", template: proj + "/model_permissions", handle: updateModelPermissions, fields: modelPermissionsUpdate, guard: notArchived},
		{method: "DELETE", template: proj + "/model_permissions", handle: deleteModelPermissions, guard: notArchived},
		{method: "GET", template: proj + "/hosted_tool_permissions", handle: getHostedTools},
		{method: "POST", template: proj + "/hosted_tool_permissions", handle: updateHostedTools, fields: hostedToolsUpdate(), guard: notArchived},
		{method: "GET", template: proj + "/data_retention", handle: getRetention},
		{method: "POST", template: proj + "/data_retention", handle: updateRetention, fields: projectRetentionUpdate(), guard: notArchived},
		{method: "GET", template: org + "/data_retention", handle: getRetention},
		{method: "POST", template: org + "/data_retention", handle: updateRetention, fields: orgRetentionUpdate},

		{method: "GET", template: org + "/audit_logs", handle: listAuditLogs, list: auditList()},
		{method: "GET", template: org + "/admin_api_keys", handle: listAdminKeys, list: adminKeyList()},
		{method: "POST", template: org + "/admin_api_keys", handle: createAdminKey, fields: adminKeyCreate},
		{method: "GET", template: org + "/admin_api_keys/{key_id}", handle: getAdminKey},
		{method: "DELETE", template: org + "/admin_api_keys/{key_id}", handle: deleteAdminKey},
	}
	for _, scope := range []string{org, proj} {
		table = append(table,
			route{method: "GET", template: scope + "/spend_limit", handle: getSpendLimit},
			route{method: "POST", template: scope + "/spend_limit", handle: updateSpendLimit, fields: spendLimitBody(), guard: notArchived},
			route{method: "DELETE", template: scope + "/spend_limit", handle: deleteSpendLimit, guard: notArchived},
			route{method: "GET", template: scope + "/spend_alerts", handle: listSpendAlerts, list: spendAlertList()},
			route{method: "POST", template: scope + "/spend_alerts", handle: createSpendAlert, fields: spendAlertBody(), guard: notArchived},
			route{method: "GET", template: scope + alert, handle: getSpendAlert},
			route{method: "POST", template: scope + alert, handle: updateSpendAlert, fields: spendAlertBody(), guard: notArchived},
			route{method: "DELETE", template: scope + alert, handle: deleteSpendAlert, guard: notArchived},
		)
	}
	for i := range table {
		table[i].segments = strings.Split(table[i].template, "/")
	}
	return table
}

func (r *route) name() string { return r.method + " " + r.template }

// find is the route of a request and the values of its parameters. When none fits, allowed are the
// methods that the path does take.
func find(table []route, method, escapedPath string) (found *route, params map[string]string, allowed []string) {
	segments := strings.Split(escapedPath, "/")
	for i := range table {
		p, ok := table[i].match(segments)
		if ok && table[i].method == method {
			return &table[i], p, nil
		}
		if ok {
			allowed = append(allowed, table[i].method)
		}
	}
	return nil, nil, allowed
}

// match compares segment by segment: a parameter takes exactly one, not empty, unescaped.
func (r *route) match(segments []string) (params map[string]string, ok bool) {
	if len(segments) != len(r.segments) {
		return nil, false
	}
	for i, want := range r.segments {
		got, err := url.PathUnescape(segments[i])
		if err != nil || got == "" && want != "" {
			return nil, false
		}
		if name, isParam := strings.CutPrefix(want, "{"); isParam {
			if params == nil {
				params = map[string]string{}
			}
			params[strings.TrimSuffix(name, "}")] = got
		} else if got != want {
			return nil, false
		}
	}
	return params, true
}
