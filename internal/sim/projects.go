package sim

// ProjectObject is a project as the API shows it (reference: "The project object").
type ProjectObject struct {
	ID            string  `json:"id"`
	Name          string  `json:"name"`
	CreatedAt     int64   `json:"created_at"`
	ArchivedAt    *int64  `json:"archived_at"`
	Status        string  `json:"status"`
	ExternalKeyID *string `json:"external_key_id"`
	Residency     string  `json:"residency"`
}

// Project is a project with all that is in it.
type Project struct {
	ProjectObject
	Default          bool              `json:"default,omitempty"` // the API has no such field
	Users            []Membership      `json:"users,omitempty"`
	Groups           []ProjectGroup    `json:"groups,omitempty"`
	ServiceAccounts  []ServiceAccount  `json:"service_accounts,omitempty"`
	APIKeys          []APIKey          `json:"api_keys,omitempty"`
	Certificates     []string          `json:"active_certificates,omitempty"`
	RateLimits       map[string]Limits `json:"rate_limits,omitempty"` // by model; what differs from the organization's
	ModelPermissions *ModelPermissions `json:"model_permissions,omitempty"`
	HostedTools      *HostedTools      `json:"hosted_tool_permissions,omitempty"` // nil is all enabled
	DataRetention    string            `json:"data_retention,omitempty"`          // "" is organization_default
	ServiceTiers     *ServiceTiers     `json:"service_tier_settings,omitempty"`   // nil is what is there
	Spending
	Access
}

func (p Project) key() string { return p.ID }
func (p Project) view() any   { return object("organization.project", p.ProjectObject) }

// The last three are newer than the published document; the official SDK has them since v3.95.0.
var residencies = []string{
	"GLOBAL", "US_STORAGE_PROCESSING", "EU_STORAGE_PROCESSING", "JP_STORAGE", "KR_STORAGE", "CA_STORAGE",
	"SG_STORAGE", "IN_STORAGE", "AU_STORAGE", "GB_STORAGE", "AE_STORAGE", "AE_STORAGE_PROCESSING",
	"JP_STORAGE_PROCESSING", "IN_STORAGE_PROCESSING", "AU_STORAGE_PROCESSING",
}

// geography is the deprecated alias of residency in the SDK: accepted, never together, without effect.
var projectCreate = []field{
	{name: "name", is: text, required: true},
	{name: "residency", is: text, enum: residencies, nullable: true},
	{name: "external_key_id", is: text, nullable: true},
	{name: "geography", is: text, nullable: true},
}

var projectUpdate = []field{
	{name: "name", is: text, nullable: true},
	{name: "external_key_id", is: text, nullable: true},
	{name: "geography", is: text, nullable: true},
}

func projectList() *listing {
	return standard(filter{name: "include_archived", is: boolean})
}

func listProjects(c *call) (any, error) {
	var rows []Project
	for _, p := range c.state.Projects {
		if p.Status != "archived" || c.query.Get("include_archived") == "true" {
			rows = append(rows, p)
		}
	}
	return page(c, rows, Project.view)
}

func getProject(c *call) (any, error) { return c.project.view(), nil }

// createProject answers a new project: names are not unique, so the same request twice makes two.
func createProject(c *call) (any, error) {
	if c.says("geography") && c.says("residency") {
		return nil, invalid("geography", "invalid_value", "Only one of 'geography' and 'residency' can be given.")
	}
	if err := c.checkBinding(); err != nil {
		return nil, err
	}
	var p Project
	if err := c.into(&p.ProjectObject); err != nil {
		return nil, err
	}
	if p.Residency == "" {
		p.Residency = "GLOBAL"
	}
	p.ID, p.CreatedAt, p.Status = c.state.next("proj_"), c.now, "active"
	c.state.Projects = append(c.state.Projects, p)
	c.project = &c.state.Projects[len(c.state.Projects)-1]
	c.log("project.created", p.ID, "data", map[string]any{"name": p.Name, "title": p.Name})
	return p.view(), nil
}

func updateProject(c *call) (any, error) {
	if err := c.checkBinding(); err != nil {
		return nil, err
	}
	was := c.project.Name
	if err := c.into(&c.project.ProjectObject); err != nil {
		return nil, err
	}
	changes := map[string]any{}
	if c.project.Name != was {
		changes["title"] = c.project.Name
	}
	c.log("project.updated", c.project.ID, "changes_requested", changes)
	return c.project.view(), nil
}

// archiveProject cannot be undone. "Archived projects have no users" and no service accounts,
// hence no keys of those; other keys stay and are of no use.
func archiveProject(c *call) (any, error) {
	p := c.project
	p.Status, p.ArchivedAt = "archived", &c.now
	p.Users, p.ServiceAccounts, p.Groups, p.Grants = nil, nil, nil, nil
	p.dropKeys("")
	c.log("project.archived", p.ID)
	return p.view(), nil
}
