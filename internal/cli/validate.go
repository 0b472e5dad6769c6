package cli

import (
	"errors"
	"fmt"

	"github.com/dustin/go-humanize/english"

	"github.com/bylaw-dev/bylaw/internal/desired"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/render"
)

type validateCmd struct {
	Path   string `arg:"" optional:"" default:"." help:"The YAML: a file, or a directory of fragments (${default})."`
	Format string `enum:"text,json,github" default:"text" help:"text, json, or github for annotations in a pull request (${default})."`
}

func (validateCmd) Help() string { return "Example:\n\n    bylaw validate examples/orgs/acme" }

// A finding is one mistake in JSON.
type finding struct {
	kind.Position
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// Run loads the YAML and says what is wrong with it.
func (c validateCmd) Run(a *app) error {
	org, err := loadYAML(c.Path)
	var mistakes desired.Mistakes
	if err != nil && !errors.As(err, &mistakes) {
		return err
	}
	switch c.Format {
	case "json":
		return c.json(a, mistakes)
	case "github":
		for _, m := range mistakes {
			fmt.Fprintln(a.Stdout, render.Annotation(render.Error, m.Pos, sentence(m.Path, m.Message, m.Hint)))
		}
	}
	switch {
	case err != nil && c.Format == "text":
		return err
	case err != nil:
		return withStatus(exitError, nil)
	}
	a.say("valid: %s, %s", english.Plural(len(org.Files), "file", ""), english.Plural(len(org.Objects), "object", ""))
	return nil
}

func (c validateCmd) json(a *app, mistakes desired.Mistakes) error {
	out := make([]finding, len(mistakes))
	for i, m := range mistakes {
		out[i] = finding{m.Pos, m.Path, m.Message, m.Hint}
	}
	if err := writeJSON(a.Stdout, map[string]any{"mistakes": out}, "  "); err != nil {
		return err
	}
	if len(mistakes) > 0 {
		return withStatus(exitError, nil)
	}
	return nil
}
