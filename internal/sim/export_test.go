package sim

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
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

// RandomRequest is "METHOD path" and a body that the fields of the route mostly allow.
func RandomRequest(rnd *rand.Rand, s State) (what, body string) {
	table := routes()
	r := table[rnd.IntN(len(table))]
	var path []string
	for _, seg := range r.segments[2:] {
		path = append(path, randomSegment(rnd, s, seg))
	}
	what = r.method + " /" + strings.Join(path, "/")
	if r.fields == nil {
		return what, ""
	}
	b, _ := json.Marshal(randomRecord(rnd, s, r.fields))
	return what, string(b)
}

func randomSegment(rnd *rand.Rand, s State, seg string) string {
	if !strings.HasPrefix(seg, "{") {
		return seg
	}
	if rnd.IntN(20) == 0 {
		return "nothing"
	}
	all := known(s)[strings.Trim(seg, "{}")]
	if len(all) == 0 {
		return "nothing"
	}
	return all[rnd.IntN(len(all))]
}

// known are the ids that exist, by the name of the path parameter. The first admin key is in use.
func known(s State) map[string][]string {
	all := map[string][]string{
		"user_id": keys(s.Users), "invite_id": keys(s.Invites), "key_id": keys(s.AdminAPIKeys[min(1, len(s.AdminAPIKeys)):]),
		"alert_id": keys(s.SpendAlerts), "project_id": keys(s.Projects),
	}
	for _, p := range s.Projects {
		all["service_account_id"] = append(all["service_account_id"], keys(p.ServiceAccounts)...)
		all["alert_id"] = append(all["alert_id"], keys(p.SpendAlerts)...)
		all["api_key_id"] = append(all["api_key_id"], keys(p.APIKeys)...)
	}
	for _, m := range s.Models {
		all["rate_limit_id"] = append(all["rate_limit_id"], "rl-"+m.ID)
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

func randomRecord(rnd *rand.Rand, s State, fields []field) map[string]any {
	m := map[string]any{}
	for _, f := range fields {
		if f.required && rnd.IntN(30) > 0 || !f.required && rnd.IntN(3) == 0 {
			m[f.name] = randomValue(rnd, s, f)
		}
	}
	return m
}

func randomValue(rnd *rand.Rand, s State, f field) any {
	if f.nullable && rnd.IntN(8) == 0 {
		return nil
	}
	switch f.is {
	case integer:
		return f.min + rnd.Int64N(500)
	case boolean:
		return rnd.IntN(2) == 0
	case record:
		return randomRecord(rnd, s, f.of)
	case list:
		return randomList(rnd, s, f)
	}
	switch {
	case f.name == "residency": // the last ones are newer than the published document
		return f.enum[rnd.IntN(len(f.enum)-3)]
	case f.enum != nil:
		return f.enum[rnd.IntN(len(f.enum))]
	case f.name == "email":
		return fmt.Sprintf("new-%d@acme.example", rnd.IntN(50))
	case f.name == "user_id":
		return randomSegment(rnd, s, "{user_id}")
	case f.name == "id":
		return randomSegment(rnd, s, "{project_id}")
	}
	return fmt.Sprintf("some-%d", rnd.IntN(50))
}

func randomList(rnd *rand.Rand, s State, f field) any {
	all := []any{}
	for range rnd.IntN(3) {
		switch {
		case f.of != nil:
			all = append(all, randomRecord(rnd, s, f.of))
		case f.name == "model_ids":
			all = append(all, s.Models[rnd.IntN(len(s.Models))].ID)
		default:
			all = append(all, "x@acme.example")
		}
	}
	return all
}
