package cli

import "github.com/bylaw-dev/bylaw/schema"

type schemaCmd struct {
	Which string `arg:"" optional:"" enum:"org,plan,snapshot" default:"org" help:"org, plan or snapshot (${default})."`
}

func (schemaCmd) Help() string { return "Example:\n\n    bylaw schema > org.schema.json" }

var schemas = map[string]func() []byte{"org": schema.Org, "plan": schema.Plan, "snapshot": schema.Snapshot}

// Run prints a schema.
func (c schemaCmd) Run(a *app) error {
	_, err := a.Stdout.Write(schemas[c.Which]())
	return err
}
