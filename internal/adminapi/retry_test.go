package adminapi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	fine    = answer{body: `{"id":"p"}`}
	refusal = `{"error":{"message":"no"}}`
	dialErr = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	certErr = &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
)

// What an attempt's answer means for a request that may be repeated and for a create: a table.
func TestRetryClasses(t *testing.T) {
	type fate string
	const (
		again   fate = "sent again"
		fails   fate = "fails"
		unknown fate = "unknown outcome"
	)
	for name, tc := range map[string]struct {
		a            answer
		repeat, once fate
	}{
		"connection reset":      {answer{err: errors.New("connection reset by peer")}, again, unknown},
		"EOF":                   {answer{err: io.EOF}, again, unknown},
		"dial":                  {answer{err: dialErr}, again, again},
		"proxy":                 {answer{err: &net.OpError{Op: "proxyconnect", Err: io.EOF}}, again, again},
		"certificate":           {answer{err: certErr}, fails, fails},
		"TLS to a plain port":   {answer{err: tls.RecordHeaderError{Msg: "first record does not look like TLS"}}, fails, fails},
		"no answer in time":     {answer{after: time.Hour}, again, unknown},
		"body cut off":          {answer{body: `{"id"`, cut: io.ErrUnexpectedEOF}, again, unknown},
		"body reset":            {answer{body: `{"id":"p"}`, cut: errors.New("reset")}, again, unknown},
		"truncated JSON":        {answer{body: `{"id":"p"`}, again, unknown},
		"408":                   {answer{status: 408, body: refusal}, again, unknown},
		"429":                   {answer{status: 429, body: refusal}, again, again},
		"500":                   {answer{status: 500, body: refusal}, again, unknown},
		"502 HTML":              {answer{status: 502, body: "<html>"}, again, unknown},
		"503 empty":             {answer{status: 503}, again, unknown},
		"529":                   {answer{status: 529}, again, unknown},
		"200 null":              {answer{body: `null`}, fails, unknown},
		"200 empty":             {answer{}, fails, unknown},
		"200 HTML":              {answer{body: "<html>"}, fails, unknown},
		"201 array":             {answer{status: 201, body: `[]`}, fails, unknown},
		"204 empty":             {answer{status: 204}, fails, unknown},
		"200 trailing":          {answer{body: `{} {}`}, fails, unknown},
		"304":                   {answer{status: 304}, fails, unknown},
		"400":                   {answer{status: 400, body: refusal}, fails, fails},
		"401":                   {answer{status: 401, body: refusal}, fails, fails},
		"403":                   {answer{status: 403, body: refusal}, fails, fails},
		"404":                   {answer{status: 404, body: refusal}, fails, fails},
		"409":                   {answer{status: 409, body: refusal}, fails, fails},
		"422":                   {answer{status: 422, body: refusal}, fails, fails},
		"429, should not retry": {answer{status: 429, body: refusal, header: hdr("x-should-retry", "false")}, fails, fails},
		"500, should not retry": {answer{status: 500, body: refusal, header: hdr("x-should-retry", "false")}, fails, unknown},
		"500, should retry":     {answer{status: 500, body: refusal, header: hdr("x-should-retry", "true")}, again, unknown},
		"400, should retry":     {answer{status: 400, body: refusal, header: hdr("x-should-retry", "true")}, fails, fails},
	} {
		check := func(t *testing.T, r Request, want fate) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: []answer{tc.a, tc.a, tc.a, fine}}
				row, err := testClient(t, s).Do(context.Background(), r)
				var u *UnknownOutcomeError
				got := fails
				switch {
				case err == nil && row["id"] == "p" && s.count() == 4:
					got = again
				case errors.As(err, &u):
					got = unknown
				}
				if got != want || want != again && s.count() != 1 {
					t.Errorf("%s, %d sent: %v", got, s.count(), err)
				}
				if errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("an attempt's time is not the caller's: %v", err)
				}
			})
		}
		t.Run(name+"/read", func(t *testing.T) { check(t, get, tc.repeat) })
		t.Run(name+"/write", func(t *testing.T) { check(t, update, tc.repeat) })
		t.Run(name+"/create", func(t *testing.T) { check(t, create, tc.once) })
	}
}

func TestAnswerTooLarge(t *testing.T) {
	body := `{"a":"` + strings.Repeat("x", maxAnswer) + `"}`
	_, err := testClient(t, &script{answers: []answer{{body: body}}}).Do(context.Background(), get)
	if err == nil || !strings.Contains(err.Error(), "over 64 MiB") {
		t.Errorf("got %v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	for name, tc := range map[string]struct {
		kv       []string
		min, max time.Duration
	}{
		"seconds":             {[]string{"Retry-After", "7"}, 7 * time.Second, 7 * time.Second},
		"fraction":            {[]string{"Retry-After", "1.5"}, 1500 * time.Millisecond, 1500 * time.Millisecond},
		"milliseconds":        {[]string{"Retry-After-Ms", "2500", "Retry-After", "3"}, 2500 * time.Millisecond, 2500 * time.Millisecond},
		"date":                {[]string{"Retry-After", "Sat, 01 Jan 2000 00:01:00 GMT"}, time.Minute, time.Minute},
		"date in the past":    {[]string{"Retry-After", "Fri, 31 Dec 1999 00:00:00 GMT"}, 250 * time.Millisecond, 1200 * time.Millisecond},
		"zero":                {[]string{"Retry-After", "0"}, 250 * time.Millisecond, 1200 * time.Millisecond},
		"negative":            {[]string{"Retry-After", "-5"}, 250 * time.Millisecond, 1200 * time.Millisecond},
		"not a number":        {[]string{"Retry-After-Ms", "NaN", "Retry-After", "soon"}, 250 * time.Millisecond, 1200 * time.Millisecond},
		"longer than our cap": {[]string{"Retry-After", "3600"}, time.Hour, time.Hour},
		"beyond all sense":    {[]string{"Retry-After", "1e300"}, 365 * 24 * time.Hour, 365 * 24 * time.Hour},
	} {
		for _, status := range []int{429, 503} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &script{answers: []answer{{status: status, header: hdr(tc.kv...)}, fine}}
					var seen []Attempt
					c := testClient(t, s, func(o *Options) { o.Observe = func(a Attempt) { seen = append(seen, a) } })
					if _, err := c.Do(context.Background(), get); err != nil {
						t.Fatal(err)
					}
					least, most := tc.min, tc.max
					if least < time.Second && status == 429 { // it says nothing: the pacer's guess
						least, most = 8*time.Second, 9*time.Second
					}
					if got := s.at[1]; got < least || got > most || seen[0].Wait != got {
						t.Errorf("%d: sent again after %s, announced %s", status, got, seen[0].Wait)
					}
				})
			})
		}
	}
}

// There is no number of attempts after which a request is given up, and the waits grow to a cap.
func TestRetriesGoOnUntilTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{{status: 500, body: refusal}}}
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Minute)
		defer cancel()
		start := time.Now()
		_, err := testClient(t, s).Do(ctx, get)
		var e *Error
		if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &e) || e.Status != 500 {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took < 29*time.Minute || took >= 30*time.Minute {
			t.Errorf("gave up after %s", took)
		}
		for i := 1; i < len(s.at); i++ {
			if gap := s.at[i] - s.at[i-1]; gap > maxBackoff || i == 1 && gap > time.Second || i > 10 && gap < 10*time.Second {
				t.Errorf("wait %d is %s", i, gap)
			}
		}
	})
}

func TestDeadlineBeforeTheNextTry(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		r      Request
	}{"429": {429, get}, "429 to a create": {429, create}, "503": {503, update}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: []answer{{status: tc.status, body: refusal, header: hdr("Retry-After", "90")}}}
				var seen []Attempt
				c := testClient(t, s, func(o *Options) { o.Observe = func(a Attempt) { seen = append(seen, a) } })
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				start := time.Now()
				_, err := c.Do(ctx, tc.r)
				if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrThrottled) != (tc.status == 429) {
					t.Errorf("got %v", err)
				}
				if time.Since(start) > 0 || s.count() != 1 || seen[0].Wait != 0 {
					t.Errorf("returned after %s, %d sent, %v", time.Since(start), s.count(), seen)
				}
				if !strings.HasSuffix(err.Error(), ": no; the next try would be in 1m30s, after the deadline") {
					t.Errorf("got %v", err)
				}
				if _, err = c.Do(ctx, tc.r); tc.status == 429 && (!errors.Is(err, ErrThrottled) || s.count() != 1) {
					t.Errorf("a held route: %d sent, %v", s.count(), err)
				}
			})
		})
	}
}

func TestNothingIsSentWhenTheContextIsDone(t *testing.T) {
	for _, r := range []Request{get, update, create} {
		s := &script{answers: []answer{fine}}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		c := testClient(t, s)
		_, err := c.Do(ctx, r)
		var u *UnknownOutcomeError
		if !errors.Is(err, context.Canceled) || errors.As(err, &u) || s.count() > 0 || len(c.Stats()) > 0 {
			t.Errorf("%d sent, %v", s.count(), err)
		}
	}
}

// Ctrl-C during an attempt: a read is broken off, a write is finished.
func TestCancelInFlight(t *testing.T) {
	slow := answer{body: `{"id":"p"}`, after: 20 * time.Second}
	slowFailure := answer{status: 502, after: 20 * time.Second}
	for name, tc := range map[string]struct {
		r       Request
		a       answer
		took    time.Duration
		done    bool
		unknown bool
	}{
		"read":                        {get, slow, 5 * time.Second, false, false},
		"write":                       {update, slow, 20 * time.Second, true, false},
		"create":                      {create, slow, 20 * time.Second, true, false},
		"write fails":                 {update, slowFailure, 20 * time.Second, false, false},
		"create fails":                {create, slowFailure, 20 * time.Second, false, true},
		"write without an answer":     {update, answer{after: time.Hour}, time.Minute, false, false},
		"create without an answer":    {create, answer{after: time.Hour}, time.Minute, false, true},
		"create refused for its pace": {create, answer{status: 429, after: 20 * time.Second}, 20 * time.Second, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(context.Background())
				time.AfterFunc(5*time.Second, cancel)
				s := &script{answers: []answer{tc.a}}
				start := time.Now()
				_, err := testClient(t, s).Do(ctx, tc.r)
				var u *UnknownOutcomeError
				if time.Since(start) != tc.took || s.count() != 1 || (err == nil) != tc.done || errors.As(err, &u) != tc.unknown {
					t.Errorf("after %s, %d sent: %v", time.Since(start), s.count(), err)
				}
				if !tc.done && !tc.unknown && !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// Ctrl-C while waiting, for whatever it is, ends the wait at once.
func TestCancelWhileWaiting(t *testing.T) {
	for name, tc := range map[string]struct {
		a    answer
		busy bool // all slots are taken
	}{
		"backoff":    {answer{status: 503, header: hdr("Retry-After", "60")}, false},
		"held route": {answer{status: 429, header: hdr("Retry-After", "60")}, false},
		"slot":       {answer{body: `{}`, after: 50 * time.Second}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: []answer{tc.a}}
				c := testClient(t, s, func(o *Options) { o.Concurrency = 1 })
				if tc.busy {
					go c.Do(context.Background(), Request{Method: "DELETE", Route: "/x", Path: "/x"})
					synctest.Wait()
				}
				before := s.count()
				ctx, cancel := context.WithCancel(context.Background())
				time.AfterFunc(10*time.Second, cancel)
				start := time.Now()
				_, err := c.Do(ctx, update)
				if tc.busy == (s.count() > before) {
					t.Errorf("%d sent", s.count()-before)
				}
				if !errors.Is(err, context.Canceled) || time.Since(start) != 10*time.Second {
					t.Errorf("after %s: %v", time.Since(start), err)
				}
				time.Sleep(time.Minute) // lets the busy one finish
			})
		})
	}
}

func TestObserveStatsAndOrganization(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{
			{status: 503, body: refusal, header: hdr("Retry-After", "2"), after: time.Second},
			{body: `{"id":"p"}`, header: hdr("openai-organization", "org-acme"), after: 3 * time.Second},
			{status: 404, body: refusal},
		}}
		var seen []Attempt
		c := testClient(t, s, func(o *Options) { o.Observe = func(a Attempt) { seen = append(seen, a) } })
		if c.Organization() != "" {
			t.Error("no answer named an organization yet")
		}
		if _, err := c.Do(context.Background(), get); err != nil {
			t.Fatal(err)
		}
		_, err := c.Do(context.Background(), create)
		want := []Attempt{
			{Method: "GET", Route: get.Route, Status: 503, Took: time.Second, Wait: 2 * time.Second},
			{Method: "GET", Route: get.Route, Status: 200, Took: 3 * time.Second},
			{Method: "POST", Route: create.Route, Status: 404, Err: err},
		}
		if seen[0].Err == nil {
			t.Error("a failed attempt without its error")
		}
		seen[0].Err = nil
		same := cmp.Comparer(func(a, b error) bool { return a == b })
		if diff := cmp.Diff(want, seen, same); diff != "" {
			t.Error(diff)
		}
		stats := map[string]int{"GET /organization/projects/{project}": 2, "POST /organization/projects": 1}
		if diff := cmp.Diff(stats, c.Stats()); diff != "" {
			t.Error(diff)
		}
		c.Stats()["x"] = 1 // a copy
		if len(c.Stats()) != 2 || c.Organization() != "org-acme" {
			t.Errorf("%v, %q", c.Stats(), c.Organization())
		}
	})
}
