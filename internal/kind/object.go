package kind

import (
	"cmp"
	"fmt"
)

// An Object is one object of the organization: the noun that both sides of a plan speak.
type Object struct {
	Kind   *Kind
	Addr   Address
	ID     string         // the API id; of a declared object its pin; "" of a setting
	Fields map[string]any // by YAML name: of a declared object what it declares, of a live one all that the schema names
	State  State

	// Declared objects only.
	Pos        Position
	Previously []string       // earlier keys
	FieldPos   FieldPositions // of words such as previously, too

	// Live objects only.
	Foreign bool  // others own it
	InUse   bool  // it is the admin key that this run uses
	Created int64 // Unix seconds; 0 = the API does not say
}

// A State is the stage of life of an object. The zero value is the normal one.
type State string

// The stages. Declared objects are present, absent or archived; live ones are anything but absent.
const (
	Present  State = ""
	Absent   State = "absent"
	Archived State = "archived"
	Waiting  State = "pending"  // invited, not accepted
	Expired  State = "expired"  // invited, and the invite ran out
	Used     State = "accepted" // an invite that was accepted: history
)

// A Position is a place in a file. The zero value is no place.
type Position struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Col  int    `json:"col"`
	From string `json:"from,omitempty"` // "profiles.production" where a profile says it
}

// String is file:line:col, or "" of the zero value.
func (p Position) String() string {
	if p.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// FieldPositions say where the fields of a declared object stand. They are few: a list takes a third of
// the memory of a map.
type FieldPositions []FieldPosition

// A FieldPosition is the place of one field.
type FieldPosition struct {
	Name string
	Position
}

// Of is where a field stands; the zero value where it does not.
func (ps FieldPositions) Of(name string) Position {
	for _, p := range ps {
		if p.Name == name {
			return p.Position
		}
	}
	return Position{}
}

// Compare orders positions by file, line and column.
func (p Position) Compare(q Position) int {
	return cmp.Or(cmp.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Col, q.Col))
}
