package bench_test

import (
	"runtime"
	"testing"

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
			c, key := client(b, server.Transport(), 8)
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
		c, key := client(b, sim.New(s.state()).Transport(), 8)
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
	})
}

// heap is what is in use after a collection, in megabytes: both sides.
func heap() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}
