package cli_test

import (
	"maps"
	"slices"

	"github.com/rogpeppe/go-internal/testscript"
)

// gitEnv is git without anybody's settings, and with one author and one date, so that commits have the
// same ids everywhere.
var gitEnv = map[string]string{
	"GIT_CONFIG_GLOBAL":   "/dev/null",
	"GIT_CONFIG_NOSYSTEM": "1",
	"GIT_AUTHOR_NAME":     "Ada", "GIT_AUTHOR_EMAIL": "ada@acme.example", "GIT_AUTHOR_DATE": "2026-01-31T12:00:00Z",
	"GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@acme.example", "GIT_COMMITTER_DATE": "2026-01-31T12:00:00Z",
}

func gitRepo(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 1, "repo DIR")
	for _, name := range slices.Sorted(maps.Keys(gitEnv)) {
		ts.Setenv(name, gitEnv[name])
	}
	ts.Check(ts.Exec("git", "-c", "init.defaultBranch=main", "init", "--quiet", "--template=", ts.MkAbs(args[0])))
}

func gitCommit(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 2, "commit DIR MESSAGE")
	dir := ts.MkAbs(args[0])
	ts.Check(ts.Exec("git", "-C", dir, "add", "--all", "."))
	ts.Check(ts.Exec("git", "-C", dir, "commit", "--quiet", "--message", args[1]))
}
