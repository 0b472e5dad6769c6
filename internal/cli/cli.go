// Package cli is the commands: it parses flags, opens files, the API or the simulator, calls the
// other packages in their order, prints and picks the exit status. It knows nothing of kinds. Start at
// Main; each command has a file.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	kongcompletion "github.com/jotaen/kong-completion"
	"github.com/mattn/go-isatty"
)

// An Env is the process around a command.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Interactive    bool              // a person can be asked on Stdin
	Color          bool              // Stdout is a terminal
	Now            func() time.Time  // nil is time.Now
	Transport      http.RoundTripper // answers instead of the network; nil is the network
}

// Process is the environment of this process.
func Process() Env {
	return Env{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
		Interactive: isatty.IsTerminal(os.Stdin.Fd()) && isatty.IsTerminal(os.Stderr.Fd()), Color: isatty.IsTerminal(os.Stdout.Fd())}
}

// sandboxState is where the simulated organization is kept unless --sandbox-state says otherwise.
const sandboxState = ".bylaw/sandbox.json"

// globals are the flags of every command.
type globals struct {
	Sandbox      bool          `help:"Run against a simulated organization in this process; no key, no network."`
	SandboxState string        `placeholder:"FILE" default:"${sandbox_state}" help:"Where the simulated organization is kept between runs (${default})."`
	BaseURL      string        `placeholder:"URL" help:"Base URL of the Admin API, instead of $$OPENAI_BASE_URL or https://api.openai.com/v1."`
	KeyFile      string        `placeholder:"FILE" help:"File that holds the admin key, instead of $$OPENAI_ADMIN_KEY."`
	Deadline     time.Duration `default:"30m" help:"Give up after this long; running again is safe (${default})."`
	Concurrency  int           `default:"8" help:"Requests in flight at once (${default})."`
	MaxRPM       int           `placeholder:"N" help:"Never more than this many requests a minute on a route, whatever it allows."`
	RateShare    int           `placeholder:"PCT" default:"100" help:"Use only this share of what a route is learned to allow, in percent; the rest is for others (${default})."`
	Progress     string        `enum:"auto,plain,json,none" default:"auto" help:"How to show progress: auto is a bar on a terminal and plain elsewhere; plain a line a minute; json lines; none (${default})."`
	Quiet        bool          `short:"q" help:"Print nothing but the result."`
	Verbose      bool          `short:"v" help:"Print the requests by route, what is undeclared, and what is left alone and why."`
	NoColor      bool          `help:"No colours; NO_COLOR does the same."`
}

type commands struct {
	globals

	Validate   validateCmd   `cmd:"" help:"Check the YAML, without network or key."`
	Plan       planCmd       `cmd:"" help:"Show what apply would do, and change nothing."`
	Apply      applyCmd      `cmd:"" help:"Make the organization what the YAML says."`
	Diff       diffCmd       `cmd:"" help:"Compare two trees of YAML, without network or key."`
	Drift      driftCmd      `cmd:"" help:"Show how what lives differs from the YAML, and who made it so."`
	Snapshot   snapshotCmd   `cmd:"" help:"Save what a plan reads, so that later plans read less."`
	Orgs       orgsCmd       `cmd:"" help:"List the organizations in a directory, or those that changed."`
	Keys       keysCmd       `cmd:"" help:"List all API keys, and what is wrong with them."`
	Audit      auditCmd      `cmd:"" help:"Show the audit log, with names."`
	Simulate   simulateCmd   `cmd:"" help:"Serve a simulated Admin API to rehearse with."`
	Schema     schemaCmd     `cmd:"" help:"Print the JSON Schema of org.yaml, of plans or of snapshots."`
	Completion completionCmd `cmd:"" help:"Print how to switch on completion in a shell."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

// An app is one run of the program.
type app struct {
	Env
	globals
	ctx context.Context
}

// Main runs one command line and returns the exit status.
func Main(args []string, env Env) (status int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second ctrl-c ends the process
	var cmds commands
	a := &app{Env: env, ctx: ctx}
	defer func() { // kong ends the process after --help; here that is a panic with the status
		switch r := recover().(type) {
		case nil:
		case exit:
			status = int(r)
		default:
			panic(r)
		}
	}()
	parser, err := kong.New(&cmds, kong.Name("bylaw"), kong.Vars{"sandbox_state": sandboxState}, kong.Writers(env.Stdout, env.Stderr), kong.UsageOnError(),
		kong.Description("bylaw keeps an OpenAI organization equal to a directory of YAML.\n\nTry it with no key:\n\n    bylaw plan --sandbox examples/orgs/acme"),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Exit(func(code int) { panic(exit(code)) }))
	if err != nil {
		return a.fail(err)
	}
	kongcompletion.Register(parser)
	cmd, err := parser.Parse(args)
	if err != nil {
		return a.fail(usagef("%w; bylaw --help tells more", err))
	}
	a.globals = cmds.globals
	return a.fail(cmd.Run(a))
}

type exit int

// interrupted says that a signal ended the run. A signal's cause passes for context.Canceled, too.
func (a *app) interrupted() bool {
	cause := context.Cause(a.ctx)
	return cause != nil && cause != context.Canceled
}

func (a *app) now() time.Time {
	if a.Now == nil {
		return time.Now()
	}
	return a.Now()
}

// color says whether to print in colours.
func (a *app) color() bool { return a.Color && !a.NoColor && a.Getenv("NO_COLOR") == "" }

// say prints a line for people beside the result.
func (a *app) say(format string, args ...any) {
	if !a.Quiet {
		fmt.Fprintf(a.Stderr, format+"\n", args...)
	}
}

// completionCmd has a help text of its own.
type completionCmd struct{ kongcompletion.Completion }

func (completionCmd) Help() string {
	return "Example, to switch it on in this shell:\n\n    source <(bylaw completion -c bash)\n\nWithout a shell it is your login shell's."
}

// version is set by the release's linker flags; a build from a module proxy knows its own.
var version = ""

func toolVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

type versionCmd struct{}

func (versionCmd) Help() string { return "Example:\n\n    bylaw version" }

func (versionCmd) Run(a *app) error {
	_, err := fmt.Fprintln(a.Stdout, "bylaw", toolVersion())
	return err
}

var errDeclined = errors.New("nothing was applied")
