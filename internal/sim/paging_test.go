package sim_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// many is an organization with 150 of everything that has a list.
func many(t *testing.T) *client {
	s := sim.Large(sim.Size{Projects: 2, Users: 150, Members: 150, ServiceAccounts: 150, Alerts: 150, Models: 150, Groups: 150, APIKeys: 1})
	s.WorkloadProviders = []sim.WorkloadProvider{{ID: "wip_000"}}
	for i := range 150 {
		s.Projects = append(s.Projects, sim.Project{ProjectObject: sim.ProjectObject{ID: fmt.Sprintf("proj_%03d", i), Status: "active"}})
		p := &s.Projects[1]
		id := fmt.Sprintf("alert_org%03d", i)
		s.SpendAlerts = append(s.SpendAlerts, sim.SpendAlert{ID: id, Currency: "USD", Interval: "month"})
		s.Invites = append(s.Invites, sim.Invite{ID: fmt.Sprintf("invite-%03d", i), Email: "x@acme.example", Role: "reader", Status: "expired"})
		s.AdminAPIKeys = append(s.AdminAPIKeys, sim.AdminAPIKey{ID: fmt.Sprintf("key_%03d", i), OwnerID: "user-sim0001"})
		s.AuditLogs = append(s.AuditLogs, sim.AuditEvent{EventHead: sim.EventHead{ID: fmt.Sprintf("audit_log-%03d", i), Type: "login.succeeded"}})
		s.Certificates = append(s.Certificates, sim.Certificate{ID: fmt.Sprintf("cert_%03d", i)})
		s.ExternalKeys = append(s.ExternalKeys, sim.ExternalKey{ID: fmt.Sprintf("extkey_%03d", i)})
		s.ExternalStorage = append(s.ExternalStorage, sim.ExternalStorage{ID: fmt.Sprintf("extstore_%03d", i)})
		s.WorkloadProviders = append(s.WorkloadProviders, sim.WorkloadProvider{ID: fmt.Sprintf("wip_%03d", i+1)})
		s.WorkloadProviders[0].Rules = append(s.WorkloadProviders[0].Rules, sim.FederationRule{ID: fmt.Sprintf("wifr_%03d", i)})
		p.APIKeys = append(p.APIKeys, sim.APIKey{ID: fmt.Sprintf("key_p%03d", i), Owner: sim.KeyOwner{Type: "user", ID: "user-sim0001"}})
		for _, a := range []*sim.Access{&s.Access, &p.Access} {
			r := sim.Role{ID: fmt.Sprintf("role_%03d", i), Name: fmt.Sprint(i)}
			a.Roles = append(a.Roles, r)
			for _, who := range []string{"user-sim0002", "group_sim0001"} {
				a.Grants = append(a.Grants, sim.Grant{ID: fmt.Sprint(who, i), PrincipalID: who, RoleID: r.ID})
			}
		}
	}
	return newClient(t, sim.New(s))
}

// TestPages: defaults, bounds and cursors of each list (API reference, query parameters of the lists).
func TestPages(t *testing.T) {
	t.Parallel()
	c := many(t)
	for _, tt := range []struct {
		path               string
		limit, least, most int
		before, order      bool
	}{
		{"/organization/projects", 20, 1, 100, false, false},
		{"/organization/users", 20, 1, 100, false, false},
		{"/organization/invites", 20, 1, 100, false, false},
		{search + "/users", 20, 1, 100, false, false},
		{search + "/service_accounts", 20, 1, 100, false, false},
		{search + "/rate_limits", 100, 1, 1000, true, false},
		{search + "/spend_alerts", 20, 0, 100, true, true},
		{"/organization/spend_alerts", 20, 0, 100, true, true},
		{"/organization/audit_logs", 20, 1, 100, true, false},
		{"/organization/admin_api_keys", 20, 1, 100, false, true},
		{search + "/api_keys", 20, 1, 100, false, false},
		{certs, 20, 1, 100, false, true},
		{search + "/certificates", 20, 1, 100, false, true},
		{extkeys, 20, 1, 100, false, true},
		{storage, 20, 1, 100, false, true},
		{issuers, 20, 1, 100, false, true},
		{issuers + "/wip_000/federation_rules", 20, 1, 100, false, true},
		{"/organization/groups", 100, 0, 1000, false, true},
		{platform + "/users", 100, 0, 1000, false, true},
		{search + "/groups", 20, 0, 100, false, true},
		{"/organization/roles", 1000, 0, 1000, false, true},
		{roles, 1000, 0, 1000, false, true},
		{"/organization/users/user-sim0002/roles", 100, 0, 1000, false, true},
		{platform + "/roles", 100, 0, 1000, false, true},
		{"/projects/proj_sim0002/users/user-sim0002/roles", 100, 0, 1000, false, true},
		{"/projects/proj_sim0002/groups/group_sim0001/roles", 100, 0, 1000, false, true},
	} {
		t.Run(tt.path, func(t *testing.T) {
			all := walkPages(t, c, tt.path)
			if len(all) < 150 {
				t.Fatalf("paging found %d", len(all))
			}
			if got := ids(c.get("GET "+tt.path, "")); !slices.Equal(got, all[:min(tt.limit, len(all))]) {
				t.Errorf("the default page has %d rows", len(got))
			}
			for _, limit := range []int{tt.least, tt.most} {
				got := ids(c.get(fmt.Sprintf("GET %s?limit=%d", tt.path, limit), ""))
				if !slices.Equal(got, all[:min(limit, len(all))]) {
					t.Errorf("limit %d gives %d rows", limit, len(got))
				}
			}
			for _, query := range []string{fmt.Sprint("limit=", tt.least-1), fmt.Sprint("limit=", tt.most+1), "limit=x", "limit=", "after=nothing"} {
				if status, text := c.do("GET "+tt.path+"?"+query, ""); status != http.StatusBadRequest {
					t.Errorf("%s: %d %s", query, status, text)
				}
			}
			checkOptional(t, c, tt.path, all, tt.before, tt.order)
		})
	}
}

// checkOptional checks `before` and `order`, or that they are refused.
func checkOptional(t *testing.T, c *client, path string, all []string, before, order bool) {
	t.Helper()
	back := "GET " + path + "?limit=3&before=" + all[10]
	if !before {
		if status, _ := c.do(back, ""); status != http.StatusBadRequest {
			t.Errorf("before is taken: %d", status)
		}
	} else if got := c.get(back, ""); !slices.Equal(ids(got), all[7:10]) || got["has_more"] != true {
		t.Errorf("before row 10 come %v", ids(got))
	}
	turned := "GET " + path + "?limit=3&order=desc"
	if first := ids(c.get("GET "+path+"?limit=1", "")); order && first[0] == ids(c.get(turned, ""))[0] {
		turned = "GET " + path + "?limit=3&order=asc" // newest first unless told otherwise
	}
	if !order {
		if status, _ := c.do(turned, ""); status != http.StatusBadRequest {
			t.Errorf("order is taken: %d", status)
		}
	} else if got := ids(c.get(turned, "")); got[0] != all[len(all)-1] {
		t.Errorf("descending starts with %v", got)
	}
}

// walkPages follows the cursors as a careful client does.
func walkPages(t *testing.T, c *client, path string) []string {
	t.Helper()
	var all []string
	query := "?limit=40"
	for {
		page := c.get("GET "+path+query, "")
		rows := ids(page)
		next, byToken := page["next"]
		if !byToken && (page["first_id"] != rows[0] || page["last_id"] != rows[len(rows)-1]) || byToken == (page["last_id"] != nil) || page["object"] != "list" {
			t.Fatalf("envelope is %v, %v, %v, %v", page["object"], page["first_id"], page["last_id"], next)
		}
		all = append(all, rows...)
		if page["has_more"] == false {
			return all
		}
		if !byToken {
			next = page["last_id"]
		}
		query = "?limit=40&after=" + next.(string)
	}
}

func TestEmptyPage(t *testing.T) {
	t.Parallel()
	_, text := newClient(t, new(sim.Server)).do("GET /organization/invites", "")
	want := `{"data":[],"first_id":null,"has_more":false,"last_id":null,"object":"list"}`
	if strings.TrimSpace(text) != want {
		t.Errorf("an empty page is %s", text)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	c := demo(t)
	for _, tt := range []struct{ query, want string }{
		{"/organization/projects", "[proj_sim0001 proj_sim0002 proj_sim0003]"},
		{"/organization/projects?include_archived=true", "[proj_sim0001 proj_sim0002 proj_sim0003 proj_sim0004]"},
		{"/organization/users?emails=Grace@acme.example", "[user-sim0003]"},
		{"/organization/users?emails[]=ada@acme.example&emails[]=nobody@acme.example&emails[]=alan@acme.example", "[user-sim0001 user-sim0004]"},
		{"/organization/audit_logs", "[audit_log-sim0003 audit_log-sim0002 audit_log-sim0001]"},
		{"/organization/audit_logs?event_types[]=invite.sent&event_types[]=user.deleted", "[audit_log-sim0003 audit_log-sim0001]"},
		{"/organization/audit_logs?project_ids[]=proj_sim0002", "[audit_log-sim0002]"},
		{"/organization/audit_logs?actor_ids[]=user-sim0002&limit=1", "[audit_log-sim0003]"},
		{"/organization/audit_logs?actor_ids[]=user-sim0001", "[]"},
		{"/organization/audit_logs?actor_emails[]=linus@acme.example&after=audit_log-sim0003", "[audit_log-sim0002 audit_log-sim0001]"},
		{"/organization/audit_logs?resource_ids[]=user-sim0007", "[audit_log-sim0001]"},
		{"/organization/audit_logs?effective_at[gt]=1759276800", "[audit_log-sim0003 audit_log-sim0002]"},
		{"/organization/audit_logs?effective_at[gte]=1759276800&effective_at[lt]=1763424000", "[audit_log-sim0001]"},
		{"/organization/audit_logs?effective_at[lte]=1759276799", "[]"},
		{"/organization/audit_logs?tenant_only=true", "[]"},
	} {
		if got := fmt.Sprint(ids(c.get("GET "+tt.query, ""))); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.query, got, tt.want)
		}
	}
}
