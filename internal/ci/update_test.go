package ci_test

import "flag"

// Every package knows the flag, so that go test ./... -update works.
var _ = flag.Bool("update", false, "rewrite golden files; there are none here")
