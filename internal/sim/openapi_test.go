package sim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// published is the OpenAPI document of the Admin API. It is not part of this module: these tests run where
// somebody put it beside the checkout.
func published(t *testing.T) []byte {
	t.Helper()
	found := documents()
	if len(found) == 0 {
		t.Skip("the published OpenAPI document is not beside the checkout, in */contract/openapi-admin.json")
	}
	b, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func documents() []string {
	found, _ := filepath.Glob("../../../*/contract/openapi-admin.json")
	return found
}

// A contract finds the schema of an answer in the published document.
type contract struct {
	compiler *jsonschema.Compiler
	cache    map[string]*jsonschema.Schema
	paths    map[string]map[string]json.RawMessage
}

func readContract(t *testing.T) *contract {
	t.Helper()
	b := published(t)
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	if err := c.AddResource("openapi.json", bytes.NewReader(b)); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	return &contract{c, map[string]*jsonschema.Schema{}, doc.Paths}
}

// has tells whether the document knows the route: the official SDK is newer.
func (c *contract) has(route string) bool {
	method, path, _ := strings.Cut(route, " ")
	_, ok := c.paths[strings.TrimPrefix(path, "/v1")][strings.ToLower(method)]
	return ok
}

// schema is that of the 200 answer of a route such as "GET /v1/organization/users".
func (c *contract) schema(t *testing.T, route string) *jsonschema.Schema {
	t.Helper()
	if s := c.cache[route]; s != nil {
		return s
	}
	method, path, _ := strings.Cut(route, " ")
	path = strings.TrimPrefix(path, "/v1")
	path = strings.NewReplacer("/", "~1", "{", "%7B", "}", "%7D").Replace(path)
	s, err := c.compiler.Compile("openapi.json#/paths/" + path + "/" + strings.ToLower(method) + "/responses/200/content/application~1json/schema")
	if err != nil {
		t.Fatalf("%s: %v", route, err)
	}
	c.cache[route] = s
	return s
}

// known leaves out the events that the document is too old for.
func known(v any) any {
	m, _ := v.(map[string]any)
	if rows, ok := m["data"].([]any); ok {
		m["data"] = slices.DeleteFunc(rows, func(row any) bool {
			event, _ := row.(map[string]any)
			kind, _ := event["type"].(string)
			return strings.HasPrefix(kind, "external_storage.")
		})
	}
	return v
}

func (c *contract) refusal(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := c.compiler.Compile("openapi.json#/components/schemas/ErrorResponse")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestAnswersMatchThePublishedDocument sends long random sequences of requests to Demo and checks every
// answer, good or bad.
func TestAnswersMatchThePublishedDocument(t *testing.T) {
	t.Parallel()
	c := readContract(t)
	refusal := c.refusal(t)
	hit := map[string]bool{}
	for seed := range uint64(4) {
		api := demo(t)
		rnd := rand.New(rand.NewPCG(seed, 1))
		var dice sim.Dice
		for n := range 400 {
			if n%10 == 0 {
				dice = sim.NewDice(rnd, api.Snapshot())
			}
			what, body := dice.Request()
			status, text := api.do(what, body)
			var got any
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				t.Fatalf("%s: %v in %s", what, err, text)
			}
			all := api.Requests()
			route := all[len(all)-1].Route
			schema := refusal
			switch {
			case status == http.StatusOK && !c.has(route):
				hit[route] = true
				continue
			case status == http.StatusOK:
				hit[route] = true
				schema = c.schema(t, route)
			case strings.Contains(route, "/rate_limits") && status == http.StatusNotFound:
				continue // the flat envelope of the examples
			}
			if err := schema.Validate(known(got)); err != nil {
				t.Errorf("%s %s: %#v in %s", what, body, err, text)
			}
		}
	}
	var missed []string
	for _, name := range sim.RouteNames() {
		if !hit[name] {
			missed = append(missed, name)
		}
	}
	if len(missed) > len(sim.RouteNames())/10 {
		t.Errorf("random requests got no good answer from %d routes: %s", len(missed), strings.Join(missed, ", "))
	}
}

// A witness holds the answers that pass through it against the published document.
type witness struct {
	*sim.Server
	*contract
	t *testing.T
}

func (w witness) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := w.Transport().RoundTrip(r)
	if err != nil || res.StatusCode != http.StatusOK {
		return res, err
	}
	b, err := io.ReadAll(res.Body)
	res.Body = io.NopCloser(bytes.NewReader(b))
	all := w.Requests()
	route := all[len(all)-1].Route
	var got any
	if err == nil {
		err = json.Unmarshal(b, &got)
	}
	if err == nil && w.has(route) {
		if err := w.schema(w.t, route).Validate(known(got)); err != nil {
			w.t.Errorf("%s: %#v in %s", route, err, b)
		}
	}
	return res, err
}

// TestQueriesMatchThePublishedDocument: each list takes the query parameters of the document, no more and
// no fewer.
func TestQueriesMatchThePublishedDocument(t *testing.T) {
	t.Parallel()
	for route, want := range documentedQueries(t) {
		api := demo(t)
		path := strings.NewReplacer("{project_id}", "proj_sim0002").Replace(route)
		if strings.Contains(path, "{") || !strings.HasPrefix(path, "GET ") {
			continue
		}
		for name, value := range want {
			if _, timed := want["start_time"]; timed && name != "start_time" {
				name = "start_time=1&" + name
			}
			if status, text := api.do(path+"?"+name+"="+value, ""); status != http.StatusOK && !strings.Contains(text, "no object") {
				t.Errorf("%s?%s=%s: %d %s", path, name, value, status, text)
			}
		}
		for _, name := range []string{"before", "order", "nonsense"} {
			if _, known := want[name]; known {
				continue
			}
			if status, _ := api.do(path+"?"+name+"=asc", ""); status != http.StatusBadRequest {
				t.Errorf("%s takes the undocumented parameter %s", path, name)
			}
		}
	}
}

// documentedQueries are the parameters of the routes that are served, each with a legal value.
func documentedQueries(t *testing.T) map[string]map[string]string {
	t.Helper()
	b := published(t)
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct {
				In, Name string
				Schema   struct {
					Type  string
					Enum  []string
					Items struct{ Enum []string }
				}
			}
		}
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	for _, name := range sim.RouteNames() {
		method, path, _ := strings.Cut(name, " ")
		path = strings.TrimPrefix(path, "/v1")
		if _, ok := doc.Paths[path][strings.ToLower(method)]; !ok {
			continue
		}
		queries := map[string]string{}
		for _, p := range doc.Paths[path][strings.ToLower(method)].Parameters {
			switch {
			case p.In != "query":
			case p.Name == "effective_at":
				queries["effective_at[gte]"] = "1"
			case p.Name == "event_types[]":
				queries[p.Name] = "project.created"
			case p.Schema.Type == "integer":
				queries[p.Name] = strconv.Itoa(7)
			case p.Schema.Type == "boolean":
				queries[p.Name] = "true"
			case p.Schema.Items.Enum != nil:
				queries[p.Name] = p.Schema.Items.Enum[0]
			case p.Schema.Enum != nil:
				queries[p.Name] = p.Schema.Enum[0]
			default:
				queries[p.Name] = "x"
			}
		}
		all[method+" "+path] = queries
	}
	return all
}
