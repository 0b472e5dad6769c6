package render

import (
	"fmt"
	"io"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
)

// MarkdownOptions say how a plan is shown as a comment. Their texts may come from anywhere.
type MarkdownOptions struct {
	Title    string                    // what is planned for: an organization or a path
	Drift    bool                      // a report of drift: the changes would put back what drifted
	Diff     bool                      // two trees of YAML compared: no guardrail judged it
	Last     string                    // instead of the summary; "" = that
	Sandbox  bool                      // against the simulator in the process
	Commit   string                    // what the YAML is of; "" = not said
	Base     string                    // what it is compared with; "" = not said
	Approval string                    // the word that approves this plan; "" = none is asked for
	Apply    string                    // the command that would apply it; "" = none
	Readings []string                  // how the live organization was read, a line each
	Why      map[kind.Address][]string // of a change: who did it, and when; a line each
	Verbose  bool                      // undeclared objects and quiet notes, too
	Limit    int                       // in bytes; 0 = 60000, a little less than GitHub takes
}

// defaultLimit leaves room below the 65536 characters that a comment may have.
const defaultLimit = 60000

// Markdown shows a plan as a comment of a pull request. It is never longer than the limit, unless the title,
// the summary and the command alone are: detail goes first, and what is left out is counted.
func Markdown(w io.Writer, p plan.Plan, o MarkdownOptions) error {
	if o.Limit == 0 {
		o.Limit = defaultLimit
	}
	if _, err := io.WriteString(w, newComment(p, o).fit()); err != nil {
		return fmt.Errorf("write the plan as Markdown: %w", err)
	}
	return nil
}

// A detail is how much a comment says.
type detail struct {
	fields    bool // of routine changes
	routine   bool // routine changes one by one; else counted by kind
	notes     bool // else counted
	drift     bool // else counted
	addresses bool // all addresses of changes that are the same; else some
	view      view
	width     int  // of a line
	risks     bool // said with each change
}

// The values of a comment, as long as there is room, and when there is not.
var (
	wide   = view{width: 1000, depth: 100, lists: true}
	narrow = view{width: 200, depth: 10, lists: true}
)

// details are how much comments say, most first: what matters least goes first.
var details = []detail{
	{fields: true, routine: true, notes: true, drift: true, addresses: true, view: wide, width: 1000},
	{routine: true, notes: true, drift: true, addresses: true, view: wide, width: 1000},
	{notes: true, drift: true, addresses: true, view: wide, width: 1000},
	{drift: true, addresses: true, view: wide, width: 1000},
	{addresses: true, view: wide, width: 1000},
	{view: wide, width: 1000},
	{view: narrow, width: 200},
}

// kept is how many items a list keeps while others still have more; in the end none are safe.
var kept = []int{10, 1, 0}

// fit finds the most that can be said within the limit.
func (c comment) fit() string {
	var sections []section
	for _, d := range details {
		sections = c.sections(d)
		if text := written(sections); len(text) <= c.o.Limit {
			return text
		}
	}
	for _, keep := range kept {
		for r := always + 1; r <= ofLosses; r++ {
			for i := range sections {
				if sections[i].rank == r {
					sections[i].trim(len(written(sections))-c.o.Limit, keep)
				}
			}
		}
	}
	return written(sections)
}
