package sim

import "slices"

// ExternalKey is a key that the customer keeps with a cloud provider (official SDK since v3.90.0; not in
// the published document). Nothing about it can be changed.
type ExternalKey struct {
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	Type      string            `json:"type"`    // aws, gcp, azure
	Purpose   string            `json:"purpose"` // ekm or psp_decryption
	CreatedAt int64             `json:"created_at"`
	Provider  map[string]string `json:"provider"` // what the type has besides; the API shows it beside the rest
}

func (k ExternalKey) key() string { return k.ID }

var keyPurposes = []string{"ekm", "psp_decryption"}

func texts(required bool, names ...string) []field {
	var all []field
	for _, name := range names {
		all = append(all, field{name: name, is: text, required: required})
	}
	return all
}

var externalKeyCreate = []field{
	{name: "name", is: text, required: true},
	{name: "purpose", is: text, enum: keyPurposes},
	{name: "type", is: text, required: true, kinds: []variant{
		{"aws", texts(true, "external_id", "kms_arn", "role_arn")},
		{"gcp", append(texts(true, "audience", "kms_project_id", "kms_key_location", "kms_key_ring_name", "kms_key_name",
			"workload_identity_project_number", "workload_identity_pool_id", "workload_identity_provider_id"), texts(false, "kms_key_version")...)},
		{"azure", append(texts(true, "tenant_id", "vault_uri", "key_name"), texts(false, "key_version")...)},
	}},
}

// cloudList: nothing says what the limits of these lists are.
func cloudList(filters ...filter) *listing {
	return &listing{limit: 20, least: 1, most: 100, order: "asc", filters: filters}
}

func externalKeyList() *listing {
	return cloudList(filter{name: "purpose", is: text, enum: keyPurposes})
}

// viewExternalKey: what the workspace is, the SDK does not say; here it is the organization.
func (c *call) viewExternalKey(k ExternalKey) any {
	return object("organization.external_key", map[string]any{
		"id": k.ID, "name": k.Name, "type": k.Type, "purpose": k.Purpose, "created_at": k.CreatedAt,
		"workspace_id": c.state.Organization.ID, "api_project_ids": c.boundTo(k.ID),
	}, k.Provider)
}

// boundTo are the projects whose external_key_id is the key.
func (c *call) boundTo(id string) []string {
	all := []string{}
	for _, p := range c.state.Projects {
		if p.ExternalKeyID != nil && *p.ExternalKeyID == id {
			all = append(all, p.ID)
		}
	}
	return all
}

func listExternalKeys(c *call) (any, error) {
	var rows []ExternalKey
	for _, k := range c.state.ExternalKeys {
		if c.among("purpose", k.Purpose) {
			rows = append(rows, k)
		}
	}
	return page(c, rows, c.viewExternalKey)
}

func getExternalKey(c *call) (any, error) {
	k, err := c.externalKey()
	if err != nil {
		return nil, err
	}
	return c.viewExternalKey(*k), nil
}

func createExternalKey(c *call) (any, error) {
	k := ExternalKey{Purpose: "ekm"}
	if err := c.into(&k); err != nil {
		return nil, err
	}
	k.Provider = c.rest("name", "type", "purpose")
	if err := c.checkExternalKey(k); err != nil {
		return nil, err
	}
	k.ID, k.CreatedAt = c.state.next("extkey_"), c.now
	c.state.ExternalKeys = append(c.state.ExternalKeys, k)
	c.log("external_key.registered", k.ID, "data", map[string]any{"name": k.Name, "type": k.Type, "purpose": k.Purpose})
	return c.viewExternalKey(k), nil
}

// rest is what the body says besides some names, all of it text.
func (c *call) rest(besides ...string) map[string]string {
	var all map[string]any
	_ = c.into(&all) // it was parsed before
	rest := map[string]string{}
	for name, v := range all {
		if s, ok := v.(string); ok && !slices.Contains(besides, name) {
			rest[name] = s
		}
	}
	return rest
}

// checkExternalKey: whom the cloud trusts "must be the OpenAI organization ID or an API project ID that
// belongs to the organization"; an exact version is "required for PSP decryption; not accepted for EKM".
func (c *call) checkExternalKey(k ExternalKey) error {
	for _, name := range []string{"external_id", "audience"} {
		id, ok := k.Provider[name]
		if ok && id != c.state.Organization.ID && index(c.state.Projects, id) < 0 {
			return invalid(name, "invalid_value", "Invalid '%s': '%s' is neither the organization nor a project of it.", name, id)
		}
	}
	version := map[string]string{"gcp": "kms_key_version", "azure": "key_version"}[k.Type]
	_, given := k.Provider[version]
	switch {
	case version != "" && k.Purpose == "psp_decryption" && !given:
		return invalid(version, "missing_required_parameter", "Missing required parameter: '%s' is required for PSP decryption.", version)
	case version != "" && k.Purpose == "ekm" && given:
		return invalid(version, "invalid_value", "Invalid '%s': it is not accepted for EKM.", version)
	}
	return nil
}

// deleteExternalKey answers the key itself. A key that a project uses is refused: nothing says what would
// become of the project.
func deleteExternalKey(c *call) (any, error) {
	k, err := c.externalKey()
	if err != nil {
		return nil, err
	}
	if used := c.boundTo(k.ID); len(used) > 0 {
		return nil, invalid("external_key_id", "external_key_in_use", "External key '%s' is used by project '%s'.", k.ID, used[0])
	}
	gone := *k
	drop(&c.state.ExternalKeys, gone.ID)
	c.log("external_key.removed", gone.ID)
	return c.viewExternalKey(gone), nil
}

// validateExternalKey: the words for the outcome are not published.
func validateExternalKey(c *call) (any, error) {
	if _, err := c.externalKey(); err != nil {
		return nil, err
	}
	return map[string]string{"status": "valid"}, nil
}

func (c *call) externalKey() (*ExternalKey, error) {
	return pick(c.state.ExternalKeys, c.path["external_key_id"], "External key")
}

// checkBinding wants the external key that the body names for a project to be there.
func (c *call) checkBinding() error {
	var in struct {
		ID *string `json:"external_key_id"`
	}
	if err := c.into(&in); err != nil || in.ID == nil {
		return err
	}
	if index(c.state.ExternalKeys, *in.ID) < 0 {
		return invalid("external_key_id", "external_key_not_found", "External key '%s' not found.", *in.ID)
	}
	return nil
}
