package faults_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/apply"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// lies lists what a run said that is not so, by what the simulator was asked meanwhile and holds now.
func lies(r run, received []sim.Received, now sim.State) []string {
	o := oracle{r, writesOf(received), live(now)}
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if len(r.results) == 0 {
		if len(o.writes) > 0 {
			say("it reports nothing, and wrote %d times", len(o.writes))
		}
		if r.status == 0 && len(r.plan.Changes) > 0 {
			say("it reports nothing, and exits 0")
		}
		return out
	}
	for _, c := range r.plan.Changes {
		if why := o.lie(c.Address); why != "" {
			say("%s: %s", c.Address, why)
		}
	}
	if !strings.Contains(r.text, r.counts()) {
		say("the last line does not count what was said before: not %q", r.counts())
	}
	return append(out, o.status()...)
}

func writesOf(all []sim.Received) []sim.Received {
	return slices.DeleteFunc(slices.Clone(all), func(r sim.Received) bool { return r.Method == "GET" })
}

// An oracle knows what happened.
type oracle struct {
	r      run
	writes []sim.Received
	live   map[kind.Address][]string
}

// status says where the exit status does not fit the report.
func (o oracle) status() []string {
	n := o.r.count()
	want := []int{5}
	switch all := len(o.r.results); {
	case n[apply.Done] == all && o.r.verified:
		want = []int{0}
	case n[apply.Done] == all:
		want = []int{1, 5} // it could not read back
	case n[apply.Done]+n[apply.Unknown] == 0:
		want = []int{1, 5, 75, 77}
	}
	if slices.Contains(want, o.r.status) {
		return nil
	}
	return []string{fmt.Sprintf("it exits %d and not %v: %v, verified %t", o.r.status, want, n, o.r.verified)}
}

// lie says what is wrong with what was said of a change.
func (o oracle) lie(addr string) string {
	res, told := o.r.results[addr]
	i := slices.IndexFunc(o.r.plan.Changes, func(c change) bool { return c.Address == addr })
	c := o.r.plan.Changes[i]
	if c.With != "" {
		if with := o.r.results[c.With]; with.outcome != res.outcome {
			return fmt.Sprintf("said to be %s, and goes with what is %s", res.outcome, with.outcome)
		}
		return ""
	}
	tried, carried := 0, 0
	for _, q := range c.Requests {
		n, ok := o.sent(q)
		if n > 0 {
			tried++
		}
		if ok > 0 {
			carried++
		}
	}
	all := len(c.Requests)
	switch {
	case !told:
		return "nothing was said of it"
	case res.outcome == apply.Done && carried < all:
		return fmt.Sprintf("said to be done, and %d of %d requests were carried out", carried, all)
	case res.outcome == apply.NotTried && tried > 0:
		return fmt.Sprintf("said not to be tried, and %d of %d requests came", tried, all)
	case res.outcome == apply.Failed && carried == all:
		return "said to have failed, and all of it was carried out"
	case res.outcome != apply.Done && (res.why == "" || res.why == "<nil>"):
		return "nothing says why it is " + string(res.outcome)
	}
	return ""
}

// sent counts how often a request came, and how often it was carried out.
func (o oracle) sent(q request) (came, carried int) {
	for _, w := range o.writes {
		if w.Method != q.Method || !o.samePath(q.Path, strings.TrimPrefix(w.Path, "/v1")) || !o.sameBody(q.Body, w.Body) {
			continue
		}
		if came++; w.Status/100 == 2 || w.Method == "DELETE" && w.Status == 404 { // it was gone
			carried++
		}
	}
	return came, carried
}

func (o oracle) samePath(planned, got string) bool {
	if planned == got {
		return true
	}
	a, b := strings.Split(planned, "/"), strings.Split(got, "/")
	next := 0
	for i := 0; i < len(a); i++ {
		part := a[i]
		for strings.HasPrefix(part, "{") && !strings.HasSuffix(part, "}") && i+1 < len(a) {
			i++
			part += "/" + a[i] // an address has slashes
		}
		if next == len(b) || part != b[next] && !o.stands(part, b[next]) {
			return false
		}
		next++
	}
	return next == len(b)
}

// stands says that a placeholder stands for an id. What this run did not make it does not name: rows that
// the API gives have ids of their own making.
func (o oracle) stands(placeholder, id string) bool {
	addr, ok := strings.CutPrefix(placeholder, "{")
	if !ok {
		return false
	}
	id, err := url.PathUnescape(id)
	a := kind.Address(strings.TrimSuffix(addr, "}"))
	return err == nil && (slices.Contains(o.live[a], id) || a.Kind().Given() && id == "rl-"+a.Key())
}

func (o oracle) sameBody(planned map[string]any, got json.RawMessage) bool {
	var body any
	if len(got) > 0 && json.Unmarshal(got, &body) != nil {
		return false
	}
	if planned == nil {
		return body == nil
	}
	return o.same(any(planned), body)
}

func (o oracle) same(planned, got any) bool {
	switch p := planned.(type) {
	case map[string]any:
		if a, ok := p["$id_of"].(string); ok {
			id, _ := got.(string)
			return slices.Contains(o.live[kind.Address(a)], id)
		}
		g, ok := got.(map[string]any)
		if !ok || len(g) != len(p) {
			return false
		}
		for name := range p {
			if !o.same(p[name], g[name]) {
				return false
			}
		}
		return true
	case []any:
		g, ok := got.([]any)
		return ok && slices.EqualFunc(p, g, o.same)
	}
	return planned == got
}
