package cli_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/cli"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// runOn runs bylaw against a simulator of its own and returns its stdout.
func runOn(t *testing.T, state sim.State, args ...string) string {
	t.Helper()
	s := sim.New(state)
	h := httptest.NewServer(s)
	defer h.Close()
	var out, errs strings.Builder
	vars := map[string]string{"OPENAI_BASE_URL": h.URL + "/v1", "OPENAI_ADMIN_KEY": sim.DefaultAdminKey}
	env := cli.Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(name string) string { return vars[name] },
		Now: func() time.Time { return time.Date(2025, 11, 21, 9, 0, 0, 0, time.UTC) }}
	if status := cli.Main(args, env); status != 0 {
		t.Fatalf("exit status %d: %s", status, &errs)
	}
	return out.String()
}

// TestKeysFormats: JSON and CSV go through a parser, and say the same.
func TestKeysFormats(t *testing.T) {
	t.Parallel()
	names := []string{"plain", "=1+1", "+1", "-1", "@x", "a,b", `say "hi"`, "'quoted", "tab\there", "two\nlines", "\x1b[31mred", "\u202eevil", "<&>", "名前", ""}
	state := sim.Demo()
	for i, n := range names {
		k := state.Projects[1].APIKeys[0]
		k.ID, k.Name, k.RedactedValue = fmt.Sprint("key_", i), n, n
		state.Projects[1].APIKeys = append(state.Projects[1].APIKeys, k)
	}
	type key struct {
		Severity, Address, ID, Name string
		Redacted                    string    `json:"redacted_value"`
		Created                     time.Time `json:"created_at"`
		Findings                    []struct{ Rule, Severity, Message string }
	}
	var doc struct {
		Version int
		Keys    []key
	}
	if err := json.Unmarshal([]byte(runOn(t, state, "keys", "--format", "json")), &doc); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(runOn(t, state, "keys", "--format", "csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var fromJSON, fromCSV [][]string
	for _, k := range doc.Keys {
		var messages []string
		for _, f := range k.Findings {
			messages = append(messages, f.Message)
		}
		fromJSON = append(fromJSON, []string{k.ID, k.Severity, k.Created.Format(time.RFC3339), strings.Join(messages, "; ")})
	}
	for _, row := range rows[1:] {
		fromCSV = append(fromCSV, []string{row[2], row[0], row[8], row[12]})
		for _, cell := range row {
			if strings.ContainsAny(cell, "\n\t\x1b\u202e") || cell != "" && strings.ContainsAny(cell[:1], "=+-@") {
				t.Errorf("a cell %q", cell)
			}
		}
	}
	for _, n := range names {
		if !slices.ContainsFunc(doc.Keys, func(k key) bool { return k.Name == n && k.Redacted == n }) {
			t.Errorf("JSON has no key %q", n)
		}
	}
	if diff := cmp.Diff(fromJSON, fromCSV); diff != "" || doc.Version != 1 || len(doc.Keys) != 12+len(names) {
		t.Errorf("version %d, %d keys, JSON and CSV: %s", doc.Version, len(doc.Keys), diff)
	}
}

// TestKeysColor: colours go around the severities and move no column.
func TestKeysColor(t *testing.T) {
	t.Parallel()
	out := map[bool]string{}
	for _, on := range []bool{false, true} {
		var b, errs strings.Builder
		env := cli.Env{Stdin: strings.NewReader(""), Stdout: &b, Stderr: &errs, Color: on, Getenv: func(string) string { return "" }}
		if status := cli.Main([]string{"keys", "--sandbox", "--sandbox-state", t.TempDir() + "/s.json", "--only", "admin_api_keys/grace*"}, env); status != 0 {
			t.Fatal(status, errs.String())
		}
		_, out[on], _ = strings.Cut(b.String(), "\n") // the banner names the file
	}
	if plain := strings.NewReplacer("\x1b[31m", "", "\x1b[0m", "").Replace(out[true]); plain != out[false] || !strings.Contains(out[true], "\n\x1b[31mhigh\x1b[0m  ") {
		t.Errorf("%q", out[true])
	}
}

// TestAuditJSON: every line is an object by itself, with the event as it came.
func TestAuditJSON(t *testing.T) {
	t.Parallel()
	out := runOn(t, sim.Demo(), "audit", "--since", "2025-01-01", "--format", "json")
	var got []string
	for line := range strings.Lines(out) {
		var event struct {
			Version   int
			At        time.Time
			Who, Text string
			Names     map[string]string
			Event     map[string]any
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatal(err)
		}
		if event.Version != 1 || event.Event["effective_at"] != float64(event.At.Unix()) {
			t.Errorf("version %d, %s", event.Version, line)
		}
		got = append(got, event.Event["type"].(string))
	}
	if diff := cmp.Diff([]string{"user.deleted", "rate_limit.updated", "invite.sent"}, got); diff != "" {
		t.Error(diff)
	}
}
