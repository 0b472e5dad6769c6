package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
)

// against is a plan of head with a base, and what drifted.
func against(t *testing.T, base, head string, objects ...kind.Object) plan.Plan {
	t.Helper()
	in := based(t, base, head)
	for range 9 {
		p, err := plan.Make(in)
		if err == nil && p.Needs.None() {
			p, err = plan.Drift(in, p)
		}
		if err != nil {
			t.Fatal(err)
		}
		if p.Needs.None() {
			return p
		}
		for _, place := range p.Needs.Places {
			in.Live.Read[place.Source()] = true
			for _, o := range objects {
				if o.Kind == place.Kind && (o.Addr == place.In || o.Addr.Collection() == place.In) {
					in.Live.Objects = append(in.Live.Objects, o)
				}
			}
		}
		if p.Needs.KeyOwner {
			in.Live.KeyOwner = &kind.KeyOwner{UserID: "user-root"}
		}
	}
	t.Fatal("it asks on and on")
	return plan.Plan{}
}

func based(t *testing.T, base, head string) plan.Input {
	t.Helper()
	in, before := input(t, head), input(t, base)
	in.Base = &plan.Base{Want: before.Want, Declared: before.Declared, Policy: before.Policy}
	return in
}

// brief is a plan in a few lines: what the tables compare.
func brief(p plan.Plan) string {
	var b strings.Builder
	change := func(prefix string, c plan.Change) {
		fmt.Fprintf(&b, "%s%c %s", prefix, c.Action, c.Addr)
		if c.Drift {
			b.WriteString(" (drift)")
		}
		for _, d := range c.Fields {
			fmt.Fprintf(&b, " %s=%v->%v", d.Name, d.Old, d.New)
			if d.Drifted {
				fmt.Fprintf(&b, " (base %v)", d.Base)
			}
		}
		b.WriteString("\n")
	}
	for _, c := range p.Changes {
		change("", c)
	}
	for _, u := range p.Unmanaged {
		fmt.Fprintf(&b, "stays %s %s %v %d\n", u.Addr, u.Field, u.Stays, u.Count)
	}
	for _, c := range p.Policy {
		fmt.Fprintf(&b, "policy %s %q->%q %t\n", c.Field, c.Old, c.New, c.Loosened)
	}
	for _, q := range p.Problems {
		fmt.Fprintf(&b, "problem %s %s\n", q.Addr, q.Message)
	}
	for _, r := range p.Refusals {
		fmt.Fprintf(&b, "refused %s %s\n", r.Rule, r.Message)
	}
	for _, c := range p.Drift {
		change("left ", c)
	}
	for _, q := range p.Drifted {
		fmt.Fprintf(&b, "left problem %s %s\n", q.Addr, q.Message)
	}
	return b.String()
}

// A table, as long as there are ways to change the YAML.
func TestBase(t *testing.T) {
	t.Parallel()
	limit := func(n int64) kind.Object {
		return live("projects/p/spend_limit", "", fields{"threshold_amount": n, "currency": "USD", "interval": "month"})
	}
	rate := func(requests, tokens int64) kind.Object {
		return live("projects/p/rate_limits/o3", "rl-o3", fields{"max_requests_per_1_minute": requests, "max_tokens_per_1_minute": tokens})
	}
	models := func(mode string, ids ...any) kind.Object {
		return live("projects/p/model_permissions", "", fields{"mode": mode, "model_ids": ids})
	}
	alert := func(cents string, to any) kind.Object {
		return live(kind.Address("spend_alerts/"+cents), "alert_"+cents, fields{"currency": "USD", "interval": "month",
			"notification_channel": fields{"type": "email", "recipients": []any{to}}})
	}
	const to = ", notification_channel: {recipients: [a@acme.example]}}"
	renamed := func(o kind.Object) kind.Object { // it is read under the name that head gives
		o.Addr = kind.Address(strings.Replace(string(o.Addr), "projects/p", "projects/q", 1))
		return o
	}
	limited := func(p string, n int64) kind.Object {
		return live(kind.Address("projects/"+p+"/spend_limit"), "", fields{"threshold_amount": n, "currency": "USD", "interval": "month"})
	}
	alerted := func(p, id string) kind.Object {
		return live(kind.Address("projects/"+p+"/spend_alerts/100"), id, fields{"currency": "USD", "interval": "month",
			"notification_channel": fields{"type": "email", "recipients": []any{"a@acme.example"}}})
	}
	pinned := func(name, id string, cents int) string {
		return fmt.Sprintf("{name: %s, id: %s, spend_limit: {threshold_amount: %d}}", name, id, cents)
	}
	q := live("projects/q", "proj_2", nil)
	rule := func(branch, description, account string) string { // of a provider, to an account of the project
		return inProject("service_accounts: [{name: x}, {name: y}]") + "workload_identity_providers: [{name: gh, federation_rules: [{name: r, description: " + description +
			", attribute_matchers: {branch: " + branch + "}, project: p, service_account: " + account + "}]}]"
	}
	ruled := func(branch, description, account string) kind.Object {
		return live("workload_identity_providers/gh/federation_rules/r", "rule_1", fields{"description": description,
			"attribute_matchers": fields{"branch": branch}, "project": "proj_1", "service_account": account})
	}
	federation := []kind.Object{project, live("projects/p/service_accounts/x", "svc_x", nil), live("projects/p/service_accounts/y", "svc_y", nil),
		live("workload_identity_providers/gh", "wip_1", nil)}
	user := func(name, role string) kind.Object {
		return live(kind.Address("users/"+name+"@acme.example"), "user-"+name, fields{"role": role})
	}
	for name, tc := range map[string]struct {
		base, head string
		live       []kind.Object
		want       string
	}{
		"nothing changes and something drifted": {
			inProject("spend_limit: {threshold_amount: 100}"), inProject("spend_limit: {threshold_amount: 100}"),
			[]kind.Object{project, limit(500)}, "left ~ projects/p/spend_limit threshold_amount=500->100\n"},
		"one field changes, another of the same object drifted": {
			inProject("rate_limits: [{model: o3, max_requests_per_1_minute: 10, max_tokens_per_1_minute: 70}]"),
			inProject("rate_limits: [{model: o3, max_requests_per_1_minute: 20, max_tokens_per_1_minute: 70}]"),
			[]kind.Object{project, rate(10, 99)},
			"~ projects/p/rate_limits/o3 max_requests_per_1_minute=10->20\nleft ~ projects/p/rate_limits/o3 max_tokens_per_1_minute=99->70\n"},
		"the field that changes drifted, too": {
			inProject("spend_limit: {threshold_amount: 100}"), inProject("spend_limit: {threshold_amount: 200}"),
			[]kind.Object{project, limit(500)}, "~ projects/p/spend_limit threshold_amount=500->200 (base 100)\n"},
		"the change is live already": {
			inProject("spend_limit: {threshold_amount: 100}"), inProject("spend_limit: {threshold_amount: 200}"),
			[]kind.Object{project, limit(200)}, ""},
		"what is new and lives otherwise": {
			inProject("spend_alerts: []"), inProject("spend_alerts: [], spend_limit: {threshold_amount: 200}"),
			[]kind.Object{project, limit(500)}, "~ projects/p/spend_limit threshold_amount=500->200\n"},
		"fields that make sense together are planned together": {
			inProject("model_permissions: {mode: allow_list, model_ids: [o3]}"), inProject("model_permissions: {mode: allow_list, model_ids: [o3, o4]}"),
			[]kind.Object{project, models("deny_list", "o3")},
			"~ projects/p/model_permissions mode=deny_list->allow_list (base allow_list) model_ids=[o3]->[o3 o4]\n"},
		"a removed alert goes without any prune glob": {
			"spend_alerts: [{threshold_amount: 100" + to + ", {threshold_amount: 200" + to + "]", "spend_alerts: [{threshold_amount: 100" + to + "]",
			[]kind.Object{alert("100", "a@acme.example"), alert("200", "a@acme.example"), alert("300", "a@acme.example")},
			"- spend_alerts/200\n"},
		"a removed alert that is gone already": {
			"spend_alerts: [{threshold_amount: 200" + to + "]", "spend_alerts: []",
			[]kind.Object{alert("300", "a@acme.example")}, ""},
		"a dropped section": {
			"users: []\nspend_alerts: [{threshold_amount: 100" + to + "]", "users: []",
			[]kind.Object{alert("100", "a@acme.example")}, "stays spend_alerts  <nil> 1\n"},
		"a dropped setting and a dropped field": {
			inProject("spend_limit: {threshold_amount: 100}, rate_limits: [{model: o3, max_requests_per_1_minute: 10, max_tokens_per_1_minute: 70}]"),
			inProject("rate_limits: [{model: o3, max_requests_per_1_minute: 10}]"),
			[]kind.Object{project, limit(500), rate(10, 99)},
			"stays projects/p/rate_limits/o3 max_tokens_per_1_minute 99 0\nstays projects/p/spend_limit threshold_amount 500 0\n"},
		"a dropped member of an object is told by its fields": {
			inProject("hosted_tool_permissions: {mcp: {enabled: false}, web_search: {enabled: true}}"), inProject("hosted_tool_permissions: {mcp: {enabled: false}}"),
			[]kind.Object{project, live("projects/p/hosted_tool_permissions", "", fields{"mcp": fields{"enabled": false}, "web_search": fields{"enabled": false}})},
			"stays projects/p/hosted_tool_permissions web_search.enabled false 0\n"},
		"a dropped row that the API gives": {
			inProject("rate_limits: [{model: o3, max_requests_per_1_minute: 10}]"), inProject("rate_limits: []"),
			[]kind.Object{project, rate(10, 99)}, "stays projects/p/rate_limits/o3 max_requests_per_1_minute 10 0\n"},
		"a dropped project is archived, with all that is below it": {
			"projects: [{name: p, spend_limit: {threshold_amount: 100}}, {name: q}]", "projects: [{name: q}]",
			[]kind.Object{project, live("projects/q", "proj_2", nil), limit(100)}, "- projects/p\n"},
		"a renamed project": {
			inProject("spend_limit: {threshold_amount: 100}, spend_alerts: []"), "projects: [{name: q, previously: [p], spend_limit: {threshold_amount: 100}}]",
			[]kind.Object{project, renamed(limit(500))},
			"~ projects/q name=p->q\nstays projects/q/spend_alerts  <nil> 0\nleft ~ projects/q/spend_limit threshold_amount=500->100\n"},
		"a project renamed by its pin": {
			"projects: [{name: p, id: proj_1, spend_limit: {threshold_amount: 100}}]", "projects: [{name: q, id: proj_1, spend_limit: {threshold_amount: 100}}]",
			[]kind.Object{project, renamed(limit(100))}, "~ projects/q name=p->q\n"},
		"two pinned projects swap their names, and keep their limits": {
			"projects: [" + pinned("p", "proj_1", 100) + ", " + pinned("q", "proj_2", 200) + "]",
			"projects: [" + pinned("p", "proj_2", 200) + ", " + pinned("q", "proj_1", 100) + "]",
			[]kind.Object{project, q, limited("p", 500), limited("q", 100)},
			"~ projects/p name=q->p\n~ projects/q name=p->q\nleft ~ projects/p/spend_limit threshold_amount=500->200\n"},
		"two pinned projects swap their names, and their limits with them": {
			"projects: [" + pinned("p", "proj_1", 100) + ", " + pinned("q", "proj_2", 200) + "]",
			"projects: [" + pinned("p", "proj_2", 100) + ", " + pinned("q", "proj_1", 200) + "]",
			[]kind.Object{project, q, limited("p", 200), limited("q", 100)},
			"~ projects/p name=q->p\n~ projects/p/spend_limit threshold_amount=200->100\n" +
				"~ projects/q name=p->q\n~ projects/q/spend_limit threshold_amount=100->200\n"},
		"a project takes the name of one that was renamed": {
			"projects: [" + pinned("p", "proj_1", 100) + ", " + pinned("q", "proj_2", 200) + "]",
			"projects: [" + pinned("q", "proj_1", 200) + ", " + pinned("r", "proj_2", 200) + "]",
			[]kind.Object{project, q, limited("q", 100), limited("r", 200)},
			"~ projects/q name=p->q\n~ projects/q/spend_limit threshold_amount=100->200\n~ projects/r name=q->r\n"},
		"a pin that goes to another project": {
			"projects: [" + pinned("p", "proj_1", 100) + "]", "projects: [" + pinned("p", "proj_2", 100) + "]",
			[]kind.Object{project, q, limited("p", 900)},
			"~ projects/p name=q->p\n~ projects/p/spend_limit threshold_amount=900->100\nstays projects/p~proj_1  <nil> 1\n"},
		"a project takes the name of one that is not declared any more": {
			"projects: [{name: p, id: proj_1}, {name: q, spend_alerts: []}]", "projects: [{name: q, id: proj_1}]", []kind.Object{project, q},
			"~ projects/q name=p->q\nstays projects/q  <nil> 1\n"},
		"a new pin is asked for": {
			"projects: [{name: p}]", "projects: [{name: p, id: proj_2}]", []kind.Object{q}, "~ projects/p name=q->p\n"},
		"a renamed project whose name drifted": {
			"projects: [{name: p, id: proj_1}]", "projects: [{name: q, id: proj_1}]", []kind.Object{live("projects/x", "proj_1", nil)},
			"~ projects/q name=x->q (base p)\n"},
		"an earlier name that was forgotten is asked for": {
			"projects: [{name: q}]", "projects: [{name: q, previously: [p]}]", []kind.Object{project}, "~ projects/q name=p->q\n"},
		"a name that drifted is not": {
			"projects: [{name: q, previously: [p]}]", "projects: [{name: q, previously: [p], spend_limit: {threshold_amount: 5}}]",
			[]kind.Object{project, limited("q", 7)}, "~ projects/q/spend_limit threshold_amount=7->5\nleft ~ projects/q name=p->q\n"},
		"alerts that share the amount go together": {
			inProject("spend_alerts: [{threshold_amount: 100" + to + "]"), inProject("spend_alerts: []"),
			[]kind.Object{project, alerted("p", "alert_1"), alerted("p", "alert_2")}, "- projects/p/spend_alerts/100\n- projects/p/spend_alerts/100~alert_2\n"},
		"one field of a federation rule changes, another drifted": {
			rule("main", "a", "x"), rule("dev", "a", "x"), append(slices.Clone(federation), ruled("main", "z", "svc_x")),
			"~ workload_identity_providers/gh/federation_rules/r attribute_matchers=map[branch:main]->map[branch:dev]\n" +
				"left ~ workload_identity_providers/gh/federation_rules/r description=z->a\n"},
		"a federation rule for another account is made anew, as it lives": {
			rule("main", "a", "x"), rule("main", "a", "y"), append(slices.Clone(federation), ruled("main", "z", "svc_x")),
			"± workload_identity_providers/gh/federation_rules/r service_account=x->y\n" +
				"left ~ workload_identity_providers/gh/federation_rules/r description=z->a\n"},
		"a dropped person": {
			"users: [{email: root@acme.example, role: owner}, {email: x@acme.example, role: reader}]", "users: [{email: root@acme.example, role: owner}]",
			[]kind.Object{user("root", "owner"), user("x", "reader")}, "- users/x@acme.example\n"},
		"a dropped person who has not accepted": {
			"users: [{email: root@acme.example, role: owner}, {email: x@acme.example, role: reader}]", "users: [{email: root@acme.example, role: owner}]",
			[]kind.Object{user("root", "owner"), live("users/x@acme.example", "invite-1", fields{"role": "reader"})}, "- users/x@acme.example\n"},
		"a dropped person whom a group needs": {
			"users: [{email: root@acme.example, role: owner}, {email: x@acme.example, role: reader}]\ngroups: [{name: g, users: [x@acme.example]}]",
			"users: [{email: root@acme.example, role: owner}]\ngroups: [{name: g, users: [x@acme.example]}]",
			[]kind.Object{user("root", "owner"), user("x", "reader"), live("groups/g", "group_1", nil), live("groups/g/users/x@acme.example", "user-x", nil)},
			"problem users/x@acme.example is not removed: base declares it and head does not, and declared objects refer to it\n"},
		"what drifted away and is changed comes back whole": {
			"spend_alerts: [{threshold_amount: 100" + to + "]",
			"spend_alerts: [{threshold_amount: 100, notification_channel: {recipients: [b@acme.example]}}]", nil,
			"+ spend_alerts/100 notification_channel.recipients=<nil>->[b@acme.example]\n"},
		"below what drifted away nothing is planned": {
			"projects: [{name: p}]", inProject("spend_limit: {threshold_amount: 100}"), nil,
			"problem projects/p/spend_limit projects/p does not exist yet\nleft + projects/p\n"},
		"what drifted is put back where base and head say so": {
			"policy: {drift: {'projects/**': revert}}\n" + inProject("spend_limit: {threshold_amount: 100}, spend_alerts: []"),
			"policy: {drift: {'projects/**': revert}}\n" + inProject("spend_limit: {threshold_amount: 100}, spend_alerts: []"),
			[]kind.Object{project, limit(500)}, "~ projects/p/spend_limit (drift) threshold_amount=500->100\n"},
		"a change cannot let drift be put back by itself": {
			inProject("spend_limit: {threshold_amount: 100}"), "policy: {drift: revert}\n" + inProject("spend_limit: {threshold_amount: 100}"),
			[]kind.Object{project, limit(500)},
			"policy drift \"\"->\"[**: revert]\" true\nleft ~ projects/p/spend_limit threshold_amount=500->100\n"},
		"pruning is news where the glob is": {
			"spend_alerts: []", "policy: {prune: ['spend_alerts/*']}\nspend_alerts: []", []kind.Object{alert("100", "a@acme.example")},
			"- spend_alerts/100\npolicy prune \"\"->\"[spend_alerts/*]\" false\n"},
		"what came to a pruned place drifted": {
			"policy: {prune: ['spend_alerts/*']}\nspend_alerts: []", "policy: {prune: ['spend_alerts/*']}\nspend_alerts: []", []kind.Object{alert("100", "a@acme.example")},
			"left - spend_alerts/100\n"},
		"a loosened cap does not help the change that loosens it": {
			"policy: {max_archives: 0}\nprojects: [{name: p}, {name: q}]", "policy: {max_archives: 9}\nprojects: [{name: q}]",
			[]kind.Object{project, live("projects/q", "proj_2", nil)},
			"- projects/p\npolicy max_archives \"0\"->\"9\" true\nrefused max_archives 1 to archive, and at most 0 are allowed by the policy of the base\n"},
		"nor does a protection that is taken away": {
			"policy: {protect: [projects/p]}\nprojects: [{name: p}, {name: q}]", "projects: [{name: q}]",
			[]kind.Object{project, live("projects/q", "proj_2", nil)},
			"- projects/p\npolicy protect \"[projects/p]\"->\"\" true\nrefused protect projects/p is protected\n"},
		"nor do required owners": {
			"policy: {required_owners: [x@acme.example]}\nusers: [{email: root@acme.example, role: owner}, {email: x@acme.example, role: owner}]",
			"users: [{email: root@acme.example, role: owner}]",
			[]kind.Object{user("root", "owner"), user("x", "owner")},
			"- users/x@acme.example\npolicy required_owners \"[x@acme.example]\"->\"\" true\nrefused required_owners x@acme.example is a required owner\n"},
		"an earlier name does not take a protection away": {
			"policy: {protect: [projects/p]}\nprojects: [{name: p}]", "policy: {protect: [projects/q]}\nprojects: [{name: r, previously: [p], state: archived}]",
			[]kind.Object{project},
			"- projects/r\npolicy protect \"[projects/p]\"->\"[projects/q]\" true\n" +
				"problem policy protect: projects/q matches nothing that is declared or live in a declared collection\nrefused protect projects/p is protected\n"},
		"nor does a pin under another name": {
			"policy: {protect: [projects/p, projects/q]}\nprojects: [{name: p}, {name: q}]",
			"policy: {protect: [projects/p, projects/q]}\nprojects: [{name: p}, {name: q}, {name: r, id: proj_1, state: archived}]",
			[]kind.Object{project, q}, "- projects/r\nrefused protect projects/p is protected\nleft + projects/p\n"},
		"nor do two pins, one of which takes the name": {
			"policy: {protect: [projects/p]}\nprojects: [{name: p}]",
			"policy: {protect: [projects/p]}\nprojects: [{name: p, id: proj_2}, {name: r, id: proj_1, state: archived}]",
			[]kind.Object{project, q}, "~ projects/p name=q->p\n- projects/r\nrefused protect projects/p is protected\n"},
		"nor pruning what a pin takes the name from": {
			"policy: {protect: [projects/p]}\nprojects: [{name: p}]",
			"policy: {protect: [projects/p], prune: ['projects/*']}\nprojects: [{name: p, id: proj_2}]",
			[]kind.Object{project, q},
			"~ projects/p name=q->p\n- projects/p~proj_1\npolicy prune \"\"->\"[projects/*]\" false\nrefused protect projects/p is protected\n"},
		"nor what a person did to its name": {
			"policy: {protect: [projects/p]}\nprojects: [{name: p, id: proj_1}]", "policy: {protect: [projects/p]}\nprojects: [{name: q, id: proj_1, state: archived}]",
			[]kind.Object{live("projects/x", "proj_1", nil)},
			"- projects/q\nrefused protect projects/p is protected\n" +
				"left problem policy protect: projects/p matches nothing that is declared or live in a declared collection\n"},
		"a renamed project keeps what is protected below it": {
			"policy: {protect: ['projects/{p,q}/spend_alerts/*']}\n" + inProject("spend_alerts: [{threshold_amount: 100"+to+"]"),
			"policy: {protect: ['projects/{p,q}/spend_alerts/*']}\nprojects: [{name: r, previously: [p], spend_alerts: []}, {name: q, spend_alerts: []}]",
			[]kind.Object{project, q, alerted("r", "alert_1")},
			"~ projects/r name=p->r\n- projects/r/spend_alerts/100\nrefused protect projects/p/spend_alerts/100 is protected\n" +
				"left problem policy protect: projects/{p,q}/spend_alerts/* matches nothing that is declared or live in a declared collection\n"},
		"what is below a renamed project is not protected any more": {
			"policy: {protect: ['projects/p/spend_*']}\n" + inProject("spend_limit: {threshold_amount: 5}"),
			"policy: {protect: ['projects/p/spend_*']}\nprojects: [{name: q, previously: [p], spend_limit: {threshold_amount: 5}}]",
			[]kind.Object{project, limited("q", 5)},
			"~ projects/q name=p->q\nproblem policy protect: projects/p/spend_limit is projects/q/spend_limit from now on, which is not protected\n" +
				"left problem policy protect: projects/p/spend_* matches nothing that is declared or live in a declared collection\n"},
		"a renamed project is not protected any more": {
			"policy: {protect: [projects/p]}\nprojects: [{name: p}]", "policy: {protect: [projects/p]}\nprojects: [{name: q, previously: [p]}]",
			[]kind.Object{project},
			"~ projects/q name=p->q\nproblem policy protect: projects/p is projects/q from now on, which is not protected\n" +
				"left problem policy protect: projects/p matches nothing that is declared or live in a declared collection\n"},
		"the default cap is looser than its percentage: few may always go": {
			"policy: {max_removals: 25%}", "", nil, "policy max_removals \"25%\"->\"\" true\n"},
		"no removals at all are stricter than some": {
			"policy: {max_removals: 25%}", "policy: {max_removals: 0}", nil, "policy max_removals \"25%\"->\"0\" false\n"},
		"a tightened cap holds at once": {
			"policy: {max_archives: 9}\nprojects: [{name: p}, {name: q}]", "policy: {max_archives: 0}\nprojects: [{name: q}]",
			[]kind.Object{project, live("projects/q", "proj_2", nil)},
			"- projects/p\npolicy max_archives \"9\"->\"0\" false\nrefused max_archives 1 to archive, and at most 0 are allowed\n"},
		"a problem that was there before is no problem of the change": {
			inProject("rate_limits: [{model: o9, max_requests_per_1_minute: 1}]"), inProject("rate_limits: [{model: o9, max_requests_per_1_minute: 1}], spend_limit: {threshold_amount: 100}"),
			[]kind.Object{project, rate(1, 1), limit(1)},
			"~ projects/p/spend_limit threshold_amount=1->100\nleft problem projects/p/rate_limits/o9 no such model\n"},
		"declared absent now": {
			"users: [{email: root@acme.example, role: owner}, {email: x@acme.example, role: reader}]",
			"users: [{email: root@acme.example, role: owner}, {email: x@acme.example, state: absent}]",
			[]kind.Object{user("root", "owner"), user("x", "reader")}, "- users/x@acme.example\n"},
		"declared absent before": {
			"users: [{email: root@acme.example, role: owner}, {email: x@acme.example, state: absent}]", "users: [{email: root@acme.example, role: owner}]",
			[]kind.Object{user("root", "owner"), user("x", "reader")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, brief(against(t, tc.base, tc.head, tc.live...))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// What a change refers to is found again by what was asked alone, however it is called meanwhile.
func TestAsksNamesWhatIsReferredTo(t *testing.T) {
	t.Parallel()
	const project = "projects: [{name: p, id: proj_1, service_accounts: [{name: x}]}, {name: other, id: proj_2}]\n"
	in := based(t, project+"workload_identity_providers: [{name: gh, federation_rules: []}]",
		project+"workload_identity_providers: [{name: gh, federation_rules: [{name: r, attribute_matchers: {branch: main}, project: p, service_account: x}]}]")
	objects := []kind.Object{live("projects/drifted", "proj_1", nil), live("projects/p/service_accounts/x", "svc_x", nil), live("workload_identity_providers/gh", "wip_1", nil)}
	p, in := settle(t, in, objects)
	if brief(p) != "+ workload_identity_providers/gh/federation_rules/r project=<nil>->p service_account=<nil>->x attribute_matchers=<nil>->map[branch:main]\n" {
		t.Fatal(brief(p))
	}
	made := live("workload_identity_providers/gh/federation_rules/r", "rule_1", fields{"attribute_matchers": fields{"branch": "main"}, "project": "proj_1", "service_account": "svc_x"})
	again := plan.Input{Live: kind.Live{Read: map[kind.Source]bool{}}, Only: kind.Globs{kind.Glob(made.Addr)}}
	again.Want, again.Declared = plan.Asks(in, p)
	if left, _ := settle(t, again, append(objects, made)); brief(left) != "" {
		t.Error(brief(left))
	}
	if len(again.Want) != 4 {
		t.Error("more than what leads to the change is asked: ", again.Want)
	}
}

// settle makes a plan, telling it what lives as it asks.
func settle(t *testing.T, in plan.Input, objects []kind.Object) (plan.Plan, plan.Input) {
	t.Helper()
	for range 9 {
		p, err := plan.Make(in)
		if err != nil {
			t.Fatal(err)
		}
		if p.Needs.None() {
			return p, in
		}
		for _, place := range p.Needs.Places {
			in.Live.Read[place.Source()] = true
			for _, o := range objects {
				if o.Kind == place.Kind && (o.Addr == place.In || o.Addr.Collection() == place.In) {
					in.Live.Objects = append(in.Live.Objects, o)
				}
			}
		}
	}
	t.Fatal("it asks on and on")
	return plan.Plan{}, in
}
