package render

import (
	"fmt"
	"io"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
)

// MarkdownOptions say how a plan is shown as a comment. Every text in it may come from anywhere.
type MarkdownOptions struct {
	Title    string                    // what is planned for: an organization or a path
	Drift    bool                      // a report of drift: the changes would put back what drifted
	Sandbox  bool                      // against the simulator in the process
	Commit   string                    // what the YAML is of; "" = not said
	Base     string                    // what it is compared with; "" = not said
	Approval string                    // the word that approves this plan; "" = none is asked for
	Apply    string                    // the command that would apply it; "" = none
	Readings []string                  // how the live organization was read, a sentence each
	Why      map[kind.Address][]string // of a change: who did it, and when; a line each
	Verbose  bool                      // undeclared objects and quiet notes, too
	Limit    int                       // in bytes; 0 = 60000, a little less than GitHub takes
}

// Markdown shows a plan as a comment of a pull request.
func Markdown(w io.Writer, p plan.Plan, o MarkdownOptions) error {
	if _, err := fmt.Fprintf(w, "```\n%s\n```\n", Summary(p)); err != nil {
		return fmt.Errorf("write the plan as Markdown: %w", err)
	}
	return nil
}
