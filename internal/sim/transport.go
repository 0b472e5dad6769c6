package sim

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// Transport answers requests in the process: no socket and no goroutine, so it works in a synctest
// bubble. What a real connection would lose, the caller loses too: a dropped answer is an error that
// wraps io.ErrUnexpectedEOF, a truncated one is a body that ends in it.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ s *Server }

// RoundTrip serves the request where it is called.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	rec := &recorder{header: http.Header{}}
	aborted := rec.serve(t.s, asServed(r))
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if aborted && rec.status == 0 {
		return nil, fmt.Errorf("connection reset: %w", io.ErrUnexpectedEOF)
	}
	return rec.response(r, aborted), nil
}

// asServed turns the client's request into what a server would see.
func asServed(r *http.Request) *http.Request {
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	if in.Host == "" {
		in.Host = in.URL.Host
	}
	in.RequestURI = in.URL.RequestURI()
	in.RemoteAddr = "127.0.0.1:0"
	return in
}

// A recorder keeps the answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (rec *recorder) Header() http.Header { return rec.header }

func (rec *recorder) WriteHeader(status int) {
	if rec.status == 0 {
		rec.status = status
	}
}

func (rec *recorder) Write(b []byte) (int, error) {
	rec.WriteHeader(http.StatusOK)
	return rec.body.Write(b)
}

// serve reports whether the handler ended the connection. Any other panic is a bug and goes on.
func (rec *recorder) serve(h http.Handler, r *http.Request) (aborted bool) {
	defer func() {
		if p := recover(); p != nil {
			if p != http.ErrAbortHandler {
				panic(p)
			}
			aborted = true
		}
	}()
	h.ServeHTTP(rec, r)
	return false
}

func (rec *recorder) response(r *http.Request, cut bool) *http.Response {
	body := io.Reader(&rec.body)
	length := int64(rec.body.Len())
	if cut {
		body, length = io.MultiReader(body, failing{}), -1
	}
	status := max(rec.status, http.StatusOK)
	return &http.Response{
		Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: rec.header, Body: io.NopCloser(body), ContentLength: length, Request: r,
	}
}

// failing is where a connection broke.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
