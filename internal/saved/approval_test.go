package saved_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/saved"
)

func TestApproval(t *testing.T) {
	t.Parallel()
	d := everything()
	word := saved.Approve(d).String()
	hash, digests, _ := strings.Cut(word, ":")
	if hash != d.Hash() || len(hash) != 64 || len(digests) != 6*len(d.Plan.Changes) {
		t.Errorf("the word is %s", word)
	}
	for _, s := range []string{word, hash, saved.Approve(saved.Document{}).String(), saved.Approve(large(64)).String(), saved.Approve(large(65)).String()} {
		a, err := saved.ParseApproval(s)
		if err != nil || a.String() != s {
			t.Errorf("%s comes back as %s, %v", s, a, err)
		}
	}
	if n := len(saved.Approve(large(64)).String()); n != 64+1+64*6 {
		t.Errorf("a word of 64 changes has %d characters", n)
	}
	if s := saved.Approve(large(65)).String(); s != large(65).Hash() {
		t.Errorf("a word of 65 changes is %s", s)
	}
}

// large is a document with n changes.
func large(n int) saved.Document {
	var d saved.Document
	for i := range n {
		d.Plan.Changes = append(d.Plan.Changes, plan.Change{Action: plan.Create, Addr: kind.Address(fmt.Sprintf("projects/p%d", i)), Risk: plan.Routine})
	}
	return d
}

func TestParseApprovalFailsClosed(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("0123456789abcdef", 4)
	for name, s := range map[string]string{
		"empty":               "",
		"too short":           hash[1:],
		"too long":            hash + "0",
		"upper case":          strings.ToUpper(hash),
		"a letter past f":     hash[1:] + "g",
		"blank before":        " " + hash,
		"blank after":         hash + " ",
		"a line":              hash + "\n",
		"a line of digests":   hash + ":aaaaaa\n",
		"blank inside":        hash[:32] + " " + hash[33:],
		"five digits":         hash + ":aaaaa",
		"seven digits":        hash + ":aaaaaaa",
		"a separator":         hash + ":aaaaaa,bbbbbb",
		"two colons":          hash + ":aaaaaa:bbbbbb",
		"not sorted":          hash + ":bbbbbbaaaaaa",
		"too many":            hash + ":" + strings.Repeat("aaaaaa", 65),
		"a prefix":            "sha256:" + hash,
		"no hash":             ":aaaaaa",
		"digits of elsewhere": strings.Repeat("\u0663", 64),
		"a glob":              "*",
	} {
		a, err := saved.ParseApproval(s)
		if err == nil {
			t.Errorf("%s: %q is an approval", name, s)
		}
		if same, _ := a.Compare(saved.Document{}); same {
			t.Errorf("%s: what failed approves", name)
		}
	}
	_, err := saved.ParseApproval(hash[1:])
	want := "not an approval: that is the hash of a plan, 64 digits 0-9 and a-f, and the colon and digits that may follow it, exactly as bylaw plan prints them"
	if err == nil || err.Error() != want {
		t.Errorf("error %v", err)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	const (
		gone  = "1 approved change is not in this plan any more"
		short = "the approval is too short to tell what differs"
		rest  = "the organization, or the guardrails' verdict, differs"
	)
	whole, bare := saved.Approve(everything()).String(), everything().Hash()
	for name, tc := range map[string]struct {
		word string
		edit func(d *saved.Document)
		want []string // nil: the same
	}{
		"the same":                 {whole, func(*saved.Document) {}, nil},
		"the same by its hash":     {bare, func(*saved.Document) {}, nil},
		"made at another time":     {whole, func(d *saved.Document) { d.Time, d.Tool = noon.AddDate(1, 0, 0), "v9" }, nil},
		"another body":             {whole, func(d *saved.Document) { d.Plan.Changes[2].Requests[0].Body["share"] = 1 }, []string{"spend_limit: to update it like this was not approved", gone}},
		"one more":                 {whole, func(d *saved.Document) { d.Plan.Changes = slices.Concat(d.Plan.Changes, large(1).Plan.Changes) }, []string{"projects/p0: to create it like this was not approved"}},
		"one twice":                {whole, func(d *saved.Document) { d.Plan.Changes = append(d.Plan.Changes, d.Plan.Changes[4]) }, []string{"projects/old: to archive it like this was not approved"}},
		"one less":                 {whole, func(d *saved.Document) { d.Plan.Changes = d.Plan.Changes[1:] }, []string{gone}},
		"none left":                {whole, func(d *saved.Document) { d.Plan.Changes = nil }, []string{"6 approved changes are not in this plan any more"}},
		"another organization":     {whole, func(d *saved.Document) { d.Organization = "org-other" }, []string{rest}},
		"the real thing":           {whole, func(d *saved.Document) { d.Sandbox = false }, []string{rest}},
		"not refused":              {whole, func(d *saved.Document) { d.Plan.Refusals = nil }, []string{rest}},
		"by its hash":              {bare, func(d *saved.Document) { d.Plan.Changes = nil }, []string{short}},
		"the digests only":         {strings.Repeat("0", 64) + whole[64:], func(*saved.Document) {}, []string{rest}},
		"too many to tell apart":   {saved.Approve(large(65)).String(), func(*saved.Document) {}, []string{short}},
		"nothing was approved":     {saved.Approve(saved.Document{}).String(), func(d *saved.Document) { *d = large(1) }, []string{"projects/p0: to create it like this was not approved"}},
		"many are not approved":    {saved.Approve(large(64)).String(), func(d *saved.Document) { *d = large(66) }, []string{"projects/p64: to create it like this was not approved", "projects/p65: to create it like this was not approved"}},
		"one more than was before": {saved.Approve(large(2)).String(), func(d *saved.Document) { *d = large(1) }, []string{gone}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := saved.ParseApproval(tc.word)
			if err != nil {
				t.Fatal(err)
			}
			d := everything()
			tc.edit(&d)
			same, differences := a.Compare(d)
			var got []string
			for _, d := range differences {
				got = append(got, d.String())
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || same != (tc.want == nil) {
				t.Errorf("same %v, differences (-want +got):\n%s", same, diff)
			}
		})
	}
	if same, _ := (saved.Approval{}).Compare(saved.Document{}); same {
		t.Error("no approval approves")
	}
}
