package sim

import (
	"net/url"
	"strings"
)

// A route is one row of the table: everything that differs between the operations of the API.
type route struct {
	method, template string
	handle           func(*call) (any, error)
	fields           []field  // what the request body may say; nil for none
	optional         bool     // the body may be left out
	list             *listing // how the answer pages; nil for no query at all
	guard            guard

	segments []string
}

// A guard says which projects refuse the operation.
type guard int

const (
	notArchived guard = 1 << iota // 400 project_archived
	notDefault                    // 400 for the default project
	flat404                       // an unknown project is told in the flat envelope
)

// custom is for what only an active project other than the default one takes.
const custom = notArchived | notDefault

func (r *route) name() string { return r.method + " " + r.template }

// find is the route of a request and the values of its parameters. When none fits, allowed are the
// methods that the path does take.
func find(table []route, method, escapedPath string) (found *route, params map[string]string, allowed []string) {
	segments := strings.Split(escapedPath, "/")
	for i := range table {
		p, ok := table[i].match(segments)
		if ok && table[i].method == method {
			return &table[i], p, nil
		}
		if ok {
			allowed = append(allowed, table[i].method)
		}
	}
	return nil, nil, allowed
}

// match compares segment by segment: a parameter takes exactly one, not empty, unescaped.
func (r *route) match(segments []string) (params map[string]string, ok bool) {
	if len(segments) != len(r.segments) {
		return nil, false
	}
	for i, want := range r.segments {
		got, err := url.PathUnescape(segments[i])
		if err != nil || got == "" && want != "" {
			return nil, false
		}
		if name, isParam := strings.CutPrefix(want, "{"); isParam {
			if params == nil {
				params = map[string]string{}
			}
			params[strings.TrimSuffix(name, "}")] = got
		} else if got != want {
			return nil, false
		}
	}
	return params, true
}
