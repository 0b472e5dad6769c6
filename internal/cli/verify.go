package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/apply"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/observed"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/render"
	"github.com/bylaw-dev/bylaw/internal/saved"
)

// verifyFor is how long reads may lag behind what was written.
const verifyFor = time.Minute

// verify reads the touched collections back through the same plan, which must find nothing more to do
// there. Reads may lag, so it asks again for a while. A setting that was disturbed by what was written
// beside it is put back.
func (t *task) verify(p plan.Plan, report apply.Report) error {
	in := t.input
	if in.Only = touched(p, report); len(in.Only) == 0 {
		return nil
	}
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval, wait.RandomizationFactor = time.Second, 15*time.Second, 0
	for until := time.Now().Add(verifyFor); ; {
		r := t.newReader()
		left, err := t.planAgain(r, in)
		if err != nil {
			return fmt.Errorf("read back: %w", err)
		}
		if disturbed(p, left) {
			return t.restore(left)
		}
		if len(left.Changes)+len(left.Problems) == 0 {
			return t.watched(p, r)
		}
		if !time.Now().Before(until) {
			return t.notVerified(left)
		}
		if err := adminapi.Pause(t.s.ctx, wait.NextBackOff()); err != nil {
			return fmt.Errorf("read back: %w", err)
		}
	}
}

// asks makes what a plan with a base, or a saved one, asks all that is declared: the rest is not looked at
// when it is read back.
func (t *task) asks(d saved.Document) {
	if t.input.Base != nil {
		t.input = plan.Input{Want: d.Want, Declared: d.Declared, Allow: t.input.Allow}
	}
}

// planAgain is plan, but for addresses that may be gone by now.
func (t *task) planAgain(r *observed.Reader, in plan.Input) (plan.Plan, error) {
	p, err := t.plan(r, in, first)
	if errors.Is(err, plan.ErrNoMatch) {
		return p, nil
	}
	return p, err
}

// touched is where something was written, and what that may have disturbed; nil where nothing was.
func touched(p plan.Plan, report apply.Report) kind.Globs {
	var out kind.Globs
	for _, r := range report.Results {
		if r.Outcome == apply.Done {
			out = append(out, kind.Glob(r.Change.Addr))
		}
	}
	if out == nil {
		return nil
	}
	for _, w := range p.Watch {
		out = append(out, kind.Glob(w.In))
	}
	return out
}

// disturbed says that all that is left to do is to put back settings that the plan did not name.
func disturbed(p, left plan.Plan) bool {
	watched := map[kind.Address]bool{}
	for _, w := range p.Watch {
		watched[w.In] = true
	}
	for _, c := range left.Changes {
		if !watched[c.Addr] {
			return false
		}
	}
	return len(left.Changes) > 0
}

// restore puts disturbed settings back.
func (t *task) restore(left plan.Plan) error {
	left.Refusals = nil // what is put back was approved as it is declared
	for _, c := range left.Changes {
		fmt.Fprintf(t.out(), "disturbed %s: the API changed it along with what was written; putting it back\n", render.Clean(string(c.Addr)))
	}
	report, err := t.run(left)
	if err != nil {
		return err
	}
	if report.Count(apply.Done) < len(report.Results) {
		return withStatus(exitPartly, nil)
	}
	return t.verify(left, report)
}

// watched compares the settings that nobody declared and the plan may have disturbed.
func (t *task) watched(p plan.Plan, r *observed.Reader) error {
	if err := r.Read(t.s.ctx, p.Watch); err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	before, after := fieldsAt(t.reader.Live()), fieldsAt(r.Live())
	found := false
	for _, w := range p.Watch {
		if !reflect.DeepEqual(before[w.In], after[w.In]) {
			found = true
			fmt.Fprintf(t.out(), "disturbed %s: the plan does not ask for it, and it was %s and is %s\n", render.Clean(string(w.In)), fieldsText(before[w.In]), fieldsText(after[w.In]))
		}
	}
	if found {
		return withStatus(exitPartly, nil)
	}
	fmt.Fprintln(t.out(), "Verified: what was written reads back as declared.")
	return nil
}

func fieldsAt(l kind.Live) map[kind.Address]map[string]any {
	out := map[kind.Address]map[string]any{}
	for _, o := range l.Objects {
		if o.Kind.Setting() {
			out[o.Addr] = o.Fields
		}
	}
	return out
}

func fieldsText(fields map[string]any) string {
	if fields == nil {
		return "not set"
	}
	b, err := json.Marshal(fields)
	if err != nil {
		return render.Clean(fmt.Sprint(fields))
	}
	return render.Clean(string(b))
}

func (t *task) notVerified(left plan.Plan) error {
	fmt.Fprintf(t.out(), "not verified: what was written does not read back as declared after %s:\n", verifyFor)
	render.Text(t.out(), left, t.options())
	return withStatus(exitPartly, nil)
}
