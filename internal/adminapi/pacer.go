package adminapi

import (
	"context"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/time/rate"
)

// Shipped clients saw 7 to 10 requests a minute and route, without rate-limit headers or
// Retry-After; other organizations never saw a 429. So a route starts unlimited and learns.
const (
	firstLimit = rate.Limit(2)        // requests a second after the first refusal
	minLimit   = rate.Limit(2.0 / 60) // not slower than this
	freeLimit  = rate.Limit(50)       // from here on unlimited again
	recovery   = 1.05                 // faster by this after each success
	firstHold  = time.Second          // after a refusal without Retry-After, doubling
	maxHold    = time.Minute          // a bucket's time to refill
)

// A pacer spaces out the requests of each route, and holds a route that was refused. Routes do not
// slow each other down.
type pacer struct {
	mu     sync.Mutex
	routes map[string]*pace // those that were refused
}

// A pace is what is known of a route that was refused.
type pace struct {
	until   time.Time // nothing is sent before
	limiter *rate.Limiter
	holds   backoff.ExponentialBackOff
}

func newPacer() *pacer { return &pacer{routes: map[string]*pace{}} }

// wait returns when the route may be used, or with an error when ctx is done or would be by then.
// One caller a route at a time.
func (p *pacer) wait(ctx context.Context, route string) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		d := p.delay(route)
		if d <= 0 {
			return nil
		}
		if late(ctx, d) {
			return &lateError{cause: ErrThrottled, wait: d}
		}
		if err := sleep(ctx, d); err != nil {
			return err
		}
	}
}

// delay returns how long the route must rest, or 0 having taken a token.
func (p *pacer) delay(route string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.routes[route]
	if r == nil {
		return 0
	}
	if d := time.Until(r.until); d > 0 {
		return d
	}
	token := r.limiter.Reserve()
	d := token.Delay()
	if d > 0 {
		token.Cancel() // the limit may have changed when it falls due
	}
	return d
}

// held reports whether the route was refused and must not be used yet.
func (p *pacer) held(route string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.routes[route]
	return r != nil && time.Now().Before(r.until)
}

// refused holds the route, for retryAfter if that is not 0, slows it down, and returns how long it
// is held. Refusals of requests that were in flight together count as one.
func (p *pacer) refused(route string, retryAfter time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.routes[route]
	if r == nil {
		r = &pace{holds: backoff.ExponentialBackOff{InitialInterval: firstHold, MaxInterval: maxHold,
			Multiplier: 2, RandomizationFactor: 0.2}}
		p.routes[route] = r
	}
	held := time.Until(r.until)
	if held <= 0 {
		r.slowDown()
	}
	switch {
	case retryAfter > 0:
		held = max(held, retryAfter)
	case held <= 0:
		held = min(r.holds.NextBackOff(), maxHold)
	}
	r.until = time.Now().Add(held)
	return held
}

// slowDown halves the pace. The limiter is a new one, so that the first request after the hold goes
// at once.
func (r *pace) slowDown() {
	limit := firstLimit
	if r.limiter != nil {
		limit = max(r.limiter.Limit()/2, minLimit)
	}
	r.limiter = rate.NewLimiter(limit, 1)
}

// succeeded lets the route go a little faster.
func (p *pacer) succeeded(route string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.routes[route]
	if r == nil || time.Now().Before(r.until) {
		return // never refused, or sent before the refusal
	}
	r.holds.Reset()
	limit := r.limiter.Limit() * recovery
	if limit > freeLimit {
		delete(p.routes, route)
		return
	}
	r.limiter.SetLimit(limit)
}

// late reports whether ctx is done before d is over.
func late(ctx context.Context, d time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ok && !deadline.After(time.Now().Add(d))
}

// sleep waits for d, or until ctx is done.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
