package sim

import "slices"

// DefaultAdminKey is the bearer token of a Server that names none. It is not a secret and nothing else
// accepts it.
const DefaultAdminKey = "sk-admin-simulated-key"

// AdminAPIKey is a key of the organization (reference: "The admin API key object").
type AdminAPIKey struct {
	ID            string  `json:"id"`
	Name          *string `json:"name"`
	RedactedValue string  `json:"redacted_value"`
	CreatedAt     int64   `json:"created_at"`
	ExpiresAt     *int64  `json:"expires_at"`
	LastUsedAt    *int64  `json:"last_used_at"`
	OwnerID       string  `json:"owner_id"` // a user; shown as `owner`
}

func (k AdminAPIKey) key() string { return k.ID }

var adminKeyCreate = []field{
	{name: "name", is: text, required: true},
	{name: "expires_in_seconds", is: integer, min: 1, max: 365 * 24 * 3600},
}

// adminKeyList: the reference names no range for this one.
func adminKeyList() *listing {
	return &listing{limit: 20, least: 1, most: 100, order: "asc"}
}

// secretFor is the value of a key that the simulator made: it opens the simulator and nothing else.
func secretFor(id string) string { return "sim-not-a-secret-" + id }

// redact shortens a key the way the API does.
func redact(key string) string {
	if len(key) < 16 {
		return "..."
	}
	return key[:8] + "..." + key[len(key)-4:]
}

func (c *call) viewKey(k AdminAPIKey) any {
	owner := map[string]any{"type": "user", "object": "organization.user", "id": k.OwnerID}
	if i := index(c.state.Users, k.OwnerID); i >= 0 {
		u := c.state.Users[i]
		owner["name"], owner["created_at"], owner["role"] = u.Name, u.AddedAt, u.Role
	}
	return object("organization.admin_api_key", map[string]any{
		"id": k.ID, "name": k.Name, "redacted_value": k.RedactedValue, "created_at": k.CreatedAt,
		"expires_at": k.ExpiresAt, "last_used_at": k.LastUsedAt, "owner": owner,
	})
}

func listAdminKeys(c *call) (any, error) { return page(c, c.state.AdminAPIKeys, c.viewKey) }

func getAdminKey(c *call) (any, error) {
	i, err := c.adminKey()
	if err != nil {
		return nil, err
	}
	return c.viewKey(c.state.AdminAPIKeys[i]), nil
}

// createAdminKey makes a key for the owner of the one in use. No event of the organization's audit log
// tells of it.
func createAdminKey(c *call) (any, error) {
	var in struct {
		Name    string `json:"name"`
		Expires *int64 `json:"expires_in_seconds"`
	}
	if err := c.into(&in); err != nil {
		return nil, err
	}
	k := AdminAPIKey{ID: c.state.next("key_"), Name: &in.Name, CreatedAt: c.now, ExpiresAt: later(c.now, in.Expires), OwnerID: c.actor.user().ID}
	k.RedactedValue = redact(secretFor(k.ID))
	c.state.AdminAPIKeys = append(c.state.AdminAPIKeys, k)
	return object("", c.viewKey(k), map[string]any{"value": secretFor(k.ID)}), nil
}

// deleteAdminKey deletes the key in use as well: nothing in the reference forbids it.
func deleteAdminKey(c *call) (any, error) {
	i, err := c.adminKey()
	if err != nil {
		return nil, err
	}
	id := c.state.AdminAPIKeys[i].ID
	c.state.AdminAPIKeys = slices.Delete(c.state.AdminAPIKeys, i, i+1)
	return deleted("organization.admin_api_key", id), nil
}

func (c *call) adminKey() (int, error) {
	i := index(c.state.AdminAPIKeys, c.path["key_id"])
	if i < 0 {
		return 0, notFound("Admin API key '%s' not found.", c.path["key_id"])
	}
	return i, nil
}

// keyOf finds the key that a bearer token stands for: one that the simulator made, or the configured
// one, which is the row with its redacted value or else the first. A token of a deleted or expired key
// opens nothing.
func (s *State) keyOf(token, id string, now int64) *AdminAPIKey {
	for i := range s.AdminAPIKeys {
		k := &s.AdminAPIKeys[i]
		expired := k.ExpiresAt != nil && *k.ExpiresAt <= now
		if !expired && (k.ID == id || token == secretFor(k.ID)) {
			return k
		}
	}
	return nil
}

// configuredKey is the id of the row that stands for the configured key.
func (s *State) configuredKey(key string) string {
	for _, k := range s.AdminAPIKeys {
		if k.RedactedValue == redact(key) {
			return k.ID
		}
	}
	if len(s.AdminAPIKeys) > 0 {
		return s.AdminAPIKeys[0].ID
	}
	return ""
}
