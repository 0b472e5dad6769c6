package kind_test

import (
	"slices"
	"testing"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// A reading holds the objects of the places that gave them, and no others.
func TestPartOfAReading(t *testing.T) {
	t.Parallel()
	users, certificates := kind.Find("users"), kind.Find("certificates")
	people := kind.Place{Kind: users, In: "users", Path: "/organization/users"}
	invites := kind.Place{Kind: users.Pending, In: "users", Path: "/organization/invites"}
	members := kind.Place{Kind: kind.Find("projects/users"), In: "projects/p/users", Path: "/p/users"}
	limit := kind.Place{Kind: kind.Find("spend_limit"), In: "spend_limit", Path: "/organization/spend_limit"}
	all := kind.Place{Kind: certificates, In: "certificates", Path: "/organization/certificates"}
	one := kind.Place{Kind: certificates, In: "certificates/ca", Path: "/organization/certificates/cert_1", ID: "cert_1"}
	live := kind.Live{Organization: "org-acme", KeyOwner: &kind.KeyOwner{UserID: "user-1"}, Read: map[kind.Source]bool{}, Objects: []kind.Object{
		{Kind: users, Addr: "users/ada@acme.example", ID: "user-1"},
		{Kind: users.Pending, Addr: "users/ada@acme.example", ID: "invite-1"},
		{Kind: kind.Find("spend_limit"), Addr: "spend_limit"},
		{Kind: certificates, Addr: "certificates/ca", ID: "cert_1"},
		{Kind: certificates, Addr: "certificates/ca", ID: "cert_2"},
		{Kind: kind.Find("projects"), Addr: "projects/p", ID: "proj_1"},
		{Kind: kind.Find("projects/users"), Addr: "projects/p/users/ada@acme.example", ID: "user-1"},
	}}
	for _, p := range []kind.Place{people, invites, members, limit, all, one} {
		live.Read[p.Source()] = true
	}
	unread := kind.Place{Kind: kind.Find("projects"), In: "projects", Path: "/organization/projects"}
	for name, tc := range map[string]struct {
		places []kind.Place
		want   []string
	}{
		"nothing":            {nil, nil},
		"a collection":       {[]kind.Place{people}, []string{"user-1"}},
		"who has to accept":  {[]kind.Place{invites}, []string{"invite-1"}},
		"a setting":          {[]kind.Place{limit}, []string{""}},
		"below an object":    {[]kind.Place{members}, []string{"user-1"}},
		"a detail":           {[]kind.Place{one}, []string{"cert_1"}},
		"a list, its detail": {[]kind.Place{all, one, all}, []string{"cert_1", "cert_2"}},
		"was not read":       {[]kind.Place{unread}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			part := live.Of(tc.places)
			var got []string
			for _, o := range part.Objects {
				got = append(got, o.ID)
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("objects %q, want %q", got, tc.want)
			}
			for s := range part.Read {
				if !live.Read[s] {
					t.Errorf("%s was not read", s.Path)
				}
			}
			if part.Organization != "org-acme" || part.KeyOwner != nil {
				t.Errorf("%+v", part)
			}
		})
	}
}
