package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/render"
	"github.com/bylaw-dev/bylaw/internal/repo"
)

type orgsCmd struct {
	Root         string `arg:"" optional:"" default:"." help:"The directory to look in (${default})."`
	ChangedSince string `placeholder:"REF" help:"Only those with a *.yaml that changed since HEAD left this git ref, such as origin/main. What is not committed does not count."`
	Format       string `enum:"text,json,github-matrix" default:"text" help:"text, json, or github-matrix for the jobs of a workflow (${default})."`
}

func (orgsCmd) Help() string {
	return `Example:

    bylaw orgs examples/orgs

An organization is a directory with an org.yaml; what is below it belongs to it. In a workflow, one job for each that a pull request changes:

    matrix=$(bylaw orgs orgs --changed-since origin/main --format github-matrix)
    echo "matrix=$matrix" >> "$GITHUB_OUTPUT"

On one line, echo would hide that bylaw failed. When nothing changed it prints {"include":[]}, and a workflow skips the jobs: it takes no empty matrix.`
}

// rootFile makes a directory an organization.
const rootFile = "org.yaml"

// An organization is a directory that can be planned.
type organization struct {
	Name string `json:"name"` // the path below the root that was asked for
	Path string `json:"path"` // as plan takes it
}

// Run lists the organizations.
func (c orgsCmd) Run(a *app) error {
	dirs, err := organizations(c.Root)
	if err == nil {
		err = distinct(dirs)
	}
	if err != nil {
		return err
	}
	if c.ChangedSince != "" {
		dirs, err = c.changed(a, dirs)
	} else if len(dirs) == 0 {
		err = fmt.Errorf("no organization in %s; it is a directory with an %s", c.Root, rootFile)
	}
	if err != nil {
		return err
	}
	orgs, err := c.named(dirs)
	if err != nil {
		return err
	}
	return c.print(a, orgs)
}

// organizations are the directories with an org.yaml, relative to the root, with slashes, sorted. Links to
// directories are not followed, just as a load does not, but for the root itself.
func organizations(root string) ([]string, error) {
	var out []string
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, fmt.Errorf("look for organizations: %w", err)
	}
	err = filepath.WalkDir(real, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case p == real && !d.IsDir():
			return fmt.Errorf("%s is no directory; to plan one organization, no list is needed", root)
		case !d.IsDir():
			return nil
		case p != real && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		}
		file, err := os.Lstat(filepath.Join(p, rootFile))
		if errors.Is(err, fs.ErrNotExist) || err == nil && file.IsDir() {
			return nil
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(real, p)
		if err != nil {
			return err
		}
		out = append(out, filepath.ToSlash(rel))
		return fs.SkipDir
	})
	if err != nil {
		return nil, fmt.Errorf("look for organizations: %w", err)
	}
	slices.Sort(out)
	return out, nil
}

// harmless is what a path may be made of: a workflow pastes it into a shell, and whoever names a directory in
// a branch is not always to be trusted.
var harmless = regexp.MustCompile(`^[A-Za-z0-9._/@+-]+$`)

func isHarmless(p string) bool { return harmless.MatchString(p) && !strings.Contains("/"+p, "/-") }

// refLike says whether git takes a name as a part of a ref's: a workflow keeps what it applied in one.
func refLike(name string) bool {
	return !slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool {
		return strings.Contains(part, "..") || strings.HasSuffix(part, ".") || strings.HasSuffix(part, ".lock")
	})
}

// distinct refuses names that differ in case alone: to GitHub they are the same environment, so that whoever may
// add a directory would have the key of another one.
func distinct(dirs []string) error {
	seen := map[string]string{}
	for _, dir := range dirs {
		same := strings.ToLower(dir)
		if had, ok := seen[same]; ok {
			return fmt.Errorf("%q and %q differ in case alone, and would share the environments of a workflow; rename one", had, dir)
		}
		seen[same] = dir
	}
	return nil
}

// named are the organizations as they are printed.
func (c orgsCmd) named(dirs []string) ([]organization, error) {
	orgs, bad := []organization{}, []string{}
	for _, dir := range dirs {
		o := organization{Name: dir, Path: c.path(dir)}
		if dir == "." {
			root, err := filepath.Abs(c.Root)
			if err != nil {
				return nil, fmt.Errorf("name %s: %w", c.Root, err)
			}
			o.Name = filepath.Base(root)
		}
		if !isHarmless(o.Path) || !isHarmless(o.Name) || !refLike(o.Name) {
			bad = append(bad, strconv.Quote(o.Path))
		}
		orgs = append(orgs, o)
	}
	if len(bad) > 0 {
		return nil, fmt.Errorf("unsafe in a workflow: %s; name them with letters, digits and . _ @ + - only, not with a - first, and as git names refs: no two dots in a row, no dot or .lock at the end", strings.Join(bad, ", "))
	}
	return orgs, nil
}

// path is a directory below the root as people and commands name it.
func (c orgsCmd) path(dir string) string { return filepath.ToSlash(filepath.Join(c.Root, dir)) }

func (c orgsCmd) print(a *app, orgs []organization) error {
	switch c.Format {
	case "github-matrix":
		return writeJSON(a.Stdout, map[string]any{"include": orgs}, "") // one line: that is what an output of a step is
	case "json":
		return writeJSON(a.Stdout, map[string]any{"organizations": orgs}, "  ")
	}
	for _, o := range orgs {
		if _, err := fmt.Fprintln(a.Stdout, o.Path); err != nil {
			return err
		}
	}
	return nil
}

// changed are those of the organizations that changed, and says which are gone.
func (c orgsCmd) changed(a *app, dirs []string) ([]string, error) {
	r, err := repo.Open(a.ctx, c.Root)
	if errors.Is(err, repo.ErrNone) {
		err = fmt.Errorf("%w; --changed-since compares with a commit", err)
	}
	if err != nil {
		return nil, err
	}
	paths, err := r.Changed(a.ctx, c.ChangedSince)
	if err != nil {
		return nil, err
	}
	d := delta{repo: r, files: map[string]bool{}}
	for _, p := range paths {
		d.files[p] = true
	}
	gone := d.gone(dirs)
	for _, dir := range gone {
		a.say("%s", render.Line(fmt.Sprintf("removed: %s: nothing is planned for it; its objects stay", c.path(dir))))
	}
	return slices.DeleteFunc(dirs, func(dir string) bool { return !d.touches(dir, gone) }), nil
}

// A delta is the files that changed. Directories are below the root, files below the top of the repository.
type delta struct {
	repo  repo.Repo
	files map[string]bool
}

// gone are the directories that were organizations: their org.yaml went, and no other organization, of now or
// of then, holds them.
func (d delta) gone(dirs []string) []string {
	var lost []string
	for file := range d.files {
		dir, ok := below(d.repo.Path, path.Dir(file))
		if path.Base(file) != rootFile || !ok || hidden(dir) || anyHolds(dirs, dir) {
			continue
		}
		if _, err := os.Lstat(d.at(file)); errors.Is(err, fs.ErrNotExist) {
			lost = append(lost, dir)
		}
	}
	slices.Sort(lost)
	var out []string
	for _, dir := range lost { // what holds another comes first
		if !anyHolds(out, dir) {
			out = append(out, dir)
		}
	}
	return out
}

// touches says whether an organization changed: a file below it, since a fragment may include any, or that it
// was a part of another one, which is gone.
func (d delta) touches(dir string, gone []string) bool {
	org := path.Join(d.repo.Path, dir)
	for file := range d.files {
		rel, ok := below(org, file)
		if ok && !hidden(rel) {
			return true
		}
		if _, ok := below(file, org); ok { // the organization is in a submodule, which changed
			return true
		}
	}
	return anyHolds(gone, dir)
}

// at is a file of the repository in the work tree.
func (d delta) at(file string) string { return filepath.Join(d.repo.Top, filepath.FromSlash(file)) }

// anyHolds says whether a directory is one of these, or below one.
func anyHolds(dirs []string, dir string) bool {
	return slices.ContainsFunc(dirs, func(d string) bool { _, ok := below(d, dir); return ok })
}

// below is the path of a file relative to a directory that holds it, or is it. Both have slashes.
func below(dir, file string) (string, bool) {
	switch {
	case dir == file:
		return ".", true
	case dir == ".":
		return file, true
	}
	return strings.CutPrefix(file, dir+"/")
}

// hidden says whether a part of a path is.
func hidden(rel string) bool { return rel != "." && strings.Contains("/"+rel, "/.") }
