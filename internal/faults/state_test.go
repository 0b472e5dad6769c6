package faults_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// live lists the API ids at each address of an organization, written down from the simulator's own fields.
// Archived projects and invites that nobody can accept any more are not there. It is as long as there are kinds.
func live(s sim.State) map[kind.Address][]string {
	out := map[kind.Address][]string{}
	add := func(in kind.Address, key, id string) kind.Address {
		a := in.Join(key)
		out[a] = append(out[a], id)
		return a
	}
	money := func(in kind.Address, s sim.Spending) {
		for _, a := range s.SpendAlerts {
			add(in, fmt.Sprint(a.ThresholdAmount), a.ID)
		}
	}
	money("spend_alerts", s.Spending)
	for _, r := range s.Roles {
		add("roles", r.Name, r.ID)
	}
	for _, u := range s.Users {
		if u.Email != nil {
			add("users", strings.ToLower(*u.Email), u.ID)
		}
	}
	for _, i := range s.Invites {
		if i.Status == "pending" {
			add("users", strings.ToLower(i.Email), i.ID)
		}
	}
	for _, g := range s.Groups {
		add("groups", g.Name, g.ID)
	}
	for _, c := range s.Certificates {
		add("certificates", *c.Name, c.ID)
	}
	for _, k := range s.ExternalKeys {
		add("external_keys", k.Name, k.ID)
	}
	for _, k := range s.AdminAPIKeys {
		add("admin_api_keys", *k.Name, k.ID)
	}
	for _, w := range s.WorkloadProviders {
		a := add("workload_identity_providers", w.Name, w.ID)
		for _, r := range w.Rules {
			add(a.Join("federation_rules"), *r.Name, r.ID)
		}
	}
	at := map[string]kind.Address{}
	for _, p := range s.Projects {
		if p.Status == "archived" {
			continue
		}
		a := add("projects", p.Name, p.ID)
		at[p.ID] = a
		for _, r := range p.Roles {
			add(a.Join("roles"), r.Name, r.ID)
		}
		for _, x := range p.ServiceAccounts {
			add(a.Join("service_accounts"), x.Name, x.ID)
		}
		money(a.Join("spend_alerts"), p.Spending)
	}
	for _, e := range s.ExternalStorage {
		add(at[e.ProjectID].Join("external_storage"), fmt.Sprint(e.Provider["type"], ":", e.Provider["bucket"]), e.ID)
	}
	return out
}

// twins are the addresses where more than one thing lives.
func twins(s sim.State) []string {
	var out []string
	for a, ids := range live(s) {
		if len(ids) > 1 {
			out = append(out, fmt.Sprintf("%s: %v", a, ids))
		}
	}
	sort.Strings(out)
	return out
}

// incidental is what two runs may differ in: times, what ids are made from, and the log.
const incidental = " created_at updated_at added_at archived_at expires_at accepted_at counters audit_logs clock_offset_seconds "

// meaning is an organization with addresses for ids, without times, all lists in order.
func meaning(s sim.State) string {
	name := map[string]string{}
	for a, ids := range live(s) {
		for _, id := range ids {
			name[id] = string(a)
		}
	}
	for _, w := range s.WorkloadProviders {
		for i := range w.Rules {
			w.Rules[i].Permissions = cmp.Or(w.Rules[i].Permissions, &sim.RulePermissions{Type: "service_account_default"})
		}
	}
	b, err := json.Marshal(s)
	var v any
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err == nil {
		b, err = json.MarshalIndent(plain(v, name), "", " ")
	}
	if err != nil {
		panic(err)
	}
	return string(b)
}

func plain(v any, name map[string]string) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = plain(e, name)
			if strings.Contains(incidental, " "+k+" ") {
				delete(v, k)
			}
		}
		if id, _ := v["id"].(string); strings.HasPrefix(id, "role_assignment_") {
			delete(v, "id")
		}
	case []any:
		text := map[int]string{}
		order := make([]int, len(v))
		for i := range v {
			v[i] = plain(v[i], name)
			b, _ := json.Marshal(v[i])
			text[i], order[i] = string(b), i
		}
		slices.SortFunc(order, func(a, b int) int { return strings.Compare(text[a], text[b]) })
		sorted := make([]any, len(v))
		for i, n := range order {
			sorted[i] = v[n]
		}
		return sorted
	case string:
		if n, ok := name[v]; ok {
			return n
		}
	}
	return v
}

// mailed counts the invites that were sent to each address, ever.
func mailed(s sim.State) map[string]int {
	out := map[string]int{}
	for _, e := range s.AuditLogs {
		if e.Type == "invite.sent" {
			data, _ := e.Details["data"].(map[string]any)
			out[fmt.Sprint(data["email"])]++
		}
	}
	return out
}
