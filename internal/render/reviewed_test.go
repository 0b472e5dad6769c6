package render_test

import (
	"fmt"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
)

// reviewed is a plan with a base, with each of the things that such a one can hold.
func reviewed() plan.Plan {
	p := plan.Plan{Based: true, Unchanged: 41}
	p.Changes = append(reviewedChanges(), equalChanges(7)...)
	p.Notes = []plan.Note{
		{Addr: "users/ada@acme.example", Pos: line(4), Why: plan.Pending, Message: "is invited, and has not accepted"},
		{Addr: "users/bob@acme.example", Why: plan.Implied, Message: "owns every project", Quiet: true}}
	p.Problems = []plan.Problem{{Addr: "projects/web/rate_limits/gpt-5", Pos: line(31), Message: "no such model", Hint: "did you mean gpt-4.1?"}}
	p.Refusals = []plan.Refusal{{Rule: "max_archives", Message: "2 to archive, and at most 1 are allowed", Allow: []string{"archive:projects/old", "archive:projects/it's old"}}}
	p.Undeclared = []kind.Address{"projects/stray"}
	p.Unmanaged = []plan.Unmanaged{
		{Addr: "projects/web/spend_limit", Pos: line(12), Stays: int64(50000), Unit: "cents"},
		{Addr: "projects/web/rate_limits/gpt-4.1", Field: "max_requests_per_1_minute", Pos: line(14), Stays: int64(500)},
		{Addr: "projects/web/users", Pos: line(16), Count: 3},
		{Addr: "projects/web/groups", Pos: line(17), Count: 1},
		{Addr: "users/eve@acme.example", Pos: line(18)}}
	for _, c := range equalChanges(3) { // of a profile
		p.Unmanaged = append(p.Unmanaged, plan.Unmanaged{Addr: c.Addr, Field: "web_search.enabled", Pos: c.Pos, Stays: true})
	}
	p.Policy = []plan.PolicyChange{
		{Field: "max_archives", Old: "1", New: "5", Loosened: true, Pos: line(2)},
		{Field: "max_invites", New: "3", Pos: line(3)}}
	p.Drift = []plan.Change{
		{Action: plan.Update, Addr: "projects/api/rate_limits/gpt-4.1", Risk: plan.Disruptive, Pos: line(60),
			Fields: []plan.FieldDiff{{Name: "max_requests_per_1_minute", Old: int64(900), New: int64(300)}}},
		{Action: plan.Delete, Addr: "users/mallory@acme.example", Risk: plan.Disruptive, Reason: "not declared, and the policy prunes here"}}
	p.Drifted = []plan.Problem{{Addr: "projects/api/groups/data", Pos: line(62), Message: "no such group", Hint: "declare it, or invite its members"}}
	return p
}

func line(n int) kind.Position { return kind.Position{File: "org.yaml", Line: n, Col: 5} }

func reviewedChanges() []plan.Change {
	profile := kind.Position{File: "org.yaml", Line: 9, Col: 7, From: "profiles.production"}
	return []plan.Change{
		{Action: plan.Create, Addr: "users/grace@acme.example", Risk: plan.Routine, Pos: line(5), Fields: []plan.FieldDiff{{Name: "role", New: "reader"}}},
		{Action: plan.Update, Addr: "roles/auditor", Risk: plan.Escalation, Pos: line(21), Fields: []plan.FieldDiff{
			{Name: "description", Old: "Reads logs.\nSees all projects.\nOne\nTwo\nThree\nFour\nFive\nSix", New: "Reads logs.\nSees all projects, and keys. \nOne\nTwo\nThree\nFour\nFive\nSix"},
			{Name: "permissions", Old: permissions(0, 12), New: permissions(2, 15)}}},
		{Action: plan.Replace, Addr: "users/alan@acme.example", Risk: plan.Escalation, Pos: line(6), Fields: []plan.FieldDiff{{Name: "role", Old: "reader", New: "owner"}}},
		{Action: plan.Delete, Addr: "projects/old", Risk: plan.Irreversible, Reason: "not declared, and the policy prunes here"},
		{Action: plan.Delete, Addr: "projects/it's old", Risk: plan.Irreversible, Pos: line(40)},
		{Action: plan.Update, Addr: "projects/web/rate_limits/gpt-4.1", Risk: plan.Disruptive, Pos: profile, Fields: []plan.FieldDiff{
			{Name: "max_requests_per_1_minute", Old: int64(500), New: int64(200), Drifted: true, Base: int64(300)},
			{Name: "max_tokens_per_1_minute", Old: int64(90000), New: int64(50000), Drifted: true}}},
		{Action: plan.Update, Addr: "spend_limit", Risk: plan.Escalation, Pos: line(8), Drift: true, Fields: []plan.FieldDiff{{Name: "threshold_amount", Old: int64(100), New: int64(123456), Unit: "cents"}}},
		{Action: plan.Update, Addr: "projects/api", Risk: plan.Routine, Pos: line(50), Drift: true, Fields: []plan.FieldDiff{{Name: "name", Old: "API", New: "api"}}},
	}
}

func permissions(from, to int) []any {
	var out []any
	for i := from; i < to; i++ {
		out = append(out, fmt.Sprintf("api.permission.%d", i))
	}
	return out
}

// equalChanges are what a profile that many projects use brings about.
func equalChanges(n int) []plan.Change {
	out := make([]plan.Change, n)
	for i := range out {
		out[i] = plan.Change{Action: plan.Update, Addr: kind.Address("projects").Join(fmt.Sprintf("p-%d", i), "hosted_tool_permissions"), Risk: plan.Disruptive,
			Pos:    kind.Position{File: "org.yaml", Line: 18, Col: 3, From: "profiles.production"},
			Fields: []plan.FieldDiff{{Name: "mcp.enabled", Old: true, New: false}}}
	}
	return out
}

// blamed says of some of the changes whose they are.
var blamed = map[kind.Address][]string{
	"projects/api/rate_limits/gpt-4.1": {"rate_limit.updated by mallory@acme.example, 3 h ago"},
	"spend_limit":                      {"nothing in the audit log says who"},
}
