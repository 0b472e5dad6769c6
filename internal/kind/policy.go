package kind

import (
	"fmt"
	"strconv"
	"strings"
)

// A Policy is what a plan may do at most: the policy block of the root file.
type Policy struct {
	Organization   string // "" = not checked
	Witness        string // API id of a project that must be visible; "" = not checked
	Prune          Globs
	Protect        Globs
	MaxRemovals    *Cap // nil = 25 %, five always allowed
	MaxArchives    *int // nil = no cap, as for the next two
	MaxCreates     *int
	MaxInvites     *int
	MinOwners      int // 0 = 1
	RequiredOwners []string

	Revert Globs // drift here is put back by an apply with a base, unless Report matches, too
	Report Globs // drift here is only reported, as it is where nothing matches
	Lanes  []Lane

	// No part of a plan: projects where a key that a person owns is a finding.
	ServiceAccountKeysOnly Globs

	Pos map[string]Position // where each field stands
}

// Reverts says that what drifted at an address is put back.
func (p Policy) Reverts(a Address) bool { return p.Revert.Match(a) && !p.Report.Match(a) }

// A Lane says what the fragments at some paths may declare.
type Lane struct {
	Files Glob  // of paths below the root file's directory, with slashes
	May   Globs // of addresses
	Pos   Position
}

// Has says that the lane is that of a file.
func (l Lane) Has(path string) bool { return l.Files.Match(Address(path)) }

// A Cap is a number of objects or a percentage of them.
type Cap struct {
	N       int
	Percent bool
}

// ParseCap reads "25%" or "10".
func ParseCap(s string) (Cap, error) {
	digits, percent := strings.CutSuffix(s, "%")
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || percent && n > 100 {
		return Cap{}, fmt.Errorf("cap %q: not a number or a percentage such as 25%%", s)
	}
	return Cap{n, percent}, nil
}

// Of is the number that the cap allows out of total, rounded down.
func (c Cap) Of(total int) int {
	if c.Percent {
		return total * c.N / 100
	}
	return c.N
}

// String is the cap as the YAML spells it.
func (c Cap) String() string {
	if c.Percent {
		return fmt.Sprintf("%d%%", c.N)
	}
	return strconv.Itoa(c.N)
}
