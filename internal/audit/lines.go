package audit

import (
	"fmt"
	"strings"
	"time"
)

// Lines are an answer in words, a line each: "by ada@acme.example (with the key bylaw) at
// 2025-11-18T00:00:00Z: rate_limit.updated". They come from the organization, as Text does.
func (a Answer) Lines(r Record) []string {
	switch {
	case a.Along != "":
		return []string{"along with " + string(a.Along)}
	case a.Unlogged:
		return []string{"not logged by the API"}
	case len(a.Clues) == 0:
		return []string{"nobody: " + r.nothing()}
	}
	var out []string
	for _, c := range a.Clues {
		out = append(out, c.line(r))
	}
	return out
}

// nothing says how far back nobody was found.
func (r Record) nothing() string {
	switch {
	case r.Empty:
		return "the audit log is empty"
	case len(r.Events) == 0:
		return "the audit log has no event of that type"
	}
	return "no event since " + r.Events[len(r.Events)-1].At.Format(time.RFC3339) + " says so"
}

func (c Clue) line(r Record) string {
	var b strings.Builder
	if c.Likely {
		b.WriteString("likely ")
	}
	if c.Of > 0 {
		fmt.Fprintf(&b, "one of %d, the last ", c.Of)
	}
	if c.NewName != "" {
		fmt.Fprintf(&b, "renamed to %s ", c.NewName)
	}
	fmt.Fprintf(&b, "by %s%s at %s: %s", r.who(c.Event.Actor), r.how(c.Event.Actor), c.Event.At.Format(time.RFC3339), c.Event.Type)
	if len(c.Fields) > 0 {
		fmt.Fprintf(&b, " of %s", strings.Join(c.Fields, ", "))
	}
	if c.Doubt != "" {
		fmt.Fprintf(&b, " (%s)", c.Doubt)
	}
	return b.String()
}

func (r Record) who(a Actor) string {
	switch {
	case a.Email != "":
		return a.Email
	case a.ID != "":
		return r.name(a.ID)
	}
	return "somebody"
}

func (r Record) how(a Actor) string {
	switch {
	case a.Key != "":
		return " (with the key " + r.name(a.Key) + ")"
	case a.byKey:
		return " (with a key)"
	case a.IP != "":
		return " (session, " + a.IP + ")"
	case a.session:
		return " (session)"
	}
	return ""
}

// name is what an id stands for: the key of what stands at the top, else the whole address, or the id.
func (r Record) name(id string) string {
	a, ok := r.Names[id]
	switch {
	case !ok:
		return id
	case a.Parent() == "":
		return a.Key()
	}
	return string(a)
}
