package adminapi

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Once every route was refused, what is said to be left is right within 20 %.
func TestOutlook(t *testing.T) {
	for _, rpm := range []int{0, 5} {
		synctest.Test(t, func(t *testing.T) {
			left := map[string]int{"GET /a/{id}": 60, "GET /b/{id}": 30, "GET /c/{id}": 3}
			var mu sync.Mutex
			c := testClient(t, &drops{perMinute: 7, burst: 7, latency: 150 * time.Millisecond}, func(o *Options) {
				o.MaxRPM = rpm
				o.Observe = func(a Attempt) {
					mu.Lock()
					defer mu.Unlock()
					if a.Wait == 0 {
						left[a.Method+" "+a.Route]--
					}
				}
			})
			said := map[time.Duration]time.Duration{}
			start := time.Now()
			ctx, stop := context.WithCancel(context.Background())
			go func() {
				for sleep(ctx, 20*time.Second) == nil {
					mu.Lock()
					said[time.Since(start)] = c.Outlook(left).Left
					mu.Unlock()
				}
			}()
			var all sync.WaitGroup
			for route, n := range map[string]int{"a": 60, "b": 30, "c": 3} {
				all.Go(func() { many(t, c, n, route) })
			}
			all.Wait()
			stop()
			took := time.Since(start)
			for at, d := range said {
				if off := (took - at - d).Abs(); off > max((took-at)/5, 3*time.Second) {
					t.Errorf("after %s: %s, and it was %s", at, d.Round(time.Second), (took - at).Round(time.Second))
				}
			}
		})
	}
}

// Thousands that wait for one route take nothing from the others, and all are served in the end.
func TestThousandsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &drops{perMinute: 60, burst: 60, latency: 150 * time.Millisecond}
		c := testClient(t, d, func(o *Options) { o.Concurrency = 4 })
		var crowd sync.WaitGroup
		crowd.Go(func() { many(t, c, 3000, "crowd") })
		time.Sleep(time.Minute)
		if took := many(t, c, 5, names(8)...); took > 5*time.Second {
			t.Errorf("the others took %s", took)
		}
		if left := c.Outlook(map[string]int{"GET /crowd/{id}": 100, "GET /r1/{id}": 1}); fmt.Sprintf("%.0f", left.PerMinute/10) != "6" || left.Wait != 0 {
			t.Errorf("%+v", left)
		}
		crowd.Wait()
	})
}
