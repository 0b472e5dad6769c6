package adminapi

import "time"

// An Outlook is what is to be expected of the requests that are left.
type Outlook struct {
	Left      time.Duration // until the last one can be sent; 0 when no limit is in the way
	Wait      time.Duration // until the next one can be sent
	Route     string        // the one that takes longest; "" when no limit is in the way
	PerMinute float64       // what it allows
}

// Outlook says how long the limits let the requests take that are left, by "METHOD route". A route of
// which nothing is known is taken for one like the others, once one was refused.
func (c *Client) Outlook(left map[string]int) Outlook {
	p := c.gate.pacer
	p.mu.Lock()
	defer p.mu.Unlock()
	var out Outlook
	now, first := time.Now(), true
	for route, n := range left {
		if n <= 0 {
			continue
		}
		l := p.lane(route)
		perMinute, spare := p.expect(l, now)
		if wait := max(until(1, perMinute, spare), p.cappedFor(l, 1, now)); first || wait < out.Wait {
			out.Wait, first = wait, false
		}
		n -= l.inFlight
		takes, capped := until(n, perMinute, spare), p.cappedFor(l, n, now)
		if capped > takes {
			takes, perMinute = capped, float64(p.maxRPM)
		}
		if takes > out.Left {
			out.Left, out.Route, out.PerMinute = takes, route, perMinute
		}
	}
	return out
}

// until says when the n-th request can be sent.
func until(n int, perMinute, spare float64) time.Duration {
	if rest := float64(n) - spare; n > 0 && rest > 0 && perMinute > 0 {
		return seconds64(rest * 60 / perMinute)
	}
	return 0
}

// expect returns how many requests a minute a route is thought to let through, 0 = all, and how many
// right now; that is less than nothing while it is held.
func (p *pacer) expect(l *lane, now time.Time) (perMinute, spare float64) {
	share := p.prior.share
	switch {
	case l.rate > 0:
		spare = l.level + now.Sub(l.at).Seconds()*l.rate*share
		return l.rate * 60 * share, min(spare, max(l.burst*share, 1))
	case p.refusal > 0:
		return typical * p.prior.fill * 60 * share, max(typical-float64(l.run), 0)
	}
	return 0, 0
}

// cappedFor says when maxRPM lets the n-th request be sent: each a minute after the one that many before.
func (p *pacer) cappedFor(l *lane, n int, now time.Time) time.Duration {
	recent := l.recent[max(0, len(l.recent)-p.maxRPM):]
	n -= p.maxRPM - len(recent)
	if p.maxRPM <= 0 || n <= 0 || len(recent) == 0 {
		return 0
	}
	laps := (n - 1) / len(recent)
	return max(recent[(n-1)%len(recent)].Add(time.Duration(laps+1)*time.Minute).Sub(now), 0)
}
