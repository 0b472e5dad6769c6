package sim_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

func FuzzBodies(f *testing.F) {
	names := sim.RouteNames()
	for route, body := range map[string]string{
		"POST /v1/organization/projects":                                                                     `{"name":"x","residency":null}`,
		"POST /v1/organization/invites":                                                                      `{"email":"@","role":"reader","projects":[{"id":"proj_sim0002","role":"member"}]}`,
		"POST /v1/organization/projects/{project_id}/rate_limits/{rate_limit_id}":                            `{"max_requests_per_1_minute":1e400}`,
		"POST /v1/organization/projects/{project_id}/api_keys/{api_key_id}":                                  `{"scopes":[null]}`,
		"POST /v1/organization/projects/{project_id}/groups":                                                 `{"group_id":"group_sim0003","role":"role-api-project-member__api-project__proj_sim0002"}`,
		"POST /v1/organization/roles/{role_id}":                                                              `{"permissions":null,"description":null,"role_name":""}`,
		"POST /v1/organization/certificates":                                                                 `{"certificate":"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"}`,
		"POST /v1/organization/certificates/activate":                                                        `{"certificate_ids":["cert_sim0001","cert_sim0001"]}`,
		"POST /v1/organization/external_keys":                                                                `{"type":"azure","purpose":"psp_decryption"}`,
		"POST /v1/organization/external_storage":                                                             `{"project_id":"proj_sim0002","provider":{"type":7}}`,
		"POST /v1/organization/projects/{project_id}/service_tier_settings":                                  `{"enabled_tiers":"all"}`,
		"POST /v1/organization/workload_identity_providers/{workload_identity_provider_id}":                  `{"verification":{"type":"uploaded_jwks","jwks":{"keys":null}}}`,
		"POST /v1/organization/workload_identity_providers/{workload_identity_provider_id}/federation_rules": `{"attribute_matchers":{"a":-0}}`,
	} {
		i := slices.Index(names, route)
		if i < 0 {
			f.Fatalf("no route %s", route)
		}
		f.Add(uint8(i), []byte(body))
	}
	f.Fuzz(func(t *testing.T, n uint8, body []byte) {
		name := strings.NewReplacer("/v1", "", "{project_id}", "proj_sim0002", "{user_id}", "user-sim0003",
			"{alert_id}", "alert_sim0001", "{rate_limit_id}", "rl-o3", "{service_account_id}", "svc_acct_sim0001",
			"{api_key_id}", "key_acme0001", "{group_id}", "group_sim0001", "{role_id}", "role_sim0003", "{certificate_id}", "cert_sim0001",
			"{external_key_id}", "extkey_sim0001", "{external_storage_id}", "extstore_sim0001", "{workload_identity_provider_id}", "wip_sim0001",
			"{workload_identity_federation_rule_id}", "wifr_sim0001").Replace(names[int(n)%len(names)])
		status, text := demo(t).do(name, string(body))
		if status >= 500 || !json.Valid([]byte(text)) {
			t.Errorf("%s %q: %d %s", name, body, status, text)
		}
	})
}
