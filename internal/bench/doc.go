// Package bench measures bylaw over organizations of three sizes: requests, time, memory. It has
// benchmarks only and no code of the product; bench.sh beside it prints them as the table of
// docs/performance.md. Start at bench_test.go.
package bench
