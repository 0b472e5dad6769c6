package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
)

// clockSkew is how far the API's clock may be behind ours before a new object looks like an old one.
const clockSkew = 5 * time.Minute

// create sends a create. An answer that was lost is settled by reading the collection: an object that
// is there now is adopted; only when it stays absent is the create sent again. It says so in a note.
func (r *run) create(ctx context.Context, c plan.Change, req plan.Request, call adminapi.Request) (string, error) {
	note := ""
	for {
		sent := time.Now()
		row, err := r.do(ctx, c, call)
		id, ok := row[req.Makes].(string)
		if err == nil && (req.Makes == "" || ok && id != "") {
			if id != "" {
				r.setID(c.Addr, id)
			}
			return note, nil
		} else if err == nil {
			err = &adminapi.UnknownOutcomeError{Err: fmt.Errorf("the answer has no %s", req.Makes)}
		}
		var unknown *adminapi.UnknownOutcomeError
		switch {
		case note != "" && (errors.Is(err, adminapi.ErrNotSent) || errors.Is(err, adminapi.ErrThrottled)):
			return "its answer was lost and it was not made", &adminapi.UnknownOutcomeError{Err: err}
		case !errors.As(err, &unknown):
			return note, err
		}
		id, settled := r.settle(ctx, c, call.Body, sent)
		switch {
		case settled != nil:
			return note, &adminapi.UnknownOutcomeError{Err: fmt.Errorf("%w; %w", unknown.Err, settled)}
		case id != "":
			r.setID(c.Addr, id)
			return "its answer was lost; found as " + id, nil
		}
		note = "its answer was lost and it was not made, so it was sent again"
	}
}

// settle looks for an object whose create lost its answer, for as long as reads may lag from now on: the
// answer may have been waited for long. Nothing found is "" and no error.
func (r *run) settle(ctx context.Context, c plan.Change, body map[string]any, sent time.Time) (string, error) {
	wait := r.patience()
	for until := time.Now().Add(r.opts.Settle); ; {
		rows, err := r.list(ctx, c)
		late := !time.Now().Before(until)
		if err != nil && (late || !errors.Is(err, adminapi.ErrNotFound)) { // what it stands under may be as new
			return "", fmt.Errorf("look for it: %w", err)
		}
		if id, err := match(c.Find, body, rows, sent); id != "" || err != nil || late {
			return id, err
		}
		if err := adminapi.Pause(ctx, wait.NextBackOff()); err != nil {
			return "", err
		}
	}
}

// patience is how long to wait between one look and the next.
func (r *run) patience() *backoff.ExponentialBackOff {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = r.opts.Settle/60, r.opts.Settle/3
	wait.RandomizationFactor = 0
	return wait
}

func (r *run) list(ctx context.Context, c plan.Change) ([]adminapi.Row, error) {
	path, err := r.path(ctx, plan.Change{}, c.Find.Path)
	if err != nil {
		return nil, err
	}
	rows, err := r.opts.Client.List(ctx, c.Find.Route, path)
	for _, rule := range c.Find.Skip {
		filled := kind.Expand(rule, func(name string) string {
			id, e := r.id(ctx, plan.Change{}, kind.Address(name))
			err = errors.Join(err, e)
			return id
		})
		rows = slices.DeleteFunc(rows, func(row adminapi.Row) bool { return kind.Holds(filled, row) })
	}
	return rows, err
}

// match finds the one new row that is the object. Two are for a person to decide, and so is one that
// is older than the request: somebody else made it.
func match(f *plan.Find, body map[string]any, rows []adminapi.Row, sent time.Time) (string, error) {
	k := kind.Find(f.Kind)
	_, byRef := k.KeyRef() // the date is that of the other object, and whoever made it: it is there
	var found []string
	for _, row := range rows {
		id, _ := row[k.IDField()].(string)
		if !isIt(f, row) || slices.Contains(f.Except, id) || byRef && differs(k, body, row) {
			continue
		}
		if at, ok := row["created_at"].(int64); ok && !byRef && time.Unix(at, 0).Before(sent.Add(-clockSkew)) {
			return "", fmt.Errorf("%s has this name and is older than the request", id)
		}
		found = append(found, id)
	}
	switch len(found) {
	case 0:
		return "", nil
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("%d objects have this name now: %s", len(found), strings.Join(found, ", "))
}

// differs says that a row is not what was asked for: reads that lag show what someone had as an owner of the
// organization, and not what she gets.
func differs(k *kind.Kind, body map[string]any, row adminapi.Row) bool {
	return slices.ContainsFunc(k.Fields(), func(f kind.Field) bool {
		want, got := body[k.WriteField(f.Name)], kind.At(row, k.ReadField(f.Name))
		return want != nil && got != nil && !f.Equal(want, got)
	})
}

func isIt(f *plan.Find, row adminapi.Row) bool {
	return kind.Find(f.Kind).RowKey(row) == f.Key
}

// A listing is the rows of a collection, read by whoever asks first.
type listing struct {
	done chan struct{}
	rows []adminapi.Row
	err  error
}

// rows reads the collection that a change looks into, once for all who saw the same before.
func (r *run) rows(ctx context.Context, c plan.Change, seen *listing) *listing {
	r.mu.Lock()
	l := r.lists[c.Find.Path]
	first := l == seen
	if first {
		l = &listing{done: make(chan struct{})}
		r.lists[c.Find.Path] = l
	}
	r.mu.Unlock()
	if first {
		l.rows, l.err = r.list(ctx, c)
		close(l.done)
	}
	<-l.done
	return l
}

// given finds a row that the API made along with its parent, such as a rate limit of a new project. Reads
// may lag, so it looks for a while where the parent does not show yet, or where a change beside the row came
// first, which may have brought it.
func (r *run) given(ctx context.Context, c plan.Change) (string, error) {
	wait := r.patience()
	beside := slices.ContainsFunc(c.After, func(a kind.Address) bool { return a != c.Addr.Parent() })
	var l *listing
	for until := time.Now().Add(r.opts.Settle); ; {
		l = r.rows(ctx, c, l)
		id, err := givenIn(c.Find, l)
		lags := l.err == nil && beside || errors.Is(l.err, adminapi.ErrNotFound)
		if err == nil || !lags || !time.Now().Before(until) {
			return id, err
		}
		if err := adminapi.Pause(ctx, wait.NextBackOff()); err != nil {
			return "", err
		}
	}
}

func givenIn(f *plan.Find, l *listing) (string, error) {
	if l.err != nil {
		return "", l.err
	}
	k := kind.Find(f.Kind)
	var names []string
	for _, row := range l.rows {
		if id, _ := row[k.IDField()].(string); isIt(f, row) && id != "" {
			return id, nil
		}
		names = append(names, k.RowKey(row))
	}
	hint := ""
	if s := kind.Suggest(f.Key, names); s != "" {
		hint = "; did you mean " + s + "?"
	}
	return "", fmt.Errorf("no such %s%s", k.Key, hint)
}
