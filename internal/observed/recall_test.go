package observed_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/observed"
)

// detail is where more is read of the certificate ca.
func detail() kind.Place {
	p := place("certificates")
	p.In, p.Path, p.ID = p.In+"/ca", p.Path+"/cert_1?include[]=content", "cert_1"
	p.Route = p.Kind.Place() + "/{certificate_id}"
	return p
}

// organization answers with what holds now.
func organization() *answers {
	return &answers{bodies: map[string]string{
		"/organization/users":   rows(`{"id":"user-1","email":"ada@acme.example","role":"owner"}`),
		"/organization/invites": rows(),
		"/organization/admin_api_keys": rows(`{"id":"key_1","name":"mine","redacted_value":"sk-admin...-key","owner":{"id":"user-1"}}`,
			`{"id":"key_2","name":"other","redacted_value":"sk-admin...9999","owner":{"id":"user-2"}}`),
		"/organization/certificates":        rows(`{"id":"cert_1","name":"ca","active":true}`),
		"/organization/certificates/cert_1": `{"id":"cert_1","name":"ca","certificate_details":{"content":"now"}}`,
	}}
}

// earlier is a reading of some places from a time when all was different, with what never counts.
func earlier(places ...kind.Place) kind.Live {
	live := kind.Live{Organization: "org-acme", KeyOwner: &kind.KeyOwner{UserID: "user-9"}, Read: map[kind.Source]bool{}, Objects: []kind.Object{
		{Kind: kind.Find("users"), Addr: "users/ada@acme.example", ID: "user-1", Fields: map[string]any{"role": "reader"}},
		{Kind: kind.Find("users").Pending, Addr: "users/ken@acme.example", ID: "invite-1"},
		{Kind: kind.Find("admin_api_keys"), Addr: "admin_api_keys/other", ID: "key_2", InUse: true},
		{Kind: kind.Find("certificates"), Addr: "certificates/ca", ID: "cert_1", Fields: map[string]any{"name": "ca", "certificate": "then"}},
	}}
	for _, p := range places {
		live.Read[p.Source()] = true
	}
	return live
}

func TestRecall(t *testing.T) {
	t.Parallel()
	users, invites, keys, list := place("users"), place("users invites"), place("admin_api_keys"), place("certificates")
	no := func(kind.Place) bool { return false }
	lists := func(p kind.Place) bool { return p.ID == "" }
	details := func(p kind.Place) bool { return p.ID != "" }
	ada := func(role string) kind.Object {
		o := kind.Object{Addr: "users/ada@acme.example", ID: "user-1", Fields: map[string]any{"role": role}}
		if role == "owner" {
			o.Fields["email"] = "ada@acme.example"
		}
		return o
	}
	ca := func(content any) kind.Object {
		o := kind.Object{Addr: "certificates/ca", ID: "cert_1", Fields: map[string]any{"name": "ca", "certificate": content}}
		if content == nil {
			delete(o.Fields, "certificate")
		}
		return o
	}
	ken := kind.Object{Addr: "users/ken@acme.example", ID: "invite-1"}
	mine := kind.Object{Addr: "admin_api_keys/mine", ID: "key_1", Fields: map[string]any{"name": "mine"}, InUse: true}
	other := kind.Object{Addr: "admin_api_keys/other", ID: "key_2", Fields: map[string]any{"name": "other"}}
	for name, tc := range map[string]struct {
		earlier kind.Live
		may     func(kind.Place) bool
		read    []kind.Place
		want    []kind.Object // Kind left out
		asked   []string
	}{
		"all of it":              {earlier(users, invites), nil, []kind.Place{users, invites}, []kind.Object{ada("reader"), ken}, nil},
		"some of it":             {earlier(users), nil, []kind.Place{users, invites}, []kind.Object{ada("reader")}, []string{"/organization/invites"}},
		"what is asked for":      {earlier(users, invites), nil, []kind.Place{invites}, []kind.Object{ken}, nil},
		"twice":                  {earlier(users), nil, []kind.Place{users, users}, []kind.Object{ada("reader")}, nil},
		"what may not":           {earlier(users), no, []kind.Place{users}, []kind.Object{ada("owner")}, []string{"/organization/users"}},
		"another path":           {earlier(kind.Place{Kind: users.Kind, In: "users", Path: "/x"}), nil, []kind.Place{users}, []kind.Object{ada("owner")}, []string{"/organization/users"}},
		"keys in use":            {earlier(keys), nil, []kind.Place{keys}, []kind.Object{mine, other}, []string{"/organization/admin_api_keys"}},
		"a list and its detail":  {earlier(list, detail()), nil, []kind.Place{detail(), list}, []kind.Object{ca("then")}, nil},
		"a newer detail":         {earlier(list, detail()), lists, []kind.Place{list, detail()}, []kind.Object{ca("now")}, []string{"/organization/certificates/cert_1"}},
		"a detail that is new":   {earlier(list), nil, []kind.Place{list, detail()}, []kind.Object{ca("now")}, []string{"/organization/certificates/cert_1"}},
		"no detail over newer":   {earlier(list, detail()), details, []kind.Place{list, detail()}, []kind.Object{ca("now")}, []string{"/organization/certificates", "/organization/certificates/cert_1"}},
		"a newer list only":      {earlier(list, detail()), details, []kind.Place{list}, []kind.Object{ca(nil)}, []string{"/organization/certificates"}},
		"details wait for lists": {earlier(), nil, []kind.Place{detail(), list}, []kind.Object{ca("now")}, []string{"/organization/certificates", "/organization/certificates/cert_1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := organization()
			r := reader(t, a)
			r.Recall(tc.earlier, tc.may)
			if err := r.Read(t.Context(), tc.read); err != nil {
				t.Fatal(err)
			}
			live := r.Live()
			if diff := cmp.Diff(tc.want, live.Objects, cmpopts.IgnoreFields(kind.Object{}, "Kind")); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
			if got := slices.Sorted(maps.Keys(a.asked)); !slices.Equal(got, tc.asked) {
				t.Errorf("asked for %q, want %q", got, tc.asked)
			}
			if r.ReadLive() != len(tc.asked) || r.ReadLive()+r.Recalled() != len(live.Read) {
				t.Errorf("%d read and %d recalled of %d", r.ReadLive(), r.Recalled(), len(live.Read))
			}
			if live.KeyOwner != nil || live.Organization != "org-acme" {
				t.Errorf("key owner %v, organization %q", live.KeyOwner, live.Organization)
			}
		})
	}
}

// What would be recalled is no request to come.
func TestRecalledPlacesAreNotCounted(t *testing.T) {
	t.Parallel()
	r := reader(t, organization())
	r.Recall(earlier(place("users")), nil)
	want := map[string]int{"GET /organization/invites": 1}
	if diff := cmp.Diff(want, r.Requests([]kind.Place{place("users"), place("users invites")})); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// Two organizations never make one reading.
func TestAnotherOrganization(t *testing.T) {
	t.Parallel()
	past := earlier(place("users"))
	past.Organization = "org-other"
	r := reader(t, organization())
	r.Recall(past, nil)
	if err := r.Read(t.Context(), []kind.Place{place("users")}); err != nil {
		t.Fatalf("nobody answered: %v", err)
	}
	err := r.Read(t.Context(), []kind.Place{place("users invites")})
	if want := "the earlier reading is of org-other, and org-acme answered: read all of it anew"; text(err) != want {
		t.Errorf("error %q, want %q", text(err), want)
	}
	unused := reader(t, organization())
	unused.Recall(past, func(kind.Place) bool { return false })
	if err := unused.Read(t.Context(), []kind.Place{place("users")}); err != nil {
		t.Errorf("nothing was recalled: %v", err)
	}
}

// Without a client, what is not in the earlier reading is an error, and no key is known.
func TestNothingMayBeRead(t *testing.T) {
	t.Parallel()
	r := observed.New(nil, adminapi.Key{})
	r.Recall(earlier(place("users"), place("admin_api_keys")), nil)
	if err := r.Read(t.Context(), []kind.Place{place("users"), place("admin_api_keys")}); err != nil {
		t.Fatal(err)
	}
	if err := r.ReadKeyOwner(t.Context()); err != nil {
		t.Fatal(err)
	}
	live := r.Live()
	if live.Organization != "org-acme" || live.KeyOwner == nil || live.KeyOwner.UserID != "" {
		t.Errorf("organization %q, key owner %v", live.Organization, live.KeyOwner)
	}
	if slices.ContainsFunc(live.Objects, func(o kind.Object) bool { return o.InUse }) {
		t.Error("a key counts as the one in use")
	}
	err := r.Read(t.Context(), []kind.Place{place("users"), place("users invites"), place("certificates")})
	if !errors.Is(err, observed.ErrNotRecalled) || !strings.HasPrefix(text(err), "read users (/organization/invites) and 1 more: ") {
		t.Errorf("error %q", text(err))
	}
	if err := observed.New(nil, adminapi.Key{}).Read(t.Context(), []kind.Place{place("users")}); !errors.Is(err, observed.ErrNotRecalled) {
		t.Errorf("error %v", err)
	}
}
