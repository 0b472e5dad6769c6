package adminapi

import (
	"math"
	"time"
)

// What shipped clients of the live API met: some 7 to 10 requests a minute and route, back within
// about a minute, and no header that says so.
const (
	typical  = 7.0 // requests a minute, the least that a first refusal is taken for
	scoutGap = 4   // answers after a guess before more is tried than it allows
	firstGap = 15  // answers after any other refusal before more is tried than was measured
	maxGap   = 30
	slack    = 10 * time.Millisecond // that the server's clock may be behind ours
	refill   = time.Minute
	memory   = 10 * time.Minute // measured over no longer than this, to follow what changes
)

// A limit is what one route is believed to allow: a token bucket. Nothing says how large it is and
// how fast it fills, but a refusal says that it is empty now; so what went through between two
// refusals is what flowed in. A route that was never refused has no limit.
//
// It is no golang.org/x/time/rate.Limiter, for the level of one cannot be set to what a refusal says.
type limit struct {
	rate  float64   // requests a second; 0 = no limit is known
	burst float64   // how many the bucket holds
	level float64   // how many it held at that time
	at    time.Time // after a refusal this lies ahead, and nothing is sent before
	held  float64   // how many it held at the first refusal
	free  float64   // how many went through without a refusal in an earlier run
	told  float64   // the least rate that the Retry-After of the first refusal tells; 0 = it had none
	known float64   // the rate that was measured last
	best  float64   // the highest of them

	// Since the bucket was last taken for full.
	first time.Time
	run   int // sent, less what was refused
	last  time.Time

	// Since the refusal that is measured from.
	anchor  time.Time // zero if the bucket may have been full since
	passed  int       // sent, less what was refused
	spilled float64   // how many ran over

	// Since the last refusal.
	refused time.Time // when it was heard of: what was sent before belongs to it
	hit     time.Time // when that request was sent
	answers int
	opened  time.Time // when the first that was answered was sent
	series  time.Time // the first of the refusals that had no answer in between
	misses  int       // how many followed it

	// Trying more than is known to be allowed.
	guessed bool // nothing was measured yet
	waited  bool // nor when a minute was waited for
	gap     int  // how many answers to wait for
	trying  bool // such a request is on its way
	extra   int  // how many in a row were allowed
}

// take takes a token, or returns how long to wait for one. With try it may go beyond what is known.
func (l *limit) take(now time.Time, share float64, try bool) (tried bool, wait time.Duration) {
	if l.rate > 0 {
		if now.Before(l.at) {
			return false, l.at.Sub(now)
		}
		l.fill(now, share)
		switch tried = try && !l.trying && l.answers >= l.gap; {
		case l.level >= 1:
			tried = false
			l.level--
		case tried:
			l.trying = true
		default:
			return false, seconds64((1-l.level)/(l.rate*share)) + 1
		}
	}
	return tried, 0
}

// sent counts a request that has a token.
func (l *limit) sent(now time.Time) {
	if now.Sub(l.last) > refill {
		l.first, l.run = now, 0
	}
	l.last = now
	l.run++
	l.passed++
}

// fill lets tokens flow in. Once the bucket ran over, what flowed in can no longer be told from what
// went through.
func (l *limit) fill(now time.Time, share float64) {
	full := max(l.burst*share, 1)
	l.level += l.rate * share * now.Sub(l.at).Seconds()
	l.at = now
	if l.level <= full {
		return
	}
	if l.spilled += l.level - full; l.spilled >= 1 {
		l.anchor = time.Time{}
	}
	l.level = full
}

// allowed learns that what was sent then was not refused.
func (l *limit) allowed(sent time.Time, tried bool, share float64) {
	if tried {
		l.trying = false
	}
	if l.rate == 0 || !sent.After(l.refused) {
		return
	}
	if l.misses = 0; l.answers == 0 {
		l.opened = sent
	}
	l.answers++
	if l.rate < l.known { // slowed down by misses
		l.rate = min(l.rate+l.known/8, l.known)
	}
	if share < 1 && l.answers%firstGap == 0 {
		l.rate = min(l.rate*1.1, l.best) // those who use the rest may have stopped
	}
	if !tried {
		return
	}
	if !l.anchor.IsZero() { // the bucket was empty but for a part of a token
		l.rate = max(l.rate, float64(l.passed-1)/sent.Sub(l.anchor).Seconds(), float64(l.answers-1)/sent.Sub(l.hit).Seconds())
	}
	if l.extra++; float64(l.extra) > 20+4*l.burst { // there is no limit any more
		l.rate, l.extra = 0, 0
	}
}

// refuse learns that what was sent then was refused, and returns until when the route is held.
func (l *limit) refuse(now time.Time, t pass, p prior, retryAfter time.Duration) time.Time {
	l.run--
	l.passed--
	if t.tried {
		l.trying = false
	}
	same := !t.at.After(l.refused)
	switch {
	case l.rate == 0:
		if l.told = 0; retryAfter > 0 { // the bucket has just been emptied: this is how long a token takes
			l.told = 1 / (2 * retryAfter.Seconds())
		}
		l.guess(t.at, p)
	case same && l.guessed && l.answers == 0 && l.misses == 0:
		l.guess(t.at, p)
	case same:
	case l.answers == 0 && l.series.IsZero(): // the first, of what others told
		l.restart(t.at)
		l.opened, l.series = l.first, t.at
	case l.answers == 0:
		l.miss(t.at)
	default:
		l.measure(t, p.share)
		l.series = t.at
	}
	if !same {
		l.refused, l.hit, l.answers, l.extra = now, t.at, 0, 0
	}
	l.best = max(l.best, l.rate)
	l.hold(now, retryAfter, p.share)
	return l.at
}

// A prior is what is believed of routes that nothing was learned of.
type prior struct {
	share float64 // of what is learned may be used
	fill  float64 // buckets a second that flow in
}

// guess takes what went through until the first refusal for what the bucket holds, and that it fills
// in a minute, or as others did. Some of it flowed in meanwhile.
func (l *limit) guess(sent time.Time, p prior) {
	l.burst = max(float64(l.run)/(1+sent.Sub(l.first).Seconds()*p.fill), typical)
	l.held = l.burst
	l.rate = max(l.held*p.fill, l.told)
	l.restart(sent)
	l.opened, l.series, l.gap, l.guessed = l.first, sent, scoutGap, true
}

// follow takes for granted that the bucket holds what others do, so as not to be refused to know it.
func (l *limit) follow(now time.Time, held float64, p prior) {
	l.burst, l.held, l.rate = held, held, held*p.fill
	l.level, l.at = max(0, held-float64(l.run)+now.Sub(l.first).Seconds()*l.rate), now
	l.gap, l.guessed, l.best = scoutGap, true, l.rate
}

// restart measures from a refusal on.
func (l *limit) restart(sent time.Time) { l.anchor, l.passed, l.spilled = sent, 0, 0 }

// miss is a refusal right after one: the route is slower than was believed, or it is refilled at once
// and not drop by drop. The hold tells them apart.
func (l *limit) miss(sent time.Time) {
	l.misses++
	l.restart(l.series)
	if l.known > 0 && l.rate > l.known { // it was tried out whether it is as fast as that
		l.rate = l.known
	}
	if l.misses == 2 && l.guessed && !l.waited { // what flowed in until the hold ends may run over
		l.waited, l.anchor = true, time.Time{}
	}
	if sent.Sub(l.series) >= refill {
		l.rate = min(l.rate, 1/refill.Seconds())
	}
}

// measure sets the rate to what flowed in between two refusals. The longer that took, the better the
// measure; but not beyond a change, which shows as a contradiction with what came since the last one.
func (l *limit) measure(t pass, share float64) {
	before, known := l.rate, !l.anchor.IsZero()
	if !known {
		spare := float64(l.run) - l.rate*share*t.at.Sub(l.first).Seconds()
		l.burst = max(1, min(l.burst, spare/share))
		l.restart(t.at)
	} else {
		flow := float64(l.passed) / t.at.Sub(l.anchor).Seconds()
		if math.Abs(float64(l.answers)-flow*t.at.Sub(l.hit).Seconds()) > 1.5 || t.at.Sub(l.anchor) > memory {
			l.anchor, l.passed = l.hit, l.answers
		}
		l.correct(t, share)
	}
	switch full := float64(l.extra) >= l.burst-1; {
	case t.tried && full && known: // it had run over, so that more flowed in than went through
		l.rate, l.burst, l.gap = max(l.rate, 2*before), max(l.burst, float64(l.extra)), scoutGap
		l.restart(t.at)
	case t.tried && l.extra < 2:
		l.gap = min(2*max(l.gap, firstGap), maxGap)
	default:
		l.gap = firstGap
	}
}

// correct fits the rate to what went through since the anchor. The bucket was empty then and is now,
// but for a part of a token each time; if this was no try, it was nearly there.
func (l *limit) correct(t pass, share float64) {
	passed, seconds := float64(l.passed), t.at.Sub(l.anchor).Seconds()*share
	l.rate = min(l.rate, (passed+1)/seconds)
	if t.tried {
		l.rate = max(l.rate, passed/seconds)
	}
	if passed >= 3 {
		l.guessed, l.known = false, l.rate
	}
}

// hold waits until one token must be back: as long as the server says, else as one takes to flow in,
// and if that was not enough, until a minute has passed: a server that counts by the minute gives
// all back then.
func (l *limit) hold(now time.Time, retryAfter time.Duration, share float64) {
	token := seconds64(1.01 / (l.rate * share))
	until := l.refused.Add(token + slack)
	switch {
	case retryAfter > 0 && l.guessed:
		until = now.Add(retryAfter)
	case retryAfter > 0: // it was thought to be allowed: half a token more, so as not to live from hand to mouth
		until = now.Add(retryAfter + token/2)
	case l.misses == 1:
		until = l.series.Add(max(2*token, 10*time.Second) + slack)
	case l.misses == 2 && now.Before(l.opened.Add(refill)):
		until = l.opened.Add(refill + slack)
	case l.misses == 2:
		until = l.series.Add(refill + slack)
	case l.misses > 2:
		until = now.Add(refill)
	}
	if until.After(l.at) || !now.Before(l.at) {
		l.at = until
	}
	l.level = 1
	if retryAfter >= max(3*token, refill/4) { // it gives all back at once
		l.level = max(1, l.burst*share)
	}
}

func seconds64(s float64) time.Duration { return time.Duration(min(s, 1e6) * float64(time.Second)) }
