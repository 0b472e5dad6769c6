// Package desired loads and checks the YAML that describes an organization: a file, or a directory
// whose files are one document. It turns it into the objects that a plan compares with the live ones,
// or into all the mistakes it finds, each with its place. It knows nothing of the live organization:
// an unknown model or a member who is not there is for a plan to find. Start at Load; files become
// nodes (read.go, tree.go, node.go), nodes are brought into shape (shape.go, profile.go), checked
// (check.go, explain.go, rules.go) and become objects (objects.go, policy.go), which are held to the lanes
// of their files (lanes.go, outside.go).
package desired

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// An Org is what the YAML declares.
type Org struct {
	Objects  []kind.Object                  // all that is declared, sorted by address, profiles merged, defaults filled in
	Declared map[kind.Address]kind.Position // every collection and setting that is declared, empty ones too
	Policy   kind.Policy
	Files    []string // what was read, in order

	Fragments []Fragment // those of the files that are held to lanes
}

// Load reads a file or a directory. The error is Mistakes where the YAML is wrong, and an ordinary
// one where there is none to speak of. The path itself may be a link; no link below it is followed out of the
// directory: what is read may end up in messages, and a link could lead to the key of this process.
func Load(path string) (Org, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return Org{}, fmt.Errorf("read %s: %w", path, cause(err))
	}
	info, err := os.Stat(real)
	if err != nil {
		return Org{}, fmt.Errorf("read %s: %w", path, cause(err))
	}
	dir, at := real, "."
	if !info.IsDir() {
		dir, at = filepath.Split(real)
	}
	root, err := os.OpenRoot(filepath.Clean(dir))
	if err != nil {
		return Org{}, fmt.Errorf("read %s: %w", path, cause(err))
	}
	defer root.Close()
	return LoadFS(root.FS(), at, path)
}

// LoadFS is Load of a file or directory in fsys. Places name it by name.
func LoadFS(fsys fs.FS, path, name string) (Org, error) {
	l := loader{fsys: fsys}
	if err := l.find(path, name); err != nil {
		return Org{}, err
	}
	if err := l.read(); err != nil {
		return Org{}, err
	}
	l.shape()
	l.merge()
	l.check()
	org := l.org()
	if ms := l.sorted(); len(ms) > 0 {
		return Org{}, ms
	}
	return org, nil
}

// A loader is one Load at work.
type loader struct {
	collector
	fsys   fs.FS
	files  []file
	copies int // nodes that aliases made
	bombed bool
}

// A file is one file of the document.
type file struct {
	path string // in the file system
	rel  string // below the directory that is loaded; "" of a file that is loaded by itself
	name string // for people
	main bool   // the root file: the only one with policy and profiles
	root *node  // nil: unreadable
}

func (l *loader) org() Org {
	b := objects{declared: map[kind.Address]kind.Position{}}
	for _, f := range l.files {
		b.sections(f.root, topKinds(), "")
	}
	for _, o := range b.all {
		l.includes(o)
	}
	l.profileRules(l.main().member("profiles"))
	l.rules(b.all, l.main().member("policy"))
	policy := l.policy()
	out := Org{Declared: b.declared, Policy: policy}
	for _, f := range l.files {
		out.Files = append(out.Files, f.name)
		if !f.main && f.root != nil {
			out.Fragments = append(out.Fragments, fragment(f))
		}
	}
	for _, o := range b.all {
		out.Objects = append(out.Objects, o.Object)
	}
	slices.SortFunc(out.Objects, func(a, b kind.Object) int { return a.Addr.Compare(b.Addr) })
	l.strays(out)
	return out
}

// main is the root of the root file, or nil.
func (l *loader) main() *node {
	for _, f := range l.files {
		if f.main {
			return f.root
		}
	}
	return nil
}

func topKinds() []*kind.Kind {
	var out []*kind.Kind
	for _, k := range kind.All() {
		if k.Parent() == nil {
			out = append(out, k)
		}
	}
	return out
}
