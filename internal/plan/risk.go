package plan

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// worst is the first of the risks in the order in which people should look.
func worst(a, b Risk) Risk {
	for _, r := range Risks() {
		if r == a || r == b {
			return r
		}
	}
	return Routine
}

// createRisk: the highest rank of a field is an escalation; a new restriction of what already runs is
// disruptive.
func (m *maker) createRisk(w *kind.Object, k *kind.Kind) Risk {
	if k.Setting() {
		if p := w.Addr.Parent(); !k.Delete.None() && (p == "" || m.ix.one(p) != nil) {
			return Disruptive
		}
		return Routine
	}
	if k.CreateRisk != "" {
		return Risk(k.CreateRisk)
	}
	for name, order := range k.Power {
		ranks := strings.Fields(order)
		if v := w.Fields[name]; len(ranks) > 0 && v == ranks[len(ranks)-1] {
			return Escalation
		}
	}
	return Routine
}

// deleteRisk: what restricts lifts its restriction when it goes; all else is missed.
func deleteRisk(k *kind.Kind) Risk {
	switch {
	case k.Irreversible:
		return Irreversible
	case k.Setting() && len(k.Power) > 0:
		return Escalation
	}
	return Disruptive
}

// updateRisk is the worst of the changed fields.
func (m *maker) updateRisk(w *kind.Object, diff []FieldDiff) Risk {
	risk := Routine
	for _, d := range diff {
		risk = worst(risk, fieldRisk(w, diff, d))
	}
	return risk
}

func fieldRisk(w *kind.Object, diff []FieldDiff, d FieldDiff) Risk {
	order, ok := w.Kind.Power[topLevel(d.Name)]
	if !ok {
		if order, ok = w.Kind.Power["*"]; !ok || d.Name == w.Kind.Key {
			return Routine
		}
	}
	up, down := direction(order, d)
	if w.Kind.Inverse != "" && isList(d) {
		field, _, _ := strings.Cut(w.Kind.Inverse, "=")
		if slices.ContainsFunc(diff, func(other FieldDiff) bool { return other.Name == field }) {
			return Routine // the sense of the list itself changed, and that field tells the risk
		}
		if kind.Holds(w.Kind.Inverse, w.Fields) {
			up, down = down, up
		}
	}
	switch {
	case down:
		return Disruptive
	case up:
		return Escalation
	}
	return Routine
}

func isList(d FieldDiff) bool {
	_, old := d.Old.([]any)
	_, new := d.New.([]any)
	return old || new
}

// direction says whether a field goes up, down, or, as a set may, both. What cannot be ranked counts
// as down, the worse of the two.
func direction(order string, d FieldDiff) (up, down bool) {
	if ranks := strings.Fields(order); len(ranks) > 0 && !(isSet(d.Old) && isSet(d.New)) {
		old, new := rankIn(ranks, d.Old), rankIn(ranks, d.New)
		return old != unranked && new > old, new < old || old == unranked
	}
	switch new := d.New.(type) {
	case int64:
		old, ok := d.Old.(int64)
		return ok && new > old, !ok || new < old
	case bool:
		return new, !new
	case []any:
		old, _ := d.Old.([]any)
		up, down = lacks(old, new), lacks(new, old)
		return up, down || !up // the same elements in another order: what has an order is no set
	}
	return false, true
}

const unranked = -2

// rankIn is the place of a value in an order. A set is below all words that stand for more.
func rankIn(ranks []string, v any) int {
	if i := slices.Index(ranks, fmt.Sprint(v)); i >= 0 || isSet(v) {
		return i
	}
	return unranked
}

func isSet(v any) bool {
	_, ok := v.([]any)
	return ok
}

// lacks says that have misses an element of want.
func lacks(have, want []any) bool {
	return slices.ContainsFunc(want, func(e any) bool {
		return !slices.ContainsFunc(have, func(h any) bool { return reflect.DeepEqual(h, e) })
	})
}
