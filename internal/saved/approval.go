package saved

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/dustin/go-humanize/english"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

const (
	mostDigests = 64 // changes that an approval tells apart
	shortDigest = 6  // hex digits of each
)

// An Approval is a word that stands for a plan. The zero value approves of none.
type Approval struct {
	hash    string
	changes []string // short digests, sorted; nil where the word does not have them
}

// Approve is the approval of the plan of a document.
func Approve(d Document) Approval {
	a := Approval{hash: d.Hash()}
	if len(d.Plan.Changes) <= mostDigests {
		a.changes = shortDigests(d)
		slices.Sort(a.changes)
	}
	return a
}

// shortDigests tell the changes apart, in their order.
func shortDigests(d Document) []string {
	out := changeDigests(d.Plan)
	for i := range out {
		out[i] = out[i][:shortDigest]
	}
	return out
}

// String is the word: the hash and, of a plan of few changes, a colon and a digest of each.
func (a Approval) String() string {
	if a.changes == nil {
		return a.hash
	}
	return a.hash + ":" + strings.Join(a.changes, "")
}

var (
	approvalForm = regexp.MustCompile(fmt.Sprintf(`^[0-9a-f]{64}(:([0-9a-f]{%d}){0,%d})?$`, shortDigest, mostDigests))

	errNoApproval = errors.New("not an approval: that is the hash of a plan, 64 digits 0-9 and a-f, and the colon and digits that may follow it, exactly as bylaw plan prints them")
)

// ParseApproval reads an approval as String writes it, or only its hash, and nothing that is merely like it.
func ParseApproval(s string) (Approval, error) {
	if !approvalForm.MatchString(s) {
		return Approval{}, errNoApproval
	}
	hash, rest, more := strings.Cut(s, ":")
	a := Approval{hash: hash}
	if more {
		a.changes = []string{}
	}
	for chunk := range slices.Chunk([]byte(rest), shortDigest) {
		a.changes = append(a.changes, string(chunk))
	}
	if !slices.IsSorted(a.changes) {
		return Approval{}, errNoApproval
	}
	return a, nil
}

// A Difference is one thing in which a plan is not the one that was approved.
type Difference struct {
	Addr    kind.Address // of a change that was not approved; "" of anything else
	Message string
}

// String is the difference as people read it.
func (d Difference) String() string {
	if d.Addr == "" {
		return d.Message
	}
	return string(d.Addr) + ": " + d.Message
}

// Compare says whether the plan of a document is the one that was approved, which only the whole hash tells,
// and if it is not, in what it differs, as far as the word can tell.
func (a Approval) Compare(d Document) (same bool, differences []Difference) {
	if a.hash == d.Hash() {
		return true, nil
	}
	if a.changes == nil {
		return false, []Difference{{Message: "the approval is too short to tell what differs"}}
	}
	left := slices.Clone(a.changes)
	for i, short := range shortDigests(d) {
		if at := slices.Index(left, short); at >= 0 {
			left = slices.Delete(left, at, at+1)
			continue
		}
		c := d.Plan.Changes[i]
		differences = append(differences, Difference{c.Addr, "to " + c.Verb() + " it like this was not approved"})
	}
	if n := len(left); n > 0 {
		differences = append(differences, Difference{Message: english.PluralWord(n, "1 approved change is", fmt.Sprintf("%d approved changes are", n)) + " not in this plan any more"})
	}
	if len(differences) == 0 {
		differences = []Difference{{Message: "the organization, or the guardrails' verdict, differs"}}
	}
	return false, differences
}
