// Package observed reads the live organization: the places that a plan asks for, each once, into
// objects of the same kind as the declared ones. It compares nothing and writes nothing. Reads are
// strict, since what is not seen may be removed or made again. Start at Reader.
package observed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/kind"
)

// A Reader reads places of one organization and remembers what it read.
type Reader struct {
	client *adminapi.Client
	key    adminapi.Key
	mu     sync.Mutex
	live   kind.Live
	lists  map[string]*listing // by path: one answer may serve several kinds
	past   memory
	asked  int // places that the API was asked for
}

// A listing is the rows of a path, read by whoever asks first. The others wait at a channel, which fake
// time sees.
type listing struct {
	done chan struct{}
	rows []adminapi.Row
	err  error
}

// New makes a reader. The key is compared with the redacted values that the API lists, to find its
// owner. Without a client nothing is read but what Recall gives.
func New(client *adminapi.Client, key adminapi.Key) *Reader {
	return &Reader{client: client, key: key, live: kind.Live{Read: map[kind.Source]bool{}}, lists: map[string]*listing{}}
}

// Live is what was read so far.
func (r *Reader) Live() kind.Live {
	r.mu.Lock()
	defer r.mu.Unlock()
	live := r.live
	live.Organization = r.organization()
	return live
}

// ReadLive is how many places the API was asked for.
func (r *Reader) ReadLive() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

// Read reads the places that were not read yet, at once; the client bounds how many are in flight. Details
// wait for the lists that they add to. The first error ends it.
func (r *Reader) Read(ctx context.Context, places []kind.Place) error {
	var lists, details []kind.Place
	for _, p := range r.unread(places) {
		if p.ID == "" {
			lists = append(lists, p)
		} else {
			details = append(details, p)
		}
	}
	err := r.readAll(ctx, lists)
	if err == nil {
		err = r.readAll(ctx, details)
	}
	slices.SortFunc(r.live.Objects, func(a, b kind.Object) int {
		return cmp.Or(a.Addr.Compare(b.Addr), cmp.Compare(a.ID, b.ID))
	})
	if err != nil {
		return err
	}
	return r.oneOrganization()
}

func (r *Reader) readAll(ctx context.Context, places []kind.Place) error {
	places = r.recall(places)
	if r.client == nil && len(places) > 0 {
		return notRecalled(places)
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, p := range places {
		group.Go(func() error {
			objects, err := r.place(ctx, p)
			if err != nil {
				return fmt.Errorf("read %s: %w", p.In, err)
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			r.keep(p, objects)
			r.live.Read[p.Source()] = true
			r.asked++
			return nil
		})
	}
	return group.Wait()
}

// keep adds objects to what was read, or the fields of a detail to the object that they belong to.
func (r *Reader) keep(p kind.Place, objects []kind.Object) {
	if p.ID == "" {
		r.live.Objects = append(r.live.Objects, objects...)
		return
	}
	for i := range r.live.Objects {
		if o := &r.live.Objects[i]; o.Kind == p.Kind && o.ID == p.ID {
			o.Fields = objects[0].Fields
		}
	}
}

// unread are the places that were not read yet, each once. It looks before the first answer comes.
func (r *Reader) unread(places []kind.Place) []kind.Place {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []kind.Place
	seen := map[kind.Source]bool{}
	for _, p := range places {
		if s := p.Source(); !r.live.Read[s] && !seen[s] {
			seen[s] = true
			out = append(out, p)
		}
	}
	return out
}

func (r *Reader) place(ctx context.Context, p kind.Place) ([]kind.Object, error) {
	if p.Kind.Setting() {
		return r.setting(ctx, p)
	}
	if p.ID != "" {
		row, err := r.client.Do(ctx, adminapi.Request{Method: "GET", Route: p.Route, Path: p.Path})
		if err != nil {
			return nil, err
		}
		return r.objects(p, []adminapi.Row{row})
	}
	read := r.client.List // what nobody else wants is not kept
	if p.Kind.Shared() {
		read = r.list
	}
	rows, err := read(ctx, p.Route, p.Path)
	if err != nil {
		return nil, err
	}
	return r.objects(p, rows)
}

// list reads a path once, and keeps the rows for the kinds that share it.
func (r *Reader) list(ctx context.Context, route, path string) ([]adminapi.Row, error) {
	r.mu.Lock()
	l, ok := r.lists[path]
	if !ok {
		l = &listing{done: make(chan struct{})}
		r.lists[path] = l
	}
	r.mu.Unlock()
	if !ok {
		l.rows, l.err = r.client.List(ctx, route, path)
		close(l.done)
	}
	<-l.done
	return l.rows, l.err
}

func (r *Reader) objects(p kind.Place, rows []adminapi.Row) ([]kind.Object, error) {
	var out []kind.Object
	for _, row := range rows {
		if kind.HoldsAny(p.Skip, row) {
			continue
		}
		o, err := object(p, row)
		if err != nil {
			return nil, err
		}
		redacted, _ := row[p.Kind.Redacted].(string)
		o.InUse = p.Kind.Redacted != "" && r.key.Matches(redacted)
		out = append(out, o)
	}
	return out, nil
}

// setting reads one setting. One that can be unset answers 404 when it is.
func (r *Reader) setting(ctx context.Context, p kind.Place) ([]kind.Object, error) {
	row, err := r.client.Do(ctx, adminapi.Request{Method: "GET", Route: p.Route, Path: p.Path})
	if errors.Is(err, adminapi.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	fields, err := fieldsOf(p.Kind, row)
	if err == nil && len(fields) == 0 {
		err = fmt.Errorf("the answer has none of the fields %s", names(p.Kind))
	}
	if err != nil {
		return nil, err
	}
	return []kind.Object{{Kind: p.Kind, Addr: p.In, Fields: fields}}, nil
}

// ReadKeyOwner finds the person that the key in use belongs to, by its redacted value. That several
// keys look like it is no matter as long as they are the same person's.
func (r *Reader) ReadKeyOwner(ctx context.Context) error {
	owners := map[string]bool{}
	for _, k := range kind.All() {
		if k.Redacted == "" || r.client == nil { // no earlier reading tells who that is now
			continue
		}
		rows, err := r.list(ctx, k.Place(), k.Path)
		if err != nil {
			return fmt.Errorf("read the owner of the key in use: %w", err)
		}
		for _, row := range rows {
			if redacted, _ := row[k.Redacted].(string); r.key.Matches(redacted) {
				id, _ := kind.At(row, "owner.id").(string)
				owners[id] = true
			}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live.KeyOwner = &kind.KeyOwner{}
	for id := range owners {
		if len(owners) == 1 {
			r.live.KeyOwner.UserID = id
		}
	}
	return nil
}
