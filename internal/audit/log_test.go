package audit_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/audit"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// world is the demo organization, in which ada's key and linus in the dashboard did these things, a
// minute each.
func world(t *testing.T) (*sim.Server, *adminapi.Client) {
	t.Helper()
	s := sim.New(sim.Demo())
	c := client(t, s.Transport())
	at := time.Date(2025, 11, 20, 12, 0, 0, 0, time.UTC)
	s.Now = func() time.Time { return at }
	const search, support = "/organization/projects/proj_sim0002", "/organization/projects/proj_sim0003"
	for _, r := range []adminapi.Request{
		{Method: "POST", Path: search + "/rate_limits/rl-o3", Body: map[string]any{"max_requests_per_1_minute": 50}},
		{Method: "POST", Path: search + "/service_accounts", Body: map[string]any{"name": "crawler"}},
		{Method: "POST", Path: support + "/service_accounts/svc_acct_sim0003", Body: map[string]any{"role": "member"}},
		{Method: "DELETE", Path: search + "/api_keys/key_acme0002"},
		{Method: "POST", Path: support + "/users/user-sim0005", Body: map[string]any{"role": "owner"}},
		{Method: "POST", Path: "/organization/projects", Body: map[string]any{"name": "batch"}},
		{Method: "DELETE", Path: "/organization/users/user-sim0006"},
	} {
		at = at.Add(time.Minute)
		r.Route = r.Path
		_, err := c.Do(context.Background(), r)
		must(t, err)
	}
	return s, c
}

// lines reads and shows the events of a query.
func lines(t *testing.T, c *adminapi.Client, q audit.Query) []string {
	t.Helper()
	log, names := audit.Log{Client: c}, audit.Names{Client: c}
	events, err := log.Read(context.Background(), q)
	must(t, err)
	must(t, names.Learn(context.Background(), events, false))
	var out []string
	for _, e := range events {
		out = append(out, fmt.Sprintf("%s %s", e.At.Format("15:04"), names.Text(e)))
	}
	if log.Unsure > 0 {
		out = append(out, fmt.Sprint("unsure ", log.Unsure))
	}
	return out
}

const (
	oldUser   = "00:00 removed the user user-sim0007"
	oldLimit  = "00:00 updated the rate limit rl-gpt-4.1: max_requests_per_1_minute = 500 (project search-prod)"
	oldInvite = "00:00 invited margaret@acme.example as member"
	limit     = "12:01 updated the rate limit rl-o3: max_requests_per_1_minute = 50"
	account   = "12:02 created the service account crawler as member"
	key       = "12:02 created the API key key_sim0003 with the scopes all"
	role      = "12:03 updated the service account helpdesk: role = member"
	dropped   = "12:04 deleted the API key key_acme0002"
	member    = "12:05 updated the user of the project support-bot: role = owner"
	batch     = "12:06 created the project batch"
	removed   = "12:07 removed the user user-sim0006"
)

func TestQuery(t *testing.T) {
	t.Parallel()
	at := func(hour, minute int) time.Time { return time.Date(2025, 11, 20, hour, minute, 0, 0, time.UTC) }
	project := func(t *testing.T, c *adminapi.Client, name string) audit.Filter {
		f, err := audit.Project(context.Background(), c, name)
		must(t, err)
		return f
	}
	resource := func(t *testing.T, c *adminapi.Client, name string) audit.Filter {
		f, err := audit.Resource(context.Background(), c, name)
		must(t, err)
		return f
	}
	for name, tc := range map[string]struct {
		query             audit.Query
		project, resource string
		want              []string
	}{
		"everything":      {want: []string{oldUser, oldLimit, oldInvite, limit, account, key, role, dropped, member, batch, removed}},
		"since":           {query: audit.Query{Since: at(12, 5)}, want: []string{member, batch, removed}},
		"until":           {query: audit.Query{Since: at(12, 1), Until: at(12, 2)}, want: []string{limit, account, key}},
		"types":           {query: audit.Query{Types: []string{"user.deleted", "project.created"}}, want: []string{oldUser, batch, removed}},
		"actor by e-mail": {query: audit.Query{Actors: []string{"linus@acme.example"}}, want: []string{oldUser, oldLimit, oldInvite}},
		"actor by key":    {query: audit.Query{Actors: []string{"key_sim0001"}, Since: at(12, 6)}, want: []string{batch, removed}},
		"the newest":      {query: audit.Query{Limit: 2}, want: []string{batch, removed}},
		"the tenant":      {query: audit.Query{Tenant: true}},
		// The API books what the key did on the default project, and the limit does not say where it is.
		"project":                {project: "search-prod", want: []string{oldLimit, account, key, "unsure 1"}},
		"another project":        {project: "support-bot", want: []string{role, member, "unsure 1"}},
		"project by id":          {project: "proj_sim0003", want: []string{role, member, "unsure 1"}},
		"archived project":       {project: "hackathon-2024", want: []string{"unsure 1"}},
		"project, the newest":    {query: audit.Query{Limit: 1}, project: "search-prod", want: []string{key, "unsure 1"}},
		"service account":        {resource: "projects/search-prod/service_accounts/crawler", want: []string{account}},
		"key of an account":      {resource: "projects/search-prod/service_accounts/crawler/api_keys/Secret Key", want: []string{key}},
		"rate limit":             {resource: "projects/search-prod/rate_limits/gpt-4.1", want: []string{oldLimit}},
		"rate limit elsewhere":   {resource: "projects/support-bot/rate_limits/gpt-4.1"},
		"rate limit of a key":    {resource: "projects/support-bot/rate_limits/o3", want: []string{limit}}, // which project, nobody knows
		"project as resource":    {resource: "projects/support-bot", want: []string{member}},
		"resource by id":         {resource: "user-sim0006", want: []string{removed}},
		"everything at once":     {query: audit.Query{Types: []string{"service_account.created", "user.updated"}, Since: at(12, 2), Actors: []string{"ada@acme.example"}}, project: "search-prod", want: []string{account}},
		"nothing in that window": {query: audit.Query{Since: at(13, 0)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, c := world(t)
			if tc.project != "" {
				tc.query.Only = project(t, c, tc.project)
			}
			if tc.resource != "" {
				tc.query.Only = resource(t, c, tc.resource)
			}
			if diff := cmp.Diff(tc.want, lines(t, c, tc.query)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNoSuch(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ project, resource, want string }{
		"project":        {project: "serach-prod", want: "no project serach-prod; did you mean search-prod?"},
		"resource":       {resource: "users/edgser@acme.example", want: "no users edgser@acme.example; did you mean edsger@acme.example?"},
		"parent":         {resource: "projects/nope/users/alan@acme.example", want: "no projects nope"},
		"no address":     {resource: "people/ada", want: `address "people/ada": no kind of object stands there`},
		"setting":        {resource: "projects/search-prod/spend_limit", want: "projects/search-prod/spend_limit: no event tells of that"},
		"collection":     {resource: "projects/search-prod/users", want: "projects/search-prod/users is a collection: name an object in it"},
		"without events": {resource: "spend_alerts/4000000", want: "spend_alerts/4000000: no event tells of that"},
	} {
		t.Run(name, func(t *testing.T) {
			_, c := world(t)
			_, err := audit.Project(context.Background(), c, tc.project)
			if tc.resource != "" {
				_, err = audit.Resource(context.Background(), c, tc.resource)
			}
			if !errors.Is(err, audit.ErrNoSuch) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

// TestReadStops: a limit or a start asks for no more pages than it must, whatever the server does with it.
func TestReadStops(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		query audit.Query
		pages int
		want  int
	}{
		"all":             {audit.Query{}, 3, 250},
		"limit of a page": {audit.Query{Limit: 100}, 1, 100},
		"limit":           {audit.Query{Limit: 101}, 2, 101},
		"since":           {audit.Query{Since: time.Unix(200, 0)}, 1, 51},
	} {
		t.Run(name, func(t *testing.T) {
			pages := 0
			log := audit.Log{Client: client(t, handler{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				pages++
				from := 250
				if after := r.URL.Query().Get("after"); after != "" {
					_, err := fmt.Sscanf(after, "e%d", &from)
					must(t, err)
					from--
				}
				var rows []string
				for i := from; i > max(from-100, 0); i-- {
					rows = append(rows, fmt.Sprintf(`{"id":"e%d","type":"login.succeeded","effective_at":%d,"login.succeeded":{}}`, i, i))
				}
				last := max(from-99, 1)
				fmt.Fprintf(w, `{"object":"list","data":[%s],"has_more":%t,"last_id":"e%d"}`, strings.Join(rows, ","), last > 1, last)
			})})}
			events, err := log.Read(context.Background(), tc.query)
			must(t, err)
			if pages != tc.pages || len(events) != tc.want || events[len(events)-1].ID != "e250" {
				t.Errorf("%d events in %d pages, want %d in %d", len(events), pages, tc.want, tc.pages)
			}
		})
	}
}

// TestFollow: each event once, the late ones too, until the end.
func TestFollow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := sim.New(sim.Demo())
		s.Now = func() time.Time { return time.Now().AddDate(26, 0, 0) } // after the seed, whose time is real
		c := client(t, s.Transport())
		ctx, cancel := context.WithCancel(context.Background())
		log := audit.Log{Client: c}
		var got []string
		rounds := 0
		err := log.Follow(ctx, audit.Query{Limit: 1}, 10*time.Second, time.Minute, func(events []audit.Event) error {
			rounds++
			for _, e := range events {
				got = append(got, fmt.Sprint(rounds, " ", e.Type))
			}
			switch rounds {
			case 2, 4:
				_, err := c.Do(ctx, adminapi.Request{Method: "POST", Route: "/p", Path: "/organization/projects", Body: map[string]any{"name": fmt.Sprint("p", rounds)}})
				return err
			case 6:
				cancel()
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("it ended with %v", err)
		}
		if diff := cmp.Diff([]string{"1 invite.sent", "3 project.created", "5 project.created"}, got); diff != "" {
			t.Error(diff)
		}
		if n := s.Requests(); len(n) != 6+2 {
			t.Errorf("%d requests", len(n))
		}
	})
}

// TestFollowThrottled: it goes at the API's pace, and gives up only after its patience.
func TestFollowThrottled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := sim.New(sim.Demo())
		s.Rate, s.Burst = 2, 1
		log := audit.Log{Client: client(t, s.Transport())}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
		defer cancel()
		rounds := 0
		err := log.Follow(ctx, audit.Query{}, 10*time.Second, 5*time.Minute, func([]audit.Event) error {
			rounds++
			return nil
		})
		if rounds < 10 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%d rounds, then %v", rounds, err)
		}
	})
}
