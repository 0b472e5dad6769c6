# What CI runs, and the table of docs/performance.md.
.PHONY: check bench

check:
	.ci/run

bench:
	internal/bench/bench.sh
