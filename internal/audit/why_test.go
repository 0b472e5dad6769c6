package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/audit"
	"github.com/bylaw-dev/bylaw/internal/kind"
)

type row = map[string]any

// happened is an event, of grace in a session, in a project or "org", or of a key of ada's.
type happened struct {
	in, kind string
	payload  row
	second   bool // of the same second as the one before
}

func session(in, event string, payload row) happened { return happened{in, event, payload, false} }
func withKey(event string, payload row) happened     { return happened{"", event, payload, false} }

// atOnce says that an event is of the same second as the one before.
func atOnce(h happened) happened { h.second = true; return h }

// newest is a log of events, a minute each, as it is read.
func newest(t *testing.T, events []happened) []audit.Event {
	t.Helper()
	var log bytes.Buffer
	at := 1763424000 - 60
	for i, h := range events {
		if !h.second {
			at += 60
		}
		actor := row{"type": "session", "session": row{"user": row{"id": "user-1", "email": "grace@acme.example"}, "ip_address": "203.0.113.7"}}
		e := row{"id": fmt.Sprintf("audit_log-%03d", i), "type": h.kind, "effective_at": at, h.kind: h.payload, "actor": actor}
		if h.in == "" { // whatever a key does is booked on the default project
			h.in = "proj_0"
			e["actor"] = row{"type": "api_key", "api_key": row{"id": "key_1", "type": "user", "user": row{"id": "user-2", "email": "ada@acme.example"}}}
		}
		if h.in != "org" {
			e["project"] = row{"id": h.in, "name": "name of " + h.in}
		}
		b, err := json.Marshal(e)
		must(t, err)
		log.Write(append(b, '\n'))
	}
	c, asked := serve(t, nil, log.Bytes())
	l := audit.Log{Client: c}
	got, empty, err := l.Newest(context.Background(), []string{"user.added"}, func([]audit.Event) bool { return true })
	must(t, err)
	if empty || asked["/organization/audit_logs"] != 1 {
		t.Fatalf("empty is %v after %v", empty, asked)
	}
	return got
}

func changes(fields row) row { return row{"changes_requested": fields} }

func with(id string, rest row) row {
	rest["id"] = id
	return rest
}

const (
	bySession = "by grace@acme.example (session, 203.0.113.7) at 2025-11-18T00:0%d:00Z: "
	byKey     = "by ada@acme.example (with the key bylaw) at 2025-11-18T00:0%d:00Z: "
)

func TestExplain(t *testing.T) {
	t.Parallel()
	limit := audit.Difference{Addr: "projects/web/rate_limits/o3", ID: "rl-o3", Within: map[string]string{"projects": "proj_1"},
		Fields: []audit.Value{{Name: "max_requests_per_1_minute", Live: int64(500), Want: int64(100)}}}
	both := limit
	both.Fields = append(both.Fields[:1:1], audit.Value{Name: "max_tokens_per_1_minute", Live: int64(9), Want: int64(8)})
	requests := func(n int) row { return with("rl-o3", changes(row{"max_requests_per_1_minute": n})) }
	tokens := with("rl-o3", changes(row{"max_tokens_per_1_minute": 9}))

	user := audit.Difference{Addr: "users/alan@acme.example", ID: "user-7", Fields: []audit.Value{{Name: "role", Live: "reader", Want: "owner"}}}
	member := audit.Difference{Addr: "projects/web/users/alan@acme.example", ID: "user-7", Within: map[string]string{"projects": "proj_1"},
		Fields: []audit.Value{{Name: "role", Live: "owner", Want: "member"}}}
	role := func(id, role string) row { return with(id, changes(row{"role": role})) }
	as := func(d audit.Difference, what audit.What, id string) audit.Difference {
		d.What, d.ID, d.Fields = what, id, nil
		return d
	}
	account := audit.Difference{Addr: "projects/web/service_accounts/crawler", What: audit.Gone, Within: map[string]string{"projects": "proj_1"}}
	project := audit.Difference{Addr: "projects/search", What: audit.Gone}
	renamed := audit.Difference{Addr: "projects/find", What: audit.Extra, ID: "proj_9", Aside: true}
	perms := audit.Difference{Addr: "roles/auditor", ID: "role_1", Fields: []audit.Value{{Name: "permissions",
		Live: []any{"a", "c"}, Want: []any{"a", "b"}}}}
	group := audit.Difference{Addr: "groups/eng", What: audit.Gone}

	for name, tc := range map[string]struct {
		events []happened
		about  []audit.Difference
		want   []string
	}{
		"a session's project and the value that lives": {[]happened{session("proj_1", "rate_limit.updated", requests(500))}, []audit.Difference{limit},
			[]string{fmt.Sprintf(bySession, 0) + "rate_limit.updated"}},
		"a session in another project": {[]happened{session("proj_2", "rate_limit.updated", requests(500))}, []audit.Difference{limit},
			[]string{"nobody: no event since 2025-11-18T00:00:00Z says so"}},
		"a key does not say in which project": {[]happened{withKey("rate_limit.updated", requests(500))}, []audit.Difference{limit},
			[]string{"likely " + fmt.Sprintf(byKey, 0) + "rate_limit.updated (the event does not say in which project)"}},
		"another value was set since": {[]happened{session("proj_1", "rate_limit.updated", requests(500)), session("proj_1", "rate_limit.updated", requests(400))},
			[]audit.Difference{limit}, []string{"nobody: no event since 2025-11-18T00:00:00Z says so"}},
		"another value somewhere since": {[]happened{session("proj_1", "rate_limit.updated", requests(500)), withKey("rate_limit.updated", requests(400))},
			[]audit.Difference{limit}, []string{fmt.Sprintf(bySession, 0) + "rate_limit.updated"}},
		"set, maybe set otherwise, maybe set again": {
			[]happened{session("proj_1", "rate_limit.updated", requests(500)), withKey("rate_limit.updated", requests(400)), withKey("rate_limit.updated", requests(500))},
			[]audit.Difference{limit}, []string{"likely " + fmt.Sprintf(byKey, 2) + "rate_limit.updated (the event does not say in which project)"}},
		"another field": {[]happened{session("proj_1", "rate_limit.updated", tokens)}, []audit.Difference{limit},
			[]string{"nobody: no event since 2025-11-18T00:00:00Z says so"}},
		"a field each": {[]happened{session("proj_1", "rate_limit.updated", requests(500)), withKey("rate_limit.updated", tokens)}, []audit.Difference{both},
			[]string{"likely " + fmt.Sprintf(byKey, 1) + "rate_limit.updated of max_tokens_per_1_minute (the event does not say in which project)",
				fmt.Sprintf(bySession, 0) + "rate_limit.updated of max_requests_per_1_minute"}},
		"one field of two": {[]happened{session("proj_1", "rate_limit.updated", requests(500))}, []audit.Difference{both},
			[]string{fmt.Sprintf(bySession, 0) + "rate_limit.updated of max_requests_per_1_minute"}},

		"events call a reader a member": {[]happened{session("org", "user.updated", role("user-7", "member"))}, []audit.Difference{user},
			[]string{fmt.Sprintf(bySession, 0) + "user.updated"}},
		"a key does not say whether in a project": {[]happened{withKey("user.updated", role("user-7", "member"))}, []audit.Difference{user},
			[]string{"likely " + fmt.Sprintf(byKey, 0) + "user.updated (the event does not say whether in a project)"}},
		"a role given by assignment": {[]happened{session("org", "role.assignment.created",
			row{"id": "ra_1", "principal_id": "user-7", "principal_type": "user", "resource_id": "org-acme", "resource_type": "api.organization"})}, []audit.Difference{user},
			[]string{"likely " + fmt.Sprintf(bySession, 0) + "role.assignment.created (the event does not say which role)"}},
		"the role of a member, in a session": {[]happened{session("proj_1", "user.updated", role("user-7", "owner"))}, []audit.Difference{member},
			[]string{fmt.Sprintf(bySession, 0) + "user.updated"}},
		"the id of the project instead of the member's": {[]happened{withKey("user.updated", role("proj_1", "owner"))}, []audit.Difference{member},
			[]string{"likely " + fmt.Sprintf(byKey, 0) + "user.updated (the event does not say which user)"}},
		"the id of another project": {[]happened{withKey("user.updated", role("proj_2", "owner"))}, []audit.Difference{member},
			[]string{"nobody: no event since 2025-11-18T00:00:00Z says so"}},
		"added with another role": {[]happened{session("proj_1", "user.added", with("user-7", row{"data": row{"role": "owner"}}))}, []audit.Difference{member},
			[]string{fmt.Sprintf(bySession, 0) + "user.added"}},
		"removed from the project": {[]happened{session("proj_1", "user.deleted", row{"id": "user-7"}), session("proj_2", "user.deleted", row{"id": "user-7"})},
			[]audit.Difference{as(member, audit.Gone, "user-7")}, []string{fmt.Sprintf(bySession, 0) + "user.deleted"}},
		"removed somewhere": {[]happened{withKey("user.deleted", row{"id": "user-7"})}, []audit.Difference{as(member, audit.Gone, "user-7")},
			[]string{"likely " + fmt.Sprintf(byKey, 0) + "user.deleted (the event does not say in which project)"}},
		"removed and added again": {[]happened{session("proj_1", "user.deleted", row{"id": "user-7"}), session("proj_1", "user.added", row{"id": "user-7"})},
			[]audit.Difference{as(member, audit.Gone, "user-7")}, []string{"nobody: no event since 2025-11-18T00:00:00Z says so"}},

		"somebody who lives was removed elsewhere": {[]happened{session("org", "user.deleted", row{"id": "user-1"})}, []audit.Difference{as(user, audit.Gone, "")},
			[]string{"nobody: no event since 2025-11-18T00:00:00Z says so"}},
		"the only one removed": {[]happened{session("org", "user.deleted", row{"id": "user-7"})}, []audit.Difference{as(user, audit.Gone, "")},
			[]string{"likely " + fmt.Sprintf(bySession, 0) + "user.deleted (the event does not name it)"}},
		"one of those removed": {[]happened{session("org", "user.deleted", row{"id": "user-7"}), withKey("user.deleted", row{"id": "user-8"})},
			[]audit.Difference{as(user, audit.Gone, "")},
			[]string{"likely one of 2, the last " + fmt.Sprintf(byKey, 1) + "user.deleted (the event does not name it)"}},
		"an invite tied to the e-mail": {[]happened{session("org", "invite.sent", with("invite-1", row{"data": row{"email": "Alan@acme.example", "role": "owner"}})),
			session("org", "invite.sent", with("invite-2", row{"data": row{"email": "else@acme.example"}})),
			withKey("invite.deleted", row{"id": "invite-1"}), session("org", "invite.deleted", row{"id": "invite-2"})},
			[]audit.Difference{as(user, audit.Gone, "")}, []string{fmt.Sprintf(byKey, 2) + "invite.deleted"}},
		"invited": {[]happened{withKey("invite.sent", with("invite-1", row{"data": row{"email": "alan@acme.example"}}))},
			[]audit.Difference{as(user, audit.Extra, "invite-1")}, []string{fmt.Sprintf(byKey, 0) + "invite.sent"}},

		"came by an invite": {[]happened{withKey("invite.sent", with("invite-1", row{"data": row{"email": "alan@acme.example"}})),
			session("org", "user.added", with("user-1", row{"data": row{"role": "member"}}))}, []audit.Difference{as(user, audit.Extra, "user-1")},
			[]string{fmt.Sprintf(bySession, 1) + "user.added", fmt.Sprintf(byKey, 0) + "invite.sent"}},

		"made": {[]happened{withKey("service_account.created", with("svc_acct_1", row{"data": row{"role": "member"}}))},
			[]audit.Difference{as(account, audit.Extra, "svc_acct_1")}, []string{fmt.Sprintf(byKey, 0) + "service_account.created"}},
		"deleted, without a name": {[]happened{session("proj_1", "service_account.deleted", row{"id": "svc_acct_1"}), session("proj_2", "service_account.deleted", row{"id": "svc_acct_2"})},
			[]audit.Difference{account}, []string{"likely " + fmt.Sprintf(bySession, 0) + "service_account.deleted (the event does not name it)"}},

		"likely renamed": {[]happened{session("proj_9", "project.updated", with("proj_9", changes(row{"title": "find"})))}, []audit.Difference{project, renamed},
			[]string{"likely renamed to find " + fmt.Sprintf(bySession, 0) + "project.updated"}},
		"renamed from a name that was given before": {[]happened{withKey("project.updated", with("proj_9", changes(row{"title": "search"}))),
			withKey("project.updated", with("proj_9", changes(row{"title": "find"})))}, []audit.Difference{project, renamed},
			[]string{"renamed to find " + fmt.Sprintf(byKey, 1) + "project.updated"}},
		"archived": {[]happened{withKey("project.archived", row{"id": "proj_9"})}, []audit.Difference{as(project, audit.Gone, "proj_9")},
			[]string{fmt.Sprintf(byKey, 0) + "project.archived"}},
		"archived, or a later one was renamed": {[]happened{withKey("project.archived", row{"id": "proj_5"}), withKey("project.updated", with("proj_9", changes(row{"title": "find"})))},
			[]audit.Difference{as(project, audit.Gone, "proj_5"), renamed}, []string{"likely renamed to find " + fmt.Sprintf(byKey, 1) + "project.updated",
				"likely " + fmt.Sprintf(byKey, 0) + "project.archived (unless a later one of that name was renamed)"}},
		"an update that does not say what": {[]happened{withKey("project.updated", with("proj_9", changes(row{})))},
			[]audit.Difference{{Addr: "projects/search", ID: "proj_9", Fields: []audit.Value{{Name: "external_key", Live: "extkey_1"}}}},
			[]string{"likely " + fmt.Sprintf(byKey, 0) + "project.updated (the event does not say what it set)"}},

		"permissions added": {[]happened{withKey("role.updated", with("role_1", changes(row{"permissions_added": []string{"c"}, "permissions_removed": []string{}, "resource_id": "org-acme"})))},
			[]audit.Difference{perms}, []string{fmt.Sprintf(byKey, 0) + "role.updated"}},
		"other permissions": {[]happened{withKey("role.updated", with("role_1", changes(row{"permissions_added": []string{"a"}, "resource_id": "org-acme"})))},
			[]audit.Difference{perms}, []string{"nobody: no event since 2025-11-18T00:00:00Z says so"}},
		"a role of a project": {[]happened{withKey("role.deleted", row{"id": "role_7", "resource_id": "proj_1"})}, []audit.Difference{as(perms, audit.Gone, "")},
			[]string{"nobody: no event since 2025-11-18T00:00:00Z says so"}},
		"a group deleted by its name, with its roles": {[]happened{withKey("group.created", with("group_1", row{"data": row{"group_name": "eng"}})), withKey("group.deleted", row{"id": "group_1"})},
			[]audit.Difference{group, {Addr: "groups/eng/roles/reader", What: audit.Gone}}, []string{fmt.Sprintf(byKey, 1) + "group.deleted", "along with groups/eng"}},
		"who is gone, with the memberships": {[]happened{session("org", "user.deleted", row{"id": "user-7"})}, []audit.Difference{as(user, audit.Gone, ""), as(member, audit.Gone, "")},
			[]string{"likely " + fmt.Sprintf(bySession, 0) + "user.deleted (the event does not name it)", "along with users/alan@acme.example"}},
		"who became an owner owns the projects": {[]happened{session("org", "user.updated", role("user-7", "owner"))},
			[]audit.Difference{{Addr: user.Addr, ID: user.ID, Fields: []audit.Value{{Name: "role", Live: "owner", Want: "reader"}}}, as(member, audit.Extra, "user-7")},
			[]string{fmt.Sprintf(bySession, 0) + "user.updated", "along with users/alan@acme.example"}},
		"a group deleted and made again": {[]happened{withKey("group.deleted", row{"id": "group_1"}), withKey("group.created", with("group_2", row{"data": row{"group_name": "eng"}}))},
			[]audit.Difference{group}, []string{"nobody: no event since 2025-11-18T00:00:00Z says so"}},

		"certificates, several at once": {[]happened{session("proj_1", "certificates.deactivated", row{"certificates": []row{{"id": "cert_1", "name": "a"}, {"id": "cert_2", "name": "edge"}}})},
			[]audit.Difference{{Addr: "projects/web/certificates/edge", What: audit.Gone, ID: "cert_2", Within: map[string]string{"projects": "proj_1"}}},
			[]string{fmt.Sprintf(bySession, 0) + "certificates.deactivated"}},
		"the roles of a member": {[]happened{withKey("role.assignment.created", row{"id": "ra_1", "principal_id": "user-7", "resource_id": "proj_1"}),
			withKey("role.assignment.created", row{"id": "ra_2", "principal_id": "user-7", "resource_id": "proj_2"})},
			[]audit.Difference{{Addr: "projects/web/users/alan@acme.example/roles/auditor", What: audit.Extra, ID: "role_1", Within: map[string]string{"projects": "proj_1", "users": "user-7"}}},
			[]string{"likely " + fmt.Sprintf(byKey, 0) + "role.assignment.created (the event does not say which role)"}},
		"added, removed and added again": {[]happened{session("proj_1", "user.added", row{"id": "user-7"}), session("proj_1", "user.deleted", row{"id": "user-7"}), withKey("user.added", row{"id": "user-7"})},
			[]audit.Difference{as(member, audit.Extra, "user-7")}, []string{"likely " + fmt.Sprintf(byKey, 2) + "user.added (the event does not say in which project)"}},
		"added, maybe removed and maybe added again": {[]happened{session("proj_1", "user.added", row{"id": "user-7"}), withKey("user.deleted", row{"id": "user-7"}), withKey("user.added", row{"id": "user-7"})},
			[]audit.Difference{as(member, audit.Extra, "user-7")}, []string{"likely " + fmt.Sprintf(byKey, 2) + "user.added (the event does not say in which project)"}},
		"added, and maybe removed elsewhere": {[]happened{session("proj_1", "user.added", row{"id": "user-7"}), withKey("user.deleted", row{"id": "user-7"})},
			[]audit.Difference{as(member, audit.Extra, "user-7")}, []string{fmt.Sprintf(bySession, 0) + "user.added"}},
		"removed, maybe added and maybe removed again": {[]happened{session("proj_1", "user.deleted", row{"id": "user-7"}), withKey("user.added", row{"id": "user-7"}), withKey("user.deleted", row{"id": "user-7"})},
			[]audit.Difference{as(member, audit.Gone, "user-7")}, []string{"likely " + fmt.Sprintf(byKey, 2) + "user.deleted (the event does not say in which project)"}},
		"a role from before she was removed": {[]happened{session("proj_1", "user.updated", role("user-7", "owner")), session("proj_1", "user.deleted", row{"id": "user-7"}), withKey("user.added", with("user-7", row{"data": row{"role": "owner"}}))},
			[]audit.Difference{member}, []string{"likely " + fmt.Sprintf(byKey, 2) + "user.added (the event does not say in which project)"}},
		"a limit set and taken back": {[]happened{session("proj_1", "rate_limit.updated", requests(500)), session("proj_1", "rate_limit.deleted", row{"id": "rl-o3"})}, []audit.Difference{limit},
			[]string{"likely " + fmt.Sprintf(bySession, 1) + "rate_limit.deleted (the event does not say what it set)"}},
		"permissions added, and others since": {[]happened{withKey("role.updated", with("role_1", changes(row{"permissions_added": []string{"c"}}))), withKey("role.updated", with("role_1", changes(row{"permissions_added": []string{"a"}})))},
			[]audit.Difference{perms}, []string{fmt.Sprintf(byKey, 0) + "role.updated"}},
		"permissions added and taken away": {[]happened{withKey("role.updated", with("role_1", changes(row{"permissions_added": []string{"c"}}))), withKey("role.updated", with("role_1", changes(row{"permissions_removed": []string{"c"}})))},
			[]audit.Difference{perms}, []string{"nobody: no event since 2025-11-18T00:00:00Z says so"}},
		"deleted under another name": {[]happened{withKey("group.created", with("group_1", row{"data": row{"group_name": "eng"}})), withKey("group.updated", with("group_1", changes(row{"group_name": "ops"}))), withKey("group.deleted", row{"id": "group_1"})},
			[]audit.Difference{group}, []string{"likely " + fmt.Sprintf(byKey, 2) + "group.deleted (it had another name by then)"}},
		"renamed twice": {[]happened{withKey("project.updated", with("proj_9", changes(row{"title": "search"}))), withKey("project.updated", with("proj_9", changes(row{"title": "lookup"}))),
			withKey("project.updated", with("proj_9", changes(row{"title": "find"})))}, []audit.Difference{project, renamed}, []string{"likely renamed to find " + fmt.Sprintf(byKey, 2) + "project.updated"}},
		"set to two values in a second": {[]happened{session("proj_1", "rate_limit.updated", requests(400)), atOnce(session("proj_1", "rate_limit.updated", requests(500)))}, []audit.Difference{limit},
			[]string{"likely " + fmt.Sprintf(bySession, 0) + "rate_limit.updated (another event of the same second says otherwise)"}},
		"added and removed in a second": {[]happened{session("proj_1", "user.deleted", row{"id": "user-7"}), atOnce(session("proj_1", "user.added", row{"id": "user-7"}))}, []audit.Difference{as(member, audit.Extra, "user-7")},
			[]string{"likely " + fmt.Sprintf(bySession, 0) + "user.added (another event of the same second says otherwise)"}},
		"removed and added in a second": {[]happened{session("proj_1", "user.added", row{"id": "user-7"}), atOnce(session("proj_1", "user.deleted", row{"id": "user-7"}))}, []audit.Difference{as(member, audit.Gone, "user-7")},
			[]string{"likely " + fmt.Sprintf(bySession, 0) + "user.deleted (another event of the same second says otherwise)"}},
		"what has no event": {[]happened{withKey("user.updated", role("user-7", "member"))}, []audit.Difference{{Addr: "spend_alerts/50000", What: audit.Extra, ID: "alert_1"}},
			[]string{"not logged by the API"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := audit.Record{Events: newest(t, tc.events), Names: map[string]kind.Address{
				"key_1": "admin_api_keys/bylaw", "user-1": "users/grace@acme.example", "proj_9": "projects/find"}}
			var got []string
			for i, a := range audit.Explain(tc.about, r) {
				if !tc.about[i].Aside {
					got = append(got, a.Lines(r)...)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestNewestReadsNoFurtherThanItMust: two pages at most, and one more event where there are none of the types.
func TestNewestReadsNoFurtherThanItMust(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		enough int // pages
		none   bool
		want   []string
		events int
		empty  bool
	}{
		"enough at once": {enough: 1, events: 1, want: []string{"event_types%5B%5D=user.added&limit=100"}},
		"never enough":   {enough: 9, events: 2, want: []string{"event_types%5B%5D=user.added&limit=100", "event_types%5B%5D=user.added&limit=100&after=e1"}},
		"none":           {enough: 9, none: true, empty: true, want: []string{"event_types%5B%5D=user.added&limit=100", "limit=1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked []string
			c := client(t, handler{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked = append(asked, r.URL.RawQuery)
				if tc.none {
					fmt.Fprint(w, `{"object":"list","data":[],"has_more":false}`)
					return
				}
				id := fmt.Sprintf("e%d", len(asked))
				fmt.Fprintf(w, `{"object":"list","data":[{"id":%q,"type":"user.added","effective_at":1763424000}],"has_more":true,"last_id":%q}`, id, id)
			})})
			l, pages := audit.Log{Client: c}, 0
			events, empty, err := l.Newest(context.Background(), []string{"user.added"}, func([]audit.Event) bool { pages++; return pages < tc.enough })
			must(t, err)
			if diff := cmp.Diff(tc.want, asked); diff != "" || len(events) != tc.events || empty != tc.empty {
				t.Errorf("%d events, empty is %v, asked (-want +got):\n%s", len(events), empty, diff)
			}
		})
	}
}
