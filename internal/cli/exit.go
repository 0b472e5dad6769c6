package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/desired"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/observed"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/render"
)

// Exit statuses. They are part of the interface: README.md lists them.
const (
	exitOK         = 0
	exitError      = 1  // an error, mistakes in the YAML, or problems in the plan
	exitChanges    = 2  // changes are pending with --detailed-exitcode, or something drifted
	exitRefused    = 3  // a guardrail refuses the plan
	exitStale      = 4  // what lives is not what the plan was made against, or the plan not what was approved
	exitPartly     = 5  // partly applied
	exitFindings   = 6  // keys --fail-on: there are findings
	exitUsage      = 64 // wrong usage
	exitTime       = 75 // out of time or throttled; running again is safe
	exitPermission = 77 // no key, or one without the permission
)

// A statusError ends the program with a status. Without a cause all was said already.
type statusError struct {
	status int
	cause  error
}

func (e *statusError) Error() string {
	if e.cause == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.cause.Error()
}

func (e *statusError) Unwrap() error { return e.cause }

func withStatus(status int, cause error) error { return &statusError{status, cause} }

func usage(err error) error { return withStatus(exitUsage, err) }

func usagef(format string, args ...any) error { return usage(fmt.Errorf(format, args...)) }

// fail prints an error, once, and picks the exit status. All errors of the program end here.
func (a *app) fail(err error) int {
	var said *statusError
	var mistakes desired.Mistakes
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &mistakes):
		a.mistakes(mistakes)
		return exitError
	case errors.As(err, &said):
		if said.cause != nil {
			a.printError(said.cause)
		}
		return said.status
	}
	a.printError(err)
	return statusOf(err)
}

func statusOf(err error) int {
	switch {
	case errors.Is(err, adminapi.ErrPermission):
		return exitPermission
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.Is(err, adminapi.ErrThrottled):
		return exitTime
	}
	return exitError
}

func (a *app) printError(err error) {
	text := render.Clean(strings.ReplaceAll(err.Error(), "\n", "; "))
	fmt.Fprintf(a.Stderr, "bylaw: %s\n", text)
	if hint := hintFor(err); hint != "" {
		fmt.Fprintf(a.Stderr, "bylaw: %s\n", hint)
	}
	a.annotate(kind.Position{}, text)
}

func hintFor(err error) string {
	switch {
	case errors.Is(err, adminapi.ErrPermission):
		return "an admin key with every permission is made under Settings > Organization > Admin keys"
	case errors.Is(err, adminapi.ErrAddress):
		return "is the base URL right? OpenAI's is https://api.openai.com/v1, with /v1; see --base-url and OPENAI_BASE_URL"
	case errors.Is(err, observed.ErrNotRecalled):
		return "the snapshot was taken for other YAML: take it again, or read what lives with --refresh all"
	case errors.Is(err, context.DeadlineExceeded):
		return "run it again, it is safe; --deadline gives it more time"
	}
	return ""
}

func (a *app) mistakes(ms desired.Mistakes) {
	for _, m := range ms {
		fmt.Fprintln(a.Stderr, render.Line(m.Error()))
		a.annotate(m.Pos, sentence(m.Path, m.Message, m.Hint))
	}
}

func (a *app) problems(p plan.Plan) {
	for _, q := range p.Problems {
		a.annotate(q.Pos, sentence(string(q.Addr), q.Message, q.Hint))
	}
	for _, r := range p.Refusals {
		a.annotate(kind.Position{}, "refused by "+r.Rule+": "+r.Message)
	}
}

// sentence is path: message; hint. Path and hint may be empty.
func sentence(path, message, hint string) string {
	if path != "" {
		message = path + ": " + message
	}
	if hint != "" {
		message += "; " + hint
	}
	return message
}

// annotate shows a mistake at its line in a pull request, under GitHub Actions.
func (a *app) annotate(pos kind.Position, message string) {
	if a.Getenv("GITHUB_ACTIONS") == "true" {
		fmt.Fprintln(a.Stderr, render.Annotation(render.Error, pos, message))
	}
}
