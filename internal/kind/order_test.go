package kind_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// Whatever order addresses come in, sorting them gives one.
func TestCompareIsAnOrder(t *testing.T) {
	t.Parallel()
	keys := rapid.StringMatching(`[05~]{0,3}[a5]?|~.`)
	sections := []string{"users", "spend_alerts", "projects"}
	address := rapid.Custom(func(t *rapid.T) kind.Address {
		return kind.Address("").Join(rapid.SampledFrom(sections).Draw(t, "section"), keys.Draw(t, "key"))
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := address.Draw(t, "a"), address.Draw(t, "b"), address.Draw(t, "c")
		if a.Compare(b) != -b.Compare(a) || (a.Compare(b) == 0) != (a == b) {
			t.Fatalf("%s and %s: %d, and the other way round %d", a, b, a.Compare(b), b.Compare(a))
		}
		if a.Compare(b) < 0 && b.Compare(c) < 0 && a.Compare(c) >= 0 {
			t.Fatalf("%s < %s < %s, but not %s < %s", a, b, c, a, c)
		}
	})
}

// Amounts stand in the order of money, and what shares one beside it.
func TestAmountsAreInOrder(t *testing.T) {
	t.Parallel()
	want := []kind.Address{"spend_alerts/0", "spend_alerts/500", "spend_alerts/500~alert_1", "spend_alerts/700", "spend_alerts/50000", "spend_alerts/60000", "spend_alerts/a"}
	for i := range want[1:] {
		if want[i].Compare(want[i+1]) >= 0 {
			t.Errorf("%s does not stand before %s", want[i], want[i+1])
		}
	}
}
