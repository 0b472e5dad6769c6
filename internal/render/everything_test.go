package render_test

import (
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
)

// everything is a plan with each of the things that a plan can hold.
func everything() plan.Plan {
	pos := kind.Position{File: "org.yaml", Line: 3, Col: 5}
	return plan.Plan{
		Changes: []plan.Change{
			{Action: plan.Create, Addr: "users/grace@acme.example", Risk: plan.Routine, Pos: pos,
				Fields: []plan.FieldDiff{{Name: "role", New: "reader"}},
				Requests: []plan.Request{{Method: "POST", Path: "/organization/invites", Makes: "id",
					Body: map[string]any{"projects": []any{map[string]any{"id": map[string]any{"$id_of": "projects/web"}, "role": "member"}}}}}},
			{Action: plan.Create, Addr: "projects/web/users/grace@acme.example", Risk: plan.Routine, With: "users/grace@acme.example"},
			{Action: plan.Update, Addr: "spend_limit", Risk: plan.Escalation, Fields: []plan.FieldDiff{{Name: "threshold_amount", Old: int64(1), New: int64(123456), Unit: "cents"}},
				Requests: []plan.Request{{Method: "POST", Path: "/organization/spend_limit", Body: map[string]any{"threshold_amount": int64(123456)}}}},
			{Action: plan.Replace, Addr: "users/alan@acme.example", ID: "invite-1", Risk: plan.Escalation, After: []kind.Address{"projects/web"}},
			{Action: plan.Delete, Addr: "projects/old", ID: "proj_1", Risk: plan.Irreversible, Reason: "not declared, and the policy prunes here",
				Requests: []plan.Request{{Method: "POST", Path: "/organization/projects/proj_1/archive"}}},
		},
		Notes:      []plan.Note{{Addr: "users/ada@acme.example", Pos: pos, Why: plan.Pending, Message: "is invited", Quiet: true}},
		Problems:   []plan.Problem{{Addr: "projects/web/rate_limits/gpt-5", Pos: pos, Message: "no such model", Hint: "did you mean gpt-4.1?"}},
		Refusals:   []plan.Refusal{{Rule: "max_archives", Message: "1 to archive, and at most 0 are allowed", Allow: []string{"archive:projects/old"}}},
		Undeclared: []kind.Address{"projects/stray"},
		Unchanged:  7,
	}
}
