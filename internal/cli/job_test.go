package cli_test

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// A job runs in the background.
type job struct {
	cmd            *exec.Cmd
	stdout, stderr strings.Builder // to be read when done
	said           *talk           // both of them so far
	err            error
	done           chan struct{}
}

// A talk is read while it is written.
type talk struct {
	mu   sync.Mutex
	more *sync.Cond
	text strings.Builder
	over bool
}

func (t *talk) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.more.Broadcast()
	return t.text.Write(p)
}

func (t *talk) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	t.more.Broadcast()
}

// until waits for a text and returns all that was said. It is false when the end came first.
func (t *talk) until(text string) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for !strings.Contains(t.text.String(), text) {
		if t.over {
			return t.text.String(), false
		}
		t.more.Wait()
	}
	return t.text.String(), true
}

func start(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) >= 2, "start NAME COMMAND...")
	j := &job{cmd: exec.Command(args[1], args[2:]...), said: &talk{}, done: make(chan struct{})}
	j.said.more = sync.NewCond(&j.said.mu)
	j.cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "GOCOVERDIR", "GORACE", "OPENAI_BASE_URL", "OPENAI_ADMIN_KEY", nowVar} {
		j.cmd.Env = append(j.cmd.Env, name+"="+ts.Getenv(name))
	}
	j.cmd.Stdout, j.cmd.Stderr = io.MultiWriter(&j.stdout, j.said), io.MultiWriter(&j.stderr, j.said)
	ts.Check(j.cmd.Start())
	go func() {
		j.err = j.cmd.Wait()
		j.said.end()
		close(j.done)
	}()
	worldOf(ts).jobs[args[0]] = j
}

func jobOf(ts *testscript.TestScript, name string) *job {
	j := worldOf(ts).jobs[name]
	if j == nil {
		ts.Fatalf("no job %s", name)
	}
	return j
}

func until(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 2, "until NAME TEXT")
	if said, ok := jobOf(ts, args[0]).said.until(args[1]); !ok {
		ts.Fatalf("%s ended and did not say %q:\n%s", args[0], args[1], said)
	}
}

func exports(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 1, "exports NAME")
	said, _ := jobOf(ts, args[0]).said.until("")
	for line := range strings.Lines(said) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "export "); ok {
			name, value, _ := strings.Cut(text, "=")
			ts.Setenv(name, value)
		}
	}
}

func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 1, "interrupt NAME")
	ts.Check(jobOf(ts, args[0]).cmd.Process.Signal(os.Interrupt))
}

func finish(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 2, "finish NAME N")
	j := jobOf(ts, args[0])
	<-j.done
	_, _ = io.WriteString(ts.Stdout(), j.stdout.String())
	_, _ = io.WriteString(ts.Stderr(), j.stderr.String())
	exited(ts, args[1], j.err)
}

// kill ends what a script left running.
func (w *world) kill() {
	for _, j := range w.jobs {
		_ = j.cmd.Process.Kill()
		<-j.done
	}
}
