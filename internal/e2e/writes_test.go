package e2e_test

import (
	"context"

	"github.com/openai/openai-go/v3"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// A write is a change of sim.Demo that bylaw and the SDK both make.
type write struct {
	kind  string // whose route it takes: a kind of the table or a Pending one
	route string // create, update or delete
	about string // what is special
	yaml  string
	state func(*sim.State) // what is different from Demo; nil: nothing
	sdk   func(context.Context, *openai.AdminOrganizationService) error

	anyOrder bool         // some of what is sent does not wait for the rest
	due      kind.Address // what a plan never makes: it says that this is due until somebody sends what the SDK does
}

// Ids of sim.Demo.
const (
	searchProd = "proj_sim0002"
	supportBot = "proj_sim0003"
	grace      = "user-sim0003"
	alan       = "user-sim0004"
	edsger     = "user-sim0005"
	barbara    = "user-sim0006"
)

// writes has a row for every route of every kind, and for every quirk of what it sends.
func writes() []write {
	all := []write{}
	for _, rows := range [][]write{people(), organization(), projects(), members(), accounts(), permissions(), limits(), money(),
		roles(), groups(), projectRoles(), keys(), certificates(), externalKeys(), externalStorage(), tiers(), workloads(), federation()} {
		all = append(all, rows...)
	}
	return all
}

func people() []write {
	type created = openai.AdminOrganizationInviteNewParams
	type grants = []openai.AdminOrganizationInviteNewParamsProject
	return []write{
		{kind: "users", route: "update",
			yaml: `users: [{email: Grace@acme.example, role: owner, technical_level: expert, developer_persona: backend}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Users.Update(ctx, grace, openai.AdminOrganizationUserUpdateParams{Role: openai.String("owner"),
					TechnicalLevel: openai.String("expert"), DeveloperPersona: openai.String("backend")}))
			}},
		{kind: "users", route: "update", about: "an empty text",
			yaml: `users: [{email: ada@acme.example, role: owner, developer_persona: ""}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Users.Update(ctx, "user-sim0001", openai.AdminOrganizationUserUpdateParams{DeveloperPersona: openai.String("")}))
			}},
		{kind: "users", route: "delete", yaml: `users: [{email: barbara@acme.example, state: absent}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Users.Delete(ctx, barbara))
			}},
		{kind: "invites", route: "create", about: "grants no project", yaml: `users: [{email: new@acme.example, role: reader}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Invites.New(ctx, created{Email: "new@acme.example", Role: "reader", Projects: grants{}}))
			}},
		{kind: "invites", route: "create", about: "takes memberships along", yaml: `
users: [{email: new@acme.example, role: reader}]
projects:
  - {name: search-prod, users: [{email: new@acme.example, role: member}]}
  - {name: support-bot, users: [{email: new@acme.example, role: owner}]}`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Invites.New(ctx, created{Email: "new@acme.example", Role: "reader",
					Projects: grants{{ID: searchProd, Role: "member"}, {ID: supportBot, Role: "owner"}}}))
			}},
		{kind: "invites", route: "delete", yaml: `users: [{email: margaret@acme.example, state: absent}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Invites.Delete(ctx, "invite-sim0003"))
			}},
		{kind: "invites", route: "create", about: "replaces one of another role and grants what that did", yaml: `
users: [{email: margaret@acme.example, role: reader}]
projects: [{name: search-prod, users: [{email: margaret@acme.example, role: owner}]}]`,
			state: func(s *sim.State) { s.Invites[2].Role = "owner" },
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				if err := sent(a.Invites.Delete(ctx, "invite-sim0003")); err != nil {
					return err
				}
				return sent(a.Invites.New(ctx, created{Email: "margaret@acme.example", Role: "reader",
					Projects: grants{{ID: supportBot, Role: "member"}, {ID: searchProd, Role: "owner"}}}))
			}},
	}
}

func organization() []write {
	return []write{
		{kind: "data_retention", route: "update", yaml: `data_retention: {retention_type: zero_data_retention}`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.DataRetention.Update(ctx, openai.AdminOrganizationDataRetentionUpdateParams{RetentionType: "zero_data_retention"}))
			}},
		{kind: "spend_alerts", route: "create", about: "of nothing", yaml: `
spend_alerts: [{threshold_amount: 0, notification_channel: {recipients: [b@acme.example, a@acme.example], subject_prefix: "[x]"}}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.SpendAlerts.New(ctx, openai.AdminOrganizationSpendAlertNewParams{Currency: "USD", Interval: "month",
					NotificationChannel: openai.AdminOrganizationSpendAlertNewParamsNotificationChannel{
						Recipients: []string{"b@acme.example", "a@acme.example"}, SubjectPrefix: openai.String("[x]")}}))
			}},
		{kind: "spend_alerts", route: "update", yaml: `
spend_alerts: [{threshold_amount: 4000000, notification_channel: {recipients: [ada@acme.example]}}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.SpendAlerts.Update(ctx, "alert_sim0001", openai.AdminOrganizationSpendAlertUpdateParams{ThresholdAmount: 4000000,
					Currency: "USD", Interval: "month", NotificationChannel: openai.AdminOrganizationSpendAlertUpdateParamsNotificationChannel{
						Recipients: []string{"ada@acme.example"}}}))
			}},
		{kind: "spend_alerts", route: "delete", yaml: `spend_alerts: [{threshold_amount: 4000000, state: absent}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.SpendAlerts.Delete(ctx, "alert_sim0001"))
			}},
		{kind: "spend_limit", route: "update", yaml: `spend_limit: {threshold_amount: 1}`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.SpendLimit.Update(ctx, openai.AdminOrganizationSpendLimitUpdateParams{ThresholdAmount: 1, Currency: "USD", Interval: "month"}))
			}},
		{kind: "spend_limit", route: "update", about: "where none is set", yaml: `spend_limit: {threshold_amount: 7}`,
			state: func(s *sim.State) { s.SpendLimit = nil },
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.SpendLimit.Update(ctx, openai.AdminOrganizationSpendLimitUpdateParams{ThresholdAmount: 7, Currency: "USD", Interval: "month"}))
			}},
		{kind: "spend_limit", route: "delete", yaml: `spend_limit: {state: absent}`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.SpendLimit.Delete(ctx))
			}},
	}
}

func projects() []write {
	type created = openai.AdminOrganizationProjectNewParams
	return []write{
		{kind: "projects", route: "create", yaml: `projects: [new]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.New(ctx, created{Name: "new"}))
			}},
		{kind: "projects", route: "create", about: "somewhere", yaml: `projects: [{name: "new / 100% *", residency: EU_STORAGE_PROCESSING}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.New(ctx, created{Name: "new / 100% *", Residency: openai.ProjectResidencyEuStorageProcessing}))
			}},
		{kind: "projects", route: "update", yaml: `projects: [{name: helper, previously: [support-bot]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.Update(ctx, supportBot, openai.AdminOrganizationProjectUpdateParams{Name: openai.String("helper")}))
			}},
		{kind: "projects", route: "delete", about: "archives", yaml: `projects: [{name: support-bot, state: archived}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.Archive(ctx, supportBot))
			}},
	}
}

func members() []write {
	return []write{
		{kind: "projects/users", route: "create", yaml: `projects: [{name: search-prod, users: [{email: Edsger@acme.example, role: owner}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.Users.New(ctx, searchProd, openai.AdminOrganizationProjectUserNewParams{UserID: openai.String(edsger), Role: "owner"}))
			}},
		{kind: "projects/users", route: "update", yaml: `projects: [{name: search-prod, users: [{email: alan@acme.example, role: member}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.Users.Update(ctx, searchProd, alan, openai.AdminOrganizationProjectUserUpdateParams{Role: openai.String("member")}))
			}},
		{kind: "projects/users", route: "delete", yaml: `projects: [{name: search-prod, users: [{email: grace@acme.example, state: absent}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.Users.Delete(ctx, searchProd, grace))
			}},
	}
}

func accounts() []write {
	type created = openai.AdminOrganizationProjectServiceAccountNewParams
	type updated = openai.AdminOrganizationProjectServiceAccountUpdateParams
	return []write{
		{kind: "projects/service_accounts", route: "create", about: "has neither key nor role", yaml: `projects: [{name: search-prod, service_accounts: [bot]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.ServiceAccounts.New(ctx, searchProd, created{Name: "bot", CreateServiceAccountOnly: openai.Bool(true)}))
			}},
		{kind: "projects/service_accounts", route: "create", about: "gets its role afterwards",
			yaml: `projects: [{name: search-prod, service_accounts: [{name: bot, role: member}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				bot, err := a.Projects.ServiceAccounts.New(ctx, searchProd, created{Name: "bot", CreateServiceAccountOnly: openai.Bool(true)})
				if err != nil {
					return err
				}
				return sent(a.Projects.ServiceAccounts.Update(ctx, searchProd, bot.ID, updated{Role: "member"}))
			}},
		{kind: "projects/service_accounts", route: "update", yaml: `projects: [{name: search-prod, service_accounts: [{name: indexer, role: owner}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.ServiceAccounts.Update(ctx, searchProd, "svc_acct_sim0001", updated{Role: "owner"}))
			}},
		{kind: "projects/service_accounts", route: "delete", yaml: `projects: [{name: search-prod, service_accounts: [{name: ranker, state: absent}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.ServiceAccounts.Delete(ctx, searchProd, "svc_acct_sim0002"))
			}},
	}
}

func permissions() []write {
	type models = openai.AdminOrganizationProjectModelPermissionUpdateParams
	type tools = openai.AdminOrganizationProjectHostedToolPermissionUpdateParams
	return []write{
		{kind: "projects/model_permissions", route: "update", about: "of no model", yaml: `projects: [{name: search-prod, model_permissions: {mode: allow_list, model_ids: []}}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.ModelPermissions.Update(ctx, searchProd, models{Mode: "allow_list", ModelIDs: []string{}}))
			}},
		{kind: "projects/model_permissions", route: "update", about: "where none is set", yaml: `projects: [{name: support-bot, model_permissions: {mode: deny_list, model_ids: [o3, gpt-4.1]}}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.ModelPermissions.Update(ctx, supportBot, models{Mode: "deny_list", ModelIDs: []string{"o3", "gpt-4.1"}}))
			}},
		{kind: "projects/model_permissions", route: "delete", yaml: `projects: [{name: search-prod, model_permissions: {state: absent}}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.ModelPermissions.Delete(ctx, searchProd))
			}},
		{kind: "projects/hosted_tool_permissions", route: "update", about: "off", yaml: `
projects: [{name: support-bot, hosted_tool_permissions: {file_search: {enabled: false}, web_search: {enabled: false},
  image_generation: {enabled: false}, mcp: {enabled: false}, code_interpreter: {enabled: false}}}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				off, none := map[string]any{"enabled": false}, tools{} // typed, false would vanish
				none.SetExtraFields(map[string]any{"file_search": off, "web_search": off, "image_generation": off, "mcp": off, "code_interpreter": off})
				return sent(a.Projects.HostedToolPermissions.Update(ctx, supportBot, none))
			}},
		{kind: "projects/hosted_tool_permissions", route: "update", about: "on", yaml: `projects: [{name: search-prod, hosted_tool_permissions: {mcp: {enabled: true}, web_search: {enabled: true}}}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.HostedToolPermissions.Update(ctx, searchProd,
					tools{Mcp: openai.AdminOrganizationProjectHostedToolPermissionUpdateParamsMcp{Enabled: true}}))
			}},
		{kind: "projects/data_retention", route: "update", yaml: `projects: [{name: search-prod, data_retention: {retention_type: organization_default}}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.DataRetention.Update(ctx, searchProd,
					openai.AdminOrganizationProjectDataRetentionUpdateParams{RetentionType: "organization_default"}))
			}},
	}
}

func limits() []write {
	type updated = openai.AdminOrganizationProjectRateLimitUpdateRateLimitParams
	const odd = "ft:gpt-4.1:acme/x 1%:é?"
	row := func(about, yaml, model string, body updated) write {
		return write{kind: "projects/rate_limits", route: "update", about: about,
			yaml: `projects: [{name: support-bot, rate_limits: [{model: "` + model + `", ` + yaml + `}]}]`,
			state: func(s *sim.State) {
				s.Models = append(s.Models, sim.Model{ID: odd, Limits: sim.Limits{"max_requests_per_1_minute": 10, "max_tokens_per_1_minute": 10}})
			},
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.RateLimits.UpdateRateLimit(ctx, supportBot, "rl-"+model, body))
			}}
	}
	return []write{
		row("chat", "max_requests_per_1_minute: 0, max_tokens_per_1_minute: 1, batch_1_day_max_input_tokens: 2", "gpt-4.1",
			updated{MaxRequestsPer1Minute: openai.Int(0), MaxTokensPer1Minute: openai.Int(1), Batch1DayMaxInputTokens: openai.Int(2)}),
		row("only what differs", "max_requests_per_1_minute: 10000, max_tokens_per_1_minute: 1", "gpt-4.1", updated{MaxTokensPer1Minute: openai.Int(1)}),
		row("images", "max_images_per_1_minute: 3", "gpt-image-1", updated{MaxImagesPer1Minute: openai.Int(3)}),
		row("audio", "max_audio_megabytes_per_1_minute: 4", "gpt-4o-audio-preview", updated{MaxAudioMegabytesPer1Minute: openai.Int(4)}),
		row("a day", "max_requests_per_1_day: 5", "whisper-1", updated{MaxRequestsPer1Day: openai.Int(5)}),
		row("an id that needs escapes", "max_requests_per_1_minute: 6", odd, updated{MaxRequestsPer1Minute: openai.Int(6)}),
		{kind: "projects/rate_limits", route: "update", about: "of a model that is allowed just before", yaml: `
projects: [{name: search-prod, model_permissions: {mode: allow_list, model_ids: [gpt-4o]}, rate_limits: [{model: gpt-4o, max_requests_per_1_minute: 5}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				allowed := openai.AdminOrganizationProjectModelPermissionUpdateParams{Mode: "allow_list", ModelIDs: []string{"gpt-4o"}}
				if err := sent(a.Projects.ModelPermissions.Update(ctx, searchProd, allowed)); err != nil {
					return err
				}
				return sent(a.Projects.RateLimits.UpdateRateLimit(ctx, searchProd, "rl-gpt-4o", updated{MaxRequestsPer1Minute: openai.Int(5)}))
			}},
		{kind: "projects/rate_limits", route: "update", about: "of a new project", yaml: `projects: [{name: new, rate_limits: [{model: o3, max_requests_per_1_minute: 5}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				p, err := a.Projects.New(ctx, openai.AdminOrganizationProjectNewParams{Name: "new"})
				if err != nil {
					return err
				}
				return sent(a.Projects.RateLimits.UpdateRateLimit(ctx, p.ID, "rl-o3", updated{MaxRequestsPer1Minute: openai.Int(5)}))
			}},
	}
}

func money() []write {
	type limit = openai.AdminOrganizationProjectSpendLimitUpdateParams
	return []write{
		{kind: "projects/spend_alerts", route: "create", yaml: `
projects: [{name: support-bot, spend_alerts: [{threshold_amount: 7, notification_channel: {recipients: [a@acme.example]}}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.SpendAlerts.New(ctx, supportBot, openai.AdminOrganizationProjectSpendAlertNewParams{ThresholdAmount: 7, Currency: "USD", Interval: "month",
					NotificationChannel: openai.AdminOrganizationProjectSpendAlertNewParamsNotificationChannel{Recipients: []string{"a@acme.example"}}}))
			}},
		{kind: "projects/spend_alerts", route: "update", about: "keeps what is not declared", yaml: `
projects: [{name: search-prod, spend_alerts: [{threshold_amount: 50000, notification_channel: {recipients: [ada@acme.example]}}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.SpendAlerts.Update(ctx, searchProd, "alert_sim0002", openai.AdminOrganizationProjectSpendAlertUpdateParams{
					ThresholdAmount: 50000, Currency: "USD", Interval: "month",
					NotificationChannel: openai.AdminOrganizationProjectSpendAlertUpdateParamsNotificationChannel{
						Recipients: []string{"ada@acme.example"}, SubjectPrefix: openai.String("[search]")}}))
			}},
		{kind: "projects/spend_alerts", route: "delete", about: "prunes", yaml: `
policy: {prune: ["projects/*/spend_alerts/*"]}
projects: [{name: support-bot, spend_alerts: []}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.SpendAlerts.Delete(ctx, supportBot, "alert_sim0004"))
			}},
		{kind: "projects/spend_limit", route: "update", yaml: `projects: [{name: search-prod, spend_limit: {threshold_amount: 300000}}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.SpendLimit.Update(ctx, searchProd, limit{ThresholdAmount: 300000, Currency: "USD", Interval: "month"}))
			}},
		{kind: "projects/spend_limit", route: "delete", yaml: `projects: [{name: search-prod, spend_limit: {state: absent}}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.SpendLimit.Delete(ctx, searchProd))
			}},
	}
}
