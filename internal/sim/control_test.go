package sim_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

func TestInviteAccepted(t *testing.T) {
	t.Parallel()
	c := demo(t)
	u := c.get("POST /_sim/invites/Margaret@acme.example/accept", "")
	if u["email"] != "margaret@acme.example" || u["role"] != "reader" || u["id"] != "user-sim0010" {
		t.Errorf("user is %v", u)
	}
	if got := ids(c.get("GET "+support+"/users", "")); !slices.Contains(got, "user-sim0010") {
		t.Errorf("members are %v", got)
	}
	i := c.get("GET /organization/invites/invite-sim0003", "")
	if i["status"] != "accepted" || i["accepted_at"] != float64(fixed().Unix()) {
		t.Errorf("invite is %v", i)
	}
	events := c.get("GET /organization/audit_logs?actor_ids[]=user-sim0010", "")
	if got := len(ids(events)); got != 2 {
		t.Errorf("%d events of hers", got)
	}
	if status, _ := c.do("POST /_sim/invites/margaret@acme.example/accept", ""); status != http.StatusNotFound {
		t.Errorf("accepted twice: %d", status)
	}
}

func TestInviteExpires(t *testing.T) {
	t.Parallel()
	c := demo(t)
	c.get("POST /_sim/invites/margaret@acme.example/expire", "")
	i := c.get("POST /organization/invites", `{"email":"new@acme.example","role":"owner","projects":[]}`)
	if got, _ := i["projects"].([]any); i["status"] != "pending" || len(got) != 0 {
		t.Errorf("invite is %v", i)
	}
	c.get("POST /_sim/clock", `{"advance":"168h"}`)
	for _, id := range []string{"invite-sim0003", i["id"].(string)} {
		if got := c.get("GET /organization/invites/"+id, "")["status"]; got != "expired" {
			t.Errorf("%s is %v", id, got)
		}
	}
	c.get("DELETE /organization/invites/invite-sim0003", "")
}

// TestChangeByHand: somebody clicks in the dashboard. The same rules hold, but nothing was received.
func TestChangeByHand(t *testing.T) {
	t.Parallel()
	s := sim.New(sim.Demo())
	s.Faults = []sim.Fault{{Route: "*", Count: -1, Fault: "error_500"}}
	c := newClient(t, s)
	change := `{"method":"POST","path":"` + search + `","body":{"name":"search"},"actor":"linus@acme.example"}`
	if got := c.get("POST /_sim/change", change)["name"]; got != "search" {
		t.Errorf("name is %v", got)
	}
	if got := c.Requests(); len(got) != 0 {
		t.Errorf("received %v", got)
	}
	events := c.Snapshot().AuditLogs
	want := sim.AuditEvent{
		EventHead: sim.EventHead{ID: "audit_log-sim0004", Type: "project.updated", EffectiveAt: fixed().Unix(),
			Project: &sim.EventProject{ID: "proj_sim0002", Name: "search"},
			Actor: sim.Actor{Type: "session", Session: &sim.ActorSession{
				User: sim.ActorUser{ID: "user-sim0002", Email: "linus@acme.example"}, IPAddress: "203.0.113.7"}}},
		Details: map[string]any{"id": "proj_sim0002", "changes_requested": map[string]any{"title": "search"}},
	}
	if diff := cmp.Diff(want, events[len(events)-1]); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	c.get("POST /_sim/change", `{"method":"POST","path":"`+search+`","body":{"name":"again"},"key":"grace's script"}`)
	events = c.Snapshot().AuditLogs
	want.EventHead = sim.EventHead{ID: "audit_log-sim0005", Type: "project.updated", EffectiveAt: fixed().Unix(),
		Project: &sim.EventProject{ID: "proj_sim0001", Name: "Default project"},
		Actor: sim.Actor{Type: "api_key", APIKey: &sim.ActorKey{ID: "key_acme0010", Type: "user",
			User: sim.ActorUser{ID: "user-sim0003", Email: "grace@acme.example"}}}}
	want.Details = map[string]any{"id": "proj_sim0002", "changes_requested": map[string]any{"title": "again"}}
	if diff := cmp.Diff(want, events[len(events)-1]); diff != "" {
		t.Errorf("event of a key (-want +got):\n%s", diff)
	}
	refused := map[string]int{
		`{"method":"GET","path":"/v1/organization/users","key":"key_sim9999"}`:                                400,
		`{"method":"POST","path":"/v1` + fallback + `","body":{"name":"x"}}`:                                  400,
		`{"method":"POST","path":"/v1/organization/nothing"}`:                                                 404,
		`{"method":"GET","path":"/v1/organization/users","actor":"who@acme.example"}`:                         400,
		`{"method":"GET","path":"/v1/organization/users","as":"x"}`:                                           400,
		`{"method":"POST","path":"/v1/organization/projects","body":{"nmae":"x"},"actor":"ada@acme.example"}`: 400,
	}
	for body, want := range refused {
		if status, text := c.do("POST /_sim/change", body); status != want {
			t.Errorf("%s: %d %s, want %d", body, status, text, want)
		}
	}
}

func TestReceived(t *testing.T) {
	t.Parallel()
	c := demo(t)
	c.get("GET /organization/users?limit=5", "")
	c.get("POST "+search, `{"name":"x"}`)
	c.do("GET /organization/nothing", "")
	want := []sim.Received{
		{Method: "GET", Path: "/v1/organization/users", Route: "GET /v1/organization/users", Query: "limit=5", Status: 200},
		{Method: "POST", Path: "/v1" + search, Route: "POST /v1/organization/projects/{project_id}", Body: []byte(`{"name":"x"}`), Status: 200},
		{Method: "GET", Path: "/v1/organization/nothing", Status: 404},
	}
	if diff := cmp.Diff(want, c.Requests(), cmpopts.IgnoreUnexported(sim.Received{})); diff != "" {
		t.Errorf("received (-want +got):\n%s", diff)
	}
	if _, text := c.do("GET /_sim/requests", ""); strings.Count(text, `"method"`) != 3 {
		t.Errorf("requests are %s", text)
	}
	c.get("DELETE /_sim/requests", "")
	if _, text := c.do("GET /_sim/requests", ""); strings.TrimSpace(text) != "[]" {
		t.Errorf("requests are %s", text)
	}
}

func TestScopesAndQuirks(t *testing.T) {
	t.Parallel()
	c := demo(t)
	c.get("PUT /_sim/scopes", `{"forbid":["write"]}`)
	status, text := c.do("POST "+search, `{"name":"x"}`)
	if status != http.StatusForbidden || !strings.Contains(text, "Missing scopes: api.management.write") || !strings.Contains(text, `"code":null`) {
		t.Errorf("%d %s", status, text)
	}
	c.get("GET "+search, "")
	c.get("GET /organization/audit_logs", "")
	c.get("PUT /_sim/scopes", `{"forbid":["audit"]}`)
	if status, _ := c.do("GET /organization/audit_logs?limit=1", ""); status != http.StatusForbidden {
		t.Errorf("the log answers %d", status)
	}
	c.get("POST "+search, `{"name":"x"}`)
	c.get("PUT /_sim/scopes", `{"forbid":[]}`)

	c.get("POST "+search+"/spend_alerts", `{`+alert+`,`+mail+`}`)
	c.get("GET "+search+"/spend_limit", "")
	c.get("PUT /_sim/quirks", `{"alerts_disturb_limits":true}`)
	c.get("POST "+search+"/spend_alerts", `{`+alert+`,`+mail+`}`)
	if status, _ := c.do("GET "+search+"/spend_limit", ""); status != http.StatusNotFound {
		t.Errorf("the spend limit is still there: %d", status)
	}
	c.get("GET /organization/spend_limit", "")
}

func TestControlRefuses(t *testing.T) {
	t.Parallel()
	c := demo(t)
	for what, body := range map[string]string{
		"GET /_sim/nothing":   "",
		"PUT /_sim/faults":    `[{"route":"*","fault":"x"}]`,
		"PUT /_sim/scopes":    `{"forbid":["x"]}`,
		"PUT /_sim/quirks":    `{"x":true}`,
		"POST /_sim/clock":    `{"advance":"-1h"}`,
		"DELETE /_sim/faults": ``,
	} {
		if status, text := c.do(what, body); status != http.StatusBadRequest && status != http.StatusNotFound {
			t.Errorf("%s: %d %s", what, status, text)
		}
	}
	r := c.request("GET /_sim/state", "")
	r.Header.Set("Origin", "https://acme.example")
	if res, err := c.Transport().RoundTrip(r); err != nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("a web page got %v, %v", res, err)
	}
	if got := ids(c.get("GET /organization/projects", "")); len(got) != 3 {
		t.Errorf("projects are %v", got)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	c := demo(t)
	for _, id := range []string{"req_sim000001", "req_sim000002"} {
		h := c.response("GET /organization/nothing", "").Header
		if h.Get("openai-organization") != "org-acme" || h.Get("x-request-id") != id || h.Get("Content-Type") != "application/json" {
			t.Errorf("headers are %v", h)
		}
	}
}

// TestSameRequestsSameState: nothing depends on chance, map order or the real clock.
func TestSameRequestsSameState(t *testing.T) {
	t.Parallel()
	run := func() string {
		c := demo(t)
		p := c.get("POST /organization/projects", `{"name":"x"}`)["id"].(string)
		c.get("POST /organization/projects/"+p+"/service_accounts", `{"name":"bot"}`)
		c.get("POST /organization/projects/"+p+"/rate_limits/rl-o3", `{"max_tokens_per_1_minute":5,"max_requests_per_1_minute":5}`)
		c.get("POST /organization/invites", `{"email":"x@acme.example","role":"reader"}`)
		c.get("POST /_sim/invites/x@acme.example/accept", "")
		return dump(t, c.Snapshot())
	}
	if diff := cmp.Diff(run(), run()); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	c := demo(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				c.do("POST /organization/projects", `{"name":"x"}`)
				c.do("GET /organization/users", "")
				c.Requests()
			}
		})
	}
	wg.Wait()
	if got := len(c.Snapshot().Projects); got != 164 {
		t.Errorf("%d projects", got)
	}
}

func TestReadStateIsStrict(t *testing.T) {
	t.Parallel()
	good := dump(t, sim.Demo())
	for _, tt := range []struct{ old, new, says string }{
		{`"version": 1`, `"version": 2`, "version is 2"},
		{`"version": 1`, `"version": 1, "colour": "blue"`, "colour"},
		{`"default": true`, `"default": false`, "0 are marked default"},
		{`"id": "user-sim0002",`, `"id": "user-sim0001",`, "twice"},
		{`"user_id": "user-sim0003"`, `"user_id": "user-x"`, "user-x"},
		{`"status": "archived"`, `"status": "asleep"`, "asleep"},
		{`"batch_1_day_max_input_tokens"`, `"max_smiles"`, "max_smiles"},
		{`"id": "org-acme"`, `"id": ""`, "organization.id"},
	} {
		_, err := sim.ReadState(strings.NewReader(strings.Replace(good, tt.old, tt.new, 1)))
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s instead of %s: %v, want %q", tt.new, tt.old, err, tt.says)
		}
	}
	if _, err := sim.ReadState(strings.NewReader(good + "{}")); err == nil {
		t.Error("text after the end is read over")
	}
}

func TestNewCopies(t *testing.T) {
	t.Parallel()
	seed := sim.Demo()
	c := newClient(t, sim.New(seed))
	c.get("POST "+search, `{"name":"x"}`)
	snapshot := c.Snapshot()
	snapshot.Projects[1].Users[0].Role = "owner"
	if seed.Projects[1].Name != "search-prod" || c.Snapshot().Projects[1].Users[0].Role != "member" {
		t.Error("the seed or the snapshot is the server's own")
	}
}
