package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// A safe buffer is written to by the goroutine that shows progress.
type safeBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

// throttledRun sends n reads to each of two routes of a simulator that lets 7 a minute through, with progress shown.
func throttledRun(t *testing.T, n int, g globals) string {
	server := sim.New(sim.Demo())
	server.Rate, server.Burst, server.Latency = 7, 7, 200*time.Millisecond
	var out safeBuffer
	a := &app{Env: Env{Stderr: &out}, globals: g, ctx: context.Background()}
	m := newMeter(8)
	key, err := adminapi.NewKey(sim.DefaultAdminKey)
	if err != nil {
		t.Fatal(err)
	}
	c, err := adminapi.New(adminapi.Options{Key: key, Transport: server.Transport(), Observe: m.attempt})
	if err != nil {
		t.Fatal(err)
	}
	m.outlook = c.Outlook
	stop := a.watch(m)
	var all sync.WaitGroup
	for _, route := range []string{"/organization/users", "/organization/projects"} {
		m.expect(map[string]int{"GET " + route: n})
		for range n {
			all.Go(func() {
				if _, err := c.Do(a.ctx, adminapi.Request{Method: "GET", Route: route, Path: route}); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	stop()
	return out.String()
}

// Under a throttle every line but those before the first refusals tells the time left within 20 %.
func TestProgressIsRight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		out := throttledRun(t, 40, globals{Progress: progressJSON})
		took := time.Since(start)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		for _, line := range lines {
			var s standing
			if err := json.Unmarshal([]byte(line), &s); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			truly := took - s.Time.Sub(start)
			said := time.Duration(s.Left * float64(time.Second))
			if s.Time.Sub(start) > 3*time.Second && (said-truly).Abs() > max(truly/5, 2*time.Second) {
				t.Errorf("%s, and it was %s", line, truly)
			}
		}
		if !strings.Contains(lines[len(lines)-1], `"done":80,"expected":80,`) || len(lines) < 30 {
			t.Errorf("%d lines, the last is %s", len(lines), lines[len(lines)-1])
		}
	})
}

func TestProgressPlain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		out := throttledRun(t, 20, globals{Progress: progressAuto})
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if len(lines) != int(time.Since(start).Minutes()) || !strings.HasPrefix(lines[0], "progress: 26 of 40 requests, 5") {
			t.Errorf("after %s: %s", time.Since(start), out)
		}
		if out := throttledRun(t, 9, globals{Progress: progressAuto, Quiet: true}); out != "" {
			t.Errorf("-q: %s", out)
		}
	})
}

// On a terminal a bar is drawn, goes away at the end, and other lines stand on lines of their own.
func TestProgressBar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out safeBuffer
		a := &app{Env: Env{Stdout: &out, Stderr: &out, Interactive: true}, globals: globals{Progress: progressAuto}}
		m := newMeter(1)
		m.expect(map[string]int{"GET /x": 2})
		stop := a.watch(m)
		time.Sleep(time.Second + time.Millisecond)
		fmt.Fprintln(a.Stdout, "a result")
		m.attempt(adminapi.Attempt{Method: "GET", Route: "/x", Status: 200, Took: time.Second})
		time.Sleep(time.Second)
		stop()
		got := out.String()
		last := got[strings.LastIndexByte(got, '\r')+1:]
		if !strings.Contains(got, "1 of 2 requests") || !strings.Contains(got, "\ra result\n") || strings.TrimSpace(last) != "" {
			t.Errorf("%q", got)
		}
	})
}
