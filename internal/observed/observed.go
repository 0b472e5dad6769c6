// Package observed reads the live organization: the places that a plan asks for, each once, into
// objects of the same kind as the declared ones. It compares nothing and writes nothing. Reads are
// strict, since what is not seen may be removed or made again. Start at Reader.
package observed

import (
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
}

// New makes a reader. The key is compared with the redacted values that the API lists, to find its
// owner.
func New(client *adminapi.Client, key adminapi.Key) *Reader {
	return &Reader{client: client, key: key, live: kind.Live{Read: map[string]bool{}}}
}

// Live is what was read so far.
func (r *Reader) Live() kind.Live {
	r.mu.Lock()
	defer r.mu.Unlock()
	live := r.live
	live.Organization = r.client.Organization()
	return live
}

// Read reads the places that were not read yet, at once; the client bounds how many are in flight.
// The first error ends it.
func (r *Reader) Read(ctx context.Context, places []kind.Place) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, p := range r.unread(places) {
		group.Go(func() error {
			objects, err := r.place(ctx, p)
			if err != nil {
				return err
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			r.live.Objects = append(r.live.Objects, objects...)
			r.live.Read[p.Path] = true
			return nil
		})
	}
	err := group.Wait()
	slices.SortFunc(r.live.Objects, func(a, b kind.Object) int {
		if c := a.Addr.Compare(b.Addr); c != 0 {
			return c
		}
		return compareIDs(a, b)
	})
	return err
}

// unread are the places that were not read yet, each once. It looks before the first answer comes.
func (r *Reader) unread(places []kind.Place) []kind.Place {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []kind.Place
	seen := map[string]bool{}
	for _, p := range places {
		if !r.live.Read[p.Path] && !seen[p.Path] {
			out = append(out, p)
		}
		seen[p.Path] = true
	}
	return out
}

func (r *Reader) has(p kind.Place) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.live.Read[p.Path]
}

func compareIDs(a, b kind.Object) int {
	switch {
	case a.ID < b.ID:
		return -1
	case a.ID > b.ID:
		return 1
	}
	return 0
}

func (r *Reader) place(ctx context.Context, p kind.Place) ([]kind.Object, error) {
	if p.Kind.Setting() {
		return r.setting(ctx, p)
	}
	rows, err := r.client.List(ctx, p.Route, p.Path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", p.In, err)
	}
	var out []kind.Object
	for _, row := range rows {
		if kind.Holds(p.Kind.Skip, row) {
			continue
		}
		o, err := object(p, row)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", p.In, err)
		}
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
		return nil, fmt.Errorf("read %s: %w", p.In, err)
	}
	fields, err := fieldsOf(p.Kind, row)
	if err == nil && len(fields) == 0 {
		err = fmt.Errorf("the answer has none of the fields %s", names(p.Kind))
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", p.In, err)
	}
	return []kind.Object{{Kind: p.Kind, Addr: p.In, Fields: fields}}, nil
}

// ReadKeyOwner finds the person that the key in use belongs to, by its redacted value. That several
// keys look like it is no matter as long as they are the same person's.
func (r *Reader) ReadKeyOwner(ctx context.Context) error {
	const path = "/organization/admin_api_keys"
	rows, err := r.client.List(ctx, path, path)
	if err != nil {
		return fmt.Errorf("read the owner of the key in use: %w", err)
	}
	owners := map[string]bool{}
	for _, row := range rows {
		if redacted, _ := row["redacted_value"].(string); r.key.Matches(redacted) {
			owner, _ := row["owner"].(map[string]any)
			id, _ := owner["id"].(string)
			owners[id] = true
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
