package kind

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	text   = Field{Name: "text", Type: "string"}
	email  = Field{Name: "email", Type: "string", Email: true}
	number = Field{Name: "number", Type: "integer"}
	emails = Field{Name: "emails", Type: "array", Set: true, Items: &Field{Email: true}}
	inner  = Field{Name: "inner", Type: "object", Fields: []Field{text, emails}}
	free   = Field{Name: "free", Type: "object", Free: true}
	words  = Field{Name: "words", Type: "array", Items: &Field{Type: "string"}}
)

type m = map[string]any
type l = []any

func TestEqual(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		field Field
		a, b  any
		want  bool
	}{
		{"texts have case", text, "a", "A", false},
		{"e-mails have none", email, "Ada@acme.example", "ada@ACME.example", true},
		{"an empty text is none", text, "", nil, true},
		{"zero is not none", number, int64(0), nil, false},
		{"numbers are numbers", number, int64(5), float64(5), true},
		{"numbers differ", number, int64(5), 5.5, false},
		{"sets have no order", emails, l{"a@x.example", "B@x.example"}, l{"b@x.example", "a@x.example"}, true},
		{"sets have no repetition", emails, l{"a@x.example", "A@x.example"}, l{"a@x.example"}, true},
		{"sets differ", emails, l{"a@x.example"}, l{"b@x.example"}, false},
		{"lists have order", words, l{"a", "b"}, l{"b", "a"}, false},
		{"an empty list is not none", words, l{}, nil, false},
		{"members that the schema does not name do not count", inner, m{"text": "a", "id": "1"}, m{"text": "a"}, true},
		{"null members are none", inner, m{"text": "a", "emails": nil}, m{"text": "a"}, true},
		{"members compare by meaning", inner, m{"emails": l{"A@x.example"}}, m{"emails": l{"a@x.example"}}, true},
		{"free members all count", free, m{"a": "1"}, m{"a": "1", "b": "2"}, false},
		{"free numbers are numbers", free, m{"a": 1}, m{"a": 1.0}, true},
		{"free null is none", free, m{"a": nil}, m{}, true},
		{"text is not a number", free, m{"a": "1"}, m{"a": 1}, false},
	} {
		if got := c.field.Equal(c.a, c.b); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
		if got := c.field.Equal(c.b, c.a); got != c.want {
			t.Errorf("%s, turned round: %v", c.name, got)
		}
	}
}

func TestCanonLeavesItsInput(t *testing.T) {
	t.Parallel()
	in := m{"text": "A", "emails": l{"B@x.example", "a@x.example", "b@x.example"}, "extra": 1}
	want := m{"text": "A", "emails": l{"a@x.example", "b@x.example"}}
	if d := cmp.Diff(want, inner.Canon(in)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(m{"text": "A", "emails": l{"B@x.example", "a@x.example", "b@x.example"}, "extra": 1}, in); d != "" {
		t.Errorf("changed: %s", d)
	}
}

func TestFillDefaults(t *testing.T) {
	t.Parallel()
	fields := Find("spend_alerts").Fields()
	got := m{"threshold_amount": int64(5), "interval": "year", "notification_channel": m{"recipients": l{"a@x.example"}}}
	FillDefaults(fields, got)
	want := m{"threshold_amount": int64(5), "currency": "USD", "interval": "year",
		"notification_channel": m{"type": "email", "recipients": l{"a@x.example"}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	FillDefaults(fields, got)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the second time: %s", d)
	}
}

func TestFieldsComeFromTheSchema(t *testing.T) {
	t.Parallel()
	want := []Field{
		{Name: "email", Type: "string", Email: true},
		{Name: "role", Enum: []string{"owner", "reader"}, RequiredToCreate: true},
		{Name: "technical_level", Type: "string"},
		{Name: "developer_persona", Type: "string"},
	}
	if d := cmp.Diff(want, Find("users").Fields()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(want[:2], Find("users").Pending.Fields()); d != "" {
		t.Errorf("an invite: %s", d)
	}
	amount := Find("spend_limit").Fields()[0]
	if amount.Unit != "cents" || amount.Type != "integer" {
		t.Errorf("%+v", amount)
	}
}

func TestRowKey(t *testing.T) {
	t.Parallel()
	if got := Find("projects/users").RowKey(map[string]any{"email": "Ada@ACME.example"}); got != "ada@acme.example" {
		t.Errorf("e-mail %s", got)
	}
	if got := Find("projects").RowKey(map[string]any{"name": "Web"}); got != "Web" {
		t.Errorf("name %s", got)
	}
}
