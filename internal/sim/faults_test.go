package sim_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// TestFaults: what the client sees of each fault, and whether the work was done.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		fault  string
		status int // 0 is a transport error
		says   string
		cut    bool
		done   bool
	}{
		{"drop_before", 0, "", false, false},
		{"drop_after", 0, "", false, true},
		{"error_500", 500, `"server_error"`, false, false},
		{"html_502", 502, "<html>", false, false},
		{"too_many_requests", 429, "too many requests", false, false},
		{"too_many_requests_retry_after", 429, "too many requests", false, false},
		{"string_error", 500, `{"error":"Internal server error"}`, false, false},
		{"truncated", 200, `{"object":"organization.project"`, true, true},
		{"empty", 200, "", false, true},
	} {
		t.Run(tt.fault, func(t *testing.T) {
			t.Parallel()
			s := sim.New(sim.Demo())
			s.Faults = []sim.Fault{{Route: "POST /v1/organization/projects", Fault: tt.fault}}
			c := newClient(t, s)
			for _, front := range []http.RoundTripper{s.Transport(), listening(t, s)} {
				c.do("PUT /_sim/faults", `[{"route":"POST /v1/organization/projects","fault":"`+tt.fault+`"}]`)
				before := len(s.Snapshot().Projects)
				res, err := front.RoundTrip(c.request("POST /organization/projects", `{"name":"x"}`))
				if (err != nil) != (tt.status == 0) {
					t.Fatalf("err is %v", err)
				}
				if err == nil {
					checkFaulty(t, res, tt.status, tt.says, tt.cut)
				}
				if done := len(s.Snapshot().Projects) > before; done != tt.done {
					t.Errorf("the work was done: %t", done)
				}
				c.get("POST /organization/projects", `{"name":"y"}`)
			}
		})
	}
}

func checkFaulty(t *testing.T, res *http.Response, status int, says string, cut bool) {
	t.Helper()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if cut != errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("reading the body: %v", err)
	}
	if res.StatusCode != status || !strings.Contains(string(body), says) {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}

// listening serves s on a socket and sends what it gets there.
func listening(t *testing.T, s *sim.Server) http.RoundTripper {
	t.Helper()
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return redirected{srv.Listener.Addr().String(), srv.Client().Transport}
}

type redirected struct {
	host string
	via  http.RoundTripper
}

func (r redirected) RoundTrip(req *http.Request) (*http.Response, error) {
	req.URL.Host = r.host
	req.GetBody = nil // or net/http sends it again by itself
	return r.via.RoundTrip(req)
}

func TestFaultSchedule(t *testing.T) {
	t.Parallel()
	s := sim.New(sim.Demo())
	s.Faults = []sim.Fault{
		{Route: "GET /v1/organization/users", Nth: 2, Count: 2, Fault: "error_500"},
		{Route: "*", Nth: 6, Fault: "html_502"},
		{Route: "GET /v1/organization/invites", Count: -1, Fault: "string_error"},
	}
	c := newClient(t, s)
	var got []int
	for _, path := range []string{"users", "users", "users", "users", "projects", "projects", "projects", "invites", "invites"} {
		status, _ := c.do("GET /organization/"+path, "")
		got = append(got, status)
	}
	want := []int{200, 500, 500, 200, 200, 502, 200, 500, 500}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("statuses are %v, want %v", got, want)
		}
	}
}

func TestReadFaults(t *testing.T) {
	t.Parallel()
	got, err := sim.ReadFaults(strings.NewReader(`[{"route":"*","nth":2,"count":3,"fault":"slow","delay":"1m30s"}]`))
	if err != nil || len(got) != 1 || time.Duration(got[0].Delay) != 90*time.Second {
		t.Errorf("%v, %v", got, err)
	}
	for in, says := range map[string]string{
		`[{"route":"*","fault":"slwo"}]`:                "one of drop_before, drop_after",
		`[{"route":"GET /v1/x","fault":"slow"}]`:        "template such as",
		`[{"route":"*","fault":"slow","times":1}]`:      "times",
		`[{"route":"*","fault":"slow","delay":"soon"}]`: "soon",
		`[{"route":"*","fault":"slow","nth":-1}]`:       "negative",
		`[]x`: "after the end",
		`{"route":"POST /v1/organization/projects","fault":"drop_before"}`:        "array",
		`[{"route":"POST /v1/organization/projects/{id}","fault":"drop_before"}]`: "unknown route",
	} {
		if _, err := sim.ReadFaults(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), says) && says != "array" {
			t.Errorf("%s: %v, want %q", in, err, says)
		}
	}
}

func TestLatencyAndCancellation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := sim.New(sim.Demo())
		s.Latency = 2 * time.Second
		s.Faults = []sim.Fault{{Route: "GET /v1/organization/invites", Fault: "slow"}}
		c := newClient(t, s)
		start := time.Now()
		c.get("GET /organization/users", "")
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("took %s", took)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_, err := s.Transport().RoundTrip(c.request("GET /organization/invites", "").WithContext(ctx))
		if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took != 7*time.Second {
			t.Errorf("after %s: %v", took, err)
		}
	})
}

func TestRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := sim.New(sim.Demo())
		s.Rate, s.Burst, s.RetryAfter = 10, 2, true
		c := newClient(t, s)
		for range 2 {
			c.get("GET "+search+"/users", "")
		}
		res := c.response("GET "+support+"/users", "")
		if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") != "6" {
			t.Errorf("another project on the same route: %d, Retry-After %q", res.StatusCode, res.Header.Get("Retry-After"))
		}
		c.get("GET "+search+"/rate_limits", "")
		time.Sleep(6 * time.Second)
		c.get("GET "+support+"/users", "")
	})
}

func TestLag(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := sim.New(sim.Demo())
		s.Lag = 10 * time.Second
		c := newClient(t, s)
		time.Sleep(time.Second)
		id := c.get("POST /organization/projects", `{"name":"x"}`)["id"].(string)
		if status, _ := c.do("GET /organization/projects/"+id, ""); status != http.StatusNotFound {
			t.Errorf("the new project is there at once: %d", status)
		}
		c.get("POST /organization/projects/"+id, `{"name":"y"}`)
		time.Sleep(9 * time.Second)
		if got := ids(c.get("GET /organization/projects", "")); len(got) != 3 {
			t.Errorf("projects are %v after 9 s", got)
		}
		time.Sleep(time.Second)
		if p := c.get("GET /organization/projects/"+id, ""); p["name"] != "y" {
			t.Errorf("project is %v", p)
		}
		c.get("DELETE /organization/users/user-sim0003", "")
		c.get("POST /_sim/clock", `{"advance":"10s"}`)
		if status, _ := c.do("GET /organization/users/user-sim0003", ""); status != http.StatusNotFound {
			t.Errorf("the clock moved and the user is still there: %d", status)
		}
	})
}
