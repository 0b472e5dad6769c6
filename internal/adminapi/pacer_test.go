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
	header  http.Header // of a 429

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
		a.status, a.header = 429, b.header
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
		took := many(t, c, 20, "a", "b")
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
		if took := many(t, c, 20, "good"); took != time.Second {
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

// The throttling that shipped clients met: 8 requests a minute and route, no header that says so.
func TestMinuteBucketWithoutHeaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bucket{size: 8, latency: 200 * time.Millisecond}
		c := testClient(t, b)
		took := many(t, c, 80, "a", "b")
		t.Logf("160 requests in %s, %d refused", took, b.refused)
		if took > 20*time.Minute || b.refused > 160 {
			t.Errorf("took %s with %d refused; ten minutes' worth on each route", took, b.refused)
		}
	})
}

func TestMinuteBucketWithRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bucket{size: 8, latency: 200 * time.Millisecond, header: hdr("Retry-After", "60")}
		c := testClient(t, b)
		took := many(t, c, 80, "a")
		t.Logf("80 requests in %s, %d refused", took, b.refused)
		if took > 20*time.Minute || b.refused > 40 {
			t.Errorf("took %s with %d refused", took, b.refused)
		}
	})
}

func TestPacerHoldsThenSlowsThenRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := newPacer()
		gap := func() time.Duration {
			start := time.Now()
			if err := p.wait(ctx, "r"); err != nil {
				t.Fatal(err)
			}
			return time.Since(start)
		}
		for range 100 {
			if gap() != 0 {
				t.Fatal("a route starts without a limit")
			}
		}
		if d := p.refused("r", 10*time.Second); d != 10*time.Second {
			t.Errorf("held for %s", d)
		}
		if d := p.refused("r", 0); d != 10*time.Second {
			t.Errorf("a refusal that was in flight: held for %s", d)
		}
		p.succeeded("r") // it was in flight, too
		if !p.held("r") || p.held("other") {
			t.Error("one route is held")
		}
		if first, second := gap(), gap(); first != 10*time.Second || second != 500*time.Millisecond {
			t.Errorf("waited %s, then %s", first, second)
		}
		p.refused("r", time.Second)
		if first, second := gap(), gap(); first != time.Second || second != time.Second {
			t.Errorf("waited %s, then %s: not half as fast", first, second)
		}
		n := 0
		for ; len(p.routes) > 0 && n < 1000; n++ {
			gap()
			p.succeeded("r")
		}
		if n < 20 || n > 200 {
			t.Errorf("recovered after %d", n)
		}
	})
}

// Without Retry-After the holds grow to a minute, and a success ends that.
func TestPacerHoldsGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer()
		var last time.Duration
		for i := range 12 {
			d := p.refused("r", 0)
			if d > maxHold || i > 0 && i < 6 && d <= last || i > 7 && d < 45*time.Second {
				t.Errorf("hold %d is %s after %s", i, d, last)
			}
			last = d
			time.Sleep(d)
		}
		p.succeeded("r")
		if d := p.refused("r", 0); d > 2*time.Second {
			t.Errorf("after a success: %s", d)
		}
	})
}

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
