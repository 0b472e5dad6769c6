package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
)

// A Level is how an annotation is shown in a pull request.
type Level string

// The levels, worst first.
const (
	Error   Level = "error"
	Warning Level = "warning"
	Notice  Level = "notice"
)

// GitHub writes a plan as workflow commands: GitHub shows each at its line in the pull request.
func GitHub(w io.Writer, p plan.Plan) error {
	for _, q := range p.Problems {
		if _, err := fmt.Fprintln(w, Annotation(Error, q.Pos, problemLine(q))); err != nil {
			return fmt.Errorf("write the annotations: %w", err)
		}
	}
	return nil
}

// Annotation is a workflow command. Its own marks in the data are escaped, as GitHub asks.
func Annotation(level Level, pos kind.Position, message string) string {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	message = data.Replace(Clean(message))
	if pos.File == "" {
		return fmt.Sprintf("::%s::%s", level, message)
	}
	return fmt.Sprintf("::%s file=%s,line=%d,col=%d::%s", level, property.Replace(Clean(pos.File)), pos.Line, pos.Col, message)
}
