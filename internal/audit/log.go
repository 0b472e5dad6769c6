package audit

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
)

const (
	logPath = "/organization/audit_logs"
	maxPage = 100

	maxNewest = 2 // pages: who wants to know more asks the log itself

	// An event may show up in the log after later ones; how much after is not documented.
	overlap = 10 * time.Minute
)

// A Query says which events are wanted. What the API cannot tell for sure is left to Only.
type Query struct {
	Since, Until time.Time // zero Until: no end
	Types        []string
	Actors       []string // e-mails or ids: of a user, a service account or an API key
	Tenant       bool     // the tenant's stream instead of the organization's
	Only         Filter
	Limit        int // the newest of them; 0: all
}

// A Filter keeps events that have to do with something. Its zero value keeps all.
type Filter struct {
	IDs     map[string]bool // events that mention one of these
	Project string          // or, unless an admin key did it, happened in this project
	In      string          // events that happened in another project than this are dropped; of admin keys nobody knows
}

func (f Filter) none() bool { return f.IDs == nil && f.Project == "" }

// keeps judges in the client: the API's own filters miss events. Those of admin keys are booked on the
// default project, and which ids count as an event's resource is documented for few types.
func (f Filter) keeps(e Event) bool {
	if p := e.ownProject(); f.In != "" && p != "" && p != f.In {
		return false
	}
	return f.none() || f.Project != "" && e.ownProject() == f.Project || mentions(e.Payload, f.IDs)
}

// A Log reads the audit log.
type Log struct {
	Client *adminapi.Client
	// Unsure counts events that were dropped and may belong to the wanted project: a rate limit that an
	// admin key changed does not say in which.
	Unsure int
}

// Read returns events, the oldest first. It reads no further than it must.
func (l *Log) Read(ctx context.Context, q Query) ([]Event, error) {
	var out []Event // the newest first, as the API has them
	for rows, err := range l.Client.Pages(ctx, logPath, q.path()) {
		if err != nil {
			return nil, fmt.Errorf("read the audit log: %w", err)
		}
		past := false
		for _, row := range rows {
			e, err := parse(row)
			if err != nil {
				return nil, fmt.Errorf("read the audit log: %w", err)
			}
			past = e.At.Before(q.Since)
			if !past && l.keeps(q, e) {
				out = append(out, e)
			}
		}
		if past || q.Limit > 0 && len(out) >= q.Limit {
			break
		}
	}
	slices.SortStableFunc(out, func(a, b Event) int { return b.At.Compare(a.At) })
	if q.Limit > 0 && len(out) > q.Limit {
		out = out[:q.Limit]
	}
	slices.Reverse(out)
	return out, nil
}

// Newest reads the newest events of some types, or of all, a page after the other as long as more of them are
// wanted, and not many pages. Empty says that there are none of any type.
func (l *Log) Newest(ctx context.Context, types []string, more func([]Event) bool) (events []Event, empty bool, err error) {
	pages := 0
	for rows, err := range l.Client.Pages(ctx, logPath, Query{Types: types}.path()) {
		if err != nil {
			return nil, false, fmt.Errorf("read the audit log: %w", err)
		}
		for _, row := range rows {
			e, err := parse(row)
			if err != nil {
				return nil, false, fmt.Errorf("read the audit log: %w", err)
			}
			events = append(events, e)
		}
		slices.SortStableFunc(events, func(a, b Event) int { return b.At.Compare(a.At) })
		if pages++; pages == maxNewest || !more(events) {
			break
		}
	}
	if len(events) > 0 {
		return events, false, nil
	}
	last, err := l.Read(ctx, Query{Limit: 1})
	return nil, len(last) == 0, err
}

func (l *Log) keeps(q Query, e Event) bool {
	if q.Only.keeps(e) {
		return true
	}
	if q.Only.Project != "" && e.Actor.byKey && placeless[e.Type] {
		l.Unsure++
	}
	return false
}

// placeless are events of projects that do not say which.
var placeless = map[string]bool{"rate_limit.updated": true, "rate_limit.deleted": true}

// path asks for what the API can tell for sure.
func (q Query) path() string {
	v := url.Values{}
	if !q.Since.IsZero() {
		v.Set("effective_at[gte]", seconds(q.Since))
	}
	if !q.Until.IsZero() {
		v.Set("effective_at[lte]", seconds(q.Until))
	}
	for _, t := range q.Types {
		v.Add("event_types[]", t)
	}
	for _, a := range q.Actors {
		v.Add(actorParam(a), a)
	}
	if q.Tenant {
		v.Set("tenant_only", "true")
	}
	if q.Limit > 0 && q.Limit < maxPage && q.Only.none() {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	if len(v) == 0 {
		return logPath
	}
	return logPath + "?" + v.Encode()
}

func seconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// Follow shows the events, and then new ones as they come, until ctx ends or reading fails. Each reading
// may take as long as patience.
func (l *Log) Follow(ctx context.Context, q Query, every, patience time.Duration, show func([]Event) error) error {
	seen := map[string]time.Time{}
	limit := q.Limit
	q.Limit = 0
	for {
		events, err := l.readFor(ctx, q, patience)
		if err != nil {
			return err
		}
		fresh := slices.DeleteFunc(events, func(e Event) bool {
			_, old := seen[e.ID]
			seen[e.ID] = e.At
			return old
		})
		if n := len(fresh); limit > 0 && n > limit {
			fresh = fresh[n-limit:]
		}
		limit = 0
		if err := show(fresh); err != nil {
			return err
		}
		q.Since = after(q.Since, seen)
		if err := adminapi.Pause(ctx, every+rand.N(every/4+1)); err != nil {
			return err
		}
	}
}

func (l *Log) readFor(ctx context.Context, q Query, patience time.Duration) ([]Event, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return l.Read(ctx, q)
}

// after is where the next reading begins. What was seen before that is forgotten.
func after(since time.Time, seen map[string]time.Time) time.Time {
	for _, at := range seen {
		if from := at.Add(-overlap); from.After(since) {
			since = from
		}
	}
	for id, at := range seen {
		if at.Before(since) {
			delete(seen, id)
		}
	}
	return since
}
