package sim

import "cmp"

// Values of the reference's UpdateOrganizationDataRetentionBody; a project has two more.
var retentionTypes = []string{
	"zero_data_retention", "modified_abuse_monitoring", "enhanced_zero_data_retention", "enhanced_modified_abuse_monitoring",
}

var orgRetentionUpdate = []field{{name: "retention_type", is: text, enum: retentionTypes, required: true}}

func projectRetentionUpdate() []field {
	enum := append([]string{"organization_default", "none"}, retentionTypes...)
	return []field{{name: "retention_type", is: text, enum: enum, required: true}}
}

// retention is where the scope keeps its setting. What is read as `type` is written as `retention_type`.
func (c *call) retention() *string {
	if c.project != nil {
		return &c.project.DataRetention
	}
	return &c.state.DataRetention
}

// getRetention: an organization that never set one has no documented answer; 404, as for other unset
// settings.
func getRetention(c *call) (any, error) {
	kind := *c.retention()
	if c.project == nil && kind == "" {
		return nil, notFound("Data retention controls are not configured for this organization.")
	}
	kind = cmp.Or(kind, "organization_default")
	return object(c.scope()+".data_retention", map[string]string{"type": kind}), nil
}

func updateRetention(c *call) (any, error) {
	var in struct {
		Type string `json:"retention_type"`
	}
	if err := c.into(&in); err != nil {
		return nil, err
	}
	*c.retention() = in.Type
	return getRetention(c)
}
