package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/openai/openai-go/v3"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// an sdkRead reads all of a collection, or a setting. at has the ids of the objects above, by section.
type sdkRead func(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error

// Pages: a hundred rows is what every list takes. Those of groups, roles and assignments take a thousand;
// of rate limits no maximum is documented.
var hundred, thousand = openai.Int(100), openai.Int(1000)

// sdkReads are the SDK's own ways to read each kind, Pending ones too.
var sdkReads = map[string]sdkRead{
	"roles": func(ctx context.Context, a *openai.AdminOrganizationService, _ map[string]string) error {
		return drain(a.Roles.ListAutoPaging(ctx, openai.AdminOrganizationRoleListParams{Limit: thousand}))
	},
	"users": func(ctx context.Context, a *openai.AdminOrganizationService, _ map[string]string) error {
		return drain(a.Users.ListAutoPaging(ctx, openai.AdminOrganizationUserListParams{Limit: hundred}))
	},
	"invites": func(ctx context.Context, a *openai.AdminOrganizationService, _ map[string]string) error {
		return drain(a.Invites.ListAutoPaging(ctx, openai.AdminOrganizationInviteListParams{Limit: hundred}))
	},
	"users/roles": func(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error {
		return drain(a.Users.Roles.ListAutoPaging(ctx, at["users"], openai.AdminOrganizationUserRoleListParams{Limit: thousand}))
	},
	"groups": func(ctx context.Context, a *openai.AdminOrganizationService, _ map[string]string) error {
		return drain(a.Groups.ListAutoPaging(ctx, openai.AdminOrganizationGroupListParams{Limit: thousand}))
	},
	"groups/users": func(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error {
		return drain(a.Groups.Users.ListAutoPaging(ctx, at["groups"], openai.AdminOrganizationGroupUserListParams{Limit: thousand}))
	},
	"groups/roles": func(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error {
		return drain(a.Groups.Roles.ListAutoPaging(ctx, at["groups"], openai.AdminOrganizationGroupRoleListParams{Limit: thousand}))
	},
	"data_retention": func(ctx context.Context, a *openai.AdminOrganizationService, _ map[string]string) error {
		return got(a.DataRetention.Get(ctx))
	},
	"spend_alerts": func(ctx context.Context, a *openai.AdminOrganizationService, _ map[string]string) error {
		return drain(a.SpendAlerts.ListAutoPaging(ctx, openai.AdminOrganizationSpendAlertListParams{Limit: hundred}))
	},
	"spend_limit": func(ctx context.Context, a *openai.AdminOrganizationService, _ map[string]string) error {
		return got(a.SpendLimit.Get(ctx))
	},
	"certificates":        listCertificates,
	"active_certificates": listCertificates, // the same list serves both
	"external_keys": func(ctx context.Context, a *openai.AdminOrganizationService, _ map[string]string) error {
		return drain(a.ExternalKeys.ListAutoPaging(ctx, openai.AdminOrganizationExternalKeyListParams{Limit: hundred}))
	},
	"admin_api_keys": func(ctx context.Context, a *openai.AdminOrganizationService, _ map[string]string) error {
		return drain(a.AdminAPIKeys.ListAutoPaging(ctx, openai.AdminOrganizationAdminAPIKeyListParams{Limit: hundred}))
	},
	"projects": func(ctx context.Context, a *openai.AdminOrganizationService, _ map[string]string) error {
		return drain(a.Projects.ListAutoPaging(ctx, openai.AdminOrganizationProjectListParams{Limit: hundred, IncludeArchived: openai.Bool(true)}))
	},
	"projects/roles": func(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error {
		return drain(a.Projects.Roles.ListAutoPaging(ctx, at["projects"], openai.AdminOrganizationProjectRoleListParams{Limit: thousand}))
	},
	"projects/users": func(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error {
		return drain(a.Projects.Users.ListAutoPaging(ctx, at["projects"], openai.AdminOrganizationProjectUserListParams{Limit: hundred}))
	},
	"projects/users/roles": func(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error {
		return drain(a.Projects.Users.Roles.ListAutoPaging(ctx, at["projects"], at["users"], openai.AdminOrganizationProjectUserRoleListParams{Limit: thousand}))
	},
	"projects/groups": func(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error {
		return drain(a.Projects.Groups.ListAutoPaging(ctx, at["projects"], openai.AdminOrganizationProjectGroupListParams{Limit: hundred}))
	},
	"projects/groups/roles": func(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error {
		return drain(a.Projects.Groups.Roles.ListAutoPaging(ctx, at["projects"], at["groups"], openai.AdminOrganizationProjectGroupRoleListParams{Limit: thousand}))
	},
	"projects/service_accounts": func(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error {
		return drain(a.Projects.ServiceAccounts.ListAutoPaging(ctx, at["projects"], openai.AdminOrganizationProjectServiceAccountListParams{Limit: hundred}))
	},
	"projects/service_accounts/api_keys": listKeys,
	"projects/api_keys":                  listKeys, // the same list serves both
	"projects/model_permissions": func(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error {
		return got(a.Projects.ModelPermissions.Get(ctx, at["projects"]))
	},
	"projects/rate_limits": func(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error {
		return drain(a.Projects.RateLimits.ListRateLimitsAutoPaging(ctx, at["projects"], openai.AdminOrganizationProjectRateLimitListRateLimitsParams{Limit: thousand}))
	},
	"projects/hosted_tool_permissions": func(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error {
		return got(a.Projects.HostedToolPermissions.Get(ctx, at["projects"]))
	},
	"projects/external_storage": func(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error {
		return drain(a.ExternalStorage.ListAutoPaging(ctx, openai.AdminOrganizationExternalStorageListParams{Limit: hundred, ProjectID: openai.String(at["projects"])}))
	},
	"projects/data_retention": func(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error {
		return got(a.Projects.DataRetention.Get(ctx, at["projects"]))
	},
	"projects/spend_alerts": func(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error {
		return drain(a.Projects.SpendAlerts.ListAutoPaging(ctx, at["projects"], openai.AdminOrganizationProjectSpendAlertListParams{Limit: hundred}))
	},
	"projects/spend_limit": func(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error {
		return got(a.Projects.SpendLimit.Get(ctx, at["projects"]))
	},
	"projects/service_tier_settings": func(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error {
		return got(a.Projects.ServiceTierSettings.Get(ctx, at["projects"]))
	},
	"projects/certificates": func(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error {
		return drain(a.Projects.Certificates.ListAutoPaging(ctx, at["projects"], openai.AdminOrganizationProjectCertificateListParams{Limit: hundred}))
	},
	"workload_identity_providers": func(ctx context.Context, a *openai.AdminOrganizationService, _ map[string]string) error {
		return drain(a.WorkloadIdentityProviders.ListAutoPaging(ctx, openai.AdminOrganizationWorkloadIdentityProviderListParams{Limit: hundred}))
	},
	"workload_identity_providers/federation_rules": func(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error {
		return drain(a.WorkloadIdentityProviders.FederationRules.ListAutoPaging(ctx, at["workload_identity_providers"],
			openai.AdminOrganizationWorkloadIdentityProviderFederationRuleListParams{Limit: hundred}))
	},
}

func listCertificates(ctx context.Context, a *openai.AdminOrganizationService, _ map[string]string) error {
	return drain(a.Certificates.ListAutoPaging(ctx, openai.AdminOrganizationCertificateListParams{Limit: hundred}))
}

func listKeys(ctx context.Context, a *openai.AdminOrganizationService, at map[string]string) error {
	return drain(a.Projects.APIKeys.ListAutoPaging(ctx, at["projects"], openai.AdminOrganizationProjectAPIKeyListParams{Limit: hundred, OwnerProjectAccess: "any"}))
}

// sdkDetails are the SDK's own ways to read what the lists of some kinds leave out, of one object.
var sdkDetails = map[string]func(ctx context.Context, a *openai.AdminOrganizationService, id string) error{
	"certificates": func(ctx context.Context, a *openai.AdminOrganizationService, id string) error {
		return got(a.Certificates.Get(ctx, id, openai.AdminOrganizationCertificateGetParams{Include: []string{"content"}}))
	},
}

func drain(pager interface {
	Next() bool
	Err() error
}) error {
	for pager.Next() {
	}
	return pager.Err()
}

// got drops the answer of a setting. One that is not set is an answer, too.
func got[T any](_ T, err error) error {
	var refused *openai.Error
	if errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound {
		return nil
	}
	return err
}

// sent drops the answer of a write.
func sent[T any](_ T, err error) error { return err }

// floor is what the SDK sends to read these sections of the organization, each URL once, and the details of
// those that want declares there: the fewest requests that can tell what is there. To know an object's id
// takes the list that it stands in.
func floor(t *testing.T, state sim.State, sections map[kind.Address]bool, want []kind.Object) map[string]int {
	t.Helper()
	o, id := newOrg(t, state), liveIDs(state)
	check := func(what string, err error) {
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	for a := range withParents(sections) {
		at, live := above(a, id)
		if !live {
			continue
		}
		names := []string{a.KindName()}
		if p := a.Kind().Pending; p != nil {
			names = append(names, p.Name)
		}
		for _, name := range names {
			if sdkReads[name] == nil {
				t.Fatalf("no SDK call reads %s", name)
			}
			check(name, sdkReads[name](context.Background(), o.sdk(), at))
		}
	}
	for _, w := range want {
		if k := w.Kind; k.Detail != "" && len(w.Fields) > len(k.KeyFields()) && sections[w.Addr.Collection()] && id[w.Addr] != "" {
			check(string(w.Addr), sdkDetails[k.Name](context.Background(), o.sdk(), id[w.Addr]))
		}
	}
	once := tally(o.said, query)
	for what := range once {
		once[what] = 1
	}
	return once
}

// above are the ids of the objects that a collection or setting stands under, by section, and whether all
// of them live.
func above(a kind.Address, id map[kind.Address]string) (map[string]string, bool) {
	at := map[string]string{}
	for p := a.Parent(); p != ""; p = p.Parent() {
		if id[p] == "" {
			return nil, false
		}
		at[p.Kind().Section()] = id[p]
	}
	return at, true
}

// liveIDs are the ids of the objects that others stand under, and of those with details.
func liveIDs(s sim.State) map[kind.Address]string {
	out, email := map[kind.Address]string{}, map[string]string{}
	put := func(in kind.Address, key, id string) { out[in.Join(key)] = id }
	for _, u := range s.Users {
		if u.Email != nil {
			email[u.ID] = *u.Email
			put("users", *u.Email, u.ID)
		}
	}
	name := map[string]string{}
	for _, g := range s.Groups {
		name[g.ID] = g.Name
		put("groups", g.Name, g.ID)
	}
	for _, w := range s.WorkloadProviders {
		put("workload_identity_providers", w.Name, w.ID)
	}
	for _, c := range s.Certificates {
		put("certificates", *c.Name, c.ID)
	}
	for _, p := range s.Projects {
		if p.Status != "active" {
			continue
		}
		at := kind.Address("projects").Join(p.Name)
		out[at] = p.ID
		for _, u := range s.Users {
			if u.Role == "owner" {
				put(at.Join("users"), email[u.ID], u.ID)
			}
		}
		for _, m := range p.Users {
			put(at.Join("users"), email[m.UserID], m.UserID)
		}
		for _, g := range p.Groups {
			put(at.Join("groups"), name[g.GroupID], g.GroupID)
		}
		for _, a := range p.ServiceAccounts {
			put(at.Join("service_accounts"), a.Name, a.ID)
		}
	}
	return out
}

func withParents(sections map[kind.Address]bool) map[kind.Address]bool {
	out := map[kind.Address]bool{}
	for a := range sections {
		for ; a != ""; a = a.Parent().Collection() {
			out[a] = true
		}
	}
	return out
}

func declared(in plan.Input) map[kind.Address]bool {
	out := map[kind.Address]bool{}
	for a := range in.Declared {
		out[a] = true
	}
	return out
}

// query names a request; the order of its query does not matter.
func query(e exchange) string {
	q, _ := url.ParseQuery(e.query)
	e.query = q.Encode()
	return e.what()
}

// everything declares each kind once, below one object of each.
const everything = `
roles: []
users: [{email: user-0001@acme.example, roles: []}]
groups: [{name: group-0001, users: [], roles: []}]
data_retention: {retention_type: zero_data_retention}
spend_alerts: []
spend_limit: {state: absent}
certificates: [{name: cert-0001, certificate: %q}, cert-0002]
active_certificates: []
external_keys: []
admin_api_keys: []
workload_identity_providers: [{name: wip-0001, federation_rules: []}]
projects:
  - name: project-0001
    roles: []
    users: [{email: user-0001@acme.example, roles: []}]
    groups: [{name: group-0001, roles: []}]
    service_accounts: [{name: bot-0001, api_keys: []}]
    api_keys: []
    model_permissions: {state: absent}
    rate_limits: []
    hosted_tool_permissions: {mcp: {enabled: true}}
    external_storage: []
    data_retention: {retention_type: none}
    spend_alerts: []
    spend_limit: {threshold_amount: 1}
    service_tier_settings: {default: standard}
    certificates: []
`

// TestReadsAreTheSDKs: of lists that take more than a page, of settings and of details, bylaw sends what the
// SDK's own pagers and getters send.
func TestReadsAreTheSDKs(t *testing.T) {
	t.Parallel()
	state := crowded()
	in := document(t, fmt.Sprintf(everything, state.Certificates[0].Content))
	named := map[string]bool{}
	for a := range in.Declared {
		named[a.KindName()] = true
	}
	for _, k := range kind.All() {
		if !named[k.Name] {
			t.Errorf("the document declares no %s", k.Name)
		}
	}
	o := newOrg(t, state)
	o.plan(in)
	want := floor(t, state, declared(in), in.Want)
	if diff := cmp.Diff(want, tally(o.said, query)); diff != "" {
		t.Errorf("bylaw reads (+), the SDK (-):\n%s", diff)
	}
	checkCrowded(t, want)
}

// checkCrowded: each list took several pages, and there are as many places as the kinds that have one alone.
func checkCrowded(t *testing.T, sent map[string]int) {
	t.Helper()
	pages, details := map[string]int{}, 0
	for what := range sent {
		path, _, _ := strings.Cut(what, "?")
		pages[path]++
		if strings.Contains(what, "?include%5B%5D") {
			details++
		}
	}
	places, lists := map[string]bool{}, 0
	for _, k := range kinds() {
		if !k.Setting() && !places[k.Place()] {
			lists++
		}
		places[k.Place()] = true
	}
	several := 0
	for _, n := range pages {
		if n > 1 {
			several++
		}
	}
	if details != len(sdkDetails) || several != lists || len(pages) != len(places)+details {
		t.Errorf("%d places, %d with several pages, %d details; want %d, %d, %d: %v", len(pages), several, details, len(places)+details, lists, len(sdkDetails), pages)
	}
	t.Logf("%d kinds are read at %d places, %d of them lists", len(kinds()), len(places), lists)
}

// crowded is an organization in which every list takes several pages: all lists of its first project, too.
func crowded() sim.State {
	const many, more = 105, 1005 // above a page of a hundred, of a thousand
	s := sim.Large(sim.Size{Projects: 1, Users: more, Members: many, ServiceAccounts: many, Alerts: many, Models: more, Groups: more, APIKeys: many})
	for i := range many {
		s.Projects = append(s.Projects, sim.Project{ProjectObject: sim.ProjectObject{ID: fmt.Sprintf("proj_%04d", i), Name: fmt.Sprint("empty-", i), Status: "active", Residency: "GLOBAL"}})
	}
	p := &s.Projects[1]
	s.SpendAlerts, s.Groups[0].Users = p.SpendAlerts, nil
	for _, u := range s.Users {
		s.Groups[0].Users = append(s.Groups[0].Users, u.ID)
	}
	s.WorkloadProviders = []sim.WorkloadProvider{}
	for i := range many {
		u, n := s.Users[1+i], fmt.Sprintf("%04d", i+1)
		s.Invites = append(s.Invites, sim.Invite{ID: "invite-" + n, Email: *u.Email, Role: "reader", Status: "accepted", CreatedAt: u.AddedAt})
		s.Certificates = append(s.Certificates, sim.Certificate{ID: "cert_" + n, Name: new("cert-" + n), Content: sim.Demo().Certificates[0].Content})
		s.ExternalKeys = append(s.ExternalKeys, sim.ExternalKey{ID: "extkey_" + n, Name: n, Type: "aws", Purpose: "ekm"})
		s.ExternalStorage = append(s.ExternalStorage, sim.ExternalStorage{ID: "extstore_" + n, ProjectID: p.ID, Provider: map[string]string{"type": "aws", "bucket": n}})
		s.AdminAPIKeys = append(s.AdminAPIKeys, sim.AdminAPIKey{ID: "key_admin" + n, Name: &n, OwnerID: "user-sim0001"})
		s.WorkloadProviders = append(s.WorkloadProviders, sim.WorkloadProvider{ID: "wip_" + n, Name: "wip-" + n})
		s.WorkloadProviders[0].Rules = append(s.WorkloadProviders[0].Rules, sim.FederationRule{ID: "wifr_" + n, Name: &n, ProjectID: p.ID,
			ServiceAccountID: p.ServiceAccounts[0].ID, Matchers: map[string]json.RawMessage{"sub": json.RawMessage(`"x"`)}})
	}
	for i := range more {
		for _, a := range []*sim.Access{&s.Access, &p.Access} {
			r := sim.Role{ID: fmt.Sprintf("role_%04d", i), Name: fmt.Sprint("role-", i), Permissions: []string{}}
			a.Roles = append(a.Roles, r)
			for _, who := range []string{s.Users[1].ID, s.Groups[0].ID} {
				a.Grants = append(a.Grants, sim.Grant{ID: fmt.Sprint(who, i), PrincipalID: who, RoleID: r.ID})
			}
		}
	}
	return s
}

// thin empties all projects but the default one and the first.
func thin(s sim.State) sim.State {
	for i := range s.Projects[2:] {
		p := &s.Projects[2+i]
		p.Users, p.ServiceAccounts, p.SpendAlerts = nil, nil, nil
	}
	return s
}
