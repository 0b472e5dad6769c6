#!/usr/bin/env bash
# Prints the table of docs/performance.md as this machine measures it: a row a benchmark and size.
set -euo pipefail
cd "$(dirname "$0")/../.."

bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
go build -o "$bin/bylaw" .

printf '%s, %s cores, %s\n\n' "$(go version | cut -d' ' -f3,4)" "$(getconf _NPROCESSORS_ONLN)" "$(date -u +%Y-%m-%d)"
printf '| what | size | measured |\n|---|---|---|\n'
go test -timeout 30m -run '^$' -bench . -benchtime 2x ./internal/bench | awk '
	/^Benchmark/ {
		split($1, name, /[\/-]/); sub(/^Benchmark/, "", name[1])
		printf "| %s | %s |", name[1], name[2]
		sep = " "
		for (i = 3; i < NF; i += 2) { printf "%s%s %s", sep, $i, $(i + 1); sep = ", " }
		print " |"
	}
	/FAIL|panic/ { failed = 1; print > "/dev/stderr" }
	END { exit failed }'

runs=20
start=$(date +%s%N)
for _ in $(seq $runs); do "$bin/bylaw" version >/dev/null; done
printf '| start of `bylaw version` | - | %s ms |\n' "$(( ($(date +%s%N) - start) / runs / 1000000 ))"
