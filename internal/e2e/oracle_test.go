package e2e_test

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/sim"
	"github.com/bylaw-dev/bylaw/schema"
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
			p := ours.sound(document(t, w.yaml))
			if w.due != "" {
				checkDue(t, w, p)
				return
			}
			checkOrdered(t, w, p)
			ours.apply(p)
			if err := w.sdk(context.Background(), theirs.sdk()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(shown(t, theirs.writes()), shown(t, ours.writes()), order(w)); diff != "" {
				t.Errorf("bylaw sends (+), the SDK (-):\n%s", diff)
			}
			if diff := cmp.Diff(text(t, theirs.server.Snapshot()), text(t, ours.server.Snapshot())); diff != "" && !w.anyOrder {
				t.Errorf("bylaw leaves (+), the SDK (-):\n%s", diff)
			}
			if !taken(w, ours) {
				t.Errorf("the row takes another route than %s: %v", w.route, shown(t, ours.writes()))
			}
		})
	}
}

// order compares requests one by one, or as a set.
func order(w write) cmp.Option {
	if !w.anyOrder {
		return cmp.Options{}
	}
	return cmpopts.SortSlices(func(a, b request) bool { return fmt.Sprint(a) < fmt.Sprint(b) })
}

// checkOrdered: what the SDK sends in an order is not in it by chance: all changes but the first wait for others.
func checkOrdered(t *testing.T, w write, p plan.Plan) {
	t.Helper()
	first := 0
	for _, c := range p.Changes {
		if c.With == "" && len(c.After) == 0 {
			first++
		}
	}
	if (first > 1) != w.anyOrder {
		t.Errorf("%d changes wait for nothing", first)
	}
}

// checkDue: a plan sends nothing for what has a secret, and says that it is due until the SDK made it.
func checkDue(t *testing.T, w write, p plan.Plan) {
	t.Helper()
	theirs := newOrg(t, w.demo())
	if len(p.Changes) > 0 || len(p.Notes) != 1 || p.Notes[0].Why != plan.Due || p.Notes[0].Addr != w.due {
		t.Errorf("the plan is %v, %v", p.Changes, p.Notes)
	}
	if err := w.sdk(context.Background(), theirs.sdk()); err != nil {
		t.Fatal(err)
	}
	if !taken(w, theirs) {
		t.Errorf("the SDK takes another route than %s: %v", w.route, shown(t, theirs.writes()))
	}
	if p := theirs.again().sound(document(t, w.yaml)); len(p.Changes)+len(p.Notes) > 0 {
		t.Errorf("what was due is there, and the plan is %v, %v", p.Changes, p.Notes)
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
			switch {
			case !have[name+" "+route] && route == "update" && onlyRenamed(k):
				t.Logf("%s: an update could only rename, and the YAML has no earlier names there", name)
			case !have[name+" "+route]:
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

// onlyRenamed says that an update of the kind can change nothing but the key, and that the YAML has no word
// for that: what stands under another name is another object.
func onlyRenamed(k *kind.Kind) bool {
	at, err := schema.Root()
	for _, part := range strings.Split(k.Name, "/") {
		at, _ = at.Property(part)
		if at.Items != nil {
			at = *at.Items
		}
	}
	_, renames := at.Property("previously")
	return err == nil && !renames && !slices.ContainsFunc(k.Fields(), func(f kind.Field) bool {
		return !kind.Has(k.Key, f.Name) && !kind.Has(k.Immutable, f.Name)
	})
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
			if inPath := kind.Has(k.Key, f.Name) && k.Create.None(); !inPath && k.Secret == "" {
				checkWritten(t, wrote, name+"/"+sentAs(k, f), f)
			}
		}
	}
}

// sentAs is the member of a body that a field stands in.
func sentAs(k *kind.Kind, f kind.Field) string {
	r, isRef := k.Ref(f.Name)
	switch {
	case isRef && r.Write != "":
		return r.Write
	case isRef: // the id is all there is
		return slices.Sorted(maps.Keys(k.Create.Body))[0]
	}
	return k.WriteField(f.Name)
}

func checkWritten(t *testing.T, wrote map[string]bool, at string, f kind.Field) {
	t.Helper()
	if !wrote[at] {
		t.Errorf("no row writes %s", at)
	}
	if f.Items != nil {
		f = *f.Items
	}
	for _, member := range f.Fields {
		checkWritten(t, wrote, at+"/"+member.Name, member)
	}
}

// names collects the members of a body, nested ones too.
func names(at string, v any, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, e := range v {
			into[at+"/"+name] = true
			names(at+"/"+name, e, into)
		}
	case []any:
		for _, e := range v {
			names(at, e, into)
		}
	}
}
