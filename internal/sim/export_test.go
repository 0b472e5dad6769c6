package sim

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// RouteNames are the rows of the table, for tests that must reach all of them.
func RouteNames() []string {
	var names []string
	for _, r := range routes() {
		names = append(names, r.name())
	}
	return names
}

// A Dice makes up requests that an organization mostly allows.
type Dice struct {
	*rand.Rand
	ids map[string][]string // by the name of the path parameter, all of one project
}

// NewDice looks at an organization and picks a project of it.
func NewDice(rnd *rand.Rand, s State) Dice {
	d := Dice{rnd, nil}
	for len(d.ids["project_id"]) == 0 {
		p := s.Projects[rnd.IntN(len(s.Projects))]
		if p.Status == "active" || rnd.IntN(5) == 0 {
			d.ids = known(s, p)
			d.focus("role_id", s.Grants)
			d.focus("project_role_id", p.Grants)
		}
	}
	return d
}

// focus makes it likely that role, user and group go together.
func (d Dice) focus(roles string, grants []Grant) {
	if len(grants) == 0 || d.IntN(2) == 0 {
		return
	}
	g := grants[d.IntN(len(grants))]
	d.ids[roles] = append(d.ids[roles], g.RoleID, g.RoleID, g.RoleID)
	for _, who := range []string{"user_id", "group_id"} {
		if slices.Contains(d.ids[who], g.PrincipalID) {
			d.ids[who] = append(d.ids[who], slices.Repeat([]string{g.PrincipalID}, 5)...)
		}
	}
}

// known are the ids that exist in the organization and one project. The first admin key is in use.
func known(s State, p Project) map[string][]string {
	all := map[string][]string{
		"project_id": {p.ID}, "user_id": append(keys(s.Users), keys(p.Users)...), "invite_id": keys(s.Invites),
		"key_id": keys(s.AdminAPIKeys[min(1, len(s.AdminAPIKeys)):]), "alert_id": append(keys(s.SpendAlerts), keys(p.SpendAlerts)...),
		"service_account_id": keys(p.ServiceAccounts), "api_key_id": keys(p.APIKeys),
		"certificate_id": keys(s.Certificates), "certificate_ids": keys(s.Certificates), "certificate": {demoPEM1, demoPEM2},
		"external_key_id": keys(s.ExternalKeys), "external_id": {s.Organization.ID}, "audience": {s.Organization.ID, p.ID},
		"external_storage_id": keys(s.ExternalStorage), "workload_identity_provider_id": keys(s.WorkloadProviders),
		"group_id": append(keys(s.Groups), keys(p.Groups)...), "role_id": keys(s.Roles), "project_role_id": keys(p.Roles),
	}
	for _, w := range s.WorkloadProviders {
		all["workload_identity_federation_rule_id"] = append(all["workload_identity_federation_rule_id"], keys(w.Rules)...)
	}
	for _, r := range predefinedRoles("organization") {
		all["role_id"] = append(all["role_id"], r.ID)
	}
	for _, r := range predefinedRoles("project") {
		all["project_role_id"] = append(all["project_role_id"], r.ID)
	}
	for _, m := range s.Models {
		all["rate_limit_id"] = append(all["rate_limit_id"], "rl-"+m.ID)
		all["model_ids"] = append(all["model_ids"], m.ID)
	}
	return all
}

// Request is "METHOD path" and a body. Most DELETEs are thrown again, or there would soon be nothing left.
func (d Dice) Request() (what, body string) {
	table := routes()
	r := table[d.IntN(len(table))]
	for r.method == "DELETE" && d.IntN(4) > 0 || strings.HasSuffix(r.template, "/archive") && d.IntN(8) > 0 {
		r = table[d.IntN(len(table))]
	}
	if strings.HasPrefix(r.template, api) {
		d.ids = maps.Clone(d.ids)
		d.ids["role_id"] = d.ids["project_role_id"]
	}
	var path []string
	for _, seg := range r.segments[2:] {
		if name, isParam := strings.CutPrefix(seg, "{"); isParam {
			seg = d.id(strings.TrimSuffix(name, "}"))
		}
		path = append(path, seg)
	}
	what = r.method + " /" + strings.Join(path, "/") + d.query(r.template)
	if r.fields == nil {
		return what, ""
	}
	b, _ := json.Marshal(d.record(r.fields))
	return what, string(b)
}

func (d Dice) query(template string) string {
	if strings.Contains(template, "/usage/") || strings.HasSuffix(template, "/costs") {
		return "?limit=2&group_by=project_id&start_time=" + fmt.Sprint(recent)
	}
	return ""
}

func (d Dice) id(name string) string {
	all := d.ids[name]
	if len(all) == 0 || d.IntN(20) == 0 {
		return "nothing"
	}
	return all[d.IntN(len(all))]
}

func (d Dice) record(fields []field) map[string]any {
	m := map[string]any{}
	for _, f := range fields {
		if f.kinds != nil {
			v := f.kinds[d.IntN(len(f.kinds))]
			m = d.record(v.fields)
			m[f.name] = v.value
		}
	}
	for _, f := range fields {
		if f.kinds != nil {
			continue
		}
		if f.required && d.IntN(30) > 0 || !f.required && d.IntN(3) == 0 {
			m[f.name] = d.value(f)
		}
	}
	return m
}

func (d Dice) value(f field) any {
	if f.nullable && d.IntN(8) == 0 {
		return nil
	}
	switch f.is {
	case integer:
		return f.min + d.Int64N(500)
	case boolean:
		return d.IntN(2) == 0
	case record:
		if f.free {
			return map[string]any{"keys": "some"}
		}
		return d.record(f.of)
	case list:
		return d.list(f)
	}
	return d.text(f)
}

func (d Dice) text(f field) any {
	switch {
	case f.name == "residency": // the last ones are newer than the published document
		return f.enum[d.IntN(len(f.enum)-3)]
	case f.enum != nil:
		return f.enum[d.IntN(len(f.enum))]
	case f.name == "email":
		return fmt.Sprintf("new-%d@acme.example", d.IntN(50))
	case f.name == "id":
		return d.id("project_id")
	case f.name == "role":
		return d.id("project_role_id")
	case d.ids[f.name] != nil:
		return d.id(f.name)
	}
	return fmt.Sprintf("some-%d", d.IntN(50))
}

func (d Dice) list(f field) any {
	all := []any{}
	for range d.IntN(3) {
		switch {
		case f.of != nil:
			all = append(all, d.record(f.of))
		case d.ids[f.name] != nil:
			all = append(all, d.id(f.name))
		default:
			all = append(all, "x@acme.example")
		}
	}
	return all
}

func keys[T row](rows []T) []string {
	var all []string
	for _, r := range rows {
		all = append(all, r.key())
	}
	return all
}
