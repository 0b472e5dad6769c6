package cli

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/bylaw-dev/bylaw/internal/apply"
	"github.com/bylaw-dev/bylaw/internal/render"
)

// A journal is a file that says what was sent, a JSON object a line. A line is on the disk before the
// request that it speaks of is sent.
type journal struct {
	mu   sync.Mutex
	file *os.File
	sync bool // it is a file, not a device or a pipe
	run  string
}

// A line is one line of a journal.
type line struct {
	Time      time.Time      `json:"time"`
	Run       string         `json:"run"`
	Plan      string         `json:"plan"` // the hash of the plan that is applied, as bylaw plan prints it
	N         int            `json:"n"`    // of the request in its run
	Phase     apply.Phase    `json:"phase"`
	Address   string         `json:"address"`
	Method    string         `json:"method"`
	Route     string         `json:"route"`
	Path      string         `json:"path"`
	Body      map[string]any `json:"body,omitempty"`
	Fields    []field        `json:"fields,omitempty"`
	Status    int            `json:"status,omitempty"`
	RequestID string         `json:"request_id,omitempty"`
	Outcome   apply.Outcome  `json:"outcome,omitempty"`
	Error     string         `json:"error,omitempty"`
}

// A field is what a change makes of one: enough to put it back by hand.
type field struct {
	Name string `json:"name"` // as in the plan
	Old  any    `json:"old"`  // null: it was not set
	New  any    `json:"new"`
}

// openJournal opens the file to append to it, having said what its last run left open. What cannot be
// read in it is said and left alone.
func (a *app) openJournal(name string) (*journal, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	j := &journal{file: f, run: rand.Text()[:8]}
	info, err := f.Stat()
	if err == nil && info.Mode()&fs.ModeType == 0 {
		j.sync = true
		err = a.recall(name, f)
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("open the journal %s: %w", name, err)
	}
	return j, nil
}

// recall says what the last run in the journal had sent without hearing what became of it.
func (a *app) recall(name string, f *os.File) error {
	b, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	lines, broken := readJournal(b)
	if len(broken) > 0 {
		fmt.Fprintf(a.Stderr, "bylaw: journal %s: line %s cannot be read and is left alone\n", name, strings.Trim(fmt.Sprint(broken), "[]"))
	}
	if open, answered := interrupted(lines); len(open) > 0 {
		fmt.Fprintf(a.Stderr, "bylaw: journal %s: run %s was interrupted; %d of its requests were answered, and of these it is not known:\n", name, render.Clean(open[0].Run), answered)
		for _, l := range open {
			fmt.Fprintf(a.Stderr, "  %s %s  %s %s\n", l.Time.Format(time.RFC3339), render.Clean(l.Address), render.Clean(l.Method), render.Clean(l.Path))
		}
		fmt.Fprintln(a.Stderr, "bylaw: the plan will tell: what is still to be done was not carried out")
	}
	if len(b) > 0 && !bytes.HasSuffix(b, []byte("\n")) {
		_, err = f.WriteString("\n") // the last line was cut off
	}
	return err
}

// readJournal reads the lines of a journal, and counts those that it cannot read.
func readJournal(b []byte) (lines []line, broken []int) {
	s := bufio.NewScanner(bytes.NewReader(b))
	s.Buffer(nil, len(b)+1)
	for n := 1; s.Scan(); n++ {
		var l line
		switch {
		case len(bytes.TrimSpace(s.Bytes())) == 0:
		case json.Unmarshal(s.Bytes(), &l) != nil || l.Run == "" || l.N == 0:
			broken = append(broken, n)
		default:
			lines = append(lines, l)
		}
	}
	return lines, broken
}

// interrupted returns the requests of the last run that were sent and have no answer, and how many
// were answered.
func interrupted(lines []line) (open []line, answered int) {
	if len(lines) == 0 {
		return nil, 0
	}
	last := lines[len(lines)-1].Run
	heard := map[int]bool{}
	for _, l := range lines {
		if l.Run == last && l.Phase == apply.Answered && l.Outcome != apply.Unknown {
			heard[l.N] = true
		}
	}
	for _, l := range lines {
		if l.Run == last && l.Phase == apply.Sending && !heard[l.N] {
			open = append(open, l)
		}
	}
	return open, len(heard)
}

// of is a journal of the requests of one plan.
func (j *journal) of(plan string) func(apply.Entry) error {
	return func(e apply.Entry) error { return j.note(plan, e) }
}

// note writes one entry, and returns when it is on the disk.
func (j *journal) note(plan string, e apply.Entry) error {
	l := line{Time: time.Now().UTC(), Run: j.run, Plan: plan, N: e.N, Phase: e.Phase, Address: string(e.Addr),
		Method: e.Request.Method, Route: e.Request.Route, Path: e.Request.Path, Body: e.Request.Body}
	for _, f := range e.Fields {
		l.Fields = append(l.Fields, field{f.Name, f.Old, f.New})
	}
	if e.Phase == apply.Answered {
		l.Body, l.Status, l.RequestID, l.Outcome = nil, e.Answer.Status, e.Answer.RequestID, e.Outcome
	}
	if e.Err != nil {
		l.Error = e.Err.Error()
	}
	b, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	_, err = j.file.Write(append(b, '\n'))
	if err == nil && j.sync {
		err = j.file.Sync()
	}
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}

func (j *journal) close() error {
	if err := j.file.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("close the journal: %w", err)
	}
	return nil
}
