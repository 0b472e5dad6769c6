// Package saved is plans and readings of an organization as files: the one JSON format for what a plan
// prints, what it saves and what an apply reads back, the hash that an approval is about, and snapshots
// of what lives. It compares nothing, opens no file and knows no clock. What it reads it holds to the
// schema, and a plan to its own checksum. Start at Document and Snapshot.
package saved

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/schema"
)

// Version is the version of the JSON format of plans. It grows when a reader of the old one would be misled.
const Version = 2

// A Document is a plan, how it was made, and all that it takes to carry it out later. Read makes what is
// empty nil.
type Document struct {
	Plan         plan.Plan
	Tool         string    // version of bylaw
	Time         time.Time // when it was made; UTC, whole seconds
	Sandbox      bool      // against the simulator in the process
	Organization string    // that answered, "" where the API did not say
	Base, Head   Commit
	Requests     map[string]int                 // sent, by "METHOD route"
	Readings     []Reading                      // what was read, and what comes from a snapshot
	Live         kind.Live                      // what the plan was made against: what lives in Plan.Reads and Plan.Watch, and no more is saved
	Want         []kind.Object                  // what is declared at and above the changes, to verify them with
	Declared     map[kind.Address]kind.Position // the same of collections and settings
}

// A Commit is where YAML came from. The zero value is no commit.
type Commit struct {
	Ref   string `json:"ref,omitempty"`   // as it was asked for
	ID    string `json:"id,omitempty"`    // its full hash
	Dirty bool   `json:"dirty,omitempty"` // with changes that are not committed
}

// A Reading is one source of what is known of the organization.
type Reading struct {
	Source string    `json:"source"` // "live", or the name of a snapshot
	Time   time.Time `json:"time"`
	Places int       `json:"places"` // collections, settings and details
}

// ErrAltered says that a file is not as bylaw wrote it.
var ErrAltered = errors.New("it is not as bylaw wrote it: plan again rather than edit a plan")

// planFile is what is special of plans among files.
var planFile = format{name: "bylaw.plan", version: Version, noun: "plan", again: "plan again with this bylaw", schema: compiled(schema.Plan),
	lines: "reads uses watch live want declared"}

// Write writes the document. The same document gives the same bytes.
func (d Document) Write(w io.Writer) error {
	if !d.Plan.Needs.None() {
		return errors.New("write the plan: it is none yet, since it has to read more")
	}
	b, err := marshal(newDocument(d))
	if err == nil {
		b, err = seal(b)
	}
	if err == nil {
		err = planFile.write(w, b)
	}
	if err != nil {
		return fmt.Errorf("write the plan: %w", err)
	}
	return nil
}

// Read reads a document that Write wrote, and nothing else.
func Read(in io.Reader) (Document, error) {
	var f document
	raw, err := planFile.read(in, &f)
	if err != nil {
		return Document{}, fmt.Errorf("read the plan: %w", err)
	}
	var r reader
	d := r.document(f)
	if r.err != nil {
		return Document{}, fmt.Errorf("read the plan: %w", r.err)
	}
	if a := Approve(d); f.Hash != a.hash || f.Approval != a.String() || f.Checksum != checksum(raw) || !d.makes(f.Checksum) {
		return Document{}, fmt.Errorf("read the plan: %w", ErrAltered)
	}
	return d, nil
}

// makes says that the document, written again, has a checksum. A file with a member twice is read in more than
// one way: what is applied is then not what another tool shows of it.
func (d Document) makes(sum string) bool {
	b, err := marshal(newDocument(d))
	if err != nil {
		return false
	}
	raw, err := decode(b)
	return err == nil && checksum(raw) == sum
}

// seal adds to a JSON object, which has other members, the checksum of these.
func seal(b []byte) ([]byte, error) {
	raw, err := decode(b)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(b[:len(b)-1], `,"checksum":%q}`, checksum(raw)), nil
}

// checksum is the digest of all members but the checksum. It tells what was altered by chance or by hand; who
// means to alter a plan can write another checksum, and that is what approvals are for.
func checksum(raw map[string]any) string {
	rest := make(map[string]any, len(raw))
	for name, v := range raw {
		if name != "checksum" {
			rest[name] = v
		}
	}
	return digest(rest)
}
