// Package plan compares what is declared with what is live and says what to do about it: a Plan, which
// is a value to print, save and apply, and which holds the very requests that would be sent. It does no
// I/O and knows no clock; whatever it still has to know it asks for in Plan.Needs. Start at Make.
package plan

import (
	"errors"
	"fmt"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// An Action is what one change does. Its value is its mark.
type Action rune

// The actions, as they are marked.
const (
	Create  Action = '+'
	Update  Action = '~'
	Replace Action = '±'
	Delete  Action = '-'
)

// A Risk is what a change may cost. The order is the order in which people should look.
type Risk string

// The risks, worst first.
const (
	Irreversible Risk = "irreversible" // cannot be undone
	Disruptive   Risk = "disruptive"   // running traffic may fail, or someone loses access
	Escalation   Risk = "escalation"   // more power, or less control
	Routine      Risk = "routine"
)

// Risks lists the risks, worst first.
func Risks() []Risk { return []Risk{Irreversible, Disruptive, Escalation, Routine} }

// A Plan is what would be done, complete in itself: apply decides nothing that is not in here.
type Plan struct {
	Changes    []Change
	Notes      []Note         // what is no change, and why
	Problems   []Problem      // what cannot be planned
	Refusals   []Refusal      // guardrails that forbid to apply this plan
	Undeclared []kind.Address // live objects in declared collections that the YAML does not have
	Unchanged  int
	Watch      []kind.Place // settings that the changes may disturb without naming them
	Reads      []kind.Place // what was read of the collections and settings that the changes touch
	Uses       []Use        // what the requests name by id and do not change
	Needs      Needs        // what has to be read before the plan is one; empty when it is

	// With a base, Changes are what turns base into head, and the rest is said beside them.
	Based     bool
	Drift     []Change       // would put back what drifted, and is left as it is
	Drifted   []Problem      // what drifted and cannot be planned
	Unmanaged []Unmanaged    // declared by base only, and stays
	Policy    []PolicyChange // what head changes in the policy
}

// A Change is one step of a plan.
type Change struct {
	Action   Action
	Addr     kind.Address
	ID       string      // the live object's API id; "" where there is none
	Fields   []FieldDiff // in schema order
	Risk     Risk
	Pos      kind.Position  // where the YAML asks for it; zero when it does not
	Reason   string         // for people; apply does not read it
	Drift    bool           // with a base: not of this change; it puts back what drifted, as policy.drift says
	Requests []Request      // in order; none when With is set
	With     kind.Address   // rides in that change's request
	After    []kind.Address // changes that come first
	Find     *Find          // how to find the object by its natural key; nil where its id is known
}

// Verb names the action: archives are deletes that the API calls so.
func (c Change) Verb() string {
	switch c.Action {
	case Create:
		return "create"
	case Update:
		return "update"
	case Replace:
		return "replace"
	}
	if k := c.Addr.Kind(); k != nil && k.Archived != "" {
		return "archive"
	}
	return "delete"
}

// A FieldDiff is one field of a change. Old is nil for what is set anew, New for what goes.
type FieldDiff struct {
	Name string // dotted where it is a member: notification_channel.recipients
	Old  any
	New  any
	Unit string // "cents" or ""

	Drifted bool // with a base: Old is not what base asks, so someone else changed it, too
	Base    any  // what base asks, of a Drifted field
}

// Unmanaged is an object, a field or a whole section that base declares and head does not, and that stays.
type Unmanaged struct {
	Addr  kind.Address
	Field string        // dotted; "" = all of it
	Pos   kind.Position // where base declares it
	Count int           // of a collection: the objects that base declares
	Stays any           // of a field: how it lives; nil where that is not known or not set
	Unit  string        // "cents" or ""
}

// A PolicyChange is a field of the policy that differs between base and head.
type PolicyChange struct {
	Field    string
	Old, New string // as the YAML has it; "" = not set
	Loosened bool   // head allows more: of a guardrail, what base says holds for this plan
	Pos      kind.Position
}

// A Request is one call to send. An id that is not known yet stands as the address of the object that
// will have it: in a path {projects/web}, in a body {"$id_of": "projects/web"}.
type Request struct {
	Method string
	Route  string // the path's template, for pacing
	Path   string
	Body   map[string]any
	Once   bool   // a create: never sent twice blindly
	Makes  string // answer field with the new id; "" where the id is known before
}

// A Find is how an object is found by its natural key among the rows of a collection.
type Find struct {
	Kind   string // name of the kind
	Key    string
	Route  string
	Path   string
	Except []string // ids of objects that have the key too and are not meant
	Skip   []string // the kind's rules for rows that are no objects of it, with the ids filled in
}

// A Note is something worth knowing that is not a change.
type Note struct {
	Addr    kind.Address
	Pos     kind.Position
	Why     Why
	Message string
	Quiet   bool // only of interest to those who ask for more
}

// A Why is the reason why something is no change.
type Why string

// The reasons.
const (
	Pending Why = "pending" // invited, not accepted; or waiting for that
	Implied Why = "implied" // follows from another object
	Foreign Why = "foreign" // others own it
	Due     Why = "due"     // is to be made by someone who can keep its secret
)

// A Problem is a mistake that only the live organization can show.
type Problem struct {
	Addr    kind.Address
	Pos     kind.Position
	Message string
	Hint    string
}

// A Refusal is a guardrail's no.
type Refusal struct {
	Rule    string // max_removals, protect, ...
	Message string
	Allow   []string // the --allow values that would let it pass
}

// An Allow lets one change through the guardrails: "delete:users/x@acme.example".
type Allow struct {
	Verb string
	Addr kind.Address
}

// String is the value of the flag.
func (a Allow) String() string { return a.Verb + ":" + string(a.Addr) }

// Needs is what Make has to know and does not.
type Needs struct {
	Places   []kind.Place
	KeyOwner bool
}

// None says that nothing is needed any more.
func (n Needs) None() bool { return len(n.Places) == 0 && !n.KeyOwner }

// Input is what a plan is made from.
type Input struct {
	Want     []kind.Object // sorted by address
	Declared map[kind.Address]kind.Position
	Policy   kind.Policy
	Live     kind.Live
	Only     kind.Globs // nil: everything
	Allow    []Allow
	Base     *Base // what was asked before; nil: the plan is to do all that is declared
}

// A Base is the YAML of an earlier commit.
type Base struct {
	Want     []kind.Object // sorted by address
	Declared map[kind.Address]kind.Position
	Policy   kind.Policy
}

// Summary counts a plan.
type Summary struct {
	Create, Update, Replace, Delete, Unchanged, Undeclared, Pending, Problems int
}

// Summary counts what the last line of a plan says.
func (p Plan) Summary() Summary {
	s := Summary{Unchanged: p.Unchanged, Undeclared: len(p.Undeclared), Problems: len(p.Problems)}
	for _, c := range p.Changes {
		switch c.Action {
		case Create:
			s.Create++
		case Update:
			s.Update++
		case Replace:
			s.Replace++
		case Delete:
			s.Delete++
		}
	}
	for _, n := range p.Notes {
		if n.Why == Pending {
			s.Pending++
		}
	}
	return s
}

// ErrNoMatch says that an --only glob matches nothing.
var ErrNoMatch = errors.New("matches nothing that is declared, or live in a declared collection")

// ParseAllow reads the value of --allow.
func ParseAllow(s string) (Allow, error) {
	verb, addr, _ := strings.Cut(s, ":")
	switch verb {
	case "create", "update", "replace", "delete", "archive":
	default:
		return Allow{}, fmt.Errorf("--allow %q: not ACTION:ADDRESS, with create, update, replace, delete or archive", s)
	}
	a, err := kind.ParseAddress(addr)
	if err != nil {
		return Allow{}, fmt.Errorf("--allow %q: %w", s, err)
	}
	return Allow{verb, a}, nil
}
