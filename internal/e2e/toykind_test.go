package e2e_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// TestAKindIsARowAndASchemaEntry builds bylaw with the kind that README.md adds, the row and the schema entry
// as they stand there and nothing else, and runs it against a server that has such a collection.
// It is one story, told in order.
func TestAKindIsARowAndASchemaEntry(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program")
	}
	t.Parallel()
	bylaw := buildWithToy(t)
	toy := &toyAPI{rows: []toyRow{
		{"ips_1", "office", []string{"10.0.0.1", "10.0.0.2"}},
		{"ips_2", "old", []string{"10.9.9.9"}},
		{"ips_3", "vpn", []string{"10.1.0.0/16", "10.2.0.0/16"}},
	}, made: 3}
	api := httptest.NewServer(toy)
	defer api.Close()
	dir := t.TempDir()
	run := func(want int, args ...string) string {
		t.Helper()
		cmd := exec.Command(bylaw, args...)
		cmd.Dir, cmd.Env = dir, []string{"OPENAI_ADMIN_KEY=" + sim.DefaultAdminKey, "OPENAI_BASE_URL=" + api.URL + "/v1", "HOME=" + dir}
		out, err := cmd.CombinedOutput()
		var ended *exec.ExitError
		if err != nil && !errors.As(err, &ended) {
			t.Fatal(err)
		}
		if got := cmd.ProcessState.ExitCode(); got != want {
			t.Fatalf("bylaw %v ends with %d, want %d:\n%s", args, got, want, out)
		}
		return string(out)
	}
	write := func(yaml string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "org.yaml"), []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	write("version: 1\nip_allowlists: [{name: office, allowed_ip: [10.0.0.1]}]\n")
	if out := run(1, "validate", "org.yaml"); !strings.Contains(out, "did you mean allowed_ips?") {
		t.Errorf("a mistake is told as\n%s", out)
	}
	write(`version: 1
policy: {prune: ["ip_allowlists/*"]}
ip_allowlists:
  - {name: lab, allowed_ips: [10.3.0.1]}
  - {name: office, allowed_ips: [10.0.0.2, 10.0.0.3]}
  - {name: vpn, allowed_ips: [10.2.0.0/16, 10.1.0.0/16]}
`)
	out := run(2, "plan", "--detailed-exitcode", "org.yaml")
	for _, mark := range []string{"+ ip_allowlists/lab", "~ ip_allowlists/office", "- ip_allowlists/old",
		"1 to create, 1 to update, 0 to replace, 1 to delete; 1 unchanged"} {
		if !strings.Contains(out, mark) {
			t.Errorf("the plan has no %q:\n%s", mark, out)
		}
	}
	run(0, "apply", "--yes", "org.yaml")
	want := []toyRow{{"ips_1", "office", []string{"10.0.0.2", "10.0.0.3"}}, {"ips_3", "vpn", []string{"10.1.0.0/16", "10.2.0.0/16"}}, {"ips_4", "lab", []string{"10.3.0.1"}}}
	toy.heardNow()
	if diff := cmp.Diff(want, toy.rows); diff != "" {
		t.Errorf("after the apply (-want +got):\n%s", diff)
	}
	run(0, "plan", "--detailed-exitcode", "org.yaml")
	if diff := cmp.Diff([]string{"GET /v1/organization/ip_allowlists?limit=100"}, toy.heardNow()); diff != "" {
		t.Errorf("a plan without changes (-want +got):\n%s", diff)
	}
}

// buildWithToy builds the program with two files laid over: the table with the row of README.md, and the
// schema with its entry.
func buildWithToy(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir, replace := t.TempDir(), map[string]string{}
	for _, in := range []struct{ file, after, lang, end string }{
		{"internal/kind/rows.go", "return []Kind{\n", "go", "\n"},
		{"schema/org.schema.json", `"properties": {`, "json", ","},
	} {
		file := filepath.Join(root, filepath.FromSlash(in.file))
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		before, rest, ok := strings.Cut(string(b), in.after)
		if !ok {
			t.Fatalf("%s has no %q", in.file, in.after)
		}
		replace[file] = filepath.Join(dir, filepath.Base(file))
		if err := os.WriteFile(replace[file], []byte(before+in.after+walkThrough(t, in.lang)+in.end+rest), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "bylaw")
	cmd := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", out, ".")
	cmd.Dir = root
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return out
}

// walkThrough is the first block of code in a language in README.md's "Adding a kind of object".
func walkThrough(t *testing.T, lang string) string {
	t.Helper()
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(b), "\n## Adding a kind of object\n")
	section, _, _ = strings.Cut(section, "\n## ")
	_, code, ok := strings.Cut(section, "\n```"+lang+"\n")
	code, _, closed := strings.Cut(code, "\n```")
	if !ok || !closed {
		t.Fatalf("README.md adds a kind without %s", lang)
	}
	return code
}

// A toyAPI serves one collection, as the Admin API would.
type toyAPI struct {
	mu    sync.Mutex
	rows  []toyRow
	made  int
	heard []string // requests
}

type toyRow struct {
	ID   string   `json:"id"`
	Name string   `json:"name"`
	IPs  []string `json:"allowed_ips"`
}

// heardNow returns what was heard since it was asked last.
func (a *toyAPI) heardNow() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	heard := a.heard
	a.heard = nil
	return heard
}

func (a *toyAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.heard = append(a.heard, r.Method+" "+r.URL.String())
	b, _ := io.ReadAll(r.Body)
	id, below := strings.CutPrefix(r.URL.Path, "/v1/organization/ip_allowlists/")
	at := -1
	for i := range a.rows {
		if a.rows[i].ID == id {
			at = i
		}
	}
	var answer any
	switch {
	case !below && r.Method == http.MethodGet && r.URL.Path == "/v1/organization/ip_allowlists":
		answer = map[string]any{"object": "list", "data": a.rows, "has_more": false, "first_id": nil, "last_id": nil}
	case !below && r.Method == http.MethodPost && r.URL.Path == "/v1/organization/ip_allowlists":
		a.made++
		a.rows = append(a.rows, toyRow{ID: "ips_" + strconv.Itoa(a.made)})
		at = len(a.rows) - 1
		fallthrough
	case at >= 0 && r.Method == http.MethodPost:
		if err := json.Unmarshal(b, &a.rows[at]); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer = a.rows[at]
	case at >= 0 && r.Method == http.MethodDelete:
		a.rows = append(a.rows[:at], a.rows[at+1:]...)
		answer = map[string]any{"id": id, "deleted": true}
	default:
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}
