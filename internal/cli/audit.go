package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/audit"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/render"
)

type auditCmd struct {
	Since    string   `default:"7d" placeholder:"TIME" help:"From then on: so long ago (90m, 7d, 12w), or a date, or 2026-01-31T12:00:00Z (${default})."`
	Until    string   `placeholder:"TIME" help:"Up to then; the same spellings."`
	Type     []string `placeholder:"GLOB" sep:"none" help:"Only these types of event, such as 'project.*'. Repeatable."`
	Actor    []string `placeholder:"EMAIL|ID" sep:"none" help:"Only what they did: a person, a service account or an API key. Repeatable."`
	Project  string   `placeholder:"NAME" help:"Only what has to do with this project, its service accounts and keys."`
	Resource string   `placeholder:"ADDRESS" help:"Only what has to do with this object, such as users/ada@acme.example, or with this id."`
	Tenant   bool     `help:"The log of the tenant, which tells of groups' members and of sign-on, instead of the organization's."`
	Limit    int      `placeholder:"N" help:"The newest N of them."`
	Follow   bool     `short:"f" help:"Go on and show new events as they come, until ctrl-c."`
	Format   string   `enum:"text,json" default:"text" help:"text, or json: an event a line (${default})."`
}

func (auditCmd) Help() string {
	return `Example, with no key:

    bylaw audit --sandbox --since 2025-01-01 --type 'user.*'

The API books whatever an admin key does on the default project. So --project and --resource are judged here, by the ids in each event; a rate limit that an admin key changed does not say in which project. Nothing tells of changes to spend limits and alerts, model permissions, hosted tools and data retention: they are not in the log.`
}

// interval is how often --follow looks, and a little longer.
const interval = 10 * time.Second

// Run shows the log.
func (c auditCmd) Run(a *app) (err error) {
	q, err := c.query(a.now().UTC())
	if err != nil {
		return usage(err)
	}
	patience := a.Deadline
	if c.Follow && a.Deadline > 0 {
		a.Deadline = max(a.Deadline, 100*365*24*time.Hour) // it is that of each reading
	}
	s, err := a.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if q.Only, err = c.only(s); err != nil {
		return asUsage(err, audit.ErrNoSuch)
	}
	r := &auditReport{c: c, a: a, s: s, log: audit.Log{Client: s.client}, names: audit.Names{Client: s.client}, since: q.Since}
	if c.Format == "text" {
		a.banner(a.Stdout)
	}
	if c.Follow {
		err = r.log.Follow(s.ctx, q, interval, patience, r.show)
		if errors.Is(err, context.Canceled) && a.ctx.Err() != nil {
			return nil // ctrl-c is how it ends
		}
		return s.cause(err)
	}
	events, err := r.log.Read(s.ctx, q)
	if err == nil {
		err = r.show(events)
	}
	if err == nil && a.Verbose && c.Format == "text" {
		render.Requests(a.Stdout, s.client.Stats())
	}
	return s.cause(err)
}

// query reads the flags that need no organization.
func (c auditCmd) query(now time.Time) (q audit.Query, err error) {
	if q.Since, err = parseTime(c.Since, now); err != nil {
		return q, fmt.Errorf("--since: %w", err)
	}
	if c.Until != "" {
		if q.Until, err = parseTime(c.Until, now); err != nil {
			return q, fmt.Errorf("--until: %w", err)
		}
	}
	if q.Types, err = audit.Expand(c.Type, c.Tenant); err != nil {
		return q, fmt.Errorf("--type: %w", err)
	}
	switch {
	case c.Until != "" && c.Follow:
		return q, errors.New("--until and --follow exclude each other")
	case c.Until != "" && q.Until.Before(q.Since):
		return q, fmt.Errorf("--until %s is before --since %s", c.Until, c.Since)
	case c.Limit < 0:
		return q, fmt.Errorf("--limit %d: not negative", c.Limit)
	case c.Project != "" && c.Resource != "":
		return q, errors.New("--project and --resource exclude each other: an address names its project")
	}
	q.Since, q.Actors, q.Tenant, q.Limit = q.Since.Truncate(time.Second), c.Actor, c.Tenant, c.Limit // the log knows seconds
	return q, nil
}

func (c auditCmd) only(s *session) (audit.Filter, error) {
	switch {
	case c.Project != "":
		return audit.Project(s.ctx, s.client, c.Project)
	case c.Resource != "":
		return audit.Resource(s.ctx, s.client, c.Resource)
	}
	return audit.Filter{}, nil
}

// asUsage makes an error wrong usage where the target is in it.
func asUsage(err, target error) error {
	if errors.Is(err, target) {
		return usagef("%s", strings.TrimPrefix(err.Error(), target.Error()+": "))
	}
	return err
}

// An auditReport prints events.
type auditReport struct {
	c      auditCmd
	a      *app
	s      *session
	log    audit.Log
	names  audit.Names
	since  time.Time
	rounds int
	failed int
}

func (r *auditReport) show(events []audit.Event) error {
	again := r.rounds > 0
	r.rounds++
	if len(events) > 0 {
		if err := r.names.Learn(r.s.ctx, events, again); err != nil {
			return err
		}
	}
	for _, err := range r.names.Failed[r.failed:] {
		r.a.say("some ids stay without a name: %v", render.Clean(err.Error()))
	}
	r.failed = len(r.names.Failed)
	for _, e := range events {
		if err := r.event(e); err != nil {
			return err
		}
	}
	if len(events) == 0 && !again {
		r.nothing()
	}
	if r.log.Unsure > 0 && !again {
		r.a.say("left out: %d changes of rate limits by admin keys, which do not say in which project", r.log.Unsure)
	}
	return nil
}

func (r *auditReport) nothing() {
	r.a.say("no such events since %s", r.since.Format(time.RFC3339))
	r.a.say(loggingOff)
}

const loggingOff = "where there are none at all, logging may be off: an owner switches it on, for good, under Settings > Organization > Data controls > Data retention > Audit logging"

// An auditLine is an event in JSON.
type auditLine struct {
	Version int                     `json:"version"`
	At      time.Time               `json:"at"`
	Who     string                  `json:"who"`
	Text    string                  `json:"text"`
	Names   map[string]kind.Address `json:"names"` // of the ids in the event
	Event   adminapi.Row            `json:"event"` // as the API has it
}

func (r *auditReport) event(e audit.Event) error {
	who, text := r.names.Who(e.Actor), r.names.Text(e)
	if r.c.Format == "text" {
		_, err := fmt.Fprintf(r.a.Stdout, "%s  %s  %s\n", e.At.Format(time.RFC3339), render.Clean(who), render.Clean(text))
		return err
	}
	return writeJSON(r.a.Stdout, auditLine{1, e.At, who, text, r.names.Addresses(e), e.Raw}, "")
}
