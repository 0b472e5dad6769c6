package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
)

// A Level is how GitHub shows an annotation.
type Level string

// The levels, worst first.
const (
	Error   Level = "error"
	Warning Level = "warning"
	Notice  Level = "notice"
)

// Annotation is a workflow command: GitHub shows the message at its line in a pull request. Its own marks
// in the data are escaped, as GitHub asks.
func Annotation(level Level, pos kind.Position, message string) string {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	message = data.Replace(Clean(message))
	if pos.File == "" {
		return fmt.Sprintf("::%s::%s", level, message)
	}
	return fmt.Sprintf("::%s file=%s,line=%d,col=%d::%s", level, property.Replace(Clean(pos.File)), pos.Line, pos.Col, message)
}

const (
	annotated  = 200  // bytes of a value in an annotation: it is read beside the code
	annotation = 2000 // bytes of one
	named      = 10   // objects that one names
)

// GitHub writes a plan as annotations, worst first: GitHub shows no more than ten of a level in a step. So
// changes that are the same and are declared at the same place are one.
func GitHub(w io.Writer, p plan.Plan) error {
	a := annotations{w: w}
	for _, r := range p.Refusals {
		a.add(Error, kind.Position{}, refusal(r))
	}
	for _, q := range p.Problems {
		a.add(Error, q.Pos, problem(q))
	}
	a.changes(Warning, p, plan.Irreversible)
	a.policy(Warning, p, true)
	a.changes(Warning, p, plan.Disruptive, plan.Escalation)
	a.add(Notice, kind.Position{}, driftLine(p))
	for _, b := range bunches[[]plan.Unmanaged](p.Unmanaged, fewest, alikeUnmanaged) {
		a.add(Notice, kind.Position{}, unmanaged(b))
	}
	a.policy(Notice, p, false)
	a.changes(Notice, p, plan.Routine)
	if a.err != nil {
		return fmt.Errorf("write the annotations: %w", a.err)
	}
	return nil
}

// annotations remember the first error of writing them.
type annotations struct {
	w   io.Writer
	err error
}

func (a *annotations) add(level Level, pos kind.Position, message string) {
	if a.err == nil && message != "" {
		_, a.err = fmt.Fprintln(a.w, Annotation(level, pos, cut(message, annotation)))
	}
}

func (a *annotations) policy(level Level, p plan.Plan, loose bool) {
	for _, c := range loosened(p, loose) {
		a.add(level, c.Pos, policyLine(c))
	}
}

func (a *annotations) changes(level Level, p plan.Plan, risks ...plan.Risk) {
	changes := slices.DeleteFunc(byRisk(p.Changes), func(c plan.Change) bool { return !slices.Contains(risks, c.Risk) })
	key := func(c plan.Change) string { return likeness(c) + "\x00" + fmt.Sprint(c.Pos) }
	for _, b := range bunches[bunch](changes, 2, key) {
		a.add(level, b[0].Pos, b.sentence())
	}
}

// refusal is a guardrail's no in one line.
func refusal(r plan.Refusal) string {
	s := fmt.Sprintf("refused by %s: %s", Clean(r.Rule), Clean(r.Message))
	if len(r.Allow) == 0 {
		return s
	}
	flags := make([]string, len(r.Allow))
	for i, a := range r.Allow {
		flags[i] = "--allow " + quoted(Clean(a))
	}
	return s + "; " + some(flags, mostFlags)
}

// unmanaged names where base declares what is declared no more. That is no line of today's files, so it
// cannot be the place of the annotation.
func unmanaged(us []plan.Unmanaged) string {
	elsewhere := func(u plan.Unmanaged) bool { return u.Pos != us[0].Pos }
	if s := at(us[0].Pos); s != "" && !slices.ContainsFunc(us, elsewhere) {
		return unmanagedLines(us) + "; base declares it at " + s
	}
	return unmanagedLines(us)
}

// sentence is a bunch in words.
func (b bunch) sentence() string {
	c, s := b[0], ""
	if len(b) > 1 {
		s = objects(len(b)) + ": "
	}
	if c.Risk != plan.Routine {
		s += string(c.Risk) + ": "
	}
	s += c.Verb() + " " + cut(b.names(), annotation/2)
	for i, d := range c.Fields {
		s += []string{": ", ", "}[min(i, 1)] + view{width: annotated, lists: true}.brief(c, d)
	}
	for _, more := range []string{Clean(c.Reason), putsBack(c), from(c.Pos)} {
		if more != "" {
			s += "; " + more
		}
	}
	return s
}

// names are the addresses. What changes can be seen in the YAML; what goes for good is named.
func (b bunch) names() string {
	if b[0].Risk != plan.Irreversible {
		return b.pattern()
	}
	return some(b.addresses(annotated), named)
}
