package sim

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A style is one of the four envelopes that lists come in (reference, "list" responses).
type style int

const (
	idCursors style = iota // object, data, first_id, last_id, has_more
	nextToken              // object, data, has_more, next
	nextPage               // object "page", data, has_more, next_page; the cursor travels as `page`
	whole                  // object, data: never a next page
)

// A listing says how a list pages and filters.
type listing struct {
	style       style
	limit       int // when the request names none
	least, most int
	order       string   // default direction; "" when the list takes no `order`
	before      bool     // pages backwards too
	filters     []filter // query parameters besides the paging ones
	single      bool     // no list at all: there are only the filters
	newestFirst bool     // rows are kept oldest first and served the other way round
}

// A filter is a query parameter. Lists of values travel as name[]=a&name[]=b, or without the brackets.
type filter struct {
	name string
	is   shape // list is a list of strings
	enum []string
}

// standard is how most collections page: 20 rows, 1 to 100.
func standard(filters ...filter) *listing {
	return &listing{limit: 20, least: 1, most: 100, filters: filters}
}

// params are all query parameters that the listing takes.
func (l *listing) params() []filter {
	if l.single {
		return l.filters
	}
	all := []filter{{name: "limit", is: integer}}
	if l.style == nextPage {
		all = append(all, filter{name: "page", is: text})
	} else {
		all = append(all, filter{name: "after", is: text})
	}
	if l.before {
		all = append(all, filter{name: "before", is: text})
	}
	if l.order != "" {
		all = append(all, filter{name: "order", is: text, enum: []string{"asc", "desc"}})
	}
	return append(all, l.filters...)
}

// checkQuery refuses what the listing (nil: none) does not take. The reference does not say what happens
// to unknown parameters; a filter that is silently ignored would widen a list, so they are refused.
func checkQuery(l *listing, q url.Values) error {
	var params []filter
	if l != nil {
		params = l.params()
	}
	for _, key := range sortedKeys(q) {
		name := strings.TrimSuffix(key, "[]")
		i := slices.IndexFunc(params, func(f filter) bool { return f.name == name })
		if i < 0 {
			return invalid(name, "unknown_parameter", "Unknown parameter: '%s'.", name)
		}
		if err := params[i].check(q[key]); err != nil {
			return err
		}
	}
	return nil
}

func (f filter) check(values []string) error {
	for _, v := range values {
		bad := f.is == integer && !isInt(v) || f.is == boolean && v != "true" && v != "false"
		if bad {
			return invalid(f.name, "invalid_type", "Invalid type for '%s': expected %s.", f.name, f.is)
		}
		if err := (field{enum: f.enum}).checkEnum(f.name, v); err != nil {
			return err
		}
	}
	return nil
}

func isInt(s string) bool {
	_, err := strconv.ParseInt(s, 10, 64)
	return err == nil
}

// A row is an object of a collection, found by its API id.
type row interface{ key() string }

// page answers a list request over rows: order, cursor, limit, envelope. view is called for the rows of
// the page only.
func page[T row](c *call, rows []T, view func(T) any) (any, error) {
	l := c.list
	if dir := c.query.Get("order"); dir == "desc" || dir == "" && l.order == "desc" || l.newestFirst {
		rows = slices.Clone(rows)
		slices.Reverse(rows)
	}
	limit, err := l.size(c.query.Get("limit"))
	if err != nil {
		return nil, err
	}
	rows, more, err := window(c.query, l, rows, limit)
	if err != nil {
		return nil, err
	}
	data := make([]any, 0, len(rows))
	for _, r := range rows {
		data = append(data, view(r))
	}
	return envelope(l.style, data, rows, more), nil
}

func (l *listing) size(s string) (int, error) {
	if s == "" {
		return l.limit, nil
	}
	n, _ := strconv.Atoi(s) // checkQuery has seen that it is a number
	return n, field{min: int64(l.least), max: int64(l.most)}.checkRange("limit", jsonInt(n))
}

// window cuts out what lies between the cursors, then at most limit rows of it: the first ones, or with
// `before` the last ones.
func window[T row](q url.Values, l *listing, rows []T, limit int) (cut []T, more bool, err error) {
	after := "after"
	if l.style == nextPage {
		after = "page"
	}
	from, err := cursor(q, after, rows)
	if err != nil {
		return nil, false, err
	}
	to, err := cursor(q, "before", rows)
	if err != nil {
		return nil, false, err
	}
	cut = rows[from+1:]
	if to >= 0 {
		cut = rows[from+1 : max(to, from+1)]
	}
	if len(cut) <= limit {
		return cut, false, nil
	}
	if to >= 0 {
		return cut[len(cut)-limit:], true, nil
	}
	return cut[:limit], true, nil
}

// cursor is the place of the row that the parameter names, -1 when it names none.
func cursor[T row](q url.Values, param string, rows []T) (int, error) {
	id := q.Get(param)
	if id == "" {
		return -1, nil
	}
	i := index(rows, id)
	if i < 0 {
		return 0, invalid(param, "invalid_value", "Invalid '%s': no object '%s' in this list.", param, id)
	}
	return i, nil
}

func index[T row](rows []T, id string) int {
	return slices.IndexFunc(rows, func(r T) bool { return r.key() == id })
}

func envelope[T row](s style, data []any, rows []T, more bool) any {
	var first, last *string
	if len(rows) > 0 {
		f, l := rows[0].key(), rows[len(rows)-1].key()
		first, last = &f, &l
	}
	var next *string
	if more {
		next = last
	}
	switch s {
	case nextToken:
		return map[string]any{"object": "list", "data": data, "has_more": more, "next": next}
	case nextPage:
		return map[string]any{"object": "page", "data": data, "has_more": more, "next_page": next}
	case whole:
		return map[string]any{"object": "list", "data": data}
	}
	return map[string]any{"object": "list", "data": data, "first_id": first, "last_id": last, "has_more": more}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
