package saved_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/saved"
)

var (
	noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	pos  = kind.Position{File: "org.yaml", Line: 3, Col: 5, From: "profiles.production"}
)

// people, invites and certificate are places with something odd each.
var (
	people      = kind.Place{Kind: kind.Find("users"), In: "users", Route: "/organization/users", Path: "/organization/users", Skip: []string{"is_service_account=true"}}
	invites     = kind.Place{Kind: kind.Find("users").Pending, In: "users", Route: "/organization/invites", Path: "/organization/invites"}
	certificate = kind.Place{Kind: kind.Find("certificates"), In: "certificates/ca", Route: "/organization/certificates/{certificate_id}",
		Path: "/organization/certificates/cert_1?include[]=content", ID: "cert_1"}
	limit = kind.Place{Kind: kind.Find("spend_limit"), In: "spend_limit", Route: "/organization/spend_limit", Path: "/organization/spend_limit"}
)

// everything is a document with each of the things that a document can hold.
func everything() saved.Document {
	return saved.Document{
		Plan: everyPlan(), Tool: "v1.2.3", Time: noon, Sandbox: true, Organization: "org-acme",
		Base:     saved.Commit{Ref: "main", ID: "0123456789012345678901234567890123456789"},
		Head:     saved.Commit{Ref: "HEAD", ID: "9876543210987654321098765432109876543210", Dirty: true},
		Requests: map[string]int{"GET /organization/users": 2, "GET /organization/invites": 1},
		Readings: []saved.Reading{{Source: "live", Time: noon, Places: 2}, {Source: "a/snapshot.json", Time: noon.Add(-time.Hour), Places: 1}},
		Live: kind.Live{Organization: "org-acme",
			Read: map[kind.Source]bool{people.Source(): true, invites.Source(): true, certificate.Source(): true},
			Objects: []kind.Object{
				{Kind: people.Kind, Addr: "users/ada@acme.example", ID: "user-1", Created: 1700000000, Foreign: true,
					Fields: map[string]any{"email": "Ada@acme.example", "role": "owner"}},
				{Kind: invites.Kind, Addr: "users/alan@acme.example", ID: "invite-1", State: kind.Waiting,
					Fields: map[string]any{"projects": []any{map[string]any{"id": "proj_1", "n": 0.25}}}},
				{Kind: certificate.Kind, Addr: "certificates/ca", ID: "cert_1", Fields: map[string]any{"certificate": "<a> & \u2028 \"b\"\n"}},
			}},
		Want: []kind.Object{
			{Kind: people.Kind, Addr: "users/grace@acme.example", Fields: map[string]any{"email": "grace@acme.example", "role": "reader"}, Pos: pos,
				FieldPos: kind.FieldPositions{{Name: "email", Position: pos}, {Name: "role", Position: pos}}},
			{Kind: kind.Find("projects"), Addr: "projects/old", ID: "proj_1", State: kind.Archived, Fields: map[string]any{}, Previously: []string{"older"}},
			{Kind: kind.Find("projects"), Addr: "projects/web"},
		},
		Declared: map[kind.Address]kind.Position{"users": pos, "projects": {}, "spend_limit": pos},
	}
}

func everyPlan() plan.Plan {
	return plan.Plan{
		Changes: []plan.Change{
			{Action: plan.Create, Addr: "users/grace@acme.example", Risk: plan.Routine, Pos: pos,
				Fields: []plan.FieldDiff{{Name: "role", New: "reader"}},
				Requests: []plan.Request{{Method: "POST", Route: "/organization/invites", Path: "/organization/invites", Makes: "id", Once: true,
					Body: map[string]any{"projects": []any{map[string]any{"id": map[string]any{"$id_of": "projects/web"}, "role": "member"}}}}}},
			{Action: plan.Create, Addr: "projects/web/users/grace@acme.example", Risk: plan.Routine, With: "users/grace@acme.example"},
			{Action: plan.Update, Addr: "spend_limit", Risk: plan.Escalation, Drift: true,
				Fields: []plan.FieldDiff{{Name: "threshold_amount", Old: int64(1), New: int64(123456), Unit: "cents", Drifted: true, Base: int64(7)}},
				Requests: []plan.Request{{Method: "POST", Route: "/organization/spend_limit", Path: "/organization/spend_limit",
					Body: map[string]any{"threshold_amount": int64(123456), "share": 0.5, "none": nil, "list": []any{}, "map": map[string]any{}}}},
				Find: &plan.Find{Kind: "users", Key: "a", Route: "/r", Path: "/p", Except: []string{"user-2"}, Skip: []string{"a=b"}}},
			{Action: plan.Replace, Addr: "users/alan@acme.example", ID: "invite-1", Risk: plan.Escalation, After: []kind.Address{"projects/web"}},
			{Action: plan.Delete, Addr: "projects/old", ID: "proj_1", Risk: plan.Irreversible, Reason: "not declared, and the policy prunes here",
				Requests: []plan.Request{{Method: "POST", Route: "/organization/projects/{project_id}/archive", Path: "/organization/projects/proj_1/archive"},
					{Method: "POST", Route: "/r", Path: "/p", Body: map[string]any{}}}},
			{Action: plan.Delete, Addr: "users/ken@acme.example", ID: "user-3", Risk: plan.Disruptive},
		},
		Notes:      []plan.Note{{Addr: "users/ada@acme.example", Pos: pos, Why: plan.Pending, Message: "is invited", Quiet: true}},
		Problems:   []plan.Problem{{Addr: "projects/web/rate_limits/gpt-5", Pos: pos, Message: "no such model", Hint: "did you mean gpt-4.1?"}, {Addr: "policy", Message: "m"}},
		Refusals:   []plan.Refusal{{Rule: "max_archives", Message: "1 to archive, and at most 0 are allowed", Allow: []string{"archive:projects/old"}}, {Rule: "witness", Message: "m"}},
		Undeclared: []kind.Address{"projects/stray"},
		Unchanged:  7,
		Watch:      []kind.Place{limit},
		Reads:      []kind.Place{people, invites, certificate},
		Uses:       []plan.Use{{Place: invites, Addr: "users/alan@acme.example", ID: "invite-1"}, {Place: people, Addr: "users/ken@acme.example", ID: "user-3"}},
		Based:      true,
		Drift:      []plan.Change{{Action: plan.Update, Addr: "spend_limit", Risk: plan.Routine, Fields: []plan.FieldDiff{{Name: "currency", Old: "USD"}}}},
		Drifted:    []plan.Problem{{Addr: "projects/web", Message: "two have this name"}},
		Unmanaged: []plan.Unmanaged{{Addr: "users", Count: 3, Pos: pos}, {Addr: "projects/web", Field: "residency", Pos: pos, Stays: "EU"},
			{Addr: "spend_limit", Field: "threshold_amount", Stays: int64(5), Unit: "cents"}},
		Policy: []plan.PolicyChange{{Field: "max_removals", Old: "10", New: "20", Loosened: true, Pos: pos}, {Field: "witness", New: "proj_1"}},
	}
}

// never are the fields that no file has, by type and name.
var never = map[string]string{
	"Plan.Needs":     "a plan that needs something is none",
	"Needs.Places":   "the same",
	"Needs.KeyOwner": "the same",
	"Object.InUse":   "depends on the key",
	"Live.KeyOwner":  "depends on the key",
}

// What is added to a plan is added to the file: every field is set in everything, and comes back.
func TestEverythingIsEverything(t *testing.T) {
	t.Parallel()
	set := map[string]bool{}
	fieldsSet(reflect.ValueOf(everything()), set)
	for name, is := range set {
		if _, not := never[name]; !is && !not {
			t.Errorf("nothing has a %s: add it to everything, and to the file", name)
		}
		if _, not := never[name]; is && not {
			t.Errorf("there is a %s", name)
		}
	}
}

// fieldsSet notes for each field of each struct whether it is set anywhere.
func fieldsSet(v reflect.Value, set map[string]bool) {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			fieldsSet(v.Index(i), set)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			fieldsSet(it.Value(), set)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			fieldsSet(v.Elem(), set)
		}
	case reflect.Struct:
		if !strings.HasPrefix(v.Type().PkgPath(), "github.com/bylaw-dev/") || v.Type() == reflect.TypeFor[kind.Kind]() {
			return
		}
		for i := range v.NumField() {
			name := v.Type().Name() + "." + v.Type().Field(i).Name
			set[name] = set[name] || !v.Field(i).IsZero()
			fieldsSet(v.Field(i), set)
		}
	}
}

func bytesOf(t testing.TB, d saved.Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// same compares documents. Kinds are the same or not.
func same(a, b any) string {
	return cmp.Diff(a, b, cmp.Comparer(func(a, b *kind.Kind) bool { return a == b }))
}

func TestWhatIsWrittenComesBack(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]saved.Document{
		"everything": everything(),
		"nothing":    {Live: kind.Live{Read: map[kind.Source]bool{}}},
	} {
		b := bytesOf(t, d)
		got, err := saved.Read(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, b)
		}
		if diff := same(d, got); diff != "" {
			t.Errorf("%s (-written +read):\n%s", name, diff)
		}
		if again := bytesOf(t, got); !bytes.Equal(b, again) {
			t.Errorf("%s: other bytes the second time:\n%s", name, cmp.Diff(string(b), string(again)))
		}
	}
}

// Of what lives, a file has what the plan was made against, and nothing that depends on the key.
func TestOnlyWhatThePlanIsMadeAgainstIsSaved(t *testing.T) {
	t.Parallel()
	d := everything()
	d.Live.KeyOwner = &kind.KeyOwner{UserID: "user-1"}
	d.Live.Objects[0].InUse = true
	d.Live.Read[kind.Source{Kind: kind.Find("groups"), Path: "/organization/groups", In: "groups"}] = true
	d.Live.Objects = append(d.Live.Objects, kind.Object{Kind: kind.Find("groups"), Addr: "groups/g"})
	got, err := saved.Read(bytes.NewReader(bytesOf(t, d)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := same(everything(), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
