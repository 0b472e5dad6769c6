package adminapi

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// A table, as long as the API has ways to say no.
func TestErrorShapes(t *testing.T) {
	const prefix = "POST /organization/projects: "
	html := "<html><body>Bad gateway</body></html>"
	for name, tc := range map[string]struct {
		a    answer
		want Error // Method, Route and Status are filled in
		text string
	}{
		"object": {
			answer{status: 403, body: `{"error":{"message":"Missing scopes","type":"invalid_request_error","param":"p","code":"c"}}`, header: hdr("x-request-id", "req_1")},
			Error{Message: "Missing scopes", Type: "invalid_request_error", Param: "p", Code: "c", RequestID: "req_1"},
			"403: Missing scopes (c) [request req_1]",
		},
		"null code": {
			answer{status: 400, body: `{"error":{"message":"No","type":"t","param":null,"code":null}}`},
			Error{Message: "No", Type: "t"}, "400: No",
		},
		"numeric code": {
			answer{status: 400, body: `{"error":{"message":"No","code":17}}`},
			Error{Message: "No", Code: "17"}, "400: No (17)",
		},
		"string": {
			answer{status: 400, body: `{"error":"no such thing"}`},
			Error{Message: "no such thing"}, "400: no such thing",
		},
		"flat": {
			answer{status: 404, body: `{"code":404,"message":"The project p was not found"}`},
			Error{Message: "The project p was not found", Code: "404"}, "404: The project p was not found (404)",
		},
		"HTML":         {answer{status: 422, body: html}, Error{}, "422 Unprocessable Entity (an HTML page)"},
		"empty":        {answer{status: 409}, Error{}, "409 Conflict (an empty body)"},
		"text":         {answer{status: 400, body: "no"}, Error{}, "400 Bad Request (a body that is not JSON)"},
		"other JSON":   {answer{status: 400, body: `[1]`}, Error{}, "400 Bad Request (JSON that is not an error)"},
		"other object": {answer{status: 400, body: `{"detail":{"a":1}}`}, Error{}, "400 Bad Request (a JSON object that is not an error)"},
		"error null":   {answer{status: 400, body: `{"error":null}`}, Error{}, "400 Bad Request (a JSON object that is not an error)"},
		"truncated":    {answer{status: 400, body: `{"error":{"mess`}, Error{}, "400 Bad Request (a body that is not JSON)"},
		"body cut off": {answer{status: 400, body: `{"er`, cut: errors.New("reset")}, Error{}, "400 Bad Request (a body that is not JSON)"},
		"no such text": {answer{status: 499}, Error{}, "499 (an empty body)"},
		"control characters": {
			answer{status: 400, body: "{\"error\":{\"message\":\"a\\u001b[31mb\\u001b]0;t\\u0007c\\r\\nd\\u202ee\\u0000\\t f\\u009bm\"}}"},
			Error{Message: "abc de fm"}, "400: abc de fm",
		},
		"long": {
			answer{status: 400, body: `{"error":"` + strings.Repeat("é", 600) + `"}`},
			Error{Message: strings.Repeat("é", 500) + "…"}, "400: " + strings.Repeat("é", 500) + "…",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: []answer{tc.a}}
			_, err := testClient(t, s).Do(context.Background(), create)
			var e *Error
			if !errors.As(err, &e) || s.count() != 1 {
				t.Fatalf("%d sent, got %v", s.count(), err)
			}
			tc.want.Method, tc.want.Route, tc.want.Status = create.Method, create.Route, tc.a.status
			if diff := cmp.Diff(tc.want, *e, cmpopts.IgnoreUnexported(Error{})); diff != "" {
				t.Error(diff)
			}
			if err.Error() != prefix+tc.text {
				t.Errorf("got  %s\nwant %s", err, prefix+tc.text)
			}
		})
	}
}

func TestErrorIs(t *testing.T) {
	targets := []error{ErrNotFound, ErrPermission, ErrThrottled}
	for _, tc := range []struct {
		status int
		body   string
		want   error
	}{
		{400, `{"error":{"message":"no"}}`, nil},
		{401, `{"error":{"message":"no"}}`, ErrPermission},
		{403, `<html>`, ErrPermission},
		{404, `{"error":{"message":"no"}}`, ErrNotFound},
		{404, ``, ErrNotFound},
		{404, `<html>nginx`, nil},
		{404, `{"error":{"message":"Invalid URL (GET /organization/projects)"}}`, nil},
		{404, `{"error":{"message":"x","code":"unknown_url"}}`, nil},
		{409, ``, nil},
		{429, ``, ErrThrottled},
	} {
		e := &Error{Status: tc.status}
		e.explain(Key{}, []byte(tc.body))
		for _, target := range targets {
			if got := errors.Is(e, target); got != (target == tc.want) {
				t.Errorf("%d %s is %v: %v", tc.status, tc.body, target, got)
			}
		}
	}
}

func TestErrorIsThroughUnknownOutcome(t *testing.T) {
	inner := &Error{Status: http.StatusBadGateway, Method: "POST", Route: "/r"}
	err := error(&UnknownOutcomeError{Err: inner})
	var e *Error
	if !errors.As(err, &e) || e != inner {
		t.Error("the cause is lost")
	}
	if want := "POST /r: 502 Bad Gateway; it may or may not have been carried out"; err.Error() != want {
		t.Errorf("got %s", err)
	}
}
