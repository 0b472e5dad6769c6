package saved_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/desired"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/observed"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/saved"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

const planted = "sk-planted-secret"

// A bent API answers like the simulator, but for what alter makes of each answer.
type bent struct {
	http.RoundTripper
	alter func(answer any)
}

func (w bent) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := w.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	d := json.NewDecoder(res.Body)
	d.UseNumber()
	var doc any
	if err := d.Decode(&doc); err != nil {
		return nil, err
	}
	w.alter(doc)
	b, err := json.Marshal(doc)
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
	res.Header.Del("Content-Length")
	return res, err
}

// plant gives each object secrets, in fields of all sorts.
func plant(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			plant(e)
		}
	case map[string]any:
		for _, e := range v {
			plant(e)
		}
		for _, name := range []string{"value", "secret", "client_secret", "api_key", "token"} {
			v[name] = planted
		}
	}
}

// planned plans an example against the simulator's organization, as a command does.
func planned(t *testing.T, example string, open func(adminapi.Key) *observed.Reader) (saved.Document, *observed.Reader) {
	t.Helper()
	org, err := desired.Load("../../examples/orgs/" + example)
	if err != nil {
		t.Fatal(err)
	}
	key, err := adminapi.NewKey(sim.DefaultAdminKey)
	if err != nil {
		t.Fatal(err)
	}
	r := open(key)
	in := plan.Input{Want: org.Objects, Declared: org.Declared, Policy: org.Policy}
	for {
		in.Live = r.Live()
		p, err := plan.Make(in)
		if err != nil {
			t.Fatal(err)
		}
		if p.Needs.None() {
			d := saved.Document{Plan: p, Time: noon, Organization: in.Live.Organization, Live: in.Live}
			d.Want, d.Declared = plan.Asks(in, p)
			return d, r
		}
		if err := r.Read(t.Context(), p.Needs.Places); err != nil {
			t.Fatal(err)
		}
		if p.Needs.KeyOwner {
			if err := r.ReadKeyOwner(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func live(t *testing.T) func(adminapi.Key) *observed.Reader {
	return func(key adminapi.Key) *observed.Reader {
		client, err := adminapi.New(adminapi.Options{Key: key, Transport: bent{sim.New(sim.Demo()).Transport(), plant}})
		if err != nil {
			t.Fatal(err)
		}
		return observed.New(client, key)
	}
}

// The plans and the readings of the examples come back; no file has a secret; and the same plan is made
// from a reading that was saved, with nothing asked and no key.
func TestExamples(t *testing.T) {
	for _, example := range []string{"acme", "globex", "initech", "starter"} {
		t.Setenv("OPENAI_ADMIN_KEY", planted)
		d, r := planned(t, example, live(t))
		b := bytesOf(t, d)
		got, err := saved.Read(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("%s: %v", example, err)
		}
		if diff := same(d.Plan, got.Plan); diff != "" {
			t.Errorf("%s: plan (-written +read):\n%s", example, diff)
		}
		if moves := plan.Moved(d.Plan.Reads, d.Live, got.Live); len(moves) > 0 {
			t.Errorf("%s: what was read moved in the file: %v", example, moves)
		}
		if ids := unheld(d, r.Live()); len(ids) > 0 {
			t.Errorf("%s: requests name %v, and nothing tells when these are not the same any more", example, ids)
		}
		snap := saved.Snapshot{Time: noon, Organization: d.Organization, Live: r.Live()}
		s := snapshotBytes(t, snap)
		for name, file := range map[string][]byte{"plan": b, "snapshot": s} {
			if i := bytes.Index(file, []byte("sk-")); i >= 0 || bytes.Contains(file, []byte(sim.DefaultAdminKey)) {
				t.Errorf("%s: the %s has a secret: %.90s", example, name, file[max(0, i-30):])
			}
		}
		again, _ := planned(t, example, func(adminapi.Key) *observed.Reader {
			r := observed.New(nil, adminapi.Key{})
			r.Recall(readSnapshot(t, s).Live, nil)
			return r
		})
		again.Plan.Refusals = d.Plan.Refusals // without a key, nobody knows whose it is
		if diff := same(d.Plan, again.Plan); diff != "" || again.Hash() != d.Hash() {
			t.Errorf("%s: another plan from the snapshot:\n%s", example, diff)
		}
	}
}

// unheld are the ids of live objects that requests name, and that a saved plan would not look at again.
func unheld(d saved.Document, l kind.Live) []string {
	held := map[string]bool{}
	for _, o := range l.Of(d.Plan.Reads).Objects {
		held[o.ID] = true
	}
	for _, u := range d.Plan.Uses {
		held[u.ID] = true
	}
	sent, _ := json.Marshal(d.Plan.Changes)
	named := map[string]bool{}
	for _, word := range strings.FieldsFunc(string(sent), func(r rune) bool { return strings.ContainsRune(`"/?&=`, r) }) {
		named[word] = true
	}
	var out []string
	for _, o := range l.Objects {
		if named[o.ID] && !held[o.ID] {
			out = append(out, o.ID)
		}
	}
	return out
}

// reverse gives every list the other order, one page each.
func reverse(v any) {
	switch v := v.(type) {
	case []any:
		slices.Reverse(v)
		for _, e := range v {
			reverse(e)
		}
	case map[string]any:
		if first, last := v["first_id"], v["last_id"]; first != nil && v["has_more"] == false {
			v["first_id"], v["last_id"] = last, first
		}
		for _, e := range v {
			reverse(e)
		}
	}
}

// In which order the API lists is no part of a hash.
func TestHashHasNoOrderOfTheAPI(t *testing.T) {
	t.Parallel()
	for _, example := range []string{"acme", "globex", "initech", "starter"} {
		d, _ := planned(t, example, live(t))
		other, _ := planned(t, example, func(key adminapi.Key) *observed.Reader {
			client, err := adminapi.New(adminapi.Options{Key: key, Transport: bent{sim.New(sim.Demo()).Transport(), reverse}})
			if err != nil {
				t.Fatal(err)
			}
			return observed.New(client, key)
		})
		if d.Hash() != other.Hash() {
			t.Errorf("%s: another hash:\n%s", example, same(d.Plan.Changes, other.Plan.Changes))
		}
	}
}
