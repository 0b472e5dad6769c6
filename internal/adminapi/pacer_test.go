package adminapi

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A bucket is a transport that allows so many requests a minute and route, counts the others, and
// notes how many were in flight at most.
type bucket struct {
	size    int // 0 = no limit
	latency time.Duration

	retryAfter bool // a 429 says when the minute is over

	mu                      sync.Mutex
	left                    map[string]int
	filled                  map[string]time.Time
	refused, inFlight, peak int
	last                    map[string]time.Time // the last request that was allowed
}

func (b *bucket) RoundTrip(r *http.Request) (*http.Response, error) {
	route, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	a := answer{body: `{"id":"x"}`, after: b.latency}
	if !b.take(route) {
		a.status = 429
		if b.retryAfter {
			b.mu.Lock()
			a.header = hdr("Retry-After", fmt.Sprint(int(time.Until(b.filled[route].Add(61*time.Second)).Seconds())))
			b.mu.Unlock()
		}
	}
	resp, err := a.play(r)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.inFlight--
	return resp, err
}

func (b *bucket) take(route string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left == nil {
		b.left, b.filled, b.last = map[string]int{}, map[string]time.Time{}, map[string]time.Time{}
	}
	b.inFlight++
	b.peak = max(b.peak, b.inFlight)
	if time.Since(b.filled[route]) >= time.Minute {
		b.left[route], b.filled[route] = b.size, time.Now()
	}
	if b.size > 0 && b.left[route] == 0 {
		b.refused++
		return false
	}
	b.left[route]--
	b.last[route] = time.Now()
	return true
}

// many sends n requests to each route, all at once, and returns how long they took.
func many(t *testing.T, c *Client, n int, routes ...string) time.Duration {
	var wg sync.WaitGroup
	start := time.Now()
	for i := range n {
		for _, route := range routes {
			wg.Go(func() {
				r := Request{Method: "GET", Route: "/" + route + "/{id}", Path: fmt.Sprintf("/%s/%d", route, i)}
				if _, err := c.Do(context.Background(), r); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	return time.Since(start)
}

func TestConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bucket{latency: time.Second}
		c := testClient(t, b, func(o *Options) { o.Concurrency = 5 })
		took := many(t, c, 5, names(8)...)
		if b.peak != 5 || took != 8*time.Second {
			t.Errorf("%d in flight, took %s", b.peak, took)
		}
	})
}

// A route that is refused neither stops the others nor takes their slots.
func TestOtherRoutesGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt := roundTrip(func(r *http.Request) (*http.Response, error) {
			a := answer{body: `{}`, after: 100 * time.Millisecond}
			if strings.HasPrefix(r.URL.Path, "/v1/bad") && time.Since(start2000()) < 5*time.Minute {
				a = answer{status: 429, header: hdr("Retry-After", "300")}
			}
			return a.play(r)
		})
		c := testClient(t, rt, func(o *Options) { o.Concurrency = 2 })
		var bad sync.WaitGroup
		bad.Go(func() { many(t, c, 10, "bad") })
		synctest.Wait()
		if took := many(t, c, 6, "good"); took != 300*time.Millisecond {
			t.Errorf("the other route took %s", took)
		}
		bad.Wait()
		if s := c.Stats(); s["GET /bad/{id}"] > 12 {
			t.Errorf("a held route was used: %v", s)
		}
	})
}

// start2000 is when every synctest bubble begins.
func start2000() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

// Those who wait for a slot when their route is refused do not go through all the same.
func TestRefusalReachesThoseWhoWaitForASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{{status: 429, header: hdr("Retry-After", "30"), after: time.Second}, fine}}
		c := testClient(t, s, func(o *Options) { o.Concurrency = 1 })
		many(t, c, 5, "a")
		if s.at[1] != 31*time.Second {
			t.Errorf("sent at %s", s.at)
		}
	})
}
