package sim_test

import (
	"context"

	"github.com/openai/openai-go/v3"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

func (o *oracle) certificates(p string) {
	ctx, certs := context.Background(), o.Certificates
	content := sim.Demo().Certificates[0].Content
	k := ok[openai.Certificate](o.t)(certs.New(ctx, openai.AdminOrganizationCertificateNewParams{Certificate: content, Name: openai.String("copy")}))
	ok[openai.Certificate](o.t)(certs.Update(ctx, k.ID, openai.AdminOrganizationCertificateUpdateParams{Name: openai.String("spare")}))
	got := ok[openai.Certificate](o.t)(certs.Get(ctx, k.ID, openai.AdminOrganizationCertificateGetParams{Include: []string{"content"}}))
	if got.CertificateDetails.Content != content || got.Name != "spare" || got.JSON.Active.Valid() {
		o.t.Errorf("certificate is %s", got.RawJSON())
	}
	list, err := certs.List(ctx, openai.AdminOrganizationCertificateListParams{})
	if err != nil || len(list.Data) != 3 || list.Data[0].ID != k.ID || list.Data[0].Active || !list.Data[2].Active {
		o.t.Errorf("certificates are %v, %v", list, err)
	}
	valid(o.t, list)
	on, err := certs.Activate(ctx, openai.AdminOrganizationCertificateActivateParams{CertificateIDs: []string{k.ID, "cert_sim0001"}})
	if err != nil || len(on.Data) != 2 || !on.Data[0].Active {
		o.t.Errorf("activation gives %v, %v", on, err)
	}
	valid(o.t, on)
	off, err := certs.Deactivate(ctx, openai.AdminOrganizationCertificateDeactivateParams{CertificateIDs: []string{k.ID}})
	if err != nil || off.Data[0].Active {
		o.t.Errorf("deactivation gives %v, %v", off, err)
	}
	valid(o.t, off)
	o.projectCertificates(p, k.ID)
	ok[openai.AdminOrganizationCertificateDeleteResponse](o.t)(certs.Delete(ctx, k.ID))
}

func (o *oracle) projectCertificates(p, id string) {
	ctx, certs := context.Background(), o.Projects.Certificates
	on, err := certs.Activate(ctx, p, openai.AdminOrganizationProjectCertificateActivateParams{CertificateIDs: []string{id}})
	if err != nil || !on.Data[0].Active {
		o.t.Errorf("activation gives %v, %v", on, err)
	}
	valid(o.t, on)
	list, err := certs.List(ctx, p, openai.AdminOrganizationProjectCertificateListParams{Order: "asc"})
	if err != nil || len(list.Data) != 3 || list.Data[0].Active || !list.Data[2].Active {
		o.t.Errorf("certificates of the project are %v, %v", list, err)
	}
	valid(o.t, list)
	off, err := certs.Deactivate(ctx, p, openai.AdminOrganizationProjectCertificateDeactivateParams{CertificateIDs: []string{id}})
	if err != nil || off.Data[0].Active {
		o.t.Errorf("deactivation gives %v, %v", off, err)
	}
	valid(o.t, off)
}

func (o *oracle) externalKeys() {
	ctx, keys := context.Background(), o.ExternalKeys
	k := ok[openai.ExternalKey](o.t)(keys.New(ctx, openai.AdminOrganizationExternalKeyNewParams{OfGcp: &openai.AdminOrganizationExternalKeyNewParamsBodyGcp{
		Name: "decrypt", Audience: "org-acme", KmsProjectID: "acme", KmsKeyLocation: "eu", KmsKeyRingName: "ring", KmsKeyName: "key",
		WorkloadIdentityProjectNumber: "1", WorkloadIdentityPoolID: "pool", WorkloadIdentityProviderID: "provider",
		KmsKeyVersion: openai.String("3"), Purpose: openai.String("psp_decryption")}}))
	if got := ok[openai.ExternalKey](o.t)(keys.Get(ctx, k.ID)); got.KmsKeyVersion != "3" || got.Type != "gcp" || got.Purpose != "psp_decryption" {
		o.t.Errorf("key is %s", got.RawJSON())
	}
	ok[openai.AdminOrganizationExternalKeyValidateResponse](o.t)(keys.Validate(ctx, k.ID))
	page, err := keys.List(ctx, openai.AdminOrganizationExternalKeyListParams{Purpose: "ekm"})
	if err != nil || len(page.Data) != 1 || page.Data[0].ID != "extkey_sim0001" {
		o.t.Errorf("external keys are %v, %v", page, err)
	}
	valid(o.t, page)
	if gone := ok[openai.ExternalKey](o.t)(keys.Delete(ctx, k.ID)); gone.Name != "decrypt" {
		o.t.Errorf("deleting answers %s", gone.RawJSON())
	}
}

func (o *oracle) externalStorage(p string) {
	ctx, storage := context.Background(), o.ExternalStorage
	e := ok[openai.ExternalStorageConfiguration](o.t)(storage.New(ctx, openai.AdminOrganizationExternalStorageNewParams{ProjectID: p,
		Provider: openai.AdminOrganizationExternalStorageNewParamsProviderUnion{OfAws: &openai.AdminOrganizationExternalStorageNewParamsProviderAws{
			Bucket: "b", RoleArn: "arn:aws:iam::210987654321:role/x"}}}))
	aws := e.Provider.AsAws()
	valid(o.t, aws)
	if e.Status != "pending" || aws.AccountID != "210987654321" || e.Geography != "EU" {
		o.t.Errorf("storage is %s", e.RawJSON())
	}
	if e = ok[openai.ExternalStorageConfiguration](o.t)(storage.Validate(ctx, e.ID)); e.Status != "validated" {
		o.t.Errorf("storage is %s", e.RawJSON())
	}
	ok[openai.ExternalStorageConfiguration](o.t)(storage.Get(ctx, e.ID))
	page, err := storage.List(ctx, openai.AdminOrganizationExternalStorageListParams{ProjectID: openai.String(p)})
	if err != nil || len(page.Data) != 1 {
		o.t.Errorf("storage is %v, %v", page, err)
	}
	valid(o.t, page)
	for range 2 {
		ok[openai.ExternalStorageDeleted](o.t)(storage.Delete(ctx, e.ID))
	}
}

func (o *oracle) workloads() {
	ctx, providers := context.Background(), o.WorkloadIdentityProviders
	w := ok[openai.WorkloadIdentityProvider](o.t)(providers.New(ctx, openai.AdminOrganizationWorkloadIdentityProviderNewParams{
		Name: "ci", Issuer: "https://ci.acme.example", Audience: "openai", Description: openai.String("builds"),
		Verification: openai.AdminOrganizationWorkloadIdentityProviderNewParamsVerificationUnion{
			OfUploadedJwks: &openai.AdminOrganizationWorkloadIdentityProviderNewParamsVerificationUploadedJwks{Jwks: map[string]any{"keys": []any{}}}}}))
	valid(o.t, w.Verification.AsUploadedJwks())
	w = ok[openai.WorkloadIdentityProvider](o.t)(providers.Update(ctx, w.ID, openai.AdminOrganizationWorkloadIdentityProviderUpdateParams{
		Enabled: openai.Bool(false), AttributeTransformations: []openai.AdminOrganizationWorkloadIdentityProviderUpdateParamsAttributeTransformation{{Attribute: "a", Expression: "b"}}}))
	if w.Enabled || w.Description != "builds" || w.Verification.Type != "uploaded_jwks" || len(w.AttributeTransformations) != 1 {
		o.t.Errorf("provider is %s", w.RawJSON())
	}
	ok[openai.WorkloadIdentityProvider](o.t)(providers.Get(ctx, w.ID))
	page, err := providers.List(ctx, openai.AdminOrganizationWorkloadIdentityProviderListParams{Order: "desc"})
	if err != nil || len(page.Data) != 2 || page.Data[0].ID != w.ID {
		o.t.Errorf("providers are %v, %v", page, err)
	}
	valid(o.t, page)
	o.rules(w.ID)
	ok[openai.WorkloadIdentityProviderDeleted](o.t)(providers.Delete(ctx, w.ID))
}

func (o *oracle) rules(w string) {
	ctx, rules := context.Background(), o.WorkloadIdentityProviders.FederationRules
	r := ok[openai.FederationRule](o.t)(rules.New(ctx, w, openai.AdminOrganizationWorkloadIdentityProviderFederationRuleNewParams{
		ProjectID: "proj_sim0002", ServiceAccountID: "svc_acct_sim0002", Name: openai.String("main"), Description: openai.String("the branch"),
		AttributeMatchers: map[string]openai.AdminOrganizationWorkloadIdentityProviderFederationRuleNewParamsAttributeMatcherUnion{
			"ref": {OfString: openai.String("main")}, "run": {OfInt: openai.Int(5)}, "protected": {OfBool: openai.Bool(true)}}}))
	if r.AttributeMatchers["run"].RawJSON() != "5" || r.Permissions.Type != "service_account_default" || !r.Enabled {
		o.t.Errorf("rule is %s", r.RawJSON())
	}
	r = ok[openai.FederationRule](o.t)(rules.Update(ctx, w, r.ID, openai.AdminOrganizationWorkloadIdentityProviderFederationRuleUpdateParams{
		AttributeMatchers: map[string]openai.AdminOrganizationWorkloadIdentityProviderFederationRuleUpdateParamsAttributeMatcherUnion{"ref": {OfString: openai.String("next")}},
		Permissions: openai.AdminOrganizationWorkloadIdentityProviderFederationRuleUpdateParamsPermissionsUnion{
			OfAdminOrganizationWorkloadIdentityProviderFederationRuleUpdatesPermissionsRestrictedPermissionsParam: &openai.AdminOrganizationWorkloadIdentityProviderFederationRuleUpdateParamsPermissionsRestrictedPermissionsParam{Scopes: []string{"api.model.request"}}}}))
	if len(r.AttributeMatchers) != 1 || r.Permissions.AsRestricted().Scopes[0] != "api.model.request" {
		o.t.Errorf("rule is %s", r.RawJSON())
	}
	ok[openai.FederationRule](o.t)(rules.Get(ctx, w, r.ID))
	page, err := rules.List(ctx, w, openai.AdminOrganizationWorkloadIdentityProviderFederationRuleListParams{ServiceAccountID: openai.String("svc_acct_sim0002")})
	if err != nil || len(page.Data) != 1 {
		o.t.Errorf("rules are %v, %v", page, err)
	}
	valid(o.t, page)
	ok[openai.FederationRuleDeleted](o.t)(rules.Delete(ctx, w, r.ID))
}

func (o *oracle) tiers(p string) {
	ctx, tiers := context.Background(), o.Projects.ServiceTierSettings
	if got := ok[openai.ProjectServiceTierSettings](o.t)(tiers.Get(ctx, p)); got.EnabledTiers.RawJSON() != `"all"` || got.Default != "standard" {
		o.t.Errorf("tiers are %s", got.RawJSON())
	}
	got := ok[openai.ProjectServiceTierSettings](o.t)(tiers.Update(ctx, p, openai.AdminOrganizationProjectServiceTierSettingUpdateParams{
		Default:      "fast",
		EnabledTiers: openai.AdminOrganizationProjectServiceTierSettingUpdateParamsEnabledTiersUnion{OfProjectOptionalServiceTierArray: []openai.ProjectOptionalServiceTier{"fast"}}}))
	if got.EnabledTiers.RawJSON() != `["fast"]` || got.Default != "fast" {
		o.t.Errorf("tiers are %s", got.RawJSON())
	}
}
