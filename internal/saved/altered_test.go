package saved_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bylaw-dev/bylaw/internal/saved"
)

// No part of a plan can be edited, however small.
func TestNothingCanBeAltered(t *testing.T) {
	t.Parallel()
	whole := bytesOf(t, everything())
	rapid.Check(t, func(t *rapid.T) {
		d := json.NewDecoder(bytes.NewReader(whole))
		d.UseNumber()
		var doc map[string]any
		if err := d.Decode(&doc); err != nil {
			t.Fatal(err)
		}
		at := alter(t, doc, "")
		b, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := saved.Read(bytes.NewReader(b)); err == nil {
			t.Fatalf("%s was altered, and nobody noticed", at)
		}
	})
}

// alter changes something in v, and says where.
func alter(t *rapid.T, v any, at string) string {
	switch v := v.(type) {
	case map[string]any:
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(v))).Draw(t, "member")
		at += "/" + name
		if rapid.IntRange(0, 9).Draw(t, "remove it") == 0 {
			delete(v, name)
			return at
		}
		if e, ok := altered(v[name]); ok {
			v[name] = e
			return at
		}
		return alter(t, v[name], at)
	case []any:
		i := rapid.IntRange(0, len(v)-1).Draw(t, "element")
		if e, ok := altered(v[i]); ok {
			v[i] = e
			return at
		}
		return alter(t, v[i], at)
	}
	panic(at)
}

// altered is another value than v, of something that has no parts.
func altered(v any) (any, bool) {
	switch v := v.(type) {
	case nil:
		return true, true
	case bool:
		return !v, true
	case string:
		return v + "x", true
	case json.Number:
		return v + "1", true
	case []any:
		return []any{"x"}, len(v) == 0
	case map[string]any:
		return map[string]any{"x": 1}, len(v) == 0
	}
	return nil, false
}

// Whatever a file holds, reading it ends with a document or an error, and never with a panic.
func FuzzRead(f *testing.F) {
	whole := string(bytesOf(f, everything()))
	for _, s := range []string{whole, string(snapshotBytes(f, snapshot())), "{}", `{"version":2,"format":"bylaw.plan"}`,
		strings.Replace(whole, `"unchanged": 7`, `"unchanged": 1e400`, 1)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = saved.Read(bytes.NewReader(b))
		_, _ = saved.ReadSnapshot(bytes.NewReader(b))
		_ = saved.Is(b)
	})
}

// A member that stands twice is read in more than one way: the first of two changes leaves its mark on the second.
func TestNoMemberTwice(t *testing.T) {
	t.Parallel()
	whole := string(bytesOf(t, everything()))
	for _, first := range []string{
		`"changes": [{"drift": true}], `, `"changes": [{"id": "proj_9"}], `, `"requests": {"by_route": {"GET /x": 7}}, `,
	} {
		name, _, _ := strings.Cut(first, ":")
		twice := strings.Replace(whole, "\n  "+name+":", "\n  "+first+name+":", 1)
		if twice == whole {
			t.Fatalf("no %s", name)
		}
		if _, err := saved.Read(strings.NewReader(twice)); err == nil {
			t.Errorf("%s stands twice, and nobody noticed", name)
		}
	}
}
