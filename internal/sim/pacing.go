package sim

import (
	"net/http"
	"strconv"
	"time"

	"golang.org/x/time/rate"
)

// throttle takes a token from the bucket of the route template: clients of the live API measured that
// the bucket belongs to the template, not to the URL, and refills in about a minute.
func (s *Server) throttle(name string) (wait time.Duration, limited bool) {
	if s.Rate <= 0 {
		return 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[name]
	if b == nil {
		burst := s.Burst
		if burst == 0 {
			burst = s.Rate
		}
		b = rate.NewLimiter(rate.Every(time.Minute/time.Duration(s.Rate)), burst)
		s.buckets[name] = b
	}
	now := time.Now()
	r := b.ReserveN(now, 1)
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
	}
	return wait, wait > 0
}

// tooMany is the 429 in the words of the live API.
func tooMany(header bool, wait time.Duration) reply {
	rep := encode(nil, &apiError{status: http.StatusTooManyRequests, kind: "rate_limit_error", code: "rate_limit_exceeded",
		message: "You're making too many requests, please slow down."})
	if header {
		rep.header("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	}
	return rep
}

// A version is the organization as it was from a moment on.
type version struct {
	from  time.Time
	state State
}

// elapsed is the time that lag is measured in: real time, which the control API can move on.
func (s *Server) elapsed() time.Time {
	return time.Now().Add(time.Duration(s.state.ClockOffset) * time.Second)
}

// remember keeps what a write made, so that reads can go on seeing what was before it.
func (s *Server) remember() {
	if s.Lag <= 0 {
		return
	}
	v := version{state: s.state.clone()}
	if len(s.past) > 0 {
		v.from = s.elapsed()
	}
	s.past = append(s.past, v)
}

// seen is the organization that a request works on: reads get the last version older than the lag.
func (s *Server) seen(method string) *State {
	if s.Lag <= 0 || method != http.MethodGet {
		return &s.state
	}
	horizon := s.elapsed().Add(-s.Lag)
	for len(s.past) > 1 && !s.past[1].from.After(horizon) {
		s.past = s.past[1:]
	}
	return &s.past[0].state
}
