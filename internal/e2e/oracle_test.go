package e2e_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

func (w write) name() string { return strings.TrimSpace(w.kind + " " + w.route + " " + w.about) }

// demo is a fresh sim.Demo as the row wants it.
func (w write) demo() sim.State {
	s := sim.Demo()
	if w.state != nil {
		w.state(&s)
	}
	return s
}

// TestWritesAreTheSDKs: what bylaw sends for each row is what the SDK's typed calls send, and both leave
// the same organization.
func TestWritesAreTheSDKs(t *testing.T) {
	t.Parallel()
	for _, w := range writes() {
		t.Run(w.name(), func(t *testing.T) {
			t.Parallel()
			ours, theirs := newOrg(t, w.demo()), newOrg(t, w.demo())
			ours.apply(ours.sound(document(t, w.yaml)))
			if err := w.sdk(context.Background(), theirs.sdk()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(shown(t, theirs.writes()), shown(t, ours.writes())); diff != "" {
				t.Errorf("bylaw sends (+), the SDK (-):\n%s", diff)
			}
			if diff := cmp.Diff(text(t, theirs.server.Snapshot()), text(t, ours.server.Snapshot())); diff != "" {
				t.Errorf("bylaw leaves (+), the SDK (-):\n%s", diff)
			}
			if !taken(w, ours) {
				t.Errorf("the row takes another route than %s: %v", w.route, shown(t, ours.writes()))
			}
		})
	}
}

// A request is what of an exchange the API understands.
type request struct {
	What, Type string
	Body       any
}

func shown(t *testing.T, said []exchange) []request {
	t.Helper()
	var out []request
	for _, e := range said {
		out = append(out, request{e.what(), e.contentType, value(t, e.body)})
	}
	return out
}

// kinds are those of the table and the Pending ones, by name.
func kinds() map[string]*kind.Kind {
	out := map[string]*kind.Kind{}
	for _, k := range kind.All() {
		out[k.Name] = k
		if k.Pending != nil {
			out[k.Pending.Name] = k.Pending
		}
	}
	return out
}

// routes are what the API can do, by the words of the table of writes.
func routes(k *kind.Kind) map[string]string {
	out := map[string]string{"create": k.Create.Route, "update": k.Update.Route, "delete": k.Delete.Route}
	for name, route := range out {
		if route == "" {
			delete(out, name)
		}
	}
	return out
}

// taken says that a row took its route.
func taken(w write, o *org) bool {
	k := kinds()[w.kind]
	method, template := k.Template(routes(k)[w.route])
	pattern := regexp.MustCompile(`\\\{[a-z_]+\\\}`).ReplaceAllString(regexp.QuoteMeta(template), "[^/]+")
	for _, e := range o.writes() {
		if e.method == method && regexp.MustCompile("^"+pattern+"$").MatchString(e.path) {
			return true
		}
	}
	return false
}

// TestEveryRouteIsWritten: no route of a kind is without a row.
func TestEveryRouteIsWritten(t *testing.T) {
	t.Parallel()
	have := map[string]bool{}
	for _, w := range writes() {
		have[w.kind+" "+w.route] = true
	}
	for name, k := range kinds() {
		for route := range routes(k) {
			if !have[name+" "+route] {
				t.Errorf("no row writes %s: %s", name, route)
			}
			delete(have, name+" "+route)
		}
		if sdkReads[name] == nil {
			t.Errorf("no SDK call reads %s", name)
		}
	}
	for what := range have {
		t.Errorf("a row writes what no kind has: %s", what)
	}
}

// TestEveryFieldIsWritten: each field of a kind stands in the body of a row, but for a key that the path
// has. A reference stands there as an id.
func TestEveryFieldIsWritten(t *testing.T) {
	t.Parallel()
	wrote := map[string]bool{}
	for _, w := range writes() {
		o := newOrg(t, w.demo())
		o.apply(o.sound(document(t, w.yaml)))
		for _, e := range o.writes() {
			names(w.kind, value(t, e.body), wrote)
		}
	}
	for name, k := range kinds() {
		for _, f := range k.Fields() {
			at := name + "/" + f.Name
			if r, ok := k.KeyRef(); ok && r.Field == f.Name {
				at = name + "/" + r.Write
			}
			inPath := f.Name == k.Key && k.Create.None()
			if !wrote[at] && !inPath {
				t.Errorf("no row writes %s", at)
			}
		}
	}
}

// names collects the members of a body, nested ones too.
func names(at string, v any, into map[string]bool) {
	m, _ := v.(map[string]any)
	for name, e := range m {
		into[fmt.Sprintf("%s/%s", at, name)] = true
		names(at+"/"+name, e, into)
	}
}
