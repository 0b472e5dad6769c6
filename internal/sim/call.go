package sim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
)

// A call is one request on its way through: what it asks, and the organization it acts on. Handlers read
// and change the state through it; they check everything before they change anything.
type call struct {
	*route
	path    map[string]string // values of the template's {parameters}
	query   url.Values
	body    []byte
	actor   Actor
	now     int64
	state   *State
	project *Project // the one in the path; nil outside of projects
	disturb bool     // quirk: a new spend alert unsets the spend limit
}

// do is the way of every request: the query, the project, its guards, the body, the handler. A project
// that cannot be changed says so before anything is said about the body.
func (c *call) do() (any, error) {
	if err := checkQuery(c.list, c.query); err != nil {
		return nil, err
	}
	if err := c.enter(); err != nil {
		return nil, err
	}
	if c.optional && len(bytes.TrimSpace(c.body)) == 0 {
		c.body = []byte("{}")
	}
	body, err := checkBody(c.body, c.fields)
	if err != nil {
		return nil, err
	}
	c.body = body
	return c.handle(c)
}

// enter finds the project of the path and asks whether it lets the request in.
func (c *call) enter() error {
	id, ok := c.path["project_id"]
	if !ok {
		return nil
	}
	i := index(c.state.Projects, id)
	if i < 0 && c.guard&flat404 != 0 {
		return &apiError{status: http.StatusNotFound, message: "The project " + id + " was not found", flat: true}
	}
	if i < 0 {
		return notFound("Project with id '%s' not found.", id)
	}
	c.project = &c.state.Projects[i]
	if c.guard&notArchived != 0 && c.project.Status == "archived" {
		return archived(c.project)
	}
	if c.guard&notDefault != 0 && c.project.Default {
		return isDefault(c.project)
	}
	return nil
}

// into reads the checked body over v: what the request omits stays as it is, null clears a pointer and
// leaves a plain value alone. (The reference does not say what null does.)
func (c *call) into(v any) error {
	if err := json.Unmarshal(c.body, v); err != nil {
		return invalid("", "invalid_json", "We could not parse the JSON body of your request.")
	}
	return nil
}

// says tells whether the body has a value other than null under the name.
func (c *call) says(name string) bool {
	var m map[string]json.RawMessage
	return json.Unmarshal(c.body, &m) == nil && m[name] != nil && !bytes.Equal(m[name], []byte("null"))
}

// scope is the organization or the project, whichever the path names: the first word of object names.
func (c *call) scope() string {
	if c.project != nil {
		return "project"
	}
	return "organization"
}

// wire is an API object: the state's own fields after the object name.
type wire struct {
	object string // "" for the few that have none
	parts  []any  // structs or maps, joined into one JSON object
}

func object(name string, parts ...any) wire { return wire{name, parts} }

// deleted is what a DELETE answers.
func deleted(object, id string) any {
	if id == "" {
		return map[string]any{"object": object + ".deleted", "deleted": true}
	}
	return map[string]any{"object": object + ".deleted", "id": id, "deleted": true}
}

// MarshalJSON joins the parts.
func (o wire) MarshalJSON() ([]byte, error) {
	parts := o.parts
	if o.object != "" {
		parts = append([]any{map[string]string{"object": o.object}}, parts...)
	}
	out := []byte{'{'}
	for _, p := range parts {
		b, err := marshal(p)
		if err != nil {
			return nil, err
		}
		if inner := b[1 : len(b)-1]; len(inner) > 0 && b[0] == '{' { // a nil map is null
			if len(out) > 1 {
				out = append(out, ',')
			}
			out = append(out, inner...)
		}
	}
	return append(out, '}'), nil
}

// marshal leaves <, > and & readable.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func jsonInt(n int) json.Number { return json.Number(strconv.Itoa(n)) }
