package sim

import "encoding/json"

// demoCloud is one of each: a key that no project uses yet, a bucket for support-bot, and an
// issuer whose tokens stand for the indexer.
func demoCloud() Cloud {
	return Cloud{
		ExternalKeys: []ExternalKey{{ID: "extkey_sim0001", Name: "search-cmk", Type: "aws", Purpose: "ekm", CreatedAt: june, Provider: map[string]string{
			"external_id": "org-acme", "kms_arn": "arn:aws:kms:eu-central-1:123456789012:key/demo", "role_arn": "arn:aws:iam::123456789012:role/openai-ekm",
		}}},
		ExternalStorage: []ExternalStorage{{ID: "extstore_sim0001", ProjectID: "proj_sim0003", Geography: "US", CreatedAt: june + day, Status: "validated", Provider: map[string]string{
			"type": "aws", "bucket": "acme-support-bot", "role_arn": "arn:aws:iam::123456789012:role/openai-storage",
			"account_id": "123456789012", "external_id": "org-acme", "region": "us-east-1",
		}}},
		WorkloadProviders: []WorkloadProvider{{
			ID: "wip_sim0001", Name: "github", Issuer: "https://token.actions.githubusercontent.com", Audience: "https://api.openai.com/v1",
			Description: new("Workflows of acme"), Enabled: true, Transformations: []Transformation{{"repo", "assertion.repository"}},
			CreatedAt: june, UpdatedAt: june, Rules: []FederationRule{{
				ID: "wifr_sim0001", ProjectID: "proj_sim0002", ServiceAccountID: "svc_acct_sim0001", Name: new("index on main"), Enabled: true,
				Matchers:  map[string]json.RawMessage{"repo": json.RawMessage(`"acme/search"`), "ref": json.RawMessage(`"refs/heads/main"`)},
				CreatedAt: june, UpdatedAt: june,
			}},
		}},
	}
}
