package adminapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A table, as long as a page has ways to be wrong.
func TestListPages(t *testing.T) {
	last := `{"object":"list","data":[{"id":"c"}],"has_more":false,"last_id":"c","next":null}`
	for name, tc := range map[string]struct {
		path  string
		pages []string
		uris  []string
		rows  []Row
	}{
		"one page": {
			pages: []string{`{"object":"list","data":[],"has_more":false}`},
			uris:  []string{"limit=100"},
		},
		"last_id is the cursor, not the last row": {
			pages: []string{`{"object":"list","data":[{"id":"a"}],"has_more":true,"first_id":"z","last_id":"a/b +&"}`, last},
			uris:  []string{"limit=100", "limit=100&after=a%2Fb+%2B%26"},
			rows:  []Row{{"id": "a"}, {"id": "c"}},
		},
		"next": {
			pages: []string{`{"object":"list","data":[{"group_id":"a"}],"has_more":true,"next":"n1"}`, last},
			uris:  []string{"limit=100", "limit=100&after=n1"},
			rows:  []Row{{"group_id": "a"}, {"id": "c"}},
		},
		"next_page": {
			path:  "?start_time=1",
			pages: []string{`{"object":"page","data":[{"start_time":1}],"has_more":true,"next_page":"AA=="}`, `{"object":"page","data":[{"start_time":1.5}],"has_more":false,"next_page":null}`},
			uris:  []string{"start_time=1&limit=100", "start_time=1&limit=100&page=AA%3D%3D"},
			rows:  []Row{{"start_time": int64(1)}, {"start_time": 1.5}},
		},
		"the last row's id": {
			pages: []string{`{"data":[{"id":"a"},{"id":"b"}],"has_more":true}`, last},
			uris:  []string{"limit=100", "limit=100&after=b"},
			rows:  []Row{{"id": "a"}, {"id": "b"}, {"id": "c"}},
		},
		"a limit and a query of its own": {
			path:  "?include_archived=true&limit=1000&event_types[]=x%5By",
			pages: []string{`{"data":[{"id":"a"}],"has_more":true,"last_id":"a"}`, last},
			uris:  []string{"include_archived=true&limit=1000&event_types[]=x%5By", "include_archived=true&limit=1000&event_types[]=x%5By&after=a"},
			rows:  []Row{{"id": "a"}, {"id": "c"}},
		},
		"a row that comes again": {
			pages: []string{`{"data":[{"id":"c","v":1},{"id":"d"},{"id":"d"},{"group_id":"g"}],"has_more":true,"last_id":"d"}`,
				`{"data":[{"id":"d"},{"group_id":"g"},{"id":"c","v":2},{"id":"e"}],"has_more":false}`},
			uris: []string{"limit=100", "limit=100&after=d"},
			rows: []Row{{"id": "c", "v": int64(1)}, {"id": "d"}, {"id": "d"}, {"group_id": "g"}, {"id": "e"}},
		},
		"unknown members": {
			pages: []string{`{"object":"list","data":[{"id":"a","new":{"x":[1,2.0,9223372036854775808,null]}}],"has_more":false,"total":7}`},
			uris:  []string{"limit=100"},
			rows:  []Row{{"id": "a", "new": Row{"x": []any{int64(1), 2.0, json.Number("9223372036854775808"), nil}}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{}
			for _, p := range tc.pages {
				s.answers = append(s.answers, answer{body: p})
			}
			rows, err := testClient(t, s).List(context.Background(), "/things", "/things"+tc.path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.rows, rows); diff != "" {
				t.Error(diff)
			}
			var uris []string
			for _, r := range s.got {
				uris = append(uris, r.URL.RawQuery)
			}
			if diff := cmp.Diff(tc.uris, uris); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestPagesStop: who has seen enough asks for no more pages, and a mistake after the first page is told
// after the rows of that page.
func TestPagesStop(t *testing.T) {
	pages := []answer{{body: `{"data":[{"id":"a"}],"has_more":true,"last_id":"a"}`}, {body: `{"data":[{"id":"a"},{"id":"b"}],"has_more":true,"last_id":"a"}`}}
	for name, tc := range map[string]struct {
		enough, requests int
		want             []Row
		err              string
	}{
		"one page":    {1, 1, []Row{{"id": "a"}}, ""},
		"all of them": {9, 2, []Row{{"id": "a"}}, "GET /things: page 2: its cursor for the next page has been used before"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: pages}
			var got []Row
			var text string
			for rows, err := range testClient(t, s).Pages(context.Background(), "/things", "/things") {
				if got = append(got, rows...); err != nil {
					text = err.Error()
				}
				if len(got) >= tc.enough {
					break
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || text != tc.err || len(s.got) != tc.requests {
				t.Errorf("%d requests, error %q, rows %s", len(s.got), text, diff)
			}
		})
	}
}

// Each of these could be read as a complete list, and everything missing be created again or removed.
func TestListMistakes(t *testing.T) {
	more := func(id, rest string) string {
		return `{"object":"list","data":[{"id":"` + id + `"}],"has_more":true` + rest + `}`
	}
	for name, tc := range map[string]struct {
		pages []string
		want  string
	}{
		"null":                 {[]string{`null`}, "the answer is null"},
		"array":                {[]string{`[{"id":"a"}]`}, "the answer is an array"},
		"string":               {[]string{`"x"`}, "the answer is a string"},
		"number":               {[]string{`0`}, "the answer is a number"},
		"boolean":              {[]string{`true`}, "the answer is a boolean"},
		"empty":                {[]string{``}, "the answer is empty"},
		"white space":          {[]string{" \n"}, "the answer is empty"},
		"HTML":                 {[]string{"\n<!doctype html>"}, "the answer is an HTML page"},
		"not JSON":             {[]string{`{"data":[],}`}, "the answer is not JSON"},
		"trailing object":      {[]string{`{"data":[],"has_more":false}{}`}, "after its JSON object"},
		"trailing bytes":       {[]string{`{"data":[],"has_more":false}x`}, "after its JSON object"},
		"empty object":         {[]string{`{}`}, "data must be an array"},
		"an object":            {[]string{`{"object":"organization.project","id":"p"}`}, `object must be "list"`},
		"object null":          {[]string{`{"object":null,"data":[],"has_more":false}`}, `object must be "list"`},
		"data missing":         {[]string{`{"object":"list","has_more":false}`}, "data must be an array"},
		"data null":            {[]string{`{"object":"list","data":null,"has_more":false}`}, "data must be an array"},
		"data object":          {[]string{`{"object":"list","data":{},"has_more":false}`}, "data must be an array"},
		"row null":             {[]string{`{"data":[{"id":"a"},null],"has_more":false}`}, "row 2 of a list is null"},
		"row string":           {[]string{`{"data":["a"],"has_more":false}`}, "row 1 of a list is a string"},
		"has_more missing":     {[]string{`{"object":"list","data":[]}`}, "without has_more"},
		"has_more null":        {[]string{`{"data":[],"has_more":null}`}, "without has_more"},
		"has_more string":      {[]string{`{"data":[],"has_more":"false"}`}, "without has_more"},
		"has_more, no rows":    {[]string{`{"data":[],"has_more":true,"last_id":"a"}`}, "an empty page"},
		"last_id null":         {[]string{more("a", `,"last_id":null`)}, "without a cursor"},
		"last_id empty":        {[]string{more("a", `,"last_id":""`)}, "without a cursor"},
		"last_id number":       {[]string{more("a", `,"last_id":7`)}, "without a cursor"},
		"next null":            {[]string{more("a", `,"next":null`)}, "without a cursor"},
		"next_page null":       {[]string{more("a", `,"next_page":null`)}, "without a cursor"},
		"no id to go on from":  {[]string{more("", ``)}, "without a cursor"},
		"cursor repeated":      {[]string{more("a", `,"last_id":"a"`), more("b", `,"last_id":"a"`)}, "page 2: its cursor"},
		"cursor goes round":    {[]string{more("a", ``), more("b", ``), more("a", ``)}, "page 3: its cursor"},
		"error on second page": {[]string{more("a", ``), `null`}, "the answer is null"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{}
			for _, p := range tc.pages {
				s.answers = append(s.answers, answer{body: p, header: hdr("x-request-id", "req_1")})
			}
			rows, err := testClient(t, s).List(context.Background(), "/things", "/things")
			if rows != nil || err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("got %v, %v", rows, err)
			}
			if !strings.HasPrefix(err.Error(), "GET /things: ") || s.count() != len(tc.pages) {
				t.Errorf("%d requests, %v", s.count(), err)
			}
		})
	}
}

func TestListRefusesItsOwnCursor(t *testing.T) {
	for _, path := range []string{"/things?after=a", "/things?before=a", "/things?page=a", "/things?a=%zz", "/things?a;b", "things"} {
		s := &script{answers: []answer{{body: `{}`}}}
		if _, err := testClient(t, s).List(context.Background(), "/things", path); err == nil || s.count() != 0 {
			t.Errorf("%s: %v, %d sent", path, err, s.count())
		}
	}
}

func TestListEndsAtThePageCap(t *testing.T) {
	n := 0
	rt := roundTrip(func(r *http.Request) (*http.Response, error) {
		n++
		return answer{body: fmt.Sprintf(`{"data":[{"id":"%d"}],"has_more":true}`, n)}.play(r)
	})
	_, err := testClient(t, rt).List(context.Background(), "/things", "/things")
	if n != maxPages || err == nil || !strings.Contains(err.Error(), "over 10000 pages") {
		t.Errorf("%d pages, %v", n, err)
	}
}

// However a list is cut into pages, and whichever cursor it has, List returns all of it, in order.
func TestListReadsAll(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ids := rapid.SliceOfDistinct(rapid.StringMatching(`[a-z+/&%é ]{1,4}`), rapid.ID[string]).Draw(rt, "ids")
		size := rapid.IntRange(1, 5).Draw(rt, "size")
		style := rapid.SampledFrom([]string{"next", "next_page", "last_id", ""}).Draw(rt, "style")
		c := testClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			return answer{body: servePage(ids, size, style, r.URL.Query())}.play(r)
		}))
		rows, err := c.List(context.Background(), "/things", "/things")
		if err != nil {
			rt.Fatal(err)
		}
		got := []string{}
		for _, row := range rows {
			got = append(got, row["id"].(string))
		}
		if !slices.Equal(got, ids) {
			rt.Fatalf("got %q, want %q", got, ids)
		}
	})
}

// servePage answers as the API does: the cursor is an opaque text, or the id of the last row seen.
func servePage(ids []string, size int, style string, query url.Values) string {
	from := 0
	switch after := query.Get("after") + query.Get("page"); {
	case after == "":
	case style == "next" || style == "next_page":
		from, _ = strconv.Atoi(strings.TrimPrefix(after, "+&"))
	default:
		from = slices.Index(ids, after) + 1
	}
	to := min(from+size, len(ids))
	p := map[string]any{"object": "list", "has_more": to < len(ids)}
	data := []any{}
	for _, id := range ids[from:to] {
		data = append(data, map[string]any{"id": id})
	}
	p["data"] = data
	switch {
	case style == "next" || style == "next_page":
		p[style] = "+&" + strconv.Itoa(to)
	case style == "last_id" && to > from:
		p[style] = ids[to-1]
	}
	b, _ := json.Marshal(p)
	return string(b)
}

// Whatever a server answers, it is a page with rows and a way on, or an error; and as an error
// status, one line without the key.
func FuzzPage(f *testing.F) {
	for _, s := range []string{
		`{"object":"list","data":[{"id":"a"}],"has_more":true,"last_id":"a"}`,
		`{"object":"page","data":[{"n":1e400}],"has_more":true,"next_page":"p"}`,
		`{"data":[{"id":"a"}],"has_more":true}`, `{"data":[],"has_more":false,"next":null}`,
		`null`, `[]`, `{}`, ``, `{"data":null}`, `{"data":[`, `<html>`, `{"a":1}{"b":2}`, `-0`, `{"a":9223372036854775808}`,
		`{"error":{"message":"no\u001b[31m","code":null,"type":"t","param":"p"}}`, `{"error":"a string"}`,
		`{"code":404,"message":"gone"}`, `{"error":{"message":"` + secret + `"}}`,
	} {
		f.Add([]byte(s))
	}
	key, err := NewKey(secret)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e := &Error{Method: "GET", Route: "/things", Status: 500}
		e.explain(key, b)
		if s := e.Error(); strings.ContainsAny(s, "\n\r\x1b\x00") || strings.Contains(s, secret) || len(s) > 10_000 {
			t.Errorf("error %q", s)
		}
		row, err := decodeObject(b)
		if (row == nil) != (err != nil) {
			t.Fatalf("%v, %v", row, err)
		}
		p, err := parsePage(row)
		if err == nil && p.next != "" && (len(p.rows) == 0 || p.param == "") {
			t.Errorf("a next page after %v", p)
		}
		if err == nil && row["has_more"] == true && p.next == "" {
			t.Errorf("the list ends early: %q", b)
		}
	})
}
