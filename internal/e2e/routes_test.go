package e2e_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// The admin routes that the official SDK has, and how many of them plans and applies use. Fewer are a loss.
const (
	sdkRoutes   = 143
	bylawRoutes = 101
)

// calls are all the methods of the SDK's admin services that send a request, by path of fields.
func calls(at string, service reflect.Value, out map[string]reflect.Value) map[string]reflect.Value {
	for i := range service.NumMethod() {
		if name := service.Type().Method(i).Name; !strings.HasSuffix(name, "AutoPaging") {
			out[at+name] = service.Method(i)
		}
	}
	for i := range service.Elem().NumField() {
		if f := service.Elem().Type().Field(i); f.IsExported() && f.Type.Kind() == reflect.Struct {
			calls(at+f.Name+".", service.Elem().Field(i).Addr(), out)
		}
	}
	return out
}

// A blank answers every request with nothing.
type blank struct{ sent []string }

func (b *blank) RoundTrip(r *http.Request) (*http.Response, error) {
	b.sent = append(b.sent, r.Method+" "+strings.TrimPrefix(r.URL.EscapedPath(), "/v1"))
	return &http.Response{StatusCode: http.StatusOK, Request: r, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

// sends is the request of one call of the SDK, each id a word of its own.
func sends(t *testing.T, name string, transport *blank, call reflect.Value) string {
	t.Helper()
	args := []reflect.Value{reflect.ValueOf(context.Background())}
	for i := 1; i < call.Type().NumIn()-1; i++ {
		arg := reflect.New(call.Type().In(i)).Elem()
		if arg.Kind() == reflect.String {
			arg.SetString(fmt.Sprintf("id-%d", i))
		}
		args = append(args, arg)
	}
	before := len(transport.sent)
	call.Call(args)
	if len(transport.sent) != before+1 {
		t.Fatalf("%s sends %d requests", name, len(transport.sent)-before)
	}
	return transport.sent[before]
}

// TestRoutesAreTheSDKs: every call that the official SDK has for the Admin API is served by the simulator,
// whose own tests make each of them; and nearly all of those that change something are bylaw's, too.
func TestRoutesAreTheSDKs(t *testing.T) {
	t.Parallel()
	transport := &blank{}
	admin := openai.NewAdminService(option.WithBaseURL(baseURL+"/"), option.WithAdminAPIKey(sim.DefaultAdminKey),
		option.WithHTTPClient(&http.Client{Transport: transport}), option.WithMaxRetries(0))
	all := calls("", reflect.ValueOf(&admin.Organization), map[string]reflect.Value{})
	o, served := newOrg(t, sim.Demo()), map[string]string{} // by route: the call
	for _, name := range slices.Sorted(maps.Keys(all)) {
		method, path, _ := strings.Cut(sends(t, name, transport, all[name]), " ")
		route := o.route(method, path)
		if route == "" || served[route] != "" {
			t.Errorf("%s %s, which is %s, is not served alone: %q, %s", method, path, name, route, served[route])
		}
		served[route] = name
	}
	ours := map[string]bool{}
	for route := range bylawSends(t) {
		if served[route] == "" {
			t.Errorf("bylaw uses %s, which the SDK does not have", route)
		}
		ours[route] = true
	}
	t.Logf("the SDK has %d admin routes, the simulator serves %d of them, bylaw uses %d", len(all), len(served), len(ours))
	if len(all) != sdkRoutes || len(served) != sdkRoutes || len(ours) < bylawRoutes {
		t.Errorf("%d, %d and %d routes, want %d, %d and at least %d", len(all), len(served), len(ours), sdkRoutes, sdkRoutes, bylawRoutes)
	}
	for route, name := range served {
		if !ours[route] && !unused.MatchString(name) {
			t.Errorf("bylaw does not use %s, %s", route, name)
		}
	}
}

// unused are the calls that plans and applies do without: lists have what a Get answers; secrets are for
// people; costs, usage and the audit log are no state; a group or a certificate is not renamed.
var unused = regexp.MustCompile(`\.Get$|APIKeys\.(New|Update)$|^Usage\.|\.Validate$|^(Groups|Certificates)\.Update$|^AuditLogs`)

// route is the simulator's name of the route that a request takes, without the version.
func (o *org) route(method, path string) string {
	o.t.Helper()
	r, err := http.NewRequest(method, baseURL+path, http.NoBody)
	if err != nil {
		o.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+sim.DefaultAdminKey)
	res, err := o.server.Transport().RoundTrip(r)
	if err != nil {
		o.t.Fatal(err)
	}
	res.Body.Close()
	all := o.server.Requests()
	return all[len(all)-1].Route
}

// bylawSends are the routes that the rows of the table of writes take, and that reading everything does.
func bylawSends(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	keep := func(o *org) {
		for _, r := range o.server.Requests() {
			out[r.Route] = true
		}
	}
	for _, w := range writes() {
		o := newOrg(t, w.demo())
		o.apply(o.sound(document(t, w.yaml)))
		keep(o)
	}
	for _, name := range examples(t) {
		o := settled(t, example(t, name), sim.Demo())
		o.plan(example(t, name))
		keep(o)
	}
	return out
}
