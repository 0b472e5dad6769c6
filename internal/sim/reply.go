package sim

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
)

// A reply is an answer that has not been sent.
type reply struct {
	status int
	extra  map[string]string
	body   []byte
	html   bool
	drop   bool // the connection ends instead
	cut    bool // the connection ends in the middle of the body
}

func encode(v any, err error) reply {
	status := http.StatusOK
	var refused *apiError
	switch {
	case errors.As(err, &refused):
		status, v = refused.status, refused
	case err != nil:
		status, v = http.StatusInternalServerError, &apiError{message: err.Error(), kind: "server_error"}
	}
	b, err := marshal(v)
	if err != nil {
		return reply{status: http.StatusInternalServerError, body: []byte(`{"error":{"message":"the answer cannot be encoded","type":"server_error","param":null,"code":null}}`)}
	}
	return reply{status: status, body: append(b, '\n')}
}

func (r *reply) header(name, value string) {
	if r.extra == nil {
		r.extra = map[string]string{}
	}
	r.extra[name] = value
}

// send writes the reply. Dropped and cut ones end the connection, which is what net/http makes of
// ErrAbortHandler.
func (r reply) send(w http.ResponseWriter) {
	if r.drop {
		panic(http.ErrAbortHandler)
	}
	for name, value := range r.extra {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Type", "application/json")
	if r.html {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(r.body)))
	w.WriteHeader(r.status)
	if !r.cut {
		_, _ = io.Copy(w, bytes.NewReader(r.body)) // a client that has gone is not our trouble
		return
	}
	_, _ = w.Write(r.body[:len(r.body)/2])
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	panic(http.ErrAbortHandler)
}
