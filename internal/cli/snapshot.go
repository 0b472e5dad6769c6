package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/saved"
)

type snapshotCmd struct {
	File string `arg:"" help:"Where to save what was read."`
	Path string `arg:"" optional:"" default:"." help:"The YAML that says what to read: a file, or a directory of fragments (${default})."`
}

func (snapshotCmd) Help() string {
	return "It holds ids, names and settings, and no secret. A plan of a change then reads only what the change touches:\n\n    bylaw snapshot live.json orgs/acme\n    bylaw plan --base main... --snapshot live.json orgs/acme"
}

// Run reads all that the YAML declares, and saves it.
func (c snapshotCmd) Run(a *app) (err error) {
	if err := checkTarget(c.File); err != nil {
		return usagef("save the snapshot: %w", err)
	}
	t, err := a.task(c.Path, planFlags{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.s.close()) }()
	if _, err := t.whole(); err != nil {
		return err
	}
	live := t.reader.Live()
	s := saved.Snapshot{Tool: toolVersion(), Time: a.now(), Sandbox: a.Sandbox, Organization: live.Organization, Live: live}
	if err := replaceFile(c.File, 0o755, func(w io.Writer) error { return s.Write(w) }); err != nil {
		return fmt.Errorf("save the snapshot %s: %w", c.File, err)
	}
	a.say("saved: %s of %s", english.Plural(len(live.Objects), "object", ""), placesText(len(live.Read)))
	return nil
}

// A recall is what is known from before, and what of it may be used.
type recall struct {
	file     string // "" = nothing is known
	snapshot saved.Snapshot
	may      func(kind.Place) bool
}

// autoRefresh leaves it to the other flags what is read.
const autoRefresh = "auto"

// refresh is what is read.
func (f planFlags) refresh() string {
	switch {
	case f.Refresh != "" && f.Refresh != autoRefresh:
		return f.Refresh
	case f.Snapshot == "":
		return "all"
	case f.Base == nil:
		return "none"
	}
	return "touched"
}

// checkReading finds flags that do not go together.
func (f planFlags) checkReading() error {
	switch {
	case f.Refresh == "none" && f.Snapshot == "":
		return usagef("--refresh none reads nothing: say what is there with --snapshot FILE")
	case f.Refresh == "touched" && f.Base == nil:
		return usagef("--refresh touched reads what differs between base and YAML: say --base as well")
	}
	return nil
}

// recallFor reads the snapshot, and says what of it a plan may use.
func (a *app) recallFor(f planFlags, in plan.Input) (*recall, error) {
	r := &recall{file: f.Snapshot}
	switch touched := plan.Touched(in); f.refresh() {
	case "all":
		return nil, nil
	case "none":
		r.may = func(kind.Place) bool { return true }
	default:
		r.may = func(p kind.Place) bool { return !touched(p.In) }
	}
	if f.Snapshot == "" {
		return r, nil
	}
	file, err := os.Open(f.Snapshot)
	if err != nil {
		return nil, fmt.Errorf("read the snapshot: %w", err)
	}
	defer file.Close()
	if r.snapshot, err = saved.ReadSnapshot(file); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Snapshot, err)
	}
	if r.snapshot.Sandbox != a.Sandbox {
		return nil, usagef("the snapshot %s is of %s: %s", f.Snapshot, world(r.snapshot.Sandbox), sandboxHint(r.snapshot.Sandbox))
	}
	return r, nil
}

func world(sandbox bool) string {
	if sandbox {
		return "a simulated organization"
	}
	return "a live organization"
}

func sandboxHint(sandbox bool) string {
	if sandbox {
		return "it goes with --sandbox"
	}
	return "it goes without --sandbox"
}

// readings say what was read, and how old it is.
func (t *task) readings() []saved.Reading {
	out := []saved.Reading{{Source: "live", Time: t.a.now(), Places: t.reader.ReadLive()}}
	if t.recall != nil && t.recall.file != "" {
		out = append(out, saved.Reading{Source: t.recall.file, Time: t.recall.snapshot.Time, Places: t.reader.Recalled()})
	}
	return out
}

// lines say in words what was read, where it was not all read live.
func (t *task) lines(readings []saved.Reading) []string {
	if len(readings) == 0 {
		return nil
	}
	live := readings[0].Places
	switch {
	case len(readings) > 1:
		old := readings[1]
		return []string{fmt.Sprintf("Read live: %d of %s; %d from the snapshot %s of %s, %s.", live, placesText(live+old.Places), old.Places,
			old.Source, old.Time.UTC().Format(time.RFC3339), humanize.RelTime(old.Time, t.a.now(), "ago", "from now"))}
	case t.partial():
		return []string{fmt.Sprintf("Read live: %s, all that this change touches; drift was not looked for.", placesText(live))}
	}
	return nil
}

func placesText(n int) string {
	return english.Plural(n, "collection or setting", "collections and settings")
}
