package sim

import "slices"

// ServiceAccount is a bot of a project (reference: "The project service account object"). Names are not
// unique.
type ServiceAccount struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Role      string `json:"role"` // owner, member, none
	CreatedAt int64  `json:"created_at"`
}

func (a ServiceAccount) key() string { return a.ID }
func (a ServiceAccount) view() any   { return object("organization.project.service_account", a) }

// expires_in_seconds is newer than the published document; the official SDK has it since v3.59.0.
var serviceAccountCreate = []field{
	{name: "name", is: text, required: true},
	{name: "create_service_account_only", is: boolean, nullable: true},
	{name: "expires_in_seconds", is: integer, min: 1, nullable: true},
}

var serviceAccountUpdate = []field{
	{name: "name", is: text},
	{name: "role", is: text, enum: projectRoles},
}

func listServiceAccounts(c *call) (any, error) {
	return page(c, c.project.ServiceAccounts, ServiceAccount.view)
}

func getServiceAccount(c *call) (any, error) {
	a, err := c.serviceAccount()
	if err != nil {
		return nil, err
	}
	return a.view(), nil
}

// createServiceAccount makes an API key too unless it is told not to; then the account has no role.
func createServiceAccount(c *call) (any, error) {
	var in struct {
		Name    string `json:"name"`
		Only    bool   `json:"create_service_account_only"`
		Expires *int64 `json:"expires_in_seconds"`
	}
	if err := c.into(&in); err != nil {
		return nil, err
	}
	if in.Only && in.Expires != nil {
		return nil, invalid("expires_in_seconds", "invalid_value", "'expires_in_seconds' is not allowed when no API key is created.")
	}
	a := ServiceAccount{ID: c.state.next("svc_acct_"), Name: in.Name, Role: "member", CreatedAt: c.now}
	if in.Only {
		a.Role = "none"
	}
	c.project.ServiceAccounts = append(c.project.ServiceAccounts, a)
	c.log("service_account.created", a.ID, "data", map[string]any{"role": a.Role})
	var key any
	if !in.Only {
		key = c.issue(a, "Secret Key", nil, in.Expires)
	}
	return object("organization.project.service_account", a, map[string]any{"api_key": key}), nil
}

func updateServiceAccount(c *call) (any, error) {
	a, err := c.serviceAccount()
	if err != nil {
		return nil, err
	}
	if err := c.into(a); err != nil {
		return nil, err
	}
	changes := map[string]any{}
	if c.says("role") {
		changes["role"] = a.Role
	}
	c.log("service_account.updated", a.ID, "changes_requested", changes)
	return a.view(), nil
}

// deleteServiceAccount takes the account's keys along.
func deleteServiceAccount(c *call) (any, error) {
	a, err := c.serviceAccount()
	if err != nil {
		return nil, err
	}
	id := a.ID
	c.project.ServiceAccounts = slices.DeleteFunc(c.project.ServiceAccounts, func(a ServiceAccount) bool { return a.ID == id })
	c.project.dropKeys(id)
	c.log("service_account.deleted", id)
	return deleted("organization.project.service_account", id), nil
}

func (c *call) serviceAccount() (*ServiceAccount, error) {
	i := index(c.project.ServiceAccounts, c.path["service_account_id"])
	if i < 0 {
		return nil, notFound("Service account '%s' not found in project '%s'.", c.path["service_account_id"], c.project.ID)
	}
	return &c.project.ServiceAccounts[i], nil
}

// later is a moment after now, nil for never.
func later(now int64, seconds *int64) *int64 {
	if seconds == nil {
		return nil
	}
	at := now + *seconds
	return &at
}
