package sim

// demoAPIKeys are keys of search-prod and support-bot that somebody should look at, and two that are fine.
// Their ids are outside of what the counter gives out.
func demoAPIKeys() (search, support []APIKey) {
	grace := KeyOwner{Type: "user", ID: "user-sim0003", Name: "Grace", Email: "grace@acme.example", CreatedAt: newYear + 2*day, Role: "member"}
	ken := KeyOwner{Type: "user", ID: "user-sim0007", Name: "Ken", Email: "ken@acme.example", CreatedAt: june, Role: "member"}
	edsger := KeyOwner{Type: "user", ID: "user-sim0005", Name: "Edsger", Email: "edsger@acme.example", CreatedAt: newYear + 4*day, Role: "member"}
	indexer := KeyOwner{Type: "service_account", ID: "svc_acct_sim0001", Name: "indexer", CreatedAt: newYear + 7*day, Role: "member"}
	ranker := KeyOwner{Type: "service_account", ID: "svc_acct_sim0002", Name: "ranker", CreatedAt: june, Role: "owner"}
	helpdesk := KeyOwner{Type: "service_account", ID: "svc_acct_sim0003", Name: "helpdesk", CreatedAt: june, Role: "none"}
	search = []APIKey{
		demoKey("0001", "grace's notebook", grace, autumn, recent, faraway),                // of a person, in production
		demoKey("0002", "ken's laptop", ken, june+2*day, autumn-2*day, faraway),            // who left the organization
		demoKey("0003", "reindex by hand", edsger, autumn-day, recent-3*day, faraway),      // who left the project
		demoKey("0004", "indexer", indexer, autumn, recent, faraway),                       // fine
		demoKey("0005", "ranker spare", ranker, autumn+day, 0, faraway),                    // never used
		demoKey("0006", "ranker", ranker, autumn+day, recent, 0),                           // never expires
		demoKey("0008", "indexer, the first", indexer, newYear+8*day, recent-day, faraway), // old
	}
	support = []APIKey{
		demoKey("0007", "helpdesk", helpdesk, autumn+20*day, recent, faraway),         // fine
		demoKey("0009", "load test", helpdesk, autumn-70*day, autumn-69*day, faraway), // long unused
	}
	return search, support
}

// demoKey: 0 is never used, and never expires.
func demoKey(n, name string, owner KeyOwner, created, used, expires int64) APIKey {
	k := APIKey{ID: "key_acme" + n, Name: name, RedactedValue: "sk-fake-...-" + n, CreatedAt: created, Owner: owner}
	if used != 0 {
		k.LastUsedAt = &used
	}
	if expires != 0 {
		k.ExpiresAt = &expires
	}
	return k
}
