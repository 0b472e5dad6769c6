// Package audit reads the audit log of an organization and says what happened in words, with names where
// the log has ids. It reads the log and the lists that it needs names from, and writes nothing. The log
// holds only what the API logs: spending, model permissions, hosted tools and data retention leave no
// trace in it. Start at Log; types.go is the table of events.
package audit

import (
	"errors"
	"fmt"
	"time"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
)

// An Event is one entry of the log.
type Event struct {
	ID, Type string
	At       time.Time
	Actor    Actor
	Payload  any          // what stands under the name of the type; nil where there is nothing
	Raw      adminapi.Row // all of it

	project     string // id; of whatever an admin key does, the default project
	projectName string
}

// An Actor is who did it.
type Actor struct {
	Email string
	ID    string // of the user or the service account
	Key   string // the tracking id of the API key; "" in a session
	IP    string

	byKey, session bool
}

// parse reads a row. One without id, type or time is an error: a log with holes is none.
func parse(row adminapi.Row) (Event, error) {
	e := Event{ID: text(row, "id"), Type: text(row, "type"), Raw: row}
	at, ok := row["effective_at"].(int64)
	switch {
	case e.ID == "":
		return Event{}, errors.New("an event without its id")
	case e.Type == "" || !ok:
		return Event{}, fmt.Errorf("event %s: no type or no effective_at", e.ID)
	}
	e.At, e.Payload = time.Unix(at, 0).UTC(), row[e.Type]
	project := member(row, "project")
	e.project, e.projectName = text(project, "id"), text(project, "name")
	e.Actor = actor(member(row, "actor"))
	return e, nil
}

func actor(row adminapi.Row) Actor {
	session, key := member(row, "session"), member(row, "api_key")
	who := member(session, "user")
	for _, of := range []string{"user", "service_account"} {
		if who == nil {
			who = member(key, of)
		}
	}
	return Actor{Email: text(who, "email"), ID: text(who, "id"), Key: text(key, "id"), IP: text(session, "ip_address"),
		byKey: text(row, "type") == "api_key" || key != nil, session: text(row, "type") == "session" || session != nil}
}

// ownProject is the project that it happened in, "" where the event cannot tell: actions of admin keys
// are booked on the default project.
func (e Event) ownProject() string {
	if e.Actor.byKey {
		return ""
	}
	return e.project
}

func member(row adminapi.Row, field string) adminapi.Row {
	m, _ := row[field].(adminapi.Row)
	return m
}

func text(row adminapi.Row, field string) string {
	s, _ := row[field].(string)
	return s
}

// mentions says whether one of the ids stands anywhere in a value.
func mentions(v any, ids map[string]bool) bool {
	switch v := v.(type) {
	case string:
		return ids[v]
	case []any:
		for _, e := range v {
			if mentions(e, ids) {
				return true
			}
		}
	case adminapi.Row:
		for _, e := range v {
			if mentions(e, ids) {
				return true
			}
		}
	}
	return false
}
