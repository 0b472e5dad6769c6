package bench_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/desired"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/observed"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// A size is an organization to measure. Each project has so many members, service accounts, alerts and
// rate limits, and four settings.
type size struct {
	name                                               string
	projects, users, members, accounts, alerts, models int
}

func sizes() []size {
	return []size{
		{"S", 10, 20, 10, 3, 2, 30},
		{"M", 50, 200, 20, 3, 2, 30},
		{"L", 1000, 2000, 40, 15, 10, 31},
	}
}

// floor is the fewest requests that a plan can read all this with: the pages of projects, and eight
// collections and settings a project.
func (s size) floor() int { return (s.projects+1+99)/100 + 8*s.projects }

// state is the live organization, as the YAML says.
func (s size) state() sim.State {
	st := sim.Large(sim.Size{Projects: s.projects, Users: s.users, Members: s.members, ServiceAccounts: s.accounts, Alerts: s.alerts, Models: s.models})
	for i := range st.Projects {
		p := &st.Projects[i]
		if p.Default {
			continue
		}
		p.ModelPermissions = &sim.ModelPermissions{Mode: "deny_list", ModelIDs: []string{"model-none"}}
		p.SpendLimit = &sim.SpendLimit{ThresholdAmount: 100000, Currency: "USD", Interval: "month", Enforcement: sim.Enforcement{Status: "inactive"}}
		p.RateLimits = map[string]sim.Limits{}
		for m := range s.models {
			p.RateLimits[fmt.Sprintf("model-%04d", m+1)] = sim.Limits{"max_requests_per_1_minute": 500}
		}
	}
	return st
}

// files declare the organization, a file a project.
func (s size) files() fstest.MapFS {
	fs := fstest.MapFS{"org.yaml": {Data: []byte("version: 1\n")}}
	st := s.state()
	email := map[string]string{}
	for _, u := range st.Users {
		email[u.ID] = *u.Email
	}
	for _, p := range st.Projects {
		if !p.Default {
			fs[fmt.Sprintf("projects/%s.yaml", p.Name)] = &fstest.MapFile{Data: []byte(project(p, email))}
		}
	}
	return fs
}

func project(p sim.Project, email map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "projects:\n  - name: %s\n    users:\n", p.Name)
	for _, u := range p.Users {
		fmt.Fprintf(&b, "      - {email: %s, role: %s}\n", email[u.UserID], u.Role)
	}
	b.WriteString("    service_accounts:\n")
	for _, a := range p.ServiceAccounts {
		fmt.Fprintf(&b, "      - {name: %s, role: %s}\n", a.Name, a.Role)
	}
	b.WriteString("    rate_limits:\n")
	for m := range len(p.RateLimits) {
		fmt.Fprintf(&b, "      - {model: model-%04d, max_requests_per_1_minute: 500}\n", m+1)
	}
	b.WriteString("    spend_alerts:\n")
	for _, a := range p.SpendAlerts {
		fmt.Fprintf(&b, "      - {threshold_amount: %d, notification_channel: {recipients: [billing@acme.example]}}\n", a.ThresholdAmount)
	}
	b.WriteString("    model_permissions: {mode: deny_list, model_ids: [model-none]}\n    hosted_tool_permissions: {mcp: {enabled: true}}\n" +
		"    data_retention: {retention_type: organization_default}\n    spend_limit: {threshold_amount: 100000}\n")
	return b.String()
}

func load(tb testing.TB, s size) desired.Org {
	tb.Helper()
	org, err := desired.LoadFS(s.files(), ".", "acme")
	if err != nil {
		tb.Fatal(err)
	}
	return org
}

// client talks to a simulator in the process.
func client(tb testing.TB, t http.RoundTripper, known ...adminapi.Pace) (*adminapi.Client, adminapi.Key) {
	tb.Helper()
	key, err := adminapi.NewKey(sim.DefaultAdminKey)
	if err != nil {
		tb.Fatal(err)
	}
	c, err := adminapi.New(adminapi.Options{Key: key, Transport: t, Concurrency: 8, Paces: known})
	if err != nil {
		tb.Fatal(err)
	}
	return c, key
}

// input is one side of a plan.
func input(org desired.Org) plan.Input {
	return plan.Input{Want: org.Objects, Declared: org.Declared, Policy: org.Policy}
}

// read plans until nothing is needed any more, and answers with what was read and the plan.
func read(tb testing.TB, ctx context.Context, r *observed.Reader, in plan.Input) (kind.Live, plan.Plan) {
	tb.Helper()
	for {
		in.Live = r.Live()
		p, err := plan.Make(in)
		if err != nil {
			tb.Fatal(err)
		}
		if p.Needs.None() {
			return in.Live, p
		}
		if err := r.Read(ctx, p.Needs.Places); err != nil {
			tb.Fatal(err)
		}
	}
}
