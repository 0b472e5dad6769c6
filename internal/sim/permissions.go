package sim

import (
	"slices"
	"strings"
)

// ModelPermissions are the models that a project may call (reference: "The project model permissions
// object"). nil is no restriction.
type ModelPermissions struct {
	Mode     string   `json:"mode"` // allow_list or deny_list
	ModelIDs []string `json:"model_ids"`
}

func (p *ModelPermissions) allow(model string) bool {
	return p == nil || slices.Contains(p.ModelIDs, model) == (p.Mode == "allow_list")
}

var modelPermissionsUpdate = []field{
	{name: "mode", is: text, enum: []string{"allow_list", "deny_list"}, required: true},
	{name: "model_ids", is: list, required: true},
}

// getModelPermissions answers 404 when there are none: undocumented, but what clients rely on.
func getModelPermissions(c *call) (any, error) {
	if c.project.ModelPermissions == nil {
		return nil, notFound("Project '%s' has no model permissions.", c.project.ID)
	}
	return object("project.model_permissions", c.project.ModelPermissions), nil
}

// updateModelPermissions replaces them. A model must be visible to the organization; fine-tuned ones
// (ft:...) are taken on trust.
func updateModelPermissions(c *call) (any, error) {
	var p ModelPermissions
	if err := c.into(&p); err != nil {
		return nil, err
	}
	for _, id := range p.ModelIDs {
		if index(c.state.Models, id) < 0 && !strings.HasPrefix(id, "ft:") {
			return nil, invalid("model_ids", "model_not_found", "The model '%s' does not exist or your organization has no access to it.", id)
		}
	}
	c.project.ModelPermissions = &p
	return object("project.model_permissions", p), nil
}

func deleteModelPermissions(c *call) (any, error) {
	if c.project.ModelPermissions == nil {
		return nil, notFound("Project '%s' has no model permissions.", c.project.ID)
	}
	c.project.ModelPermissions = nil
	return deleted("project.model_permissions", ""), nil
}

// HostedTools are the tools that OpenAI runs for a project (reference: "The project hosted tool
// permissions object").
type HostedTools struct {
	FileSearch      HostedTool `json:"file_search"`
	WebSearch       HostedTool `json:"web_search"`
	ImageGeneration HostedTool `json:"image_generation"`
	MCP             HostedTool `json:"mcp"`
	CodeInterpreter HostedTool `json:"code_interpreter"`
}

// HostedTool is one of them, on or off.
type HostedTool struct {
	Enabled bool `json:"enabled"`
}

func allTools() HostedTools {
	on := HostedTool{Enabled: true}
	return HostedTools{on, on, on, on, on}
}

func hostedToolsUpdate() []field {
	var fields []field
	for _, name := range []string{"file_search", "web_search", "image_generation", "mcp", "code_interpreter"} {
		fields = append(fields, field{name: name, is: record, nullable: true,
			of: []field{{name: "enabled", is: boolean, required: true}}})
	}
	return fields
}

// hostedTools: a new project has them all, as far as the reference's example shows.
func (p *Project) hostedTools() HostedTools {
	if p.HostedTools == nil {
		return allTools()
	}
	return *p.HostedTools
}

// getHostedTools answers an object without an object name; the reference gives it none.
func getHostedTools(c *call) (any, error) { return c.project.hostedTools(), nil }

// updateHostedTools merges: a tool that is omitted or null stays as it is.
func updateHostedTools(c *call) (any, error) {
	tools := c.project.hostedTools()
	if err := c.into(&tools); err != nil {
		return nil, err
	}
	c.project.HostedTools = &tools
	return tools, nil
}
