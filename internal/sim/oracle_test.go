package sim_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/packages/respjson"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// absent are the documented fields that the simulator may leave out or answer with null, though the SDK
// does not mark them so.
var absent = map[string]string{
	"OrganizationUser.Projects":                                       "sent `if included`, and nothing asks for it",
	"ProjectRateLimit.Batch1DayMaxInputTokens":                        "only for relevant models",
	"ProjectRateLimit.MaxAudioMegabytesPer1Minute":                    "only for relevant models",
	"ProjectRateLimit.MaxImagesPer1Minute":                            "only for relevant models",
	"ProjectRateLimit.MaxRequestsPer1Day":                             "only for relevant models",
	"AdminOrganizationProjectServiceAccountNewResponse.APIKey":        "null without a key",
	"AdminAPIKey.ExpiresAt":                                           "null for never",
	"ProjectAPIKey.LastUsedAt":                                        "null for never",
	"ProjectAPIKeyOwner.User":                                         "one of user, service_account",
	"ProjectAPIKeyOwner.ServiceAccount":                               "one of user, service_account",
	"AdminOrganizationAuditLogListResponseActor.APIKey":               "one of api_key, session",
	"AdminOrganizationAuditLogListResponseActor.Session":              "one of api_key, session",
	"AdminOrganizationAuditLogListResponseActorAPIKey.ServiceAccount": "admin keys belong to users",
}

// sometimes are more of them: what OpenAI's own roles have none of, users without a picture, what
// the other kinds of external keys have, the content of certificates that nobody asked for.
var sometimes = regexp.MustCompile(`Role(Get|List)Response\.(CreatedAt|CreatedBy|CreatedByUserObj|UpdatedAt|Description)$|^Role\.Description$|GetResponse\.Picture$|^AdminOrganizationUsage[A-Za-z]+Response\.NextPage$|^ExternalKey\.(Audience|ExternalID|Key|Kms|RoleArn|TenantID|VaultUri|WorkloadIdentity)|^Certificate\.Active$|^CertificateCertificateDetails\.Content$`)

// valid walks an answer of the SDK: what the contract requires must be there with its type, the rest must
// be there or be documented as nullable, and there is nothing that the contract does not know.
func valid(t *testing.T, v any) {
	t.Helper()
	walk(t, reflect.ValueOf(v))
}

func walk(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walk(t, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(t, v.Index(i))
		}
	case reflect.Struct:
		if meta := v.FieldByName("JSON"); meta.IsValid() {
			walkObject(t, v, meta)
		}
	}
}

func walkObject(t *testing.T, v, meta reflect.Value) {
	t.Helper()
	if !meta.FieldByName("ExtraFields").IsValid() { // a union: what it is, if that is an object
		if as := v.MethodByName("AsAny"); as.IsValid() {
			walk(t, as.Call(nil)[0].Elem())
		}
		return
	}
	kind := v.Type()
	for i := range kind.NumField() {
		f := kind.Field(i)
		m := meta.FieldByName(f.Name)
		if f.Name == "JSON" || !m.IsValid() {
			continue
		}
		got := m.Interface().(respjson.Field)
		checkField(t, kind.Name(), f, got)
		if got.Valid() {
			walk(t, v.Field(i))
		}
	}
	if extra := meta.FieldByName("ExtraFields"); extra.Len() > 0 && !partial(kind) {
		t.Errorf("%s has fields that the SDK does not know: %v", kind.Name(), extra.MapKeys())
	}
}

// partial are the types that do not name all they stand for: pages leave out first_id, and a new key
// leaves everything but its value to the type that it embeds.
func partial(kind reflect.Type) bool {
	return strings.Contains(kind.Name(), "CursorPage[") || kind == reflect.TypeFor[openai.AdminOrganizationAdminAPIKeyNewResponse]()
}

func checkField(t *testing.T, kind string, f reflect.StructField, got respjson.Field) {
	t.Helper()
	name := kind + "." + f.Name
	event := kind == "AdminOrganizationAuditLogListResponse" && f.Tag.Get("api") == "" || strings.HasSuffix(kind, "ChangesRequested")
	switch {
	case got.Valid(), sometimes.MatchString(name):
	case f.Tag.Get("api") == "required" && absent[name] == "":
		t.Errorf("%s is required but %q", name, got.Raw())
	case got.Raw() == "null" && f.Tag.Get("api") == "nullable", absent[name] != "", event && got.Raw() == "":
	default:
		t.Errorf("%s is %q", name, got.Raw())
	}
}

// an oracle is the official SDK, talking to a simulator.
type oracle struct {
	t *testing.T
	openai.AdminOrganizationService
	server *sim.Server
}

func newOracle(t *testing.T, s *sim.Server) *oracle {
	if s.Now == nil {
		s.Now = fixed
	}
	transport := s.Transport()
	if len(documents()) > 0 {
		transport = witness{s, readContract(t), t}
	}
	admin := openai.NewAdminService(
		option.WithBaseURL("http://sim.example/v1/"), option.WithAdminAPIKey(sim.DefaultAdminKey),
		option.WithHTTPClient(&http.Client{Transport: transport}), option.WithMaxRetries(0),
	)
	return &oracle{t, admin.Organization, s}
}

// ok checks an answer and passes it on.
func ok[T any](t *testing.T) func(*T, error) *T {
	return func(v *T, err error) *T {
		t.Helper()
		if err != nil {
			var refused *openai.Error
			if errors.As(err, &refused) {
				t.Fatalf("%T: %d %s", v, refused.StatusCode, refused.Message)
			}
			t.Fatalf("%T: %v", v, err)
		}
		valid(t, v)
		return v
	}
}

func TestSDKReachesEveryRoute(t *testing.T) {
	t.Parallel()
	o := newOracle(t, sim.New(sim.Demo()))
	p := o.projects()
	o.members(p)
	o.serviceAccounts(p)
	o.limits(p)
	o.permissions(p)
	o.money(p)
	o.people()
	o.keys()
	o.projectKeys(p)
	o.groups(p)
	o.roles(p)
	o.certificates(p)
	o.externalKeys()
	o.externalStorage(p)
	o.workloads()
	o.tiers(p)
	o.usage()
	ok[openai.Project](t)(o.Projects.Archive(context.Background(), p))
	o.audit()
	reached := map[string]bool{}
	for _, r := range o.server.Requests() {
		if r.Status == http.StatusOK {
			reached[r.Route] = true
		}
	}
	for _, name := range sim.RouteNames() {
		if !reached[name] {
			t.Errorf("the SDK did not reach %s", name)
		}
	}
}

func (o *oracle) projects() string {
	ctx := context.Background()
	p := ok[openai.Project](o.t)(o.Projects.New(ctx, openai.AdminOrganizationProjectNewParams{Name: "new", Residency: "EU_STORAGE_PROCESSING"}))
	ok[openai.Project](o.t)(o.Projects.Update(ctx, p.ID, openai.AdminOrganizationProjectUpdateParams{Name: openai.String("newer")}))
	got := ok[openai.Project](o.t)(o.Projects.Get(ctx, p.ID))
	if got.Name != "newer" || got.Residency != "EU_STORAGE_PROCESSING" || got.Status != "active" || got.JSON.ArchivedAt.Valid() {
		o.t.Errorf("project is %s", got.RawJSON())
	}
	page, err := o.Projects.List(ctx, openai.AdminOrganizationProjectListParams{IncludeArchived: openai.Bool(true)})
	if err != nil || len(page.Data) != 5 || page.LastID != p.ID {
		o.t.Errorf("projects are %v, %v", page, err)
	}
	valid(o.t, page)
	return p.ID
}

func (o *oracle) members(p string) {
	ctx, users := context.Background(), o.Projects.Users
	ok[openai.ProjectUser](o.t)(users.New(ctx, p, openai.AdminOrganizationProjectUserNewParams{Role: "member", Email: openai.String("Grace@acme.example")}))
	ok[openai.ProjectUser](o.t)(users.New(ctx, p, openai.AdminOrganizationProjectUserNewParams{Role: "owner", UserID: openai.String("user-sim0004")}))
	m := ok[openai.ProjectUser](o.t)(users.Update(ctx, p, "user-sim0003", openai.AdminOrganizationProjectUserUpdateParams{Role: openai.String("owner")}))
	if m.Role != "owner" || m.Email != "grace@acme.example" {
		o.t.Errorf("member is %s", m.RawJSON())
	}
	ok[openai.ProjectUser](o.t)(users.Get(ctx, p, "user-sim0001"))
	page, err := users.List(ctx, p, openai.AdminOrganizationProjectUserListParams{})
	if err != nil || len(page.Data) != 4 {
		o.t.Errorf("members are %v, %v", page, err)
	}
	valid(o.t, page)
	ok[openai.AdminOrganizationProjectUserDeleteResponse](o.t)(users.Delete(ctx, p, "user-sim0003"))
}

func (o *oracle) serviceAccounts(p string) {
	ctx, accounts := context.Background(), o.Projects.ServiceAccounts
	bare := ok[openai.AdminOrganizationProjectServiceAccountNewResponse](o.t)(accounts.New(ctx, p,
		openai.AdminOrganizationProjectServiceAccountNewParams{Name: "bot", CreateServiceAccountOnly: openai.Bool(true)}))
	if bare.Role != "none" || bare.JSON.APIKey.Raw() != "null" {
		o.t.Errorf("account without a key is %s", bare.RawJSON())
	}
	keyed := ok[openai.AdminOrganizationProjectServiceAccountNewResponse](o.t)(accounts.New(ctx, p,
		openai.AdminOrganizationProjectServiceAccountNewParams{Name: "bot", ExpiresInSeconds: openai.Int(60)}))
	if keyed.Role != "member" || !strings.HasPrefix(keyed.APIKey.Value, "sim-not-a-secret-") {
		o.t.Errorf("account with a key is %s", keyed.RawJSON())
	}
	ok[openai.ProjectServiceAccount](o.t)(accounts.Update(ctx, p, bare.ID, openai.AdminOrganizationProjectServiceAccountUpdateParams{Name: openai.String("robot"), Role: "owner"}))
	got := ok[openai.ProjectServiceAccount](o.t)(accounts.Get(ctx, p, bare.ID))
	if got.Name != "robot" || got.Role != "owner" {
		o.t.Errorf("account is %s", got.RawJSON())
	}
	page, err := accounts.List(ctx, p, openai.AdminOrganizationProjectServiceAccountListParams{})
	if err != nil || len(page.Data) != 2 {
		o.t.Errorf("accounts are %v, %v", page, err)
	}
	valid(o.t, page)
	ok[openai.AdminOrganizationProjectServiceAccountDeleteResponse](o.t)(accounts.Delete(ctx, p, keyed.ID))
}

func (o *oracle) limits(p string) {
	ctx, limits := context.Background(), o.Projects.RateLimits
	l := ok[openai.ProjectRateLimit](o.t)(limits.UpdateRateLimit(ctx, p, "rl-gpt-image-1",
		openai.AdminOrganizationProjectRateLimitUpdateRateLimitParams{MaxImagesPer1Minute: openai.Int(7)}))
	if l.MaxImagesPer1Minute != 7 || l.MaxRequestsPer1Minute != 500 || l.Model != "gpt-image-1" {
		o.t.Errorf("rate limit is %s", l.RawJSON())
	}
	page, err := limits.ListRateLimits(ctx, p, openai.AdminOrganizationProjectRateLimitListRateLimitsParams{})
	if err != nil || len(page.Data) != len(sim.Demo().Models) {
		o.t.Errorf("rate limits are %v, %v", page, err)
	}
	valid(o.t, page)
}

func (o *oracle) permissions(p string) {
	ctx := context.Background()
	models := o.Projects.ModelPermissions
	ok[openai.ProjectModelPermissions](o.t)(models.Update(ctx, p, openai.AdminOrganizationProjectModelPermissionUpdateParams{Mode: "deny_list", ModelIDs: []string{"o3"}}))
	ok[openai.ProjectModelPermissions](o.t)(models.Get(ctx, p))
	ok[openai.ProjectModelPermissionsDeleted](o.t)(models.Delete(ctx, p))

	off := param.Override[openai.AdminOrganizationProjectHostedToolPermissionUpdateParamsMcp](map[string]any{"enabled": false})
	ok[openai.ProjectHostedToolPermissions](o.t)(o.Projects.HostedToolPermissions.Update(ctx, p, openai.AdminOrganizationProjectHostedToolPermissionUpdateParams{Mcp: off}))
	tools := ok[openai.ProjectHostedToolPermissions](o.t)(o.Projects.HostedToolPermissions.Get(ctx, p))
	if tools.Mcp.Enabled || !tools.FileSearch.Enabled {
		o.t.Errorf("tools are %s", tools.RawJSON())
	}

	ok[openai.ProjectDataRetention](o.t)(o.Projects.DataRetention.Update(ctx, p, openai.AdminOrganizationProjectDataRetentionUpdateParams{RetentionType: "none"}))
	ok[openai.ProjectDataRetention](o.t)(o.Projects.DataRetention.Get(ctx, p))
	ok[openai.OrganizationDataRetention](o.t)(o.DataRetention.Update(ctx, openai.AdminOrganizationDataRetentionUpdateParams{RetentionType: "zero_data_retention"}))
	if got := ok[openai.OrganizationDataRetention](o.t)(o.DataRetention.Get(ctx)); got.Type != "zero_data_retention" {
		o.t.Errorf("retention is %s", got.RawJSON())
	}
}

func (o *oracle) money(p string) {
	ctx := context.Background()
	ok[openai.ProjectSpendLimit](o.t)(o.Projects.SpendLimit.Update(ctx, p, openai.AdminOrganizationProjectSpendLimitUpdateParams{ThresholdAmount: 1, Currency: "USD", Interval: "month"}))
	ok[openai.ProjectSpendLimit](o.t)(o.Projects.SpendLimit.Get(ctx, p))
	ok[openai.ProjectSpendLimitDeleted](o.t)(o.Projects.SpendLimit.Delete(ctx, p))
	ok[openai.OrganizationSpendLimit](o.t)(o.SpendLimit.Update(ctx, openai.AdminOrganizationSpendLimitUpdateParams{ThresholdAmount: 1, Currency: "USD", Interval: "month"}))
	ok[openai.OrganizationSpendLimit](o.t)(o.SpendLimit.Get(ctx))
	ok[openai.OrganizationSpendLimitDeleted](o.t)(o.SpendLimit.Delete(ctx))

	a := ok[openai.ProjectSpendAlert](o.t)(o.Projects.SpendAlerts.New(ctx, p, openai.AdminOrganizationProjectSpendAlertNewParams{
		Currency: "USD", Interval: "month", NotificationChannel: openai.AdminOrganizationProjectSpendAlertNewParamsNotificationChannel{Recipients: []string{"a@acme.example"}}}))
	ok[openai.ProjectSpendAlert](o.t)(o.Projects.SpendAlerts.Get(ctx, p, a.ID))
	ok[openai.ProjectSpendAlert](o.t)(o.Projects.SpendAlerts.Update(ctx, p, a.ID, openai.AdminOrganizationProjectSpendAlertUpdateParams{
		Currency: "USD", Interval: "month", NotificationChannel: openai.AdminOrganizationProjectSpendAlertUpdateParamsNotificationChannel{Recipients: []string{"b@acme.example"}}}))
	projectPage, err := o.Projects.SpendAlerts.List(ctx, p, openai.AdminOrganizationProjectSpendAlertListParams{})
	if err != nil || len(projectPage.Data) != 1 {
		o.t.Errorf("alerts are %v, %v", projectPage, err)
	}
	valid(o.t, projectPage)
	ok[openai.ProjectSpendAlertDeleted](o.t)(o.Projects.SpendAlerts.Delete(ctx, p, a.ID))
	o.orgAlerts()
}

func (o *oracle) orgAlerts() {
	ctx := context.Background()
	b := ok[openai.OrganizationSpendAlert](o.t)(o.SpendAlerts.New(ctx, openai.AdminOrganizationSpendAlertNewParams{
		Currency: "USD", Interval: "month", NotificationChannel: openai.AdminOrganizationSpendAlertNewParamsNotificationChannel{Recipients: []string{"a@acme.example"}, SubjectPrefix: openai.String("x")}}))
	ok[openai.OrganizationSpendAlert](o.t)(o.SpendAlerts.Update(ctx, b.ID, openai.AdminOrganizationSpendAlertUpdateParams{
		Currency: "USD", Interval: "month", NotificationChannel: openai.AdminOrganizationSpendAlertUpdateParamsNotificationChannel{Recipients: []string{}}}))
	got := ok[openai.OrganizationSpendAlert](o.t)(o.SpendAlerts.Get(ctx, b.ID))
	if got.NotificationChannel.JSON.SubjectPrefix.Raw() != "null" || got.NotificationChannel.JSON.Recipients.Raw() != "[]" {
		o.t.Errorf("the update did not replace: %s", got.RawJSON())
	}
	page, err := o.SpendAlerts.List(ctx, openai.AdminOrganizationSpendAlertListParams{Order: "desc"})
	if err != nil || len(page.Data) != 2 || page.Data[0].ID != b.ID {
		o.t.Errorf("alerts are %v, %v", page, err)
	}
	valid(o.t, page)
	ok[openai.OrganizationSpendAlertDeleted](o.t)(o.SpendAlerts.Delete(ctx, b.ID))
}

func (o *oracle) people() {
	ctx := context.Background()
	i := ok[openai.Invite](o.t)(o.Invites.New(ctx, openai.AdminOrganizationInviteNewParams{Email: "new@acme.example", Role: "reader"}))
	if len(i.Projects) != 1 || i.Projects[0].ID != "proj_sim0001" {
		o.t.Errorf("invite is %s", i.RawJSON())
	}
	ok[openai.Invite](o.t)(o.Invites.Get(ctx, i.ID))
	invites, err := o.Invites.List(ctx, openai.AdminOrganizationInviteListParams{})
	if err != nil || len(invites.Data) != 4 {
		o.t.Errorf("invites are %v, %v", invites, err)
	}
	valid(o.t, invites)
	ok[openai.AdminOrganizationInviteDeleteResponse](o.t)(o.Invites.Delete(ctx, i.ID))

	users, err := o.Users.List(ctx, openai.AdminOrganizationUserListParams{Emails: []string{"ADA@acme.example", "alan@acme.example"}})
	if err != nil || len(users.Data) != 2 {
		o.t.Errorf("users are %v, %v", users, err)
	}
	valid(o.t, users)
	u := ok[openai.OrganizationUser](o.t)(o.Users.Update(ctx, "user-sim0006", openai.AdminOrganizationUserUpdateParams{Role: openai.String("owner"), TechnicalLevel: openai.String("expert")}))
	if u.Role != "owner" || u.TechnicalLevel != "expert" {
		o.t.Errorf("user is %s", u.RawJSON())
	}
	ok[openai.OrganizationUser](o.t)(o.Users.Get(ctx, "user-sim0009"))
	ok[openai.AdminOrganizationUserDeleteResponse](o.t)(o.Users.Delete(ctx, "user-sim0006"))
}

func (o *oracle) keys() {
	ctx := context.Background()
	k := ok[openai.AdminOrganizationAdminAPIKeyNewResponse](o.t)(o.AdminAPIKeys.New(ctx, openai.AdminOrganizationAdminAPIKeyNewParams{Name: "ci", ExpiresInSeconds: openai.Int(60)}))
	ok[openai.AdminAPIKey](o.t)(o.AdminAPIKeys.Get(ctx, k.ID))
	page, err := o.AdminAPIKeys.List(ctx, openai.AdminOrganizationAdminAPIKeyListParams{Order: "desc", Limit: openai.Int(2)})
	if err != nil || len(page.Data) != 2 || page.Data[0].ID != k.ID || !page.HasMore {
		o.t.Errorf("keys are %v, %v", page, err)
	}
	valid(o.t, page)
	ok[openai.AdminOrganizationAdminAPIKeyDeleteResponse](o.t)(o.AdminAPIKeys.Delete(ctx, k.ID))
}

func (o *oracle) audit() {
	var kinds []string
	pager := o.AuditLogs.ListAutoPaging(context.Background(), openai.AdminOrganizationAuditLogListParams{
		Limit: openai.Int(3), ActorEmails: []string{"ada@acme.example"},
		EffectiveAt: openai.AdminOrganizationAuditLogListParamsEffectiveAt{Gte: openai.Int(fixed().Unix())},
	})
	for pager.Next() {
		ev := pager.Current()
		valid(o.t, ev)
		if ev.Project.ID != "proj_sim0001" || ev.Actor.APIKey.ID != "key_sim0001" {
			o.t.Errorf("event is %s", ev.RawJSON())
		}
		kinds = append(kinds, string(ev.Type))
	}
	if pager.Err() != nil {
		o.t.Fatal(pager.Err())
	}
	slices.Reverse(kinds)
	want := strings.Fields(`project.created project.updated user.added user.added user.updated user.deleted
		service_account.created service_account.created api_key.created service_account.updated service_account.deleted
		rate_limit.updated invite.sent invite.deleted user.updated user.deleted
		api_key.created api_key.updated api_key.deleted group.created group.updated
		role.assignment.created role.assignment.created role.assignment.deleted role.assignment.deleted group.deleted
		role.created role.updated role.assignment.created role.assignment.deleted role.assignment.created role.assignment.deleted role.deleted
		role.created role.updated role.assignment.created role.assignment.deleted role.deleted
		certificate.created certificate.updated certificates.activated certificates.deactivated
		certificates.activated certificates.deactivated certificate.deleted
		external_key.registered external_key.removed external_storage.registered external_storage.removed
		workload_identity_provider.created workload_identity_provider.updated workload_identity_provider_mapping.created
		workload_identity_provider_mapping.updated workload_identity_provider_mapping.deleted workload_identity_provider.deleted project.archived`)
	if !slices.Equal(kinds, want) {
		o.t.Errorf("events are %v, want %v", kinds, want)
	}
}

func TestSDKPagesThroughMore(t *testing.T) {
	t.Parallel()
	s := sim.New(sim.Large(sim.Size{Projects: 130, Users: 250, Members: 110, ServiceAccounts: 1, Alerts: 1, Models: 230}))
	o := newOracle(t, s)
	ctx := context.Background()
	counts := map[string]int{}
	projects := o.Projects.ListAutoPaging(ctx, openai.AdminOrganizationProjectListParams{})
	for projects.Next() {
		counts["projects"]++
	}
	users := o.Users.ListAutoPaging(ctx, openai.AdminOrganizationUserListParams{Limit: openai.Int(100)})
	for users.Next() {
		counts["users"]++
	}
	members := o.Projects.Users.ListAutoPaging(ctx, "proj_sim0002", openai.AdminOrganizationProjectUserListParams{Limit: openai.Int(7)})
	for members.Next() {
		counts["members"]++
	}
	limits := o.Projects.RateLimits.ListRateLimitsAutoPaging(ctx, "proj_sim0002", openai.AdminOrganizationProjectRateLimitListRateLimitsParams{})
	for limits.Next() {
		counts["limits"]++
	}
	want := map[string]int{"projects": 131, "users": 251, "members": 111, "limits": 230}
	if !reflect.DeepEqual(counts, want) {
		t.Errorf("paging found %v, want %v", counts, want)
	}
}
