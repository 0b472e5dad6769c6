package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// A Fault makes one or more requests of a route go wrong.
type Fault struct {
	Route string   `json:"route"`           // "POST /v1/organization/projects", a template of the route table, or "*"
	Nth   int      `json:"nth,omitempty"`   // the first request that fails, counted from 1; 0 is 1
	Count int      `json:"count,omitempty"` // how many fail from there; 0 is 1, -1 is all
	Fault string   `json:"fault"`           // one of FaultNames
	Delay Duration `json:"delay,omitempty"` // waits before it goes wrong; for "slow" 0 is 35 s
}

// Duration is a time.Duration that JSON spells as "1m30s".
type Duration time.Duration

// MarshalText spells the duration.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what time.ParseDuration reads.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	*d = Duration(v)
	return err
}

// slowness is longer than the 30 s that single reads of the live API have been seen to take.
const slowness = 35 * time.Second

// A mishap is what a fault does with a request; work is the request's own course.
type mishap struct {
	name string
	act  func(work func() reply) reply
}

// mishaps are all faults. Those that call work leave the organization changed.
func mishaps() []mishap {
	return []mishap{
		{"drop_before", func(func() reply) reply { return reply{drop: true} }},
		{"drop_after", func(work func() reply) reply { return reply{status: work().status, drop: true} }},
		{"error_500", func(func() reply) reply {
			return encode(nil, &apiError{status: http.StatusInternalServerError, kind: "server_error",
				message: "The server had an error while processing your request. Sorry about that!"})
		}},
		{"html_502", func(func() reply) reply {
			return reply{status: http.StatusBadGateway, html: true, body: []byte("<html><body><h1>502 Bad Gateway</h1></body></html>\n")}
		}},
		{"too_many_requests", func(func() reply) reply { return tooMany(false, 0) }},
		{"too_many_requests_retry_after", func(func() reply) reply { return tooMany(true, time.Second) }},
		{"string_error", func(func() reply) reply {
			return reply{status: http.StatusInternalServerError, body: []byte(`{"error":"Internal server error"}` + "\n")}
		}},
		{"truncated", func(work func() reply) reply { r := work(); r.cut = true; return r }},
		{"slow", func(work func() reply) reply { return work() }},
		{"empty", func(work func() reply) reply { r := work(); r.body = nil; return r }},
	}
}

// FaultNames are the values of Fault.Fault.
func FaultNames() []string {
	var names []string
	for _, m := range mishaps() {
		names = append(names, m.name)
	}
	return names
}

// ReadFaults reads a JSON list of faults, strictly: an unknown field, fault or route is an error that
// names the valid ones.
func ReadFaults(r io.Reader) ([]Fault, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	var all []Fault
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("read faults: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read faults: text after the end of the list")
	}
	for i, f := range all {
		if err := f.check(); err != nil {
			return nil, fmt.Errorf("read faults: [%d]: %w", i, err)
		}
	}
	return all, nil
}

func (f Fault) check() error {
	if f.mishap() == nil {
		return fmt.Errorf("unknown fault %q, one of %s", f.Fault, strings.Join(FaultNames(), ", "))
	}
	if f.Nth < 0 || f.Count < -1 || f.Delay < 0 {
		return errors.New("nth, count and delay cannot be negative, except count -1 for all")
	}
	if f.Route == "*" {
		return nil
	}
	for _, r := range routes() {
		if r.name() == f.Route {
			return nil
		}
	}
	return fmt.Errorf(`unknown route %q, use "*" or a template such as "POST /v1/organization/projects"`, f.Route)
}

func (f Fault) mishap() *mishap {
	for _, m := range mishaps() {
		if m.name == f.Fault {
			return &m
		}
	}
	return nil
}

func (f Fault) wait() time.Duration {
	if f.Fault == "slow" && f.Delay == 0 {
		return slowness
	}
	return time.Duration(f.Delay)
}

// act lets the request take its course or not. The zero Fault does nothing.
func (f Fault) act(work func() reply) reply {
	if m := f.mishap(); m != nil {
		return m.act(work)
	}
	return work()
}

// An armed fault counts the requests that it could hit.
type armed struct {
	Fault
	seen int
}

func arm(faults []Fault) []armed {
	all := make([]armed, 0, len(faults))
	for _, f := range faults {
		all = append(all, armed{Fault: f})
	}
	return all
}

// trip counts a request of the route and returns the first fault that is due.
func (s *Server) trip(name string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due Fault
	for i := range s.faults {
		f := &s.faults[i]
		if f.Route != "*" && f.Route != name {
			continue
		}
		f.seen++
		if due.Fault == "" && f.due() {
			due = f.Fault
		}
	}
	return due
}

func (f *armed) due() bool {
	first, count := max(f.Nth, 1), f.Count
	if count == 0 {
		count = 1
	}
	return f.seen >= first && (count < 0 || f.seen < first+count)
}
