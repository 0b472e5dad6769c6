package e2e_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/cli"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// Sizes of the organization of the counts.
const (
	bigProjects = 50
	bigMembers  = 20
	bigModels   = 30
	bigAccounts = 3
	bigAlerts   = 2
	bigUsers    = 100
)

// bigYAML declares bigProjects, each with all its sections.
func bigYAML() string {
	var b strings.Builder
	b.WriteString("projects:\n")
	for n := range bigProjects {
		fmt.Fprintf(&b, "  - name: project-%04d\n    users:\n", n+1)
		for i := range bigMembers {
			fmt.Fprintf(&b, "      - {email: user-%04d@acme.example, role: member}\n", (n*bigMembers+i)%bigUsers+1)
		}
		b.WriteString("    service_accounts:\n")
		for i := range bigAccounts {
			fmt.Fprintf(&b, "      - {name: bot-%d, role: member}\n", i)
		}
		b.WriteString("    rate_limits:\n")
		for i := range bigModels {
			fmt.Fprintf(&b, "      - {model: model-%04d, max_requests_per_1_minute: %d}\n", i+1, 100+n)
		}
		b.WriteString("    spend_alerts:\n")
		for i := range bigAlerts {
			fmt.Fprintf(&b, "      - {threshold_amount: %d, notification_channel: {recipients: [billing@acme.example]}}\n", 1000*i)
		}
		b.WriteString("    model_permissions: {mode: deny_list, model_ids: []}\n    hosted_tool_permissions: {mcp: {enabled: false}}\n" +
			"    data_retention: {retention_type: none}\n    spend_limit: {threshold_amount: 100000}\n")
	}
	return b.String()
}

// TestBigOrganization applies fifty new projects to an organization that has their people and nothing
// else, and plans them again: a second plan sends one request a section.
func TestBigOrganization(t *testing.T) {
	t.Parallel()
	in := document(t, bigYAML())
	o := newOrg(t, sim.Large(sim.Size{Users: bigUsers, Models: bigModels}))
	p := o.sound(in)
	planned := len(o.said)
	o.apply(p)
	checkApply(t, p, o.said[planned:])
	if want := bigProjects * (1 + bigMembers + bigAccounts + bigModels + bigAlerts + 4); len(p.Changes) != want {
		t.Errorf("%d changes are planned, want %d", len(p.Changes), want)
	}

	o = o.again()
	if left := o.sound(in); len(left.Changes) > 0 {
		t.Fatalf("%d changes are left, such as %s", len(left.Changes), left.Changes[0].Addr)
	}
	checkFloor(t, o, in)
	if want := 1 + bigProjects*(4+4); len(o.said) != want || want > 401 {
		t.Errorf("a plan without changes takes %d requests, want %d", len(o.said), want)
	}
}

// numbers are how many requests each example takes against sim.Demo: reads of the first plan, writes and reads
// of its apply, reads that verify it, reads of a plan without changes. What they are is held elsewhere; this is
// to see at once when they grow.
var numbers = map[string]struct{ plan, writes, lists, verify, empty int }{
	"acme":    {18, 23, 1, 21, 24},
	"globex":  {3, 32, 3, 26, 26},
	"initech": {13, 32, 1, 31, 34},
	"starter": {3, 4, 0, 4, 6},
}

func checkNumber(t *testing.T, what string, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("%s takes %d requests, want %d", what, got, want)
	}
}

// TestEmptyPlansOfExamples: an example that was applied is planned again with the fewest requests.
func TestEmptyPlansOfExamples(t *testing.T) {
	t.Parallel()
	for _, name := range examples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := example(t, name)
			o := settled(t, in, sim.Demo())
			checkFloor(t, o, in)
			checkNumber(t, "a plan without changes", len(o.said), numbers[name].empty)
		})
	}
}

// checkFloor: a plan sent what the declared sections need, and wrote nothing.
func checkFloor(t *testing.T, o *org, in plan.Input) {
	t.Helper()
	checkReads(t, o, o.server.Snapshot(), declared(in), in.Want)
	t.Logf("%d requests:\n%s", len(o.said), byRoute(o))
}

// renamed is sim.Demo with the name that the example acme gives to one of its projects.
func renamed(o *org) sim.State {
	s := o.server.Snapshot()
	s.Projects[2].Name = "assistant"
	return s
}

// checkReads: what was sent is what these sections need, each URL once.
func checkReads(t *testing.T, o *org, state sim.State, sections map[kind.Address]bool, want []kind.Object) {
	t.Helper()
	got := tally(o.said, query)
	if diff := cmp.Diff(floor(t, state, sections, want), got); diff != "" {
		t.Errorf("a plan sent (+), what it is of needs (-):\n%s", diff)
	}
	for what, n := range got {
		if n > 1 || !strings.HasPrefix(what, "GET ") {
			t.Errorf("%d times %s", n, what)
		}
	}
}

// byRoute prints how many requests each route got.
func byRoute(o *org) string {
	count := map[string]int{}
	for _, r := range o.server.Requests() {
		count[r.Route]++
	}
	var b strings.Builder
	for _, route := range slices.Sorted(maps.Keys(count)) {
		fmt.Fprintf(&b, "%6d %s\n", count[route], route)
	}
	return b.String()
}

// TestPlansNeverWrite: a plan with all sorts of changes only reads: what is declared, and what the
// changes may disturb. Planning again with the same reader sends nothing.
func TestPlansNeverWrite(t *testing.T) {
	t.Parallel()
	for _, name := range examples(t) {
		in := example(t, name)
		in.Policy.Witness = searchProd // it is in the list of projects
		o := newOrg(t, sim.Demo())
		p := o.plan(in)
		if len(p.Changes) == 0 {
			t.Errorf("%s: nothing is planned", name)
		}
		sections := declared(in)
		for _, w := range p.Watch {
			sections[w.In] = true
		}
		checkReads(t, o, renamed(o), sections, in.Want)
		before := len(o.said)
		o.plan(in)
		if len(o.said) != before {
			t.Errorf("%s: planning again sent %v", name, o.said[before:])
		}
	}
}

// TestOnlyReadsWhatItNeeds: --only reads where its globs may match, the lists above that, and the people
// that new members are found among.
func TestOnlyReadsWhatItNeeds(t *testing.T) {
	t.Parallel()
	for glob, want := range map[kind.Glob][]kind.Address{
		"users/*":                                {"users"},
		"spend_limit":                            {"spend_limit"},
		"projects/search-prod":                   {"projects"},
		"projects/search-prod/users/*":           {"projects/search-prod/users", "users"}, // katherine is to be found
		"projects/assistant/users/*":             {"projects/assistant/users"},
		"projects/{assistant,search}*/users/ed*": {"projects/assistant/users", "projects/search-prod/users"},
		"**/spend_alerts/*": {"spend_alerts", "projects/search-prod/spend_alerts", "projects/assistant/spend_alerts",
			"spend_limit", "projects/search-prod/spend_limit", "projects/assistant/spend_limit"}, // what alerts may disturb
		"projects/search-*/{rate_limits,service_accounts}/*": {"projects/search-prod/rate_limits", "projects/search-prod/service_accounts"},
	} {
		t.Run(string(glob), func(t *testing.T) {
			t.Parallel()
			in := example(t, "acme")
			in.Only = kind.Globs{glob}
			o := newOrg(t, sim.Demo())
			o.plan(in)
			sections := map[kind.Address]bool{}
			for _, a := range want {
				sections[a] = true
			}
			checkReads(t, o, renamed(o), sections, in.Want)
		})
	}
}

// TestReadsOnlyWhatIsUsed: two kinds that come in one list take one request; a name is looked up only where
// its id is to be sent; what stands below an object is read only where it is declared; details are read of
// what declares more than a name.
func TestReadsOnlyWhatIsUsed(t *testing.T) {
	t.Parallel()
	const org, proj = "/organization/", "/organization/projects/" + searchProd + "/"
	for yaml, want := range map[string]string{
		`users: [ada@acme.example, {email: grace@acme.example, roles: [auditor]}]`: org + "users " + org + "invites " + org + "users/" + grace + "/roles",
		`users: [ada@acme.example, {email: alan@acme.example, roles: [auditor]}]`:  org + "users " + org + "invites " + org + "users/" + alan + "/roles " + org + "roles",
		`groups: [platform]`: org + "groups",
		`groups: [{name: platform, users: [alan@acme.example]}]`:                                                    org + "groups " + org + "groups/" + platform + "/users",
		`groups: [{name: platform, users: [grace@acme.example]}]`:                                                   org + "groups " + org + "groups/" + platform + "/users " + org + "users " + org + "invites",
		"certificates: [ingress, search]\nactive_certificates: [ingress]":                                           org + "certificates",
		fmt.Sprintf("certificates: [ingress, {name: search, certificate: %q}]", sim.Demo().Certificates[1].Content): org + "certificates " + org + "certificates/cert_sim0002",
		`projects: [{name: search-prod, service_accounts: [{name: indexer, api_keys: []}, ranker], api_keys: []}]`:  org + "projects " + proj + "service_accounts " + proj + "api_keys",
		`projects: [{name: search-prod, groups: [{name: platform, roles: [owner, viewer]}]}]`:                       org + "projects " + proj + "groups /projects/" + searchProd + "/groups/" + platform + "/roles",
		`projects: [{name: search-prod, users: [{email: grace@acme.example, roles: [runner]}]}]`:                    org + "projects " + proj + "users /projects/" + searchProd + "/users/" + grace + "/roles",
		`projects: [{name: search-prod, certificates: [search]}]`:                                                   org + "projects " + proj + "certificates",
		`projects: [search-prod]`:                                   org + "projects",
		`projects: [{name: search-prod, external_key: search-cmk}]`: org + "projects " + org + "external_keys",
		`workload_identity_providers: [github]`:                     org + "workload_identity_providers",
	} {
		t.Run(yaml, func(t *testing.T) {
			t.Parallel()
			o, paths := newOrg(t, sim.Demo()), map[string]int{}
			for _, path := range strings.Fields(want) {
				paths[path] = 1
			}
			o.sound(document(t, yaml))
			if diff := cmp.Diff(paths, tally(o.said, func(e exchange) string { return e.path })); diff != "" {
				t.Errorf("a plan sent (+), what it is of needs (-):\n%s", diff)
			}
		})
	}
}

// TestBatches: more than ten activations take a request for each ten.
func TestBatches(t *testing.T) {
	t.Parallel()
	state, yaml := sim.Demo(), "active_certificates: ["
	for i := range 12 {
		name := fmt.Sprintf("gw-%02d", i)
		state.Certificates = append(state.Certificates, sim.Certificate{ID: "cert_" + name, Name: &name, Content: state.Certificates[1].Content})
		yaml += name + ", "
	}
	o := settled(t, document(t, yaml+"ingress]"), state)
	o = newOrg(t, o.server.Snapshot())
	o.apply(o.sound(document(t, "policy: {prune: [active_certificates/*], max_removals: 12}\nactive_certificates: [ingress]")))
	var sizes []int
	for _, e := range o.writes() {
		sizes = append(sizes, len(value(t, e.body).(map[string]any)["certificate_ids"].([]any)))
	}
	slices.Sort(sizes)
	if !slices.Equal(sizes, []int{2, 10}) || o.writes()[0].path != "/organization/certificates/deactivate" {
		t.Errorf("twelve take requests of %v", sizes)
	}
}

// TestKeyOwnerIsReadOnce: who owns the key in use is asked for only where an owner goes.
func TestKeyOwnerIsReadOnce(t *testing.T) {
	t.Parallel()
	o := newOrg(t, sim.Demo())
	o.sound(document(t, `users: [{email: linus@acme.example, role: reader}]`))
	want := map[string]int{"/organization/users": 1, "/organization/invites": 1, "/organization/admin_api_keys": 1}
	if diff := cmp.Diff(want, tally(o.said, func(e exchange) string { return e.path })); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// TestReadsOnce: a place is sent for once, however often it is asked for.
func TestReadsOnce(t *testing.T) {
	t.Parallel()
	o := newOrg(t, sim.Demo())
	k := kind.Find("users")
	place := kind.Place{Kind: k, In: "users", Route: k.Path, Path: k.Path}
	for range 2 {
		if err := o.reader.Read(context.Background(), []kind.Place{place, place}); err != nil {
			t.Fatal(err)
		}
	}
	if len(o.said) != 1 {
		t.Errorf("%d requests for one place", len(o.said))
	}
}

// TestPages: collections of more than a page take as many requests as they have pages.
func TestPages(t *testing.T) {
	t.Parallel()
	in := document(t, `
users: []
projects:
  - {name: project-0001, users: [], service_accounts: [], spend_alerts: [], rate_limits: []}
  - {name: project-0129, users: [], spend_alerts: []}
`)
	// One project and one user more than asked for: the default project, the owner, who is in every project.
	o := newOrg(t, thin(sim.Large(sim.Size{Projects: 199, Users: 200, Members: 99, ServiceAccounts: 100, Alerts: 101, Models: 1000})))
	if p := o.sound(in); len(p.Changes) > 0 {
		t.Fatalf("%d changes are planned, such as %s", len(p.Changes), p.Changes[0].Addr)
	}
	want := map[string]int{
		"GET /organization/projects": 2, "GET /organization/users": 3, "GET /organization/invites": 1,
		"GET /organization/projects/proj_sim0002/users":            1,
		"GET /organization/projects/proj_sim0002/service_accounts": 1,
		"GET /organization/projects/proj_sim0002/spend_alerts":     2,
		"GET /organization/projects/proj_sim0002/rate_limits":      1,
		"GET /organization/projects/proj_sim0130/users":            1,
		"GET /organization/projects/proj_sim0130/spend_alerts":     1,
	}
	got := tally(o.said, func(e exchange) string { return e.method + " " + e.path })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
}

// checkApply: an apply sent one write a change, the late role of a service account besides, one list a
// new project with rate limits, and nothing for what rides along.
func checkApply(t *testing.T, p plan.Plan, said []exchange) {
	t.Helper()
	writes, lists := 0, map[kind.Address]bool{}
	for _, c := range p.Changes {
		k := c.Addr.Kind()
		late := slices.ContainsFunc(c.Fields, func(d plan.FieldDiff) bool { return kind.Has(k.Late, d.Name) })
		switch {
		case c.With != "":
			continue
		case c.Action == plan.Replace, c.Action == plan.Create && late && !k.Create.None():
			writes++
		case k.Given() && c.ID == "":
			lists[c.Addr.Collection()] = true
		}
		writes++
	}
	got := map[bool]int{}
	for _, e := range said {
		got[e.reads()]++
	}
	if got[false] != writes || got[true] != len(lists) {
		t.Errorf("apply sent %d writes and %d reads, want %d and %d", got[false], got[true], writes, len(lists))
	}
	t.Logf("%d changes: %d writes, %d reads", len(p.Changes), got[false], got[true])
}

// TestApplySendsOneWriteAChange counts what the examples take.
func TestApplySendsOneWriteAChange(t *testing.T) {
	t.Parallel()
	for _, name := range examples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, sim.Demo())
			p := o.sound(example(t, name))
			planned := len(o.said)
			o.apply(p)
			checkApply(t, p, o.said[planned:])
			checkNumber(t, "a plan", planned, numbers[name].plan)
			checkNumber(t, "its apply", len(o.said)-planned, numbers[name].writes+numbers[name].lists)
		})
	}
}

// TestVerificationReadsWhatWasTouched runs the command: after the last write it reads the collections of
// the changes, what they may have disturbed, and the lists above them; each once, and nothing else.
func TestVerificationReadsWhatWasTouched(t *testing.T) {
	t.Parallel()
	for _, name := range examples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, sim.Demo())
			in := example(t, name)
			p := o.plan(in)
			touched := map[kind.Address]bool{}
			var objects []kind.Object
			for _, c := range p.Changes {
				touched[c.Addr.Collection()] = true
				objects = append(objects, slices.DeleteFunc(slices.Clone(in.Want), func(w kind.Object) bool { return w.Addr != c.Addr })...)
			}
			for _, w := range p.Watch {
				touched[w.In] = true
			}
			before, after := o.command("apply", "--yes", "../../examples/orgs/"+name)
			if diff := cmp.Diff(floor(t, o.server.Snapshot(), touched, objects), after); diff != "" {
				t.Errorf("verification sent (+), what was touched needs (-):\n%s", diff)
			}
			if diff := cmp.Diff(tally(o.said, query), before); diff != "" {
				t.Errorf("the command's plan sent (+), a plan (-):\n%s", diff)
			}
			checkNumber(t, "its verification", sum(after), numbers[name].verify)
		})
	}
}

// command runs bylaw against the organization, and returns what it read before its first write and after
// its last one.
func (o *org) command(args ...string) (before, after map[string]int) {
	o.t.Helper()
	api := httptest.NewServer(o.server)
	defer api.Close()
	skip := len(o.server.Requests())
	var out strings.Builder
	env := cli.Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: io.Discard, Getenv: func(name string) string {
		return map[string]string{"OPENAI_ADMIN_KEY": sim.DefaultAdminKey, "OPENAI_BASE_URL": api.URL + "/v1"}[name]
	}}
	if status := cli.Main(args, env); status != 0 {
		o.t.Fatalf("bylaw %v ended with %d:\n%s", args, status, out.String())
	}
	var said []exchange
	for _, r := range o.server.Requests()[skip:] {
		said = append(said, exchange{method: r.Method, path: strings.TrimPrefix(r.Path, "/v1"), query: r.Query})
	}
	first := slices.IndexFunc(said, func(e exchange) bool { return !e.reads() })
	last := len(said) - 1
	for last >= 0 && said[last].reads() {
		last--
	}
	if first < 0 {
		o.t.Fatalf("bylaw %v wrote nothing", args)
	}
	return tally(said[:first], query), tally(said[last+1:], query)
}

func sum(counts map[string]int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}
