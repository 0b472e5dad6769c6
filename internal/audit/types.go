package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// A Type is one type of event. Text says what it means over the fields of its payload: "{a.b}" is a
// field, "{name|id}" the first of two that is there, "{id:user}" the name of what has this id, "{x:scopes}"
// a list where none means all; what stands in brackets is left out where a field in it is missing. Where
// one outside of brackets is missing, or there is no text, the payload itself is shown.
type Type struct {
	Name   string
	Text   string
	Tenant bool // of the tenant's stream, which is asked for by itself
}

// Types are those of the organization's stream, then those of the tenant's, as the API documents them: a
// table, and as long as the API has types.
func Types() []Type {
	out := []Type{
		{Name: "api_key.created", Text: "created the API key {id}[ with the scopes {data.scopes:scopes}]"},
		{Name: "api_key.updated", Text: "updated the API key {id}[: scopes = {changes_requested.scopes:scopes}]"},
		{Name: "api_key.deleted", Text: "deleted the API key {id}"},
		{Name: "certificate.created", Text: "added the certificate {name|id}"},
		{Name: "certificate.updated", Text: "updated the certificate {name|id}"},
		{Name: "certificate.deleted", Text: "deleted the certificate {name|id}"},
		{Name: "certificates.activated", Text: "activated the certificates {certificates}"},
		{Name: "certificates.deactivated", Text: "deactivated the certificates {certificates}"},
		{Name: "checkpoint.permission.created", Text: "let the project {data.project_id:project} use the checkpoint {data.fine_tuned_model_checkpoint}"},
		{Name: "checkpoint.permission.deleted", Text: "took back the checkpoint permission {id}"},
		{Name: "external_key.registered", Text: "registered the external key {id}[: {data}]"},
		{Name: "external_key.removed", Text: "removed the external key {id}"},
		{Name: "external_storage.registered", Text: "registered the external storage {id}[: {data}]"},
		{Name: "external_storage.removed", Text: "removed the external storage {id}"},
		{Name: "group.created", Text: "created the group {data.group_name|id:group}"},
		{Name: "group.updated", Text: "updated the group {id:group}[: {changes_requested}]"},
		{Name: "group.deleted", Text: "deleted the group {id:group}"},
		{Name: "invite.sent", Text: "invited {data.email|id:invite}[ as {data.role}]"},
		{Name: "invite.accepted", Text: "accepted the invite of {id:invite}"},
		{Name: "invite.deleted", Text: "deleted the invite of {id:invite}"},
		{Name: "ip_allowlist.created", Text: "created the IP allowlist {name|id}[: {allowed_ips}]"},
		{Name: "ip_allowlist.updated", Text: "updated the IP allowlist {id}[: {allowed_ips}]"},
		{Name: "ip_allowlist.deleted", Text: "deleted the IP allowlist {name|id}[: {allowed_ips}]"},
		{Name: "ip_allowlist.config.activated", Text: "activated the IP allowlists {configs}"},
		{Name: "ip_allowlist.config.deactivated", Text: "deactivated the IP allowlists {configs}"},
		{Name: "login.succeeded", Text: "logged in"},
		{Name: "login.failed", Text: "did not get in[: {error_message}][ ({error_code})]"},
		{Name: "logout.succeeded", Text: "logged out"},
		{Name: "logout.failed", Text: "did not get out[: {error_message}][ ({error_code})]"},
		{Name: "organization.updated", Text: "updated the organization[: {changes_requested}]"},
		{Name: "project.created", Text: "created the project {data.title|data.name|id:project}"},
		{Name: "project.updated", Text: "updated the project {id:project}[: {changes_requested}]"},
		{Name: "project.archived", Text: "archived the project {id:project}"},
		{Name: "project.deleted", Text: "deleted the project {id:project}"},
		{Name: "rate_limit.updated", Text: "updated the rate limit {id}[: {changes_requested}]"},
		{Name: "rate_limit.deleted", Text: "deleted the rate limit {id}"},
		{Name: "resource.deleted"},
		{Name: "tunnel.created"},
		{Name: "tunnel.updated"},
		{Name: "tunnel.deleted"},
		{Name: "workload_identity_provider.created", Text: "added the workload identity provider {id}[: {data}]"},
		{Name: "workload_identity_provider.updated", Text: "updated the workload identity provider {id}[: {changes_requested}]"},
		{Name: "workload_identity_provider.deleted", Text: "deleted the workload identity provider {name|id}"},
		{Name: "workload_identity_provider_mapping.created", Text: "added the mapping {id} to the workload identity provider {identity_provider_id}[: {data}]"},
		{Name: "workload_identity_provider_mapping.updated", Text: "updated the mapping {id} of the workload identity provider {identity_provider_id}[: {changes_requested}]"},
		{Name: "workload_identity_provider_mapping.deleted",
			Text: "deleted the mapping {id} of the workload identity provider {identity_provider_id}[ to the service account {service_account_id:account}][ in the project {project_id:project}]"},
		{Name: "role.created", Text: "created the role {role_name|id:role}[ with {permissions}]"},
		{Name: "role.updated", Text: "updated the role {id:role}[: {changes_requested}]"},
		{Name: "role.deleted", Text: "deleted the role {id:role}"},
		// Neither says which role.
		{Name: "role.assignment.created", Text: "gave {principal_id:any} a role[ in {resource_id:any}]"},
		{Name: "role.assignment.deleted", Text: "took a role from {principal_id:any}[ in {resource_id:any}]"},
		{Name: "role.bound_to_resource", Tenant: true, Text: "bound the role {role_id:role} to {connector_name|connector_id|resource_id}[ with {permissions}]"},
		{Name: "role.unbound_from_resource", Tenant: true, Text: "unbound the role {role_id:role} from {connector_name|connector_id|resource_id}[ with {permissions}]"},
		{Name: "scim.enabled", Text: "switched on SCIM"},
		{Name: "scim.disabled", Text: "switched off SCIM"},
		{Name: "service_account.created", Text: "created the service account {id:account}[ as {data.role}]"},
		{Name: "service_account.updated", Text: "updated the service account {id:account}[: {changes_requested}]"},
		{Name: "service_account.deleted", Text: "deleted the service account {id:account}"},
		{Name: "user.added", Text: "added the user {id:user}[ as {data.role}]"},
		// The id may be that of the project instead of the user.
		{Name: "user.updated", Text: "updated the user {id:user}[: {changes_requested}]"},
		{Name: "user.deleted", Text: "removed the user {id:user}"},
	}
	for _, name := range strings.Fields(tenantTypes) {
		out = append(out, Type{Name: "tenant." + name, Tenant: true})
	}
	return out
}

// tenantTypes have no documented payload.
const tenantTypes = `metadata.updated microsoft_entra_mapping.upserted microsoft_entra_mapping.deleted
	workload_identity.provider.created workload_identity.provider.updated workload_identity.provider.archived
	workload_identity.mapping.created workload_identity.mapping.updated workload_identity.mapping.archived
	workload_identity.binding.created workload_identity.principal.provisioned workload_identity.access_token.issued
	admin_api_key.created admin_api_key.updated admin_api_key.deleted project_api_key.created
	trusted_access.business_verification.started trusted_access.application.submitted chatgpt_access_token.revoked
	migration.completed sso.migrated domains.migrated sso_connection.created sso_connection.updated
	sso_connection.deleted sso_connection.setup.started policy.created policy.updated policy.deleted policy.attached
	policy.detached principal_authentication_policy.resolved scim.setup.started scim.deletion.requested
	scim.directory.created product_access_policy.updated resource_share_grant.created resource_share_grant.updated
	resource_share_grant.accepted resource_share_grant.declined resource_share_grant.revoked
	resource_share_grant.deleted service_account.updated service_account.deleted service_account.token.revoked
	billing.overage_limit.updated billing.alerts.updated billing.info.updated usage_limit.workspace.updated
	usage_limit.group.updated usage_limit.user.updated usage_limit.increase_request.updated
	usage_limit.increase_request.resolved group.created group.updated group.deleted group.member.added
	group.member.removed migration_rollout.status.updated migration_rollout.tier.updated role.metadata.updated
	custom_role.created custom_role.updated custom_role.deleted role_assignment.created role_assignment.deleted
	resource_role_assignment.created resource_role_assignment.deleted resource_access.updated
	resource_access.deleted ads_account.onboarding.redemption session_policy.created session_policy.updated
	session_policy.deleted session_revocation.started third_party_app_policy.updated user.added user.updated
	user.removed user.looked_up user.invited membership.revoked api_organization_invite.upserted
	api_organization_invite.deleted chatgpt_workspace_invite.upserted membership.accepted membership.declined
	workspace_invite_email_settings.updated`

// TypesOf are the types of the organization's stream that begin with one of the stems, blank-separated, and
// go on with one word: "role" has role.created, and not role.assignment.created.
func TypesOf(stems string) []string {
	var out []string
	for _, t := range Types() {
		if stem, _ := splitType(t.Name); !t.Tenant && kind.Has(stems, stem) {
			out = append(out, t.Name)
		}
	}
	slices.Sort(out)
	return out
}

// splitType is what a type is of and what happened: "role.assignment", "created".
func splitType(name string) (stem, verb string) {
	i := max(strings.LastIndexByte(name, '.'), 0)
	return name[:i], strings.TrimPrefix(name[i:], ".")
}

// Expand turns globs into types of one of the two streams. A name without wildcards is taken as it is:
// the API may know types that bylaw does not.
func Expand(globs []string, tenant bool) ([]string, error) {
	var out []string
	for _, g := range globs {
		names, err := expand(g, tenant)
		if err != nil {
			return nil, err
		}
		out = append(out, names...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func expand(glob string, tenant bool) ([]string, error) {
	if !doublestar.ValidatePattern(glob) || glob == "" {
		return nil, fmt.Errorf("type %q: not a pattern; try project.* or role.assignment.created", glob)
	}
	var here, there []string
	for _, t := range Types() {
		if doublestar.MatchUnvalidated(glob, t.Name) {
			if t.Tenant == tenant {
				here = append(here, t.Name)
			} else {
				there = append(there, t.Name)
			}
		}
	}
	literal := !strings.ContainsAny(glob, `*?[]{}\`)
	switch {
	case len(here) > 0:
		return here, nil
	case len(there) > 0 && tenant:
		return nil, fmt.Errorf("type %s is not of the tenant: leave out --tenant", glob)
	case len(there) > 0 || literal && !tenant && strings.HasPrefix(glob, "tenant."):
		return nil, fmt.Errorf("type %s is of the tenant: add --tenant", glob)
	case literal:
		return []string{glob}, nil
	}
	return nil, fmt.Errorf("type %s matches no type of event; they read like project.archived", glob)
}
