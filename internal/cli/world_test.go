package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// A world is what a script has around bylaw: a simulator, and what runs in the background.
type world struct {
	seed   sim.State
	config sim.Config
	jobs   map[string]*job

	mu     sync.Mutex
	server *sim.Server
	gate   gate
}

// A gate holds requests back.
type gate struct {
	request string        // "METHOD path"
	in      chan struct{} // gets one for each request that waits
	open    chan struct{} // closed when they may go
}

type worldKey struct{}

func worldOf(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

func setup(env *testscript.Env) error {
	w := &world{seed: sim.Demo(), config: sim.Config{AdminKey: sim.DefaultAdminKey}, jobs: map[string]*job{}}
	w.restart()
	s := httptest.NewServer(w)
	env.Values[worldKey{}] = w
	env.Setenv("OPENAI_BASE_URL", s.URL+"/v1")
	env.Setenv("OPENAI_ADMIN_KEY", w.config.AdminKey)
	env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, ".cache"))
	env.Setenv("GORACE", "atexit_sleep_ms=0") // or every process takes a second to end under -race
	env.Defer(func() {
		w.kill()
		w.release()
		s.Close()
	})
	return nil
}

// restart makes a simulator of the seed and the configuration.
func (w *world) restart() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.server = sim.New(w.seed)
	w.server.Config = w.config
}

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	server, gate := w.server, w.gate
	w.mu.Unlock()
	if gate.request == r.Method+" "+r.URL.Path {
		gate.in <- struct{}{}
		<-gate.open
	}
	server.ServeHTTP(rw, r)
}

func hold(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 2, "hold METHOD PATH")
	w := worldOf(ts)
	w.release()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gate = gate{args[0] + " /v1" + args[1], make(chan struct{}, 100), make(chan struct{})}
}

func held(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 0, "held")
	<-worldOf(ts).gate.in
}

func release(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 0, "release")
	worldOf(ts).release()
}

func (w *world) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gate.open != nil {
		close(w.gate.open)
	}
	w.gate = gate{}
}

func seed(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 1, "seed empty | FILE")
	w := worldOf(ts)
	if w.seed = sim.Empty(); args[0] != "empty" {
		var err error
		w.seed, err = sim.ReadState(strings.NewReader(ts.ReadFile(args[0])))
		ts.Check(err)
	}
	w.restart()
}

// large declares all sections of each project as it lives; settings that are unset, too, so that a first
// apply has something to do.
func large(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 2, "large N DIR")
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	const members, accounts, alerts, models = 3, 2, 2, 3
	w := worldOf(ts)
	w.seed = sim.Large(sim.Size{Projects: n, Users: members * n, Members: members, ServiceAccounts: accounts, Alerts: alerts, Models: models})
	w.restart()
	var b strings.Builder
	item := func(section string, n int, text func(i int) string) {
		fmt.Fprintf(&b, "    %s:\n", section)
		for i := range n {
			fmt.Fprintf(&b, "      - {%s}\n", text(i))
		}
	}
	b.WriteString("version: 1\nprojects:\n")
	for p := range n {
		fmt.Fprintf(&b, "  - name: project-%04d\n", p+1)
		item("users", members, func(i int) string { return fmt.Sprintf("email: user-%04d@acme.example, role: member", p*members+i+1) })
		item("service_accounts", accounts, func(i int) string { return fmt.Sprintf("name: bot-%04d, role: member", i+1) })
		item("rate_limits", models, func(i int) string { return fmt.Sprintf("model: model-%04d, max_requests_per_1_minute: 1000", i+1) })
		item("spend_alerts", alerts, func(i int) string {
			return fmt.Sprintf("threshold_amount: %d, notification_channel: {recipients: [billing@acme.example]}", 1000*(i+1))
		})
		b.WriteString("    model_permissions: {mode: deny_list, model_ids: []}\n    hosted_tool_permissions: {mcp: {enabled: false}}\n" +
			"    data_retention: {retention_type: none}\n    spend_limit: {threshold_amount: 100000}\n")
	}
	dir := ts.MkAbs(args[1])
	ts.Check(os.MkdirAll(dir, 0o755))
	ts.Check(os.WriteFile(filepath.Join(dir, "org.yaml"), []byte(b.String()), 0o644))
}

func setKey(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 1, "key KEY")
	w := worldOf(ts)
	w.config.AdminKey = args[0]
	w.restart()
	ts.Setenv("OPENAI_ADMIN_KEY", args[0])
}

func throttle(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 2, "throttle RATE BURST")
	w := worldOf(ts)
	var err, err2 error
	w.config.Rate, err = strconv.Atoi(args[0])
	w.config.Burst, err2 = strconv.Atoi(args[1])
	ts.Check(errors.Join(err, err2))
	w.restart()
}

// pull sends a request to the control API.
func pull(ts *testscript.TestScript, method, path string, body any) {
	b, ok := body.([]byte)
	if !ok {
		var err error
		b, err = json.Marshal(body)
		ts.Check(err)
	}
	rec := httptest.NewRecorder()
	worldOf(ts).server.ServeHTTP(rec, httptest.NewRequest(method, "/_sim"+path, bytes.NewReader(b)))
	if rec.Code != http.StatusOK {
		ts.Fatalf("%s: %d %s", path, rec.Code, rec.Body)
	}
}

func invite(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 2, "invite accept | expire EMAIL")
	pull(ts, "POST", "/invites/"+args[1]+"/"+args[0], nil)
}

func change(ts *testscript.TestScript, neg bool, args []string) {
	const use = "change [as EMAIL | KEY] METHOD PATH [BODY]"
	in := map[string]any{}
	if len(args) > 2 && args[0] == "as" {
		who := "key"
		if strings.Contains(args[1], "@") {
			who = "actor"
		}
		in[who], args = args[1], args[2:]
	}
	check(ts, neg, len(args) == 2 || len(args) == 3, use)
	in["method"], in["path"] = args[0], args[1]
	if len(args) == 3 {
		in["body"] = json.RawMessage(args[2])
	}
	pull(ts, "POST", "/change", in)
}

func now(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 1, "now TIME")
	at, err := time.Parse(time.RFC3339, args[0])
	ts.Check(err)
	ts.Setenv(nowVar, args[0])
	w := worldOf(ts)
	w.config.Now = func() time.Time { return at }
	w.restart()
}

func clock(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 1, "clock DURATION")
	pull(ts, "POST", "/clock", map[string]string{"advance": args[0]})
}

func faults(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 1, "faults FILE")
	pull(ts, "PUT", "/faults", []byte(ts.ReadFile(args[0])))
}

func quirk(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 1, "quirk NAME")
	pull(ts, "PUT", "/quirks", map[string]bool{args[0]: true})
}

func forbid(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, true, "forbid SCOPE...")
	pull(ts, "PUT", "/scopes", map[string]any{"forbid": args})
}

func forget(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, len(args) == 0, "forget")
	worldOf(ts).server.ResetRequests()
}

func received(ts *testscript.TestScript, neg bool, args []string) {
	const use = "received none | count N | writes | order | routes"
	check(ts, neg, len(args) > 0, use)
	all := worldOf(ts).server.Requests()
	writes := writesOf(all)
	switch what := args[0]; {
	case what == "none" && len(args) == 1:
		if len(writes) > 0 {
			ts.Fatalf("received writes:\n%s", strings.Join(writes, ""))
		}
	case what == "count" && len(args) == 2:
		if args[1] != strconv.Itoa(len(writes)) {
			ts.Fatalf("received %d writes, want %s:\n%s", len(writes), args[1], strings.Join(writes, ""))
		}
	case what == "writes" && len(args) == 1:
		slices.Sort(writes)
		_, _ = io.WriteString(ts.Stdout(), strings.Join(writes, ""))
	case what == "order" && len(args) == 1:
		_, _ = io.WriteString(ts.Stdout(), strings.Join(writes, ""))
	case what == "routes" && len(args) == 1:
		_, _ = io.WriteString(ts.Stdout(), byRoute(all))
	default:
		check(ts, neg, false, use)
	}
}

// writesOf is a line a write, in the order of arrival.
func writesOf(all []sim.Received) []string {
	var out []string
	for _, r := range all {
		if r.Method != http.MethodGet {
			line := r.Method + " " + strings.TrimPrefix(r.Path, "/v1") + " " + string(r.Body)
			out = append(out, strings.TrimRight(line, " \n")+"\n")
		}
	}
	return out
}

func byRoute(all []sim.Received) string {
	n := map[string]int{}
	for _, r := range all {
		n[r.Route]++
	}
	var out strings.Builder
	for _, route := range slices.Sorted(maps.Keys(n)) {
		fmt.Fprintln(&out, n[route], route)
	}
	return out.String()
}
