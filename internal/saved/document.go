// Package saved is plans and readings of an organization as files: one JSON format for what a plan
// prints, what it saves and what an apply reads back, the hash that an approval is about, and snapshots
// of what lives. It compares nothing, opens no file and knows no clock. Start at Document.
package saved

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
)

// Version is the version of the JSON format. It grows when a reader of the old one would be misled.
const Version = 1

// A Document is a plan and how it was made.
type Document struct {
	Plan     plan.Plan
	Tool     string         // version of bylaw
	Time     time.Time      // when it was made
	Sandbox  bool           // against the simulator in the process
	Requests map[string]int // sent, by "METHOD route"
}

// document is the JSON plan; schema/plan.schema.json describes it.
type document struct {
	Version    int            `json:"version"`
	Tool       string         `json:"tool"`
	Sandbox    bool           `json:"sandbox"`
	Summary    map[string]int `json:"summary"`
	Changes    []change       `json:"changes"`
	Notes      []note         `json:"notes"`
	Undeclared []kind.Address `json:"undeclared"`
	Problems   []problem      `json:"problems"`
	Refusals   []refusal      `json:"refusals"`
	Requests   requests       `json:"requests"`
}

type change struct {
	Action   string         `json:"action"`
	Address  kind.Address   `json:"address"`
	ID       string         `json:"id,omitempty"`
	Risk     plan.Risk      `json:"risk"`
	Position *kind.Position `json:"position,omitempty"`
	Reason   string         `json:"reason,omitempty"`
	Fields   []diff         `json:"fields"`
	Requests []request      `json:"requests"`
	With     kind.Address   `json:"with,omitempty"`
	After    []kind.Address `json:"after"`
}

type diff struct {
	Name string `json:"name"`
	Old  any    `json:"old"`
	New  any    `json:"new"`
	Unit string `json:"unit,omitempty"`
}

type request struct {
	Method string         `json:"method"`
	Path   string         `json:"path"`
	Body   map[string]any `json:"body,omitempty"`
}

type note struct {
	Address  kind.Address   `json:"address"`
	Position *kind.Position `json:"position,omitempty"`
	Why      plan.Why       `json:"why"`
	Message  string         `json:"message"`
}

type problem struct {
	Address  kind.Address   `json:"address"`
	Position *kind.Position `json:"position,omitempty"`
	Message  string         `json:"message"`
	Hint     string         `json:"hint,omitempty"`
}

type refusal struct {
	Rule    string   `json:"rule"`
	Message string   `json:"message"`
	Allow   []string `json:"allow"`
}

type requests struct {
	Total   int            `json:"total"`
	ByRoute map[string]int `json:"by_route"`
}

// Write writes the document as JSON. The same document gives the same bytes.
func (d Document) Write(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(newDocument(d)); err != nil {
		return fmt.Errorf("write the plan: %w", err)
	}
	return nil
}

func newDocument(m Document) document {
	p := m.Plan
	s := p.Summary()
	d := document{Version: Version, Tool: m.Tool, Sandbox: m.Sandbox, Undeclared: list(p.Undeclared),
		Summary: map[string]int{"create": s.Create, "update": s.Update, "replace": s.Replace, "delete": s.Delete,
			"unchanged": s.Unchanged, "undeclared": s.Undeclared, "pending": s.Pending, "problems": s.Problems},
		Changes:  each(p.Changes, newChange),
		Notes:    each(p.Notes, func(n plan.Note) note { return note{n.Addr, position(n.Pos), n.Why, n.Message} }),
		Problems: each(p.Problems, func(q plan.Problem) problem { return problem{q.Addr, position(q.Pos), q.Message, q.Hint} }),
		Refusals: each(p.Refusals, func(r plan.Refusal) refusal { return refusal{r.Rule, r.Message, list(r.Allow)} }),
		Requests: requests{ByRoute: map[string]int{}}}
	for route, n := range m.Requests {
		d.Requests.ByRoute[route] = n
		d.Requests.Total += n
	}
	return d
}

func newChange(c plan.Change) change {
	return change{Action: c.Verb(), Address: c.Addr, ID: c.ID, Risk: c.Risk, Position: position(c.Pos), Reason: c.Reason, With: c.With, After: list(c.After),
		Fields:   each(c.Fields, func(d plan.FieldDiff) diff { return diff{d.Name, d.Old, d.New, d.Unit} }),
		Requests: each(c.Requests, func(r plan.Request) request { return request{r.Method, r.Path, r.Body} })}
}

func position(p kind.Position) *kind.Position {
	if p.File == "" {
		return nil
	}
	return &p
}

// list makes an empty JSON list of none, never null.
func list[T any](in []T) []T { return append([]T{}, in...) }

func each[T, U any](in []T, f func(T) U) []U {
	out := make([]U, len(in))
	for i, e := range in {
		out[i] = f(e)
	}
	return out
}
