package e2e_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

var _ = flag.Bool("update", false, "rewrite golden files; there are none here")

// TestUpdateFlag: go test ./... -update reaches every package, and one that does not know the flag fails.
func TestUpdateFlag(t *testing.T) {
	t.Parallel()
	for dir, p := range goDirs(t) {
		tests := append(slices.Clone(p.TestGoFiles), p.XTestGoFiles...)
		knows := slices.ContainsFunc(tests, func(name string) bool {
			b, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			return bytes.Contains(b, []byte(`flag.Bool("update"`))
		})
		if len(tests) > 0 && !knows {
			t.Errorf("%s: its tests do not know -update: copy update_test.go from internal/sim", dir)
		}
	}
}
