package plan_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/desired"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
)

// fields are the fields of a live object.
type fields = map[string]any

// live is a live object. Its kind is told by its address, and invites by their id.
func live(addr kind.Address, id string, f fields) kind.Object {
	o := kind.Object{Kind: addr.Kind(), Addr: addr, ID: id, Fields: f}
	if key := addr.Key(); key != "" {
		o.Fields = fields{o.Kind.Key: key}
		if n, err := strconv.ParseInt(key, 10, 64); err == nil {
			o.Fields[o.Kind.Key] = n
		}
		for name, v := range f {
			o.Fields[name] = v
		}
	}
	if strings.HasPrefix(id, "invite") {
		o.Kind, o.State = o.Kind.Pending, kind.Waiting
	}
	return o
}

func aged(o kind.Object, created int64) kind.Object { o.Created = created; return o }

func stage(o kind.Object, s kind.State) kind.Object { o.State = s; return o }

func foreign(o kind.Object) kind.Object { o.Foreign = true; return o }

// project is the live project p, in which most tables play.
var project = live("projects/p", "proj_1", nil)

func input(t *testing.T, text string, objects ...kind.Object) plan.Input {
	t.Helper()
	org, err := desired.LoadFS(fstest.MapFS{"org.yaml": {Data: []byte("version: 1\n" + text)}}, "org.yaml", "org.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return plan.Input{Want: org.Objects, Declared: org.Declared, Policy: org.Policy,
		Live: kind.Live{Objects: objects, Read: map[kind.Source]bool{}, Organization: "org-acme"}}
}

// finish answers what a plan asks for with what lives there, and tells what was asked in each round.
func finish(t *testing.T, in plan.Input) (plan.Plan, [][]string) {
	t.Helper()
	objects := in.Live.Objects
	in.Live.Objects = nil
	var rounds [][]string
	for len(rounds) < 9 {
		p, err := plan.Make(in)
		if err != nil {
			t.Fatal(err)
		}
		if p.Needs.None() {
			return p, rounds
		}
		var asked []string
		for _, place := range p.Needs.Places {
			name := string(place.In)
			if place.Kind != place.In.Kind() {
				name += " (" + place.Kind.Name + ")"
			}
			asked = append(asked, name)
			in.Live.Read[place.Source()] = true
			for _, o := range objects {
				if o.Kind == place.Kind && (o.Addr == place.In || o.Addr.Collection() == place.In) {
					in.Live.Objects = append(in.Live.Objects, o)
				}
			}
		}
		if p.Needs.KeyOwner {
			asked = append(asked, "the owner of the key")
			if in.Live.KeyOwner == nil {
				in.Live.KeyOwner = &kind.KeyOwner{UserID: "user-root"}
			}
		}
		rounds = append(rounds, asked)
	}
	t.Fatalf("it asks on and on: %v", rounds)
	return plan.Plan{}, nil
}

func makePlan(t *testing.T, text string, objects ...kind.Object) plan.Plan {
	t.Helper()
	p, _ := finish(t, input(t, text, objects...))
	return p
}

// inProject puts a section into project p.
func inProject(section string) string { return "projects: [{name: p, " + section + "}]\n" }

// A table, as long as there are ways to gain or lose something.
func TestRisk(t *testing.T) {
	t.Parallel()
	limit := func(n int64) kind.Object {
		return live("projects/p/spend_limit", "", fields{"threshold_amount": n, "currency": "USD", "interval": "month"})
	}
	models := func(mode string, ids ...any) kind.Object {
		return live("projects/p/model_permissions", "", fields{"mode": mode, "model_ids": ids})
	}
	kept := func(how string) kind.Object {
		return live("projects/p/data_retention", "", fields{"retention_type": how})
	}
	mcp := func(on bool) kind.Object {
		return live("projects/p/hosted_tool_permissions", "", fields{"mcp": fields{"enabled": on}})
	}
	o3 := live("projects/p/rate_limits/o3", "rl-o3", fields{"max_requests_per_1_minute": int64(10)})
	user := func(role string) kind.Object {
		return live("users/x@acme.example", "user-1", fields{"role": role, "technical_level": "beginner"})
	}
	member := func(role string) kind.Object {
		return live("projects/p/users/x@acme.example", "user-1", fields{"role": role})
	}
	bot := func(role string) kind.Object {
		return live("projects/p/service_accounts/bot", "svc_1", fields{"role": role})
	}
	alert := live("spend_alerts/500", "alert_1", fields{"currency": "USD", "interval": "month",
		"notification_channel": fields{"type": "email", "recipients": []any{"a@acme.example"}}})
	root := live("users/root@acme.example", "user-root", fields{"role": "owner"})
	const people = "users: [{email: root@acme.example, role: owner}, "
	for name, tc := range map[string]struct {
		text string
		live []kind.Object
		want plan.Risk
	}{
		"a lower limit":                {inProject("spend_limit: {threshold_amount: 5}"), []kind.Object{project, limit(9)}, plan.Disruptive},
		"a higher limit":               {inProject("spend_limit: {threshold_amount: 50}"), []kind.Object{project, limit(9)}, plan.Escalation},
		"a new limit":                  {inProject("spend_limit: {threshold_amount: 50}"), []kind.Object{project}, plan.Disruptive},
		"a lifted limit":               {inProject("spend_limit: {state: absent}"), []kind.Object{project, limit(9)}, plan.Escalation},
		"one more model allowed":       {inProject("model_permissions: {mode: allow_list, model_ids: [a, b]}"), []kind.Object{project, models("allow_list", "a")}, plan.Escalation},
		"one model less allowed":       {inProject("model_permissions: {mode: allow_list, model_ids: [a]}"), []kind.Object{project, models("allow_list", "a", "b")}, plan.Disruptive},
		"none allowed":                 {inProject("model_permissions: {mode: allow_list, model_ids: []}"), []kind.Object{project, models("allow_list", "a")}, plan.Disruptive},
		"another model allowed":        {inProject("model_permissions: {mode: allow_list, model_ids: [b]}"), []kind.Object{project, models("allow_list", "a")}, plan.Disruptive},
		"one more model denied":        {inProject("model_permissions: {mode: deny_list, model_ids: [a, b]}"), []kind.Object{project, models("deny_list", "a")}, plan.Disruptive},
		"one model less denied":        {inProject("model_permissions: {mode: deny_list, model_ids: [a]}"), []kind.Object{project, models("deny_list", "a", "b")}, plan.Escalation},
		"denied instead of allowed":    {inProject("model_permissions: {mode: deny_list, model_ids: [a]}"), []kind.Object{project, models("allow_list", "a", "b")}, plan.Escalation},
		"allowed instead of denied":    {inProject("model_permissions: {mode: allow_list, model_ids: [a, b]}"), []kind.Object{project, models("deny_list", "a")}, plan.Disruptive},
		"models for the first time":    {inProject("model_permissions: {mode: deny_list, model_ids: [a]}"), []kind.Object{project}, plan.Disruptive},
		"any model":                    {inProject("model_permissions: {state: absent}"), []kind.Object{project, models("allow_list", "a")}, plan.Escalation},
		"data kept longer":             {inProject("data_retention: {retention_type: none}"), []kind.Object{project, kept("zero_data_retention")}, plan.Escalation},
		"data kept shorter":            {inProject("data_retention: {retention_type: zero_data_retention}"), []kind.Object{project, kept("organization_default")}, plan.Disruptive},
		"data kept as nobody knows":    {inProject("data_retention: {retention_type: none}"), []kind.Object{project, kept("some_day")}, plan.Disruptive},
		"a tool on":                    {inProject("hosted_tool_permissions: {mcp: {enabled: true}}"), []kind.Object{project, mcp(false)}, plan.Escalation},
		"a tool off":                   {inProject("hosted_tool_permissions: {mcp: {enabled: false}}"), []kind.Object{project, mcp(true)}, plan.Disruptive},
		"fewer requests":               {inProject("rate_limits: [{model: o3, max_requests_per_1_minute: 9}]"), []kind.Object{project, o3}, plan.Disruptive},
		"more requests":                {inProject("rate_limits: [{model: o3, max_requests_per_1_minute: 11}]"), []kind.Object{project, o3}, plan.Escalation},
		"a new owner":                  {people + "{email: x@acme.example, role: owner}]", []kind.Object{root, user("reader")}, plan.Escalation},
		"an owner less":                {people + "{email: x@acme.example, role: reader}]", []kind.Object{root, user("owner")}, plan.Disruptive},
		"an unknown role":              {people + "{email: x@acme.example, role: reader}]", []kind.Object{root, user("wizard")}, plan.Disruptive},
		"a person's level":             {people + "{email: x@acme.example, technical_level: expert}]", []kind.Object{root, user("reader")}, plan.Routine},
		"a person less":                {people + "{email: x@acme.example, state: absent}]", []kind.Object{root, user("reader")}, plan.Disruptive},
		"an invited owner":             {people + "{email: x@acme.example, role: owner}]", []kind.Object{root}, plan.Escalation},
		"an invited reader":            {people + "{email: x@acme.example, role: reader}]", []kind.Object{root}, plan.Routine},
		"a new member":                 {inProject("users: [{email: x@acme.example, role: member}]"), []kind.Object{project, user("reader")}, plan.Routine},
		"a new owner of a project":     {inProject("users: [{email: x@acme.example, role: owner}]"), []kind.Object{project, user("reader")}, plan.Escalation},
		"a promoted member":            {inProject("users: [{email: x@acme.example, role: owner}]"), []kind.Object{project, user("reader"), member("member")}, plan.Escalation},
		"a demoted member":             {inProject("users: [{email: x@acme.example, role: member}]"), []kind.Object{project, user("reader"), member("owner")}, plan.Disruptive},
		"a member less":                {inProject("users: [{email: x@acme.example, state: absent}]"), []kind.Object{project, user("reader"), member("owner")}, plan.Disruptive},
		"an account gets its role":     {inProject("service_accounts: [{name: bot, role: member}]"), []kind.Object{project, bot("none")}, plan.Escalation},
		"an account loses power":       {inProject("service_accounts: [{name: bot, role: member}]"), []kind.Object{project, bot("owner")}, plan.Disruptive},
		"an account less":              {inProject("service_accounts: [{name: bot, state: absent}]"), []kind.Object{project, bot("none")}, plan.Irreversible},
		"an archived project":          {"projects: [{name: p, state: archived}]", []kind.Object{project}, plan.Irreversible},
		"a new name":                   {"projects: [{name: q, previously: [p]}]", []kind.Object{project}, plan.Routine},
		"a new project":                {"projects: [p]", nil, plan.Routine},
		"another recipient":            {"spend_alerts: [{threshold_amount: 500, notification_channel: {recipients: [b@acme.example]}}]", []kind.Object{alert}, plan.Routine},
		"an alert less":                {"spend_alerts: [{threshold_amount: 500, state: absent}]", []kind.Object{alert}, plan.Disruptive},
		"a limit of the organization":  {"spend_limit: {threshold_amount: 5}", nil, plan.Disruptive},
		"retention never set before":   {"data_retention: {retention_type: zero_data_retention}", nil, plan.Routine},
		"a limit of a new project too": {inProject("spend_limit: {threshold_amount: 5}"), nil, plan.Routine},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := makePlan(t, tc.text, tc.live...)
			if len(p.Changes) == 0 {
				t.Fatalf("nothing changes: %v", p.Problems)
			}
			for _, c := range p.Changes {
				if c.Risk != tc.want {
					t.Errorf("%s %s %v is %s, want %s", c.Verb(), c.Addr, c.Fields, c.Risk, tc.want)
				}
			}
		})
	}
}

// The caps: what is allowed of a number of live alerts.
func TestMaxRemovals(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		policy       string
		live, remove int
		want         string // "" = not refused
	}{
		{"", 4, 4, ""},
		{"", 5, 5, ""},
		{"", 6, 6, "6 to remove, and at most 5 are allowed (25% of 6)"},
		{"", 24, 6, ""},
		{"", 27, 6, ""},
		{"", 27, 7, "7 to remove, and at most 6 are allowed (25% of 27)"},
		{"max_removals: 10%", 19, 1, ""},
		{"max_removals: 10%", 19, 2, "2 to remove, and at most 1 are allowed (10% of 19)"},
		{"max_removals: 0%", 19, 1, "1 to remove, and at most 0 are allowed (0% of 19)"},
		{"max_removals: 100%", 7, 7, ""},
		{"max_removals: 2", 2, 2, ""},
		{"max_removals: 2", 40, 3, "3 to remove, and at most 2 are allowed"},
	} {
		t.Run(fmt.Sprintf("%s %d of %d", tc.policy, tc.remove, tc.live), func(t *testing.T) {
			t.Parallel()
			var objects []kind.Object
			text := "policy: {" + tc.policy + "}\nspend_alerts:\n"
			for i := range tc.live {
				objects = append(objects, live(kind.Address("spend_alerts").Join(fmt.Sprint(i)), fmt.Sprintf("alert_%d", i), nil))
				if i < tc.remove {
					text += fmt.Sprintf("  - {threshold_amount: %d, state: absent}\n", i)
				}
			}
			in := input(t, text, objects...)
			p, _ := finish(t, in)
			var got string
			for _, r := range p.Refusals {
				got += r.Message
			}
			if got != tc.want {
				t.Fatalf("got %q, want %q", got, tc.want)
			}
			if tc.want == "" {
				return
			}
			a, err := plan.ParseAllow(p.Refusals[0].Allow[0])
			if err != nil || len(p.Refusals[0].Allow) != tc.remove {
				t.Fatalf("%v, and the flags are %v", err, p.Refusals[0].Allow)
			}
			in.Allow = []plan.Allow{a}
			again, _ := finish(t, in)
			if n := len(again.Refusals); n > 0 && !strings.HasPrefix(again.Refusals[0].Message, fmt.Sprint(tc.remove-1)) {
				t.Fatalf("one is allowed by name, and still %q", again.Refusals[0].Message)
			}
		})
	}
}

func TestGuards(t *testing.T) {
	t.Parallel()
	ada := live("users/ada@acme.example", "user-ada", fields{"role": "owner"})
	root := live("users/root@acme.example", "user-root", fields{"role": "owner"})
	const demote = "users: [{email: ada@acme.example, role: reader}]\n"
	for name, tc := range map[string]struct {
		text  string
		live  []kind.Object
		owner string // of the key; "" = cannot be told
		want  []string
	}{
		"enough owners":          {demote, []kind.Object{ada, root}, "user-root", nil},
		"too few owners":         {"policy: {min_owners: 2}\n" + demote, []kind.Object{ada, root}, "user-root", []string{"min_owners update:users/ada@acme.example"}},
		"the last owner":         {demote, []kind.Object{ada}, "user-x", []string{"min_owners update:users/ada@acme.example"}},
		"a required owner":       {"policy: {required_owners: [Root@acme.example]}\nusers: [{email: ada@acme.example}]\n", []kind.Object{ada, root}, "user-root", nil},
		"a required owner goes":  {"policy: {prune: [users/*], required_owners: [ADA@acme.example]}\nusers: [{email: root@acme.example}]\n", []kind.Object{ada, root}, "user-root", []string{"required_owners delete:users/ada@acme.example"}},
		"the owner of the key":   {demote, []kind.Object{ada, root}, "user-ada", []string{"key_owner update:users/ada@acme.example"}},
		"an unknown key":         {demote, []kind.Object{ada, root}, "", []string{"key_owner update:users/ada@acme.example"}},
		"another organization":   {"policy: {organization: org-globex}\n", nil, "", []string{"organization "}},
		"this organization":      {"policy: {organization: org-acme}\n", nil, "", nil},
		"no witness":             {"policy: {witness: proj_9}\n", []kind.Object{project}, "", []string{"witness "}},
		"a witness":              {"policy: {witness: proj_1}\n", []kind.Object{project}, "", nil},
		"no archives":            {"policy: {max_archives: 0}\nprojects: [{name: p, state: archived}]\n", []kind.Object{project}, "", []string{"max_archives archive:projects/p"}},
		"no creates":             {"policy: {max_creates: 0}\nprojects: [q]\n", nil, "", []string{"max_creates create:projects/q"}},
		"no invites":             {"policy: {max_invites: 0}\nusers: [{email: x@acme.example, role: reader}]\n", nil, "", []string{"max_invites create:users/x@acme.example"}},
		"no replaced invites":    {"policy: {max_invites: 0}\nusers: [{email: x@acme.example, role: owner}]\n", []kind.Object{live("users/x@acme.example", "invite-1", fields{"role": "reader"})}, "", []string{"max_invites replace:users/x@acme.example"}},
		"protected":              {"policy: {protect: [projects/p]}\nprojects: [{name: p, state: archived}]\n", []kind.Object{project}, "", []string{"protect archive:projects/p"}},
		"protected below":        {"policy: {protect: [projects/p/service_accounts/*]}\nprojects: [{name: p, state: archived}]\n", []kind.Object{project, live("projects/p/service_accounts/bot", "svc_1", nil)}, "", []string{"protect archive:projects/p"}},
		"protected, but updated": {"policy: {protect: [users/*]}\nusers: [{email: ada@acme.example, role: reader}]\n", []kind.Object{ada, root}, "user-root", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(t, tc.text, tc.live...)
			in.Live.KeyOwner = &kind.KeyOwner{UserID: tc.owner}
			p, _ := finish(t, in)
			var got []string
			for _, r := range p.Refusals {
				got = append(got, r.Rule+" "+strings.Join(r.Allow, ","))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("refusals (-want +got):\n%s%v", diff, p.Changes)
			}
		})
	}
}

// A plan asks for no more than it needs.
func TestNeeds(t *testing.T) {
	t.Parallel()
	member := live("projects/p/users/x@acme.example", "user-1", fields{"role": "member"})
	user := live("users/x@acme.example", "user-1", fields{"role": "reader"})
	owner := live("users/x@acme.example", "user-1", fields{"role": "owner"})
	root := live("users/root@acme.example", "user-root", fields{"role": "owner"})
	for name, tc := range map[string]struct {
		text string
		only kind.Globs
		live []kind.Object
		want [][]string
	}{
		"nothing declared":          {"", nil, nil, nil},
		"a witness":                 {"policy: {witness: proj_1}\n", nil, []kind.Object{project}, [][]string{{"projects"}}},
		"people":                    {"users: []\n", nil, nil, [][]string{{"users", "users (invites)"}}},
		"settings":                  {"spend_limit: {state: absent}\ndata_retention: {retention_type: zero_data_retention}\n", nil, nil, [][]string{{"data_retention", "spend_limit"}}},
		"what is in a live project": {inProject("users: []"), nil, []kind.Object{project}, [][]string{{"projects"}, {"projects/p/users"}}},
		"what is in a new project":  {inProject("service_accounts: [bot], spend_alerts: []"), nil, nil, [][]string{{"projects"}}},
		"a member who is there":     {inProject("users: [{email: x@acme.example, role: member}]"), nil, []kind.Object{project, member, user}, [][]string{{"projects"}, {"projects/p/users"}}},
		"a member who is not":       {inProject("users: [{email: x@acme.example, role: member}]"), nil, []kind.Object{project, user}, [][]string{{"projects"}, {"projects/p/users"}, {"users", "users (invites)"}}},
		"a member of another role":  {inProject("users: [{email: x@acme.example, role: owner}]"), nil, []kind.Object{project, member, user}, [][]string{{"projects"}, {"projects/p/users"}, {"users", "users (invites)"}}},
		"a member to remove":        {inProject("users: [{email: x@acme.example, state: absent}]"), nil, []kind.Object{project, member, user}, [][]string{{"projects"}, {"projects/p/users"}, {"users", "users (invites)"}}},
		"a reader to remove":        {"users: [{email: x@acme.example, state: absent}]\n", nil, []kind.Object{user, root}, [][]string{{"users", "users (invites)"}}},
		"an owner to remove":        {"users: [{email: x@acme.example, state: absent}]\n", nil, []kind.Object{owner, root}, [][]string{{"users", "users (invites)"}, {"the owner of the key"}}},
		"a limit beside new alerts": {"spend_alerts: [{threshold_amount: 5, notification_channel: {recipients: [a@b.example]}}]\n", nil, nil, [][]string{{"spend_alerts"}, {"spend_limit"}}},
		"a limit beside no change":  {"spend_alerts: []\n", nil, nil, [][]string{{"spend_alerts"}}},
		"a part":                    {"users: []\n" + inProject("users: [], spend_alerts: []"), kind.Globs{"projects/*/spend_alerts/*", "projects/p"}, []kind.Object{project, live("projects/p/spend_alerts/5", "alert_1", nil)}, [][]string{{"projects"}, {"projects/p/spend_alerts"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(t, tc.text, tc.live...)
			in.Only = tc.only
			_, got := finish(t, in)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

// Of live objects that share a key, the equal one has it, else the oldest; parents and what holds a secret
// are for a person.
func TestTwins(t *testing.T) {
	t.Parallel()
	alert := func(id string, created int64, to string) kind.Object {
		return aged(live("spend_alerts/5", id, fields{"currency": "USD", "interval": "month", "notification_channel": fields{"type": "email", "recipients": []any{to}}}), created)
	}
	const declared = "spend_alerts: [{threshold_amount: 5, notification_channel: {recipients: [a@b.example]}}]\n"
	twin := live("projects/p", "proj_2", nil)
	for name, tc := range map[string]struct {
		text string
		live []kind.Object
		want string
	}{
		"the equal one":       {declared, []kind.Object{alert("alert_1", 1, "x@b.example"), alert("alert_2", 2, "a@b.example")}, "undeclared spend_alerts/5~alert_1"},
		"the oldest":          {declared, []kind.Object{alert("alert_1", 2, "x@b.example"), alert("alert_2", 1, "y@b.example")}, "update spend_alerts/5 alert_2; undeclared spend_alerts/5~alert_1"},
		"the first id":        {declared, []kind.Object{alert("alert_2", 0, "x@b.example"), alert("alert_1", 0, "y@b.example")}, "update spend_alerts/5 alert_1; undeclared spend_alerts/5~alert_2"},
		"absent ones":         {"spend_alerts: [{threshold_amount: 5, state: absent}]\n", []kind.Object{alert("alert_1", 1, ""), alert("alert_2", 2, "")}, "delete spend_alerts/5 alert_1; delete spend_alerts/5~alert_2 alert_2"},
		"pruned ones":         {"policy: {prune: [spend_alerts/*]}\nspend_alerts: []\n", []kind.Object{alert("alert_1", 1, ""), alert("alert_2", 2, "")}, "delete spend_alerts/5 alert_1; delete spend_alerts/5~alert_2 alert_2"},
		"projects":            {"projects: [p]\n", []kind.Object{project, twin}, "problem projects/p: 2 live objects have this name: proj_1, proj_2"},
		"a pinned project":    {"projects: [{name: p, id: proj_2}]\n", []kind.Object{project, twin}, "undeclared projects/p~proj_1"},
		"accounts":            {inProject("service_accounts: [bot]"), []kind.Object{project, live("projects/p/service_accounts/bot", "svc_1", nil), live("projects/p/service_accounts/bot", "svc_2", nil)}, "problem projects/p/service_accounts/bot: 2 live objects have this name: svc_1, svc_2"},
		"an archived one":     {"projects: [p]\n", []kind.Object{stage(project, kind.Archived)}, "problem projects/p: an archived one has this name (proj_1), and archiving cannot be undone"},
		"an archived one too": {"projects: [p]\n", []kind.Object{stage(project, kind.Archived), twin}, ""},
		"an earlier name":     {"policy: {prune: [projects/*]}\nprojects: [{name: q, previously: [p]}]\n", []kind.Object{project, live("projects/q", "proj_9", nil)}, "undeclared projects/p; problem projects/p: is not pruned: it is not declared here, and declared objects refer to it; problem projects/q: both this name and its earlier name p are live: proj_9, proj_1"},
		"a foreign namesake":  {"users: [{email: x@acme.example, state: absent}]\n", []kind.Object{foreign(live("users/x@acme.example", "user-1", nil)), live("users/x@acme.example", "invite-1", nil)}, "delete users/x@acme.example~invite-1 invite-1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := makePlan(t, tc.text, tc.live...)
			var got []string
			for _, c := range p.Changes {
				got = append(got, fmt.Sprintf("%s %s %s", c.Verb(), c.Addr, c.ID))
			}
			for _, a := range p.Undeclared {
				got = append(got, "undeclared "+string(a))
			}
			var problems []string
			for _, q := range p.Problems {
				problems = append(problems, fmt.Sprintf("problem %s: %s", q.Addr, q.Message))
			}
			slices.Sort(problems)
			if got := strings.Join(append(got, problems...), "; "); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

// Stages of a person's life.
func TestPeople(t *testing.T) {
	t.Parallel()
	const x, her = "users/x@acme.example", "users: [{email: X@acme.example, role: reader}]\n"
	invite := func(id string, created int64, role string, s kind.State) kind.Object {
		return aged(stage(live(x, id, fields{"role": role}), s), created)
	}
	for name, tc := range map[string]struct {
		text string
		live []kind.Object
		want plan.Summary
	}{
		"invited":                    {her, []kind.Object{invite("invite-1", 1, "reader", kind.Waiting)}, plan.Summary{Pending: 1}},
		"invited as another":         {her, []kind.Object{invite("invite-1", 1, "owner", kind.Waiting)}, plan.Summary{Replace: 1}},
		"invited twice":              {her, []kind.Object{invite("invite-1", 1, "owner", kind.Waiting), invite("invite-2", 2, "reader", kind.Waiting)}, plan.Summary{Pending: 1, Undeclared: 1}},
		"expired":                    {her, []kind.Object{invite("invite-1", 1, "reader", kind.Expired)}, plan.Summary{Pending: 1}},
		"expired, invited again":     {her, []kind.Object{invite("invite-1", 1, "reader", kind.Expired), invite("invite-2", 2, "reader", kind.Waiting)}, plan.Summary{Pending: 1}},
		"removed by hand":            {her, []kind.Object{invite("invite-1", 1, "reader", kind.Used)}, plan.Summary{Problems: 1}},
		"there":                      {her, []kind.Object{live(x, "user-1", fields{"role": "reader"}), invite("invite-1", 1, "owner", kind.Used)}, plan.Summary{Unchanged: 1}},
		"from the identity provider": {her, []kind.Object{foreign(live(x, "user-1", fields{"role": "owner"}))}, plan.Summary{Unchanged: 1}},
		"new":                        {her, nil, plan.Summary{Create: 1}},
		"new without a role":         {"users: [x@acme.example]\n", nil, plan.Summary{Problems: 1}},
		"absent and invited":         {"users: [{email: x@acme.example, state: absent}]\n", []kind.Object{live(x, "user-1", nil), invite("invite-1", 1, "owner", kind.Waiting), invite("invite-2", 1, "owner", kind.Expired)}, plan.Summary{Delete: 2}},
		"carried along":              {her + inProject("users: [{email: x@acme.example, role: member}]"), []kind.Object{project}, plan.Summary{Create: 2, Unchanged: 1}},
		"carried without a role":     {her + inProject("users: [x@acme.example]"), []kind.Object{project}, plan.Summary{Create: 1, Unchanged: 1, Problems: 1}},
		"waits for her":              {her + inProject("users: [{email: x@acme.example, role: member}]"), []kind.Object{project, invite("invite-1", 1, "reader", kind.Waiting)}, plan.Summary{Pending: 2, Unchanged: 1}},
		"owners own it":              {"users: [{email: x@acme.example, role: owner}]\n" + inProject("users: [{email: x@acme.example, role: member}]"), []kind.Object{project, live(x, "user-1", fields{"role": "owner"})}, plan.Summary{Unchanged: 3}},
		"nobody knows her":           {inProject("users: [{email: x@acme.example, role: member}]"), []kind.Object{project}, plan.Summary{Unchanged: 1, Problems: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if p := makePlan(t, tc.text, tc.live...); p.Summary() != tc.want {
				t.Errorf("got %+v, want %+v\n%v\n%v\n%v", p.Summary(), tc.want, p.Changes, p.Notes, p.Problems)
			}
		})
	}
}

// Settings that a change may disturb are watched, unless the plan writes them, or they come with their parent.
func TestWatch(t *testing.T) {
	t.Parallel()
	const alerts = "spend_alerts: [{threshold_amount: 5, notification_channel: {recipients: [a@b.example]}}]"
	for name, tc := range map[string]struct {
		text string
		live []kind.Object
		want []kind.Address
	}{
		"not declared":     {alerts, nil, []kind.Address{"spend_limit"}},
		"of a project":     {inProject(alerts), []kind.Object{project}, []kind.Address{"projects/p/spend_limit"}},
		"of a new project": {inProject(alerts), nil, nil},
		"written anyway":   {alerts + "\nspend_limit: {threshold_amount: 7}\n", nil, nil},
		"nothing disturbs": {"spend_alerts: []\n", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []kind.Address
			for _, w := range makePlan(t, tc.text, tc.live...).Watch {
				got = append(got, w.In)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("watched (-want +got):\n%s", diff)
			}
		})
	}
}

// afterOf lists what each change waits for.
func afterOf(p plan.Plan) string {
	var b strings.Builder
	for _, c := range p.Changes {
		fmt.Fprintf(&b, "%c %s %v\n", c.Action, c.Addr, c.After)
	}
	return b.String()
}

// An assignment is made before what it stands beside goes, but not before that is only changed: two roles that
// are changed and given would wait for each other.
func TestAssignmentsWaitOnlyForWhatGoes(t *testing.T) {
	t.Parallel()
	role := func(name string) kind.Object {
		return live(kind.Address("roles/"+name), "role_"+name, fields{"permissions": []any{"api.x"}})
	}
	group := func(name, has string) []kind.Object {
		return []kind.Object{live(kind.Address("groups/"+name), "group_"+name, nil), live(kind.Address("groups/"+name+"/roles/"+has), "role_"+has, nil)}
	}
	p := makePlan(t, `roles: [{name: a, permissions: [api.y]}, {name: b, permissions: [api.y]}]
groups: [{name: g, roles: [a, b]}, {name: h, roles: [a, b]}]`, slices.Concat([]kind.Object{role("a"), role("b")}, group("g", "a"), group("h", "b"))...)
	want := "~ roles/a []\n~ roles/b []\n+ groups/g/roles/b [roles/b]\n+ groups/h/roles/a [roles/a]\n"
	if diff := cmp.Diff(want, afterOf(p)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// What is removed below a project by a request of its own is so before the project is archived.
func TestWhatGoesFirstGoesBeforeWhatItStandsUnder(t *testing.T) {
	t.Parallel()
	p := makePlan(t, "certificates: [{name: c, state: absent}]\nprojects: [{name: p, state: archived}]",
		project, live("certificates/c", "cert_1", nil), live("projects/p/certificates/c", "cert_1", nil))
	want := "- certificates/c [projects/p/certificates/c]\n- projects/p [projects/p/certificates/c]\n- projects/p/certificates/c []\n"
	if diff := cmp.Diff(want, afterOf(p)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
