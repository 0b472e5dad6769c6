package saved_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/saved"
	"github.com/bylaw-dev/bylaw/schema"
)

func TestDocumentFollowsItsSchema(t *testing.T) {
	t.Parallel()
	s, err := jsonschema.CompileString("plan.schema.json", string(schema.Plan()))
	if err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string]saved.Document{"everything": everything(), "nothing": {}} {
		var doc any
		if err := json.Unmarshal(bytesOf(t, d), &doc); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(doc); err != nil {
			t.Errorf("%s: %#v", name, err)
		}
	}
}

// People read these files, too: what is short is indented, what is long has a line an element.
func TestLayout(t *testing.T) {
	t.Parallel()
	text := string(bytesOf(t, everything()))
	for _, want := range []string{
		"{\n  \"format\": \"bylaw.plan\",\n  \"version\": 2,\n  \"tool\": \"v1.2.3\",\n  \"time\": \"2026-03-01T12:00:00Z\",\n",
		"\n  \"verdict\": \"refused\",\n",
		"\n      \"action\": \"create\",\n      \"address\": \"users/grace@acme.example\",\n",
		"\n    {\"address\":\"projects/web\"}\n  ],\n  \"declared\": [\n    {\"address\":\"users\",\"position\":{\"file\":\"org.yaml\",",
		"\"certificate\":\"<a> & \\u2028 \\\"b\\\"\\n\"",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if !strings.HasSuffix(text, "\"\n}\n") {
		t.Errorf("it ends in %q", text[len(text)-9:])
	}
}

// Times are UTC, in whole seconds.
func TestTimes(t *testing.T) {
	t.Parallel()
	d := everything()
	d.Time = d.Time.Add(3 * time.Millisecond).In(time.FixedZone("east", 3600))
	d.Readings[0].Time = d.Time
	if diff := same(string(bytesOf(t, everything())), string(bytesOf(t, d))); diff != "" {
		t.Error(diff)
	}
}

func TestNoPlanYet(t *testing.T) {
	t.Parallel()
	d := saved.Document{Plan: plan.Plan{Needs: plan.Needs{KeyOwner: true}}}
	if err := d.Write(io.Discard); err == nil {
		t.Error("a plan that is none was written")
	}
	d = saved.Document{Plan: plan.Plan{Changes: []plan.Change{{Action: plan.Update, Addr: "spend_limit", Risk: plan.Routine,
		Fields: []plan.FieldDiff{{Name: "x", New: func() {}}}}}}}
	if _, err := saved.Read(bytes.NewReader(bytesOf(t, d))); err != nil {
		t.Errorf("an odd value: %v", err)
	}
	if err := d.Write(broken{}); err == nil || err.Error() != "write the plan: full" {
		t.Errorf("error %v", err)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("full") }
func (broken) Read([]byte) (int, error)  { return 0, errors.New("gone") }

// replaced is everything with a part of its text replaced.
func replaced(t *testing.T, old, new string) string {
	t.Helper()
	text := string(bytesOf(t, everything()))
	if !strings.Contains(text, old) {
		t.Fatalf("no %q in\n%s", old, text)
	}
	return strings.Replace(text, old, new, 1)
}

// Read reads what Write wrote, and says short and plain what is wrong with anything else.
func TestReadIsStrict(t *testing.T) {
	t.Parallel()
	const altered = "it is not as bylaw wrote it: plan again rather than edit a plan"
	whole := string(bytesOf(t, everything()))
	snapshot := new(bytes.Buffer)
	if err := (saved.Snapshot{}).Write(snapshot); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ text, want string }{
		"empty":             {"", "it is empty"},
		"blank":             {" \n", "it is empty"},
		"YAML":              {"version: 1\n", "it is no JSON object: invalid character 'v' looking for beginning of value"},
		"null":              {"null", "it is no JSON object"},
		"a list":            {"[]", "it is no JSON object: json: cannot unmarshal array into Go value of type map[string]interface {}"},
		"cut off":           {whole[:len(whole)/2], "it ends too early: it was cut off"},
		"more":              {whole + "{}", "something follows its JSON object"},
		"an organization":   {`{"version":1,"users":[]}`, "it has version 1, and this bylaw reads version 2: plan again with this bylaw, or update bylaw"},
		"something else":    {`{"a":1}`, "it is no plan of bylaw's"},
		"a snapshot":        {snapshot.String(), "it is no plan of bylaw's"},
		"of the future":     {replaced(t, `"version": 2`, `"version": 3`), "it has version 3, and this bylaw reads version 2: plan again with this bylaw, or update bylaw"},
		"a text as version": {replaced(t, `"version": 2`, `"version": "2"`), "it is no plan of bylaw's"},
		"a member too many": {replaced(t, `"version": 2`, `"version": 2, "x": 1`), "/: additionalProperties 'x' not allowed"},
		"deep inside":       {replaced(t, `"method": "POST"`, `"method": "PUT"`), `/changes/0/requests/0/method: value must be one of "POST", "DELETE"`},
		"a member in capitals": {replaced(t, `"method": "POST"`, `"METHOD": "POST", "method": "DELETE"`),
			"/changes/0/requests/0: additionalProperties 'METHOD' not allowed"},
		"not a time":         {replaced(t, `"time": "2026-03-01T12:00:00Z"`, `"time": "noon"`), `parsing time "noon" as "2006-01-02T15:04:05Z07:00": cannot parse "noon" as "2006"`},
		"too large a number": {replaced(t, `"unchanged": 7`, `"unchanged": 1e9999999`), "the number 1e9999999 is too large"},
		"no kind there":      {replaced(t, `"address": "spend_limit"`, `"address": "x"`), `/changes/2: address "x": no kind of object stands there; an address reads like projects/NAME/users/EMAIL`},
		"a hash of the past": {replaced(t, `"hash": "`, `"hash": "x`), `/hash: does not match pattern '^[0-9a-f]{64}$'`},
		"another action":     {replaced(t, `"action": "archive"`, `"action": "delete"`), "/changes/4: to delete is not what is done with projects/old"},
		"another kind":       {replaced(t, `"kind":"invites"`, `"kind":"groups"`), `/reads/1: "groups" is no kind of users`},
		"kind to find":       {replaced(t, `"kind": "users"`, `"kind": "user"`), `/changes/2/find: "user" is no kind`},
		"with nothing":       {replaced(t, `"with": "users/grace@acme.example"`, `"with": "a"`), `/changes/1/with: address "a": no kind of object stands there; an address reads like projects/NAME/users/EMAIL`},
		"what is sent":       {replaced(t, `"threshold_amount": 123456`, `"threshold_amount": 1234567`), altered},
		"what is compared":   {replaced(t, `"role":"owner"`, `"role":"reader"`), altered},
		"what is said":       {replaced(t, `"is invited"`, `"is not invited"`), altered},
		"what is counted":    {replaced(t, `"unchanged": 7`, `"unchanged": 8`), altered},
		"less":               {replaced(t, `"hint": "did you mean gpt-4.1?"`, `"hint": ""`), altered},
		"the checksum":       {regexp.MustCompile(`"checksum": "...`).ReplaceAllString(whole, `"checksum": "abc`), altered},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := saved.Read(strings.NewReader(tc.text))
			if err == nil || err.Error() != "read the plan: "+tc.want {
				t.Errorf("got  %v\nwant read the plan: %s", err, tc.want)
			}
			if errors.Is(err, saved.ErrAltered) != (tc.want == altered) {
				t.Errorf("%v is ErrAltered, or not", err)
			}
		})
	}
	if _, err := saved.Read(broken{}); err == nil || err.Error() != "read the plan: gone" {
		t.Errorf("error %v", err)
	}
}

// endless is a file that does not end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestReadHasALimit(t *testing.T) {
	t.Parallel()
	if _, err := saved.Read(endless{}); err == nil || err.Error() != "read the plan: it is larger than 64 MiB" {
		t.Errorf("error %v", err)
	}
}

// A file that was only laid out in another way is the same.
func TestWhitespaceAndOrderDoNotCount(t *testing.T) {
	t.Parallel()
	d := json.NewDecoder(bytes.NewReader(bytesOf(t, everything())))
	d.UseNumber()
	var doc map[string]any
	if err := d.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	got, err := saved.Read(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if diff := same(everything(), got); diff != "" {
		t.Error(diff)
	}
}

func TestIs(t *testing.T) {
	t.Parallel()
	whole := bytesOf(t, everything())
	snapshot := new(bytes.Buffer)
	if err := (saved.Snapshot{Live: kind.Live{}}).Write(snapshot); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		data string
		want bool
	}{
		"a plan":                      {string(whole), true},
		"its beginning":               {string(whole[:20]), true},
		"a snapshot":                  {snapshot.String(), true},
		"a plan of version 1":         {`{"version": 1, "tool": "x"`, true},
		"sorted members":              {`{"approval":"x","changes":[{"a":[]}],"format":"bylaw.plan"}`, true},
		"an organization":             {"version: 1\nusers: []\n", false},
		"an organization in JSON":     {`{"version": 1, "users": [{"email": "format@tool.example"}]}`, false},
		"an organization in one line": {`{version: 1, users: []}`, false},
		"a list":                      {`["format"]`, false},
		"nothing":                     {"", false},
		"half a word":                 {`{"forma`, false},
		"cut off before":              {`{"version": 2, "x": {`, false},
	} {
		if got := saved.Is([]byte(tc.data)); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
