package faults_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"github.com/bylaw-dev/bylaw/internal/apply"
	"github.com/bylaw-dev/bylaw/internal/cli"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// go test ./... -update reaches every package, and one that does not know the flag fails.
var _ = flag.Bool("update", false, "rewrite golden files; there are none here")

func TestMain(m *testing.M) {
	flag.Parse()
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt) // what watches signals has to start outside of all bubbles
	signal.Stop(c)
	for _, name := range []string{"HOME", "XDG_CACHE_HOME"} { // cases must not teach each other limits
		home[name] = os.Getenv(name)
		_ = os.Unsetenv(name)
	}
	debug.SetGCPercent(400) // thousands of small organizations
	var err error
	if scratch, err = os.MkdirTemp("", "bylaw-faults-*"); err != nil {
		panic(err)
	}
	status := m.Run()
	_ = os.RemoveAll(scratch)
	os.Exit(status)
}

// scratch is a directory for the program.
var scratch string

// home is where the go command has its caches.
var home = map[string]string{}

// A run is what came of one command line.
type run struct {
	status   int
	plan     document
	results  map[string]result // by address
	verified bool
	text     string // both outputs
}

// A document is a plan in JSON.
type document struct {
	Changes    []change
	Undeclared []string
	Problems   []problem
	Refusals   []struct{ Rule, Message string }
}

type change struct {
	Action, Address, With string
	Requests              []request
}

type problem struct{ Address, Message string }

type request struct {
	Method, Path string
	Body         map[string]any
}

// A result is what the program said of a change.
type result struct {
	outcome apply.Outcome
	why     string
}

// bylaw runs a command line in this process, with a simulator instead of the network.
func bylaw(transport http.RoundTripper, args ...string) run {
	var out, errs output
	env := cli.Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Transport: transport, Getenv: func(name string) string {
		return map[string]string{"OPENAI_ADMIN_KEY": sim.DefaultAdminKey}[name]
	}}
	status := cli.Main(append(args, "--format", "json", "testdata/reference"), env)
	return newRun(status, out.b.Bytes(), errs.b.Bytes())
}

func newRun(status int, stdout, stderr []byte) run {
	r := run{status: status, results: map[string]result{}, text: string(stderr)}
	if err := json.Unmarshal(stdout, &r.plan); err != nil && len(stdout) > 0 {
		r.text += "the plan is no JSON: " + err.Error() + "\n"
	}
	for line := range strings.Lines(string(stderr)) {
		line = strings.TrimSuffix(line, "\n")
		if m := done.FindStringSubmatch(line); m != nil {
			r.results[m[2]] = result{apply.Done, m[3]}
		} else if m := undone.FindStringSubmatch(line); m != nil {
			r.results[m[2]] = result{apply.Outcome(m[1]), m[3]}
		}
		r.verified = r.verified || strings.HasPrefix(line, "Verified: ")
	}
	return r
}

// How render.Result tells of a change.
var (
	done   = regexp.MustCompile(`^(created|updated|replaced|deleted|archived) (\S.*?)(?: \((.*)\))?$`)
	undone = regexp.MustCompile(`^(failed|not tried|unknown) \w+ (\S.*?): (.*)$`)
)

// count counts the results by outcome.
func (r run) count() map[apply.Outcome]int {
	n := map[apply.Outcome]int{}
	for _, res := range r.results {
		n[res.outcome]++
	}
	return n
}

// counts is the last line of the report that the results would give.
func (r run) counts() string {
	n := r.count()
	return fmt.Sprintf("Apply: %d done, %d failed, %d not tried, %d unknown.\n", n[apply.Done], n[apply.Failed], n[apply.NotTried], n[apply.Unknown])
}

// An output takes what many goroutines print.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}
