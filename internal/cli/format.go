package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/render"
	"github.com/bylaw-dev/bylaw/internal/saved"
)

// formatFlags say how a plan is printed, and where.
type formatFlags struct {
	Format []string `placeholder:"FORMAT[=FILE]" sep:"none" help:"text, markdown, json, or github for annotations in a pull request; with =FILE into a file instead of the output. Repeatable (text)."`
}

// An output is one format and where it goes.
type output struct {
	format string
	file   string // "" = standard output
}

var planFormats = []string{"text", "markdown", "json", "github"}

// outputs reads the flags. Where all formats go to files, people still see the text.
func (f formatFlags) outputs() ([]output, error) {
	var out []output
	shown := ""
	files := map[string]bool{}
	for _, s := range f.Format {
		format, file, toFile := strings.Cut(s, "=")
		at := filepath.Clean(file)
		switch {
		case !slices.Contains(planFormats, format):
			return nil, usagef("--format %q: not one of %s, or one with =FILE", s, strings.Join(planFormats, ", "))
		case toFile && file == "":
			return nil, usagef("--format %q: no file after the =", s)
		case toFile && files[at]:
			return nil, usagef("--format %q: a second format for this file", s)
		case toFile && checkTarget(file) != nil: // said now, and not after all was read
			return nil, usagef("--format %q: %w", s, checkTarget(file))
		case !toFile && shown != "":
			return nil, usagef("--format %s and --format %s: only one can go to the output; write the other as %s=FILE", shown, format, format)
		}
		if files[at] = true; !toFile {
			shown = format
		}
		out = append(out, output{format, file})
	}
	if shown == "" {
		out = append(out, output{format: "text"})
	}
	return out, nil
}

// shown is the format on standard output.
func shown(outputs []output) string {
	i := slices.IndexFunc(outputs, func(o output) bool { return o.file == "" })
	return outputs[i].format
}

// A view is a plan and what its formats show beside it.
type view struct {
	doc      saved.Document
	markdown render.MarkdownOptions
	text     render.Options
	report   func(render.Options) []byte // instead of the plan as text; may be nil
}

// write writes a plan in all formats that are asked for.
func (a *app) write(outputs []output, v view) error {
	if !slices.ContainsFunc(outputs, func(o output) bool { return o.format == "github" }) {
		a.problems(v.doc.Plan) // or they would be annotated twice
	}
	for _, o := range outputs {
		if o.file == "" {
			if err := a.print(a.Stdout, o.format, v); err != nil {
				return err
			}
			continue
		}
		v.text.Color = false
		if err := replaceFile(o.file, 0o755, func(w io.Writer) error { return a.print(w, o.format, v) }); err != nil {
			return fmt.Errorf("write the plan as %s: %w", o.format, err)
		}
	}
	return nil
}

func (a *app) print(w io.Writer, format string, v view) error {
	switch format {
	case "json":
		return v.doc.Write(w)
	case "markdown":
		return render.Markdown(w, v.doc.Plan, v.markdown)
	case "github":
		return render.GitHub(w, v.doc.Plan)
	}
	a.banner(w)
	for _, line := range v.markdown.Readings {
		fmt.Fprintln(w, render.Line(line))
	}
	if v.report == nil {
		render.Text(w, v.doc.Plan, v.text)
		return nil
	}
	if _, err := w.Write(v.report(v.text)); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
