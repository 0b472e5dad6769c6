package desired

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// maxSize is the most that a file may hold, in bytes.
const maxSize = 16 << 20

// find lists the files: the path itself, or every *.yaml below it.
func (l *loader) find(at, name string) error {
	info, err := fs.Stat(l.fsys, at)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, cause(err))
	}
	if !info.IsDir() {
		l.files = []file{{path: at, name: name, main: true}}
		return nil
	}
	var other []string // what may have been meant
	err = fs.WalkDir(l.fsys, at, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("read %s: %w", display(name, at, p), cause(err))
		}
		if p != at && strings.HasPrefix(d.Name(), ".") {
			return skip(d)
		}
		switch ext := path.Ext(p); {
		case d.IsDir():
		case ext == ".yaml":
			l.files = append(l.files, file{path: p, rel: below(at, p), name: display(name, at, p), main: below(at, p) == "org.yaml"})
		case ext == ".yml" || strings.EqualFold(ext, ".yaml"):
			other = append(other, display(name, at, p))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return l.foundRoot(name, other)
}

// skip leaves out a hidden file, or all of a hidden directory such as .git.
func skip(d fs.DirEntry) error {
	if d.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// display is a file of a directory, as people name it.
func display(name, at, p string) string {
	return filepath.Join(name, filepath.FromSlash(below(at, p)))
}

// below is the path of p, relative to the directory at.
func below(at, p string) string {
	if at == "." {
		return p
	}
	return strings.TrimPrefix(strings.TrimPrefix(p, at), "/")
}

func (l *loader) foundRoot(name string, other []string) error {
	for _, f := range l.files {
		if f.main {
			return nil
		}
	}
	m := mistake(kind.Position{File: name}, "", "no org.yaml in this directory", "it is the root file, with `version: 1`; the other files are fragments")
	if len(l.files) == 0 {
		m.Message = "no *.yaml file in this directory"
		m.Hint = "start with an org.yaml that says `version: 1`"
	}
	if below := l.rootsBelow(); len(below) > 0 {
		m.Hint = "it is the root file, with `version: 1`; did you mean " + strings.Join(below, " or ") + "?"
	}
	if len(other) > 0 {
		to := strings.TrimSuffix(other[0], path.Ext(other[0])) + ".yaml"
		m.Hint = fmt.Sprintf("only *.yaml is read: mv %s %s", other[0], to)
	}
	return Mistakes{m}
}

// mostRoots is how many organizations a hint names.
const mostRoots = 3

// rootsBelow are directories below this one that are organizations, as people name them.
func (l *loader) rootsBelow() []string {
	var out []string
	for _, f := range l.files {
		if path.Base(f.path) == "org.yaml" && len(out) < mostRoots {
			out = append(out, filepath.Dir(f.name))
		}
	}
	return out
}

// bytes reads a file. What is not an ordinary file is not opened: a pipe would never end.
func (l *loader) bytes(f file) ([]byte, error) {
	whole := kind.Position{File: f.name}
	info, err := fs.Stat(l.fsys, f.path)
	if link, e := fs.Lstat(l.fsys, f.path); err != nil && e == nil && link.Mode()&fs.ModeSymlink != 0 {
		return nil, mistake(whole, "", "a link that leads nowhere, or out of the directory", "put the file itself here")
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.name, cause(err))
	}
	if !info.Mode().IsRegular() {
		return nil, mistake(whole, "", "not an ordinary file", "pipes, devices and links to directories are not read")
	}
	r, err := l.fsys.Open(f.path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.name, cause(err))
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.name, cause(err))
	}
	if len(data) > maxSize {
		return nil, mistake(whole, "", "larger than 16 MiB", "split it into several files of one directory")
	}
	return data, nil
}

// cause is the error without the path, which the caller names as people do.
func cause(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
