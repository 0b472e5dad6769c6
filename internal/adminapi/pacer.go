package adminapi

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"
	"time"
)

// maxRefused is the share of refusals that trying for more may lead to.
const maxRefused = 0.04

// patience is how long a route must have gone without a refusal to try for more in any case.
const patience = 10 * time.Minute

// A pacer sends the requests of each route as fast as the route is believed to allow, and holds one
// that was refused. It starts without limits and learns; see [limit]. Routes do not slow each other
// down.
type pacer struct {
	maxRPM int // requests a minute and route, whatever is learned; 0 = no such cap

	mu            sync.Mutex
	prior         prior
	routes        map[string]*lane
	sent, refusal int
	scouted       bool // it was tried whether the first guess is right

	// Of routes that were never refused, and have sent as many as others were refused after.
	ahead, passed int           // requests in flight, and those that were not refused
	held          float64       // what the last guess was
	alike         int           // guesses in a row that are about the same
	answered      chan struct{} // closed at the next answer
}

// A lane is one route.
type lane struct {
	limit
	recent   []time.Time // the last requests, as many as maxRPM
	inFlight int
}

// A pass is the leave to send one request.
type pass struct {
	route string
	at    time.Time
	tried bool // beyond what is known to be allowed
	ahead bool // beyond what most routes allow, and nothing is known of this one
}

func newPacer(maxRPM int, share float64) *pacer {
	return &pacer{maxRPM: maxRPM, prior: prior{share, 1 / refill.Seconds()}, routes: map[string]*lane{}, answered: make(chan struct{})}
}

// wait returns when the route may be used, or with an error when ctx is done or would be by then.
// One caller a route at a time.
func (p *pacer) wait(ctx context.Context, route string) (pass, error) {
	for {
		if err := ctx.Err(); err != nil {
			return pass{}, err
		}
		t, d, answered := p.take(route)
		if d == 0 {
			return t, nil
		}
		if d < 0 {
			select {
			case <-answered:
			case <-ctx.Done():
			}
			continue
		}
		if late(ctx, d) {
			return pass{}, &lateError{cause: ErrThrottled, wait: d}
		}
		if err := sleep(ctx, d); err != nil {
			return pass{}, err
		}
	}
}

// take returns a pass, or how long the route must rest; if that is less than 0, until the next answer.
func (p *pacer) take(route string) (pass, time.Duration, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l, now := p.lane(route), time.Now()
	if d := p.capped(l, now); d > 0 {
		return pass{}, d, nil
	}
	ahead := l.rate == 0 && float64(l.run) >= max(typical, l.free)
	if ahead && p.alike >= 2 && float64(l.run) >= p.held-1 && float64(l.run) <= p.held+1 {
		l.follow(now, p.held, p.prior)
		ahead = false
	}
	if ahead && (l.inFlight > l.run/12 || p.ahead > 7*p.passed) {
		return pass{}, -1, p.answered
	}
	tried, d := l.take(now, p.prior.share, p.mayTry(l))
	if d > 0 {
		return pass{}, d, nil
	}
	p.scouted = p.scouted || tried
	if ahead {
		p.ahead++
	}
	return pass{route, now, tried, ahead}, 0, nil
}

func (p *pacer) lane(route string) *lane {
	l := p.routes[route]
	if l == nil {
		l = &lane{}
		p.routes[route] = l
	}
	return l
}

// mayTry says whether to try more than is known to be allowed, which is refused in the end: as long as
// refusals are few, lately if not over all, and once for all routes that are only guessed at.
func (p *pacer) mayTry(l *lane) bool {
	few := float64(p.refusal+1) <= maxRefused*float64(p.sent+1) || l.answers >= firstGap && time.Since(l.refused) > patience
	return p.prior.share == 1 && (few || l.extra > 0 || l.gap == scoutGap && !p.scouted)
}

// capped returns how long to wait so that no minute has more than maxRPM requests.
func (p *pacer) capped(l *lane, now time.Time) time.Duration {
	if p.maxRPM <= 0 || len(l.recent) < p.maxRPM {
		return 0
	}
	l.recent = l.recent[len(l.recent)-p.maxRPM:]
	return l.recent[0].Add(time.Minute).Sub(now)
}

// begin counts the request as sent now. It returns false if the route was refused since the pass was
// given: then it is void.
func (p *pacer) begin(t *pass) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	l, now := p.lane(t.route), time.Now()
	if !l.refused.Before(t.at) && now.Before(l.at) {
		return false
	}
	t.at = now
	l.sent(now)
	l.inFlight++
	p.sent++
	if p.maxRPM > 0 {
		l.recent = append(l.recent, now)
	}
	return true
}

// refused learns from a refusal, and returns how long the route is held, for retryAfter if that is not
// 0. Refusals of requests that were in flight together count as one. Routes of which nothing was
// measured follow the first that was: a server has one way to refill its buckets.
func (p *pacer) refused(t pass, retryAfter time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refusal++
	l, now := p.done(t), time.Now()
	guess, free := l.guessed, l.rate == 0
	until := l.refuse(now, t, p.prior, retryAfter)
	if free {
		p.compare(l.held)
	}
	if !l.guessed && (guess || t.tried) {
		p.teach(l, false)
	}
	return until.Sub(now)
}

// compare counts how many routes in a row held about the same.
func (p *pacer) compare(held float64) {
	if p.alike++; math.Abs(held-p.held) > 1 {
		p.alike = 1
	}
	p.held = held
}

// teach lets the routes that are only guessed at follow one of which more is known; if that is faster
// than was known, the others have reason to try.
func (p *pacer) teach(l *lane, faster bool) {
	p.prior.fill = l.rate / l.held
	for _, other := range p.routes {
		switch {
		case other == l || other.rate == 0:
		case other.guessed:
			other.rate = other.held * p.prior.fill
		case faster:
			other.gap = scoutGap
		}
	}
	p.scouted = p.scouted && !faster
}

// succeeded learns from any other answer.
func (p *pacer) succeeded(t pass) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.done(t)
	if t.ahead {
		p.passed++
	}
	before := l.rate
	l.allowed(t.at, t.tried, p.prior.share)
	if t.tried && (l.rate > before*1.1 || l.extra == 3) {
		p.teach(l, true)
	}
}

// lost learns nothing from no answer.
func (p *pacer) lost(t pass) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done(t)
	p.unuse(t)
}

// void takes back a pass that was not used.
func (p *pacer) void(t pass) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wake(t)
	p.unuse(t)
}

func (p *pacer) unuse(t pass) {
	if t.tried {
		p.lane(t.route).trying = false
	}
}

// done says that a request is no longer in flight.
func (p *pacer) done(t pass) *lane {
	l := p.lane(t.route)
	l.inFlight--
	p.wake(t)
	return l
}

// wake lets those look again who wait for an answer.
func (p *pacer) wake(t pass) {
	if t.ahead {
		p.ahead--
	}
	close(p.answered)
	p.answered = make(chan struct{})
}

// A Pace is what is believed of a route.
type Pace struct {
	Route     string    `json:"route"`      // "GET /organization/users"
	PerMinute float64   `json:"per_minute"` // how many requests the server lets through; 0 = it never refused, and Burst went through
	Burst     float64   `json:"burst"`      // how many of them at once
	Level     float64   `json:"level"`      // how many right then
	At        time.Time `json:"at"`         // when then is; it may lie ahead while the route is held
}

// snapshot returns what was learned, sorted by route.
func (p *pacer) snapshot() []Pace {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []Pace
	for route, l := range p.routes {
		if l.rate > 0 {
			out = append(out, Pace{route, l.rate * 60, l.burst, l.level, l.at})
		} else if free := max(l.free, float64(l.run)); free > typical {
			out = append(out, Pace{Route: route, Burst: free})
		}
	}
	slices.SortFunc(out, func(a, b Pace) int { return cmp.Compare(a.Route, b.Route) })
	return out
}

// restore begins with what was learned before. What makes no sense is left out.
func (p *pacer) restore(paces []Pace) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for _, r := range paces {
		if r.PerMinute == 0 && r.Burst > typical && r.Burst <= 1e6 {
			p.lane(r.Route).free = r.Burst
		}
		if r.PerMinute <= 0 || r.PerMinute > 1e6 || r.Burst < 1 || r.Burst > 1e6 || r.Level > r.Burst || r.Level < 0 {
			continue
		}
		l := p.lane(r.Route)
		l.rate, l.burst, l.level, l.best, l.gap, l.held = r.PerMinute/60, r.Burst, r.Level, r.PerMinute/60, firstGap, r.Burst
		l.at = r.At
		if ahead := r.At.Sub(now); ahead > 0 { // it was held
			l.at, l.level = now, max(0, l.level-min(ahead, refill).Seconds()*l.rate)
		}
		l.refused = l.at
	}
}

// late reports whether ctx is done before d is over.
func late(ctx context.Context, d time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ok && !deadline.After(time.Now().Add(d))
}

// Pause waits for d, or until ctx is done; the error is the cause of that.
func Pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// sleep is Pause, but for the error: that of ctx itself, which callers ask for.
func sleep(ctx context.Context, d time.Duration) error {
	if Pause(ctx, d) != nil {
		return ctx.Err()
	}
	return nil
}
