package adminapi

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// How long to wait before a request is sent again, doubling, with jitter.
const (
	firstBackoff = 500 * time.Millisecond
	maxBackoff   = 30 * time.Second
)

// repeat sends k until its outcome is settled or ctx ends. There is no number of attempts after
// which it gives up: throttling can take minutes, and the user sets the deadline.
//
// Sent again are: requests without an answer, truncated answers, 408, 429 and 5xx. A request with
// Once is sent again only where it was surely not carried out: 429, or no connection.
func (c *Client) repeat(ctx context.Context, k call) (Row, error) {
	delays := backoff.ExponentialBackOff{InitialInterval: firstBackoff, MaxInterval: maxBackoff,
		Multiplier: 2, RandomizationFactor: 0.5}
	var last error
	for {
		t, err := c.gate.enter(ctx, k.name())
		if err != nil {
			return nil, stopped(k, last, err)
		}
		if k.Begin != nil {
			if err := k.Begin(); err != nil {
				c.gate.pacer.lost(t)
				c.gate.leave()
				return nil, stopped(k, last, err)
			}
		}
		out := c.attempt(ctx, k)
		wait := c.settle(t, &out, &delays)
		c.gate.leave()
		err = verdict(ctx, k, out, wait)
		again := out.err != nil && err == nil
		c.report(k, out, wait, again)
		if !again {
			return out.row, err
		}
		last = out.err
		if !out.throttled { // else the gate holds it back
			if err := sleep(ctx, wait); err != nil {
				return nil, stopped(k, last, err)
			}
		}
	}
}

// settle tells the pacer, and returns how long to wait before the request is sent again, if it is.
func (c *Client) settle(t pass, out *outcome, delays *backoff.ExponentialBackOff) time.Duration {
	switch {
	case out.throttled:
		return c.gate.pacer.refused(t, out.after)
	case out.status == 0:
		c.gate.pacer.lost(t)
	default:
		c.gate.pacer.succeeded(t)
	}
	if out.after > 0 {
		return out.after
	}
	return min(delays.NextBackOff(), maxBackoff)
}

// verdict returns the error that k ends with, nil if it is done or is to be sent again after wait.
func verdict(ctx context.Context, k call, out outcome, wait time.Duration) error {
	switch {
	case out.err == nil:
		return nil
	case k.Once && out.lost:
		return &UnknownOutcomeError{Err: out.err}
	case !out.again:
		return out.err
	case ctx.Err() != nil:
		return stopped(k, out.err, ctx.Err())
	case late(ctx, wait):
		return &lateError{cause: out.err, wait: wait}
	}
	return nil
}

// stopped returns the error of a request that ended with its context, or for want of time, having
// failed with last before; nil if it was never sent.
func stopped(k call, last, err error) error {
	switch {
	case last == nil:
		return fmt.Errorf("%s: %w: %w", k.name(), ErrNotSent, err)
	case errors.Is(last, err):
		return last // a read that was broken off
	}
	return fmt.Errorf("%w; gave up: %w", last, err)
}

func (c *Client) report(k call, out outcome, wait time.Duration, again bool) {
	if !again {
		wait = 0
	}
	c.observe(Attempt{Method: k.Method, Route: k.Route, Status: out.status, Err: out.err, Took: out.took, Wait: wait,
		Further: k.further})
}

// retryAfter returns how long the server asks to wait, 0 if it does not say or makes no sense:
// Retry-After-Ms in milliseconds, or Retry-After in seconds or as a date.
func retryAfter(h http.Header) time.Duration {
	if d := seconds(h.Get("Retry-After-Ms"), time.Millisecond); d > 0 {
		return d
	}
	v := h.Get("Retry-After")
	if d := seconds(v, time.Second); d > 0 {
		return d
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(time.Until(t), 0)
	}
	return 0
}

func seconds(s string, unit time.Duration) time.Duration {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || f <= 0 {
		return 0
	}
	return time.Duration(min(f*float64(unit), float64(365*24*time.Hour)))
}
