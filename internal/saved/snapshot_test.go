package saved_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/saved"
	"github.com/bylaw-dev/bylaw/schema"
)

func snapshot() saved.Snapshot {
	d := everything()
	return saved.Snapshot{Tool: "v1.2.3", Time: noon, Sandbox: true, Organization: "org-acme", Live: d.Live}
}

func snapshotBytes(t testing.TB, s saved.Snapshot) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readSnapshot(t testing.TB, b []byte) saved.Snapshot {
	t.Helper()
	s, err := saved.ReadSnapshot(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	return s
}

// A snapshot has a line an object, so that git shows what changed.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	const want = `{
  "format": "bylaw.snapshot",
  "version": 1,
  "tool": "v1.2.3",
  "time": "2026-03-01T12:00:00Z",
  "sandbox": true,
  "organization": "org-acme",
  "places": [
    {"in":"users","path":"/organization/users"},
    {"in":"users","kind":"invites","path":"/organization/invites"},
    {"in":"certificates/ca","path":"/organization/certificates/cert_1?include[]=content"}
  ],
  "objects": [
    {"address":"users/ada@acme.example","id":"user-1","fields":{"email":"Ada@acme.example","role":"owner"},"foreign":true,"created":1700000000},
    {"address":"users/alan@acme.example","kind":"invites","id":"invite-1","state":"pending","fields":{"projects":[{"id":"proj_1","n":0.25}]}},
    {"address":"certificates/ca","id":"cert_1","fields":{"certificate":"<a> & \u2028 \"b\"\n"}}
  ]
}
`
	b := snapshotBytes(t, snapshot())
	if diff := cmp.Diff(want, string(b)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := same(snapshot(), readSnapshot(t, b)); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
	odd := snapshot()
	odd.Live.KeyOwner = &kind.KeyOwner{UserID: "user-1"}
	odd.Live.Objects[0].InUse = true
	odd.Live.Read[kind.Source{Kind: kind.Find("groups"), Path: "/g", In: "groups"}] = false
	odd.Live.Objects[0], odd.Live.Objects[2] = odd.Live.Objects[2], odd.Live.Objects[0]
	if diff := cmp.Diff(want, string(snapshotBytes(t, odd))); diff != "" {
		t.Errorf("in another order, with what depends on the key (-want +got):\n%s", diff)
	}
}

func TestSnapshotFollowsItsSchema(t *testing.T) {
	t.Parallel()
	s, err := jsonschema.CompileString("snapshot.schema.json", string(schema.Snapshot()))
	if err != nil {
		t.Fatal(err)
	}
	for name, snap := range map[string]saved.Snapshot{"everything": snapshot(), "nothing": {}} {
		var doc any
		if err := json.Unmarshal(snapshotBytes(t, snap), &doc); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(doc); err != nil {
			t.Errorf("%s: %#v", name, err)
		}
	}
}

func TestReadSnapshotIsStrict(t *testing.T) {
	t.Parallel()
	whole := string(snapshotBytes(t, snapshot()))
	for name, tc := range map[string]struct{ text, want string }{
		"a plan":         {string(bytesOf(t, everything())), "it is no snapshot of bylaw's"},
		"of the future":  {strings.Replace(whole, `"version": 1`, `"version": 2`, 1), "it has version 2, and this bylaw reads version 1: take it again with this bylaw, or update bylaw"},
		"cut off":        {whole[:300], "it ends too early: it was cut off"},
		"a new member":   {strings.Replace(whole, `"foreign":true`, `"in_use":true`, 1), "/objects/0: additionalProperties 'in_use' not allowed"},
		"a new state":    {strings.Replace(whole, `"pending"`, `"odd"`, 1), `/objects/1/state: value must be one of "archived", "pending", "expired", "accepted"`},
		"no such object": {strings.Replace(whole, `users/ada@`, `people/ada@`, 1), `/objects/0: address "people/ada@acme.example": no kind of object stands there; an address reads like projects/NAME/users/EMAIL`},
		"no such place":  {strings.Replace(whole, `"in":"users"`, `"in":"people"`, 1), `/places/0: address "people": no kind of object stands there; an address reads like projects/NAME/users/EMAIL`},
	} {
		_, err := saved.ReadSnapshot(strings.NewReader(tc.text))
		if err == nil || err.Error() != "read the snapshot: "+tc.want {
			t.Errorf("%s:\ngot  %v\nwant read the snapshot: %s", name, err, tc.want)
		}
	}
	if err := snapshot().Write(broken{}); err == nil || err.Error() != "write the snapshot: full" {
		t.Errorf("error %v", err)
	}
}

// sized is a snapshot of an organization with n objects.
func sized(n int) saved.Snapshot {
	limits := kind.Find("projects/rate_limits")
	s := saved.Snapshot{Live: kind.Live{Read: map[kind.Source]bool{}}}
	for i := range n {
		in := kind.Address(fmt.Sprintf("projects/project-%d/rate_limits", i/10))
		s.Live.Read[kind.Source{Kind: limits, In: in, Path: fmt.Sprintf("/organization/projects/proj_%d/rate_limits?limit=1000", i/10)}] = true
		s.Live.Objects = append(s.Live.Objects, kind.Object{Kind: limits, Addr: in.Join(fmt.Sprintf("model-%d", i%10)), ID: fmt.Sprintf("rl-model-%d", i%10),
			Fields: map[string]any{"model": fmt.Sprintf("model-%d", i%10), "max_requests_per_1_minute": int64(i), "max_tokens_per_1_minute": int64(i) << 10}})
	}
	return s
}

func BenchmarkSnapshot(b *testing.B) {
	s := sized(10_000)
	data := snapshotBytes(b, s)
	b.Logf("%d bytes an object", len(data)/10_000)
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			snapshotBytes(b, s)
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			readSnapshot(b, data)
		}
	})
}
