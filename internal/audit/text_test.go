package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/audit"
)

var update = flag.Bool("update", false, "rewrite golden files")

// lists are what ids stand for in testdata/events.ndjson.
var lists = map[string]string{
	"/organization/users":                            `{"id":"user-1","email":"ada@acme.example"}`,
	"/organization/projects":                         `{"id":"proj_1","name":"search","status":"active"},{"id":"proj_2","name":"old","status":"archived"}`,
	"/organization/groups":                           `{"id":"group_01","name":"eng"}`,
	"/organization/roles":                            `{"id":"role_1","name":"auditor"}`,
	"/organization/invites":                          `{"id":"invite-1","email":"new@acme.example"}`,
	"/organization/admin_api_keys":                   `{"id":"key_1","name":"bylaw"}`,
	"/organization/projects/proj_1/service_accounts": `{"id":"svc_acct_1","name":"indexer"}`,
}

// serve answers with lists, and with the events, newest first. It counts requests by path.
func serve(t *testing.T, lists map[string]string, events []byte) (*adminapi.Client, map[string]int) {
	t.Helper()
	asked := map[string]int{}
	rows := bytes.Split(bytes.TrimSpace(events), []byte("\n"))
	for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
		rows[i], rows[j] = rows[j], rows[i]
	}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimPrefix(r.URL.Path, "/v1")
		asked[path]++
		switch list, ok := lists[path]; {
		case path == "/organization/audit_logs":
			fmt.Fprintf(w, `{"object":"list","data":[%s],"has_more":false}`, bytes.Join(rows, []byte(",")))
		case ok:
			fmt.Fprintf(w, `{"object":"list","data":[%s],"has_more":false}`, list)
		default:
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"error":{"message":"Missing scopes: x.read","type":"invalid_request_error","param":null,"code":null}}`)
		}
	})
	return client(t, handler{h}), asked
}

// A handler serves in the process, one request at a time.
type handler struct{ http.Handler }

func (h handler) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec.Result(), nil
}

func client(t *testing.T, rt http.RoundTripper) *adminapi.Client {
	t.Helper()
	key, err := adminapi.NewKey("sk-admin-simulated-key")
	must(t, err)
	c, err := adminapi.New(adminapi.Options{Key: key, Transport: rt, Concurrency: 1})
	must(t, err)
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func sample(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/events.ndjson")
	must(t, err)
	return b
}

// TestText holds the line of every type of event against a golden file, and reads each list of names once.
func TestText(t *testing.T) {
	t.Parallel()
	c, asked := serve(t, lists, sample(t))
	log, names := audit.Log{Client: c}, audit.Names{Client: c}
	events, err := log.Read(context.Background(), audit.Query{})
	must(t, err)
	must(t, names.Learn(context.Background(), events, false))
	var got strings.Builder
	seen := map[string]bool{}
	for _, e := range events {
		seen[e.Type] = true
		fmt.Fprintf(&got, "%s\n    %s | %s\n", e.Type, names.Who(e.Actor), names.Text(e))
	}
	for _, typ := range audit.Types() {
		if !seen[typ.Name] && !strings.HasPrefix(typ.Name, "tenant.") {
			t.Errorf("no sample of %s", typ.Name)
		}
	}
	for path, n := range asked {
		if n != 1 {
			t.Errorf("%s was read %d times", path, n)
		}
	}
	golden(t, "testdata/events.golden", got.String())
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		must(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// TestNoNames: a key that may not read a list still sees the log, with ids.
func TestNoNames(t *testing.T) {
	t.Parallel()
	c, _ := serve(t, nil, []byte(`{"id":"e1","type":"role.assignment.created","effective_at":1,"actor":null,"role.assignment.created":{"principal_id":"user-1","resource_id":"proj_1"}}`))
	log, names := audit.Log{Client: c}, audit.Names{Client: c}
	events, err := log.Read(context.Background(), audit.Query{})
	must(t, err)
	must(t, names.Learn(context.Background(), events, false))
	got := names.Who(events[0].Actor) + " " + names.Text(events[0])
	if want := "somebody gave user-1 a role in proj_1"; got != want || len(names.Failed) != 2 {
		t.Errorf("%q, want %q; %d lists failed, want 2", got, want, len(names.Failed))
	}
}

// TestBrokenEvents: a log with holes is an error.
func TestBrokenEvents(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]string{
		"no id":      `{"type":"x","effective_at":1}`,
		"no type":    `{"id":"e","effective_at":1}`,
		"no time":    `{"id":"e","type":"x"}`,
		"other time": `{"id":"e","type":"x","effective_at":"now"}`,
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := serve(t, nil, []byte(row))
			log := audit.Log{Client: c}
			if _, err := log.Read(context.Background(), audit.Query{}); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestExpand(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		globs  string
		tenant bool
		want   string
	}{
		{"project.*", false, "project.archived project.created project.deleted project.updated"},
		{"role.assignment.*", false, "role.assignment.created role.assignment.deleted"},
		{"{login,logout}.failed login.*", false, "login.failed login.succeeded logout.failed"},
		{"project.exploded", false, "project.exploded"},
		{"role.*bound*", true, "role.bound_to_resource role.unbound_from_resource"},
		{"tenant.sso.*", true, "tenant.sso.migrated"},
		{"tenant.new.thing", true, "tenant.new.thing"},
		{"projcet.*", false, "error: type projcet.* matches no type of event; they read like project.archived"},
		{"tenant.*", false, "error: type tenant.* is of the tenant: add --tenant"},
		{"tenant.new.thing", false, "error: type tenant.new.thing is of the tenant: add --tenant"},
		{"role.bound_to_resource", false, "error: type role.bound_to_resource is of the tenant: add --tenant"},
		{"login.*", true, "error: type login.* is not of the tenant: leave out --tenant"},
		{"[a", false, `error: type "[a": not a pattern; try project.* or role.assignment.created`},
	} {
		t.Run(tc.globs, func(t *testing.T) {
			types, err := audit.Expand(strings.Fields(tc.globs), tc.tenant)
			got := strings.Join(types, " ")
			if err != nil {
				got = "error: " + err.Error()
			}
			if got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

// TestTypes: as many as the API documents, each once.
func TestTypes(t *testing.T) {
	t.Parallel()
	seen, tenant := map[string]bool{}, 0
	for _, typ := range audit.Types() {
		if seen[typ.Name] {
			t.Errorf("%s is there twice", typ.Name)
		}
		if seen[typ.Name] = true; strings.HasPrefix(typ.Name, "tenant.") {
			tenant++
		}
	}
	if len(seen) != 149 || tenant != 88 {
		t.Errorf("%d types, %d of the tenant; want 149 and 88", len(seen), tenant)
	}
}

// TestAddresses: what the JSON says of ids, wherever they stand.
func TestAddresses(t *testing.T) {
	t.Parallel()
	c, _ := serve(t, lists, sample(t))
	log, names := audit.Log{Client: c}, audit.Names{Client: c}
	events, err := log.Read(context.Background(), audit.Query{Types: []string{"x"}})
	must(t, err)
	must(t, names.Learn(context.Background(), events, false))
	for _, e := range events {
		if e.Type != "workload_identity_provider_mapping.deleted" {
			continue
		}
		b, err := json.Marshal(names.Addresses(e))
		must(t, err)
		want := `{"proj_1":"projects/search","svc_acct_1":"projects/search/service_accounts/indexer","user-1":"users/ada@acme.example"}`
		if diff := cmp.Diff(want, string(b)); diff != "" {
			t.Error(diff)
		}
	}
}
