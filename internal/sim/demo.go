package sim

import "fmt"

// Demo is acme.example, an organization with some of everything: two owners, members, a user from SCIM,
// a service account among the users, pending, expired and accepted invites, three active projects and an
// archived one.
func Demo() State {
	return State{
		Version:      StateVersion,
		Organization: Organization{ID: "org-acme", Name: "Acme"},
		Counters: map[string]int64{
			"proj_": 4, "user-": 9, "invite-": 3, "key_": 2, "svc_acct_": 3, "alert_": 4, "audit_log-": 3,
			"role_": 3, "group_": 3, "role_assignment_": 6, "cert_": 2, "extkey_": 1, "extstore_": 1, "wip_": 1, "wifr_": 1,
		},
		Models:        models(),
		DataRetention: "modified_abuse_monitoring",
		Spending: Spending{
			SpendLimit:  limit(5000000),
			SpendAlerts: []SpendAlert{alert(1, 4000000, "", "finance@acme.example")},
		},
		AdminAPIKeys: demoKeys(),
		Users:        demoUsers(),
		Access:       demoRoles(),
		Groups:       demoGroups(),
		Invites:      demoInvites(),
		Certificates: demoCertificates(),
		Cloud:        demoCloud(),
		Projects:     demoProjects(),
		AuditLogs:    demoEvents(),
	}
}

func demoKeys() []AdminAPIKey {
	second := seedKey("key_sim0002", "audit export", "user-sim0002", june)
	second.RedactedValue, second.ExpiresAt = "sk-admin...-old", new(int64(faraway))
	reader := seedKey("key_acme0010", "grace's script", "user-sim0003", autumn) // made when she was an owner
	reader.RedactedValue, reader.LastUsedAt = "sk-admin-...-fake", new(int64(recent))
	return []AdminAPIKey{seedKey("key_sim0001", "bylaw", "user-sim0001", newYear), second, reader}
}

// demoUsers: user-sim0007 was ken, who accepted an invite and was removed.
func demoUsers() []User {
	scim := person("user-sim0008", "SCIM Bot", "scim.bot@acme.example", "reader", june)
	scim.IsSCIMManaged = true
	ada := person("user-sim0001", "Ada", "ada@acme.example", "owner", newYear)
	ada.IsDefault, ada.APIKeyLastUsedAt = true, new(int64(recent))
	ada.TechnicalLevel, ada.DeveloperPersona = new("advanced"), new("backend")
	return []User{
		ada,
		person("user-sim0002", "Linus", "linus@acme.example", "owner", newYear+day),
		person("user-sim0003", "Grace", "grace@acme.example", "reader", newYear+2*day),
		person("user-sim0004", "Alan", "alan@acme.example", "reader", newYear+3*day),
		person("user-sim0005", "Edsger", "edsger@acme.example", "reader", newYear+4*day),
		person("user-sim0006", "Barbara", "barbara@acme.example", "reader", june),
		scim,
		{ID: "user-sim0009", Name: "indexer", Role: "reader", AddedAt: june, IsServiceAccount: true},
	}
}

func demoInvites() []Invite {
	return []Invite{
		{ID: "invite-sim0001", Email: "ken@acme.example", Role: "reader", Status: "accepted",
			CreatedAt: june, ExpiresAt: new(int64(june + inviteDays*day)), AcceptedAt: new(int64(june + day)),
			Projects: []InviteProject{{ID: "proj_sim0002", Role: "member"}}},
		{ID: "invite-sim0002", Email: "dennis@acme.example", Role: "reader", Status: "expired",
			CreatedAt: autumn, ExpiresAt: new(int64(autumn + inviteDays*day)), Projects: []InviteProject{}},
		{ID: "invite-sim0003", Email: "margaret@acme.example", Role: "reader", Status: "pending",
			CreatedAt: recent, ExpiresAt: new(int64(faraway)),
			Projects: []InviteProject{{ID: "proj_sim0003", Role: "member"}}},
	}
}

func demoProjects() []Project {
	search, support := searchProd(), supportBot()
	demoAccess(&search)
	search.Certificates, search.ServiceTiers = []string{"cert_sim0002"}, &ServiceTiers{Default: "standard", Enabled: Tiers{"fast", "flex"}}
	search.APIKeys, support.APIKeys = demoAPIKeys()
	old := seedProject("proj_sim0004", "hackathon-2024", newYear, false)
	old.Status, old.ArchivedAt = "archived", new(int64(newYear+30*day))
	return []Project{seedProject("proj_sim0001", "Default project", newYear, true), search, support, old}
}

func searchProd() Project {
	p := seedProject("proj_sim0002", "search-prod", newYear+5*day, false)
	p.Residency = "EU_STORAGE_PROCESSING"
	p.Users = []Membership{
		{UserID: "user-sim0003", Role: "member", AddedAt: newYear + 6*day},
		{UserID: "user-sim0004", Role: "owner", AddedAt: newYear + 6*day},
	}
	p.ServiceAccounts = []ServiceAccount{
		{ID: "svc_acct_sim0001", Name: "indexer", Role: "member", CreatedAt: newYear + 7*day},
		{ID: "svc_acct_sim0002", Name: "ranker", Role: "owner", CreatedAt: june},
	}
	p.RateLimits = map[string]Limits{
		"gpt-4.1": {"max_requests_per_1_minute": 500},
		"o3":      {"max_requests_per_1_minute": 100, "max_tokens_per_1_minute": 300000},
	}
	p.ModelPermissions = &ModelPermissions{Mode: "allow_list", ModelIDs: []string{"gpt-4.1", "gpt-4.1-mini", "o3", "text-embedding-3-large"}}
	tools := allTools()
	tools.MCP.Enabled = false
	p.HostedTools = &tools
	p.DataRetention = "zero_data_retention"
	p.SpendLimit = limit(200000)
	p.SpendAlerts = []SpendAlert{
		alert(2, 50000, "[search]", "search@acme.example", "finance@acme.example"),
		alert(3, 150000, "[search]", "search@acme.example", "ada@acme.example"),
	}
	return p
}

func supportBot() Project {
	p := seedProject("proj_sim0003", "support-bot", june, false)
	p.Users = []Membership{
		{UserID: "user-sim0005", Role: "member", AddedAt: june},
		{UserID: "user-sim0008", Role: "member", AddedAt: june + day},
	}
	p.ServiceAccounts = []ServiceAccount{{ID: "svc_acct_sim0003", Name: "helpdesk", Role: "none", CreatedAt: june}}
	p.SpendAlerts = []SpendAlert{alert(4, 20000, "", "support@acme.example")}
	return p
}

// demoEvents are what is left of what made the newest things.
func demoEvents() []AuditEvent {
	linus := Actor{Type: "session", Session: &ActorSession{User: ActorUser{"user-sim0002", "linus@acme.example"}, IPAddress: sessionIP}}
	event := func(n int, kind string, at int64, project *EventProject, details map[string]any) AuditEvent {
		return AuditEvent{EventHead{fmt.Sprintf("audit_log-sim%04d", n), kind, at, project, linus}, details}
	}
	search := &EventProject{"proj_sim0002", "search-prod"}
	return []AuditEvent{
		event(1, "user.deleted", autumn, nil, map[string]any{"id": "user-sim0007"}),
		event(2, "rate_limit.updated", recent, search,
			map[string]any{"id": "rl-gpt-4.1", "changes_requested": map[string]any{"max_requests_per_1_minute": 500}}),
		event(3, "invite.sent", recent, nil,
			map[string]any{"id": "invite-sim0003", "data": map[string]any{"email": "margaret@acme.example", "role": "member"}}),
	}
}

func limit(cents int64) *SpendLimit {
	return &SpendLimit{ThresholdAmount: cents, Currency: "USD", Interval: "month", Enforcement: Enforcement{Status: "inactive"}}
}

func alert(n int, cents int64, prefix string, recipients ...string) SpendAlert {
	return SpendAlert{
		ID: fmt.Sprintf("alert_sim%04d", n), ThresholdAmount: cents, Currency: "USD", Interval: "month",
		NotificationChannel: Channel{Type: "email", Recipients: recipients, SubjectPrefix: orNull(prefix)},
	}
}
