package cli

import "github.com/bylaw-dev/bylaw/schema"

type schemaCmd struct {
	Which string `arg:"" optional:"" enum:"org,plan" default:"org" help:"org or plan (${default})."`
}

func (schemaCmd) Help() string { return "Example:\n\n    bylaw schema > org.schema.json" }

var schemas = map[string]func() []byte{"org": schema.Org, "plan": schema.Plan}

// Run prints a schema.
func (c schemaCmd) Run(a *app) error {
	_, err := a.Stdout.Write(schemas[c.Which]())
	return err
}
