package kind

import (
	"strings"
	"testing"
)

func TestSuggest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ word, choices, want string }{
		{"emial", "email role state", "email"},
		{"rol", "email role state", "role"},
		{"Owner", "owner reader", "owner"},
		{"rate_limit", "rate_limits spend_limit", "rate_limits"},
		{"allowlist", "allow_list deny_list", "allow_list"},
		{"admin", "owner reader", ""},
		{"gpt-5", "gpt-4.1 gpt-4o", "gpt-4o"},
		{"q", "p", ""},
		{"", "a b", ""},
		{"x", "", ""},
		{"max_request_per_1_minute", "max_requests_per_1_day max_requests_per_1_minute", "max_requests_per_1_minute"},
		{strings.Repeat("x", 100000), "xxx", ""},
	} {
		if got := Suggest(c.word, strings.Fields(c.choices)); got != c.want {
			t.Errorf("%.20q of %q: %q, want %q", c.word, c.choices, got, c.want)
		}
	}
}

func TestCap(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text      string
		total, of int
	}{
		{"0", 100, 0}, {"10", 4, 10}, {"25%", 100, 25}, {"25%", 3, 0}, {"25%", 7, 1}, {"100%", 7, 7}, {"0%", 7, 0},
	} {
		got, err := ParseCap(c.text)
		if err != nil || got.Of(c.total) != c.of || got.String() != c.text {
			t.Errorf("%s of %d: %d, %s, %v", c.text, c.total, got.Of(c.total), got, err)
		}
	}
	for _, s := range []string{"", "%", "-1", "-1%", "101%", "1.5", "ten", "25 %", "99999999999999999999"} {
		if c, err := ParseCap(s); err == nil {
			t.Errorf("%q is %v", s, c)
		}
	}
}

func TestHolds(t *testing.T) {
	t.Parallel()
	row := map[string]any{"status": "archived", "scim": true, "none": nil, "n": 5}
	for rule, want := range map[string]bool{
		"status=archived": true, "status=active": false, "scim=true": true, "scim=false": false, "none=<nil>": false,
		"other=x": false, "n=5": true, "": false, "status": false, "=x": false,
	} {
		if got := Holds(rule, row); got != want {
			t.Errorf("%q: %v", rule, got)
		}
	}
}

func TestParseTarget(t *testing.T) {
	t.Parallel()
	got, err := ParseTarget("users/{email}#role=owner")
	if want := (Target{To: "users/{email}", Field: "role", Value: "owner"}); err != nil || got != want {
		t.Errorf("%v, %v", got, err)
	}
	for _, s := range []string{"", "users/{email}", "users/{email}#role"} {
		if _, err := ParseTarget(s); err == nil {
			t.Errorf("%q is a target", s)
		}
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	o := Object{Kind: Find("projects/users"), Addr: "projects/a%2Fb/users/ada@acme.example", Fields: map[string]any{"email": "Ada@acme.example", "role": "x/y"}}
	for template, want := range map[string]Address{
		"users/{email}": "users/ada@acme.example", "projects/{projects}/roles/{role}": "projects/a%2Fb/roles/x%2Fy",
	} {
		if got := o.Resolve(template); got != want {
			t.Errorf("%s: %s", template, got)
		}
	}
}

func TestPositions(t *testing.T) {
	t.Parallel()
	a := Position{File: "a.yaml", Line: 2, Col: 5}
	if a.String() != "a.yaml:2:5" || (Position{}).String() != "" {
		t.Errorf("%s, %s", a, Position{})
	}
	for _, b := range []Position{{File: "b.yaml", Line: 1, Col: 1}, {File: "a.yaml", Line: 3, Col: 1}, {File: "a.yaml", Line: 2, Col: 6}} {
		if a.Compare(b) != -1 || b.Compare(a) != 1 || a.Compare(a) != 0 {
			t.Errorf("%s against %s", a, b)
		}
	}
}
