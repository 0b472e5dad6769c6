package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
)

// readingOf is a reading of the places with these objects, all of them or those that were read.
func readingOf(places []kind.Place, objects []kind.Object) kind.Live {
	l := kind.Live{Objects: objects, Read: map[kind.Source]bool{}}
	for _, p := range places {
		l.Read[p.Source()] = true
	}
	return l
}

func TestMoved(t *testing.T) {
	t.Parallel()
	var places []kind.Place
	for _, in := range []kind.Address{"users", "projects", "projects/p/users", "spend_limit", "spend_alerts", "projects/p/hosted_tool_permissions", "groups"} {
		places = append(places, kind.Place{Kind: in.Kind(), In: in, Path: string(in)})
		if k := in.Kind().Pending; k != nil {
			places = append(places, kind.Place{Kind: k, In: in, Path: k.Path})
		}
	}
	ada := live("users/ada@acme.example", "user-1", fields{"role": "reader"})
	invite := live("users/ada@acme.example", "invite-1", fields{"role": "reader", "projects": []any{fields{"id": "proj_1", "role": "member"}}})
	tools := func(f fields) kind.Object {
		return kind.Object{Kind: kind.Find("projects/hosted_tool_permissions"), Addr: "projects/p/hosted_tool_permissions", Fields: f}
	}
	limit := func(cents int) kind.Object {
		return kind.Object{Kind: kind.Find("spend_limit"), Addr: "spend_limit", Fields: fields{"threshold_amount": int64(cents)}}
	}
	alert := func(f fields) kind.Object {
		return live("spend_alerts/500", "alert_1", fields{"notification_channel": f})
	}
	other := live("roles/r", "role_1", nil)
	for name, tc := range map[string]struct {
		then, now []kind.Object
		want      []plan.Move
	}{
		"nothing": {},
		"the same in another order and spelling": {
			[]kind.Object{ada, alert(fields{"recipients": []any{"a@b.example", "C@d.example"}})},
			[]kind.Object{alert(fields{"recipients": []any{"c@d.example", "a@b.example"}, "subject_prefix": ""}), ada}, nil},
		"elsewhere": {[]kind.Object{ada}, []kind.Object{ada, other}, nil},
		"appeared":  {nil, []kind.Object{ada}, []plan.Move{{Addr: ada.Addr, ID: "user-1", Appeared: true}}},
		"gone":      {[]kind.Object{project, ada}, []kind.Object{project}, []plan.Move{{Addr: ada.Addr, ID: "user-1", Gone: true}}},
		"made anew": {[]kind.Object{project}, []kind.Object{live("projects/p", "proj_2", nil)}, []plan.Move{
			{Addr: "projects/p", ID: "proj_1", Gone: true}, {Addr: "projects/p", ID: "proj_2", Appeared: true}}},
		"changed": {[]kind.Object{ada}, []kind.Object{live(ada.Addr, "user-1", fields{"role": "owner"})},
			[]plan.Move{{Addr: ada.Addr, ID: "user-1", Fields: []plan.FieldDiff{{Name: "role", Old: "reader", New: "owner"}}}}},
		"renamed": {[]kind.Object{project}, []kind.Object{live("projects/q", "proj_1", nil)},
			[]plan.Move{{Addr: "projects/p", ID: "proj_1", Fields: []plan.FieldDiff{{Name: "name", Old: "p", New: "q"}}}}},
		"archived": {[]kind.Object{project}, []kind.Object{stage(project, kind.Archived)},
			[]plan.Move{{Addr: "projects/p", ID: "proj_1", Fields: []plan.FieldDiff{{Name: "state", Old: "present", New: "archived"}}}}},
		"taken over": {[]kind.Object{ada}, []kind.Object{foreign(ada)},
			[]plan.Move{{Addr: ada.Addr, ID: "user-1", Fields: []plan.FieldDiff{{Name: "foreign", Old: false, New: true}}}}},
		"accepted": {[]kind.Object{invite}, []kind.Object{stage(invite, kind.Used), ada}, []plan.Move{
			{Addr: ada.Addr, ID: "invite-1", Fields: []plan.FieldDiff{{Name: "state", Old: "pending", New: "accepted"}}},
			{Addr: ada.Addr, ID: "user-1", Appeared: true}}},
		"carries something else": {[]kind.Object{invite}, []kind.Object{live(ada.Addr, "invite-1", fields{"role": "reader", "projects": []any{fields{"id": "proj_1", "role": "owner"}}})},
			[]plan.Move{{Addr: ada.Addr, ID: "invite-1", Fields: []plan.FieldDiff{{Name: "projects",
				Old: []any{fields{"id": "proj_1", "role": "member"}}, New: []any{fields{"id": "proj_1", "role": "owner"}}}}}}},
		"a setting": {[]kind.Object{limit(500)}, []kind.Object{limit(700)},
			[]plan.Move{{Addr: "spend_limit", Fields: []plan.FieldDiff{{Name: "threshold_amount", Old: int64(500), New: int64(700), Unit: "cents"}}}}},
		"unset": {[]kind.Object{limit(500)}, nil, []plan.Move{{Addr: "spend_limit", Gone: true}}},
		"a member": {[]kind.Object{tools(fields{"mcp": fields{"enabled": true}, "web_search": fields{"enabled": true}})},
			[]kind.Object{tools(fields{"mcp": fields{"enabled": false}, "web_search": fields{"enabled": true}})},
			[]plan.Move{{Addr: "projects/p/hosted_tool_permissions", Fields: []plan.FieldDiff{{Name: "mcp.enabled", Old: true, New: false}}}}},
		"a member came": {[]kind.Object{tools(fields{})}, []kind.Object{tools(fields{"mcp": fields{"enabled": false}})},
			[]plan.Move{{Addr: "projects/p/hosted_tool_permissions", Fields: []plan.FieldDiff{{Name: "mcp.enabled", New: false}}}}},
		"an empty member came": {[]kind.Object{tools(fields{})}, []kind.Object{tools(fields{"mcp": fields{}})}, nil},
		"a list": {[]kind.Object{alert(fields{"recipients": []any{"a@b.example"}})}, []kind.Object{alert(fields{"recipients": []any{"c@d.example"}})},
			[]plan.Move{{Addr: "spend_alerts/500", ID: "alert_1", Fields: []plan.FieldDiff{{Name: "notification_channel.recipients",
				Old: []any{"a@b.example"}, New: []any{"c@d.example"}}}}}},
		"many": {[]kind.Object{limit(500), ada, project}, []kind.Object{live("groups/g", "group_1", nil)}, []plan.Move{
			{Addr: ada.Addr, ID: "user-1", Gone: true}, {Addr: "groups/g", ID: "group_1", Appeared: true},
			{Addr: "spend_limit", Gone: true}, {Addr: "projects/p", ID: "proj_1", Gone: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := plan.Moved(places, readingOf(places, tc.then), readingOf(places, tc.now))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("moves (-want +got):\n%s", diff)
			}
		})
	}
}

// What requests name by id is used, unless they change it or it stands where they do.
func TestUses(t *testing.T) {
	t.Parallel()
	ada, group := live("users/ada@acme.example", "user-1", fields{"role": "reader"}), live("groups/g", "group_1", fields{"name": "g"})
	for name, tc := range map[string]struct {
		text string
		live []kind.Object
		want []string
	}{
		"the project":             {inProject("spend_limit: {threshold_amount: 7}"), []kind.Object{project}, []string{"projects/p proj_1"}},
		"a new project":           {inProject("spend_limit: {threshold_amount: 7}"), nil, nil},
		"a person and a group":    {"groups: [{name: g, users: [{email: ada@acme.example}]}]\n", []kind.Object{ada, group}, []string{"users/ada@acme.example user-1", "groups/g group_1"}},
		"a person in a new group": {"groups: [{name: g, users: [{email: ada@acme.example}]}]\n", []kind.Object{ada}, []string{"users/ada@acme.example user-1"}},
		"who changes":             {"users: [{email: ada@acme.example, role: owner}]\ngroups: [{name: g, users: [{email: ada@acme.example}]}]\n", []kind.Object{ada, group}, []string{"groups/g group_1"}},
		"the witness":             {"policy: {witness: proj_1}\nspend_limit: {threshold_amount: 7}\n", []kind.Object{project}, []string{"projects/p proj_1"}},
		"nothing to do":           {"policy: {witness: proj_1}\n", []kind.Object{project}, nil},
		"nothing by id":           {"spend_limit: {threshold_amount: 7}\n", []kind.Object{project}, nil},
		"who is removed":          {"users: [{email: ada@acme.example, state: absent}]\n", []kind.Object{ada}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, u := range makePlan(t, tc.text, tc.live...).Uses {
				got = append(got, string(u.Addr)+" "+u.ID)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("used (-want +got):\n%s", diff)
			}
		})
	}
}

// Of what is used only the name matters, and that it is there.
func TestStrayed(t *testing.T) {
	t.Parallel()
	place := kind.Place{Kind: kind.Find("projects"), In: "projects", Path: "projects"}
	uses := []plan.Use{{Place: place, Addr: "projects/p", ID: "proj_1"}}
	for name, tc := range map[string]struct {
		now  []kind.Object
		want []plan.Move
	}{
		"the same":           {[]kind.Object{project}, nil},
		"another field":      {[]kind.Object{live("projects/p", "proj_1", fields{"residency": "EU"}), live("projects/new", "proj_9", nil)}, nil},
		"renamed":            {[]kind.Object{live("projects/q", "proj_1", nil)}, []plan.Move{{Addr: "projects/p", ID: "proj_1", Fields: []plan.FieldDiff{{Name: "name", Old: "p", New: "q"}}}}},
		"changed places":     {[]kind.Object{live("projects/q", "proj_1", nil), live("projects/p", "proj_2", nil)}, []plan.Move{{Addr: "projects/p", ID: "proj_1", Fields: []plan.FieldDiff{{Name: "name", Old: "p", New: "q"}}}}},
		"archived":           {[]kind.Object{stage(project, kind.Archived)}, []plan.Move{{Addr: "projects/p", ID: "proj_1", Fields: []plan.FieldDiff{{Name: "state", Old: "present", New: "archived"}}}}},
		"gone":               {nil, []plan.Move{{Addr: "projects/p", ID: "proj_1", Gone: true}}},
		"another, same name": {[]kind.Object{live("projects/p", "proj_2", nil)}, []plan.Move{{Addr: "projects/p", ID: "proj_1", Gone: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, plan.Strayed(uses, kind.Live{Objects: tc.now})); diff != "" {
				t.Errorf("moves (-want +got):\n%s", diff)
			}
		})
	}
}

// What was not read cannot be told from what is not there, and is never taken for unchanged.
func TestMovedOfWhatWasNotRead(t *testing.T) {
	t.Parallel()
	places := []kind.Place{{Kind: kind.Find("projects"), In: "projects", Path: "projects"}}
	objects := []kind.Object{project}
	if diff := cmp.Diff([]plan.Move{{Addr: "projects/p", ID: "proj_1", Gone: true}},
		plan.Moved(places, readingOf(places, objects), readingOf(nil, objects))); diff != "" {
		t.Error(diff)
	}
}
