package bench_test

import (
	"context"
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/desired"
	"github.com/bylaw-dev/bylaw/internal/observed"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

func each(b *testing.B, f func(b *testing.B, s size)) {
	for _, s := range sizes() {
		b.Run(s.name, func(b *testing.B) { f(b, s) })
	}
}

// BenchmarkRequests counts the requests of a plan with nothing to do, as a ratio to the floor.
func BenchmarkRequests(b *testing.B) {
	each(b, func(b *testing.B, s size) {
		org, server := load(b, s), sim.New(s.state())
		for b.Loop() {
			c, key := client(b, server.Transport())
			server.ResetRequests()
			_, p := read(b, b.Context(), observed.New(c, key), input(org))
			if len(p.Changes)+len(p.Problems) > 0 {
				b.Fatalf("%d changes, %d problems", len(p.Changes), len(p.Problems))
			}
			b.ReportMetric(float64(len(server.Requests())), "requests")
			b.ReportMetric(float64(len(server.Requests()))/float64(s.floor()), "requests/floor")
		}
	})
}

// BenchmarkPlan measures the comparison alone, with both sides read.
func BenchmarkPlan(b *testing.B) {
	each(b, func(b *testing.B, s size) {
		in := input(load(b, s))
		c, key := client(b, sim.New(s.state()).Transport())
		in.Live, _ = read(b, b.Context(), observed.New(c, key), in)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := plan.Make(in); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(in.Live.Objects)), "objects")
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(in.Live.Objects)), "ns/object")
		b.ReportMetric(heap(), "MB-heap")
		runtime.KeepAlive(in)
	})
}

// heap is what is in use after a collection, in megabytes: both sides.
func heap() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}

// BenchmarkLatency measures a plan at 50 ms a request and 8 in flight, as a ratio to requests x latency
// / 8: the first plan, which has to find out whether the API throttles, and one that knows it. The large
// one runs on a fake clock, the others on the real one.
func BenchmarkLatency(b *testing.B) {
	each(b, func(b *testing.B, s size) {
		org, state := load(b, s), s.state()
		best := float64(s.floor()) * latency.Seconds() / 8
		for b.Loop() {
			var first, second time.Duration
			run := func() {
				slow := func(server *sim.Server) { server.Latency = latency }
				var known []adminapi.Pace
				first, known = planOnce(b, org, state, slow)
				second, _ = planOnce(b, org, state, slow, known...)
			}
			if s.projects > 100 {
				fake(run)
			} else {
				run()
			}
			b.ReportMetric(second.Seconds(), "s")
			b.ReportMetric(second.Seconds()/best, "s/best")
			b.ReportMetric(first.Seconds()/best, "s-first/best")
		}
	})
}

const latency = 50 * time.Millisecond

// BenchmarkThrottle measures a plan against 7 requests a minute a route, on a fake clock, as a ratio to
// what the bucket allows, and the share of requests that were refused.
func BenchmarkThrottle(b *testing.B) {
	each(b, func(b *testing.B, s size) {
		org, state := load(b, s), s.state()
		best := (time.Duration(s.projects-throttle) * time.Minute / throttle).Seconds() // of a route that each project needs once
		for b.Loop() {
			var took time.Duration
			refused, sent := 0, 0
			fake(func() {
				var server *sim.Server
				took, _ = planOnce(b, org, state, func(s *sim.Server) { s.Rate, s.Burst, server = throttle, throttle, s })
				for _, r := range server.Requests() {
					if sent++; r.Status == http.StatusTooManyRequests {
						refused++
					}
				}
			})
			b.ReportMetric(took.Minutes(), "min")
			b.ReportMetric(took.Seconds()/best, "min/best")
			b.ReportMetric(100*float64(refused)/float64(sent), "%refused")
		}
	})
}

const throttle = 7

// fake runs f on a clock of its own, which goes on only when everything waits.
func fake(f func()) {
	testing.RunTests(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{Name: "fake", F: func(t *testing.T) {
		synctest.Test(t, func(*testing.T) { f() })
	}}})
}

// planOnce plans with nothing to do and answers with the time it took, and with what was learned of the
// routes, for the next one to know.
func planOnce(b *testing.B, org desired.Org, state sim.State, with func(*sim.Server), known ...adminapi.Pace) (time.Duration, []adminapi.Pace) {
	server := sim.New(state)
	with(server)
	c, key := client(b, server.Transport(), known...)
	start := time.Now()
	read(b, context.Background(), observed.New(c, key), input(org))
	return time.Since(start), c.Paces()
}

// BenchmarkLoad measures reading and checking a directory of YAML.
func BenchmarkLoad(b *testing.B) {
	each(b, func(b *testing.B, s size) {
		files := s.files()
		bytes := 0
		for _, f := range files {
			bytes += len(f.Data)
		}
		b.SetBytes(int64(bytes))
		for b.Loop() {
			if _, err := desired.LoadFS(files, ".", "acme"); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(bytes)/1e6, "MB")
	})
}
