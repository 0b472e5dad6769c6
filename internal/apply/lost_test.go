package apply_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bylaw-dev/bylaw/internal/apply"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// oneProject makes one project with what hangs on it.
const oneProject = `
version: 1
spend_alerts: [{threshold_amount: 9, notification_channel: {recipients: [ada@acme.example]}}]
projects:
  - name: fresh
    service_accounts: [{name: bot, role: member}]
    rate_limits: [{model: o3, max_requests_per_1_minute: 7}, {model: gpt-4.1, max_tokens_per_1_minute: 9}, {model: gpt-4o, max_tokens_per_1_minute: 9}]
`

const postProjects = "POST /v1/organization/projects"

func in2026() { time.Sleep(time.Until(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))) }

// results finds results by address.
func results(r apply.Report) map[kind.Address]apply.Result {
	out := map[kind.Address]apply.Result{}
	for _, res := range r.Results {
		out[res.Change.Addr] = res
	}
	return out
}

func count(s *sim.Server, route string) int {
	n := 0
	for _, r := range s.Requests() {
		if r.Route == route {
			n++
		}
	}
	return n
}

// on lets f answer the requests of one kind, told by their method and the end of their path.
func on(method, suffix string, f func(n int, r *http.Request, next roundTripper) (*http.Response, error)) func(roundTripper) roundTripper {
	var n atomic.Int64
	return func(next roundTripper) roundTripper {
		return func(r *http.Request) (*http.Response, error) {
			if r.Method != method || !strings.HasSuffix(r.URL.Path, suffix) {
				return next(r)
			}
			return f(int(n.Add(1)), r, next)
		}
	}
}

func lost(r *http.Response, err error) (*http.Response, error) {
	if err == nil {
		_ = r.Body.Close()
	}
	return nil, io.ErrUnexpectedEOF
}

func TestLostCreateIsAdopted(t *testing.T) {
	t.Parallel()
	for _, lag := range []time.Duration{0, 20 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			v := trial{text: oneProject, state: sim.Demo(), lag: lag,
				faults: []sim.Fault{{Route: postProjects, Fault: "drop_after"}}}.run(t, t.Context())
			v.done(t)
			if got, want := results(v.first)["projects/fresh"].Note, "its answer was lost; found as proj_sim0005"; got != want {
				t.Errorf("with a lag of %s: the note is %q, want %q", lag, got, want)
			}
			if v.took < lag || v.took > lag+20*time.Second {
				t.Errorf("with a lag of %s: it took %s", lag, v.took)
			}
		})
	}
}

// Every create that loses its answer is adopted, also where reads lag behind.
func TestLaggingReadsMakeNoTwins(t *testing.T) {
	t.Parallel()
	clean := cleanly(t)
	seen := map[string]bool{}
	for _, write := range clean.writes {
		if seen[write.Route] {
			continue
		}
		seen[write.Route] = true
		t.Run(strings.ReplaceAll(write.Route, "/", "."), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := trial{text: complete, state: sim.Demo(), lag: 20 * time.Second,
					faults: []sim.Fault{{Route: write.Route, Fault: "drop_after", Count: 2}}}.run(t, t.Context())
				v.same(t, clean)
			})
		})
	}
}

// A create that was not made is sent again only when a whole minute of looking did not show it.
func TestLostCreateIsSentAgainAfterAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		note := on("POST", "/organization/projects", func(_ int, r *http.Request, next roundTripper) (*http.Response, error) {
			at = append(at, time.Now())
			return next(r)
		})
		v := trial{text: oneProject, state: sim.Demo(), wrap: []func(roundTripper) roundTripper{note},
			faults: []sim.Fault{{Route: postProjects, Fault: "drop_before"}}}.run(t, t.Context())
		v.done(t)
		if got, want := results(v.first)["projects/fresh"].Note, "its answer was lost and it was not made, so it was sent again"; got != want {
			t.Errorf("the note is %q, want %q", got, want)
		}
		if len(at) != 2 {
			t.Fatalf("sent %d times", len(at))
		}
		if wait := at[1].Sub(at[0]); wait < time.Minute || wait > 90*time.Second {
			t.Errorf("sent again after %s", wait)
		}
		if n := v.reads["/organization/projects"]; n < 4 || n > 12 {
			t.Errorf("looked %d times", n)
		}
	})
}

// The minute counts from when the answer was lost: waiting for it may have taken as long.
func TestAnswerLostLateIsLookedForAWholeMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang := on("POST", "/organization/projects", func(n int, r *http.Request, next roundTripper) (*http.Response, error) {
			if n > 1 {
				return next(r)
			}
			time.Sleep(55 * time.Second)
			resp, err := next(r)
			<-r.Context().Done()
			return lost(resp, errors.Join(err, r.Context().Err()))
		})
		v := trial{text: oneProject, state: sim.Demo(), lag: 20 * time.Second, wrap: []func(roundTripper) roundTripper{hang}}.run(t, t.Context())
		v.done(t)
		if n := len(projectsNamed(v.state, "fresh")); n != 1 {
			t.Errorf("there are %d", n)
		}
	})
}

func projectsNamed(s sim.State, name string) []string {
	var out []string
	for _, p := range s.Projects {
		if p.Name == name {
			out = append(out, p.ID)
		}
	}
	return out
}

// Two objects that match, or one that is older than the request, are for a person to sort out. Nothing is
// adopted, sent again, or made below it.
func TestAmbiguousCreateIsUnknown(t *testing.T) {
	t.Parallel()
	other := func(s *sim.Server, path, body string) {
		r := httptest.NewRequest("POST", "/_sim/change", strings.NewReader(fmt.Sprintf(`{"method":"POST","path":%q,"body":%s}`, path, body)))
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	for name, tc := range map[string]struct {
		before func(*sim.Server)
		during func(s *sim.Server)
		want   string
	}{
		"two": {during: func(s *sim.Server) {
			other(s, "/organization/projects", `{"name":"fresh"}`)
			other(s, "/organization/projects", `{"name":"fresh"}`)
		}, want: "2 objects have this name now: proj_sim0005, proj_sim0006"},
		"older": {before: func(s *sim.Server) {
			other(s, "/organization/projects", `{"name":"fresh"}`)
			time.Sleep(6 * time.Minute)
		}, want: "proj_sim0005 has this name and is older than the request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				in2026()
				server := sim.New(sim.Demo())
				w := newWorld(t, server, oneProject, on("POST", "/organization/projects", func(_ int, r *http.Request, next roundTripper) (*http.Response, error) {
					if tc.during != nil {
						tc.during(server)
					}
					return nil, io.ErrUnexpectedEOF
				}))
				p := w.plan()
				if tc.before != nil {
					tc.before(server)
				}
				r := results(w.apply(t.Context(), p))
				if got := r["projects/fresh"]; got.Outcome != apply.Unknown || !strings.Contains(fmt.Sprint(got.Err), tc.want) {
					t.Errorf("%s: %v, want unknown: %s", got.Outcome, got.Err, tc.want)
				}
				if got := r["projects/fresh/service_accounts/bot"]; got.Outcome != apply.NotTried {
					t.Errorf("below it: %s", got.Outcome)
				}
				if got := r["spend_alerts/9"]; got.Outcome != apply.Done {
					t.Errorf("beside it: %s", got.Outcome)
				}
			})
		})
	}
}

// A create that is lost again and again until time runs out may have been carried out.
func TestCreateLostForEverIsUnknown(t *testing.T) {
	t.Parallel()
	for _, seconds := range []int{30, 61, 62, 90, 150} {
		synctest.Test(t, func(t *testing.T) {
			in2026()
			server := sim.New(sim.Demo())
			server.Faults = []sim.Fault{{Route: postProjects, Fault: "drop_before", Count: -1}}
			w := newWorld(t, server, oneProject)
			p, start := w.plan(), time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(seconds)*time.Second)
			defer cancel()
			r := results(w.apply(ctx, p))
			if got := r["projects/fresh"]; got.Outcome != apply.Unknown {
				t.Errorf("after %d s: %s: %v", seconds, got.Outcome, got.Err)
			}
			if got := r["projects/fresh/service_accounts/bot"]; got.Outcome != apply.NotTried {
				t.Errorf("below it, after %d s: %s", seconds, got.Outcome)
			}
			if took := time.Since(start); took > time.Duration(seconds+1)*time.Second {
				t.Errorf("it took %s of %d s", took, seconds)
			}
		})
	}
}

// What a removal is to remove may be gone by then.
func TestGoneIsDone(t *testing.T) {
	t.Parallel()
	const text = `
version: 1
users: [{email: ada@acme.example, role: owner}, {email: barbara@acme.example, state: absent}, {email: margaret@acme.example, state: absent}]
spend_limit: {state: absent}
spend_alerts: [{threshold_amount: 4000000, state: absent}]
projects:
  - {name: support-bot, state: archived}
  - name: search-prod
    model_permissions: {state: absent}
    service_accounts: [{name: ranker, state: absent}]
    users: [{email: alan@acme.example, state: absent}]
`
	w := newWorld(t, sim.New(sim.Demo()), text)
	p := w.plan()
	if len(p.Changes) != 8 {
		t.Fatalf("%d changes", len(p.Changes))
	}
	w.settled(w.apply(t.Context(), p))
	w.settled(w.apply(t.Context(), p))
	w.converged()
}

// A refused change takes only what waits for it along.
func TestFailureStopsOnlyDependants(t *testing.T) {
	t.Parallel()
	refuse := on("POST", "/organization/projects", func(_ int, r *http.Request, _ roundTripper) (*http.Response, error) {
		return answer(r, http.StatusForbidden, `{"error":{"message":"no","type":"invalid_request_error","param":null,"code":null}}`), nil
	})
	w := newWorld(t, sim.New(sim.Demo()), complete, refuse)
	report := w.apply(t.Context(), w.plan())
	for addr, r := range results(report) {
		want := apply.Done
		switch {
		case addr == "projects/fresh":
			want = apply.Failed
		case strings.HasPrefix(string(addr), "projects/fresh/"), addr == "users/katherine@acme.example": // her invite takes her there
			want = apply.NotTried
		}
		if r.Outcome != want {
			t.Errorf("%s: %s (%v), want %s", addr, r.Outcome, r.Err, want)
		}
		if (r.Err == nil) != (r.Outcome == apply.Done) {
			t.Errorf("%s: %s: %v", addr, r.Outcome, r.Err)
		}
	}
	truthful(w, report)
}

// An interrupt lets what is in flight finish, and nothing else begin.
func TestInterruptFinishesWhatIsInFlight(t *testing.T) {
	t.Parallel()
	for after := range 12 {
		synctest.Test(t, func(t *testing.T) {
			in2026()
			server := sim.New(sim.Demo())
			server.Latency = time.Second
			w := newWorld(t, server, complete)
			p, w2 := w.open().plan(), w.open()
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Duration(after)*time.Second+500*time.Millisecond, cancel)
			var told []apply.Result
			report, err := apply.Run(ctx, p, apply.Options{Client: w.client, Notify: func(r apply.Result) { told = append(told, r) }})
			if err != nil || len(told) != len(p.Changes) || len(report.Results) != len(p.Changes) {
				t.Fatalf("%v, %d results, %d told", err, len(report.Results), len(told))
			}
			for _, r := range report.Results {
				if r.Outcome == apply.Unknown {
					t.Errorf("after %d s: %s: %v", after, r.Change.Addr, r.Err)
				}
			}
			if after < 3 && report.Count(apply.NotTried) == 0 {
				t.Errorf("after %d s: all was tried", after)
			}
			if after > 0 && report.Count(apply.Done) == 0 {
				t.Errorf("after %d s: nothing is done", after)
			}
			truthful(w2, report)
		})
	}
}

// A deadline ends a run that cannot go on, and the report says what may have been carried out.
func TestDeadlineTellsSentFromUnsent(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]apply.Outcome{
		"error_500":                     apply.Unknown,
		"drop_after":                    apply.Unknown,
		"too_many_requests":             apply.NotTried,
		"too_many_requests_retry_after": apply.NotTried,
	} {
		synctest.Test(t, func(t *testing.T) {
			in2026()
			server := sim.New(sim.Demo())
			server.Faults = []sim.Fault{{Route: "POST /v1/organization/data_retention", Fault: fault, Count: -1}}
			w := newWorld(t, server, "version: 1\ndata_retention: {retention_type: zero_data_retention}\nspend_limit: {threshold_amount: 7}\n")
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			p, start := w.plan(), time.Now()
			r := results(w.apply(ctx, p))
			if got := r["data_retention"]; got.Outcome != want {
				t.Errorf("%s: %s (%v), want %s", fault, got.Outcome, got.Err, want)
			}
			if r["spend_limit"].Outcome != apply.Done {
				t.Errorf("%s: beside it: %s", fault, r["spend_limit"].Outcome)
			}
			if took := time.Since(start); took > 31*time.Second {
				t.Errorf("%s: it took %s", fault, took)
			}
		})
	}
}

// An interrupted update whose answer never came may have been carried out.
func TestInterruptedUpdateIsUnknown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in2026()
		server := sim.New(sim.Demo())
		server.Faults = []sim.Fault{{Route: "POST /v1/organization/data_retention", Fault: "drop_after", Count: -1}}
		w := newWorld(t, server, "version: 1\ndata_retention: {retention_type: zero_data_retention}\n")
		p := w.plan()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, cancel)
		got := w.apply(ctx, p).Results[0]
		if got.Outcome != apply.Unknown {
			t.Errorf("%s: %v", got.Outcome, got.Err)
		}
		if server.Snapshot().DataRetention != "zero_data_retention" {
			t.Error("the fault did not carry it out")
		}
	})
}

// The rows that come with a new project are read once, however many are declared, and a wrong one is told.
func TestGivenRowsAreReadOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.New(sim.Demo()), strings.Replace(oneProject, "gpt-4o,", "gpt-4,", 1))
	r := results(w.apply(t.Context(), w.plan()))
	if n := count(w.sim, "GET /v1/organization/projects/{project_id}/rate_limits"); n != 1 {
		t.Errorf("read %d times", n)
	}
	if got := r["projects/fresh/rate_limits/gpt-4"]; got.Outcome != apply.Failed || fmt.Sprint(got.Err) != "no such model; did you mean gpt-4o?" {
		t.Errorf("%s: %v", got.Outcome, got.Err)
	}
	if got := r["projects/fresh/rate_limits/o3"]; got.Outcome != apply.Done {
		t.Errorf("%s: %v", got.Outcome, got.Err)
	}
}

// A carrier that is not in the plan, as with a part of one, is told and not waited for.
func TestRiderWithoutCarrierIsNotTried(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.New(sim.Demo()), "version: 1")
	report := w.apply(t.Context(), plan.Plan{Changes: []plan.Change{{Action: plan.Create, Addr: "projects/search-prod/users/x@acme.example", With: "users/x@acme.example"}}})
	if got := report.Results[0]; got.Outcome != apply.NotTried || got.Err == nil {
		t.Errorf("%s: %v", got.Outcome, got.Err)
	}
}
