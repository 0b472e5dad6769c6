package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// StateVersion is the version of the state file that this package reads and writes.
const StateVersion = 1

// State is a whole organization as plain data. Field names are those of the API's objects, so that the
// file reads like the API reference; what the API derives (implicit project owners, the status of an
// invite past its date, limits nobody changed) is not kept.
type State struct {
	Version       int              `json:"version"`
	Organization  Organization     `json:"organization"`
	ClockOffset   int64            `json:"clock_offset_seconds,omitempty"` // added to the real time
	Counters      map[string]int64 `json:"counters,omitempty"`             // last number given out, by id prefix
	Models        []Model          `json:"models"`
	DataRetention string           `json:"data_retention,omitempty"` // "" is not set: GET answers 404
	Spending
	Access
	AdminAPIKeys []AdminAPIKey `json:"admin_api_keys,omitempty"`
	Users        []User        `json:"users,omitempty"`
	Groups       []Group       `json:"groups,omitempty"`
	Invites      []Invite      `json:"invites,omitempty"`
	Certificates []Certificate `json:"certificates,omitempty"`
	Cloud
	Projects  []Project    `json:"projects"`
	AuditLogs []AuditEvent `json:"audit_logs,omitempty"` // oldest first
}

// Cloud is what the organization has with cloud providers and issuers of tokens.
type Cloud struct {
	ExternalKeys      []ExternalKey      `json:"external_keys,omitempty"`
	ExternalStorage   []ExternalStorage  `json:"external_storage,omitempty"`
	WorkloadProviders []WorkloadProvider `json:"workload_identity_providers,omitempty"`
}

// Organization is who answers: its ID is in the openai-organization header of every response.
type Organization struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// A Model is one that the organization may call, with the organization's own limits for it. A project's
// limits for the model start there and cannot exceed them; a limit that is absent here is not relevant
// for the model.
type Model struct {
	ID     string `json:"id"`
	Limits Limits `json:"limits"`
}

// Limits are rate limits by their names in the reference's ProjectRateLimit.
type Limits map[string]int64

// Spending is the money side of an organization or of a project.
type Spending struct {
	SpendLimit  *SpendLimit  `json:"spend_limit,omitempty"` // nil is not set: GET answers 404
	SpendAlerts []SpendAlert `json:"spend_alerts,omitempty"`
}

// Write writes the state as indented JSON with a stable order.
func (s State) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return fmt.Errorf("write simulator state: %w", err)
	}
	return nil
}

// ReadState reads what Write wrote. It is strict: an unknown field, another version, an id used twice or
// a reference to nobody is an error that says where.
func ReadState(r io.Reader) (State, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	var s State
	if err := d.Decode(&s); err != nil {
		return State{}, fmt.Errorf("read simulator state: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return State{}, errors.New("read simulator state: text after the end of the object")
	}
	if err := s.check(); err != nil {
		return State{}, fmt.Errorf("read simulator state: %w", err)
	}
	return s, nil
}

func (s *State) check() error {
	if s.Version != StateVersion {
		return fmt.Errorf("version is %d, this program reads version %d", s.Version, StateVersion)
	}
	if s.Organization.ID == "" {
		return errors.New("organization.id is empty")
	}
	for _, err := range []error{
		unique("models", s.Models), unique("users", s.Users), unique("invites", s.Invites),
		unique("certificates", s.Certificates), unique("external_keys", s.ExternalKeys), unique("external_storage", s.ExternalStorage),
		unique("workload_identity_providers", s.WorkloadProviders), unique("groups", s.Groups), s.checkReferences(), s.checkAccess(&s.Access),
		unique("projects", s.Projects), unique("admin_api_keys", s.AdminAPIKeys),
		unique("spend_alerts", s.SpendAlerts), unique("audit_logs", s.AuditLogs),
		s.checkModels(), s.checkProjects(),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *State) checkReferences() error {
	for _, e := range s.ExternalStorage {
		if index(s.Projects, e.ProjectID) < 0 {
			return fmt.Errorf("external_storage %s: no project %q", e.ID, e.ProjectID)
		}
	}
	for _, g := range s.Groups {
		if g.GroupType != "group" && g.GroupType != "tenant_group" {
			return fmt.Errorf("groups %s: group_type %q, one of group, tenant_group", g.ID, g.GroupType)
		}
		for _, u := range g.Users {
			if index(s.Users, u) < 0 {
				return fmt.Errorf("groups %s: no user %q", g.ID, u)
			}
		}
	}
	return nil
}

func (s *State) checkAccess(a *Access) error {
	for _, g := range a.Grants {
		if index(s.Users, g.PrincipalID) < 0 && index(s.Groups, g.PrincipalID) < 0 {
			return fmt.Errorf("grants %s: no user or group %q", g.ID, g.PrincipalID)
		}
		if index(a.Roles, g.RoleID) < 0 && !strings.HasPrefix(g.RoleID, "role-api-") {
			return fmt.Errorf("grants %s: no role %q", g.ID, g.RoleID)
		}
	}
	return errors.Join(unique("roles", a.Roles), unique("grants", a.Grants))
}

func (s *State) checkModels() error {
	for _, m := range s.Models {
		for _, name := range sortedKeys(m.Limits) {
			if !isLimit(name) {
				return fmt.Errorf("models %s: unknown limit %q, one of %v", m.ID, name, limitNames())
			}
		}
	}
	return nil
}

func (s *State) checkProjects() error {
	defaults := 0
	for i := range s.Projects {
		p := &s.Projects[i]
		if p.Default {
			defaults++
		}
		if err := s.checkProject(p); err != nil {
			return fmt.Errorf("projects %s: %w", p.ID, err)
		}
	}
	if defaults != 1 {
		return fmt.Errorf("projects: %d are marked default, exactly one must be", defaults)
	}
	return nil
}

func (s *State) checkProject(p *Project) error {
	if p.Status != "active" && p.Status != "archived" {
		return fmt.Errorf("status %q, one of active, archived", p.Status)
	}
	for _, m := range p.Users {
		if index(s.Users, m.UserID) < 0 {
			return fmt.Errorf("users: no user %q", m.UserID)
		}
	}
	for _, g := range p.Groups {
		if index(s.Groups, g.GroupID) < 0 {
			return fmt.Errorf("groups: no group %q", g.GroupID)
		}
	}
	if id := p.ExternalKeyID; id != nil && index(s.ExternalKeys, *id) < 0 {
		return fmt.Errorf("external_key_id: no external key %q", *id)
	}
	for _, id := range p.Certificates {
		if index(s.Certificates, id) < 0 {
			return fmt.Errorf("active_certificates: no certificate %q", id)
		}
	}
	for _, model := range sortedKeys(p.RateLimits) {
		if index(s.Models, model) < 0 {
			return fmt.Errorf("rate_limits: no model %q", model)
		}
	}
	return errors.Join(unique("service_accounts", p.ServiceAccounts), unique("spend_alerts", p.SpendAlerts),
		unique("api_keys", p.APIKeys), unique("groups", p.Groups), s.checkAccess(&p.Access))
}

func unique[T row](what string, rows []T) error {
	seen := make(map[string]bool, len(rows))
	for i, r := range rows {
		if r.key() == "" {
			return fmt.Errorf("%s[%d]: no id", what, i)
		}
		if seen[r.key()] {
			return fmt.Errorf("%s: id %q is there twice", what, r.key())
		}
		seen[r.key()] = true
	}
	return nil
}

// clone is a deep copy. It goes through JSON, which is what makes it right for every field to come.
func (s *State) clone() State {
	b, err := json.Marshal(s)
	var c State
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil {
		panic("sim: state cannot be copied: " + err.Error()) // only plain data in there
	}
	return c
}

// next gives out an id, such as proj_sim0001 for the prefix "proj_".
func (s *State) next(prefix string) string {
	if s.Counters == nil {
		s.Counters = map[string]int64{}
	}
	s.Counters[prefix]++
	return fmt.Sprintf("%ssim%04d", prefix, s.Counters[prefix])
}

func (m Model) key() string { return m.ID }
