package e2e_test

import (
	"context"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/shared/constant"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// externalKeys has a row for each cloud: they differ in the fields.
func externalKeys() []write {
	type created = openai.AdminOrganizationExternalKeyNewParams
	return []write{
		{kind: "external_keys", route: "create", about: "at AWS", yaml: `
external_keys: [{name: vault, type: aws, purpose: ekm, external_id: org-acme, kms_arn: "arn:aws:kms:x", role_arn: "arn:aws:iam:y"}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.ExternalKeys.New(ctx, created{OfAws: &openai.AdminOrganizationExternalKeyNewParamsBodyAws{Name: "vault",
					ExternalID: "org-acme", KmsArn: "arn:aws:kms:x", RoleArn: "arn:aws:iam:y", Purpose: openai.String("ekm")}}))
			}},
		{kind: "external_keys", route: "create", about: "at Google", yaml: `
external_keys:
  - {name: vault, type: gcp, purpose: psp_decryption, audience: org-acme, kms_project_id: acme, kms_key_location: eu, kms_key_ring_name: ring, kms_key_name: key,
     kms_key_version: "3", workload_identity_project_number: "1", workload_identity_pool_id: pool, workload_identity_provider_id: provider}`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.ExternalKeys.New(ctx, created{OfGcp: &openai.AdminOrganizationExternalKeyNewParamsBodyGcp{Name: "vault",
					Audience: "org-acme", KmsProjectID: "acme", KmsKeyLocation: "eu", KmsKeyRingName: "ring", KmsKeyName: "key", KmsKeyVersion: openai.String("3"),
					WorkloadIdentityProjectNumber: "1", WorkloadIdentityPoolID: "pool", WorkloadIdentityProviderID: "provider", Purpose: openai.String("psp_decryption")}}))
			}},
		{kind: "external_keys", route: "create", about: "at Azure", yaml: `
external_keys: [{name: vault, type: azure, purpose: psp_decryption, tenant_id: t, vault_uri: "https://acme.vault.example", key_name: k, key_version: v}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.ExternalKeys.New(ctx, created{OfAzure: &openai.AdminOrganizationExternalKeyNewParamsBodyAzure{Name: "vault",
					TenantID: "t", VaultURI: "https://acme.vault.example", KeyName: "k", KeyVersion: openai.String("v"), Purpose: openai.String("psp_decryption")}}))
			}},
		{kind: "external_keys", route: "delete", yaml: `external_keys: [{name: search-cmk, state: absent}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.ExternalKeys.Delete(ctx, "extkey_sim0001"))
			}},
		{kind: "projects", route: "create", about: "with an external key", yaml: `projects: [{name: new, external_key: search-cmk}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.New(ctx, openai.AdminOrganizationProjectNewParams{Name: "new", ExternalKeyID: openai.String("extkey_sim0001")}))
			}},
		{kind: "projects", route: "update", about: "binds an external key", yaml: `projects: [{name: search-prod, external_key: search-cmk}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.Update(ctx, searchProd, openai.AdminOrganizationProjectUpdateParams{ExternalKeyID: openai.String("extkey_sim0001")}))
			}},
		{kind: "projects", route: "update", about: "binds an external key that is made just before", yaml: `
external_keys: [{name: vault, type: azure, tenant_id: t, vault_uri: "https://acme.vault.example", key_name: k}]
projects: [{name: search-prod, external_key: vault}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				k, err := a.ExternalKeys.New(ctx, created{OfAzure: &openai.AdminOrganizationExternalKeyNewParamsBodyAzure{Name: "vault",
					TenantID: "t", VaultURI: "https://acme.vault.example", KeyName: "k"}})
				if err != nil {
					return err
				}
				return sent(a.Projects.Update(ctx, searchProd, openai.AdminOrganizationProjectUpdateParams{ExternalKeyID: openai.String(k.ID)}))
			}},
	}
}

// externalStorage has a row for each cloud, too.
func externalStorage() []write {
	type union = openai.AdminOrganizationExternalStorageNewParamsProviderUnion
	row := func(about, yaml string, provider union) write {
		return write{kind: "projects/external_storage", route: "create", about: about, yaml: `projects: [{name: search-prod, external_storage: [{provider: ` + yaml + `}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.ExternalStorage.New(ctx, openai.AdminOrganizationExternalStorageNewParams{ProjectID: searchProd, Provider: provider}))
			}}
	}
	return []write{
		row("at AWS", `{type: aws, bucket: b, role_arn: "arn:aws:iam::210987654321:role/x"}`,
			union{OfAws: &openai.AdminOrganizationExternalStorageNewParamsProviderAws{Bucket: "b", RoleArn: "arn:aws:iam::210987654321:role/x"}}),
		row("at Azure", `{type: azure, account_name: a, container: c, resource_group: g, subscription_id: s, tenant_id: t}`,
			union{OfAzure: &openai.AdminOrganizationExternalStorageNewParamsProviderAzure{AccountName: "a", Container: "c", ResourceGroup: "g", SubscriptionID: "s", TenantID: "t"}}),
		row("at Google", `{type: gcp, bucket: b, workload_identity_pool_id: p, workload_identity_project_number: "1", workload_identity_provider_id: w}`,
			union{OfGcp: &openai.AdminOrganizationExternalStorageNewParamsProviderGcp{Bucket: "b", WorkloadIdentityPoolID: "p", WorkloadIdentityProjectNumber: "1", WorkloadIdentityProviderID: "w"}}),
		row("at Oracle", `{type: oci, bucket: b, region: eu-frankfurt-1, tenancy_ocid: ocid1}`,
			union{OfOci: &openai.AdminOrganizationExternalStorageNewParamsProviderOci{Bucket: "b", Region: "eu-frankfurt-1", TenancyOcid: "ocid1"}}),
		{kind: "projects/external_storage", route: "delete", yaml: `projects: [{name: support-bot, external_storage: [{provider: {type: aws, bucket: acme-support-bot}, state: absent}]}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.ExternalStorage.Delete(ctx, "extstore_sim0001"))
			}},
	}
}

func tiers() []write {
	type updated = openai.AdminOrganizationProjectServiceTierSettingUpdateParams
	type enabled = openai.AdminOrganizationProjectServiceTierSettingUpdateParamsEnabledTiersUnion
	row := func(about, yaml string, body updated) write {
		return write{kind: "projects/service_tier_settings", route: "update", about: about, yaml: `projects: [{name: search-prod, service_tier_settings: ` + yaml + `}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.Projects.ServiceTierSettings.Update(ctx, searchProd, body))
			}}
	}
	return []write{
		row("of all tiers", `{enabled_tiers: all}`, updated{EnabledTiers: enabled{OfAll: constant.ValueOf[constant.All]()}}),
		row("of one tier", `{enabled_tiers: [flex]}`, updated{EnabledTiers: enabled{OfProjectOptionalServiceTierArray: []openai.ProjectOptionalServiceTier{"flex"}}}),
		row("of no tier", `{enabled_tiers: []}`, updated{EnabledTiers: enabled{OfProjectOptionalServiceTierArray: []openai.ProjectOptionalServiceTier{}}}),
		row("of another default", `{default: fast, enabled_tiers: [flex, fast]}`, updated{Default: "fast"}), // as a set the tiers are what they were
	}
}

func workloads() []write {
	type created = openai.AdminOrganizationWorkloadIdentityProviderNewParams
	type updated = openai.AdminOrganizationWorkloadIdentityProviderUpdateParams
	row := func(about, yaml string, body updated) write {
		return write{kind: "workload_identity_providers", route: "update", about: about, yaml: `workload_identity_providers: [{name: github, ` + yaml + `}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.WorkloadIdentityProviders.Update(ctx, "wip_sim0001", body))
			}}
	}
	uploaded := &openai.AdminOrganizationWorkloadIdentityProviderUpdateParamsVerificationUploadedJwksVerificationParam{Jwks: map[string]any{"keys": []any{}}}
	return []write{
		{kind: "workload_identity_providers", route: "create", yaml: `
workload_identity_providers:
  - {name: ci, issuer: "https://ci.acme.example", audience: openai, description: builds, enabled: false,
     attribute_transformations: [{attribute: repo, expression: claims.repo}, {attribute: a, expression: b}],
     verification: {type: discovery, discovery_url: "https://ci.acme.example/keys"}}`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.WorkloadIdentityProviders.New(ctx, created{Name: "ci", Issuer: "https://ci.acme.example", Audience: "openai",
					Description: openai.String("builds"), Enabled: openai.Bool(false),
					AttributeTransformations: []openai.AdminOrganizationWorkloadIdentityProviderNewParamsAttributeTransformation{
						{Attribute: "repo", Expression: "claims.repo"}, {Attribute: "a", Expression: "b"}},
					Verification: openai.AdminOrganizationWorkloadIdentityProviderNewParamsVerificationUnion{
						OfDiscovery: &openai.AdminOrganizationWorkloadIdentityProviderNewParamsVerificationDiscovery{DiscoveryURL: openai.String("https://ci.acme.example/keys")}}}))
			}},
		{kind: "workload_identity_providers", route: "create", about: "with keys", yaml: `
workload_identity_providers: [{name: ci, issuer: "https://ci.acme.example", audience: openai, verification: {type: uploaded_jwks, jwks: {keys: [{kty: RSA, n: "1", e: "2"}]}}}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.WorkloadIdentityProviders.New(ctx, created{Name: "ci", Issuer: "https://ci.acme.example", Audience: "openai",
					Verification: openai.AdminOrganizationWorkloadIdentityProviderNewParamsVerificationUnion{
						OfUploadedJwks: &openai.AdminOrganizationWorkloadIdentityProviderNewParamsVerificationUploadedJwks{
							Jwks: map[string]any{"keys": []any{map[string]any{"kty": "RSA", "n": "1", "e": "2"}}}}}}))
			}},
		row("off", `enabled: false`, updated{Enabled: openai.Bool(false)}),
		row("of its texts", `issuer: "https://x.example", audience: y, description: z`,
			updated{Issuer: openai.String("https://x.example"), Audience: openai.String("y"), Description: openai.String("z")}),
		row("without transformations", `attribute_transformations: []`,
			updated{AttributeTransformations: []openai.AdminOrganizationWorkloadIdentityProviderUpdateParamsAttributeTransformation{}}),
		row("from discovery to keys", `verification: {type: uploaded_jwks, jwks: {keys: []}}`, updated{Verification: openai.AdminOrganizationWorkloadIdentityProviderUpdateParamsVerificationUnion{
			OfAdminOrganizationWorkloadIdentityProviderUpdatesVerificationUploadedJwksVerificationParam: uploaded}}),
		{kind: "workload_identity_providers", route: "delete", about: "after its rules", yaml: `workload_identity_providers: [{name: github, state: absent}]`,
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				if err := sent(a.WorkloadIdentityProviders.FederationRules.Delete(ctx, "wip_sim0001", "wifr_sim0001")); err != nil {
					return err
				}
				return sent(a.WorkloadIdentityProviders.Delete(ctx, "wip_sim0001"))
			}},
	}
}

func federation() []write {
	type created = openai.AdminOrganizationWorkloadIdentityProviderFederationRuleNewParams
	type updated = openai.AdminOrganizationWorkloadIdentityProviderFederationRuleUpdateParams
	type matcher = openai.AdminOrganizationWorkloadIdentityProviderFederationRuleNewParamsAttributeMatcherUnion
	const kind = "workload_identity_providers/federation_rules"
	yaml := func(rule string) string {
		return `workload_identity_providers: [{name: github, federation_rules: [` + rule + `]}]`
	}
	row := func(about, rule string, body updated) write {
		return write{kind: kind, route: "update", about: about, yaml: yaml(rule),
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.WorkloadIdentityProviders.FederationRules.Update(ctx, "wip_sim0001", "wifr_sim0001", body))
			}}
	}
	restricted := func(s *sim.State) {
		s.WorkloadProviders[0].Rules[0].Permissions = &sim.RulePermissions{Type: "restricted", Scopes: []string{"api.model.request"}}
		s.WorkloadProviders[0].Rules[0].Description = new("from main")
	}
	loose := row("of any scope", `{name: index on main, permissions: {type: service_account_default}}`,
		updated{Permissions: openai.AdminOrganizationWorkloadIdentityProviderFederationRuleUpdateParamsPermissionsUnion{
			OfServiceAccountDefault: &openai.AdminOrganizationWorkloadIdentityProviderFederationRuleUpdateParamsPermissionsDefaultPermissionsParam{Type: "service_account_default"}}})
	loose.state = restricted
	return []write{
		{kind: kind, route: "create", yaml: yaml(`{name: main, description: the branch, enabled: false, project: search-prod, service_account: ranker,
  attribute_matchers: {ref: main, run: 5, protected: true, score: 0.5}, permissions: {type: restricted, scopes: [api.model.request]}}`),
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.WorkloadIdentityProviders.FederationRules.New(ctx, "wip_sim0001", created{ProjectID: searchProd, ServiceAccountID: "svc_acct_sim0002",
					Name: openai.String("main"), Description: openai.String("the branch"), Enabled: openai.Bool(false),
					AttributeMatchers: map[string]matcher{"ref": {OfString: openai.String("main")}, "run": {OfInt: openai.Int(5)},
						"protected": {OfBool: openai.Bool(true)}, "score": {OfFloat: openai.Float(0.5)}},
					Permissions: openai.AdminOrganizationWorkloadIdentityProviderFederationRuleNewParamsPermissionsUnion{
						OfRestricted: &openai.AdminOrganizationWorkloadIdentityProviderFederationRuleNewParamsPermissionsRestricted{Scopes: []string{"api.model.request"}}}}))
			}},
		row("of its texts", `{name: index on main, description: x, enabled: false}`, updated{Description: openai.String("x"), Enabled: openai.Bool(false)}),
		row("of all its matchers", `{name: index on main, attribute_matchers: {repo: acme/search}}`,
			updated{AttributeMatchers: map[string]openai.AdminOrganizationWorkloadIdentityProviderFederationRuleUpdateParamsAttributeMatcherUnion{"repo": {OfString: openai.String("acme/search")}}}),
		row("of its scopes", `{name: index on main, permissions: {type: restricted, scopes: [a, b]}}`,
			updated{Permissions: openai.AdminOrganizationWorkloadIdentityProviderFederationRuleUpdateParamsPermissionsUnion{
				OfAdminOrganizationWorkloadIdentityProviderFederationRuleUpdatesPermissionsRestrictedPermissionsParam: &openai.AdminOrganizationWorkloadIdentityProviderFederationRuleUpdateParamsPermissionsRestrictedPermissionsParam{Scopes: []string{"a", "b"}}}}),
		loose,
		{kind: kind, route: "create", about: "replaces one of another service account, and what is not declared stays", state: restricted,
			yaml: yaml(`{name: index on main, project: support-bot, service_account: helpdesk, attribute_matchers: {repo: acme/support}}`),
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				rules := a.WorkloadIdentityProviders.FederationRules
				if err := sent(rules.Delete(ctx, "wip_sim0001", "wifr_sim0001")); err != nil {
					return err
				}
				return sent(rules.New(ctx, "wip_sim0001", created{ProjectID: supportBot, ServiceAccountID: "svc_acct_sim0003", Name: openai.String("index on main"),
					Description: openai.String("from main"), Enabled: openai.Bool(true), AttributeMatchers: map[string]matcher{"repo": {OfString: openai.String("acme/support")}},
					Permissions: openai.AdminOrganizationWorkloadIdentityProviderFederationRuleNewParamsPermissionsUnion{
						OfRestricted: &openai.AdminOrganizationWorkloadIdentityProviderFederationRuleNewParamsPermissionsRestricted{Scopes: []string{"api.model.request"}}}}))
			}},
		{kind: kind, route: "delete", yaml: yaml(`{name: index on main, state: absent}`),
			sdk: func(ctx context.Context, a *openai.AdminOrganizationService) error {
				return sent(a.WorkloadIdentityProviders.FederationRules.Delete(ctx, "wip_sim0001", "wifr_sim0001"))
			}},
	}
}
