package apply_test

import (
	"context"
	"os"
	"slices"

	"pgregory.net/rapid"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// certificate is one of an example's. What it holds cannot be changed, so there is one a name.
func certificate(t *rapid.T, name string) string {
	pem, err := os.ReadFile("../../examples/orgs/initech/certs/gateway-" + name + ".pem")
	if err != nil {
		t.Fatal(err)
	}
	return string(pem)
}

// reviewOfAccess is review, of the kinds that refer to each other: roles, groups, certificates and what they
// are given to.
func reviewOfAccess(t *rapid.T) (server *sim.Server, base, head string) {
	state := sim.Empty()
	state.Users[0].Email = ptr(root)
	server = sim.New(state)
	drawn := func() string { return yamlOf(t, accessDocument(&gen{T: t})) }
	lived := newWorld(t, server, drawn())
	lived.apply(context.Background(), lived.plan())
	return server, drawn(), drawn()
}

// accessDocument declares what it refers to, as far as it is not there anyway.
func accessDocument(g *gen) map[string]any {
	roles, groups, certificates := some(g, "roles", []string{"auditor", "tuner"}), some(g, "groups", []string{"eng", "ops"}), some(g, "certificates", []string{"2026", "2027"})
	doc := map[string]any{"version": 1, "roles": g.roles(roles, "api.organization.usage.read", "api.groups.read")}
	active := some(g, "active", certificates)
	if g.chance(80) {
		doc["certificates"] = g.each(certificates, func(c map[string]any) { c["certificate"] = certificate(g.T, c["name"].(string)) })
		doc["active_certificates"] = active
	} else {
		active = nil
	}
	if g.chance(80) {
		doc["groups"] = g.each(groups, func(c map[string]any) {
			if g.chance(50) {
				c["users"] = some(g, "members", []string{root})
			}
			if g.chance(50) {
				c["roles"] = some(g, "group's roles", roles)
			}
		})
	} else {
		groups = nil
	}
	doc["users"] = []any{map[string]any{"email": root, "role": "owner", "roles": some(g, "root's roles", roles)}}
	declared := some(g, "projects", names[:2])
	accounts := map[string][]string{}
	doc["projects"] = g.each(declared, func(p map[string]any) {
		own := some(g, "project's roles", []string{"labeler", "reviewer"})
		p["roles"] = g.roles(own, "api.model.request", "api.model.read")
		if g.chance(60) {
			p["groups"] = g.each(some(g, "project's groups", groups), func(c map[string]any) {
				c["roles"] = nonEmpty(g, "grants", slices.Concat([]string{"member"}, own))
			})
		}
		if g.chance(60) {
			p["certificates"] = some(g, "project's certificates", active)
		}
		name := p["name"].(string)
		accounts[name] = some(g, "accounts", bots)
		p["service_accounts"] = g.each(accounts[name], func(a map[string]any) { a["role"] = "member" })
		if g.chance(50) {
			p["data_retention"] = map[string]any{"retention_type": pick(g, "keep", []string{"organization_default", "zero_data_retention"})}
		}
		if g.chance(50) {
			p["external_storage"] = g.storage()
		}
	})
	if g.chance(70) {
		doc["workload_identity_providers"] = g.each(some(g, "providers", []string{"github", "gitlab"}), func(p map[string]any) {
			p["issuer"], p["audience"] = "https://issuer.example", pick(g, "audience", []string{"openai", "other"})
			p["verification"] = map[string]any{"type": "discovery", "discovery_url": "https://issuer.example/.well-known/openid-configuration"}
			if g.chance(80) {
				p["federation_rules"] = g.rules(declared, accounts)
			}
		})
	}
	return doc
}

var bots = []string{"indexer", "labeler"}

func (g *gen) each(keys []string, do func(map[string]any)) []any {
	out := []any{}
	for _, k := range keys {
		o := map[string]any{"name": k}
		do(o)
		out = append(out, o)
	}
	return out
}

func (g *gen) roles(keys []string, permissions ...string) []any {
	return g.each(keys, func(r map[string]any) { r["permissions"] = nonEmpty(g, "permissions", permissions) })
}

func (g *gen) storage() []any {
	out := []any{}
	for _, bucket := range some(g, "buckets", []string{"eu", "us"}) {
		out = append(out, map[string]any{"provider": map[string]any{"type": "aws", "bucket": bucket, "role_arn": "arn:aws:iam::111122223333:role/storage"}})
	}
	return out
}

func (g *gen) rules(projects []string, accounts map[string][]string) []any {
	return g.each(some(g, "rules", []string{"deploy", "train"}), func(r map[string]any) {
		r["attribute_matchers"] = map[string]any{"branch": pick(g, "branch", []string{"main", "dev"})}
		r["description"], r["enabled"] = pick(g, "description", []string{"a", "b"}), g.chance(50)
		for _, p := range projects {
			if of := accounts[p]; len(of) > 0 {
				r["project"], r["service_account"] = p, pick(g, "account", of)
			}
		}
		if r["project"] == nil {
			r["state"] = "absent"
			for _, f := range []string{"attribute_matchers", "description", "enabled"} {
				delete(r, f)
			}
		}
	})
}
