package faults_test

import (
	"encoding/json"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// seed is what the reference organization is applied to: sim.Demo, and something of each kind to remove.
func seed() sim.State {
	s := sim.Demo()
	const june = 1748736000
	later := int64(4102444800)
	s.Groups = append(s.Groups, sim.Group{ID: "group_sim0004", Name: "night-shift", CreatedAt: june, GroupType: "group", Users: []string{"user-sim0003"}})
	s.Grants = append(s.Grants, sim.Grant{ID: "role_assignment_sim0007", PrincipalID: "group_sim0004", RoleID: "role_sim0001"})
	s.Invites[2].Role = "owner" // margaret's
	s.Invites = append(s.Invites, sim.Invite{ID: "invite-sim0004", Email: "old.invite@acme.example", Role: "reader", Status: "pending",
		CreatedAt: june, ExpiresAt: &later, Projects: []sim.InviteProject{}})
	s.WorkloadProviders[0].Rules = append(s.WorkloadProviders[0].Rules, sim.FederationRule{ID: "wifr_sim0002", ProjectID: "proj_sim0002",
		ServiceAccountID: "svc_acct_sim0001", Name: new("nightly"), Enabled: true, CreatedAt: june, UpdatedAt: june,
		Matchers: map[string]json.RawMessage{"ref": json.RawMessage(`"refs/heads/nightly"`)}})
	jenkins := s.WorkloadProviders[0]
	jenkins.ID, jenkins.Name, jenkins.Issuer, jenkins.Rules = "wip_sim0002", "jenkins", "https://jenkins.example", nil
	s.WorkloadProviders = append(s.WorkloadProviders, jenkins)
	sunset := s.Projects[0]
	sunset.ProjectObject.ID, sunset.Name, sunset.Default = "proj_sim0005", "sunset", false
	s.Projects = append(s.Projects, sunset)
	for prefix, n := range map[string]int64{"group_": 4, "role_assignment_": 7, "invite-": 4, "wifr_": 2, "wip_": 2, "proj_": 5} {
		s.Counters[prefix] = n
	}
	return s
}
