package e2e_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/openai/openai-go/v3"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// an sdkRead reads all of a collection, or a setting, of a project or of the organization.
type sdkRead func(ctx context.Context, a *openai.AdminOrganizationService, project string) error

// hundred is the largest page that every list takes.
var hundred = openai.Int(100)

// sdkReads are the SDK's own ways to read each kind, Pending ones too.
var sdkReads = map[string]sdkRead{
	"users": func(ctx context.Context, a *openai.AdminOrganizationService, _ string) error {
		return drain(a.Users.ListAutoPaging(ctx, openai.AdminOrganizationUserListParams{Limit: hundred}))
	},
	"invites": func(ctx context.Context, a *openai.AdminOrganizationService, _ string) error {
		return drain(a.Invites.ListAutoPaging(ctx, openai.AdminOrganizationInviteListParams{Limit: hundred}))
	},
	"data_retention": func(ctx context.Context, a *openai.AdminOrganizationService, _ string) error {
		return got(a.DataRetention.Get(ctx))
	},
	"spend_alerts": func(ctx context.Context, a *openai.AdminOrganizationService, _ string) error {
		return drain(a.SpendAlerts.ListAutoPaging(ctx, openai.AdminOrganizationSpendAlertListParams{Limit: hundred}))
	},
	"spend_limit": func(ctx context.Context, a *openai.AdminOrganizationService, _ string) error {
		return got(a.SpendLimit.Get(ctx))
	},
	"projects": func(ctx context.Context, a *openai.AdminOrganizationService, _ string) error {
		return drain(a.Projects.ListAutoPaging(ctx, openai.AdminOrganizationProjectListParams{Limit: hundred, IncludeArchived: openai.Bool(true)}))
	},
	"projects/users": func(ctx context.Context, a *openai.AdminOrganizationService, p string) error {
		return drain(a.Projects.Users.ListAutoPaging(ctx, p, openai.AdminOrganizationProjectUserListParams{Limit: hundred}))
	},
	"projects/service_accounts": func(ctx context.Context, a *openai.AdminOrganizationService, p string) error {
		return drain(a.Projects.ServiceAccounts.ListAutoPaging(ctx, p, openai.AdminOrganizationProjectServiceAccountListParams{Limit: hundred}))
	},
	"projects/model_permissions": func(ctx context.Context, a *openai.AdminOrganizationService, p string) error {
		return got(a.Projects.ModelPermissions.Get(ctx, p))
	},
	"projects/rate_limits": func(ctx context.Context, a *openai.AdminOrganizationService, p string) error { // no documented maximum
		return drain(a.Projects.RateLimits.ListRateLimitsAutoPaging(ctx, p, openai.AdminOrganizationProjectRateLimitListRateLimitsParams{Limit: openai.Int(1000)}))
	},
	"projects/hosted_tool_permissions": func(ctx context.Context, a *openai.AdminOrganizationService, p string) error {
		return got(a.Projects.HostedToolPermissions.Get(ctx, p))
	},
	"projects/data_retention": func(ctx context.Context, a *openai.AdminOrganizationService, p string) error {
		return got(a.Projects.DataRetention.Get(ctx, p))
	},
	"projects/spend_alerts": func(ctx context.Context, a *openai.AdminOrganizationService, p string) error {
		return drain(a.Projects.SpendAlerts.ListAutoPaging(ctx, p, openai.AdminOrganizationProjectSpendAlertListParams{Limit: hundred}))
	},
	"projects/spend_limit": func(ctx context.Context, a *openai.AdminOrganizationService, p string) error {
		return got(a.Projects.SpendLimit.Get(ctx, p))
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

// floor is what the SDK sends to read these sections of the organization, each once: the fewest requests
// that can tell what is there. To know a project's id takes the list of projects.
func floor(t *testing.T, state sim.State, sections map[kind.Address]bool) map[string]int {
	t.Helper()
	o := newOrg(t, state)
	id := map[string]string{}
	for _, p := range state.Projects {
		if p.Status == "active" {
			id[p.Name] = p.ID
		}
	}
	read := func(name, project string) {
		if sdkReads[name] == nil {
			t.Fatalf("no SDK call reads %s", name)
		}
		if err := sdkReads[name](context.Background(), o.sdk(), project); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	for a := range withParents(sections) {
		name, below := a.Part("projects")
		if below && id[name] == "" {
			continue
		}
		read(a.KindName(), id[name])
		if p := a.Kind().Pending; p != nil {
			read(p.Name, "")
		}
	}
	return tally(o.said, query)
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

// everything declares each kind in one project.
const everything = `
users: []
data_retention: {retention_type: zero_data_retention}
spend_alerts: []
spend_limit: {state: absent}
projects:
  - name: project-0001
    users: []
    service_accounts: []
    model_permissions: {state: absent}
    rate_limits: []
    hosted_tool_permissions: {mcp: {enabled: true}}
    data_retention: {retention_type: none}
    spend_alerts: []
    spend_limit: {threshold_amount: 1}
`

// TestReadsAreTheSDKs: of lists that take more than a page and of settings, bylaw sends what the SDK's
// own pagers and getters send.
func TestReadsAreTheSDKs(t *testing.T) {
	t.Parallel()
	in := document(t, everything)
	named := map[string]bool{}
	for a := range in.Declared {
		named[a.KindName()] = true
	}
	for _, k := range kind.All() {
		if !named[k.Name] {
			t.Errorf("the document declares no %s", k.Name)
		}
	}
	state := crowded()
	o := newOrg(t, state)
	o.plan(in)
	want := floor(t, state, declared(in))
	if diff := cmp.Diff(want, tally(o.said, query)); diff != "" {
		t.Errorf("bylaw reads (+), the SDK (-):\n%s", diff)
	}
	if len(want) != 2*len(sdkReads)-settings() {
		t.Errorf("%d reads of %d kinds, so not each list took two pages: %v", len(want), len(sdkReads), want)
	}
}

func settings() int {
	n := 0
	for _, k := range kind.All() {
		if k.Setting() {
			n++
		}
	}
	return n
}

// crowded is an organization in which every list takes two pages: all lists of its first project, too.
func crowded() sim.State {
	s := thin(sim.Large(sim.Size{Projects: 110, Users: 130, Members: 105, ServiceAccounts: 105, Alerts: 105, Models: 1005}))
	s.SpendAlerts = s.Projects[1].SpendAlerts
	for i := range 105 {
		u := s.Users[1+i]
		s.Invites = append(s.Invites, sim.Invite{ID: "invite-" + u.ID, Email: *u.Email, Role: "reader", Status: "accepted", CreatedAt: u.AddedAt})
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
