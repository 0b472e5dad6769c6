package saved

import (
	"fmt"
	"io"
	"time"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/schema"
)

// SnapshotVersion is the version of the JSON format of snapshots.
const SnapshotVersion = 1

// A Snapshot is a reading of an organization. Who owns the key in use, and which key that is, is no part
// of it: that depends on who reads.
type Snapshot struct {
	Tool         string    // version of bylaw
	Time         time.Time // when it was taken; UTC, whole seconds
	Sandbox      bool
	Organization string // that answered, "" where the API did not say
	Live         kind.Live
}

// snapshot is a snapshot in JSON, in the order of the file; schema/snapshot.schema.json describes it.
type snapshot struct {
	Format       string    `json:"format"`
	Version      int       `json:"version"`
	Tool         string    `json:"tool"`
	Time         time.Time `json:"time"`
	Sandbox      bool      `json:"sandbox"`
	Organization string    `json:"organization"`
	Places       []place   `json:"places"`
	Objects      []object  `json:"objects"`
}

var snapshotFile = format{name: "bylaw.snapshot", version: SnapshotVersion, noun: "snapshot", again: "take it again with this bylaw",
	schema: compiled(schema.Snapshot), lines: "places objects"}

// Write writes the snapshot, an object a line, in the order of addresses. The same snapshot gives the same
// bytes.
func (s Snapshot) Write(w io.Writer) error {
	b, err := marshal(snapshot{Format: snapshotFile.name, Version: snapshotFile.version, Tool: s.Tool, Time: s.Time.UTC().Truncate(time.Second),
		Sandbox: s.Sandbox, Organization: s.Organization, Places: newSources(s.Live.Read), Objects: newObjects(s.Live.Objects)})
	if err == nil {
		err = snapshotFile.write(w, b)
	}
	if err != nil {
		return fmt.Errorf("write the snapshot: %w", err)
	}
	return nil
}

// ReadSnapshot reads a snapshot. Unlike a plan it may have been edited: nothing is applied without looking
// again.
func ReadSnapshot(in io.Reader) (Snapshot, error) {
	var f snapshot
	if _, err := snapshotFile.read(in, &f); err != nil {
		return Snapshot{}, fmt.Errorf("read the snapshot: %w", err)
	}
	var r reader
	s := Snapshot{Tool: f.Tool, Time: f.Time.UTC(), Sandbox: f.Sandbox, Organization: f.Organization,
		Live: kind.Live{Organization: f.Organization, Objects: every(&r, "/objects", f.Objects, r.object), Read: map[kind.Source]bool{}}}
	for _, p := range every(&r, "/places", f.Places, r.place) {
		s.Live.Read[p.Source()] = true
	}
	if r.err != nil {
		return Snapshot{}, fmt.Errorf("read the snapshot: %w", r.err)
	}
	return s, nil
}
