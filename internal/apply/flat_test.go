package apply_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// A cell is one field of one object of a simulated organization.
type cell struct {
	kind  string // by its place in the YAML: "projects/users"
	scope string // id of the project, or ""
	id    string // of the object; "" of a setting
	field string // dotted where it is a member
}

// flatten takes an organization apart. What is the API's own (counters, the audit log) stays out.
func flatten(s sim.State) map[cell]string {
	f := flat{}
	f.value("data_retention", "", "", "retention_type", s.DataRetention)
	f.spending("", s.Spending)
	for _, u := range s.Users {
		f.object("users", "", u.ID, u)
	}
	for _, i := range s.Invites {
		f.object("invites", "", i.ID, i)
	}
	for _, p := range s.Projects {
		f.project(p, s.Models)
	}
	return f
}

type flat map[cell]string

// project takes a project apart. What nobody set stands as what the API answers then.
func (f flat) project(p sim.Project, models []sim.Model) {
	f.object("projects", "", p.ID, p.ProjectObject)
	f.spending(p.ID, p.Spending)
	f.value("projects/data_retention", p.ID, "", "retention_type", cmp.Or(p.DataRetention, "organization_default"))
	for _, m := range p.Users {
		f.object("projects/users", p.ID, m.UserID, m)
	}
	for _, a := range p.ServiceAccounts {
		f.object("projects/service_accounts", p.ID, a.ID, a)
	}
	for _, m := range models {
		for name, most := range m.Limits {
			n, own := p.RateLimits[m.ID][name]
			if !own {
				n = most
			}
			f.value("projects/rate_limits", p.ID, "rl-"+m.ID, name, n)
		}
	}
	if p.ModelPermissions != nil {
		f.object("projects/model_permissions", p.ID, "", p.ModelPermissions)
	}
	on := sim.HostedTool{Enabled: true}
	f.object("projects/hosted_tool_permissions", p.ID, "", cmp.Or(p.HostedTools, &sim.HostedTools{FileSearch: on, WebSearch: on, ImageGeneration: on, MCP: on, CodeInterpreter: on}))
}

func (f flat) spending(scope string, s sim.Spending) {
	in := ""
	if scope != "" {
		in = "projects/"
	}
	for _, a := range s.SpendAlerts {
		f.object(in+"spend_alerts", scope, a.ID, a)
	}
	if s.SpendLimit != nil {
		f.object(in+"spend_limit", scope, "", s.SpendLimit)
	}
}

func (f flat) value(kind, scope, id, field string, v any) {
	if m, ok := v.(map[string]any); ok {
		for name, e := range m {
			f.value(kind, scope, id, strings.TrimPrefix(field+"."+name, "."), e)
		}
		return
	}
	switch e := v.(type) {
	case nil:
		v = "" // an empty text and none are the same
	case []any: // all lists are sets
		sort.Slice(e, func(i, j int) bool { return fmt.Sprint(e[i]) < fmt.Sprint(e[j]) })
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	f[cell{kind, scope, id, field}] = string(b)
}

func (f flat) object(kind, scope, id string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		panic(err)
	}
	f.value(kind, scope, id, "", m)
}

// serverOwned are the fields that the API fills in: ids and times.
const serverOwned = " id user_id created_at added_at archived_at expires_at accepted_at name_of "

// meaning is an organization without ids and times, so that two runs can be compared: one line an
// object, sorted. Objects of a collection that are alike are as many lines.
func meaning(s sim.State) []string {
	name := map[string]string{}
	for _, p := range s.Projects {
		name[p.ID] = "project " + p.Name
		if p.Status == "archived" || strings.HasPrefix(p.ID, "proj_live") {
			name[p.ID] = p.ID
		}
	}
	for _, u := range s.Users {
		name[u.ID] = "user " + orID(u)
	}
	objects := map[[3]string][]string{}
	for c, v := range flatten(s) {
		key := [3]string{c.kind, c.scope, c.id}
		objects[key] = append(objects[key], "")
		if !strings.Contains(serverOwned, " "+c.field+" ") {
			objects[key] = append(objects[key], c.field+"="+named(v, name))
		}
	}
	var out []string
	for key, fields := range objects {
		sort.Strings(fields)
		who := key[0]
		if key[0] == "projects/users" {
			who += " " + name[key[2]]
		}
		if key[0] == "projects/rate_limits" {
			who += " " + key[2]
		}
		out = append(out, fmt.Sprintf("%s in %s: %s", who, name[key[1]], strings.TrimSpace(strings.Join(fields, " "))))
	}
	sort.Strings(out)
	return out
}

// named writes names for the ids in a value, and sorts it again where it is a list.
func named(v string, name map[string]string) string {
	var list []json.RawMessage
	if json.Unmarshal([]byte(v), &list) != nil {
		list = []json.RawMessage{json.RawMessage(v)}
	}
	var out []string
	for _, e := range list {
		s := string(e)
		for id, n := range name {
			s = strings.ReplaceAll(s, `"`+id+`"`, `"`+n+`"`)
		}
		out = append(out, s)
	}
	sort.Strings(out)
	return strings.Join(out, " ")
}

func orID(u sim.User) string {
	if u.Email == nil {
		return u.ID
	}
	return strings.ToLower(*u.Email)
}
