package render

import (
	"io"

	"github.com/bylaw-dev/bylaw/internal/plan"
)

// Moves shows what differs between two readings, a line each.
func Moves(w io.Writer, moves []plan.Move) {
	p := printer{w: w}
	for _, m := range moves {
		switch addr := Clean(string(m.Addr)); {
		case m.Appeared:
			p.line("  %s (%s) is new", addr, Clean(m.ID))
		case m.Gone:
			p.line("  %s is gone", addr)
		default:
			for _, d := range m.Fields {
				p.line("  %s %s: %s -> %s", addr, Clean(d.Name), value(d.Old, d.Unit), value(d.New, d.Unit))
			}
		}
	}
}

// Command is a command line as a shell takes it.
func Command(args ...string) string {
	out := ""
	for i, a := range args {
		if i > 0 {
			out += " "
		}
		out += quoted(Clean(a))
	}
	return out
}
