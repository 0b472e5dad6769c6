package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// A contract is the published OpenAPI document of the Admin API. It is not part of this module: what
// these tests send is held against it where somebody put it beside the checkout.
type contract struct {
	paths map[string]map[string]operation

	mu       sync.Mutex
	open     *jsonschema.Compiler // the document
	closed   *jsonschema.Compiler // the document, its objects without any member that it does not name
	compiled map[string]*jsonschema.Schema
}

// An operation is what one method does at one path.
type operation struct {
	Parameters []struct {
		In, Name string
		Required bool
		Schema   struct{ Type string }
	}
	RequestBody *struct{ Required bool }
}

// sdkOnly are the paths of operations that the official SDK has (v3.96.0) and the published document does not
// have yet, below which all is the SDK's alone. The rows of writes_test.go hold them.
var sdkOnly = []string{
	"/organization/external_keys",                               // since v3.90.0
	"/organization/external_storage",                            // since v3.64.0
	"/organization/workload_identity_providers",                 // since v3.93.0
	"/organization/projects/{project_id}/service_tier_settings", // since v3.94.0
}

// newer says that an exchange is one that the document cannot know.
func newer(path string) bool {
	have := strings.Split(path, "/")
	return slices.ContainsFunc(sdkOnly, func(template string) bool {
		want := strings.Split(template, "/")
		return len(want) <= len(have) && slices.EqualFunc(want, have[:len(want)], func(w, h string) bool { return w == h || strings.HasPrefix(w, "{") })
	})
}

// published is nil where the document is absent.
var published = sync.OnceValues(func() (*contract, error) {
	found, _ := filepath.Glob("../../../*/contract/openapi-admin.json")
	if len(found) == 0 {
		return nil, nil
	}
	b, err := os.ReadFile(found[0])
	if err != nil {
		return nil, err
	}
	c := &contract{compiled: map[string]*jsonschema.Schema{}}
	var doc struct {
		Paths map[string]map[string]operation
	}
	var all any
	if err := json.Unmarshal(b, &doc); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, err
	}
	shut(all)
	strict, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	c.paths = doc.Paths
	if c.open, err = compiler(b); err == nil {
		c.closed, err = compiler(strict)
	}
	return c, err
})

func compiler(doc []byte) (*jsonschema.Compiler, error) {
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	return c, c.AddResource("openapi.json", bytes.NewReader(doc))
}

// shut closes every object of a document that says nothing of other members.
func shut(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, object := v["properties"].(map[string]any); object && v["additionalProperties"] == nil {
			v["additionalProperties"] = false
		}
		for _, e := range v {
			shut(e)
		}
	case []any:
		for _, e := range v {
			shut(e)
		}
	}
}

// schema compiles what stands at a pointer, whose parts are not escaped yet.
func (c *contract) schema(from *jsonschema.Compiler, parts ...string) (*jsonschema.Schema, error) {
	for i, p := range parts {
		parts[i] = strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(p)
	}
	at := "openapi.json#/" + strings.Join(parts, "/")
	c.mu.Lock()
	defer c.mu.Unlock()
	key := fmt.Sprintf("%p %s", from, at)
	if c.compiled[key] == nil {
		s, err := from.Compile(at)
		if err != nil {
			return nil, err
		}
		c.compiled[key] = s
	}
	return c.compiled[key], nil
}

// template finds the path of the document that a path is an instance of; the most literal one.
func (c *contract) template(path string) string {
	have := strings.Split(path, "/")
	best := ""
	for _, template := range slices.Sorted(maps.Keys(c.paths)) {
		want := strings.Split(template, "/")
		if slices.EqualFunc(want, have, func(w, h string) bool { return w == h || strings.HasPrefix(w, "{") }) &&
			(best == "" || strings.Count(template, "{") < strings.Count(best, "{")) {
			best = template
		}
	}
	return best
}

// check says what is wrong with an exchange: nil is nothing.
func (c *contract) check(e exchange) error {
	at := c.template(e.path)
	method := strings.ToLower(e.method)
	op, ok := c.paths[at][method]
	if !ok {
		return fmt.Errorf("the document has no such operation")
	}
	if err := c.checkQuery(at, method, op, e.query); err != nil {
		return err
	}
	if err := c.checkBody(at, method, op, e); err != nil {
		return err
	}
	return c.checkAnswer(at, method, e)
}

func (c *contract) checkQuery(at, method string, op operation, query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return err
	}
	for i, p := range op.Parameters {
		name := p.Name
		if p.Schema.Type == "array" && values.Has(name+"[]") {
			name += "[]" // as the SDK sends lists
		}
		given, has := values[name]
		delete(values, name)
		switch {
		case p.In != "query":
		case !has && p.Required:
			return fmt.Errorf("the query has no %s", p.Name)
		case has && len(given) > 1: // no list of bylaw's has two
			return fmt.Errorf("the query has %s twice", p.Name)
		case has:
			s, err := c.schema(c.open, "paths", at, method, "parameters", strconv.Itoa(i), "schema")
			if err != nil {
				return err
			}
			if err := s.Validate(typed(given[0], p.Schema.Type)); err != nil {
				return fmt.Errorf("the query's %s: %#v", p.Name, err)
			}
		}
	}
	for name := range values {
		return fmt.Errorf("the document knows no query parameter %s", name)
	}
	return nil
}

// typed is the value that a parameter's text stands for.
func typed(s, as string) any {
	if as == "array" {
		return []any{s}
	}
	var v any
	if json.Unmarshal([]byte(s), &v) == nil {
		return v
	}
	return s
}

func (c *contract) checkBody(at, method string, op operation, e exchange) error {
	switch {
	case op.RequestBody == nil && len(e.body) > 0:
		return fmt.Errorf("the document knows no body: %s", e.body)
	case op.RequestBody == nil || len(e.body) == 0 && !op.RequestBody.Required:
		return nil
	case e.contentType != "application/json":
		return fmt.Errorf("the body's content type is %q", e.contentType)
	}
	s, err := c.schema(c.closed, "paths", at, method, "requestBody", "content", "application/json", "schema")
	if err != nil {
		return err
	}
	return valid(s, "body", e.body)
}

func (c *contract) checkAnswer(at, method string, e exchange) error {
	where := []string{"components", "schemas", "ErrorResponse"}
	if e.status == http.StatusOK {
		where = []string{"paths", at, method, "responses", "200", "content", "application/json", "schema"}
	}
	s, err := c.schema(c.open, where...)
	if err != nil {
		return err
	}
	return valid(s, "answer", e.answer)
}

func valid(s *jsonschema.Schema, what string, text []byte) error {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return fmt.Errorf("the %s: %w", what, err)
	}
	if err := s.Validate(v); err != nil {
		return fmt.Errorf("the %s: %.2000s in %.2000s", what, fmt.Sprintf("%#v", err), text)
	}
	return nil
}

// hold holds all that an organization heard and said against the document, where that is.
func hold(t *testing.T, said []exchange) {
	t.Helper()
	c, err := published()
	if err != nil {
		t.Fatal(err)
	}
	if c == nil {
		return
	}
	seen := map[string]bool{}
	for _, e := range said {
		if key := e.what() + string(e.body) + string(e.answer); seen[key] {
			continue
		} else {
			seen[key] = true
		}
		if err := c.check(e); err != nil && !newer(e.path) {
			t.Errorf("%s: %v", e.what(), err)
		}
	}
}

func needContract(t *testing.T) *contract {
	t.Helper()
	c, err := published()
	if err != nil {
		t.Fatal(err)
	}
	if c == nil {
		t.Skip("the published OpenAPI document is not beside the checkout, in */contract/openapi-admin.json: nothing is held against it")
	}
	return c
}

// TestRequestsMatchThePublishedDocument applies every example. All the other tests of this package hold
// what they send against the document as well.
func TestRequestsMatchThePublishedDocument(t *testing.T) {
	t.Parallel()
	needContract(t)
	for _, name := range examples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, sim.Demo())
			o.apply(o.sound(example(t, name)))
			t.Logf("%d requests and their answers match", len(o.said))
		})
	}
}

// examples are the names of the directories in examples/orgs.
func examples(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("../../examples/orgs/*")
	if err != nil || len(found) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	var out []string
	for _, f := range found {
		out = append(out, filepath.Base(f))
	}
	return out
}

// TestTheContractIsHeld: what does not match the document is found.
func TestTheContractIsHeld(t *testing.T) {
	t.Parallel()
	c := needContract(t)
	project := `{"id":"proj_1","object":"organization.project","created_at":1,"status":"active"}`
	good := exchange{method: "POST", path: "/organization/projects", body: []byte(`{"name":"x","residency":"GLOBAL"}`),
		contentType: "application/json", status: 200, answer: []byte(project)}
	if err := c.check(good); err != nil {
		t.Fatal(err)
	}
	for _, template := range sdkOnly {
		path := strings.ReplaceAll(template, "{project_id}", "x")
		if c.template(path) != "" || !newer(path) || !newer(path+"/x") || newer(path+"s") {
			t.Errorf("%s is not what the SDK has alone", template)
		}
	}
	for name, spoil := range map[string]func(*exchange){
		"another path":       func(e *exchange) { e.path = "/organization/projcets" },
		"another method":     func(e *exchange) { e.method = "DELETE" },
		"a query":            func(e *exchange) { e.query = "limit=1" },
		"a field":            func(e *exchange) { e.body = []byte(`{"name":"x","color":"red"}`) },
		"an enum":            func(e *exchange) { e.body = []byte(`{"name":"x","residency":"MARS"}`) },
		"a missing field":    func(e *exchange) { e.body = []byte(`{"residency":"GLOBAL"}`) },
		"no body":            func(e *exchange) { e.body = nil },
		"no content type":    func(e *exchange) { e.contentType = "" },
		"an answer":          func(e *exchange) { e.answer = []byte(`{"id":"proj_1"}`) },
		"an answer's status": func(e *exchange) { e.status = 400 },
		"a page too large": func(e *exchange) {
			e.method, e.path, e.query, e.body = "GET", "/organization/spend_alerts", "limit=101", nil
		},
		"a nested field": func(e *exchange) {
			e.path, e.body = "/organization/projects/p/hosted_tool_permissions", []byte(`{"mcp":{"enabled":true,"servers":[]}}`)
		},
	} {
		bad := good
		spoil(&bad)
		if c.check(bad) == nil {
			t.Errorf("%s is not found", name)
		}
	}
}

// newValues are values that the API's official SDK has and the published document does not have yet.
var newValues = map[string][]string{
	"projects/residency": {"JP_STORAGE_PROCESSING", "IN_STORAGE_PROCESSING", "AU_STORAGE_PROCESSING"}, // since v3.79.0 and v3.95.0
}

// TestEnumsAreTheDocuments: where the YAML takes one of several values, they are those that the API's
// request takes, no more and no fewer.
func TestEnumsAreTheDocuments(t *testing.T) {
	t.Parallel()
	c := needContract(t)
	for name, k := range kinds() {
		for _, f := range k.Fields() {
			if f.Enum == nil {
				continue
			}
			route := k.Create
			if route.None() || kind.Has(k.Late, f.Name) {
				route = k.Update
			}
			method, template := k.Template(route.Route)
			path := strings.ReplaceAll(template, "{projects}", "x")
			if newer(path) {
				continue
			}
			want := append(c.enum(t, c.template(path), method, f.Name), newValues[name+"/"+f.Name]...)
			slices.Sort(want)
			if diff := cmp.Diff(want, slices.Sorted(slices.Values(f.Enum))); want != nil && diff != "" {
				t.Errorf("%s: the YAML (+), the document (-):\n%s", name+"/"+f.Name, diff)
			}
		}
	}
}

// enum lists the values of a member of a request; nil where it takes any text.
func (c *contract) enum(t *testing.T, at, method, member string) []string {
	t.Helper()
	s, err := c.schema(c.open, "paths", at, strings.ToLower(method), "requestBody", "content", "application/json", "schema")
	if err != nil {
		t.Fatal(err)
	}
	for s.Ref != nil {
		s = s.Ref
	}
	var out []string
	var collect func(*jsonschema.Schema)
	collect = func(s *jsonschema.Schema) {
		if s == nil {
			return
		}
		for _, v := range s.Enum {
			if text, ok := v.(string); ok {
				out = append(out, text)
			}
		}
		collect(s.Ref)
		for _, of := range slices.Concat(s.AnyOf, s.OneOf) {
			collect(of)
		}
	}
	if s.Properties[member] == nil {
		t.Errorf("%s %s takes no %s", method, at, member)
	}
	collect(s.Properties[member])
	return out
}
