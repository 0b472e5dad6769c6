package sim

import (
	"encoding/json"
	"slices"
)

// ServiceTiers are which tiers a project may use (official SDK since v3.94.0; not in the published
// document).
type ServiceTiers struct {
	Default string `json:"default"` // standard, fast, scale
	Enabled Tiers  `json:"enabled_tiers"`
}

// Tiers is a set of flex, fast and ultrafast. nil is "all", future ones too.
type Tiers []string

// MarshalJSON writes "all" or the list.
func (t Tiers) MarshalJSON() ([]byte, error) {
	if t == nil {
		return []byte(`"all"`), nil
	}
	return json.Marshal([]string(t))
}

// UnmarshalJSON reads "all" or a list.
func (t *Tiers) UnmarshalJSON(b []byte) error {
	if string(b) == `"all"` {
		*t = nil
		return nil
	}
	all := []string{}
	err := json.Unmarshal(b, &all)
	*t = all
	return err
}

var serviceTiersUpdate = []field{
	{name: "default", is: text, enum: []string{"standard", "fast", "scale"}},
	{name: "enabled_tiers", is: list, enum: []string{"flex", "fast", "ultrafast"}, or: "all"},
}

// serviceTiers: a project that never set them uses what is there.
func (p *Project) serviceTiers() ServiceTiers {
	if p.ServiceTiers == nil {
		return ServiceTiers{Default: "standard"}
	}
	return *p.ServiceTiers
}

func getServiceTiers(c *call) (any, error) {
	return object("project.service_tier_settings", c.project.serviceTiers()), nil
}

// updateServiceTiers is atomic: a default that would not be enabled is refused. (That it must be is a
// guess; the SDK only says that both can be set at once.)
func updateServiceTiers(c *call) (any, error) {
	if !c.says("default") && !c.says("enabled_tiers") {
		return nil, needsOne("default", "enabled_tiers")
	}
	next := c.project.serviceTiers()
	if err := c.into(&next); err != nil {
		return nil, err
	}
	if next.Enabled != nil {
		next.Enabled = set(next.Enabled)
	}
	if next.Default == "fast" && next.Enabled != nil && !slices.Contains(next.Enabled, "fast") {
		return nil, invalid("default", "tier_not_enabled", "The default tier 'fast' is not enabled.")
	}
	c.project.ServiceTiers = &next
	return getServiceTiers(c)
}
