package repo_test

import "flag"

// go test ./... -update reaches every package, and one that does not know the flag fails.
var _ = flag.Bool("update", false, "rewrite golden files; there are none here")
