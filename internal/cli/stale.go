package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"time"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/observed"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/render"
	"github.com/bylaw-dev/bylaw/internal/saved"
)

// readPlan reads a saved plan; nil where the path is not one, but YAML.
func readPlan(path string) (*saved.Document, error) {
	data := savedFile(path)
	if data == nil {
		return nil, nil
	}
	d, err := saved.Read(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &d, nil
}

// savedFile is a file that bylaw saved; nil where the path is something else, for the reader of YAML to say what.
func savedFile(path string) []byte {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	data, err := os.ReadFile(path)
	if err != nil || !saved.Is(data) {
		return nil
	}
	return data
}

// take opens the organization that a saved plan is for.
func (c applyCmd) take(a *app, d saved.Document) (*task, error) {
	switch {
	case c.Base != nil || len(c.Only) > 0 || c.Snapshot != "" || c.Refresh != autoRefresh:
		return nil, usagef("a saved plan is applied as it is: --base, --only, --snapshot and --refresh go with the YAML")
	case len(c.Allow) > 0 && len(d.Plan.Refusals) > 0:
		return nil, usagef("the plan %s was refused when it was made, and stays so: --allow goes with bylaw plan", c.Path)
	case d.Sandbox != a.Sandbox:
		return nil, usagef("the plan %s is for %s: %s", c.Path, world(d.Sandbox), sandboxHint(d.Sandbox))
	case len(d.Readings) == 0, slices.ContainsFunc(d.Plan.Changes, func(ch plan.Change) bool { return len(ch.Requests) == 0 && ch.With == "" }):
		return nil, usagef("%s holds no requests: it is what bylaw diff or bylaw drift prints, and only a plan can be applied", c.Path)
	}
	t := &task{a: a, path: c.Path, flags: c.planFlags, base: d.Base}
	flags, err := c.input()
	if err != nil {
		return nil, usage(err)
	}
	if t.outputs, err = c.outputs(); err != nil {
		return nil, err
	}
	t.input = plan.Input{Want: d.Want, Declared: d.Declared, Allow: flags.Allow}
	if err := t.open(); err != nil {
		return nil, err
	}
	return t, nil
}

// holds reads what a saved plan touches and compares it with what the plan was made against. It also judges
// the plan by the key that is in use now.
func (t *task) holds(d *saved.Document) error {
	places := slices.Concat(d.Plan.Reads, d.Plan.Watch, placesOf(d.Plan.Uses))
	err := t.read(t.reader, plan.Needs{Places: places})
	live := t.reader.Live()
	switch {
	case d.Organization != "" && live.Organization != "" && d.Organization != live.Organization: // where its projects are not found
		return withStatus(exitRefused, fmt.Errorf("the plan is for %s, and %s answered: the key belongs to another organization", d.Organization, live.Organization))
	case errors.Is(err, adminapi.ErrNotFound):
		return withStatus(exitStale, fmt.Errorf("the plan is stale: what it changes is not there any more: %w", err))
	case err != nil:
		return err
	}
	if moved := slices.Concat(plan.Moved(d.Plan.Reads, d.Live, live), plan.Strayed(d.Plan.Uses, live)); len(moved) > 0 {
		return t.stale("plan", d.Time, moved, "plan again")
	}
	t.input.Live = live // a setting beside that somebody changed since is not put back
	t.input.Want, t.input.Declared = plan.Asks(t.input, d.Plan)
	refusals, needs := plan.GuardKey(d.Plan, live, t.input.Allow)
	if !needs.None() {
		if err := t.read(t.reader, needs); err != nil {
			return err
		}
		refusals, _ = plan.GuardKey(d.Plan, t.reader.Live(), t.input.Allow)
	}
	for _, r := range refusals {
		if !slices.ContainsFunc(d.Plan.Refusals, func(said plan.Refusal) bool { return reflect.DeepEqual(said, r) }) {
			d.Plan.Refusals = append(d.Plan.Refusals, r)
		}
	}
	return nil
}

// stale says what moved since something was made.
func (t *task) stale(what string, at time.Time, moved []plan.Move, hint string) error {
	fmt.Fprintf(t.out(), "The %s is stale: since it was made at %s this moved:\n", what, at.UTC().Format(time.RFC3339))
	render.Moves(t.out(), moved)
	return withStatus(exitStale, errors.New("nothing was applied; "+hint))
}

// recalled looks again at what the requests rest on and only a snapshot told: they name it by id, and it may be
// something else by now.
func (t *task) recalled(p plan.Plan) error {
	if t.recall == nil || t.recall.file == "" {
		return nil
	}
	reads := slices.DeleteFunc(slices.Clone(p.Reads), func(r kind.Place) bool { return !t.recall.may(r) })
	uses := slices.DeleteFunc(slices.Clone(p.Uses), func(u plan.Use) bool { return !t.recall.may(u.Place) })
	now := observed.New(t.s.client, t.s.key)
	if err := t.read(now, plan.Needs{Places: slices.Concat(reads, placesOf(uses))}); err != nil {
		return t.outdated(err)
	}
	moved := slices.Concat(plan.Moved(reads, t.reader.Live(), now.Live()), plan.Strayed(uses, now.Live()))
	if len(moved) > 0 {
		return t.stale("snapshot "+render.Clean(t.recall.file), t.recall.snapshot.Time, moved, "take it again, or leave it out")
	}
	return nil
}

// outdated says of what was not found that a snapshot told of it.
func (t *task) outdated(err error) error {
	if t.recall != nil && t.recall.file != "" && errors.Is(err, adminapi.ErrNotFound) {
		return withStatus(exitStale, fmt.Errorf("the snapshot %s is stale: what it tells of is not there any more; take it again, or leave it out: %w", t.recall.file, err))
	}
	return err
}

func placesOf(uses []plan.Use) []kind.Place {
	var out []kind.Place
	for _, u := range uses {
		out = append(out, u.Place)
	}
	return out
}

// approved compares a plan with what was approved, and says what differs.
func (t *task) approved(a saved.Approval, d saved.Document) error {
	same, differences := a.Compare(d)
	if same {
		return nil
	}
	fmt.Fprintln(t.out(), "This is not the plan that was approved:")
	for _, diff := range differences {
		fmt.Fprintln(t.out(), render.Line("  "+diff.String()))
	}
	return withStatus(exitStale, fmt.Errorf("nothing was applied; to approve this plan: --approved %s", saved.Approve(d)))
}
