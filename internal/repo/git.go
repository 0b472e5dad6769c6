package repo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// A git is the git program, 2.30 or later, run in a directory.
type git struct{ dir string }

// maxAnswer is the most that git may answer at once, in bytes. A few small trees in each other can list
// more files than any machine holds.
const maxAnswer = 256 << 20

// settings win over those of the repository: no program that they name is run, and a directory of the
// checkout that looks like a bare repository, with settings of its own, is not taken for one.
var settings = []string{
	"-c", "core.fsmonitor=false",
	"-c", "core.hooksPath=/dev/null",
	"-c", "safe.bareRepository=explicit",
}

// environment is what git must know: words to recognize, no questions, no network, no refreshed index,
// paths that are not patterns, and objects that are what they are called.
var environment = []string{
	"LC_ALL=C",
	"GIT_TERMINAL_PROMPT=0",
	"GIT_ALLOW_PROTOCOL=none", // a git before GIT_NO_LAZY_FETCH cannot fetch either
	"GIT_NO_LAZY_FETCH=1",
	"GIT_OPTIONAL_LOCKS=0",
	"GIT_LITERAL_PATHSPECS=1",
	"GIT_NO_REPLACE_OBJECTS=1",
}

// strays are variables that name another repository than that of the path, as they do inside of a hook,
// or that change what git answers.
var strays = []string{
	"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_NAMESPACE",
	"GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE",
	"OPENAI_ADMIN_KEY", // which is none of git's business
	"GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS", "GIT_EXTERNAL_DIFF",
}

// run is what git answers.
func (g git) run(ctx context.Context, args ...string) ([]byte, error) { return g.ask(ctx, "", args...) }

// ask is what git answers to an input.
func (g git) ask(ctx context.Context, input string, args ...string) ([]byte, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	out, said := answer{full: stop}, bytes.Buffer{}
	cmd := exec.CommandContext(ctx, "git", slices.Concat([]string{"--no-pager"}, settings, args)...)
	cmd.Dir = g.dir
	cmd.Env = append(slices.DeleteFunc(os.Environ(), stray), environment...)
	cmd.Stdin = strings.NewReader(input)
	cmd.Stdout, cmd.Stderr = &out, &said
	cmd.WaitDelay = 5 * time.Second // for what it started itself, and what holds its output open
	err := cmd.Run()
	switch exit := (&exec.ExitError{}); {
	case err == nil:
		return out.Bytes(), nil
	case errors.Is(err, exec.ErrNotFound):
		return nil, fmt.Errorf("%w can be read without the git program: %w", ErrNone, err)
	case context.Cause(ctx) != nil:
		return nil, fmt.Errorf("git %s: %w", args[0], context.Cause(ctx))
	case errors.As(err, &exit):
		return out.Bytes(), &failure{verb: args[0], status: exit.ExitCode(), line: lastLine(said.String())}
	}
	return nil, fmt.Errorf("git %s: %w", args[0], err)
}

func stray(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return slices.Contains(strays, name)
}

// An answer is kept as long as it is not too long.
type answer struct {
	bytes.Buffer
	full context.CancelCauseFunc
}

func (a *answer) Write(p []byte) (int, error) {
	if a.Len()+len(p) > maxAnswer {
		a.full(fmt.Errorf("the answer is larger than %d MiB; name a directory with less in it", maxAnswer>>20))
		return len(p), nil
	}
	return a.Buffer.Write(p)
}

// A failure is an exit status of git other than 0.
type failure struct {
	verb   string
	status int
	line   string // what it said
}

func (f *failure) Error() string {
	if f.line == "" {
		return fmt.Sprintf("git %s: exit status %d", f.verb, f.status)
	}
	return fmt.Sprintf("git %s: %s", f.verb, f.line)
}

// lastLine is the last line that says what went wrong. Hints may follow it; the one that is kept is the
// command that helps where the checkout belongs to another user ("dubious ownership").
func lastLine(said string) string {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	last := strings.TrimSpace(lines[len(lines)-1])
	for _, l := range slices.Backward(lines) {
		if !strings.HasPrefix(l, "fatal: ") && !strings.HasPrefix(l, "error: ") {
			continue
		}
		if strings.HasPrefix(last, "git config ") {
			return l + "; " + last
		}
		return l
	}
	return last
}
