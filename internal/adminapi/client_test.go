package adminapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const secret = "sk-admin-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"

// A script is a transport that answers the n-th request with its n-th element, the last one for ever.
type script struct {
	mu      sync.Mutex
	answers []answer
	got     []*http.Request
	at      []time.Duration // since the first request
	start   time.Time
}

// An answer is the server's part of one attempt: a body and a status, or an error, after a while.
type answer struct {
	status int
	body   string
	header http.Header
	err    error
	cut    error         // ends the body
	after  time.Duration // ignores the context if forever is set
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	if len(s.got) == 0 {
		s.start = time.Now()
	}
	a := s.answers[min(len(s.got), len(s.answers)-1)]
	s.got = append(s.got, r)
	s.at = append(s.at, time.Since(s.start))
	s.mu.Unlock()
	return a.play(r)
}

func (a answer) play(r *http.Request) (*http.Response, error) {
	if err := sleep(r.Context(), a.after); err != nil {
		return nil, err
	}
	if a.err != nil {
		return nil, a.err
	}
	if a.status == 0 {
		a.status = 200
	}
	if a.header == nil {
		a.header = http.Header{}
	}
	var body io.Reader = strings.NewReader(a.body)
	if a.cut != nil {
		body = io.MultiReader(body, &broken{a.cut})
	}
	return &http.Response{StatusCode: a.status, Header: a.header, Body: io.NopCloser(body), Request: r}, nil
}

type broken struct{ err error }

func (b *broken) Read([]byte) (int, error) { return 0, b.err }

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.got)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func testClient(t *testing.T, rt http.RoundTripper, edit ...func(*Options)) *Client {
	t.Helper()
	key, err := NewKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Key: key, Transport: rt}
	for _, f := range edit {
		f(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// get, create and update are requests of each retry class.
var (
	get    = Request{Method: "GET", Route: "/organization/projects/{project}", Path: "/organization/projects/p"}
	create = Request{Method: "POST", Route: "/organization/projects", Path: "/organization/projects",
		Body: map[string]any{"name": "x"}, Once: true}
	update = Request{Method: "POST", Route: "/organization/projects/{project}", Path: "/organization/projects/p",
		Body: map[string]any{"name": "y"}}
)

func hdr(kv ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(kv); i += 2 {
		h.Set(kv[i], kv[i+1])
	}
	return h
}

func TestRetryThenSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{{err: errors.New("broken pipe")}, {status: 502, body: "<html>"}, {status: 429}, {body: `{"id":"p"}`}}}
		c := testClient(t, s)
		row, err := c.Do(context.Background(), get)
		if err != nil || row["id"] != "p" {
			t.Fatalf("got %v, %v", row, err)
		}
	})
}
