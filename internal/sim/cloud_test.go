package sim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

const (
	certs   = "/organization/certificates"
	extkeys = "/organization/external_keys"
	storage = "/organization/external_storage"
	issuers = "/organization/workload_identity_providers"
	issuer  = issuers + "/wip_sim0001"
	aws     = `"type":"aws","name":"k","kms_arn":"a","role_arn":"b"`
	azure   = `"type":"azure","name":"k","tenant_id":"t","vault_uri":"v","key_name":"n"`
	bucket  = `"provider":{"type":"aws","bucket":"b","role_arn":"r"}`
	rule    = `"project_id":"proj_sim0002","service_account_id":"svc_acct_sim0002"`
)

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func TestCloudRefusals(t *testing.T) {
	t.Parallel()
	content := sim.Demo().Certificates[0].Content
	broken := strings.Replace(content, "MIIB", "MIIC", 1)
	refuse(t, []refusal{
		{"no certificate", "POST " + certs, `{"name":"x"}`, 400, "'certificate'"},
		{"certificate that is no PEM", "POST " + certs, `{"certificate":"x"}`, 400, "one certificate in PEM"},
		{"certificate that cannot be parsed", "POST " + certs, `{"certificate":` + quote(broken) + `}`, 400, "cannot be parsed"},
		{"two certificates", "POST " + certs, `{"certificate":` + quote(content+content) + `}`, 400, "one certificate in PEM"},
		{"certificate replaced", "POST " + certs + "/cert_sim0001", `{"certificate":"x"}`, 400, "Unknown parameter"},
		{"active certificate deleted", "DELETE " + certs + "/cert_sim0001", ``, 400, "still active"},
		{"certificate deleted that a project uses", "DELETE " + certs + "/cert_sim0002", ``, 400, "still active"},
		{"activating none", "POST " + certs + "/activate", `{"certificate_ids":[]}`, 400, "1 to 10 items"},
		{"activating eleven", "POST " + certs + "/activate", `{"certificate_ids":["1","2","3","4","5","6","7","8","9","10","11"]}`, 400, "but got 11"},
		{"activating an unknown one too", "POST " + certs + "/activate", `{"certificate_ids":["cert_sim0002","cert_x"]}`, 400, "'cert_x' not found"},
		{"deactivating an unknown one too", "POST " + search + "/certificates/deactivate", `{"certificate_ids":["cert_sim0002","cert_x"]}`, 400, "'cert_x' not found"},
		{"including something else", "GET " + certs + "/cert_sim0001?include[]=key", ``, 400, "Supported values are: 'content'"},

		{"external key of no type", "POST " + extkeys, `{"name":"x"}`, 400, "'type'"},
		{"external key of another type", "POST " + extkeys, `{"name":"x","type":"oci"}`, 400, "'aws', 'gcp', 'azure'"},
		{"external key with a field of another type", "POST " + extkeys, `{` + aws + `,"external_id":"org-acme","vault_uri":"v"}`, 400, "Unknown parameter: 'vault_uri'"},
		{"external key without a field", "POST " + extkeys, `{` + aws + `}`, 400, "'external_id'"},
		{"external key for somebody else", "POST " + extkeys, `{` + aws + `,"external_id":"org-other"}`, 400, "neither the organization"},
		{"external key version for EKM", "POST " + extkeys, `{` + azure + `,"key_version":"1"}`, 400, "not accepted for EKM"},
		{"external key for decryption without a version", "POST " + extkeys, `{` + azure + `,"purpose":"psp_decryption"}`, 400, "required for PSP"},
		{"external key update", "POST " + extkeys + "/extkey_sim0001", `{"name":"x"}`, 405, "Allowed: GET, DELETE"},
		{"project with an unknown external key", "POST /organization/projects", `{"name":"x","external_key_id":"extkey_x"}`, 400, "not found"},
		{"project given an unknown external key", "POST " + search, `{"external_key_id":"extkey_x"}`, 400, "not found"},

		{"storage of no project", "POST " + storage, `{"project_id":"proj_x",` + bucket + `}`, 400, "not found"},
		{"storage of an archived project", "POST " + storage, `{"project_id":"proj_sim0004",` + bucket + `}`, 400, "project_archived"},
		{"storage with a derived field", "POST " + storage, `{"project_id":"proj_sim0002","provider":{"type":"aws","bucket":"b","role_arn":"r","region":"x"}}`, 400, "'provider.region'"},
		{"storage without a field", "POST " + storage, `{"project_id":"proj_sim0002","provider":{"type":"oci","bucket":"b"}}`, 400, "'provider.region'"},
		{"storage that never was", "DELETE " + storage + "/extstore_x", ``, 404, "not found"},

		{"provider without a type", "POST " + issuers, `{"name":"x","issuer":"i","audience":"a"}`, 400, "'type'"},
		{"provider with its rules", "DELETE " + issuer, ``, 400, "still has 1 federation rules"},
		{"provider with no set of keys", "POST " + issuer, `{"verification":{"type":"uploaded_jwks","jwks":{"kty":"RSA"}}}`, 400, "array of 'keys'"},
		{"provider found without a URL", "POST " + issuer, `{"verification":{"type":"discovery"}}`, 400, "'verification.discovery_url'"},
		{"provider of both sorts", "POST " + issuer, `{"verification":{"type":"discovery","discovery_url":null,"jwks":{}}}`, 400, "'verification.jwks'"},
		{"rule for another account", "POST " + issuer + "/federation_rules/wifr_sim0001", `{"service_account_id":"svc_acct_sim0002"}`, 400, "Unknown parameter"},
		{"rule for an account of another project", "POST " + issuer + "/federation_rules", `{"project_id":"proj_sim0002","service_account_id":"svc_acct_sim0003","attribute_matchers":{"a":1}}`, 400, "not found in project"},
		{"rule that matches everything", "POST " + issuer + "/federation_rules", `{` + rule + `,"attribute_matchers":{}}`, 400, "at least one"},
		{"rule that matches an object", "POST " + issuer + "/federation_rules", `{` + rule + `,"attribute_matchers":{"a":{"b":1}}}`, 400, "'attribute_matchers.a'"},
		{"rule without scopes", "POST " + issuer + "/federation_rules/wifr_sim0001", `{"permissions":{"type":"restricted"}}`, 400, "'permissions.scopes'"},
		{"rule of an unknown provider", "GET " + issuers + "/wip_x/federation_rules", ``, 404, "not found"},

		{"no tiers", "POST " + search + "/service_tier_settings", `{}`, 400, "At least one of"},
		{"some tiers", "POST " + search + "/service_tier_settings", `{"enabled_tiers":"some"}`, 400, "expected an array"},
		{"unknown tier", "POST " + search + "/service_tier_settings", `{"enabled_tiers":["standard"]}`, 400, "Supported values are"},
		{"default tier that is not enabled", "POST " + search + "/service_tier_settings", `{"default":"fast","enabled_tiers":["flex"]}`, 400, "not enabled"},
		{"tiers of an archived project", "POST " + old + "/service_tier_settings", `{"default":"fast"}`, 400, "project_archived"},
	})
}

func TestCertificatesAreLimited(t *testing.T) {
	t.Parallel()
	c := demo(t)
	body := `{"certificate":` + quote(sim.Demo().Certificates[0].Content) + `}`
	for range 48 {
		c.get("POST "+certs, body)
	}
	if status, text := c.do("POST "+certs, body); status != http.StatusBadRequest || !strings.Contains(text, "at most 50") {
		t.Errorf("the 51st is answered %d %s", status, text)
	}
}

func TestCertificatesAreSwitched(t *testing.T) {
	t.Parallel()
	c := demo(t)
	both := `{"certificate_ids":["cert_sim0001","cert_sim0002"]}`
	for range 2 {
		if got := c.get("POST "+search+"/certificates/activate", both); got["object"] != "organization.project.certificate.activation" {
			t.Errorf("activating answers %v", got)
		}
	}
	if got := c.Snapshot().Projects[1].Certificates; !slices.Equal(got, []string{"cert_sim0002", "cert_sim0001"}) {
		t.Errorf("active are %v", got)
	}
	for _, scope := range []string{certs, search + "/certificates"} {
		c.get("POST "+scope+"/deactivate", both)
	}
	gone := c.get("DELETE "+certs+"/cert_sim0001", "")
	if fmt.Sprint(gone) != "map[id:cert_sim0001 object:certificate.deleted]" {
		t.Errorf("deleting answers %v", gone)
	}
}

func TestExternalKeysAreBound(t *testing.T) {
	t.Parallel()
	c := demo(t)
	p := c.get("POST /organization/projects", `{"name":"x","external_key_id":"extkey_sim0001"}`)["id"].(string)
	k := c.get("GET "+extkeys+"/extkey_sim0001", "")
	if fmt.Sprint(k["api_project_ids"]) != "["+p+"]" {
		t.Errorf("key is %v", k)
	}
	if status, text := c.do("DELETE "+extkeys+"/extkey_sim0001", ""); status != http.StatusBadRequest {
		t.Errorf("a key in use is deleted: %d %s", status, text)
	}
	c.get("POST /organization/projects/"+p, `{"external_key_id":null}`)
	if gone := c.get("DELETE "+extkeys+"/extkey_sim0001", ""); gone["name"] != "search-cmk" || gone["deleted"] != nil {
		t.Errorf("deleting answers %v", gone)
	}
}

// TestLastStorageRestoresRetention: only the last one of the project, and as often as it is asked to.
func TestLastStorageRestoresRetention(t *testing.T) {
	t.Parallel()
	c := demo(t)
	retention := func(want string) {
		t.Helper()
		if got := c.get("GET "+search+"/data_retention", ""); got["type"] != want {
			t.Errorf("retention is %v, want %s", got["type"], want)
		}
	}
	first := c.get("POST "+storage, `{"project_id":"proj_sim0002",`+bucket+`}`)["id"].(string)
	second := c.get("POST "+storage, `{"project_id":"proj_sim0002",`+bucket+`}`)["id"].(string)
	c.get("DELETE "+storage+"/"+first, "")
	retention("zero_data_retention")
	for range 2 {
		c.get("DELETE "+storage+"/"+second, "")
		retention("organization_default")
	}
	if got := ids(c.get("GET "+storage+"?project_id=proj_sim0002", "")); len(got) != 0 {
		t.Errorf("storage left is %v", got)
	}
	if status, _ := c.do("GET "+storage+"/"+first, ""); status != http.StatusNotFound {
		t.Errorf("removed storage is there: %d", status)
	}
}

func TestUpdatesKeepOrReplace(t *testing.T) {
	t.Parallel()
	c := demo(t)
	w := c.get("POST "+issuer, `{"description":null,"verification":{"type":"discovery","discovery_url":null},"attribute_transformations":[]}`)
	want := "map[discovery_url:https://token.actions.githubusercontent.com/.well-known/openid-configuration type:discovery]"
	if w["name"] != "github" || w["description"] != nil || fmt.Sprint(w["verification"]) != want || fmt.Sprint(w["attribute_transformations"]) != "[]" {
		t.Errorf("provider is %v", w)
	}
	r := c.get("POST "+issuer+"/federation_rules/wifr_sim0001", `{"attribute_matchers":{"n":12345678901234567890},"permissions":{"type":"restricted","scopes":[]}}`)
	if fmt.Sprint(r["permissions"]) != "map[scopes:[] type:restricted]" || r["name"] != "index on main" || len(r["attribute_matchers"].(map[string]any)) != 1 {
		t.Errorf("rule is %v", r)
	}
	tiers := c.get("POST "+search+"/service_tier_settings", `{"enabled_tiers":[]}`)
	if fmt.Sprint(tiers["enabled_tiers"]) != "[]" || tiers["default"] != "standard" {
		t.Errorf("tiers are %v", tiers)
	}
	tiers = c.get("POST "+search+"/service_tier_settings", `{"enabled_tiers":"all","default":"fast"}`)
	if tiers["enabled_tiers"] != "all" || tiers["default"] != "fast" {
		t.Errorf("tiers are %v", tiers)
	}
}
