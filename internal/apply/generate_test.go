package apply_test

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// The names are few, so that what is declared and what is live often meet.
var (
	emails   = []string{"ada@acme.example", "alan@acme.example", "barbara@acme.example", "grace+x@acme.example", "ken@acme.example"}
	names    = []string{"web", "web-2", "a/b *?%", "x{y}[z]", "Caf\u00e9"}
	accounts = []string{"indexer", "bot/1", "~odd"}
	amounts  = []int{0, 500, 50000}
	models   = []string{"gpt-4.1", "o3", "gpt-image-1"}
	tools    = []string{"file_search", "web_search", "mcp"}
	keeps    = []string{"zero_data_retention", "modified_abuse_monitoring"}
)

// root owns the key in use and is never touched, so that the guard of owners has nothing to say.
const root = "root@acme.example"

// A gen draws a document and an organization from the same names.
type gen struct {
	*rapid.T
	n       int             // ids given out
	gone    map[string]bool // people declared absent
	live    sim.State
	renames map[string]bool // earlier names and pins that are taken
}

func (g *gen) chance(percent int) bool { return rapid.IntRange(1, 100).Draw(g.T, "chance") <= percent }

func pick[V any](g *gen, what string, from []V) V { return rapid.SampledFrom(from).Draw(g.T, what) }

// some draws part of a list, in a drawn order.
func some[V any](g *gen, what string, from []V) []V {
	all := rapid.Permutation(from).Draw(g.T, what)
	return all[:rapid.IntRange(0, len(all)).Draw(g.T, "of "+what)]
}

func (g *gen) id(prefix string) string {
	g.n++
	return fmt.Sprintf("%slive%03d", prefix, g.n)
}

// spell writes an e-mail in upper case now and then.
func (g *gen) spell(email string) string {
	if g.chance(20) {
		return strings.ToUpper(email[:2]) + email[2:]
	}
	return email
}

func (g *gen) channel() map[string]any {
	c := map[string]any{"recipients": nonEmpty(g, "recipients", emails)}
	if g.chance(30) {
		c["subject_prefix"] = pick(g, "prefix", []string{"", "[a]", "[b]"})
	}
	return c
}

func nonEmpty[V any](g *gen, what string, from []V) []V {
	all := rapid.Permutation(from).Draw(g.T, what)
	return all[:rapid.IntRange(1, len(all)).Draw(g.T, "of "+what)]
}

// world draws a document and a state.
func drawWorld(t *rapid.T) (state sim.State, doc map[string]any) {
	g := &gen{T: t, gone: map[string]bool{}, renames: map[string]bool{}}
	g.live = g.state()
	return g.live, g.document()
}

func (g *gen) document() map[string]any {
	doc := map[string]any{"version": 1}
	if prune := some(g, "prune", []string{"users/*", "projects/*", "projects/*/spend_alerts/*", "spend_alerts/*", "projects/*/users/*",
		"projects/*/service_accounts/*"}); len(prune) > 0 && g.chance(50) {
		doc["policy"] = map[string]any{"prune": prune}
	}
	if g.chance(70) {
		doc["users"] = g.people()
	}
	g.money(doc)
	if g.chance(30) {
		doc["data_retention"] = map[string]any{"retention_type": pick(g, "keep", keeps)}
	}
	doc["profiles"] = map[string]any{"base": map[string]any{
		"hosted_tool_permissions": map[string]any{"code_interpreter": map[string]any{"enabled": false}},
		"spend_alerts":            []any{map[string]any{"threshold_amount": 700, "notification_channel": g.channel()}}}}
	if g.chance(90) {
		doc["projects"] = g.projects()
	}
	return doc
}

func (g *gen) people() []any {
	out := []any{map[string]any{"email": root, "role": "owner"}}
	for _, e := range some(g, "people", emails) {
		u := map[string]any{"email": g.spell(e)}
		switch n := rapid.IntRange(0, 9).Draw(g.T, "person"); {
		case n < 2:
			u["state"], g.gone[e] = "absent", true
		case n < 9:
			u["role"] = pick(g, "role", []string{"owner", "reader", "reader"})
			if g.chance(30) {
				u["technical_level"] = pick(g, "level", []string{"", "advanced"})
			}
		}
		out = append(out, u)
	}
	return out
}

// money draws alerts and a limit into a section.
func (g *gen) money(at map[string]any) {
	if g.chance(50) {
		alerts := []any{}
		for _, n := range some(g, "alerts", amounts) {
			a := map[string]any{"threshold_amount": n}
			if g.chance(20) {
				a["state"] = "absent"
			} else {
				a["notification_channel"] = g.channel()
			}
			alerts = append(alerts, a)
		}
		at["spend_alerts"] = alerts
	}
	if g.chance(40) {
		at["spend_limit"] = map[string]any{"threshold_amount": pick(g, "limit", []int{1, 9900})}
		if g.chance(30) {
			at["spend_limit"] = map[string]any{"state": "absent"}
		}
	}
}

func (g *gen) projects() []any {
	out := []any{}
	declared := some(g, "projects", names)
	for _, name := range declared {
		p := map[string]any{"name": name}
		g.identity(p, declared)
		if g.chance(15) {
			p["state"] = "archived"
		} else {
			g.contents(p)
		}
		out = append(out, p)
	}
	return out
}

// identity pins a project or gives it an earlier name.
func (g *gen) identity(p map[string]any, declared []string) {
	if g.chance(15) && len(g.live.Projects) > 1 {
		id := pick(g, "pin", g.live.Projects[1:]).ID
		if !g.renames[id] {
			p["id"], g.renames[id] = id, true
		}
	}
	if g.chance(20) {
		was := pick(g, "was", names)
		if !slices.Contains(declared, was) && !g.renames[was] {
			p["previously"], g.renames[was] = []string{was}, true
		}
	}
}

func (g *gen) contents(p map[string]any) {
	if g.chance(20) {
		p["profile"] = "base"
	}
	if g.chance(20) {
		p["residency"] = pick(g, "residency", []string{"GLOBAL", "JP_STORAGE"})
	}
	if g.chance(60) {
		p["users"] = g.members()
	}
	if g.chance(40) {
		p["service_accounts"] = g.accounts()
	}
	g.permissions(p)
	if g.chance(30) {
		on := map[string]any{}
		for _, t := range some(g, "tools", tools) {
			on[t] = map[string]any{"enabled": g.chance(50)}
		}
		p["hosted_tool_permissions"] = on
	}
	if g.chance(30) {
		p["data_retention"] = map[string]any{"retention_type": pick(g, "keep", append(keeps, "none", "organization_default"))}
	}
	g.money(p)
}

func (g *gen) members() []any {
	out := []any{}
	for _, e := range some(g, "members", emails) {
		m := map[string]any{"email": g.spell(e)}
		switch n := rapid.IntRange(0, 9).Draw(g.T, "member"); {
		case n < 2:
			m["state"] = "absent"
		case g.gone[e]:
			continue
		case n < 9:
			m["role"] = pick(g, "role", []string{"owner", "member"})
		}
		out = append(out, m)
	}
	return out
}

func (g *gen) accounts() []any {
	out := []any{}
	for _, name := range some(g, "accounts", accounts) {
		a := map[string]any{"name": name}
		switch n := rapid.IntRange(0, 9).Draw(g.T, "account"); {
		case n < 2:
			a["state"] = "absent"
		case n < 7:
			a["role"] = pick(g, "role", []string{"owner", "member"})
		}
		out = append(out, a)
	}
	return out
}

// permissions draws which models a project may call, and limits of those only.
func (g *gen) permissions(p map[string]any) {
	may := models
	if g.chance(40) {
		ids := some(g, "models", models)
		switch rapid.IntRange(0, 3).Draw(g.T, "permissions") {
		case 0:
			p["model_permissions"] = map[string]any{"state": "absent"}
		case 1:
			p["model_permissions"] = map[string]any{"mode": "allow_list", "model_ids": ids}
			may = ids
		default:
			p["model_permissions"] = map[string]any{"mode": "deny_list", "model_ids": ids}
			may = slices.DeleteFunc(slices.Clone(models), func(m string) bool { return slices.Contains(ids, m) })
		}
	}
	if !g.chance(40) {
		return
	}
	limits := []any{}
	for _, m := range some(g, "limits", may) {
		l := map[string]any{"model": m}
		for _, f := range []string{"max_requests_per_1_minute", "max_tokens_per_1_minute"} {
			if g.chance(50) {
				l[f] = pick(g, f, []int{0, 10, 500})
			}
		}
		limits = append(limits, l)
	}
	p["rate_limits"] = limits
}

// long ago, and long from now.
const (
	longAgo = 1735689600
	far     = 4102444800
)

func (g *gen) state() sim.State {
	s := sim.Empty()
	s.Organization.ID = "org-acme"
	s.Models = slices.DeleteFunc(s.Models, func(m sim.Model) bool { return !slices.Contains(models, m.ID) })
	s.Users[0].Email = ptr(root)
	g.users(&s)
	s.Spending = g.spending()
	s.DataRetention = pick(g, "kept", append(keeps, ""))
	for range rapid.IntRange(0, 4).Draw(g.T, "live projects") {
		s.Projects = append(s.Projects, g.project(s.Users))
	}
	g.invites(&s)
	return s
}

func (g *gen) users(s *sim.State) {
	for _, e := range some(g, "users", emails) {
		u := sim.User{ID: g.id("user-"), Name: "N", Email: ptr(g.spell(e)), Role: pick(g, "role", []string{"owner", "reader", "reader"}), AddedAt: longAgo}
		u.IsSCIMManaged = g.chance(15)
		if g.chance(30) {
			u.TechnicalLevel = ptr("beginner")
		}
		s.Users = append(s.Users, u)
	}
	if g.chance(20) {
		s.Users = append(s.Users, sim.User{ID: g.id("user-"), Name: "bot", Role: "reader", IsServiceAccount: g.chance(50), AddedAt: longAgo})
	}
}

func (g *gen) invites(s *sim.State) {
	for _, e := range some(g, "invited", emails) {
		for range rapid.IntRange(1, 2).Draw(g.T, "invites") {
			i := sim.Invite{ID: g.id("invite-"), Email: g.spell(e), Role: pick(g, "role", []string{"owner", "reader"}),
				Status:    pick(g, "stage", []string{"pending", "expired", "accepted"}),
				CreatedAt: longAgo + int64(g.n), ExpiresAt: ptr[int64](far)}
			if len(s.Projects) > 1 && g.chance(50) {
				i.Projects = []sim.InviteProject{{ID: s.Projects[1].ID, Role: "member"}}
			}
			s.Invites = append(s.Invites, i)
		}
	}
}

func (g *gen) spending() sim.Spending {
	var s sim.Spending
	for _, n := range some(g, "live alerts", append(amounts, amounts...)) {
		a := sim.SpendAlert{ID: g.id("alert_"), ThresholdAmount: int64(n), Currency: "USD", Interval: "month",
			NotificationChannel: sim.Channel{Type: "email", Recipients: nonEmpty(g, "recipients", emails)}}
		if g.chance(30) {
			a.NotificationChannel.SubjectPrefix = ptr("[a]")
		}
		s.SpendAlerts = append(s.SpendAlerts, a)
	}
	if g.chance(40) {
		s.SpendLimit = &sim.SpendLimit{ThresholdAmount: 9900, Currency: "USD", Interval: "month", Enforcement: sim.Enforcement{Status: "inactive"}}
	}
	return s
}

func (g *gen) project(users []sim.User) sim.Project {
	p := sim.Project{ProjectObject: sim.ProjectObject{ID: g.id("proj_"), Name: pick(g, "name", names), CreatedAt: longAgo + int64(g.n),
		Status: "active", Residency: "GLOBAL"}, Spending: g.spending()}
	p.DataRetention = pick(g, "kept", []string{"", "none", "zero_data_retention"})
	if g.chance(40) {
		p.ModelPermissions = &sim.ModelPermissions{Mode: pick(g, "mode", []string{"allow_list", "deny_list"}), ModelIDs: some(g, "models", models)}
	}
	if g.chance(40) {
		p.RateLimits = map[string]sim.Limits{"o3": {"max_requests_per_1_minute": 10}}
	}
	if g.chance(40) {
		on := sim.HostedTool{Enabled: true}
		p.HostedTools = &sim.HostedTools{FileSearch: on, CodeInterpreter: on}
	}
	if g.chance(20) {
		p.Status, p.ArchivedAt = "archived", ptr[int64](longAgo+99)
		return p
	}
	for _, u := range some(g, "live members", users) {
		if u.Role == "owner" {
			continue // owns it anyway; what she had before shows only once she is demoted
		}
		p.Users = append(p.Users, sim.Membership{UserID: u.ID, Role: pick(g, "role", []string{"owner", "member"}), AddedAt: longAgo})
	}
	for range rapid.IntRange(0, 3).Draw(g.T, "live accounts") {
		p.ServiceAccounts = append(p.ServiceAccounts, sim.ServiceAccount{ID: g.id("svc_acct_"), Name: pick(g, "account", accounts),
			Role: pick(g, "role", []string{"none", "member", "owner"}), CreatedAt: longAgo})
	}
	return p
}

func ptr[V any](v V) *V { return &v }
