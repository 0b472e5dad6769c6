package sim

import "fmt"

// Size says how much Large makes.
type Size struct {
	Projects        int // besides the default one
	Users           int // readers, besides the one owner
	Members         int // of each project, taken round robin
	ServiceAccounts int // of each project
	Alerts          int // of each project
	Groups          int // of the organization, with the members of the first project; all are in every project
	APIKeys         int // of each project, of its service accounts and else of its members, round robin
	Models          int // 0 is those of Empty
}

// Large is an organization of a size, the same one every time. Names are project-0001, user-0001 and so
// on.
func Large(size Size) State {
	s := Empty()
	for i := range size.Users {
		email := fmt.Sprintf("user-%04d@acme.example", i+1)
		s.Users = append(s.Users, person(s.next("user-"), fmt.Sprintf("User %d", i+1), email, "reader", newYear))
	}
	for i := range size.Models {
		if i == 0 {
			s.Models = nil
		}
		s.Models = append(s.Models, Model{fmt.Sprintf("model-%04d", i+1), Limits{"max_requests_per_1_minute": 1000, "max_tokens_per_1_minute": 100000}})
	}
	for i := range size.Groups {
		g := Group{ID: s.next("group_"), Name: fmt.Sprintf("group-%04d", i+1), CreatedAt: newYear, GroupType: "group"}
		for _, u := range s.Users[1 : 1+min(size.Members, size.Users)] {
			g.Users = append(g.Users, u.ID)
		}
		s.Groups = append(s.Groups, g)
	}
	for i := range size.Projects {
		p := seedProject(s.next("proj_"), fmt.Sprintf("project-%04d", i+1), newYear, false)
		s.fill(&p, i, size)
		s.Projects = append(s.Projects, p)
	}
	return s
}

func (s *State) fill(p *Project, nth int, size Size) {
	for i := range min(size.Members, size.Users) {
		u := s.Users[1+(nth*size.Members+i)%size.Users]
		p.Users = append(p.Users, Membership{UserID: u.ID, Role: "member", AddedAt: newYear})
	}
	for i := range size.ServiceAccounts {
		p.ServiceAccounts = append(p.ServiceAccounts,
			ServiceAccount{ID: s.next("svc_acct_"), Name: fmt.Sprintf("bot-%04d", i+1), Role: "member", CreatedAt: newYear})
	}
	for _, g := range s.Groups {
		p.Groups = append(p.Groups, ProjectGroup{g.ID, newYear})
		p.Grants = append(p.Grants, Grant{s.next("role_assignment_"), g.ID, "role-api-project-member"})
	}
	for i := range size.APIKeys {
		p.APIKeys = append(p.APIKeys, s.keyFor(p, i))
	}
	for i := range size.Alerts {
		a := alert(0, int64(i+1)*1000, "", "billing@acme.example")
		a.ID = s.next("alert_")
		p.SpendAlerts = append(p.SpendAlerts, a)
	}
}

// keyFor makes the n-th key of a project; every third one has never been used.
func (s *State) keyFor(p *Project, n int) APIKey {
	owner := KeyOwner{Type: "user", ID: s.Users[0].ID, Name: s.Users[0].Name, Email: s.Users[0].email(), CreatedAt: newYear, Role: "owner"}
	if len(p.Users) > 0 {
		u := s.Users[index(s.Users, p.Users[n%len(p.Users)].UserID)]
		owner = KeyOwner{Type: "user", ID: u.ID, Name: u.Name, Email: u.email(), CreatedAt: newYear, Role: "member"}
	}
	if len(p.ServiceAccounts) > 0 {
		a := p.ServiceAccounts[n%len(p.ServiceAccounts)]
		owner = KeyOwner{Type: "service_account", ID: a.ID, Name: a.Name, CreatedAt: a.CreatedAt, Role: a.Role}
	}
	k := APIKey{ID: s.next("key_"), Name: fmt.Sprintf("key-%04d", n+1), CreatedAt: newYear, Owner: owner}
	k.RedactedValue = redact(secretFor(k.ID))
	if n%3 != 0 {
		k.LastUsedAt = new(int64(recent))
	}
	return k
}
