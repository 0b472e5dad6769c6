package sim

import (
	"encoding/json"
	"slices"
)

// Received is a request that reached the API, in the order of arrival.
type Received struct {
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Route  string          `json:"route,omitempty"` // template with the method; "" when nothing is served there
	Query  string          `json:"query,omitempty"`
	Body   json.RawMessage `json:"body,omitempty"`
	Status int             `json:"status"` // what it was answered, or would have been but for a fault; 0 when it did no work

	number int
}

// note writes a request down; mu is held.
func (s *Server) note(in *incoming) {
	rec := Received{Method: in.Method, Path: in.URL.EscapedPath(), Route: in.name(), Query: in.URL.RawQuery, number: in.number}
	if json.Valid(in.body) {
		rec.Body = slices.Clone(in.body)
	}
	s.log = append(s.log, rec)
}

// settle adds how a request ended, unless the log was reset meanwhile.
func (s *Server) settle(in *incoming, rep reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.log) - 1; i >= 0; i-- {
		if s.log[i].number == in.number {
			s.log[i].Status = rep.status
			return
		}
	}
}

// Requests are the requests to /v1 so far.
func (s *Server) Requests() []Received {
	s.once.Do(s.start)
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// ResetRequests forgets them.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = nil
}
