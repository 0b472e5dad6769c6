package sim

// The seeds are made of constants, so that what is printed about them never changes.
const (
	newYear = 1735689600 // 2025-01-01
	june    = 1748736000 // 2025-06-01
	autumn  = 1759276800 // 2025-10-01
	recent  = 1763424000 // 2025-11-18
	day     = 24 * 3600
	faraway = 4102444800 // 2100-01-01: a pending invite that no real clock expires
)

// Empty is an organization on its first day: a default project, one owner, the models.
func Empty() State {
	return State{
		Version:      StateVersion,
		Organization: Organization{ID: "org-sim", Name: "Simulated organization"},
		Counters:     map[string]int64{"proj_": 1, "user-": 1, "key_": 1},
		Models:       models(),
		Users:        []User{person("user-sim0001", "Owner", "owner@sim.example", "owner", newYear)},
		AdminAPIKeys: []AdminAPIKey{seedKey("key_sim0001", "bylaw", "user-sim0001", newYear)},
		Projects:     []Project{seedProject("proj_sim0001", "Default project", newYear, true)},
	}
}

// models are what the seeds' organizations may call. Which limits exist differs by model.
func models() []Model {
	chat := func(id string, requests, tokens, batch int64) Model {
		return Model{id, Limits{"max_requests_per_1_minute": requests, "max_tokens_per_1_minute": tokens, "batch_1_day_max_input_tokens": batch}}
	}
	return []Model{
		chat("gpt-4.1", 10000, 2000000, 200000000),
		chat("gpt-4.1-mini", 10000, 10000000, 1000000000),
		chat("gpt-4.1-nano", 10000, 10000000, 1000000000),
		chat("gpt-4o", 10000, 2000000, 200000000),
		{"gpt-4o-audio-preview", Limits{"max_requests_per_1_minute": 1000, "max_tokens_per_1_minute": 250000, "max_audio_megabytes_per_1_minute": 100}},
		chat("gpt-4o-mini", 10000, 10000000, 1000000000),
		{"gpt-image-1", Limits{"max_requests_per_1_minute": 500, "max_tokens_per_1_minute": 800000, "max_images_per_1_minute": 150}},
		chat("o3", 10000, 2000000, 200000000),
		chat("o4-mini", 10000, 10000000, 1000000000),
		{"text-embedding-3-large", Limits{"max_requests_per_1_minute": 10000, "max_tokens_per_1_minute": 5000000}},
		{"text-embedding-3-small", Limits{"max_requests_per_1_minute": 10000, "max_tokens_per_1_minute": 5000000}},
		{"whisper-1", Limits{"max_requests_per_1_minute": 500, "max_tokens_per_1_minute": 0, "max_requests_per_1_day": 50000}},
		{"chat-latest", Limits{"max_requests_per_1_minute": 200, "max_tokens_per_1_minute": 500000}},
	}
}

func person(id, name, email, role string, added int64) User {
	return User{ID: id, Name: name, Email: &email, Role: role, AddedAt: added}
}

func seedProject(id, name string, created int64, isDefault bool) Project {
	return Project{
		ProjectObject: ProjectObject{ID: id, Name: name, CreatedAt: created, Status: "active", Residency: "GLOBAL"},
		Default:       isDefault,
	}
}

// seedKey is the row of DefaultAdminKey.
func seedKey(id, name, owner string, created int64) AdminAPIKey {
	return AdminAPIKey{ID: id, Name: &name, RedactedValue: redact(DefaultAdminKey), CreatedAt: created, OwnerID: owner}
}
