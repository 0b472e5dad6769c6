package keys

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// Limits say what is wrong with a key.
type Limits struct {
	Now          time.Time
	Unused       time.Duration // for longer than this is a finding
	Older        time.Duration // and so is a key older than this
	AccountsOnly kind.Globs    // projects where only service accounts should own keys
}

const day = 24 * time.Hour

// A rule finds one thing that may be wrong. The README lists them.
type rule struct {
	name string
	find func(k Key, l Limits) (Severity, string) // None: nothing
}

// rules are in the order in which findings of one severity are told.
func rules() []rule {
	return []rule{
		// The owner of an admin key that a former owner made can still do everything with it.
		{"not_owner", func(k Key, _ Limits) (Severity, string) {
			return when(k.admin() && !k.Owner.Gone && k.Owner.Role != "owner", High, "its holder is no owner of the organization")
		}},
		{"owner_gone", func(k Key, _ Limits) (Severity, string) {
			return when(k.Owner.Gone, High, "its owner is not in the organization")
		}},
		{"person", func(k Key, l Limits) (Severity, string) {
			return when(k.Owner.Type == "user" && l.AccountsOnly.Match(k.Project), High, "owned by a person, where only service accounts should")
		}},
		{"owner_inactive", func(k Key, _ Limits) (Severity, string) {
			return when(!k.Owner.Gone && k.Access == "inactive", Medium, "its owner is not in the project")
		}},
		{"unused", unused},
		{"no_expiry", func(k Key, _ Limits) (Severity, string) {
			if k.admin() {
				return when(k.Expires.Never(), Medium, "never expires")
			}
			return when(k.Expires.Never(), Low, "never expires")
		}},
		{"old", func(k Key, l Limits) (Severity, string) {
			age := l.Now.Sub(k.Created)
			return when(age > l.Older, Low, days(age)+" old")
		}},
	}
}

// unused: a key that was never used may be one that was made just now.
func unused(k Key, l Limits) (Severity, string) {
	switch {
	case !k.Used.Known:
		return None, ""
	case k.Used.Never() && l.Now.Sub(k.Created) <= l.Unused:
		return Low, "never used"
	case k.Used.Never():
		return Medium, "never used"
	}
	idle := l.Now.Sub(k.Used.At)
	return when(idle > l.Unused, Medium, "unused for "+days(idle))
}

func when(found bool, s Severity, message string) (Severity, string) {
	if !found {
		return None, ""
	}
	return s, message
}

func days(d time.Duration) string { return fmt.Sprintf("%d days", d/day) }

func (k Key) admin() bool { return k.Project == "" }

// Expired says that the key opens nothing any more.
func (k Key) Expired(now time.Time) bool { return !k.Expires.At.IsZero() && !k.Expires.At.After(now) }

// Check fills in the findings and sorts the keys: the worst first, then by address. A key that expired
// has none.
func Check(all []Key, l Limits) {
	for i := range all {
		k := &all[i]
		k.Findings = nil
		for _, r := range rules() {
			if s, message := r.find(*k, l); s != None && !k.Expired(l.Now) {
				k.Findings = append(k.Findings, Finding{r.name, s, message})
			}
		}
		slices.SortStableFunc(k.Findings, func(a, b Finding) int { return int(b.Severity - a.Severity) })
	}
	slices.SortFunc(all, func(a, b Key) int {
		return cmp.Or(cmp.Compare(b.Severity(), a.Severity()), cmp.Compare(a.Addr, b.Addr), cmp.Compare(a.ID, b.ID))
	})
}

// A Summary counts keys, and those with findings by the worst of each.
type Summary struct {
	Keys     int `json:"keys"` // of projects
	Projects int `json:"projects"`
	Admin    int `json:"admin"`
	High     int `json:"high"`
	Medium   int `json:"medium"`
	Low      int `json:"low"`
}

// Sum counts keys and the projects that they are of.
func Sum(all []Key) Summary {
	var s Summary
	projects := map[string]bool{}
	worst := map[Severity]int{}
	for _, k := range all {
		worst[k.Severity()]++
		if k.admin() {
			s.Admin++
			continue
		}
		s.Keys++
		projects[k.In] = true
	}
	s.Projects, s.High, s.Medium, s.Low = len(projects), worst[High], worst[Medium], worst[Low]
	return s
}

// Worst is the worst severity of all keys.
func Worst(all []Key) Severity {
	worst := None
	for _, k := range all {
		worst = max(worst, k.Severity())
	}
	return worst
}

// String is the last line of a report. Its form is stable.
func (s Summary) String() string {
	return fmt.Sprintf("Keys: %d in %d projects, %d admin; %d high, %d medium, %d low.", s.Keys, s.Projects, s.Admin, s.High, s.Medium, s.Low)
}
