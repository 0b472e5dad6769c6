package sim_test

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// TestDemoKeysNeedAttention: the seed has a key for each thing that can be wrong with one, as of the time
// of the tests.
func TestDemoKeysNeedAttention(t *testing.T) {
	t.Parallel()
	c, now := demo(t), float64(fixed().Unix())
	found := map[string]int{}
	for _, p := range []string{search, support} {
		for _, r := range c.get("GET "+p+"/api_keys?owner_project_access=any", "")["data"].([]any) {
			k := r.(map[string]any)
			used, ever := k["last_used_at"].(float64)
			for finding, is := range map[string]bool{
				"a person's, in production": p == search && k["owner"].(map[string]any)["type"] == "user",
				"owner without access":      k["owner_project_access"] == "inactive",
				"never used":                !ever,
				"long unused":               ever && now-used > 90*24*3600,
				"never expires":             k["expires_at"] == nil,
				"old":                       now-k["created_at"].(float64) > 180*24*3600,
			} {
				if is {
					found[finding]++
				}
			}
		}
	}
	for _, r := range c.get("GET /organization/admin_api_keys", "")["data"].([]any) {
		if r.(map[string]any)["owner"].(map[string]any)["role"] != "owner" {
			found["admin key of no owner"]++
		}
	}
	want := "map[a person's, in production:3 admin key of no owner:1 long unused:1 never expires:1 never used:1 old:1 owner without access:2]"
	if got := fmt.Sprint(found); got != want {
		t.Errorf("found %s, want %s", got, want)
	}
}

func TestLargeKeys(t *testing.T) {
	t.Parallel()
	c := newClient(t, sim.New(sim.Large(sim.Size{Projects: 200, Users: 20, Members: 3, ServiceAccounts: 2, APIKeys: 5, Groups: 2})))
	n := 0
	for _, p := range c.Snapshot().Projects[1:] {
		n += len(ids(c.get("GET /organization/projects/"+p.ID+"/api_keys", "")))
	}
	if n != 1000 {
		t.Errorf("%d keys are listed", n)
	}
}

// TestStateIsChecked: what is read must hold together.
func TestStateIsChecked(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[string]func(*sim.State){
		`no user or group "nobody"`:     func(s *sim.State) { s.Grants[0].PrincipalID = "nobody" },
		`no role "role_x"`:              func(s *sim.State) { s.Projects[1].Grants[0].RoleID = "role_x" },
		`no user "nobody"`:              func(s *sim.State) { s.Groups[0].Users[0] = "nobody" },
		`group_type "team"`:             func(s *sim.State) { s.Groups[0].GroupType = "team" },
		`no group "group_x"`:            func(s *sim.State) { s.Projects[1].Groups[0].GroupID = "group_x" },
		`no certificate "cert_x"`:       func(s *sim.State) { s.Projects[1].Certificates[0] = "cert_x" },
		`id "key_acme0001" is there tw`: func(s *sim.State) { s.Projects[1].APIKeys[1].ID = "key_acme0001" },
		`id "cert_sim0001" is there tw`: func(s *sim.State) { s.Certificates[1].ID = "cert_sim0001" },
		`no project "proj_x"`:           func(s *sim.State) { s.ExternalStorage[0].ProjectID = "proj_x" },
		`no external key "extkey_x"`:    func(s *sim.State) { s.Projects[1].ExternalKeyID = new("extkey_x") },
	} {
		s := sim.Demo()
		spoil(&s)
		var b bytes.Buffer
		if err := s.Write(&b); err != nil {
			t.Fatal(err)
		}
		if _, err := sim.ReadState(&b); err == nil || !bytes.Contains([]byte(err.Error()), []byte(want)) {
			t.Errorf("error is %v, want %s", err, want)
		}
	}
	if status, _ := demo(t).do("GET /organization/projects/proj_sim0004/api_keys", ""); status != http.StatusOK {
		t.Errorf("keys of an archived project: %d", status)
	}
}
