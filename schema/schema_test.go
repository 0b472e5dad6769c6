package schema

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v5"
	"gopkg.in/yaml.v3"
)

func TestSchemasCompile(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{"org.schema.json": Org(), "plan.schema.json": Plan(), "snapshot.schema.json": Snapshot()} {
		c := jsonschema.NewCompiler()
		c.Draft = jsonschema.Draft2020
		if err := c.AddResource(name, bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Compile(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRootReadsWhatTheProgramNeeds(t *testing.T) {
	t.Parallel()
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	alerts, _ := root.Property("spend_alerts")
	var got []Def
	for _, p := range alerts.Items.Properties {
		p.Description = ""
		if p.Name != "notification_channel" {
			got = append(got, p)
		}
	}
	want := []Def{
		{Name: "threshold_amount", Type: "integer", Unit: "cents"},
		{Name: "currency", Enum: []string{"USD"}, Default: "USD"},
		{Name: "interval", Enum: []string{"month"}, Default: "month"},
		{Name: "state", Enum: []string{"present", "absent"}, Default: "present"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("alert (-want +got):\n%s", d)
	}
	channel, _ := alerts.Items.Property("notification_channel")
	if to, _ := channel.Property("recipients"); !to.Set || to.Items.Format != "email" || to.Type != "array" {
		t.Errorf("recipients %+v", to)
	}
	users, _ := root.Property("users")
	if d := cmp.Diff([]string{"role"}, users.Items.RequiredToCreate); d != "" {
		t.Errorf("users: %s", d)
	}
	if _, ok := root.Property("nothing"); ok {
		t.Error("a property that is not there")
	}
}

// TestEveryPropertyHasADescription reads the schemas as they are written: editors show what stands
// there. A property that refers to a definition may leave it to that.
func TestEveryPropertyHasADescription(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{"org.schema.json": Org(), "plan.schema.json": Plan(), "snapshot.schema.json": Snapshot()} {
		var doc yaml.Node
		if err := yaml.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		described(t, doc.Content[0], name, doc.Content[0])
	}
}

func described(t *testing.T, doc *yaml.Node, at string, n *yaml.Node) {
	t.Helper()
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i].Value, n.Content[i+1]
		if key == "if" || key == "then" || key == "else" { // conditions repeat properties
			continue
		}
		if key == "properties" && value.Kind == yaml.MappingNode {
			for j := 0; j+1 < len(value.Content); j += 2 {
				p := value.Content[j+1]
				if text(p, "description") == "" && text(definition(doc, p), "description") == "" {
					t.Errorf("%s/%s has no description", at, value.Content[j].Value)
				}
			}
		}
		described(t, doc, at+"/"+key, value)
	}
	for _, item := range n.Content {
		if n.Kind == yaml.SequenceNode {
			described(t, doc, at, item)
		}
	}
}

func definition(doc, p *yaml.Node) *yaml.Node {
	const prefix = "#/$defs/"
	ref := text(p, "$ref")
	if len(ref) < len(prefix) {
		return nil
	}
	return member(member(doc, "$defs"), ref[len(prefix):])
}
