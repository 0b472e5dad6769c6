package desired

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// TestPositionsSayWhichProfile: what a project takes from its profile says so, at objects and at fields.
func TestPositionsSayWhichProfile(t *testing.T) {
	t.Parallel()
	const doc = `version: 1
profiles:
  small/er:
    residency: GLOBAL
    spend_limit: {threshold_amount: 5}
    users:
      - {email: ada@acme.example, role: member}
      - {email: eve@acme.example, role: member}
projects:
  - name: plain
    users: [ada@acme.example]
  - name: web
    profile: small/er
    users:
      - {email: eve@acme.example, state: absent}
      - {email: ada@acme.example}
  - name: profiles
    profile: small/er
    spend_limit: {threshold_amount: 7}
`
	org, err := LoadFS(fstest.MapFS{"org.yaml": {Data: []byte(doc)}}, "org.yaml", "org.yaml")
	must(t, err)
	got := map[kind.Address]string{}
	for _, o := range org.Objects {
		if o.Pos.From != "" {
			got[o.Addr] = o.Pos.String() + " " + o.Pos.From
		}
		for _, f := range o.FieldPos {
			if f.From != "" {
				got[o.Addr+"#"+kind.Address(f.Name)] = f.String() + " " + f.From
			}
		}
	}
	const from = " profiles.small/er"
	want := map[kind.Address]string{
		"projects/web#residency":                         "org.yaml:4:5" + from,
		"projects/web/spend_limit":                       "org.yaml:5:5" + from,
		"projects/web/spend_limit#threshold_amount":      "org.yaml:5:19" + from,
		"projects/web/users/ada@acme.example#role":       "org.yaml:7:35" + from,
		"projects/profiles#residency":                    "org.yaml:4:5" + from,
		"projects/profiles/users/ada@acme.example":       "org.yaml:7:9" + from,
		"projects/profiles/users/ada@acme.example#email": "org.yaml:7:10" + from,
		"projects/profiles/users/ada@acme.example#role":  "org.yaml:7:35" + from,
		"projects/profiles/users/eve@acme.example":       "org.yaml:8:9" + from,
		"projects/profiles/users/eve@acme.example#email": "org.yaml:8:10" + from,
		"projects/profiles/users/eve@acme.example#role":  "org.yaml:8:35" + from,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
