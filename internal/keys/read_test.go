package keys_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/keys"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

func client(t *testing.T, rt http.RoundTripper) *adminapi.Client {
	t.Helper()
	key, err := adminapi.NewKey(sim.DefaultAdminKey)
	must(t, err)
	c, err := adminapi.New(adminapi.Options{Key: key, Transport: rt})
	must(t, err)
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestRequests: one request a project, and the pages of projects, users and admin keys; nothing else.
func TestRequests(t *testing.T) {
	t.Parallel()
	s := sim.New(sim.Large(sim.Size{Projects: 200, Users: 250, ServiceAccounts: 2, APIKeys: 5}))
	c := client(t, s.Transport())
	var expected []map[string]int
	stock, err := keys.Read(context.Background(), c, keys.Options{Expect: func(requests map[string]int) { expected = append(expected, requests) }})
	must(t, err)
	if got := keys.Sum(stock.Keys); got.Keys != 1000 || got.Projects != 200 || got.Admin != 1 || len(stock.Projects) != 201 {
		t.Errorf("%s %d projects", got, len(stock.Projects))
	}
	if diff := cmp.Diff([]map[string]int{{"GET /organization/projects/{projects}/api_keys": 201}}, expected); diff != "" {
		t.Error(diff)
	}
	want := map[string]int{
		"GET /organization/users": 3, "GET /organization/projects": 3, "GET /organization/admin_api_keys": 1,
		"GET /organization/projects/{projects}/api_keys": 201, // the default project has none
	}
	if diff := cmp.Diff(want, c.Stats()); diff != "" {
		t.Error(diff)
	}
	for _, r := range s.Requests() {
		if strings.HasSuffix(r.Path, "/api_keys") && !strings.Contains(r.Query, "owner_project_access=any") {
			t.Fatalf("%s?%s sees members' keys only", r.Path, r.Query)
		}
	}
}

// TestOnlyReads: a glob that can point into some projects only reads no others.
func TestOnlyReads(t *testing.T) {
	t.Parallel()
	for glob, want := range map[kind.Glob]int{
		"projects/search-prod/**": 1, "projects/s*/**": 2, "admin_api_keys/*": 0, "**": 3, "projects/*": 0, "projects/{search-prod,x}/**": 3,
		"projects/**/api_keys/*": 3, "{admin_api_keys/*,projects/search-prod/**}": 3, "projects/support-bot/service_accounts/*/api_keys/*": 1,
	} {
		t.Run(string(glob), func(t *testing.T) {
			c := client(t, sim.New(sim.Demo()).Transport())
			_, err := keys.Read(context.Background(), c, keys.Options{Only: kind.Globs{glob}})
			must(t, err)
			if n := c.Stats()["GET /organization/projects/{projects}/api_keys"]; n != want {
				t.Errorf("%d projects read, want %d", n, want)
			}
		})
	}
}

// TestAddresses: keys stand where the YAML has them.
func TestAddresses(t *testing.T) {
	t.Parallel()
	stock, err := keys.Read(context.Background(), client(t, sim.New(sim.Demo()).Transport()), keys.Options{})
	must(t, err)
	for _, k := range stock.Keys {
		if _, err := kind.ParseAddress(string(k.Addr)); err != nil {
			t.Error(err)
		}
	}
}

// lists is an API of fixed lists.
type lists map[string]string

func (l lists) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	fmt.Fprintf(rec, `{"object":"list","data":[%s],"has_more":false}`, l[strings.TrimPrefix(r.URL.Path, "/v1/organization/")])
	return rec.Result(), nil
}

const (
	oneUser    = `{"id":"user-1","email":"Ada@acme.example","name":"Ada","role":"owner","user":{"id":"person-1"}}`
	oneProject = `{"id":"proj_1","name":"a/b","status":"active"},{"id":"proj_2","name":null,"status":"active"},{"id":"proj_3","name":"old","status":"archived"}`
)

// TestRows: what rows may look like, and what becomes of them.
func TestRows(t *testing.T) {
	t.Parallel()
	at := time.Unix(1700000000, 0).UTC()
	for name, tc := range map[string]struct {
		admin, project string
		want           keys.Key
	}{
		"admin key": {admin: `{"id":"k","name":"bylaw","redacted_value":"sk-admin-x...y","created_at":1700000000,"last_used_at":1700000000,"expires_at":null,"owner":{"type":"user","id":"user-1","role":"owner"}}`,
			want: keys.Key{Addr: "admin_api_keys/bylaw", ID: "k", Name: "bylaw", Redacted: "sk-admin-x...y", Created: at, Used: keys.Moment{Known: true, At: at}, Expires: keys.Moment{Known: true},
				Owner: keys.Owner{Type: "user", ID: "user-1", Name: "Ada", Email: "ada@acme.example", Role: "owner"}}},
		"admin key without name, use and owner": {admin: `{"id":"k","name":null,"created_at":1700000000,"expires_at":1700000000}`,
			want: keys.Key{Addr: "admin_api_keys/~k", ID: "k", Created: at, Expires: keys.Moment{Known: true, At: at}, Owner: keys.Owner{Gone: true}}},
		"admin key of a service account": {admin: `{"id":"k","name":"n","created_at":1700000000,"owner":{"type":"service_account","id":"sa","name":"bot","role":"member"}}`,
			want: keys.Key{Addr: "admin_api_keys/n", ID: "k", Name: "n", Created: at, Owner: keys.Owner{Type: "service_account", ID: "sa", Name: "bot", Role: "member"}}},
		"key of a person, by her other id": {project: `{"id":"k","name":"laptop","created_at":1700000000,"owner_project_access":"active","owner":{"type":"user","user":{"id":"person-1"}}}`,
			want: keys.Key{Addr: "projects/a%2Fb/api_keys/ada@acme.example:laptop", Project: "projects/a%2Fb", In: "proj_1", ID: "k", Name: "laptop", Access: "active", Created: at,
				Owner: keys.Owner{Type: "user", ID: "person-1", Name: "Ada", Email: "ada@acme.example", Role: "owner"}}},
		"key of someone gone": {project: `{"id":"k","name":"","created_at":1700000000,"owner":{"type":"user","user":{"id":"user-9","email":"Bob@acme.example","role":"owner"}}}`,
			want: keys.Key{Addr: "projects/a%2Fb/api_keys/bob@acme.example", Project: "projects/a%2Fb", In: "proj_1", ID: "k", Created: at,
				Owner: keys.Owner{Type: "user", ID: "user-9", Email: "bob@acme.example", Gone: true}}},
		"key of a service account": {project: `{"id":"k","name":"prod","created_at":1700000000,"owner_project_access":"inactive","owner":{"type":"service_account","service_account":{"id":"sa","name":"in/dexer","role":"member"}}}`,
			want: keys.Key{Addr: "projects/a%2Fb/service_accounts/in%2Fdexer/api_keys/prod", Project: "projects/a%2Fb", In: "proj_1", ID: "k", Name: "prod", Access: "inactive", Created: at,
				Owner: keys.Owner{Type: "service_account", ID: "sa", Name: "in/dexer", Role: "member"}}},
		"key of nobody": {project: `{"id":"k","name":"n","created_at":1700000000,"owner":null}`,
			want: keys.Key{Addr: "projects/a%2Fb/api_keys/n", Project: "projects/a%2Fb", In: "proj_1", ID: "k", Name: "n", Created: at, Owner: keys.Owner{Gone: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stock, err := keys.Read(context.Background(), client(t, lists{"users": oneUser, "projects": oneProject, "admin_api_keys": tc.admin, "projects/proj_1/api_keys": tc.project}), keys.Options{})
			must(t, err)
			if diff := cmp.Diff(keys.Stock{Keys: []keys.Key{tc.want}, Projects: []kind.Address{"projects/a%2Fb", "projects/~proj_2"}}, stock); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestBrokenRows: a report that leaves something out is none.
func TestBrokenRows(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ path, row, want string }{
		"user without id":    {"users", `{"email":"x@acme.example"}`, "read the users: a row without its id"},
		"project without id": {"projects", `{"name":"x","status":"active"}`, "read the projects: a row without its id"},
		"key without id":     {"admin_api_keys", `{"name":"x","created_at":1}`, "read the admin keys: row 1: a key without its id"},
		"key without age":    {"admin_api_keys", `{"id":"k"}`, "read the admin keys: row 1: key k: no created_at"},
		"other time":         {"projects/proj_1/api_keys", `{"id":"k","created_at":1,"last_used_at":"yesterday"}`, "read the keys of projects/a%2Fb: row 1: key k: its last_used_at is not a time in seconds"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := lists{"projects": oneProject}
			l[tc.path] = tc.row
			if _, err := keys.Read(context.Background(), client(t, l), keys.Options{}); err == nil || err.Error() != tc.want {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}
