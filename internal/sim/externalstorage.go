package sim

import (
	"maps"
	"slices"
	"strings"
)

// ExternalStorage is a bucket of the customer's that a project's data go to (official SDK since v3.64.0;
// not in the published document). Nothing about it can be changed.
type ExternalStorage struct {
	ID        string            `json:"id"`
	ProjectID string            `json:"project_id"`
	Geography string            `json:"geography"`
	CreatedAt int64             `json:"created_at"`
	Status    string            `json:"status"`   // pending, validated, degraded, unhealthy
	Provider  map[string]string `json:"provider"` // type and what it has besides, the derived fields too
	Removed   bool              `json:"removed,omitempty"`
}

func (e ExternalStorage) key() string { return e.ID }

func (e ExternalStorage) view() any {
	return object("organization.external_storage", map[string]any{
		"id": e.ID, "project_id": e.ProjectID, "geography": e.Geography, "created_at": e.CreatedAt, "status": e.Status, "provider": e.Provider,
	})
}

var externalStorageCreate = []field{
	{name: "project_id", is: text, required: true},
	{name: "provider", is: record, required: true, of: []field{{name: "type", is: text, required: true, kinds: []variant{
		{"aws", texts(true, "bucket", "role_arn")},
		{"azure", texts(true, "account_name", "container", "resource_group", "subscription_id", "tenant_id")},
		{"gcp", texts(true, "bucket", "workload_identity_pool_id", "workload_identity_project_number", "workload_identity_provider_id")},
		{"oci", texts(true, "bucket", "region", "tenancy_ocid")},
	}}}},
}

func externalStorageList() *listing {
	return cloudList(filter{name: "project_id", is: text})
}

func listExternalStorage(c *call) (any, error) {
	var rows []ExternalStorage
	for _, e := range c.state.ExternalStorage {
		if !e.Removed && c.among("project_id", e.ProjectID) {
			rows = append(rows, e)
		}
	}
	return page(c, rows, ExternalStorage.view)
}

func getExternalStorage(c *call) (any, error) {
	e, err := c.externalStorage()
	if err != nil {
		return nil, err
	}
	return e.view(), nil
}

func createExternalStorage(c *call) (any, error) {
	var e ExternalStorage
	if err := c.into(&e); err != nil {
		return nil, err
	}
	i := index(c.state.Projects, e.ProjectID)
	if i < 0 {
		return nil, invalid("project_id", "project_not_found", "Project with id '%s' not found.", e.ProjectID)
	}
	if p := &c.state.Projects[i]; p.Status == "archived" {
		return nil, archived(p)
	}
	e.Geography, e.Status = geography(c.state.Projects[i].Residency), "pending"
	maps.Copy(e.Provider, c.derive(e))
	e.ID, e.CreatedAt = c.state.next("extstore_"), c.now
	c.state.ExternalStorage = append(c.state.ExternalStorage, e)
	c.log("external_storage.registered", e.ID, "data", map[string]any{"geography": e.Geography, "provider": e.Provider})
	return e.view(), nil
}

// geography is the first word of a residency; what it is without one, the SDK does not say.
func geography(residency string) string {
	if where, _, ok := strings.Cut(residency, "_"); ok {
		return where
	}
	return "US"
}

// derive is what the API finds out by itself about a bucket. The regions are made up.
func (c *call) derive(e ExternalStorage) map[string]string {
	region := map[string]string{"aws": "us-east-1", "azure": "eastus", "gcp": "us-east1"}[e.Provider["type"]]
	if e.Geography == "EU" {
		region = map[string]string{"aws": "eu-central-1", "azure": "westeurope", "gcp": "europe-west1"}[e.Provider["type"]]
	}
	switch e.Provider["type"] {
	case "aws":
		account := "000000000000"
		if arn := strings.Split(e.Provider["role_arn"], ":"); len(arn) > 4 {
			account = arn[4]
		}
		return map[string]string{"region": region, "account_id": account, "external_id": c.state.Organization.ID}
	case "gcp":
		return map[string]string{"region": region, "audience": c.state.Organization.ID}
	case "azure":
		return map[string]string{"region": region}
	}
	return nil
}

// deleteExternalStorage can be repeated. Without its last one a project goes back to the organization's
// data retention.
func deleteExternalStorage(c *call) (any, error) {
	e, err := pick(c.state.ExternalStorage, c.path["external_storage_id"], "External storage")
	if err != nil {
		return nil, err
	}
	if !e.Removed {
		e.Removed = true
		c.log("external_storage.removed", e.ID)
	}
	left := slices.ContainsFunc(c.state.ExternalStorage, func(o ExternalStorage) bool { return !o.Removed && o.ProjectID == e.ProjectID })
	if i := index(c.state.Projects, e.ProjectID); i >= 0 && !left {
		c.state.Projects[i].DataRetention = ""
	}
	return deleted("organization.external_storage", e.ID), nil
}

func validateExternalStorage(c *call) (any, error) {
	e, err := c.externalStorage()
	if err != nil {
		return nil, err
	}
	e.Status = "validated"
	return e.view(), nil
}

func (c *call) externalStorage() (*ExternalStorage, error) {
	e, err := pick(c.state.ExternalStorage, c.path["external_storage_id"], "External storage")
	if err == nil && e.Removed {
		return nil, notFound("External storage '%s' not found.", e.ID)
	}
	return e, err
}
