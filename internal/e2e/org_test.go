package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/apply"
	"github.com/bylaw-dev/bylaw/internal/desired"
	"github.com/bylaw-dev/bylaw/internal/observed"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// baseURL is where the simulator pretends to be.
const baseURL = "https://sim.example/v1"

// fixed is the simulator's time.
func fixed() time.Time { return time.Unix(1764000000, 0) }

// An org is a simulated organization and all that was said to it.
type org struct {
	t      *testing.T
	server *sim.Server
	client *adminapi.Client
	reader *observed.Reader

	mu   sync.Mutex
	said []exchange
}

// An exchange is a request as it was sent, and its answer.
type exchange struct {
	method, path, query string // the path below /v1, escaped
	contentType         string
	body                []byte
	status              int
	answer              []byte
}

// what names the request: "GET /organization/users?limit=100".
func (e exchange) what() string {
	if e.query == "" {
		return e.method + " " + e.path
	}
	return e.method + " " + e.path + "?" + e.query
}

func (e exchange) reads() bool { return e.method == http.MethodGet }

func newOrg(t *testing.T, state sim.State) *org {
	t.Helper()
	o := &org{t: t, server: sim.New(state)}
	o.server.Now = fixed
	key, err := adminapi.NewKey(sim.DefaultAdminKey)
	if err != nil {
		t.Fatal(err)
	}
	o.client, err = adminapi.New(adminapi.Options{BaseURL: baseURL, Key: key, Transport: o})
	if err != nil {
		t.Fatal(err)
	}
	o.reader = observed.New(o.client, key)
	t.Cleanup(func() { hold(t, o.said) })
	return o
}

// again is the same organization as it is now, with nothing read and nothing said.
func (o *org) again() *org {
	o.t.Helper()
	return newOrg(o.t, o.server.Snapshot())
}

// RoundTrip passes a request on to the simulator and keeps what was said.
func (o *org) RoundTrip(r *http.Request) (*http.Response, error) {
	e := exchange{method: r.Method, path: strings.TrimPrefix(r.URL.EscapedPath(), "/v1"), query: r.URL.RawQuery,
		contentType: r.Header.Get("Content-Type")}
	if r.Body != nil {
		var err error
		if e.body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(e.body))
	}
	res, err := o.server.Transport().RoundTrip(r)
	if err != nil {
		return nil, err
	}
	e.status = res.StatusCode
	if e.answer, err = io.ReadAll(res.Body); err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(e.answer))
	o.mu.Lock()
	defer o.mu.Unlock()
	o.said = append(o.said, e)
	return res, nil
}

// sdk is the official client of the same organization.
func (o *org) sdk() *openai.AdminOrganizationService {
	admin := openai.NewAdminService(option.WithBaseURL(baseURL+"/"), option.WithAdminAPIKey(sim.DefaultAdminKey),
		option.WithHTTPClient(&http.Client{Transport: o}), option.WithMaxRetries(0))
	return &admin.Organization
}

func (o *org) writes() []exchange {
	return slices.DeleteFunc(slices.Clone(o.said), exchange.reads)
}

// document loads one file of YAML. The version is added.
func document(t *testing.T, yaml string) plan.Input {
	t.Helper()
	fsys := fstest.MapFS{"org.yaml": {Data: []byte("version: 1\n" + yaml)}}
	loaded, err := desired.LoadFS(fsys, "org.yaml", "org.yaml")
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, yaml)
	}
	return input(loaded)
}

// example loads examples/orgs/NAME.
func example(t *testing.T, name string) plan.Input {
	t.Helper()
	loaded, err := desired.Load("../../examples/orgs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return input(loaded)
}

func input(d desired.Org) plan.Input {
	return plan.Input{Want: d.Objects, Declared: d.Declared, Policy: d.Policy}
}

// plan reads what the plan needs until it needs nothing more, as the command does.
func (o *org) plan(in plan.Input) plan.Plan {
	o.t.Helper()
	for {
		in.Live = o.reader.Live()
		p, err := plan.Make(in)
		if err != nil {
			o.t.Fatal(err)
		}
		if p.Needs.None() {
			return p
		}
		if err := o.reader.Read(context.Background(), p.Needs.Places); err != nil {
			o.t.Fatal(err)
		}
		if p.Needs.KeyOwner {
			if err := o.reader.ReadKeyOwner(context.Background()); err != nil {
				o.t.Fatal(err)
			}
		}
	}
}

// sound is plan, of a plan without problems and refusals.
func (o *org) sound(in plan.Input) plan.Plan {
	o.t.Helper()
	p := o.plan(in)
	for _, x := range p.Problems {
		o.t.Errorf("%s: %s: %s", x.Pos, x.Addr, x.Message)
	}
	for _, r := range p.Refusals {
		o.t.Errorf("%s: %s", r.Rule, r.Message)
	}
	return p
}

// apply carries a plan out; all of it must be done.
func (o *org) apply(p plan.Plan) {
	o.t.Helper()
	report, err := apply.Run(context.Background(), p, apply.Options{Client: o.client})
	if err != nil {
		o.t.Fatal(err)
	}
	for _, r := range report.Results {
		if r.Outcome != apply.Done {
			o.t.Errorf("%s: %s: %v", r.Change.Addr, r.Outcome, r.Err)
		}
	}
}

// settled is the organization after the document was applied. A second plan must be empty.
func settled(t *testing.T, in plan.Input, state sim.State) *org {
	t.Helper()
	o := newOrg(t, state)
	o.apply(o.sound(in))
	o = o.again()
	if p := o.plan(in); len(p.Changes) > 0 {
		t.Fatalf("%d changes are left after an apply, such as %s", len(p.Changes), p.Changes[0].Addr)
	}
	return o
}

// tally counts requests by what they are.
func tally(said []exchange, name func(exchange) string) map[string]int {
	out := map[string]int{}
	for _, e := range said {
		out[name(e)]++
	}
	return out
}

// value decodes a body; none is nil.
func value(t *testing.T, b []byte) any {
	t.Helper()
	if len(b) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return v
}

// text is a state as its file has it.
func text(t *testing.T, s sim.State) string {
	t.Helper()
	var b strings.Builder
	if err := s.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
