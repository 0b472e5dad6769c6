package adminapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// What an [Error] can be; ask with [errors.Is].
var (
	ErrNotFound   = errors.New("not found")  // 404 for an object; not a 404 for the address as such
	ErrAddress    = errors.New("address")    // 404 for the address as such
	ErrPermission = errors.New("permission") // 401 and 403
	ErrThrottled  = errors.New("throttled")  // 429, or a route that is held because of one
)

// ErrNotSent says that a request was never sent: its context ended first, or would have.
var ErrNotSent = errors.New("not sent")

// An Error is an answer that is not what was asked for: an error status, or a success whose body is
// not what the API promises. Its texts come from the server, without control characters, at most
// about 500 characters each, and without the admin key.
type Error struct {
	Method, Route     string
	Status            int
	Type, Code, Param string // "" when the answer has none; a numeric code as a decimal
	Message           string // what the server said, or what is wrong with its answer
	RequestID         string // the x-request-id header
	note              string // what the body was, if it was not a JSON error: "an HTML page"
}

// Error returns one line such as "GET /organization/projects: 403: missing scopes (code) [request req_x]".
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %d", e.Method, e.Route, e.Status)
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	} else if text := http.StatusText(e.Status); text != "" {
		b.WriteString(" " + text)
	}
	for _, s := range []string{e.Code, e.note} {
		if s != "" {
			b.WriteString(" (" + s + ")")
		}
	}
	if e.RequestID != "" {
		b.WriteString(" [request " + e.RequestID + "]")
	}
	return b.String()
}

// Is reports whether e is the target, one of this package's Err values.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrNotFound:
		return e.Status == http.StatusNotFound && !e.wrongAddress()
	case ErrAddress:
		return e.Status == http.StatusNotFound && e.wrongAddress()
	case ErrPermission:
		return e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden
	case ErrThrottled:
		return e.Status == http.StatusTooManyRequests
	}
	return false
}

// wrongAddress reports whether a 404 speaks of the URL and not of an object in the organization: a
// web server's page, or the API's own answer to a base URL without /v1. Whoever reads such a 404 as
// "nothing there" goes on to create or to forget things.
func (e *Error) wrongAddress() bool {
	return e.note == noteHTML || e.Code == "unknown_url" ||
		strings.HasPrefix(e.Message, "Invalid URL") || strings.HasPrefix(e.Message, "Unknown request URL")
}

// An UnknownOutcomeError is a [Request] with Once whose answer was lost: it may or may not have been
// carried out.
type UnknownOutcomeError struct{ Err error }

func (e *UnknownOutcomeError) Error() string {
	return e.Err.Error() + "; it may or may not have been carried out"
}

func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// A transportError is a request without an answer. Its text is made safe; the cause can be asked for.
type transportError struct {
	text  string
	cause error
}

func (e *transportError) Error() string { return e.text }
func (e *transportError) Unwrap() error { return e.cause }

// A lateError says that the deadline would have passed before the next try.
type lateError struct {
	cause error
	wait  time.Duration
}

func (e *lateError) Error() string {
	return fmt.Sprintf("%v; the next try would be in %s, after the deadline", e.cause, e.wait.Round(time.Millisecond))
}

func (e *lateError) Unwrap() []error { return []error{e.cause, context.DeadlineExceeded} }
