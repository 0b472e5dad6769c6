package sim

import (
	"cmp"
	"slices"
)

// APIKey is a key of a project (reference: "The project API key object"). Its scopes can be set and are
// never answered.
type APIKey struct {
	ID            string   `json:"id"`
	Name          string   `json:"name"`
	RedactedValue string   `json:"redacted_value"`
	CreatedAt     int64    `json:"created_at"`
	LastUsedAt    *int64   `json:"last_used_at"`
	ExpiresAt     *int64   `json:"expires_at"`
	Scopes        []string `json:"scopes,omitempty"` // none is all
	Owner         KeyOwner `json:"owner"`
}

// KeyOwner is a user or a service account as it was when the key was made: a key outlives its owner's
// place in the project and in the organization.
type KeyOwner struct {
	Type      string `json:"type"` // user or service_account
	ID        string `json:"id"`
	Name      string `json:"name"`
	Email     string `json:"email,omitempty"`
	CreatedAt int64  `json:"created_at"`
	Role      string `json:"role"` // in the project
}

func (k APIKey) key() string { return k.ID }

// expires_in_seconds is newer than the published document.
var serviceAccountKeyCreate = []field{
	{name: "name", is: text},
	{name: "scopes", is: list},
	{name: "expires_in_seconds", is: integer, min: 1, nullable: true},
}

// The update is newer than the published document; the official SDK has it since v3.78.0. Neither takes
// null.
var apiKeyUpdate = []field{
	{name: "expires_in_seconds", is: integer, min: 1},
	{name: "scopes", is: list},
}

func apiKeyList() *listing {
	return standard(filter{name: "owner_project_access", is: text, enum: []string{"active", "inactive", "any"}})
}

// owner is the key's owner as it is now, as far as it still exists.
func (c *call) owner(k APIKey, members []member) (o KeyOwner, active bool) {
	o = k.Owner
	if o.Type == "service_account" {
		i := index(c.project.ServiceAccounts, o.ID)
		if i >= 0 {
			a := c.project.ServiceAccounts[i]
			o.Name, o.Role = a.Name, a.Role
		}
		return o, i >= 0
	}
	if i := index(members, o.ID); i >= 0 {
		o.Role = members[i].Role
		return o, true
	}
	return o, c.throughGroup(o.ID)
}

func (c *call) viewAPIKey(k APIKey) any {
	return c.viewKeyAmong(k, c.members())
}

func (c *call) viewKeyAmong(k APIKey, members []member) any {
	o, active := c.owner(k, members)
	access := "inactive"
	if active {
		access = "active"
	}
	who := map[string]any{"id": o.ID, "name": o.Name, "created_at": o.CreatedAt, "role": o.Role}
	if o.Type == "user" {
		who["email"] = o.Email
	}
	return object("organization.project.api_key", map[string]any{
		"id": k.ID, "name": k.Name, "redacted_value": k.RedactedValue, "created_at": k.CreatedAt,
		"last_used_at": k.LastUsedAt, "expires_at": k.ExpiresAt, "owner_project_access": access,
		"owner": map[string]any{"type": o.Type, o.Type: who},
	})
}

func listAPIKeys(c *call) (any, error) {
	var rows []APIKey
	members := c.members()
	for _, k := range c.project.APIKeys {
		if c.wantsKey(k, members) {
			rows = append(rows, k)
		}
	}
	return page(c, rows, func(k APIKey) any { return c.viewKeyAmong(k, members) })
}

// wantsKey: without the parameter the list goes by membership, "which may exclude some enabled keys".
// Here it leaves out people who are no members themselves, though a group may give them access.
func (c *call) wantsKey(k APIKey, members []member) bool {
	_, active := c.owner(k, members)
	switch c.query.Get("owner_project_access") {
	case "any":
		return true
	case "active":
		return active
	case "inactive":
		return !active
	}
	return active && (k.Owner.Type == "service_account" || index(members, k.Owner.ID) >= 0)
}

func getAPIKey(c *call) (any, error) {
	k, err := c.apiKey()
	if err != nil {
		return nil, err
	}
	return c.viewAPIKey(*k), nil
}

// updateAPIKey: "Expired keys cannot be updated", and the expiry counts from the request.
func updateAPIKey(c *call) (any, error) {
	k, err := c.apiKey()
	if err != nil {
		return nil, err
	}
	if k.ExpiresAt != nil && *k.ExpiresAt <= c.now {
		return nil, invalid("api_key_id", "api_key_expired", "API key '%s' has expired and cannot be updated.", k.ID)
	}
	if !c.says("expires_in_seconds") && !c.says("scopes") {
		return nil, needsOne("expires_in_seconds", "scopes")
	}
	var in struct {
		Expires *int64   `json:"expires_in_seconds"`
		Scopes  []string `json:"scopes"`
	}
	if err := c.into(&in); err != nil {
		return nil, err
	}
	changes := map[string]any{}
	if in.Expires != nil {
		k.ExpiresAt = later(c.now, in.Expires)
	}
	if c.says("scopes") {
		k.Scopes, changes["scopes"] = in.Scopes, in.Scopes
	}
	c.log("api_key.updated", k.ID, "changes_requested", changes)
	return c.viewAPIKey(*k), nil
}

// deleteAPIKey takes keys of service accounts too. The published document still refuses them; the
// official SDK says since v3.79.0 that they can be deleted and the account stays.
func deleteAPIKey(c *call) (any, error) {
	k, err := c.apiKey()
	if err != nil {
		return nil, err
	}
	id := k.ID
	drop(&c.project.APIKeys, id)
	c.log("api_key.deleted", id)
	return deleted("organization.project.api_key", id), nil
}

func (c *call) apiKey() (*APIKey, error) {
	return pick(c.project.APIKeys, c.path["api_key_id"], "API key")
}

// createServiceAccountKey makes one more key for an account.
func createServiceAccountKey(c *call) (any, error) {
	a, err := c.serviceAccount()
	if err != nil {
		return nil, err
	}
	var in struct {
		Name    string   `json:"name"`
		Scopes  []string `json:"scopes"`
		Expires *int64   `json:"expires_in_seconds"`
	}
	if err := c.into(&in); err != nil {
		return nil, err
	}
	return c.issue(*a, cmp.Or(in.Name, "Secret Key"), in.Scopes, in.Expires), nil
}

// issue makes a key of a service account. Its value is shown this once and is not one.
func (c *call) issue(a ServiceAccount, name string, scopes []string, expiresIn *int64) any {
	k := APIKey{
		ID: c.state.next("key_"), Name: name, CreatedAt: c.now, ExpiresAt: later(c.now, expiresIn), Scopes: scopes,
		Owner: KeyOwner{Type: "service_account", ID: a.ID, Name: a.Name, CreatedAt: a.CreatedAt, Role: a.Role},
	}
	k.RedactedValue = redact(secretFor(k.ID))
	c.project.APIKeys = append(c.project.APIKeys, k)
	c.log("api_key.created", k.ID, "data", map[string]any{"scopes": append([]string{}, scopes...)})
	return object("organization.project.service_account.api_key", map[string]any{
		"id": k.ID, "name": name, "value": secretFor(k.ID), "created_at": c.now, "expires_at": k.ExpiresAt,
	})
}

// dropKeys forgets the keys of service accounts, of one or with "" of all.
func (p *Project) dropKeys(account string) {
	p.APIKeys = slices.DeleteFunc(p.APIKeys, func(k APIKey) bool {
		return k.Owner.Type == "service_account" && (account == "" || k.Owner.ID == account)
	})
}
