package sim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// A client sends requests to a simulator in the process.
type client struct {
	t testing.TB
	*sim.Server
	key string
}

// fixed is the time of all tests that do not move it.
func fixed() time.Time { return time.Unix(1764000000, 0) }

func newClient(t testing.TB, s *sim.Server) *client {
	t.Helper()
	if s.Now == nil {
		s.Now = fixed
	}
	return &client{t: t, Server: s, key: sim.DefaultAdminKey}
}

func demo(t testing.TB) *client {
	t.Helper()
	return newClient(t, sim.New(sim.Demo()))
}

// do sends "METHOD path" and returns status and body.
func (c *client) do(what, body string) (int, string) {
	c.t.Helper()
	res := c.response(what, body)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatalf("%s: read the answer: %v", what, err)
	}
	return res.StatusCode, string(b)
}

func (c *client) response(what, body string) *http.Response {
	c.t.Helper()
	res, err := c.Transport().RoundTrip(c.request(what, body))
	if err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
	return res
}

func (c *client) request(what, body string) *http.Request {
	c.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	if !strings.HasPrefix(path, "/_sim/") {
		path = "/v1" + path
	}
	r, err := http.NewRequest(method, "http://sim.example"+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.key)
	return r
}

// get wants a 200 and decodes it.
func (c *client) get(what, body string) map[string]any {
	c.t.Helper()
	status, text := c.do(what, body)
	if status != http.StatusOK {
		c.t.Fatalf("%s: status %d: %s", what, status, text)
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		c.t.Fatalf("%s: %v in %s", what, err, text)
	}
	return m
}

// ids are those of a list's rows.
func ids(list map[string]any) []string {
	var all []string
	for _, r := range list["data"].([]any) {
		row := r.(map[string]any)
		id, ok := row["id"].(string)
		if !ok {
			id = row["group_id"].(string) // groups of projects have no other
		}
		all = append(all, id)
	}
	return all
}

func TestZeroValueServes(t *testing.T) {
	t.Parallel()
	c := newClient(t, new(sim.Server))
	got := fmt.Sprint(ids(c.get("GET /organization/projects", "")))
	if got != "[proj_sim0001]" {
		t.Errorf("projects are %s", got)
	}
}

func TestStateRoundTrip(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]sim.State{"empty": sim.Empty(), "demo": sim.Demo(), "large": sim.Large(sim.Size{Projects: 5, Users: 9, Members: 3, ServiceAccounts: 2, Alerts: 2, Models: 4})} {
		var first, second bytes.Buffer
		if err := s.Write(&first); err != nil {
			t.Fatal(err)
		}
		read, err := sim.ReadState(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := read.Write(&second); err != nil {
			t.Fatal(err)
		}
		if first.String() != second.String() {
			t.Errorf("%s: what is read differs from what was written", name)
		}
	}
}
