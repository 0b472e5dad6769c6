package bench_test

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// BenchmarkProcess measures the real program: a plan with nothing to do, over HTTP, as the processor
// time and the peak memory of its process, both sides read and compared.
func BenchmarkProcess(b *testing.B) {
	if runtime.GOOS != "linux" {
		b.Skip("peak memory is told in other units elsewhere")
	}
	bin := filepath.Join(b.TempDir(), "bylaw")
	if out, err := exec.Command("go", "build", "-o", bin, "../..").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	each(b, func(b *testing.B, s size) {
		dir := b.TempDir()
		for name, f := range s.files() {
			file := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(file, f.Data, 0o644); err != nil {
				b.Fatal(err)
			}
		}
		server := httptest.NewServer(sim.New(s.state()))
		defer server.Close()
		for b.Loop() {
			cmd := exec.Command(bin, "plan", "-q", "--detailed-exitcode", "--base-url", server.URL+"/v1", dir)
			cmd.Env = []string{"OPENAI_ADMIN_KEY=" + sim.DefaultAdminKey, "XDG_CACHE_HOME=" + b.TempDir()}
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				b.Fatal(err)
			}
			done := make(chan error)
			go func() { done <- cmd.Wait() }()
			peak, err := watch(cmd.Process.Pid, done)
			if err != nil {
				b.Fatalf("%v\n%s", err, out.String())
			}
			b.ReportMetric((cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), "cpu-s")
			b.ReportMetric(peak, "MB-peak")
		}
	})
}

// watch reads the peak memory of a process, in megabytes, until it ends. The kernel's own account of a
// process that has ended begins with the peak of the one that started it, which here is far larger.
func watch(pid int, done <-chan error) (peak float64, err error) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return peak, err
		case <-tick.C:
			status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // gone at the end
			var kb float64
			if _, after, ok := strings.Cut(string(status), "VmHWM:"); ok {
				if _, err := fmt.Sscan(after, &kb); err == nil {
					peak = kb / 1e3
				}
			}
		}
	}
}
