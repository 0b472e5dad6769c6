// Package adminapi is a strict HTTP client for OpenAI's Admin API.
//
// A reconciler deletes what it does not see, so an answer is either complete and well formed or an
// error; and it must not create twice, so a lost answer is never answered by sending a create again.
// The package sends requests, paces and repeats them, follows pages, and explains refusals. It knows
// no kind of object, keeps nothing, and reads no environment but the proxy variables that
// [http.DefaultTransport] reads.
//
// Start at [Client.Do] and [Client.List]; attempt.go says what an answer means, retry.go what follows.
package adminapi

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode"
)

// The values of [Options] that are left out.
const (
	defaultBaseURL     = "https://api.openai.com/v1"
	defaultConcurrency = 8
	defaultTimeout     = time.Minute // single reads slower than 30 s have been seen
	defaultUserAgent   = "bylaw"
)

// Options say how to reach the API. What is left out has a default, but for Key.
type Options struct {
	BaseURL        string            // default https://api.openai.com/v1; http only to this machine
	Key            Key               // required
	Transport      http.RoundTripper // default a clone of http.DefaultTransport
	Concurrency    int               // requests in flight, default 8
	MaxRPM         int               // requests a minute on one route, whatever it allows; 0 = no cap
	RateShare      int               // percent of what a route was learned to allow; default 100
	Paces          []Pace            // what an earlier client learned, a hint
	AttemptTimeout time.Duration     // for one attempt, its answer included; default 60 s
	UserAgent      string            // default "bylaw"
	Observe        func(Attempt)     // called after every attempt, from many goroutines; may be nil
}

// An Attempt is one request that was sent, for those who watch.
type Attempt struct {
	Method, Route string
	Status        int           // 0 without a whole answer
	Err           error         // nil when it did what was asked
	Took          time.Duration // from sending to the end of the answer
	Wait          time.Duration // until it is sent again, 0 = it is not
	Further       bool          // a page of a list after its first, which nobody could know of
}

// A Client sends requests to one organization's Admin API. Goroutines may share it.
type Client struct {
	base      *url.URL
	key       Key
	http      *http.Client
	gate      *gate
	timeout   time.Duration
	userAgent string
	observe   func(Attempt)

	mu           sync.Mutex
	sent         map[string]int
	organization string
}

// New returns a client. It sends nothing yet.
func New(o Options) (*Client, error) {
	if o.Key.IsZero() {
		return nil, errors.New("no admin key")
	}
	if o.BaseURL == "" {
		o.BaseURL = defaultBaseURL
	}
	base, err := parseBase(o.BaseURL)
	if err != nil {
		return nil, err
	}
	if o.Concurrency <= 0 {
		o.Concurrency = defaultConcurrency
	}
	if o.RateShare <= 0 {
		o.RateShare = 100
	}
	if o.AttemptTimeout <= 0 {
		o.AttemptTimeout = defaultTimeout
	}
	if o.Transport == nil {
		o.Transport = defaultTransport(o.Concurrency)
	}
	if o.Observe == nil {
		o.Observe = func(Attempt) {}
	}
	if o.UserAgent = strings.TrimSpace(o.UserAgent); o.UserAgent == "" {
		o.UserAgent = defaultUserAgent
	}
	if strings.ContainsFunc(o.UserAgent, unicode.IsControl) {
		return nil, errors.New("the user agent has a control character in it")
	}
	p := newPacer(o.MaxRPM, float64(min(o.RateShare, 100))/100)
	p.restore(o.Paces)
	return &Client{
		base: base, key: o.Key, gate: newGate(p, o.Concurrency), timeout: o.AttemptTimeout,
		http:      &http.Client{Transport: o.Transport, CheckRedirect: checkRedirect},
		userAgent: o.UserAgent, observe: o.Observe, sent: map[string]int{},
	}, nil
}

// defaultTransport is http.DefaultTransport, keeping a connection for each request in flight.
func defaultTransport(concurrency int) http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = concurrency
	return t
}

// Do sends r until it is answered and returns the answer, a 2xx with one JSON object; what it
// repeats, and until when, is told in retry.go. It returns an [*Error] for a refusal, an
// [*UnknownOutcomeError] for a lost answer to a Request with Once, and an error that is
// [context.DeadlineExceeded] or [context.Canceled] when ctx ended first.
func (c *Client) Do(ctx context.Context, r Request) (Row, error) { return c.do(ctx, r, nil) }

func (c *Client) do(ctx context.Context, r Request, accepts func(Row) error) (Row, error) {
	k, err := c.prepare(r, accepts)
	if err != nil {
		return nil, err
	}
	return c.repeat(ctx, k)
}

// Stats returns how many attempts were sent, by method and route: "GET /organization/users".
func (c *Client) Stats() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.sent)
}

// Paces returns what was learned of the routes, sorted by route.
func (c *Client) Paces() []Pace { return c.gate.pacer.snapshot() }

// Organization returns the id of the organization that answered last, as the API's
// openai-organization header has it; "" when none said so.
func (c *Client) Organization() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.organization
}

func (c *Client) count(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent[name]++
}

func (c *Client) note(h http.Header) {
	if org := c.clean(h.Get("openai-organization")); org != "" {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.organization = org
	}
}

// clean makes a foreign text printable.
func (c *Client) clean(s string) string { return clean(c.key, s) }
