package cli

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/fatih/color"

	"github.com/bylaw-dev/bylaw/internal/keys"
	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/render"
)

func (c keysCmd) print(a *app, s *session, found []keys.Key, now time.Time) error {
	switch c.Format {
	case "json":
		return keysJSON(a.Stdout, found, keysDocument{Version: 1, Tool: toolVersion(), Sandbox: a.Sandbox, At: now, Requests: s.client.Stats()})
	case "csv":
		return keysCSV(a.Stdout, found)
	}
	a.banner(a.Stdout)
	if err := keysTable(a.Stdout, found, now, a.color()); err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	if a.Verbose {
		render.Requests(a.Stdout, s.client.Stats())
	}
	_, err := fmt.Fprintln(a.Stdout, keys.Sum(found))
	return err
}

var severityColor = map[string]color.Attribute{"high": color.FgRed, "medium": color.FgYellow, "low": color.Faint}

// keysTable is for people: days, the worst first. There is nothing secret in it.
func keysTable(w io.Writer, found []keys.Key, now time.Time, colored bool) error {
	var text strings.Builder
	t := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	row := func(cells ...string) {
		for i, c := range cells {
			cells[i] = cmp.Or(render.Clean(c), "-")
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	if len(found) > 0 {
		row("SEVERITY", "ADDRESS", "NAME", "KEY", "OWNER", "CREATED", "LAST USED", "EXPIRES", "ACCESS", "FINDINGS")
	}
	for _, k := range found {
		expires := stamp(k.Expires, time.DateOnly)
		if k.Expired(now) {
			expires += " (expired)"
		}
		row(strings.TrimPrefix(k.Severity().String(), "none"), string(k.Addr), k.Name, k.Redacted, ownerText(k.Owner),
			k.Created.UTC().Format(time.DateOnly), stamp(k.Used, time.DateOnly), expires, k.Access, messages(k))
	}
	_ = t.Flush() // a Builder takes all
	for line := range strings.Lines(text.String()) {
		word, rest, _ := strings.Cut(line, " ")
		if attr, ok := severityColor[word]; ok && colored { // not before, for the table would count the colours
			c := color.New(attr)
			c.EnableColor()
			line = c.Sprint(word) + " " + rest
		}
		if _, err := io.WriteString(w, line); err != nil {
			return err
		}
	}
	return nil
}

func stamp(m keys.Moment, layout string) string {
	switch {
	case m.Never():
		return "never"
	case !m.Known:
		return ""
	}
	return m.At.UTC().Format(layout)
}

func ownerText(o keys.Owner) string {
	if o.Gone {
		return strings.TrimSpace(o.String() + " (gone)")
	}
	return o.String()
}

func messages(k keys.Key) string {
	var out []string
	for _, f := range k.Findings {
		out = append(out, f.Message)
	}
	return strings.Join(out, "; ")
}

// keysDocument is the JSON of keys. Its version grows when a reader of the old one would be misled.
type keysDocument struct {
	Version  int            `json:"version"`
	Tool     string         `json:"tool"`
	Sandbox  bool           `json:"sandbox"`
	At       time.Time      `json:"at"` // what the findings are judged by
	Summary  keys.Summary   `json:"summary"`
	Keys     []keyRow       `json:"keys"`
	Requests map[string]int `json:"requests"`
}

type keyRow struct {
	Severity  keys.Severity  `json:"severity"`
	Address   kind.Address   `json:"address"`
	ID        string         `json:"id"`
	ProjectID string         `json:"project_id,omitempty"`
	Name      string         `json:"name"`
	Redacted  string         `json:"redacted_value"`
	Owner     ownerRow       `json:"owner"`
	Created   time.Time      `json:"created_at"`
	Used      any            `json:"last_used_at,omitempty"` // null is never; missing where the API does not say
	Expires   any            `json:"expires_at,omitempty"`
	Access    string         `json:"access,omitempty"`
	Findings  []keys.Finding `json:"findings"`
}

type ownerRow struct {
	Type  string `json:"type"`
	ID    string `json:"id"`
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	Role  string `json:"role,omitempty"`
	Gone  bool   `json:"gone"`
}

func keysJSON(w io.Writer, found []keys.Key, d keysDocument) error {
	d.Summary, d.Keys = keys.Sum(found), []keyRow{}
	for _, k := range found {
		d.Keys = append(d.Keys, keyRow{k.Severity(), k.Addr, k.ID, k.In, k.Name, k.Redacted, ownerRow(k.Owner), k.Created,
			orNull(k.Used), orNull(k.Expires), k.Access, append([]keys.Finding{}, k.Findings...)})
	}
	return writeJSON(w, d, "  ")
}

func orNull(m keys.Moment) any {
	if m.Never() {
		return json.RawMessage("null")
	}
	if !m.Known {
		return nil
	}
	return m.At.UTC()
}

var keyColumns = strings.Fields("severity address id name redacted_value owner_type owner owner_gone created_at last_used_at expires_at access findings")

// keysCSV is for spreadsheets.
func keysCSV(w io.Writer, found []keys.Key) error {
	c := csv.NewWriter(w)
	rows := [][]string{keyColumns}
	for _, k := range found {
		rows = append(rows, []string{k.Severity().String(), string(k.Addr), k.ID, k.Name, k.Redacted, k.Owner.Type, k.Owner.String(),
			fmt.Sprint(k.Owner.Gone), k.Created.UTC().Format(time.RFC3339), stamp(k.Used, time.RFC3339), stamp(k.Expires, time.RFC3339), k.Access, messages(k)})
	}
	for _, row := range rows {
		for i, cell := range row {
			row[i] = literal(render.Clean(cell))
		}
	}
	if err := c.WriteAll(rows); err != nil {
		return fmt.Errorf("write the keys as CSV: %w", err)
	}
	return nil
}

// literal keeps a spreadsheet from taking a cell for a formula.
func literal(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
