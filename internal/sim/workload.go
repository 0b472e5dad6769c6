package sim

import (
	"encoding/json"
	"strings"
)

// WorkloadProvider is an issuer of tokens that stand for workloads (official SDK since v3.93.0; not in
// the published document).
type WorkloadProvider struct {
	ID              string           `json:"id"`
	Name            string           `json:"name"`
	Issuer          string           `json:"issuer"`
	Audience        string           `json:"audience"`
	Description     *string          `json:"description"`
	Enabled         bool             `json:"enabled"`
	Transformations []Transformation `json:"attribute_transformations"`
	Verification    *Verification    `json:"verification"` // nil is discovery
	CreatedAt       int64            `json:"created_at"`
	UpdatedAt       int64            `json:"updated_at"`
	Rules           []FederationRule `json:"federation_rules,omitempty"`
}

// Transformation makes an attribute of a token's claims.
type Transformation struct {
	Attribute  string `json:"attribute"`
	Expression string `json:"expression"`
}

// Verification is where the issuer's keys come from.
type Verification struct {
	Type         string          `json:"type"`                    // discovery or uploaded_jwks
	DiscoveryURL *string         `json:"discovery_url,omitempty"` // nil is the issuer's well-known one
	JWKS         json.RawMessage `json:"jwks,omitempty"`
}

func (w WorkloadProvider) key() string { return w.ID }

// view tells the discovery URL even if nobody set one.
func (w WorkloadProvider) view() any {
	verification := map[string]any{"type": "discovery", "discovery_url": strings.TrimSuffix(w.Issuer, "/") + "/.well-known/openid-configuration"}
	if v := w.Verification; v != nil && v.Type == "uploaded_jwks" {
		verification = map[string]any{"type": v.Type, "jwks": v.JWKS}
	} else if v != nil && v.DiscoveryURL != nil {
		verification["discovery_url"] = v.DiscoveryURL
	}
	return object("organization.workload_identity_provider", map[string]any{
		"id": w.ID, "type": "oidc", "name": w.Name, "issuer": w.Issuer, "audience": w.Audience, "description": w.Description,
		"enabled": w.Enabled, "attribute_transformations": append([]Transformation{}, w.Transformations...),
		"verification": verification, "created_at": w.CreatedAt, "updated_at": w.UpdatedAt,
	})
}

// workloadFields are what both writes take; the update takes the required ones of the create as well.
func workloadFields(create bool) []field {
	fields := append(texts(create, "name", "issuer", "audience"),
		field{name: "description", is: text, nullable: true},
		field{name: "enabled", is: boolean},
		field{name: "attribute_transformations", is: list, of: texts(true, "attribute", "expression")},
		field{name: "verification", is: record, of: []field{{name: "type", is: text, required: true, kinds: []variant{
			{"discovery", []field{{name: "discovery_url", is: text, required: true, nullable: true}}},
			{"uploaded_jwks", []field{{name: "jwks", is: record, required: true, free: true}}},
		}}}})
	if create {
		fields = append(fields, field{name: "type", is: text, enum: []string{"oidc"}, required: true})
	}
	return fields
}

func listWorkloadProviders(c *call) (any, error) {
	return page(c, c.state.WorkloadProviders, WorkloadProvider.view)
}

func getWorkloadProvider(c *call) (any, error) {
	w, err := c.workloadProvider()
	if err != nil {
		return nil, err
	}
	return w.view(), nil
}

func createWorkloadProvider(c *call) (any, error) {
	w := WorkloadProvider{Enabled: true}
	if err := c.into(&w); err != nil {
		return nil, err
	}
	if err := w.check(); err != nil {
		return nil, err
	}
	w.ID, w.CreatedAt, w.UpdatedAt = c.state.next("wip_"), c.now, c.now
	c.state.WorkloadProviders = append(c.state.WorkloadProviders, w)
	c.log("workload_identity_provider.created", w.ID, "data", c.said())
	return w.view(), nil
}

// check: a set of keys is what RFC 7517 calls one.
func (w WorkloadProvider) check() error {
	if w.Verification == nil || w.Verification.Type != "uploaded_jwks" {
		return nil
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(w.Verification.JWKS, &set); err != nil || set.Keys == nil {
		return invalid("verification.jwks", "invalid_value", "Invalid 'verification.jwks': a JSON Web Key Set has an array of 'keys'.")
	}
	return nil
}

// said is the checked body, for audit events.
func (c *call) said() map[string]any {
	all := map[string]any{}
	_ = c.into(&all) // it was parsed before
	return all
}

// updateWorkloadProvider keeps what is omitted; what is there is replaced as a whole.
func updateWorkloadProvider(c *call) (any, error) {
	w, err := c.workloadProvider()
	if err != nil {
		return nil, err
	}
	next := *w
	if c.says("verification") {
		next.Verification = nil
	}
	if c.says("attribute_transformations") {
		next.Transformations = nil
	}
	if err := c.into(&next); err != nil {
		return nil, err
	}
	if err := next.check(); err != nil {
		return nil, err
	}
	next.UpdatedAt = c.now
	*w = next
	c.log("workload_identity_provider.updated", w.ID, "changes_requested", c.said())
	return w.view(), nil
}

func deleteWorkloadProvider(c *call) (any, error) {
	w, err := c.workloadProvider()
	if err != nil {
		return nil, err
	}
	if len(w.Rules) > 0 {
		return nil, invalid("workload_identity_provider_id", "provider_has_rules", "Workload identity provider '%s' still has %d federation rules.", w.ID, len(w.Rules))
	}
	id, name := w.ID, w.Name
	drop(&c.state.WorkloadProviders, id)
	c.log("workload_identity_provider.deleted", id, "name", name)
	return deleted("organization.workload_identity_provider", id), nil
}

func (c *call) workloadProvider() (*WorkloadProvider, error) {
	return pick(c.state.WorkloadProviders, c.path["workload_identity_provider_id"], "Workload identity provider")
}
