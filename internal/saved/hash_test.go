package saved_test

import (
	"encoding/json"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/saved"
)

// golden is the hash of everything. Whoever changes it makes every approval void that was given before: then
// the format of the hash gets another number.
const golden = "ef9fe349a373aba7de0c36adc60e716a71a5babc6e1a4c87c4c01ac7c7a50ccf"

func TestTheHashIsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	if got := everything().Hash(); got != golden {
		t.Errorf("the hash is %s, not %s", got, golden)
	}
}

// What an approval is about is in the hash.
func TestWhatTheHashHolds(t *testing.T) {
	t.Parallel()
	change := func(f func(c *plan.Change)) func(*saved.Document) {
		return func(d *saved.Document) { f(&d.Plan.Changes[2]) }
	}
	request := func(f func(c *plan.Request)) func(*saved.Document) {
		return func(d *saved.Document) { f(&d.Plan.Changes[4].Requests[0]) }
	}
	seen := map[string]string{everything().Hash(): "everything"}
	for name, edit := range map[string]func(*saved.Document){
		"organization":     func(d *saved.Document) { d.Organization = "org-other" },
		"sandbox":          func(d *saved.Document) { d.Sandbox = false },
		"no change":        func(d *saved.Document) { d.Plan.Changes = nil },
		"one change less":  func(d *saved.Document) { d.Plan.Changes = d.Plan.Changes[1:] },
		"a change twice":   func(d *saved.Document) { d.Plan.Changes = append(d.Plan.Changes, d.Plan.Changes[0]) },
		"action":           change(func(c *plan.Change) { c.Action = plan.Delete }),
		"address":          change(func(c *plan.Change) { c.Addr = "data_retention" }),
		"id":               change(func(c *plan.Change) { c.ID = "x" }),
		"risk":             change(func(c *plan.Change) { c.Risk = plan.Routine }),
		"with":             change(func(c *plan.Change) { c.With = "users" }),
		"after":            change(func(c *plan.Change) { c.After = []kind.Address{"users"} }),
		"old":              change(func(c *plan.Change) { c.Fields[0].Old = int64(2) }),
		"not set before":   change(func(c *plan.Change) { c.Fields[0].Old = nil }),
		"a text":           change(func(c *plan.Change) { c.Fields[0].Old = "1" }),
		"a list":           change(func(c *plan.Change) { c.Fields[0].Old = []any{int64(1)} }),
		"new":              change(func(c *plan.Change) { c.Fields[0].New = int64(2) }),
		"field":            change(func(c *plan.Change) { c.Fields[0].Name = "x" }),
		"no field":         change(func(c *plan.Change) { c.Fields = nil }),
		"no find":          change(func(c *plan.Change) { c.Find = nil }),
		"find kind":        change(func(c *plan.Change) { c.Find.Kind = "groups" }),
		"find key":         change(func(c *plan.Change) { c.Find.Key = "b" }),
		"find route":       change(func(c *plan.Change) { c.Find.Route = "/x" }),
		"find path":        change(func(c *plan.Change) { c.Find.Path = "/x" }),
		"find except":      change(func(c *plan.Change) { c.Find.Except = nil }),
		"find skip":        change(func(c *plan.Change) { c.Find.Skip = nil }),
		"body":             change(func(c *plan.Change) { c.Requests[0].Body["share"] = 0.25 }),
		"less body":        change(func(c *plan.Change) { delete(c.Requests[0].Body, "none") }),
		"method":           request(func(r *plan.Request) { r.Method = "DELETE" }),
		"route":            request(func(r *plan.Request) { r.Route = "/x" }),
		"path":             request(func(r *plan.Request) { r.Path = "/x" }),
		"an empty body":    request(func(r *plan.Request) { r.Body = map[string]any{} }),
		"once":             request(func(r *plan.Request) { r.Once = true }),
		"makes":            request(func(r *plan.Request) { r.Makes = "x" }),
		"requests swapped": func(d *saved.Document) { slices.Reverse(d.Plan.Changes[4].Requests) },
		"no refusal":       func(d *saved.Document) { d.Plan.Refusals = nil },
		"rule":             func(d *saved.Document) { d.Plan.Refusals[0].Rule = "protect" },
		"allow":            func(d *saved.Document) { d.Plan.Refusals[0].Allow = nil },
	} {
		d := everything()
		edit(&d)
		h := d.Hash()
		if other, twice := seen[h]; twice {
			t.Errorf("%s has the hash of %s", name, other)
		}
		seen[h] = name
	}
}

// What is only said of a plan, or depends on when and where it is made, is not.
func TestWhatTheHashLeavesOut(t *testing.T) {
	t.Parallel()
	moved := func(p kind.Position) kind.Position {
		return kind.Position{File: filepath.Join("/home/ada/org", p.File), Line: p.Line + 1, Col: 1}
	}
	d := everything()
	d.Tool, d.Time, d.Base, d.Head = "v9", d.Time.Add(time.Hour), saved.Commit{}, saved.Commit{ID: "x"}
	d.Requests, d.Readings, d.Live, d.Want, d.Declared = nil, nil, kind.Live{}, nil, nil
	p := &d.Plan
	for i := range p.Changes {
		c := &p.Changes[i]
		c.Pos, c.Reason, c.Drift = moved(c.Pos), "another reason", !c.Drift
		for j := range c.Fields {
			c.Fields[j].Unit, c.Fields[j].Drifted, c.Fields[j].Base = "", false, nil
		}
	}
	p.Refusals[0].Message = "other numbers"
	p.Notes, p.Problems, p.Undeclared, p.Unchanged, p.Watch, p.Reads = nil, nil, nil, 0, nil, nil
	p.Based, p.Drift, p.Drifted, p.Unmanaged, p.Policy = false, nil, nil, nil, nil
	if got := d.Hash(); got != golden {
		t.Errorf("the hash is %s, not %s", got, golden)
	}
}

// What counts as a set has no order, and maps have none anyway.
func TestTheHashKnowsNoOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := genDocument().Draw(t, "document")
		want := d.Hash()
		p := &d.Plan
		p.Changes = rapid.Permutation(p.Changes).Draw(t, "changes")
		for i := range p.Changes {
			c := &p.Changes[i]
			c.After = rapid.Permutation(c.After).Draw(t, "after")
			c.Fields = rapid.Permutation(c.Fields).Draw(t, "fields")
			for j := range c.Requests {
				c.Requests[j].Body = maps.Clone(c.Requests[j].Body)
			}
		}
		p.Refusals = rapid.Permutation(p.Refusals).Draw(t, "refusals")
		if got := d.Hash(); got != want {
			t.Fatalf("another order, another hash")
		}
	})
}

// A number has one form, whatever type it came in and however its text reads.
func TestNumbersAreCanonical(t *testing.T) {
	t.Parallel()
	hash := func(v any) string {
		return saved.Document{Plan: plan.Plan{Changes: []plan.Change{{Action: plan.Update, Addr: "spend_limit",
			Requests: []plan.Request{{Body: map[string]any{"x": v}}}}}}}.Hash()
	}
	for name, same := range map[string][]any{
		"seven":   {int64(7), 7, 7.0, json.Number("7"), json.Number("7.0"), json.Number("7e0"), int32(7), uint8(7)},
		"a part":  {0.1, json.Number("0.1"), json.Number("1e-1"), json.Number("0.10000000000000001")},
		"small":   {1e-7, json.Number("1e-7"), json.Number("0.0000001")},
		"large":   {int64(math.MaxInt64), json.Number("9223372036854775807")},
		"larger":  {json.Number("9223372036854775808")},
		"huge":    {1e300, json.Number("1e300"), json.Number("1.0E+300")},
		"zero":    {int64(0), 0.0, math.Copysign(0, -1), json.Number("-0.0")},
		"a text":  {"7"},
		"a list":  {[]any{int64(7)}, []int{7}, []any{7.0}},
		"a map":   {map[string]any{"a": int64(1), "b": "c"}, map[string]any{"b": "c", "a": 1.0}},
		"texts":   {[]any{"a", "b"}, []string{"a", "b"}},
		"nothing": {nil},
		"none":    {[]any{}, []any(nil)},
		"odd":     {"\x00\"\\\u2028<\u00e9", json.RawMessage(`"\u0000\"\\\u2028<\u00e9"`)},
		"broken":  {"a\xffb", "a\ufffdb"},
	} {
		for _, v := range same {
			if hash(v) != hash(same[0]) {
				t.Errorf("%s: %#v is not %#v", name, v, same[0])
			}
		}
		if name != "seven" && hash(same[0]) == hash(int64(7)) {
			t.Errorf("%s is 7", name)
		}
	}
}
