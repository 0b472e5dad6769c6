// Package sim simulates the OpenAI Admin API: one organization behind an http.Handler that is as
// strict as the API reference says the real one is. It is written from the published reference and from
// what clients of the live API reported, never from what bylaw happens to send, so that it can prove
// bylaw wrong.
//
// It does not serve inference or money: limits are stored, nothing is ever spent, and the history that the
// usage routes tell is made up. Where the reference is silent it refuses what it cannot know to be legal, and says so in the comment beside it.
//
// Start reading at table.go, everything it serves; then routes.go and call.go, what one request goes
// through; then any resource, such as projects.go. State (state.go) is the whole organization as plain
// data. Faults, pacing, lag and the control API below /_sim/ are in faults.go, server.go and control.go.
package sim
