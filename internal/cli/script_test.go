package cli_test

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/bylaw-dev/bylaw/internal/cli"
)

// update rewrites the golden files: go test ./... -update.
var update = flag.Bool("update", false, "rewrite golden files")

// TestMain lets scripts run bylaw as a process of its own: this binary under another name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"bylaw": func() { os.Exit(cli.Main(os.Args[1:], process())) }})
}

// process is that of a script, where it may be another time.
func process() cli.Env {
	env := cli.Process()
	if now, err := time.Parse(time.RFC3339, os.Getenv(nowVar)); err == nil {
		env.Now = func() time.Time { return now }
	}
	return env
}

// nowVar is the variable that has the time of a script.
const nowVar = "BYLAW_TEST_NOW"

// TestScript runs testdata/script, each with a simulator of its own that starts as sim.Demo. Beside
// the commands of testscript, of which `cmp` takes part in -update, a script has these:
//
//	status N COMMAND...      run it; it must exit with N
//	example NAME             copy examples/orgs/NAME here
//	sandbox                  no simulator: unset its address and key, so that --sandbox runs
//
//	seed empty | FILE        the simulator starts from that instead
//	large N DIR              the simulator has N projects more, and DIR declares all of each
//	key KEY                  the simulator takes this key, and bylaw has it
//	invite accept | expire EMAIL
//	change [as EMAIL | KEY] METHOD PATH [BODY]
//	                         what somebody does in the dashboard meanwhile, or with another admin key
//	now TIME                 it is that time, and stays so: for bylaw and for a new simulator
//	clock DURATION           moves the simulator's clock on
//	faults FILE              what goes wrong from now on
//	quirk NAME               such as alerts_disturb_limits
//	forbid SCOPE...          the key lacks these: read, write, audit
//	throttle RATE BURST      requests a minute and route, and how many of them at once
//
//	received none            no write reached the simulator since the last `forget`
//	received count N         N writes did
//	received writes          to stdout: method, path and body of the writes, sorted
//	received order           to stdout: the same in the order in which they came
//	received routes          to stdout: how many requests by route, reads too
//	forget                   forget what was received
//
//	start NAME COMMAND...    run it in the background
//	until NAME TEXT          wait for a text in its output
//	exports NAME             set the variables that its output says to export
//	interrupt NAME           press ctrl-c
//	finish NAME N            wait for it; it must exit with N. Its output is stdout and stderr
//	hold METHOD PATH         requests like this wait; `held` waits for one, `release` lets them go
//
//	repo DIR                 make DIR a git repository on branch main. From then on git has no settings
//	                         of this machine, one author and one date, so that commits have the same
//	                         ids everywhere; `exec git -C DIR ...` does the rest, such as branches
//	commit DIR MESSAGE       commit all that is in DIR
func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		Setup:               setup,
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status, "example": example, "sandbox": sandbox,
			"seed": seed, "large": large, "key": setKey, "throttle": throttle,
			"invite": invite, "change": change, "clock": clock, "now": now, "faults": faults, "quirk": quirk, "forbid": forbid,
			"received": received, "forget": forget,
			"start": start, "until": until, "exports": exports, "interrupt": interrupt, "finish": finish,
			"hold": hold, "held": held, "release": release,
			"repo": gitRepo, "commit": gitCommit,
		},
	})
}

// check fails the script with how the command is used, unless ok.
func check(ts *testscript.TestScript, neg, ok bool, use string) {
	if neg || !ok {
		ts.Fatalf("usage: %s", use)
	}
}

func status(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) >= 2, "status N COMMAND...")
	exited(ts, args[0], ts.Exec(args[1], args[2:]...))
}

// exited checks how a command ended.
func exited(ts *testscript.TestScript, want string, err error) {
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(got) != want {
		ts.Fatalf("exit status %d, want %s", got, want)
	}
}

func example(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 1, "example NAME")
	ts.Check(os.CopyFS(ts.MkAbs(args[0]), os.DirFS(filepath.Join("../../examples/orgs", args[0]))))
}

func sandbox(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 0, "sandbox")
	ts.Setenv("OPENAI_BASE_URL", "")
	ts.Setenv("OPENAI_ADMIN_KEY", "")
}
