// Package faults has only tests, of what happens when something goes wrong: one reference organization with
// all kinds and all shapes of changes (testdata/reference), applied again and again. Every request meets
// every fault of the simulator; the program is killed at each of its writes; two of them run at once. It
// judges by what the simulator was asked and what it holds, not by the program's own word. Start at
// TestEveryFaultOnEveryRequest; how many cases it runs is told by its log, with go test -v.
package faults
