// Package apply carries a plan out: parents before children, what is independent at once, and tells of
// each change what became of it. It decides nothing that plan could have decided; what it adds is the
// care with answers that were lost. Start at Run.
package apply

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
)

// An Outcome is what became of a change.
type Outcome string

// The outcomes.
const (
	Done     Outcome = "done"
	Failed   Outcome = "failed"    // refused; nothing or only a part of it was carried out
	NotTried Outcome = "not tried" // nothing was sent: it waited for one that failed, or time ran out
	Unknown  Outcome = "unknown"   // the answer was lost and could not be settled
)

// A Result is the outcome of one change.
type Result struct {
	Change  plan.Change
	Outcome Outcome
	Err     error  // why it is not done
	Note    string // what else is worth knowing: a lost answer that was settled
}

// A Report has one result a change, in the order of the plan.
type Report struct {
	Results []Result
	Journal error // why the journal stopped the run; nil if it did not
}

// Count counts the results with an outcome.
func (r Report) Count(o Outcome) int {
	n := 0
	for _, res := range r.Results {
		if res.Outcome == o {
			n++
		}
	}
	return n
}

// Options say how a plan is carried out.
type Options struct {
	Client *adminapi.Client
	Settle time.Duration // how long an object whose create lost its answer is looked for before the create is sent again; 0 = a minute
	Notify func(Result)  // called once a change, one at a time; may be nil

	// Journal is told of each request before it is sent and after it was answered, from many goroutines.
	// When it fails, nothing more is sent. May be nil.
	Journal func(Entry) error
}

// ErrRefused says that a guardrail forbids the plan.
var ErrRefused = errors.New("a guardrail refuses this plan")

// Run carries the plan out. When ctx ends, requests in flight finish and nothing more is sent. The
// error is ErrRefused, and then nothing was sent; all else is in the report.
func Run(ctx context.Context, p plan.Plan, o Options) (Report, error) {
	if len(p.Refusals) > 0 {
		return Report{}, ErrRefused
	}
	if in := circle(p.Changes); len(in) > 0 {
		return Report{}, fmt.Errorf("the plan cannot be carried out, for these wait for each other: %v; please report this", in)
	}
	if o.Settle == 0 {
		o.Settle = time.Minute
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r := &run{opts: o, stop: stop, ids: map[kind.Address]string{}, lists: map[string]*listing{},
		steps: map[kind.Address]*step{}}
	report := Report{Results: make([]Result, len(p.Changes))}
	for i := range p.Changes {
		r.steps[p.Changes[i].Addr] = &step{done: make(chan struct{}), result: &report.Results[i]}
	}
	var all sync.WaitGroup
	for _, c := range p.Changes {
		all.Go(func() { r.change(ctx, c) })
	}
	all.Wait()
	report.Journal = r.broken
	return report, nil
}

// circle lists the changes that would wait for each other for ever. A plan has none; waiting would not
// end if it had.
func circle(changes []plan.Change) []kind.Address {
	left := map[kind.Address][]kind.Address{}
	for _, c := range changes {
		left[c.Addr] = append(c.After[:len(c.After):len(c.After)], c.With)
	}
	for before := -1; before != len(left); {
		before = len(left)
		maps.DeleteFunc(left, func(_ kind.Address, after []kind.Address) bool {
			return !slices.ContainsFunc(after, func(a kind.Address) bool { return left[a] != nil })
		})
	}
	return slices.SortedFunc(maps.Keys(left), kind.Address.Compare)
}

// A step is a change on its way.
type step struct {
	done   chan struct{}
	result *Result // set before done is closed
}

type run struct {
	opts  Options
	stop  context.CancelCauseFunc
	steps map[kind.Address]*step

	mu    sync.Mutex
	ids   map[kind.Address]string // of objects made by this run
	lists map[string]*listing

	sent   int   // requests that the journal was told of
	broken error // why the journal failed
}

// change waits for what comes first, carries one change out and says what became of it.
func (r *run) change(ctx context.Context, c plan.Change) {
	s := r.steps[c.Addr]
	res := Result{Change: c, Outcome: Done}
	if c.With != "" {
		res = r.ridden(c)
	} else if err := r.wait(ctx, c); err != nil {
		res.Outcome, res.Err = NotTried, err
	} else {
		res.Outcome, res.Note, res.Err = r.send(ctx, c)
	}
	*s.result = res
	if r.opts.Notify != nil {
		r.mu.Lock()
		r.opts.Notify(res)
		r.mu.Unlock()
	}
	close(s.done)
}

// ridden is the outcome of a change that another one's request carries out.
func (r *run) ridden(c plan.Change) Result {
	carrier, ok := r.steps[c.With]
	if !ok {
		return Result{Change: c, Outcome: NotTried, Err: fmt.Errorf("%s is not in the plan", c.With)}
	}
	<-carrier.done
	res := Result{Change: c, Outcome: carrier.result.Outcome}
	if res.Outcome != Done {
		res.Err = fmt.Errorf("goes with %s", c.With)
	}
	return res
}

// wait waits for the changes that come first. It fails when one of them did.
func (r *run) wait(ctx context.Context, c plan.Change) error {
	for _, a := range c.After {
		s, ok := r.steps[a]
		if !ok {
			continue
		}
		<-s.done
		if s.result.Outcome != Done {
			return fmt.Errorf("comes after %s, which is not done", a)
		}
	}
	return context.Cause(ctx)
}

// send sends a change's requests in order.
func (r *run) send(ctx context.Context, c plan.Change) (Outcome, string, error) {
	note := ""
	for i, req := range c.Requests {
		if err := context.Cause(ctx); err != nil {
			return stopped(i), note, err
		}
		call, err := r.resolve(ctx, c, req)
		if err != nil && ctx.Err() != nil {
			return stopped(i), note, ended(ctx, err)
		}
		if err != nil {
			return Failed, note, err
		}
		if req.Once {
			var said string
			if said, err = r.create(ctx, c, req, call); said != "" {
				note = said
			}
		} else {
			_, err = r.do(ctx, c, call)
		}
		if err != nil && !gone(req, err) {
			return outcome(err, i), note, ended(ctx, err)
		}
	}
	return Done, note, nil
}

// ended is what ended ctx, where err only says that something did: a signal has a name.
func ended(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(err, adminapi.ErrNotSent) && errors.Is(err, context.Canceled) && cause != nil {
		return cause
	}
	return err
}

// stopped is the outcome of a change that was broken off before request i.
func stopped(i int) Outcome {
	if i == 0 {
		return NotTried
	}
	return Failed
}

// outcome is what an error of request i says of a change. An answer that was read and makes no sense,
// and one that never came, leave it open whether an update or a delete was carried out.
func outcome(err error, i int) Outcome {
	var unknown *adminapi.UnknownOutcomeError
	var lost *lostError
	var refused *adminapi.Error
	switch {
	case errors.As(err, &unknown), errors.As(err, &lost):
		return Unknown
	case errors.Is(err, adminapi.ErrNotSent), errors.Is(err, adminapi.ErrThrottled):
		return stopped(i)
	case errors.As(err, &refused) && refused.Status/100 == 4 && refused.Status != http.StatusRequestTimeout:
		return Failed
	}
	return Unknown
}

// gone says that a removal found its work done: the object is not there, or is archived.
func gone(req plan.Request, err error) bool {
	var e *adminapi.Error
	if !errors.As(err, &e) {
		return false
	}
	return req.Method == http.MethodDelete && errors.Is(err, adminapi.ErrNotFound) ||
		!req.Once && req.Body == nil && e.Code == "project_archived"
}

// resolve fills in the ids that were not known when the plan was made.
func (r *run) resolve(ctx context.Context, c plan.Change, req plan.Request) (adminapi.Request, error) {
	path, err := r.path(ctx, c, req.Path)
	if err != nil {
		return adminapi.Request{}, err
	}
	call := adminapi.Request{Method: req.Method, Route: req.Route, Path: path, Once: req.Once}
	if req.Body != nil {
		body, err := r.body(req.Body)
		if err != nil {
			return adminapi.Request{}, err
		}
		call.Body = body.(map[string]any)
	}
	return call, nil
}

func (r *run) path(ctx context.Context, c plan.Change, template string) (string, error) {
	var failed error
	path := kind.Expand(template, func(name string) string {
		id, err := r.id(ctx, c, kind.Address(name))
		if err != nil {
			failed = err
		}
		return url.PathEscape(id)
	})
	return path, failed
}

// id is the API id of an object that this run made, or that came with one that it made.
func (r *run) id(ctx context.Context, c plan.Change, a kind.Address) (string, error) {
	r.mu.Lock()
	id, ok := r.ids[a]
	r.mu.Unlock()
	switch {
	case ok:
		return id, nil
	case a == c.Addr && c.Find != nil:
		return r.given(ctx, c)
	}
	return "", fmt.Errorf("the id of %s is not known", a)
}

func (r *run) setID(a kind.Address, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids[a] = id
}

func (r *run) body(v any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		if a, ok := v["$id_of"].(string); ok {
			return r.id(context.Background(), plan.Change{}, kind.Address(a))
		}
		out := make(map[string]any, len(v))
		for name, e := range v {
			w, err := r.body(e)
			if err != nil {
				return nil, err
			}
			out[name] = w
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			w, err := r.body(e)
			if err != nil {
				return nil, err
			}
			out[i] = w
		}
		return out, nil
	}
	return v, nil
}
