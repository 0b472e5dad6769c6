package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
)

const (
	limitsVersion = 1
	limitsKept    = 30 * 24 * time.Hour
)

// learned is the file that keeps what was learned of limits between runs. It is a hint: whoever loses
// it learns again.
type learned struct {
	Version int                      `json:"version"`
	Keys    map[string]learnedLimits `json:"keys"` // by a fingerprint of base URL and key
}

type learnedLimits struct {
	Time   time.Time       `json:"time"`
	Routes []adminapi.Pace `json:"routes"`
}

func limitsFile() (string, error) {
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "bylaw", "limits.json"), err
}

// readLimits reads the file. What it cannot read it says, and goes on without.
func (a *app) readLimits() learned {
	empty := learned{Version: limitsVersion, Keys: map[string]learnedLimits{}}
	name, err := limitsFile()
	if err != nil {
		return empty // no home, no cache
	}
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return empty
	}
	var l learned
	if err == nil {
		err = json.Unmarshal(b, &l)
	}
	if err == nil && (l.Version != limitsVersion || l.Keys == nil) {
		err = fmt.Errorf("version %d is not known", l.Version)
	}
	if err != nil {
		a.say("bylaw: the limits learned by earlier runs cannot be read, and are learned again: %s: %v", name, err)
		return empty
	}
	return l
}

// writeLimits keeps what this run learned. That it cannot is worth a word only with -v.
func (a *app) writeLimits(key string, paces []adminapi.Pace) {
	quiet := app{globals: globals{Quiet: true}} // what cannot be read was said at the start
	l := quiet.readLimits()
	if len(paces) == 0 && len(l.Keys[key].Routes) == 0 {
		return
	}
	now := time.Now().UTC()
	l.Keys[key] = learnedLimits{now, paces}
	for k, old := range l.Keys {
		if now.Sub(old.Time) > limitsKept || len(old.Routes) == 0 {
			delete(l.Keys, k)
		}
	}
	name, err := limitsFile()
	if err == nil {
		err = replaceFile(name, 0o700, func(w io.Writer) error { return json.NewEncoder(w).Encode(l) })
	}
	if err != nil && a.Verbose {
		a.say("bylaw: the limits that were learned are not kept: %v", err)
	}
}

// showLimits says what was learned.
func (a *app) showLimits(paces []adminapi.Pace) {
	if !a.Verbose {
		return
	}
	for _, p := range paces {
		if p.PerMinute == 0 {
			continue // it has shown no limit yet
		}
		a.say("learned: %s: %.1f requests a minute, %.0f at once", p.Route, p.PerMinute, p.Burst)
	}
}

// replaceFile writes a file in one step, so that a kill leaves the old one or the new one. A device or a pipe,
// such as /dev/stdout, is written to and stays what it is.
func replaceFile(name string, dir fs.FileMode, write func(io.Writer) error) error {
	if err := checkTarget(name); err != nil {
		return err
	}
	if device(name) {
		return writeTo(name, write)
	}
	if err := os.MkdirAll(filepath.Dir(name), dir); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	err = write(f)
	if was, e := os.Stat(name); err == nil && e == nil { // a new file is its owner's; one that is replaced stays as open as it was
		err = f.Chmod(was.Mode().Perm())
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	return err
}

func writeTo(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	err = write(f)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// checkTarget finds a file that cannot be written, before the work that it is to hold.
func checkTarget(name string) error {
	if name == "" {
		return errors.New("no file is named") // as by a variable that is not set
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a directory", name)
	}
	return nil
}

func device(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.Mode().IsRegular() || filepath.Dir(name) == "/dev"
}
