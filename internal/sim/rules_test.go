package sim_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

const (
	fallback = "/organization/projects/proj_sim0001" // Default project
	search   = "/organization/projects/proj_sim0002" // search-prod
	support  = "/organization/projects/proj_sim0003" // support-bot
	old      = "/organization/projects/proj_sim0004" // hackathon-2024, archived
	alert    = `"threshold_amount":1,"currency":"USD","interval":"month"`
	mail     = `"notification_channel":{"type":"email","recipients":["a@acme.example"]}`
)

// A refusal is a rule of the API on a fresh Demo, with the status and a word of the answer.
type refusal struct {
	rule, what, body string
	status           int
	says             string
}

// A table, as long as the API has such rules.
func TestRefusals(t *testing.T) {
	t.Parallel()
	refuse(t, []refusal{
		{"unknown field", "POST /organization/projects", `{"name":"x","nmae":"y"}`, 400, "Unknown parameter: 'nmae'"},
		{"unknown nested field", "POST " + search + "/hosted_tool_permissions", `{"mcp":{"enabled":true,"x":1}}`, 400, "'mcp.x'"},
		{"wrong type", "POST /organization/projects", `{"name":5}`, 400, "expected a string, but got an integer"},
		{"wrong enum", "POST /organization/projects", `{"name":"x","residency":"MARS"}`, 400, "Supported values are"},
		{"missing field", "POST /organization/projects", `{}`, 400, "missing_required_parameter"},
		{"missing nested field", "POST " + search + "/hosted_tool_permissions", `{"mcp":{}}`, 400, "'mcp.enabled'"},
		{"missing body", "POST /organization/projects", ``, 400, "missing_body"},
		{"not an object", "POST /organization/projects", `["name"]`, 400, "expected an object"},
		{"not JSON", "POST /organization/projects", `{"name":`, 400, "invalid_json"},
		{"two values", "POST /organization/projects", `{"name":"x"}{}`, 400, "invalid_json"},
		{"null where none is allowed", "POST /organization/projects", `{"name":null}`, 400, "got null"},
		{"null rate limit", "POST " + search + "/rate_limits/rl-gpt-4.1", `{"max_requests_per_1_minute":null}`, 400, "got null"},
		{"a decimal", "POST " + search + "/rate_limits/rl-gpt-4.1", `{"max_requests_per_1_minute":1.5}`, 400, "got a decimal"},
		{"both residency and geography", "POST /organization/projects", `{"name":"x","residency":"GLOBAL","geography":"EU"}`, 400, "Only one"},
		{"a body where none is taken", "POST " + search + "/archive", `{"force":true}`, 400, "'force'"},

		{"default project update", "POST " + fallback, `{"name":"x"}`, 400, "default project"},
		{"default project archive", "POST " + fallback + "/archive", ``, 400, "default project"},
		{"default project rate limit", "POST " + fallback + "/rate_limits/rl-o3", `{"max_requests_per_1_minute":1}`, 400, "default project"},
		{"default project member", "POST " + fallback + "/users", `{"user_id":"user-sim0003","role":"member"}`, 400, "default project"},
		{"default project service account", "POST " + fallback + "/service_accounts", `{"name":"x"}`, 400, "default project"},

		{"archived project", "POST " + old, `{"name":"x"}`, 400, "Project 'hackathon-2024' is archived. You can only update an active project."},
		{"archived twice", "POST " + old + "/archive", ``, 400, `"code":"project_archived"`},
		{"archived members", "GET " + old + "/users", ``, 400, "project_archived"},
		{"archived member add", "POST " + old + "/users", `{"user_id":"user-sim0003","role":"member"}`, 400, "project_archived"},
		{"archived member update", "POST " + old + "/users/user-sim0003", `{"role":"member"}`, 400, "project_archived"},
		{"archived member delete", "DELETE " + old + "/users/user-sim0003", ``, 400, "project_archived"},
		{"archived service accounts", "GET " + old + "/service_accounts", ``, 400, "project_archived"},
		{"archived service account add", "POST " + old + "/service_accounts", `{"name":"x"}`, 400, "project_archived"},
		{"archived service account delete", "DELETE " + old + "/service_accounts/x", ``, 400, "project_archived"},
		{"archived rate limit", "POST " + old + "/rate_limits/rl-o3", `{"max_requests_per_1_minute":1}`, 400, "project_archived"},
		{"archived spend alert", "POST " + old + "/spend_alerts", `{` + alert + `,` + mail + `}`, 400, "project_archived"},

		{"owner removed from a project", "DELETE " + search + "/users/user-sim0001", ``, 400, "owner of the organization"},
		{"owner given another role", "POST " + search + "/users/user-sim0001", `{"role":"member"}`, 400, "owner of the organization"},
		{"owner added", "POST " + search + "/users", `{"user_id":"user-sim0001","role":"owner"}`, 400, "already exists in project"},
		{"member added twice", "POST " + search + "/users", `{"email":"GRACE@acme.example","role":"member"}`, 400, "already exists in project"},
		{"a stranger added", "POST " + search + "/users", `{"email":"who@acme.example","role":"member"}`, 400, "not a member of the organization"},
		{"nobody added", "POST " + search + "/users", `{"role":"member"}`, 400, "Exactly one"},
		{"two added at once", "POST " + search + "/users", `{"user_id":"user-sim0005","email":"alan@acme.example","role":"member"}`, 400, "Exactly one"},
		{"a stranger removed", "DELETE " + search + "/users/user-sim0005", ``, 404, "User user-sim0005 is not a member of proj_sim0002"},
		{"unknown role of a member", "POST " + search + "/users/user-sim0003", `{"role":"viewer"}`, 400, "Supported values are"},

		{"accepted invite deleted", "DELETE /organization/invites/invite-sim0001", ``, 400, "already accepted"},
		{"member invited", "POST /organization/invites", `{"email":"Ada@acme.example","role":"reader"}`, 400, "already a member"},
		{"invite to an unknown project", "POST /organization/invites", `{"email":"x@acme.example","role":"reader","projects":[{"id":"proj_x","role":"member"}]}`, 400, "not found"},
		{"invite to an archived project", "POST /organization/invites", `{"email":"x@acme.example","role":"reader","projects":[{"id":"proj_sim0004","role":"member"}]}`, 400, "project_archived"},
		{"invite without a role in the project", "POST /organization/invites", `{"email":"x@acme.example","role":"reader","projects":[{"id":"proj_sim0002"}]}`, 400, "'projects[0].role'"},
		{"invite as member", "POST /organization/invites", `{"email":"x@acme.example","role":"member"}`, 400, "Supported values are"},
		{"invite to no address", "POST /organization/invites", `{"email":"x","role":"reader"}`, 400, "not an email address"},
		{"role that does not exist", "POST /organization/users/user-sim0003", `{"role_id":"role_x"}`, 400, "no such role"},

		{"above the organization's limit", "POST " + search + "/rate_limits/rl-o3", `{"max_requests_per_1_minute":10001}`, 400, "limit of 10000"},
		{"irrelevant limit", "POST " + search + "/rate_limits/rl-o3", `{"max_images_per_1_minute":1}`, 400, "not relevant"},
		{"negative limit", "POST " + search + "/rate_limits/rl-o3", `{"max_requests_per_1_minute":-1}`, 400, ">= 0"},
		{"unknown limit", "POST " + search + "/rate_limits/rl-nothing", `{"max_requests_per_1_minute":1}`, 404, "not found"},
		{"hidden limit", "POST " + search + "/rate_limits/rl-gpt-4o", `{"max_requests_per_1_minute":1}`, 404, "not found"},
		{"rate limits of no project", "GET /organization/projects/proj_x/rate_limits", ``, 404, `{"code":404,"message":"The project proj_x was not found"}`},

		{"unknown model", "POST " + search + "/model_permissions", `{"mode":"allow_list","model_ids":["gpt-9"]}`, 400, "'gpt-9' does not exist"},
		{"permissions without models", "POST " + search + "/model_permissions", `{"mode":"allow_list"}`, 400, "'model_ids'"},
		{"unset permissions", "GET " + support + "/model_permissions", ``, 404, "no model permissions"},
		{"unset permissions deleted", "DELETE " + support + "/model_permissions", ``, 404, "no model permissions"},
		{"unset spend limit", "GET " + support + "/spend_limit", ``, 404, "No spend limit"},
		{"unset spend limit deleted", "DELETE " + support + "/spend_limit", ``, 404, "No spend limit"},
		{"spend limit of nothing", "POST /organization/spend_limit", `{"threshold_amount":0,"currency":"USD","interval":"month"}`, 400, ">= 1"},
		{"spend limit in euro", "POST /organization/spend_limit", `{"threshold_amount":1,"currency":"EUR","interval":"month"}`, 400, "'USD'"},
		{"partial alert update", "POST /organization/spend_alerts/alert_sim0001", `{"threshold_amount":1}`, 400, "'currency'"},
		{"alert below nothing", "POST /organization/spend_alerts", `{"threshold_amount":-1,"currency":"USD","interval":"month",` + mail + `}`, 400, ">= 0"},
		{"alert of another scope", "GET " + search + "/spend_alerts/alert_sim0001", ``, 404, "not found"},
		{"organization without retention", "POST /organization/data_retention", `{"retention_type":"none"}`, 400, "Supported values are"},
		{"retention by its read name", "POST " + search + "/data_retention", `{"type":"none"}`, 400, "Unknown parameter: 'type'"},

		{"account role none", "POST " + search + "/service_accounts/svc_acct_sim0001", `{"role":"none"}`, 400, "Supported values are"},
		{"expiry without a key", "POST " + search + "/service_accounts", `{"name":"x","create_service_account_only":true,"expires_in_seconds":60}`, 400, "not allowed"},
		{"admin key for longer than a year", "POST /organization/admin_api_keys", `{"name":"x","expires_in_seconds":31536001}`, 400, "<= 31536000"},
		{"admin key that expires never", "POST /organization/admin_api_keys", `{"name":"x","expires_in_seconds":null}`, 400, "got null"},

		{"unknown route", "GET /organization/nothing", ``, 404, "Unknown request URL"},
		{"empty id", "GET /organization/users/", ``, 404, "Unknown request URL"},
		{"wrong method", "DELETE /organization/projects", ``, 405, "Allowed: GET, POST"},
		{"creating a user", "POST /organization/users", `{}`, 405, "Allowed: GET"},
		{"unknown event type", "GET /organization/audit_logs?event_types[]=x", ``, 400, "not an event type"},
		{"tenant event", "GET /organization/audit_logs?event_types[]=tenant.user.added", ``, 400, "tenant_only"},
		{"no filter value", "GET /organization/projects?include_archived=yes", ``, 400, "expected a boolean"},
	})
}

// refuse checks the answers, and that nothing changes.
func refuse(t *testing.T, rows []refusal) {
	t.Helper()
	for _, tt := range rows {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			c := demo(t)
			before := c.Snapshot()
			status, text := c.do(tt.what, tt.body)
			if status != tt.status || !strings.Contains(text, tt.says) {
				t.Errorf("%s %s: %d %s, want %d with %q", tt.what, tt.body, status, text, tt.status, tt.says)
			}
			if after := c.Snapshot(); dump(t, before) != dump(t, after) {
				t.Errorf("%s %s was refused but changed something", tt.what, tt.body)
			}
		})
	}
}

func dump(t *testing.T, s sim.State) string {
	t.Helper()
	var b strings.Builder
	if err := s.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestNotFound: every route says 404 for an object that is not there.
func TestNotFound(t *testing.T) {
	t.Parallel()
	c := demo(t)
	for _, name := range sim.RouteNames() {
		method, template, _ := strings.Cut(name, " ")
		if !strings.HasSuffix(template, "_id}") || method == "POST" {
			continue
		}
		at := strings.LastIndex(template, "{")
		path := strings.ReplaceAll(template[:at], "{project_id}", "proj_sim0002") + "nothing"
		status, text := c.do(method+" "+strings.TrimPrefix(path, "/v1"), "")
		if status != http.StatusNotFound {
			t.Errorf("%s %s: %d %s", method, path, status, text)
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	c := demo(t)
	for _, key := range []string{"", "sk-admin-of-somebody-else"} {
		c.key = key
		status, text := c.do("GET /organization/users", "")
		if status != http.StatusUnauthorized || !strings.Contains(text, "Incorrect API key provided") || strings.Contains(text, "somebody") {
			t.Errorf("key %q: %d %s", key, status, text)
		}
	}
	c.key = sim.DefaultAdminKey
	made := c.get("POST /organization/admin_api_keys", `{"name":"second"}`)
	c.get("DELETE /organization/admin_api_keys/key_sim0001", "")
	if status, _ := c.do("GET /organization/users", ""); status != http.StatusUnauthorized {
		t.Errorf("the deleted key still opens: %d", status)
	}
	c.key = made["value"].(string)
	c.get("GET /organization/users", "")
}

func TestOwnersCanLeave(t *testing.T) {
	t.Parallel()
	c := demo(t)
	c.get("DELETE /organization/users/user-sim0002", "")
	c.get("POST /organization/users/user-sim0001", `{"role":"reader"}`)
	if got := ids(c.get("GET "+search+"/users", "")); !slices.Equal(got, []string{"user-sim0003", "user-sim0004"}) {
		t.Errorf("members without owners are %v", got)
	}
}

func TestDeletedUserLeavesProjects(t *testing.T) {
	t.Parallel()
	c := demo(t)
	c.get("DELETE /organization/users/user-sim0003", "")
	for _, p := range c.Snapshot().Projects {
		for _, m := range p.Users {
			if m.UserID == "user-sim0003" {
				t.Errorf("%s still has the user", p.Name)
			}
		}
	}
}

func TestArchivedProjectIsEmpty(t *testing.T) {
	t.Parallel()
	c := demo(t)
	c.get("POST "+search+"/archive", "")
	if got := ids(c.get("GET /organization/projects", "")); slices.Contains(got, "proj_sim0002") {
		t.Errorf("active projects are %v", got)
	}
	p := c.Snapshot().Projects[1]
	if len(p.Users)+len(p.ServiceAccounts) > 0 || p.Status != "archived" {
		t.Errorf("archived project is %+v", p)
	}
}

func TestModelPermissionsHideRateLimits(t *testing.T) {
	t.Parallel()
	c := demo(t)
	want := []string{"rl-gpt-4.1", "rl-gpt-4.1-mini", "rl-o3", "rl-text-embedding-3-large"}
	if got := ids(c.get("GET "+search+"/rate_limits", "")); !slices.Equal(got, want) {
		t.Errorf("rows are %v, want %v", got, want)
	}
	c.get("POST "+search+"/model_permissions", `{"mode":"deny_list","model_ids":["o3"]}`)
	if got := ids(c.get("GET "+search+"/rate_limits", "")); slices.Contains(got, "rl-o3") || len(got) != len(sim.Demo().Models)-1 {
		t.Errorf("rows are %v", got)
	}
	c.get("DELETE "+search+"/model_permissions", "")
	for _, r := range c.get("GET "+search+"/rate_limits", "")["data"].([]any) {
		if row := r.(map[string]any); row["id"] == "rl-o3" && row["max_requests_per_1_minute"] != 100.0 {
			t.Errorf("the hidden row forgot its value: %v", row)
		}
	}
}

func TestDuplicatesAreAllowed(t *testing.T) {
	t.Parallel()
	c := demo(t)
	for _, create := range []struct{ what, body string }{
		{"POST /organization/projects", `{"name":"search-prod"}`},
		{"POST " + search + "/service_accounts", `{"name":"indexer"}`},
		{"POST " + search + "/spend_alerts", `{` + alert + `,` + mail + `}`},
		{"POST /organization/invites", `{"email":"twice@acme.example","role":"reader","projects":[]}`},
	} {
		first, second := c.get(create.what, create.body), c.get(create.what, create.body)
		if first["id"] == second["id"] {
			t.Errorf("%s gave %v twice", create.what, first["id"])
		}
	}
}

func TestNullIsNoChangeOrClears(t *testing.T) {
	t.Parallel()
	c := demo(t)
	c.get("POST "+search, `{"external_key_id":"extkey_sim0001"}`)
	p := c.get("POST "+search, `{"name":null,"external_key_id":null}`)
	if p["name"] != "search-prod" || p["external_key_id"] != nil {
		t.Errorf("project is %v", p)
	}
	tools := c.get("POST "+search+"/hosted_tool_permissions", `{"mcp":null,"web_search":{"enabled":false}}`)
	want := map[string]bool{"file_search": true, "web_search": false, "image_generation": true, "mcp": false, "code_interpreter": true}
	for name, on := range want {
		if tools[name].(map[string]any)["enabled"] != on {
			t.Errorf("%s is %v", name, tools[name])
		}
	}
}

// TestRepeatedNames: of a name said twice the last value counts, for the check as well as for the change.
func TestRepeatedNames(t *testing.T) {
	t.Parallel()
	c := demo(t)
	p := c.get("POST "+search, `{"name":5,"name":"search"}`)
	if p["name"] != "search" {
		t.Errorf("project is %v", p)
	}
}

func TestRateLimitIDsAreUnescaped(t *testing.T) {
	t.Parallel()
	s := sim.Empty()
	s.Models = append(s.Models, sim.Model{ID: "ft/x:1", Limits: sim.Limits{"max_requests_per_1_minute": 9, "max_tokens_per_1_minute": 9}})
	c := newClient(t, sim.New(s))
	p := c.get("POST /organization/projects", `{"name":"x"}`)["id"].(string)
	row := c.get("POST /organization/projects/"+p+"/rate_limits/rl-ft%2Fx:1", `{"max_requests_per_1_minute":3}`)
	if row["model"] != "ft/x:1" || row["max_requests_per_1_minute"] != 3.0 {
		t.Errorf("row is %v", row)
	}
}
