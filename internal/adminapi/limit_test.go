package adminapi

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
)

// A drops is a transport whose routes are token buckets, refilled drop by drop.
type drops struct {
	perMinute, burst int
	latency          time.Duration
	retryAfter       bool
	change           map[time.Duration]int // the rate from then on

	mu            sync.Mutex
	start         time.Time
	routes        map[string]*rate.Limiter
	sent, refused int
}

func (d *drops) RoundTrip(r *http.Request) (*http.Response, error) {
	route, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	a := answer{body: `{"id":"x"}`, after: d.latency}
	if wait := d.take(route); wait > 0 {
		a.status = 429
		if d.retryAfter {
			a.header = hdr("Retry-After", fmt.Sprint(int((wait+time.Second-1)/time.Second)))
		}
	}
	return a.play(r)
}

func (d *drops) take(route string) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	if d.routes == nil {
		d.routes, d.start = map[string]*rate.Limiter{}, now
	}
	for after, perMinute := range d.change {
		if now.Sub(d.start) >= after {
			d.perMinute = perMinute
			for _, l := range d.routes {
				l.SetLimit(rate.Limit(float64(perMinute) / 60))
			}
			delete(d.change, after)
		}
	}
	l := d.routes[route]
	if l == nil {
		l = rate.NewLimiter(rate.Limit(float64(d.perMinute)/60), d.burst)
		d.routes[route] = l
	}
	d.sent++
	token := l.Reserve()
	wait := token.Delay()
	if wait > 0 {
		token.Cancel()
		d.refused++
	}
	return wait
}

// floor is what n requests to a route take at least.
func (d *drops) floor(n int) time.Duration {
	return time.Duration(n-d.burst) * time.Minute / time.Duration(d.perMinute)
}

func names(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint("r", i)
	}
	return out
}

// A server that lets so many requests a minute through is used to the full, and hardly asked in vain.
// What a route holds and how fast it fills is guessed only for 7 and 10; the rest is learned.
func TestLearnsTheRate(t *testing.T) {
	for _, tc := range []struct {
		routes, n, perMinute, burst int
		ratio, refused              float64
	}{
		{8, 50, 7, 7, 1.05, 0.05},
		{1, 50, 7, 7, 1.05, 0.05},
		{8, 50, 10, 10, 1.05, 0.05},
		{1, 50, 10, 7, 1.15, 0.08},
		{8, 50, 6, 6, 1.05, 0.1},
		{8, 200, 7, 7, 1.02, 0.04},
		{8, 200, 3, 3, 1.05, 0.13},
		{8, 200, 7, 30, 1.05, 0.07},
		{8, 200, 30, 7, 2.2, 0.15},
		{8, 200, 60, 10, 2.5, 0.15},
	} {
		for _, retryAfter := range []bool{false, true} {
			t.Run(fmt.Sprintf("%dx%d at %d burst %d/retry after %t", tc.routes, tc.n, tc.perMinute, tc.burst, retryAfter), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					d := &drops{perMinute: tc.perMinute, burst: tc.burst, latency: 150 * time.Millisecond, retryAfter: retryAfter}
					took := many(t, testClient(t, d), tc.n, names(tc.routes)...)
					ratio, refused := float64(took)/float64(d.floor(tc.n)), float64(d.refused)/float64(d.sent)
					t.Logf("%s, %.2f of the floor; %.1f %% refused", took.Round(time.Second), ratio, 100*refused)
					if ratio > tc.ratio || refused > tc.refused {
						t.Errorf("want at most %.2f and %.1f %%", tc.ratio, 100*tc.refused)
					}
				})
			})
		}
	}
}

// What went through at once without a refusal goes at once in the next run, too: nothing has to be tried.
func TestRemembersThatNothingWasRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &drops{perMinute: 60000, burst: 1000, latency: 50 * time.Millisecond}
		first := testClient(t, d)
		slow := many(t, first, 24, "a")
		second := testClient(t, d, func(o *Options) { o.Paces = first.Paces() })
		if fast := many(t, second, 24, "a"); fast != 3*d.latency || slow <= fast {
			t.Errorf("%s after %s, want %s", fast, slow, 3*d.latency)
		}
	})
}

// A rate that changes during a run is found out.
func TestFollowsTheRate(t *testing.T) {
	for _, tc := range []struct {
		from, to int
		floor    time.Duration // 200 requests, the change after ten minutes
	}{
		{7, 30, 10*time.Minute + time.Duration(200-77)*time.Minute/30},
		{30, 7, 10 * time.Minute}, // 330 are through by then
		{7, 3, 10*time.Minute + time.Duration(200-77)*time.Minute/3},
	} {
		n := 200
		if tc.from == 30 {
			n, tc.floor = 400, 10*time.Minute+time.Duration(400-330)*time.Minute/7
		}
		t.Run(fmt.Sprintf("%d to %d", tc.from, tc.to), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &drops{perMinute: tc.from, burst: tc.from, latency: 150 * time.Millisecond, change: map[time.Duration]int{10 * time.Minute: tc.to}}
				took := many(t, testClient(t, d), n, names(8)...)
				ratio, refused := float64(took)/float64(tc.floor), float64(d.refused)/float64(d.sent)
				t.Logf("%s, %.2f of the floor %s; %.1f %% refused", took.Round(time.Second), ratio, tc.floor, 100*refused)
				if ratio > 1.35 || refused > 0.08 {
					t.Error("too slow, or refused too often")
				}
			})
		})
	}
}

// A server that counts by the minute, and gives all back at once.
func TestWindow(t *testing.T) {
	for _, retryAfter := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			b := &bucket{size: 7, latency: 150 * time.Millisecond, retryAfter: retryAfter}
			took := many(t, testClient(t, b), 50, names(8)...)
			t.Logf("%s, %.2f of the floor; %d refused", took.Round(time.Second), took.Minutes()/7, b.refused)
			if took.Minutes() > 7*1.3 || b.refused > 400/6 {
				t.Error("too slow, or refused too often")
			}
		})
	}
}

// Two that share a bucket get through together, about as fast as one would.
func TestTwoClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &drops{perMinute: 7, burst: 7, latency: 150 * time.Millisecond}
		var both sync.WaitGroup
		start := time.Now()
		for range 2 {
			c := testClient(t, d)
			both.Go(func() { many(t, c, 50, "a", "b") })
		}
		both.Wait()
		ratio, refused := float64(time.Since(start))/float64(d.floor(100)), float64(d.refused)/float64(d.sent)
		t.Logf("%.2f of the floor; %.1f %% refused", ratio, 100*refused)
		if ratio > 3 || refused > 0.2 {
			t.Error("too slow, or refused too often")
		}
	})
}

func TestCaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &drops{perMinute: 600, burst: 600, latency: 150 * time.Millisecond}
		took := many(t, testClient(t, d, func(o *Options) { o.MaxRPM = 20 }), 61, "a", "b")
		if took < 3*time.Minute || took > 3*time.Minute+10*time.Second || d.refused > 0 {
			t.Errorf("61 requests at 20 a minute took %s", took)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		d := &drops{perMinute: 12, burst: 7, latency: 150 * time.Millisecond}
		c := testClient(t, d, func(o *Options) {
			o.RateShare, o.Paces = 50, []Pace{{Route: "GET /a/{id}", PerMinute: 12, Burst: 7}}
		})
		took := many(t, c, 61, "a")
		if took < 9*time.Minute || took > 11*time.Minute || d.refused > 0 {
			t.Errorf("61 requests at half of 12 a minute took %s, %d refused", took, d.refused)
		}
	})
}

// What one client learned serves the next, which need not be refused to know it.
func TestPaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &drops{perMinute: 7, burst: 7, latency: 150 * time.Millisecond}
		first := testClient(t, d)
		many(t, first, 20, "a")
		before := d.refused
		second := testClient(t, d, func(o *Options) {
			o.Paces = append(first.Paces(), Pace{Route: "GET /b", PerMinute: -1}, Pace{Route: "GET /c", PerMinute: 1, Burst: 1, Level: 9})
		})
		took := many(t, second, 20, "a")
		if got := second.Paces(); d.refused != before || len(got) != 1 || got[0].PerMinute < 6 || got[0].PerMinute > 8 {
			t.Errorf("%d refused in %s: %v", d.refused-before, took, got)
		}
	})
}

// That some routes are refused tells the others what to expect, but does not hold up for long one that
// has no limit.
func TestOneOfMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &drops{perMinute: 7, burst: 7, latency: 50 * time.Millisecond}
		rt := roundTrip(func(r *http.Request) (*http.Response, error) {
			if strings.HasPrefix(r.URL.Path, "/v1/free") {
				return answer{body: `{}`, after: 50 * time.Millisecond}.play(r)
			}
			return d.RoundTrip(r)
		})
		c := testClient(t, rt)
		var others sync.WaitGroup
		others.Go(func() { many(t, c, 10, names(8)...) })
		took := many(t, c, 300, "free")
		others.Wait()
		t.Logf("the free one took %s; %d of 80 refused", took, d.refused)
		if took > time.Minute || d.refused > 8 {
			t.Error("too long, or refused too often")
		}
	})
}
