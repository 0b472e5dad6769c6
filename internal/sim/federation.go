package sim

import (
	"encoding/json"
	"slices"
)

// FederationRule says which tokens of a provider stand for which service account. The account cannot be
// changed.
type FederationRule struct {
	ID               string                     `json:"id"`
	ProjectID        string                     `json:"project_id"`
	ServiceAccountID string                     `json:"service_account_id"`
	Name             *string                    `json:"name"`
	Description      *string                    `json:"description"`
	Enabled          bool                       `json:"enabled"`
	Matchers         map[string]json.RawMessage `json:"attribute_matchers"` // text, number or boolean, as spelt
	Permissions      *RulePermissions           `json:"permissions"`        // nil is service_account_default
	CreatedAt        int64                      `json:"created_at"`
	UpdatedAt        int64                      `json:"updated_at"`
}

// RulePermissions are all of the account's or some of them.
type RulePermissions struct {
	Type   string   `json:"type"` // service_account_default or restricted
	Scopes []string `json:"scopes,omitzero"`
}

func (r FederationRule) key() string { return r.ID }

func (c *call) viewRule(r FederationRule) any {
	if r.Permissions == nil {
		r.Permissions = &RulePermissions{Type: "service_account_default"}
	}
	return object("organization.workload_identity_federation_rule", r,
		map[string]any{"workload_identity_provider_id": c.path["workload_identity_provider_id"]})
}

var ruleUpdate = []field{
	{name: "name", is: text},
	{name: "description", is: text, nullable: true},
	{name: "enabled", is: boolean},
	{name: "attribute_matchers", is: record, free: true},
	{name: "permissions", is: record, of: []field{{name: "type", is: text, required: true, kinds: []variant{
		{value: "service_account_default"},
		{"restricted", []field{{name: "scopes", is: list, required: true}}},
	}}}},
}

func ruleCreate() []field {
	fields := append(slices.Clone(ruleUpdate), texts(true, "project_id", "service_account_id")...)
	for i := range fields {
		fields[i].required = fields[i].required || fields[i].name == "attribute_matchers"
	}
	return fields
}

func ruleList() *listing { return cloudList(filter{name: "service_account_id", is: text}) }

func listRules(c *call) (any, error) {
	w, err := c.workloadProvider()
	if err != nil {
		return nil, err
	}
	var rows []FederationRule
	for _, r := range w.Rules {
		if c.among("service_account_id", r.ServiceAccountID) {
			rows = append(rows, r)
		}
	}
	return page(c, rows, c.viewRule)
}

func getRule(c *call) (any, error) {
	_, r, err := c.rule()
	if err != nil {
		return nil, err
	}
	return c.viewRule(*r), nil
}

func createRule(c *call) (any, error) {
	w, err := c.workloadProvider()
	if err != nil {
		return nil, err
	}
	r := FederationRule{Enabled: true}
	if err := c.into(&r); err != nil {
		return nil, err
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	if err := c.checkTarget(r); err != nil {
		return nil, err
	}
	r.ID, r.CreatedAt, r.UpdatedAt = c.state.next("wifr_"), c.now, c.now
	w.Rules = append(w.Rules, r)
	c.log("workload_identity_provider_mapping.created", r.ID, "data", c.said(), "identity_provider_id", w.ID)
	return c.viewRule(r), nil
}

// check: matchers are single values, and a rule without any would match every token.
func (r FederationRule) check() error {
	if len(r.Matchers) == 0 {
		return invalid("attribute_matchers", "invalid_value", "Invalid 'attribute_matchers': at least one is required.")
	}
	for _, name := range sortedKeys(r.Matchers) {
		if c := r.Matchers[name][0]; c == '{' || c == '[' || c == 'n' {
			return invalid("attribute_matchers", "invalid_type", "Invalid type for 'attribute_matchers.%s': expected a string, a number or a boolean.", name)
		}
	}
	return nil
}

func (c *call) checkTarget(r FederationRule) error {
	i := index(c.state.Projects, r.ProjectID)
	if i < 0 {
		return invalid("project_id", "project_not_found", "Project with id '%s' not found.", r.ProjectID)
	}
	p := &c.state.Projects[i]
	if p.Status == "archived" {
		return archived(p)
	}
	if index(p.ServiceAccounts, r.ServiceAccountID) < 0 {
		return invalid("service_account_id", "service_account_not_found", "Service account '%s' not found in project '%s'.", r.ServiceAccountID, p.ID)
	}
	return nil
}

func updateRule(c *call) (any, error) {
	w, r, err := c.rule()
	if err != nil {
		return nil, err
	}
	next := *r
	if c.says("attribute_matchers") {
		next.Matchers = nil
	}
	if c.says("permissions") {
		next.Permissions = nil
	}
	if err := c.into(&next); err != nil {
		return nil, err
	}
	if err := next.check(); err != nil {
		return nil, err
	}
	next.UpdatedAt = c.now
	*r = next
	c.log("workload_identity_provider_mapping.updated", r.ID, "changes_requested", c.said(), "identity_provider_id", w.ID)
	return c.viewRule(next), nil
}

func deleteRule(c *call) (any, error) {
	w, r, err := c.rule()
	if err != nil {
		return nil, err
	}
	gone := *r
	drop(&w.Rules, gone.ID)
	c.log("workload_identity_provider_mapping.deleted", gone.ID, "identity_provider_id", w.ID,
		"project_id", gone.ProjectID, "service_account_id", gone.ServiceAccountID)
	return deleted("organization.workload_identity_federation_rule", gone.ID), nil
}

func (c *call) rule() (*WorkloadProvider, *FederationRule, error) {
	w, err := c.workloadProvider()
	if err != nil {
		return nil, nil, err
	}
	r, err := pick(w.Rules, c.path["workload_identity_federation_rule_id"], "Federation rule")
	return w, r, err
}
