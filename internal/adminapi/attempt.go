package adminapi

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const maxRedirects = 5

var errRedirect = errors.New("redirect refused")

// An outcome is what came of one attempt.
type outcome struct {
	row       Row
	err       error
	status    int           // 0 without a whole answer
	again     bool          // it may help to send it again
	lost      bool          // it may have been carried out all the same
	throttled bool          // 429: surely not carried out
	after     time.Duration // how long the server asks to wait, 0 = it does not say
	took      time.Duration
}

// attempt sends k once. A write in flight is not broken off by ctx, so that an interrupt does not
// leave it open what it did; both have the client's timeout.
func (c *Client) attempt(ctx context.Context, k call) outcome {
	if !k.reads() {
		ctx = context.WithoutCancel(ctx)
	}
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	start := time.Now()
	out := c.send(limited, k)
	out.took = time.Since(start)
	if out.err != nil && out.status == 0 && limited.Err() != nil && ctx.Err() == nil {
		// Not a context error: the caller's context has not ended.
		out.err = fmt.Errorf("%s: no answer within %s", k.name(), c.timeout)
	}
	return out
}

func (c *Client) send(ctx context.Context, k call) outcome {
	req, err := c.request(ctx, k)
	if err != nil {
		return outcome{err: c.unsent(k, err)}
	}
	c.count(k.name())
	resp, err := c.http.Do(req)
	if resp != nil {
		defer func() { _ = resp.Body.Close() }()
		c.note(resp.Header)
		if k.Answer != nil {
			*k.Answer = Answer{resp.StatusCode, c.clean(resp.Header.Get("x-request-id"))}
		}
	}
	switch {
	case err != nil && resp != nil:
		return c.redirected(k, resp)
	case err != nil:
		return c.unanswered(k, err)
	case resp.StatusCode/100 == 2:
		return c.accepted(k, resp)
	}
	return c.refused(k, resp)
}

// accepted reads a 2xx answer. Creates answered 201 until December 2025 and 200 since.
func (c *Client) accepted(k call, resp *http.Response) outcome {
	body, err := readAll(resp.Body, maxAnswer)
	if err != nil && !errors.Is(err, errTooLarge) {
		return outcome{err: c.unsent(k, fmt.Errorf("reading the answer: %w", err)), again: true, lost: true}
	}
	var row Row
	if err == nil {
		row, err = decodeObject(body)
	}
	if err == nil && k.accepts != nil {
		err = k.accepts(row)
	}
	if err != nil {
		e := c.failure(k, resp)
		e.Message = c.clean(err.Error())
		return outcome{err: e, status: resp.StatusCode, lost: true, again: errors.Is(err, io.ErrUnexpectedEOF)}
	}
	return outcome{row: row, status: resp.StatusCode}
}

// refused reads any other answer. x-should-retry can forbid a repetition; it cannot ask for one.
func (c *Client) refused(k call, resp *http.Response) outcome {
	body, _ := readAll(resp.Body, maxRefuse) // the status stands, whatever the body
	e := c.failure(k, resp)
	e.explain(c.key, body)
	s := resp.StatusCode
	out := outcome{err: e, status: s, throttled: s == http.StatusTooManyRequests, after: retryAfter(resp.Header)}
	out.lost = s/100 == 3 || s == http.StatusRequestTimeout || s >= 500
	out.again = out.throttled || out.lost && s/100 != 3
	if strings.EqualFold(resp.Header.Get("x-should-retry"), "false") {
		out.again = false
	}
	return out
}

// redirected refuses a redirect. Whether the request was carried out as well is not known.
func (c *Client) redirected(k call, resp *http.Response) outcome {
	e := c.failure(k, resp)
	e.Message = "a redirect that is not followed"
	if u, err := resp.Location(); err == nil {
		e.Message += ", to " + c.clean(origin(u))
	}
	return outcome{err: e, status: resp.StatusCode, lost: true}
}

// unanswered sorts out a request without an answer.
func (c *Client) unanswered(k call, err error) outcome {
	out := outcome{err: c.unsent(k, err), again: true, lost: true}
	var op *net.OpError
	var cert *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	switch {
	case errors.As(err, &cert), errors.As(err, &plain):
		out.again, out.lost = false, false // waiting will not mend it
	case errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect"):
		out.lost = false // no connection, so nothing was written
	}
	return out
}

// unsent wraps an error that is not the server's.
func (c *Client) unsent(k call, err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // it repeats method and URL
	}
	return &transportError{text: k.name() + ": " + c.clean(err.Error()), cause: err}
}

func (c *Client) failure(k call, resp *http.Response) *Error {
	return &Error{Method: k.Method, Route: k.Route, Status: resp.StatusCode,
		RequestID: c.clean(resp.Header.Get("x-request-id"))}
}

// checkRedirect follows reads within their origin only: the key goes nowhere else, and a write that
// was redirected is not sent twice.
func checkRedirect(next *http.Request, via []*http.Request) error {
	first := via[0]
	if first.Method != http.MethodGet || origin(next.URL) != origin(first.URL) || len(via) > maxRedirects {
		return errRedirect
	}
	return nil
}
