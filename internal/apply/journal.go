package apply

import (
	"context"
	"net/http"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
)

// A Phase is when a journal is told of a request.
type Phase string

// The phases.
const (
	Sending  Phase = "sending"  // it is about to be sent
	Answered Phase = "answered" // or its answer was lost
)

// An Entry is what a journal is told of a request.
type Entry struct {
	N       int // of the request in this run; both of its entries have it
	Phase   Phase
	Addr    kind.Address
	Fields  []plan.FieldDiff // what the change changes: the values before and after; of Sending only
	Request adminapi.Request
	Answer  adminapi.Answer // the last; of Answered only
	Outcome Outcome         // Done, Failed or Unknown; of Answered only
	Err     error
}

// do sends a request, and keeps the journal. The first entry is made when its turn has come and not when
// it begins to wait, so that it says what was sent.
func (r *run) do(ctx context.Context, c plan.Change, call adminapi.Request) (adminapi.Row, error) {
	e := Entry{Phase: Sending, Addr: c.Addr, Fields: c.Fields, Request: call}
	begun, lost := false, false
	call.Answer = &e.Answer
	call.Begin = func() error {
		if begun { // it is sent again
			lost = lost || !call.Once && e.Answer.Status != http.StatusTooManyRequests
			e.Answer = adminapi.Answer{}
			return nil
		}
		begun = true
		if r.opts.Journal == nil {
			return nil
		}
		e.N = r.number()
		return r.note(e)
	}
	row, err := r.opts.Client.Do(ctx, call)
	if err != nil && lost {
		err = &lostError{err}
	}
	if e.N == 0 {
		return row, err // never sent, or there is no journal
	}
	e.Phase, e.Fields, e.Outcome, e.Err = Answered, nil, Done, err
	if err != nil {
		e.Outcome = outcome(err, 1)
	}
	_ = r.note(e) // what it says is known all the same; the run stops
	return row, err
}

// A lostError is the last of several answers, of which an earlier one was lost. A refusal then says nothing:
// what was asked for may have been done by the first attempt, and be no longer possible.
type lostError struct{ last error }

func (e *lostError) Error() string { return "an earlier answer was lost; then " + e.last.Error() }

func (e *lostError) Unwrap() error { return e.last }

func (r *run) number() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent++
	return r.sent
}

// note tells the journal. When that fails, or did before, nothing more is to be sent.
func (r *run) note(e Entry) error {
	if err := r.failed(); err != nil {
		return err
	}
	err := r.opts.Journal(e)
	if err == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken == nil {
		r.broken = &journalError{err}
		r.stop(r.broken)
	}
	return r.broken
}

// A journalError ends a run as an interrupt does.
type journalError struct{ error }

func (e *journalError) Unwrap() error        { return e.error }
func (e *journalError) Is(target error) bool { return target == context.Canceled }

func (r *run) failed() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.broken
}
