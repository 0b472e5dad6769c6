package sim

import (
	"slices"
	"strconv"
	"strings"
)

// sessionIP is where people are when they click: an address for documentation (RFC 5737).
const sessionIP = "203.0.113.7"

// EventHead is what all audit events share (reference: "The audit log object").
type EventHead struct {
	ID          string        `json:"id"`
	Type        string        `json:"type"`
	EffectiveAt int64         `json:"effective_at"`
	Project     *EventProject `json:"project,omitempty"`
	Actor       Actor         `json:"actor"`
}

// AuditEvent is one entry of the audit log. The API sends Details under the name of the event's type.
type AuditEvent struct {
	EventHead
	Details map[string]any `json:"details"`
}

// EventProject is the project of an event. Whatever an admin API key does is booked on the default
// project.
type EventProject struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Actor is who did it.
type Actor struct {
	Type    string        `json:"type"` // session or api_key
	Session *ActorSession `json:"session,omitempty"`
	APIKey  *ActorKey     `json:"api_key,omitempty"`
}

// ActorSession is a person in the dashboard.
type ActorSession struct {
	User      ActorUser `json:"user"`
	IPAddress string    `json:"ip_address"`
}

// ActorKey is an API key; ID is its tracking id.
type ActorKey struct {
	ID   string    `json:"id"`
	Type string    `json:"type"`
	User ActorUser `json:"user"`
}

// ActorUser is the person behind the session or the key.
type ActorUser struct {
	ID    string `json:"id"`
	Email string `json:"email"`
}

func (e AuditEvent) key() string { return e.ID }

func (e AuditEvent) view() any {
	return object("", e.EventHead, map[string]any{e.Type: e.Details})
}

func (a Actor) user() ActorUser {
	switch {
	case a.Session != nil:
		return a.Session.User
	case a.APIKey != nil:
		return a.APIKey.User
	}
	return ActorUser{}
}

// log adds an event. The payload is the id, if there is one, and for some names and values, such as what
// was asked for under `data` or `changes_requested`.
func (c *call) log(kind, id string, payload ...any) {
	details := map[string]any{}
	if id != "" {
		details["id"] = id
	}
	for i := 0; i+1 < len(payload); i += 2 {
		details[payload[i].(string)] = payload[i+1]
	}
	e := AuditEvent{EventHead{c.state.next("audit_log-"), kind, c.now, c.eventProject(), c.actor}, details}
	c.state.AuditLogs = append(c.state.AuditLogs, e)
}

func (c *call) eventProject() *EventProject {
	p := c.project
	if c.actor.APIKey != nil {
		p = c.state.defaultProject()
	}
	if p == nil {
		return nil
	}
	return &EventProject{p.ID, p.Name}
}

func (s *State) defaultProject() *Project {
	i := slices.IndexFunc(s.Projects, func(p Project) bool { return p.Default })
	if i < 0 {
		return nil
	}
	return &s.Projects[i]
}

func auditList() *listing {
	l := standard(
		filter{name: "project_ids", is: list}, filter{name: "event_types", is: list},
		filter{name: "actor_ids", is: list}, filter{name: "actor_emails", is: list},
		filter{name: "resource_ids", is: list}, filter{name: "tenant_only", is: boolean},
		filter{name: "effective_at[gt]", is: integer}, filter{name: "effective_at[gte]", is: integer},
		filter{name: "effective_at[lt]", is: integer}, filter{name: "effective_at[lte]", is: integer},
	)
	l.before, l.newestFirst = true, true
	return l
}

// listAuditLogs serves the organization's stream or the tenant's, in which there is not much: the
// members of groups.
func listAuditLogs(c *call) (any, error) {
	if err := c.checkEventTypes(); err != nil {
		return nil, err
	}
	var rows []AuditEvent
	for _, e := range c.state.AuditLogs {
		if tenantEvent(e.Type) == (c.query.Get("tenant_only") == "true") && c.wants(e) {
			rows = append(rows, e)
		}
	}
	return page(c, rows, AuditEvent.view)
}

func (c *call) wants(e AuditEvent) bool {
	id, _ := e.Details["id"].(string)
	who := e.Actor.user()
	actors := []string{who.ID}
	if e.Actor.APIKey != nil {
		actors = append(actors, e.Actor.APIKey.ID)
	}
	var project string
	if e.Project != nil {
		project = e.Project.ID
	}
	return c.among("project_ids", project) && c.among("event_types", e.Type) && c.among("actor_ids", actors...) &&
		c.among("actor_emails", who.Email) && c.among("resource_ids", id) && c.during(e.EffectiveAt)
}

// among tells whether the parameter is not there or names one of the candidates.
func (c *call) among(param string, candidates ...string) bool {
	want := c.values(param)
	return want == nil || slices.ContainsFunc(candidates, func(s string) bool { return containsFold(want, s) })
}

func (c *call) during(at int64) bool {
	bound := func(op string, ok func(limit int64) bool) bool {
		limit, err := strconv.ParseInt(c.query.Get("effective_at["+op+"]"), 10, 64)
		return err != nil || ok(limit)
	}
	return bound("gt", func(l int64) bool { return at > l }) && bound("gte", func(l int64) bool { return at >= l }) &&
		bound("lt", func(l int64) bool { return at < l }) && bound("lte", func(l int64) bool { return at <= l })
}

// values are a list parameter's, with or without the brackets; nil when it is not there.
func (c *call) values(param string) []string {
	return slices.Concat(c.query[param+"[]"], c.query[param])
}

// checkEventTypes: tenant events need tenant_only, and with it nothing else may be asked for.
func (c *call) checkEventTypes() error {
	tenant := c.query.Get("tenant_only") == "true"
	for _, t := range c.values("event_types") {
		ofTenant := tenantEvent(t)
		if !ofTenant && !slices.Contains(eventTypes(), t) {
			return invalid("event_types", "invalid_value", "Invalid value: '%s' is not an event type.", t)
		}
		if ofTenant != tenant {
			return invalid("event_types", "invalid_value", "Event type '%s' cannot be combined with tenant_only=%t.", t, tenant)
		}
	}
	return nil
}

func tenantEvent(t string) bool {
	return strings.HasPrefix(t, "tenant.") || t == "role.bound_to_resource" || t == "role.unbound_from_resource"
}

// eventTypes are the types of the organization's stream.
func eventTypes() []string {
	return strings.Fields(`api_key.created api_key.updated api_key.deleted certificate.created certificate.updated
		certificate.deleted certificates.activated certificates.deactivated checkpoint.permission.created
		checkpoint.permission.deleted external_key.registered external_key.removed external_storage.registered
		external_storage.removed group.created group.updated group.deleted invite.sent invite.accepted invite.deleted
		ip_allowlist.created ip_allowlist.updated ip_allowlist.deleted ip_allowlist.config.activated
		ip_allowlist.config.deactivated login.succeeded login.failed logout.succeeded logout.failed organization.updated
		project.created project.updated project.archived project.deleted rate_limit.updated rate_limit.deleted
		resource.deleted tunnel.created tunnel.updated tunnel.deleted workload_identity_provider.created
		workload_identity_provider.updated workload_identity_provider.deleted workload_identity_provider_mapping.created
		workload_identity_provider_mapping.updated workload_identity_provider_mapping.deleted role.created role.updated
		role.deleted role.assignment.created role.assignment.deleted scim.enabled scim.disabled service_account.created
		service_account.updated service_account.deleted user.added user.updated user.deleted`)
}
