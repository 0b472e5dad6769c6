package faults_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// build builds bylaw, once.
var build = sync.OnceValues(func() (string, error) {
	program := filepath.Join(scratch, "bylaw")
	cmd := exec.Command("go", "build", "-o", program, "../..")
	for name, value := range home {
		if value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	cmd.Env = append(os.Environ(), cmd.Env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return program, nil
})

// A process is bylaw on its way.
type process struct {
	cmd         *exec.Cmd
	stdout, err bytes.Buffer
	dead        chan struct{}
}

// start starts `bylaw apply` against a server.
func start(t *testing.T, url string, args ...string) *process {
	t.Helper()
	program, err := build()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{dead: make(chan struct{})}
	p.cmd = exec.Command(program, append(append([]string{"apply", "--yes", "--base-url", url + "/v1"}, args...), "--format", "json", "testdata/reference")...)
	p.cmd.Env = []string{"OPENAI_ADMIN_KEY=" + sim.DefaultAdminKey, "PATH=" + os.Getenv("PATH")}
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.err
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.dead)
	}()
	return p
}

// kill ends the process as nothing can be caught, and returns when it is dead.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.dead
}

// finish waits for the end, and reads what was said.
func (p *process) finish() run {
	<-p.dead
	return newRun(p.cmd.ProcessState.ExitCode(), p.stdout.Bytes(), p.err.Bytes())
}

// A door lets requests in to the simulator, and at one of the writes kills who sent it.
type door struct {
	sim    *sim.Server
	kill   func()
	at     int64 // the number of the write
	after  bool  // it is carried out before
	writes atomic.Int64
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet || d.writes.Add(1) != d.at {
		d.sim.ServeHTTP(w, r)
		return
	}
	if d.after {
		d.sim.ServeHTTP(httptest.NewRecorder(), r)
	}
	d.kill()
	panic(http.ErrAbortHandler)
}

// The program is killed at each of its writes, just before the API carries it out and just after, without an
// answer. Then it runs again, and does the rest.
func TestKilledAtEveryWrite(t *testing.T) {
	t.Parallel()
	clean := cleanly(t)
	n := len(writesOf(clean.received))
	var killed, left atomic.Int64
	step := 1
	switch {
	case testing.Short():
		step = 20
	case race:
		step = 2 // before and after by turns
	}
	t.Run("", func(t *testing.T) {
		for i := 0; i < 2*n; i += step {
			d := &door{at: int64(i/2 + 1), after: i%2 == 1}
			if step > 1 {
				d.after = i/step%2 == 1
			}
			t.Run(fmt.Sprintf("%d after %t", d.at, d.after), func(t *testing.T) {
				t.Parallel()
				left.Add(int64(d.killed(t, &clean)))
				killed.Add(1)
			})
		}
	})
	t.Logf("killed %d times at %d writes, and then %d changes were left to do", killed.Load(), n, left.Load())
}

// killed kills one run, and judges the next. It returns how much there was left to do.
func (d *door) killed(t *testing.T, clean *verdict) int {
	d.sim = sim.New(seed())
	ready := make(chan struct{})
	var first *process
	d.kill = func() { <-ready; first.kill() }
	server := httptest.NewServer(d)
	first = start(t, server.URL)
	close(ready)
	status := first.finish().status
	server.Close() // what was on its way arrives
	if status != -1 {
		t.Fatalf("it was not killed, and exits %d:\n%s", status, first.err.String())
	}
	d.sim.ResetRequests()
	server = httptest.NewServer(d.sim)
	defer server.Close()
	second := start(t, server.URL).finish()
	state := d.sim.Snapshot()
	if second.status != 0 {
		t.Errorf("the second run exits %d: %v", second.status, second.plan.Problems)
	}
	for _, lie := range lies(second, d.sim.Requests(), state) {
		t.Errorf("a lie: %s", lie)
	}
	for _, twin := range twins(state) {
		t.Errorf("twins: %s", twin)
	}
	if got := meaning(state); got != clean.meaning {
		t.Errorf("it ends elsewhere (-clean +this):\n%s", cmp.Diff(strings.Split(clean.meaning, "\n"), strings.Split(got, "\n")))
	}
	if want, got := mailed(clean.state), mailed(state); !maps.Equal(want, got) {
		t.Errorf("it sends other invites: %v, want %v", got, want)
	}
	if third := bylaw(d.sim.Transport(), "plan", "--detailed-exitcode"); third.status != 0 {
		t.Errorf("a third plan is not empty: exit %d, %v", third.status, third.plan.Changes)
	}
	if t.Failed() {
		t.Logf("second, exit %d:\n%s", second.status, second.text)
	}
	return len(slices.Collect(maps.Keys(second.results)))
}
