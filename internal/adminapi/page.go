package adminapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"
)

const (
	maxPages  = 10_000
	pageLimit = "limit=100" // the largest that every list takes
)

// A page is one answer of a list.
type page struct {
	rows  []Row
	param string // the query parameter that takes the cursor
	next  string // the cursor of the next page; "" when this is the last
}

// cursors are the members that carry the next page's cursor, and the parameter that takes it. The
// first that a page has, even as null, decides.
var cursors = []struct{ member, param string }{
	{"next", "after"},     // groups, roles, assignments
	{"next_page", "page"}, // costs, usage
	{"last_id", "after"},  // most lists
}

// List reads all pages of the list at path, which may carry a query; without a limit of its own it
// asks for 100 rows a page. A row that comes again on a later page is dropped: lists are no
// snapshots. Anything that leaves it open whether the list is complete is an error.
func (c *Client) List(ctx context.Context, route, path string) ([]Row, error) {
	var all []Row
	for rows, err := range c.Pages(ctx, route, path) {
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return all, nil
}

// Pages is [Client.List] a page at a time, for those who may have seen enough before the end. It is as
// strict: an error is the last it yields, and who goes on to the end without one has seen it all.
func (c *Client) Pages(ctx context.Context, route, path string) iter.Seq2[[]Row, error] {
	return func(yield func([]Row, error) bool) {
		path, err := firstPage(path)
		if err != nil {
			yield(nil, fmt.Errorf("GET %s: %w", route, err))
			return
		}
		l := listing{seen: map[string]int{}, cursors: map[string]bool{}}
		for at := path; ; {
			p, err := c.page(ctx, route, at, at != path)
			if err != nil {
				yield(nil, err)
				return
			}
			rows, err := l.add(p)
			if err != nil {
				yield(nil, fmt.Errorf("GET %s: page %d: %w", route, l.pages, err))
				return
			}
			if !yield(rows, nil) || p.next == "" {
				return
			}
			if l.pages == maxPages {
				yield(nil, fmt.Errorf("GET %s: over %d pages", route, maxPages))
				return
			}
			at = path + "&" + p.param + "=" + url.QueryEscape(p.next)
		}
	}
}

// page reads one page.
func (c *Client) page(ctx context.Context, route, path string, further bool) (page, error) {
	var p page
	_, err := c.do(ctx, Request{Method: http.MethodGet, Route: route, Path: path, further: further}, func(row Row) (err error) {
		p, err = parsePage(row)
		return err
	})
	return p, err
}

// firstPage returns path with a limit, ready for "&after=". The rest stays as it is, byte for byte.
func firstPage(path string) (string, error) {
	path, query, _ := strings.Cut(path, "?")
	values, err := url.ParseQuery(query)
	switch {
	case err != nil:
		return "", errors.New("the query is malformed")
	case values.Has("after") || values.Has("before") || values.Has("page"):
		return "", errors.New("the query has a cursor of its own")
	case values.Has("limit"):
		return path + "?" + query, nil
	case query == "":
		return path + "?" + pageLimit, nil
	}
	return path + "?" + query + "&" + pageLimit, nil
}

// A listing is what has been read of a list.
type listing struct {
	pages   int
	seen    map[string]int // the page that a row was first seen on
	cursors map[string]bool
}

// add returns the rows of a page that no page before had.
func (l *listing) add(p page) ([]Row, error) {
	l.pages++
	var rows []Row
	for _, row := range p.rows {
		id := identity(row)
		first, ok := l.seen[id]
		if ok && first < l.pages {
			continue
		}
		l.seen[id] = l.pages
		rows = append(rows, row)
	}
	if p.next != "" && l.cursors[p.next] {
		return nil, errors.New("its cursor for the next page has been used before")
	}
	l.cursors[p.next] = true
	return rows, nil
}

// identity tells rows apart: by id, or where they have none (project groups) by all they say.
func identity(row Row) string {
	if id, _ := row["id"].(string); id != "" {
		return "id " + id
	}
	b, _ := json.Marshal(row) // a decoded value can always be encoded
	return string(b)
}

// parsePage checks one answer of a list.
func parsePage(row Row) (page, error) {
	if object, ok := row["object"]; ok && object != "list" && object != "page" {
		return page{}, errors.New(`a list's object must be "list" or "page"`)
	}
	rows, err := pageRows(row)
	if err != nil {
		return page{}, err
	}
	more, ok := row["has_more"].(bool)
	switch {
	case !ok:
		return page{}, errors.New("a list without has_more")
	case !more:
		return page{rows: rows}, nil
	case len(rows) == 0:
		return page{}, errors.New("an empty page of a list with has_more")
	}
	param, next := pageCursor(row, rows[len(rows)-1])
	if next == "" {
		return page{}, errors.New("has_more without a cursor for the next page")
	}
	return page{rows: rows, param: param, next: next}, nil
}

func pageRows(row Row) ([]Row, error) {
	data, ok := row["data"].([]any)
	if !ok {
		return nil, errors.New("a list's data must be an array")
	}
	rows := make([]Row, len(data))
	for i, v := range data {
		if rows[i], ok = v.(Row); !ok {
			return nil, fmt.Errorf("row %d of a list is %s, not an object", i+1, jsonType(v))
		}
	}
	return rows, nil
}

// pageCursor returns the cursor of the next page, "" if there is none, and its parameter. A list
// that speaks of no cursor at all takes the id of its last row.
func pageCursor(row, last Row) (param, cursor string) {
	for _, s := range cursors {
		if v, ok := row[s.member]; ok {
			cursor, _ = v.(string)
			return s.param, cursor
		}
	}
	cursor, _ = last["id"].(string)
	return "after", cursor
}
