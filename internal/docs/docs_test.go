package docs_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/docs"
)

func TestKindsIsCurrent(t *testing.T) {
	t.Parallel()
	want, err := docs.Kinds()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/kinds.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("run go generate ./internal/docs (-want +got):\n%s", diff)
	}
}
