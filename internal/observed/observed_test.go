package observed_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/observed"
)

// answers are bodies by path; a status other than 200 stands before the body. It counts what is asked.
type answers struct {
	bodies map[string]string
	mu     sync.Mutex
	asked  map[string]int
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	path := strings.TrimPrefix(r.URL.Path, "/v1")
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.asked == nil {
		a.asked = map[string]int{}
	}
	a.asked[path]++
	status, body := http.StatusOK, a.bodies[path]
	if n, err := fmt.Sscanf(body, "%d ", &status); n == 1 && err == nil {
		body = body[4:]
	}
	return &http.Response{StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Openai-Organization": {"org-acme"}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}, nil
}

const testKey = "sk-admin-simulated-key"

func reader(t *testing.T, a *answers) *observed.Reader {
	t.Helper()
	key, err := adminapi.NewKey(testKey)
	if err != nil {
		t.Fatal(err)
	}
	client, err := adminapi.New(adminapi.Options{Key: key, Transport: a})
	if err != nil {
		t.Fatal(err)
	}
	return observed.New(client, key)
}

func rows(rows ...string) string {
	return `{"object":"list","data":[` + strings.Join(rows, ",") + `],"has_more":false,"first_id":null,"last_id":null}`
}

// place is where the objects of a kind are read; project ids stand as proj_1.
func place(name string) kind.Place {
	k, pending := strings.CutSuffix(name, " invites")
	in := kind.Address(strings.Replace(k, "projects/", "projects/p/", 1))
	p := kind.Place{Kind: kind.Find(k), In: in}
	if pending {
		p.Kind = p.Kind.Pending
	}
	p.Route = p.Kind.Place()
	p.Path = strings.Replace(p.Kind.Path, "{projects}", "proj_1", 1)
	p.Skip = p.Kind.Skip
	return p
}

// What a row becomes, or what is wrong with it.
func TestRows(t *testing.T) {
	t.Parallel()
	const user = `"object":"organization.user","id":"user-1","role":"reader"`
	for name, tc := range map[string]struct {
		kind, row string
		want      []kind.Object // Kind left out
		err       string
	}{
		"a user": {"users", `{` + user + `,"email":"Ada@acme.example","technical_level":null}`, []kind.Object{
			{Addr: "users/ada@acme.example", ID: "user-1", Fields: map[string]any{"email": "Ada@acme.example", "role": "reader"}}}, ""},
		"a service account among users": {"users", `{` + user + `,"email":null,"is_service_account":true}`, nil, ""},
		"a user without an e-mail": {"users", `{` + user + `,"email":null}`, []kind.Object{
			{Addr: "users/~user-1", ID: "user-1", Fields: map[string]any{"role": "reader"}}}, ""},
		"a user from the identity provider": {"users", `{` + user + `,"email":"a@b.example","is_scim_managed":true}`, []kind.Object{
			{Addr: "users/a@b.example", ID: "user-1", Foreign: true, Fields: map[string]any{"email": "a@b.example", "role": "reader"}}}, ""},
		"no id":            {"users", `{"email":"a@b.example"}`, nil, "read users: a row without its id"},
		"a number as id":   {"users", `{"id":7,"email":"a@b.example"}`, nil, "read users: a row without its id"},
		"no key":           {"users", `{"id":"user-1"}`, nil, "read users: row user-1: it has no email"},
		"a list as key":    {"users", `{"id":"user-1","email":[]}`, nil, "read users: row user-1: its email is neither a text nor a whole number"},
		"a number as role": {"users", `{"id":"user-1","email":"a@b.example","role":7}`, nil, "read users: row user-1: its role is not of type string: int64"},
		"an archived project": {"projects", `{"id":"proj_1","name":"a/b","status":"archived","created_at":5,"residency":"GLOBAL"}`, []kind.Object{
			{Addr: "projects/a%2Fb", ID: "proj_1", State: kind.Archived, Created: 5, Fields: map[string]any{"name": "a/b", "residency": "GLOBAL"}}}, ""},
		"the default project": {"projects", `{"id":"proj_1","name":"Default project","status":"active"}`, []kind.Object{
			{Addr: "projects/Default project", ID: "proj_1", Foreign: true, Fields: map[string]any{"name": "Default project"}}}, ""},
		"a pending invite": {"users invites", `{"id":"invite-1","email":"a@b.example","role":"owner","status":"pending"}`, []kind.Object{
			{Addr: "users/a@b.example", ID: "invite-1", State: kind.Waiting, Fields: map[string]any{"email": "a@b.example", "role": "owner"}}}, ""},
		"an expired invite": {"users invites", `{"id":"invite-1","email":"a@b.example","status":"expired"}`, []kind.Object{
			{Addr: "users/a@b.example", ID: "invite-1", State: kind.Expired, Fields: map[string]any{"email": "a@b.example"}}}, ""},
		"an accepted invite": {"users invites", `{"id":"invite-1","email":"a@b.example","status":"accepted"}`, []kind.Object{
			{Addr: "users/a@b.example", ID: "invite-1", State: kind.Used, Fields: map[string]any{"email": "a@b.example"}}}, ""},
		"an invite in a stage of the future": {"users invites", `{"id":"invite-1","email":"a@b.example","status":"bounced"}`, []kind.Object{
			{Addr: "users/a@b.example", ID: "invite-1", State: kind.Waiting, Fields: map[string]any{"email": "a@b.example"}}}, ""},
		"an alert": {"spend_alerts", `{"id":"alert_1","threshold_amount":500,"currency":"USD","interval":"month","notification_channel":{"type":"email","recipients":["a"]}}`, []kind.Object{
			{Addr: "spend_alerts/500", ID: "alert_1", Fields: map[string]any{"threshold_amount": int64(500), "currency": "USD", "interval": "month",
				"notification_channel": map[string]any{"type": "email", "recipients": []any{"a"}}}}}, ""},
		"members that are new": {"spend_alerts", `{"id":"alert_1","threshold_amount":500,"notification_channel":{"type":"email","recipients":["a"],"secret":"x"}}`, []kind.Object{
			{Addr: "spend_alerts/500", ID: "alert_1", Fields: map[string]any{"threshold_amount": int64(500), "notification_channel": map[string]any{"type": "email", "recipients": []any{"a"}}}}}, ""},
		"an invite that carries": {"users invites", `{"id":"invite-1","email":"a@b.example","status":"pending","projects":[{"id":"proj_1","role":"member","secret":"x"}]}`, []kind.Object{
			{Addr: "users/a@b.example", ID: "invite-1", State: kind.Waiting, Fields: map[string]any{"email": "a@b.example",
				"projects": []any{map[string]any{"id": "proj_1", "role": "member"}}}}}, ""},
		"an alert of half a cent": {"spend_alerts", `{"id":"alert_1","threshold_amount":0.5}`, nil, "read spend_alerts: row alert_1: its threshold_amount is neither a text nor a whole number: float64"},
		"a text as channel":       {"spend_alerts", `{"id":"alert_1","threshold_amount":5,"notification_channel":"mail"}`, nil, "read spend_alerts: row alert_1: its notification_channel is not of type object: string"},
		"a rate limit": {"projects/rate_limits", `{"id":"rl-o3","model":"o3","max_requests_per_1_minute":7,"news":true}`, []kind.Object{
			{Addr: "projects/p/rate_limits/o3", ID: "rl-o3", Fields: map[string]any{"model": "o3", "max_requests_per_1_minute": int64(7)}}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := place(tc.kind)
			path, _, _ := strings.Cut(p.Path, "?")
			r := reader(t, &answers{bodies: map[string]string{path: rows(tc.row)}})
			err := r.Read(t.Context(), []kind.Place{p})
			if got := text(err); !strings.HasPrefix(got, tc.err) || (tc.err == "") != (err == nil) {
				t.Fatalf("error %q, want %q", got, tc.err)
			}
			if diff := cmp.Diff(tc.want, r.Live().Objects, cmpopts.IgnoreFields(kind.Object{}, "Kind")); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
			if read := r.Live().Read[p.Source()]; read != (err == nil) {
				t.Errorf("it counts as read: %v", read)
			}
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		kind, answer string
		want         map[string]any // nil: no object
		err          string
	}{
		"a limit":               {"spend_limit", `{"threshold_amount":5,"currency":"USD","interval":"month","enforcement":{"status":"inactive"}}`, map[string]any{"threshold_amount": int64(5), "currency": "USD", "interval": "month"}, ""},
		"no limit":              {"spend_limit", `404 {"error":{"message":"No spend limit is set.","type":"invalid_request_error","param":null,"code":"not_found"}}`, nil, ""},
		"no such address":       {"spend_limit", `404 {"error":{"message":"Unknown request URL: GET /x.","type":"invalid_request_error","param":null,"code":"unknown_url"}}`, nil, "read spend_limit: GET /organization/spend_limit: 404: Unknown request URL"},
		"a page of a proxy":     {"spend_limit", `404 <html>no</html>`, nil, "read spend_limit: GET /organization/spend_limit: 404 Not Found"},
		"not allowed":           {"spend_limit", `403 {"error":{"message":"Missing scopes","type":"invalid_request_error","param":null,"code":null}}`, nil, "read spend_limit: GET /organization/spend_limit: 403: Missing scopes"},
		"another object":        {"spend_limit", `{"object":"x"}`, nil, "read spend_limit: the answer has none of the fields threshold_amount, currency, interval"},
		"a text as amount":      {"spend_limit", `{"threshold_amount":"5"}`, nil, "read spend_limit: its threshold_amount is not of type integer: string"},
		"retention":             {"data_retention", `{"object":"organization.data_retention","type":"zero_data_retention"}`, map[string]any{"retention_type": "zero_data_retention"}, ""},
		"retention by its name": {"data_retention", `{"retention_type":"zero_data_retention"}`, nil, "read data_retention: the answer has none of the fields type"},
		"a tool that is new":    {"projects/hosted_tool_permissions", `{"mcp":{"enabled":false},"telepathy":{"enabled":true}}`, map[string]any{"mcp": map[string]any{"enabled": false}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := place(tc.kind)
			r := reader(t, &answers{bodies: map[string]string{p.Path: tc.answer}})
			err := r.Read(t.Context(), []kind.Place{p})
			if got := text(err); !strings.HasPrefix(got, tc.err) || (tc.err == "") != (err == nil) {
				t.Fatalf("error %q, want %q", got, tc.err)
			}
			var want []kind.Object
			if tc.want != nil {
				want = []kind.Object{{Addr: p.In, Fields: tc.want}}
			}
			if diff := cmp.Diff(want, r.Live().Objects, cmpopts.IgnoreFields(kind.Object{}, "Kind")); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
		})
	}
}

// Each place is read once, however often it is asked for, and the objects stand in order.
func TestEachPlaceIsReadOnce(t *testing.T) {
	t.Parallel()
	a := &answers{bodies: map[string]string{
		"/organization/users":   rows(`{"id":"user-2","email":"b@b.example"}`, `{"id":"user-1","email":"a@b.example"}`, `{"id":"user-0","email":"b@b.example"}`),
		"/organization/invites": rows(`{"id":"invite-1","email":"a@b.example","status":"pending"}`),
	}}
	r := reader(t, a)
	for _, places := range [][]kind.Place{{place("users"), place("users")}, {place("users"), place("users invites")}, {place("users invites")}} {
		if err := r.Read(t.Context(), places); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(map[string]int{"/organization/users": 1, "/organization/invites": 1}, a.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	var got []string
	for _, o := range r.Live().Objects {
		got = append(got, string(o.Addr)+" "+o.ID)
	}
	if diff := cmp.Diff([]string{"users/a@b.example invite-1", "users/a@b.example user-1", "users/b@b.example user-0", "users/b@b.example user-2"}, got); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	if got := r.Live().Organization; got != "org-acme" {
		t.Errorf("the organization is %q", got)
	}
}

// One error ends a read, and nothing that failed counts as read.
func TestOneErrorEndsARead(t *testing.T) {
	t.Parallel()
	r := reader(t, &answers{bodies: map[string]string{"/organization/users": rows(`{"email":"a@b.example"}`), "/organization/invites": rows()}})
	if err := r.Read(t.Context(), []kind.Place{place("users invites"), place("users")}); err == nil {
		t.Fatal("no error")
	}
	if r.Live().Read[place("users").Source()] {
		t.Error("it counts as read")
	}
}

func TestKeyOwner(t *testing.T) {
	t.Parallel()
	key := func(redacted, owner string) string {
		return fmt.Sprintf(`{"id":"key_%p","redacted_value":%q,"owner":{"type":"user","id":%q}}`, &redacted, redacted, owner)
	}
	const mine, other = "sk-admin...-key", "sk-admin...9999"
	for name, tc := range map[string]struct {
		rows []string
		want string
	}{
		"one":                {[]string{key(other, "user-2"), key(mine, "user-1")}, "user-1"},
		"two of one person":  {[]string{key(mine, "user-1"), key(mine, "user-1")}, "user-1"},
		"two of two people":  {[]string{key(mine, "user-1"), key(mine, "user-2")}, ""},
		"none":               {[]string{key(other, "user-2")}, ""},
		"no owner":           {[]string{`{"id":"key_1","redacted_value":"sk-admin...-key"}`}, ""},
		"nothing redacted":   {[]string{`{"id":"key_1","redacted_value":"...","owner":{"id":"user-1"}}`}, ""},
		"no keys are listed": {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := reader(t, &answers{bodies: map[string]string{"/organization/admin_api_keys": rows(tc.rows...)}})
			if got := r.Live().KeyOwner; got != nil {
				t.Fatalf("known before it is asked for: %v", got)
			}
			if err := r.ReadKeyOwner(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := r.Live().KeyOwner; got == nil || got.UserID != tc.want {
				t.Errorf("got %v, want %q", got, tc.want)
			}
		})
	}
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		r := reader(t, &answers{bodies: map[string]string{"/organization/admin_api_keys": `403 {"error":{"message":"no","type":"x","param":null,"code":null}}`}})
		if err := r.ReadKeyOwner(t.Context()); err == nil || r.Live().KeyOwner != nil {
			t.Errorf("%v, %v", err, r.Live().KeyOwner)
		}
	})
}
