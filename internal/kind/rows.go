package kind

const org, proj = "/organization", "/organization/projects/{projects}"

var (
	post     = Call{Route: "POST ."}
	postID   = Call{Route: "POST ./{id}"}
	deleteID = Call{Route: "DELETE ./{id}"}
	deleteIt = Call{Route: "DELETE ."}

	toUser = Ref{Field: "email", To: []string{"users/{email}"}, Write: "user_id"}
)

// strictFirst orders retention controls by how much is kept.
const strictFirst = "zero_data_retention enhanced_zero_data_retention modified_abuse_monitoring enhanced_modified_abuse_monitoring organization_default none"

// rows is the table. Comments say which quirk of the API a row answers to.
func rows() []Kind {
	return []Kind{
		// People join by invite or by the identity provider, so there is no create. The list also has
		// a row a service account.
		{Name: "users", Path: org + "/users", Key: "email", Update: postID, Delete: deleteID,
			Skip: []string{"is_service_account=true"}, Foreign: []string{"is_scim_managed=true"},
			Late: "technical_level developer_persona", Power: map[string]string{"role": "reader owner"},
			Pending: &Kind{Name: "invites", Path: org + "/invites", Key: "email", Create: post, Delete: deleteID,
				// Without `projects` an invite grants the default project.
				Replace: true, Immutable: "role", Body: map[string]any{"projects": []any{}},
				Power: map[string]string{"role": "reader owner"}, Expired: "status=expired", Used: "status=accepted",
				Carries: &Carry{Kind: "projects/users", Where: "email", Field: "projects",
					Item: map[string]any{"id": "{projects}", "role": "{role}"}}}},

		// Read as `type`, written as `retention_type`. Cannot be unset.
		{Name: "data_retention", Path: org + "/data_retention", Update: post,
			Read: map[string]string{"retention_type": "type"}, Power: map[string]string{"retention_type": strictFirst}},

		// Alerts have no name and may repeat, so the amount is the key. An update replaces the whole.
		{Name: "spend_alerts", Path: org + "/spend_alerts", Key: "threshold_amount",
			Create: post, Update: postID, Delete: deleteID, Full: true},

		// Unset answers 404. There is a report that a new alert disturbs the limit.
		{Name: "spend_limit", Path: org + "/spend_limit", Update: post, Delete: deleteIt, Full: true,
			Power: map[string]string{"threshold_amount": ""}, After: []string{"spend_alerts"}},

		// Names may repeat; archived projects keep theirs. The default project cannot be updated, and
		// only its name tells it apart.
		{Name: "projects", Path: org + "/projects?include_archived=true", Key: "name",
			Create: post, Update: postID, Delete: Call{Route: "POST ./{id}/archive"}, Irreversible: true,
			Immutable: "residency", Foreign: []string{"name=Default project"}, Archived: "status=archived"},

		{Name: "projects/users", Path: proj + "/users", Key: "email", Create: post, Update: postID, Delete: deleteID,
			Refs: []Ref{toUser}, Implied: "users/{email}#role=owner", Power: map[string]string{"role": "member owner"}},

		// Created without a key, and then without a role: `none`, which cannot be written.
		{Name: "projects/service_accounts", Path: proj + "/service_accounts", Key: "name",
			Create: post, Update: postID, Delete: deleteID, Body: map[string]any{"create_service_account_only": true},
			Late: "role", Irreversible: true, Power: map[string]string{"role": "none member owner"}},

		// Unset answers 404 and means every model. Both fields are always written, [] never null.
		{Name: "projects/model_permissions", Path: proj + "/model_permissions", Update: post, Delete: deleteIt, Full: true,
			Power: map[string]string{"mode": "allow_list deny_list", "model_ids": ""}, Inverse: "mode=deny_list"},

		// One row a model, given by the API; model permissions may change which ones are listed.
		{Name: "projects/rate_limits", Path: proj + "/rate_limits?limit=1000", Key: "model", Update: postID,
			Power: map[string]string{"*": ""}, After: []string{"projects/model_permissions"}},

		{Name: "projects/hosted_tool_permissions", Path: proj + "/hosted_tool_permissions", Update: post,
			Power: map[string]string{"*": ""}},

		{Name: "projects/data_retention", Path: proj + "/data_retention", Update: post,
			Read: map[string]string{"retention_type": "type"}, Power: map[string]string{"retention_type": strictFirst}},

		{Name: "projects/spend_alerts", Path: proj + "/spend_alerts", Key: "threshold_amount",
			Create: post, Update: postID, Delete: deleteID, Full: true},

		{Name: "projects/spend_limit", Path: proj + "/spend_limit", Update: post, Delete: deleteIt, Full: true,
			Power: map[string]string{"threshold_amount": ""}, After: []string{"projects/spend_alerts"}},
	}
}
