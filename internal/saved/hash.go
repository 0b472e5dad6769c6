package saved

import (
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/plan"
)

// hashFormat names what is hashed. It grows with every change of that, so that no approval of an earlier
// form fits by chance.
const hashFormat = "bylaw plan hash 1"

// Hash is 64 hex digits that stand for what an approval is about: what would be sent to which organization,
// what that changes, and what the guardrails say of it. The same plan has the same hash whenever, wherever
// and by whichever version it was made: times, positions, reasons, commits, notes, drift that stays and
// what was counted are no part of it.
func (d Document) Hash() string {
	return digest(map[string]any{
		"format":       hashFormat,
		"organization": d.Organization,
		"sandbox":      d.Sandbox,
		"changes":      sorted(changeDigests(d.Plan)),
		"refusals":     refusalDigests(d.Plan.Refusals),
	})
}

// changeDigests are the digests of the changes, in their order.
func changeDigests(p plan.Plan) []string {
	out := make([]string, len(p.Changes))
	for i, c := range p.Changes {
		out[i] = changeDigest(c)
	}
	return out
}

// changeDigest stands for all of a change but what is only said of it. The order of its requests counts,
// that of the rest does not.
func changeDigest(c plan.Change) string {
	fields := make([]any, len(c.Fields))
	for i, f := range sortedFields(c.Fields) {
		fields[i] = map[string]any{"name": f.Name, "old": f.Old, "new": f.New}
	}
	requests := make([]any, len(c.Requests))
	for i, r := range c.Requests {
		requests[i] = map[string]any{"method": r.Method, "route": r.Route, "path": r.Path, "body": bodyOf(r), "once": r.Once, "makes": r.Makes}
	}
	return digest(map[string]any{
		"action": c.Verb(), "address": string(c.Addr), "id": c.ID, "risk": string(c.Risk), "with": string(c.With),
		"after": sorted(c.After), "fields": fields, "requests": requests, "find": findOf(c.Find)})
}

// bodyOf tells no body from an empty one.
func bodyOf(r plan.Request) any {
	if r.Body == nil {
		return nil
	}
	return r.Body
}

func findOf(f *plan.Find) any {
	if f == nil {
		return nil
	}
	return map[string]any{"kind": f.Kind, "key": f.Key, "route": f.Route, "path": f.Path, "except": sorted(f.Except), "skip": sorted(f.Skip)}
}

func sortedFields(in []plan.FieldDiff) []plan.FieldDiff {
	out := slices.Clone(in)
	slices.SortStableFunc(out, func(a, b plan.FieldDiff) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// refusalDigests are what the guardrails forbid. Their messages are prose.
func refusalDigests(refusals []plan.Refusal) []any {
	var out []string
	for _, r := range refusals {
		out = append(out, digest(map[string]any{"rule": r.Rule, "allow": sorted(r.Allow)}))
	}
	return sorted(out)
}

// sorted is a list of texts that counts as a set.
func sorted[T ~string](in []T) []any { return texts(slices.Sorted(slices.Values(in))) }

func texts[T ~string](in []T) []any {
	out := make([]any, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}
