package sim_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

const (
	roles       = "/projects/proj_sim0002/roles"
	graceRoles  = "/projects/proj_sim0002/users/user-sim0003/roles" // member and runner
	platform    = "/organization/groups/group_sim0001"
	scim        = "/organization/groups/group_sim0002"
	tenant      = "/organization/groups/group_sim0003"
	platformHas = "/projects/proj_sim0002/groups/group_sim0001/roles" // owner
)

// A table, as long as the API has such rules.
func TestAccessRefusals(t *testing.T) {
	t.Parallel()
	refuse(t, []refusal{
		{"role without a name", "POST /organization/roles", `{"permissions":[]}`, 400, "'role_name'"},
		{"role by its read name", "POST /organization/roles", `{"name":"x","permissions":[]}`, 400, "Unknown parameter: 'name'"},
		{"role without permissions", "POST /organization/roles", `{"role_name":"x"}`, 400, "'permissions'"},
		{"role twice", "POST /organization/roles", `{"role_name":"auditor","permissions":[]}`, 400, "already exists"},
		{"role named like a predefined one", "POST " + roles, `{"role_name":"viewer","permissions":[]}`, 400, "already exists"},
		{"role renamed to another's name", "POST /organization/roles/role_sim0001", `{"role_name":"key-keeper"}`, 400, "already exists"},
		{"predefined role updated", "POST /organization/roles/role-api-organization-owner", `{"permissions":[]}`, 400, "predefined"},
		{"predefined project role deleted", "DELETE " + roles + "/role-api-project-viewer", ``, 400, "predefined"},
		{"predefined project role deleted by its alias", "DELETE " + roles + "/role-api-project-viewer__api-project__proj_sim0002", ``, 400, "predefined"},
		{"role of another scope", "GET /organization/roles/role_sim0003", ``, 404, "not found"},
		{"role in an archived project", "POST /projects/proj_sim0004/roles", `{"role_name":"x","permissions":[]}`, 400, "project_archived"},

		{"role assigned twice", "POST /organization/users/user-sim0003/roles", `{"role_id":"role_sim0001"}`, 400, "already assigned"},
		{"basic role assigned twice", "POST /organization/users/user-sim0003/roles", `{"role_id":"role-api-organization-reader"}`, 400, "already assigned"},
		{"unknown role assigned", "POST /organization/users/user-sim0003/roles", `{"role_id":"role_x"}`, 400, "not found"},
		{"project role assigned in the organization", "POST " + platform + "/roles", `{"role_id":"role-api-project-owner"}`, 400, "not found"},
		{"organization's role assigned in a project", "POST " + graceRoles, `{"role_id":"role_sim0001"}`, 400, "not found"},
		{"alias of another project", "POST " + graceRoles, `{"role_id":"role-api-project-owner__api-project__proj_sim0003"}`, 400, "not found"},
		{"role of somebody who is not in the project", "POST /projects/proj_sim0002/users/user-sim0005/roles", `{"role_id":"role_sim0003"}`, 404, "not a member of proj_sim0002"},
		{"role of somebody there through a group", "POST /projects/proj_sim0002/users/user-sim0006/roles", `{"role_id":"role_sim0003"}`, 404, "not a member of proj_sim0002"},
		{"roles of a group that is not in the project", "GET /projects/proj_sim0003/groups/group_sim0001/roles", ``, 404, "not a member of proj_sim0003"},
		{"inherited role removed", "DELETE /organization/users/user-sim0004/roles/role_sim0002", ``, 400, "inherited from group 'group_sim0001'"},
		{"implied role removed", "DELETE /projects/proj_sim0002/users/user-sim0001/roles/role-api-project-owner", ``, 400, "inherited from organization"},
		{"owner given a role in a project", "POST /projects/proj_sim0002/users/user-sim0001/roles", `{"role_id":"role_sim0003"}`, 400, "owner of the organization"},
		{"last role of a member", "DELETE " + graceRoles + "/role-api-project-member", ``, 400, "only predefined one"},
		{"last role of a group in a project", "DELETE " + platformHas + "/role-api-project-owner", ``, 400, "last one"},
		{"basic role removed", "DELETE /organization/users/user-sim0003/roles/role-api-organization-reader", ``, 400, "only predefined one"},
		{"role that is not assigned", "DELETE /organization/users/user-sim0003/roles/role_sim0002", ``, 404, "not assigned"},
		{"assignment by its alias", "GET " + graceRoles + "/role-api-project-member__api-project__proj_sim0002", ``, 404, "not assigned"},
		{"both role and role_id", "POST /organization/users/user-sim0003", `{"role":"owner","role_id":"role_sim0001"}`, 400, "Only one"},

		{"group without a name", "POST /organization/groups", `{"name":""}`, 400, "1 to 255 characters"},
		{"group with a long name", "POST /organization/groups", `{"name":"` + strings.Repeat("ö", 256) + `"}`, 400, "but got 256"},
		{"group of the identity provider renamed", "POST " + scim, `{"name":"x"}`, 400, "identity provider"},
		{"group of the identity provider deleted", "DELETE " + scim, ``, 400, "identity provider"},
		{"member put into it", "POST " + scim + "/users", `{"user_id":"user-sim0003"}`, 400, "identity provider"},
		{"member taken out of it", "DELETE " + scim + "/users/user-sim0008", ``, 400, "identity provider"},
		{"group of the tenant renamed", "POST " + tenant, `{"name":"x"}`, 400, "tenant"},
		{"stranger put into a group", "POST " + platform + "/users", `{"user_id":"user-sim0007"}`, 400, "not a member of the organization"},
		{"member put in twice", "POST " + platform + "/users", `{"user_id":"user-sim0004"}`, 400, "already exists in group"},
		{"stranger taken out", "DELETE " + platform + "/users/user-sim0003", ``, 404, "not a member of group"},

		{"group granted twice", "POST " + search + "/groups", `{"group_id":"group_sim0001","role":"role-api-project-viewer"}`, 400, "already exists in project"},
		{"group granted by a role's name", "POST " + search + "/groups", `{"group_id":"group_sim0003","role":"member"}`, 400, "not found"},
		{"group granted without a role", "POST " + search + "/groups", `{"group_id":"group_sim0003"}`, 400, "'role'"},
		{"unknown group granted", "POST " + search + "/groups", `{"group_id":"group_x","role":"role-api-project-member"}`, 400, "not found"},
		{"group of another type", "GET " + search + "/groups/group_sim0001?group_type=tenant_group", ``, 404, "type 'tenant_group'"},
		{"group that is not there", "DELETE " + support + "/groups/group_sim0001", ``, 404, "not a member of proj_sim0003"},
		{"page of a single object", "GET " + search + "/groups/group_sim0001?limit=1", ``, 400, "Unknown parameter: 'limit'"},

		{"key update of nothing", "POST " + search + "/api_keys/key_acme0001", `{}`, 400, "At least one of"},
		{"key that expires never", "POST " + search + "/api_keys/key_acme0001", `{"expires_in_seconds":null}`, 400, "got null"},
		{"key without scopes", "POST " + search + "/api_keys/key_acme0001", `{"scopes":null}`, 400, "got null"},
		{"key that expires at once", "POST " + search + "/api_keys/key_acme0001", `{"expires_in_seconds":0}`, 400, ">= 1"},
		{"key of another project", "GET " + support + "/api_keys/key_acme0001", ``, 404, "not found"},
		{"keys by an unknown access", "GET " + search + "/api_keys?owner_project_access=none", ``, 400, "Supported values are"},
		{"key for no account", "POST " + search + "/service_accounts/svc_acct_sim0003/api_keys", ``, 404, "not found"},
	})
}

func TestRolesOfAMember(t *testing.T) {
	t.Parallel()
	c := demo(t)
	suffix := "__api-project__proj_sim0002"
	check := func(what, legacy string, want ...string) {
		t.Helper()
		if got := ids(c.get("GET "+graceRoles, "")); !slices.Equal(got, want) {
			t.Errorf("%s: roles are %v, want %v", what, got, want)
		}
		if m := c.get("GET "+search+"/users/user-sim0003", ""); m["role"] != legacy {
			t.Errorf("%s: the older route says %v, want %s", what, m["role"], legacy)
		}
	}
	check("at first", "member", "role-api-project-member"+suffix, "role_sim0003")
	c.get("POST "+graceRoles, `{"role_id":"role-api-project-viewer"}`)
	check("viewer too", "member", "role-api-project-member"+suffix, "role_sim0003", "role-api-project-viewer"+suffix)
	c.get("POST "+graceRoles, `{"role_id":"role-api-project-owner`+suffix+`"}`)
	check("owner too", "owner", "role-api-project-owner"+suffix, "role_sim0003", "role-api-project-viewer"+suffix, "role-api-project-member"+suffix)
	c.get("DELETE "+graceRoles+"/role-api-project-member"+suffix, "")
	c.get("DELETE "+graceRoles+"/role-api-project-owner", "")
	check("viewer only", "viewer", "role-api-project-viewer"+suffix, "role_sim0003")
	c.get("POST "+search+"/users/user-sim0003", `{"role":"owner"}`)
	check("by the older route", "owner", "role-api-project-owner"+suffix, "role_sim0003")
	c.get("GET "+graceRoles+"/role-api-project-owner", "")
}

func TestRolesOfAUser(t *testing.T) {
	t.Parallel()
	c := demo(t)
	has := func(user, want string) {
		t.Helper()
		var got []string
		for _, r := range c.get("GET /organization/users/"+user+"/roles", "")["data"].([]any) {
			row := r.(map[string]any)
			got = append(got, fmt.Sprint(row["name"], row["assignment_sources"]))
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%s has %v, want %s", user, got, want)
		}
	}
	group := "map[principal_id:group_sim0001 principal_type:group]"
	has("user-sim0001", "[owner[]]")
	has("user-sim0003", "[reader[] auditor[]]")
	has("user-sim0004", "[reader[] key-keeper["+group+"]]")
	c.get("POST /organization/users/user-sim0004", `{"role_id":"role_sim0002"}`)
	has("user-sim0004", "[reader[] key-keeper[map[principal_id:user-sim0004 principal_type:user] "+group+"]]")
	c.get("DELETE /organization/users/user-sim0004/roles/role_sim0002", "")
	has("user-sim0004", "[reader[] key-keeper["+group+"]]")
	c.get("POST /organization/users/user-sim0004/roles", `{"role_id":"role-api-organization-owner"}`)
	has("user-sim0004", "[owner[] key-keeper["+group+"]]")
	if u := c.get("GET /organization/users/user-sim0004", ""); u["role"] != "owner" {
		t.Errorf("user is %v", u)
	}
	c.get("DELETE "+platform, "")
	has("user-sim0004", "[owner[]]")
	c.get("POST /organization/users/user-sim0004", `{"role_id":"role-api-organization-reader"}`)
	c.get("DELETE /organization/roles/role_sim0001", "")
	has("user-sim0003", "[reader[]]")
}

func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ gone, id string }{
		{"DELETE " + platform, "group_sim0001"},
		{"DELETE /organization/users/user-sim0003", "user-sim0003"},
		{"DELETE " + search + "/groups/group_sim0002", "role-api-project-viewer"},
		{"DELETE " + roles + "/role_sim0003", "role_sim0003"},
	} {
		c := demo(t)
		c.get(tt.gone, "")
		s := c.Snapshot()
		s.AuditLogs, s.AdminAPIKeys, s.Projects[1].APIKeys = nil, nil, nil // these remember
		if strings.Contains(dump(t, s), `"`+tt.id+`"`) {
			t.Errorf("%s leaves %s behind", tt.gone, tt.id)
		}
	}
}

func TestGroupsAreNoMembers(t *testing.T) {
	t.Parallel()
	c := demo(t)
	before := ids(c.get("GET "+support+"/users", ""))
	c.get("POST "+support+"/groups", `{"group_id":"group_sim0003","role":"role-api-project-member"}`)
	if after := ids(c.get("GET "+support+"/users", "")); !slices.Equal(before, after) {
		t.Errorf("members are %v, were %v", after, before)
	}
	got := c.get("GET "+support+"/groups/group_sim0003?group_type=tenant_group", "")
	if got["group_name"] != "acme-everyone" || got["role"] != nil {
		t.Errorf("group is %v", got)
	}
	if status, _ := c.do("GET "+support+"/groups/group_sim0003", ""); status != http.StatusNotFound {
		t.Errorf("a tenant group is found without its type: %d", status)
	}
}

// TestKeysByAccess: of whom the keys are listed, as people and groups come and go.
func TestKeysByAccess(t *testing.T) {
	t.Parallel()
	c := demo(t)
	lists := func(want ...string) {
		t.Helper()
		for i, access := range []string{"", "?owner_project_access=active", "?owner_project_access=inactive", "?owner_project_access=any"} {
			got := strings.ReplaceAll(strings.Join(ids(c.get("GET "+search+"/api_keys"+access, "")), " "), "key_acme000", "")
			if got != want[i] {
				t.Errorf("%q lists %s, want %s", access, got, want[i])
			}
		}
	}
	lists("1 4 5 6 8", "1 4 5 6 8", "2 3", "1 2 3 4 5 6 8")
	c.get("POST "+platform+"/users", `{"user_id":"user-sim0005"}`)
	lists("1 4 5 6 8", "1 3 4 5 6 8", "2", "1 2 3 4 5 6 8")
	c.get("DELETE "+search+"/users/user-sim0003", "")
	lists("4 5 6 8", "3 4 5 6 8", "1 2", "1 2 3 4 5 6 8")
	c.get("DELETE "+search+"/service_accounts/svc_acct_sim0002", "")
	lists("4 8", "3 4 8", "1 2", "1 2 3 4 8")
	c.get("DELETE "+search+"/api_keys/key_acme0004", "")
	lists("8", "3 8", "1 2", "1 2 3 8")
	c.get("DELETE /organization/users/user-sim0005", "")
	lists("8", "8", "1 2 3", "1 2 3 8")
}

func TestKeysExpire(t *testing.T) {
	t.Parallel()
	c := demo(t)
	made := c.get("POST "+search+"/service_accounts/svc_acct_sim0001/api_keys", "")
	if made["name"] != "Secret Key" || made["value"] == nil {
		t.Errorf("key is %v", made)
	}
	path := search + "/api_keys/" + made["id"].(string)
	if text := fmt.Sprint(c.get("GET "+path, "")); strings.Contains(text, made["value"].(string)) || strings.Contains(text, "scopes") {
		t.Errorf("the key tells too much: %s", text)
	}
	c.get("POST "+path, `{"expires_in_seconds":60}`)
	c.get("POST /_sim/clock", `{"advance":"2m"}`)
	if status, text := c.do("POST "+path, `{"scopes":[]}`); status != http.StatusBadRequest || !strings.Contains(text, "has expired") {
		t.Errorf("an expired key is updated: %d %s", status, text)
	}
}

func TestTenantEvents(t *testing.T) {
	t.Parallel()
	c := demo(t)
	c.get("POST "+platform+"/users", `{"user_id":"user-sim0003"}`)
	c.get("DELETE "+platform+"/users/user-sim0003", "")
	if got := ids(c.get("GET /organization/audit_logs", "")); len(got) != 3 {
		t.Errorf("the organization's stream has %v", got)
	}
	got := c.get("GET /organization/audit_logs?tenant_only=true&event_types[]=tenant.group.member.added", "")["data"].([]any)
	if len(got) != 1 || got[0].(map[string]any)["tenant.group.member.added"] == nil {
		t.Errorf("the tenant's stream has %v", got)
	}
}
