package ci_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// appliedRef keeps what of acme was applied.
const appliedRef = "refs/bylaw/applied/acme"

func (w *world) apply(t *testing.T, more map[string]any) *run {
	t.Helper()
	return w.start(t, "apply", input{github: map[string]any{"event_name": "push"}, inputs: w.called(more)})
}

// applied is a repository whose main is applied.
func applied(t *testing.T) *world {
	t.Helper()
	w := oneOrganization(t)
	w.git(w.tree, "push", "--quiet", "origin", "main:"+appliedRef)
	return w
}

// A merge is applied, and the ref follows; then there is nothing to apply.
func TestApply(t *testing.T) {
	t.Parallel()
	w := applied(t)
	done := "organizations success, apply success, applied success"
	head := w.merge(map[string]string{"orgs/acme/org.yaml": acmeWith(400)})
	r := w.apply(t, nil)
	r.ended(t, done)
	want := []string{`POST /v1/organization/projects/proj_sim0002/rate_limits/rl-gpt-4.1 {"max_requests_per_1_minute":400}`}
	if d := cmp.Diff(want, w.writes()); d != "" {
		t.Error(d)
	}
	if got := w.tip(appliedRef); got != head {
		t.Errorf("the ref is at %s, want %s", got, head)
	}
	has(t, read(t, filepath.Join(r.dir, "artifacts/bylaw-journal-0/acme.jsonl")), "rate_limits", "400")

	idle := "organizations success, apply skipped, applied skipped"
	w.apply(t, nil).ended(t, idle)
	w.merge(map[string]string{"README.md": "hello\n"})
	w.apply(t, nil).ended(t, idle)
	byHand := w.start(t, "apply", input{github: map[string]any{"event_name": "workflow_dispatch"}, inputs: w.called(nil)})
	byHand.ended(t, done) // all organizations, changed or not
	if got := w.writes(); got != nil {
		t.Errorf("applied again: %v", got)
	}
}

// Nothing tells what was applied before the first run: it says what to do, and does nothing.
func TestApplyTheFirstTime(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	base := w.tip("refs/heads/main")
	head := w.merge(map[string]string{"orgs/acme/org.yaml": acmeWith(400)})
	r := w.apply(t, nil)
	r.ended(t, "organizations success, apply failure, applied success")
	has(t, r.said(), "git push origin COMMIT:"+appliedRef)
	if got := w.writes(); got != nil || w.tip(appliedRef) != "" {
		t.Errorf("it applied: %v", got)
	}
	w.apply(t, map[string]any{"base": base}).ended(t, "organizations success, apply success, applied success")
	if got := w.writes(); len(got) != 1 || w.tip(appliedRef) != head {
		t.Errorf("%v, the ref is at %s", got, w.tip(appliedRef))
	}
}

// An old run that is started again, or waited for an approval, is not what main says any more.
func TestApplyOfAnOldCommit(t *testing.T) {
	t.Parallel()
	w := applied(t)
	old := w.merge(map[string]string{"orgs/acme/org.yaml": acmeWith(400)})
	head := w.merge(map[string]string{"orgs/acme/org.yaml": acmeWith(300)})
	r := w.start(t, "apply", input{github: map[string]any{"event_name": "push", "sha": old}, inputs: w.called(nil)})
	r.ended(t, "organizations success, apply failure, applied success")
	has(t, r.said(), "the tip of main is "+head)
	if got := w.writes(); got != nil || w.tip(appliedRef) == old {
		t.Errorf("it applied: %v", got)
	}
}

// Whoever may push may move the ref. A commit that was never merged could declare what main does not, so that it
// would be removed.
func TestApplyFromAStrangeBase(t *testing.T) {
	t.Parallel()
	w := applied(t)
	stray := w.open(repository, map[string]string{"orgs/acme/org.yaml": acme + "    users: [{email: grace@acme.example, role: member}]\n"})
	w.git(w.tree, "push", "--quiet", "--force", "origin", stray+":"+appliedRef)
	w.merge(map[string]string{"orgs/acme/org.yaml": acme + "    users: []\n"})
	r := w.apply(t, nil)
	r.ended(t, "organizations success, apply failure, applied success")
	has(t, r.said(), "which is not in the history of main")
	if got := w.writes(); got != nil {
		t.Errorf("it applied: %v", got)
	}
}

// A failure leaves the ref, so that the next run does the rest; the journal is kept. Another organization's ref
// moves all the same.
func TestApplyFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"orgs/acme/org.yaml": acme, "orgs/globex/org.yaml": globex})
	w.keys["bylaw-apply-globex"] = sim.DefaultAdminKey
	base := w.tip("refs/heads/main")
	w.git(w.tree, "push", "--quiet", "origin", "main:"+appliedRef, "main:refs/bylaw/applied/globex")
	head := w.merge(map[string]string{"orgs/acme/org.yaml": acmeWith(1000000), // more than the API takes
		"orgs/globex/org.yaml": strings.ReplaceAll(globex, "member", "owner")})
	r := w.apply(t, nil)
	r.ended(t, "organizations success, apply failure, applied success")
	if acme, globex := w.tip(appliedRef), w.tip("refs/bylaw/applied/globex"); acme != base || globex != head {
		t.Errorf("the refs are at %s and %s\n%s", acme, globex, r.said())
	}
	has(t, read(t, filepath.Join(r.dir, "artifacts/bylaw-journal-0/acme.jsonl")), "1000000")
	head = w.merge(map[string]string{"orgs/acme/org.yaml": acmeWith(400)})
	w.apply(t, nil).ended(t, "organizations success, apply success, applied success")
	if got := w.tip(appliedRef); got != head {
		t.Errorf("the ref is at %s", got)
	}
}

// The word of the comment approves the plan that was read, also after others merged what has nothing to do with it; it
// approves no other plan, and of no other organization.
func TestApplyWhatWasApproved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"orgs/acme/org.yaml": acme, "orgs/globex/org.yaml": globex})
	w.git(w.tree, "push", "--quiet", "origin", "main:"+appliedRef, "main:refs/bylaw/applied/globex")
	change := map[string]string{"orgs/acme/org.yaml": acmeWith(400)}
	w.plan(t, w.open(repository, change), repository)
	word := regexp.MustCompile("`([0-9a-f]{64}:[0-9a-f]*)`").FindStringSubmatch(w.kept().Comments["7"][0].Body)
	if word == nil {
		t.Fatalf("there is no word in:\n%s", w.kept().Comments["7"][0].Body)
	}
	w.merge(map[string]string{"README.md": "hello\n"})
	w.git(w.tree, "push", "--quiet", "origin", "main:"+appliedRef)
	w.merge(change)
	byHand := func(organization, word string) *run {
		return w.start(t, "apply", input{github: map[string]any{"event_name": "workflow_dispatch"},
			inputs: w.called(map[string]any{"organization": organization, "approved": word})})
	}
	none := byHand("", word[1])
	none.ended(t, "organizations failure, apply skipped, applied skipped")
	has(t, none.said(), "name it")
	const limit = "/organization/projects/proj_sim0002/rate_limits/rl-gpt-4.1"
	w.byHand(t, "POST", limit, `{"max_requests_per_1_minute": 450}`)
	stale := byHand("acme", word[1])
	stale.ended(t, "organizations success, apply failure, applied success")
	has(t, stale.said(), "exit status 4", "projects/search-prod/rate_limits/gpt-4.1")
	if got := w.writes(); got != nil {
		t.Errorf("it applied what nobody approved: %v", got)
	}
	w.byHand(t, "POST", limit, `{"max_requests_per_1_minute": 500}`)
	byHand("acme", word[1]).ended(t, "organizations success, apply success, applied success")
	if got := w.writes(); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

// The tip is that of the branch, whatever other refs end like its name.
func TestApplyBesideALikeRef(t *testing.T) {
	t.Parallel()
	w := applied(t)
	w.git(w.tree, "push", "--quiet", "origin", "main:refs/x/refs/heads/main")
	w.merge(map[string]string{"orgs/acme/org.yaml": acmeWith(400)})
	w.apply(t, nil).ended(t, "organizations success, apply success, applied success")
}

// A ref that cannot move, as one stands where its directory should be, does not keep the others from moving.
func TestApplyWhereARefIsInTheWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"orgs/acme/org.yaml": acme, "orgs/globex/eu/org.yaml": globex})
	base := w.tip("refs/heads/main")
	for _, name := range []string{"acme", "globex/eu"} {
		w.keys["bylaw-apply-"+name] = sim.DefaultAdminKey
	}
	w.git(w.tree, "push", "--quiet", "origin", "main:refs/bylaw/applied/acme/eu", "main:refs/bylaw/applied/globex/eu")
	head := w.merge(map[string]string{"orgs/acme/org.yaml": acmeWith(400), "orgs/globex/eu/org.yaml": strings.ReplaceAll(globex, "member", "owner")})
	r := w.apply(t, map[string]any{"base": base})
	r.ended(t, "organizations success, apply success, applied failure")
	has(t, r.said(), "but refs/bylaw/applied/acme does not say so")
	if got := w.tip("refs/bylaw/applied/globex/eu"); got != head {
		t.Errorf("the other ref is at %s, want %s", got, head)
	}
}
