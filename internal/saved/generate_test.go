package saved_test

import (
	"bytes"
	"cmp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/saved"
)

// The addresses are of all shapes: settings, collections, objects, and keys that have to be escaped.
var addresses = []kind.Address{"users/ada@acme.example", "users/ken@acme.example", "projects/a%2Fb", "projects/a%2Fb/rate_limits/gpt-4.1",
	"spend_limit", "projects/web/spend_limit", "projects/web/users/ada@acme.example", "certificates/Café", "roles/~role_1"}

var text = rapid.OneOf(rapid.SampledFrom([]string{"", "a", "<b> & \"c\"", "\u2028\t\x00", "é"}), rapid.String())

// values are what fields and bodies hold. A whole number is an int64, and lists and maps are never nil.
func values(depth int) *rapid.Generator[any] {
	scalars := rapid.OneOf(rapid.Just[any](nil), rapid.Map(rapid.Int64(), func(n int64) any { return n }), text.AsAny(), rapid.Bool().AsAny(),
		rapid.Map(rapid.Float64(), func(f float64) any { return kind.Number(f) }))
	if depth == 0 {
		return scalars
	}
	return rapid.OneOf(scalars,
		rapid.Custom(func(t *rapid.T) any {
			return append([]any{}, rapid.SliceOfN(values(depth-1), 0, 3).Draw(t, "list")...)
		}),
		rapid.Map(rapid.MapOfN(text, values(depth-1), 0, 3), func(m map[string]any) any { return m }))
}

// some draws a short list, nil where it is empty.
func some[V any](t *rapid.T, what string, g *rapid.Generator[V]) []V {
	if out := rapid.SliceOfN(g, 0, 3).Draw(t, what); len(out) > 0 {
		return out
	}
	return nil
}

// texts are lists of texts, nil where they are empty.
var texts = rapid.Custom(func(t *rapid.T) []string { return some(t, "texts", text) })

func body(t *rapid.T) map[string]any {
	if rapid.Bool().Draw(t, "no body") {
		return nil
	}
	return rapid.MapOfN(text, values(2), 0, 3).Draw(t, "body")
}

var positions = rapid.Custom(func(t *rapid.T) kind.Position {
	if rapid.Bool().Draw(t, "nowhere") {
		return kind.Position{}
	}
	n := rapid.IntRange(1, 9)
	return kind.Position{File: "a.yaml", Line: n.Draw(t, "line"), Col: n.Draw(t, "col"), From: text.Draw(t, "from")}
})

var addrs = rapid.SampledFrom(addresses)

func genChange() *rapid.Generator[plan.Change] {
	return rapid.Custom(func(t *rapid.T) plan.Change {
		c := plan.Change{Addr: addrs.Draw(t, "address"), ID: text.Draw(t, "id"), Risk: rapid.SampledFrom(plan.Risks()).Draw(t, "risk"),
			Action: rapid.SampledFrom([]plan.Action{plan.Create, plan.Update, plan.Replace, plan.Delete}).Draw(t, "action"),
			Pos:    positions.Draw(t, "position"), Reason: text.Draw(t, "reason"), Drift: rapid.Bool().Draw(t, "drift"),
			With: rapid.SampledFrom([]kind.Address{"", "users/ada@acme.example"}).Draw(t, "with")}
		c.After = some(t, "after", addrs)
		c.Fields = some(t, "fields", rapid.Custom(func(t *rapid.T) plan.FieldDiff {
			return plan.FieldDiff{Name: text.Draw(t, "name"), Old: values(2).Draw(t, "old"), New: values(2).Draw(t, "new"), Unit: rapid.SampledFrom([]string{"", "cents"}).Draw(t, "unit"),
				Drifted: rapid.Bool().Draw(t, "drifted"), Base: values(1).Draw(t, "base")}
		}))
		slices.SortFunc(c.Fields, func(a, b plan.FieldDiff) int { return cmp.Compare(a.Name, b.Name) })
		c.Fields = slices.CompactFunc(c.Fields, func(a, b plan.FieldDiff) bool { return a.Name == b.Name })
		c.Requests = some(t, "requests", rapid.Custom(func(t *rapid.T) plan.Request {
			return plan.Request{Method: rapid.SampledFrom([]string{"POST", "DELETE"}).Draw(t, "method"), Route: text.Draw(t, "route"), Path: text.Draw(t, "path"),
				Body: body(t), Once: rapid.Bool().Draw(t, "once"), Makes: text.Draw(t, "makes")}
		}))
		if rapid.Bool().Draw(t, "find") {
			c.Find = &plan.Find{Kind: "users", Key: text.Draw(t, "key"), Route: text.Draw(t, "route"), Path: text.Draw(t, "path"),
				Except: texts.Draw(t, "except"), Skip: texts.Draw(t, "skip")}
		}
		return c
	})
}

func genPlan(t *rapid.T) plan.Plan {
	problems := rapid.Custom(func(t *rapid.T) plan.Problem {
		return plan.Problem{Addr: addrs.Draw(t, "address"), Pos: positions.Draw(t, "position"), Message: text.Draw(t, "message"), Hint: text.Draw(t, "hint")}
	})
	return plan.Plan{
		Changes: some(t, "changes", genChange()), Drift: some(t, "drift", genChange()), Based: rapid.Bool().Draw(t, "based"),
		Notes: some(t, "notes", rapid.Custom(func(t *rapid.T) plan.Note {
			return plan.Note{Addr: addrs.Draw(t, "address"), Pos: positions.Draw(t, "position"), Quiet: rapid.Bool().Draw(t, "quiet"), Message: text.Draw(t, "message"),
				Why: rapid.SampledFrom([]plan.Why{plan.Pending, plan.Implied, plan.Foreign, plan.Due}).Draw(t, "why")}
		})),
		Uses: some(t, "uses", rapid.Custom(func(t *rapid.T) plan.Use {
			return plan.Use{Place: rapid.SampledFrom([]kind.Place{people, invites, limit}).Draw(t, "place"), Addr: addrs.Draw(t, "address"), ID: text.Draw(t, "id")}
		})),
		Problems: some(t, "problems", problems), Drifted: some(t, "drifted", problems),
		Refusals: some(t, "refusals", rapid.Custom(func(t *rapid.T) plan.Refusal {
			return plan.Refusal{Rule: rapid.SampledFrom([]string{"max_removals", "protect"}).Draw(t, "rule"), Message: text.Draw(t, "message"), Allow: texts.Draw(t, "allow")}
		})),
		Undeclared: some(t, "undeclared", addrs), Unchanged: rapid.IntRange(0, 9).Draw(t, "unchanged"),
		Unmanaged: some(t, "unmanaged", rapid.Custom(func(t *rapid.T) plan.Unmanaged {
			return plan.Unmanaged{Addr: addrs.Draw(t, "address"), Field: text.Draw(t, "field"), Count: rapid.IntRange(0, 9).Draw(t, "count"), Stays: values(1).Draw(t, "stays"), Pos: positions.Draw(t, "position")}
		})),
		Policy: some(t, "policy", rapid.Custom(func(t *rapid.T) plan.PolicyChange {
			return plan.PolicyChange{Field: text.Draw(t, "field"), Old: text.Draw(t, "old"), New: text.Draw(t, "new"), Loosened: rapid.Bool().Draw(t, "loosened"), Pos: positions.Draw(t, "position")}
		})),
	}
}

// genLive draws a reading of a few places, and these.
func genLive(t *rapid.T) (kind.Live, []kind.Place) {
	live := kind.Live{Read: map[kind.Source]bool{}}
	var places []kind.Place
	for _, p := range []kind.Place{people, invites, certificate, limit} {
		if rapid.Bool().Draw(t, "is read") {
			places = append(places, p)
			live.Read[p.Source()] = true
			o := kind.Object{Kind: p.Kind, Addr: p.In, ID: p.ID, Foreign: rapid.Bool().Draw(t, "foreign"), Created: rapid.Int64().Draw(t, "created"),
				Fields: body(t), State: rapid.SampledFrom([]kind.State{kind.Present, kind.Archived, kind.Waiting, kind.Expired, kind.Used}).Draw(t, "state")}
			if !p.Kind.Setting() && p.ID == "" {
				o.Addr, o.ID = p.In.Join(rapid.StringN(1, 9, -1).Draw(t, "key")), text.Draw(t, "id")
			}
			live.Objects = append(live.Objects, o)
		}
	}
	slices.SortStableFunc(live.Objects, func(a, b kind.Object) int {
		return cmp.Or(a.Addr.Compare(b.Addr), cmp.Compare(a.ID, b.ID), -cmp.Compare(a.Kind.Name, b.Kind.Name))
	})
	return live, places
}

func genDocument() *rapid.Generator[saved.Document] {
	return rapid.Custom(func(t *rapid.T) saved.Document {
		at := rapid.Custom(func(t *rapid.T) time.Time {
			return time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "time"), 0).UTC()
		})
		d := saved.Document{Plan: genPlan(t), Tool: text.Draw(t, "tool"), Time: at.Draw(t, "time"), Sandbox: rapid.Bool().Draw(t, "sandbox"),
			Organization: text.Draw(t, "organization"), Base: saved.Commit{Ref: text.Draw(t, "ref")},
			Readings: some(t, "readings", rapid.Custom(func(t *rapid.T) saved.Reading {
				return saved.Reading{Source: text.Draw(t, "source"), Time: at.Draw(t, "time"), Places: rapid.IntRange(0, 9).Draw(t, "places")}
			}))}
		if sent := rapid.MapOfN(text, rapid.IntRange(0, 9), 0, 3).Draw(t, "requests"); len(sent) > 0 {
			d.Requests = sent
		}
		d.Live, d.Plan.Reads = genLive(t)
		d.Live.Organization = d.Organization
		for _, a := range rapid.SliceOfNDistinct(addrs, 0, 3, rapid.ID).Draw(t, "want") {
			d.Want = append(d.Want, kind.Object{Kind: a.Kind(), Addr: a, ID: text.Draw(t, "id"), Fields: body(t), Previously: texts.Draw(t, "previously"),
				State: rapid.SampledFrom([]kind.State{kind.Present, kind.Absent, kind.Archived}).Draw(t, "state"), Pos: positions.Draw(t, "position")})
			if d.Declared == nil {
				d.Declared = map[kind.Address]kind.Position{}
			}
			d.Declared[a.Collection()] = positions.Draw(t, "position")
		}
		slices.SortFunc(d.Want, func(a, b kind.Object) int { return a.Addr.Compare(b.Addr) })
		return d
	})
}

// Whatever a document holds, it comes back, with the same hash and the same bytes.
func TestAnyDocumentComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		d := genDocument().Draw(rt, "document")
		b := bytesOf(t, d)
		got, err := saved.Read(bytes.NewReader(b))
		if err != nil {
			rt.Fatalf("%v\n%s", err, b)
		}
		if diff := same(d, got); diff != "" {
			rt.Fatalf("(-written +read):\n%s", diff)
		}
		if got.Hash() != d.Hash() || !bytes.Equal(bytesOf(t, got), b) {
			rt.Fatal("another hash, or other bytes")
		}
		s := saved.Snapshot{Tool: d.Tool, Time: d.Time, Sandbox: d.Sandbox, Organization: d.Organization, Live: d.Live}
		if diff := same(s, readSnapshot(t, snapshotBytes(t, s))); diff != "" {
			rt.Fatalf("snapshot (-written +read):\n%s", diff)
		}
	})
}
