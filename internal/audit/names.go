package audit

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/kind"
)

// A source is a list that has names for one sort of ids.
type source struct {
	sort     string
	prefixes string // of the ids, as seen
	path     string
	fields   string // with the name, the first that is there
	section  string // of addresses
	noun     string
}

var sources = []source{
	{"user", "user- user_", "/organization/users", "email name", "users", ""},
	{"project", "proj_", "/organization/projects?include_archived=true", "name", "projects", "the project "},
	{"group", "group_", "/organization/groups", "name", "groups", "the group "},
	{"role", "role_ role-", "/organization/roles", "name", "roles", "the role "},
	{"invite", "invite-", "/organization/invites", "email", "invites", "the invite of "},
	{"key", "key_", "/organization/admin_api_keys", "name", "admin_api_keys", "the key "},
	{accounts, "svc_acct_", "", "name", "service_accounts", "the service account "},
}

// Service accounts are listed by project, and the events of admin keys do not say which one.
const (
	accounts        = "account"
	accountsRoute   = "/organization/projects/{projects}/service_accounts"
	maxAccountLists = 20 // are read to find names
)

// A Name is what an id stands for.
type Name struct {
	Addr kind.Address // where it stands
	Text string       // its name

	sort string
}

// Names finds names for ids. It reads a list when the first id needs it, and once unless one asks for
// fresh ones. A list that the key may not read leaves ids as they are.
type Names struct {
	Client *adminapi.Client
	Failed []error // lists that could not be read

	known map[string]Name // by id
	read  map[string]bool // sources, and the ids of projects whose accounts were read
	open  []string        // ids of active projects
	lists int             // of service accounts that were read
}

// Learn reads the lists that these events need. With again, lists that miss an id are read once more:
// something may be new since.
func (n *Names) Learn(ctx context.Context, events []Event, again bool) error {
	if n.known == nil {
		n.known, n.read = map[string]Name{}, map[string]bool{}
	}
	missing := map[string][]Event{} // by sort
	for _, e := range events {
		for id, sort := range e.ids() {
			if _, ok := n.known[id]; !ok && sort != "" {
				missing[sort] = append(missing[sort], e)
			}
		}
	}
	for _, s := range sources {
		if len(missing[s.sort]) == 0 || s.sort == accounts || n.read[s.sort] && !again {
			continue
		}
		if err := n.list(ctx, s); err != nil {
			return err
		}
	}
	if again {
		n.lists = 0
	}
	err := n.accounts(ctx, missing[accounts], again)
	for _, e := range events {
		n.remember(e)
	}
	return err
}

// told are events that name what they made.
var told = map[string]struct{ sort, name string }{
	"group.created":   {"group", "data.group_name"},
	"invite.sent":     {"invite", "data.email"},
	"project.created": {"project", "data.title"},
	"role.created":    {"role", "role_name"},
}

// remember takes names from an event itself, for what is in no list any more.
func (n *Names) remember(e Event) {
	payload, _ := e.Payload.(adminapi.Row)
	name, _ := kind.At(payload, told[e.Type].name).(string)
	for _, x := range []struct{ sort, id, name string }{
		{told[e.Type].sort, text(payload, "id"), name},
		{"user", e.Actor.ID, e.Actor.Email},
		{"project", e.project, e.projectName},
	} {
		if _, known := n.known[x.id]; !known && x.id != "" && x.name != "" {
			n.known[x.id] = Name{kind.Address(sourceOf(x.sort).section).Join(x.name), x.name, x.sort}
		}
	}
}

// ids are those of an event that names are wanted for, and what they are ids of.
func (e Event) ids() map[string]string {
	out := map[string]string{}
	if e.Actor.Email == "" && e.Actor.ID != "" {
		out[e.Actor.ID] = sortOf(e.Actor.ID, "user")
	}
	if e.Actor.Key != "" {
		out[e.Actor.Key] = "key"
	}
	for _, part := range templates()[e.Type] {
		for _, spec := range field.FindAllString(part, -1) {
			for _, f := range fieldsOf(spec) {
				v := f.of(e)
				if id, ok := v.(string); ok && f.as != "" && f.as != "scopes" {
					out[id] = sortOf(id, f.as)
				}
				if v != nil {
					break // the alternatives are not shown
				}
			}
		}
	}
	return out
}

// sortOf trusts the id more than what it should be: some events have another one than documented.
func sortOf(id, expected string) string {
	for _, s := range sources {
		if slices.ContainsFunc(strings.Fields(s.prefixes), func(p string) bool { return strings.HasPrefix(id, p) }) {
			return s.sort
		}
	}
	if expected == "any" {
		return ""
	}
	return expected
}

func (n *Names) list(ctx context.Context, s source) error {
	n.read[s.sort] = true
	route, _, _ := strings.Cut(s.path, "?")
	rows, err := n.rows(ctx, route, s.path)
	if err != nil {
		return err
	}
	if s.sort == "project" {
		n.open = nil
	}
	for _, row := range rows {
		n.add(s, "", row)
		if s.sort == "project" && text(row, "status") != "archived" {
			n.open = append(n.open, text(row, "id"))
		}
	}
	return nil
}

// rows reads a list. What the key may not read, or the organization does not have, has no names.
func (n *Names) rows(ctx context.Context, route, path string) ([]adminapi.Row, error) {
	rows, err := n.Client.List(ctx, route, path)
	if errors.Is(err, adminapi.ErrPermission) || errors.Is(err, adminapi.ErrNotFound) {
		n.Failed = append(n.Failed, err)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	return rows, nil
}

func (n *Names) add(s source, in kind.Address, row adminapi.Row) {
	id := text(row, "id")
	for f := range strings.FieldsSeq(s.fields) {
		if name := text(row, f); name != "" && id != "" {
			n.known[id] = Name{in.Join(s.section, name), name, s.sort}
			return
		}
	}
}

// accounts looks for service accounts in the project of each event, or else in one active project after
// the other, not in very many.
func (n *Names) accounts(ctx context.Context, events []Event, again bool) error {
	if len(events) == 0 {
		return nil
	}
	if !n.read["project"] {
		if err := n.list(ctx, sourceOf("project")); err != nil {
			return err
		}
	}
	fresh := map[string]bool{}
	for _, e := range events {
		for _, project := range append([]string{e.ownProject()}, n.open...) {
			switch {
			case n.complete(e):
			case !slices.Contains(n.open, project) || fresh[project] || n.read["in "+project] && !again || n.lists == maxAccountLists:
			default:
				fresh[project] = true
				if err := n.accountsOf(ctx, project); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// complete says that all service accounts of an event have names.
func (n *Names) complete(e Event) bool {
	for id, sort := range e.ids() {
		if _, ok := n.known[id]; sort == accounts && !ok {
			return false
		}
	}
	return true
}

func (n *Names) accountsOf(ctx context.Context, project string) error {
	n.read["in "+project] = true
	n.lists++
	rows, err := n.rows(ctx, accountsRoute, "/organization/projects/"+url.PathEscape(project)+"/service_accounts")
	for _, row := range rows {
		n.add(sourceOf(accounts), n.known[project].Addr, row)
	}
	return err
}

// spoken is the name of an id that stands where one of a sort is expected, or the id.
func (n *Names) spoken(id, expected string) string {
	name, ok := n.known[id]
	switch {
	case !ok:
		return id
	case name.sort == expected:
		return name.Text
	case expected == "any":
		return noun(name.sort) + name.Text
	}
	return "of " + noun(name.sort) + name.Text
}

func noun(sort string) string { return sourceOf(sort).noun }

func sourceOf(sort string) source {
	return sources[slices.IndexFunc(sources, func(s source) bool { return s.sort == sort })]
}

// Addresses are those of the ids in an event that names are known of, wherever they stand in it.
func (n *Names) Addresses(e Event) map[string]kind.Address {
	out := map[string]kind.Address{}
	n.collect(e.Raw, out)
	return out
}

func (n *Names) collect(v any, out map[string]kind.Address) {
	switch v := v.(type) {
	case string:
		if name, ok := n.known[v]; ok {
			out[v] = name.Addr
		}
	case []any:
		for _, e := range v {
			n.collect(e, out)
		}
	case adminapi.Row:
		for _, e := range v {
			n.collect(e, out)
		}
	}
}
