// Package keys takes stock of the API keys of an organization, of admins and of projects, and says what
// is wrong with them: it reads lists and writes nothing, and it never sees a key, only what the API shows
// of one. How the stock is printed is not its business. Start at Read, then Check.
package keys

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// A Key is one API key.
type Key struct {
	Addr     kind.Address // where it stands; names repeat, so several keys may stand at one address
	Project  kind.Address // "" of an admin key
	In       string       // the id of the project: names repeat here too
	ID, Name string
	Redacted string // what the API shows of the key
	Owner    Owner
	Created  time.Time
	Used     Moment
	Expires  Moment
	Access   string    // the owner's to the project: active or inactive; "" of an admin key
	Findings []Finding // the worst first; filled in by Check
}

// A Moment is a time that may never come. The zero value is one that the API does not speak of.
type Moment struct {
	Known bool
	At    time.Time // zero: never
}

// Never says that the API says so.
func (m Moment) Never() bool { return m.Known && m.At.IsZero() }

// An Owner is who a key belongs to.
type Owner struct {
	Type        string // user or service_account; "" where the API names nobody
	ID          string
	Name, Email string
	Role        string // in the organization; "" where it is not known
	Gone        bool   // no longer in the organization
}

// String is an e-mail, a name or at worst an id.
func (o Owner) String() string { return cmp.Or(o.Email, o.Name, o.ID) }

// Severity is that of the worst finding.
func (k Key) Severity() Severity {
	if len(k.Findings) == 0 {
		return None
	}
	return k.Findings[0].Severity
}

// A Severity says how bad a finding is.
type Severity int

// The severities. None is that of a key without findings.
const (
	None Severity = iota
	Low
	Medium
	High
)

var severities = []string{"none", "low", "medium", "high"}

// String is the name.
func (s Severity) String() string { return severities[s] }

// MarshalText writes the name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the name.
func (s *Severity) UnmarshalText(text []byte) error {
	i := slices.Index(severities, string(text))
	if i <= 0 {
		return fmt.Errorf("severity %q: one of %s", text, strings.Join(severities[1:], ", "))
	}
	*s = Severity(i)
	return nil
}

// A Finding is one thing that is wrong with a key.
type Finding struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`
}
