// Package repo is what bylaw asks of git: which commit a ref names, what a path held at a commit, and
// what changed since. It runs the git program, which every runner has: a git library in Go would be by
// far the largest dependency of bylaw, and would read shallow clones, worktrees and a user's settings in
// its own way. It only reads: the work tree, the index and the refs stay as they are, nothing is fetched,
// and nothing that a checkout brings along is run. It knows nothing of organizations. Start at Open; how
// git is called is in git.go, how a tree is read in tree.go.
package repo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A Repo is a path in the work tree of a repository.
type Repo struct {
	Top  string // the top directory of the work tree, without links
	Path string // the path below it, with slashes; "." is all of it
}

// ErrNone says that no repository can be asked: there is none, or no git program.
var ErrNone = errors.New("no git repository")

// historyHint is what to do where a commit is missing that should be there.
const historyHint = "is the whole history here? in GitHub Actions, check out with fetch-depth: 0"

// Open finds the repository that holds a file or directory of the work tree. Links on the way to it are
// followed as they are now: the path is where they lead, at any commit.
func Open(ctx context.Context, name string) (Repo, error) {
	real, dir, err := place(name)
	if err != nil {
		return Repo{}, err
	}
	out, err := git{dir: dir}.run(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		return Repo{}, opening(name, err)
	}
	prefix, err := git{dir: dir}.run(ctx, "rev-parse", "--show-prefix")
	if err != nil {
		return Repo{}, opening(name, err)
	}
	r := Repo{Top: line(out), Path: path.Join(".", line(prefix))}
	if real != dir {
		r.Path = path.Join(r.Path, filepath.Base(real))
	}
	return r, nil
}

// place is where a path really is, and the directory to ask git in.
func place(name string) (real, dir string, err error) {
	real, err = filepath.Abs(name)
	if err == nil {
		real, err = filepath.EvalSymlinks(real)
	}
	if err != nil {
		return "", "", fmt.Errorf("read %s: %w", name, cause(err))
	}
	info, err := os.Stat(real)
	switch {
	case err != nil:
		return "", "", fmt.Errorf("read %s: %w", name, cause(err))
	case info.IsDir():
		return real, real, nil
	}
	return real, filepath.Dir(real), nil
}

// cause is the error without the path, which the caller names as people do.
func cause(err error) error {
	if at, ok := errors.AsType[*os.PathError](err); ok {
		return at.Err
	}
	return err
}

// noRepository are git's words where there is no work tree.
var noRepository = []string{"fatal: not a git repository", "fatal: this operation must be run in a work tree"}

func opening(name string, err error) error {
	said := &failure{}
	if !errors.As(err, &said) {
		return err
	}
	for _, words := range noRepository {
		if strings.HasPrefix(said.line, words) {
			return fmt.Errorf("%w holds %s", ErrNone, name)
		}
	}
	return err
}

// commitID is an object id: SHA-1 or SHA-256.
var commitID = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// Commit is the full id of the commit that a ref names: a branch, a tag, an id, HEAD~1.
func (r Repo) Commit(ctx context.Context, ref string) (string, error) {
	if err := r.single(ctx, ref); err != nil {
		return "", err
	}
	id, err := r.resolve(ctx, ref)
	if err != nil || id != "" {
		return id, err
	}
	if id, err := r.resolve(ctx, "refs/remotes/origin/"+ref); err == nil && id != "" {
		return "", fmt.Errorf("git has no commit %q; did you mean %q?", ref, "origin/"+ref)
	}
	return "", fmt.Errorf("git has no commit %q; %s", ref, historyHint)
}

// single refuses the name of both a tag and a branch: git takes the tag, which whoever may push one can make, and
// everybody who fetches gets it.
func (r Repo) single(ctx context.Context, ref string) error {
	name := ref
	if end := strings.IndexAny(ref, "~^@:*?["); end >= 0 {
		name = ref[:end]
	}
	if name == "" || commitID.MatchString(name) || strings.Contains(name, "\x00") {
		return nil
	}
	all := []string{"refs/tags/" + name, "refs/heads/" + name, "refs/remotes/" + name}
	out, err := r.git().run(ctx, append([]string{"for-each-ref", "--format=%(refname)", "--"}, all...)...)
	if err != nil {
		return err
	}
	found := slices.DeleteFunc(strings.Fields(string(out)), func(s string) bool { return !slices.Contains(all, s) })
	if len(found) > 1 {
		return fmt.Errorf("%q names several refs: %s; write one of them in full", ref, strings.Join(found, ", "))
	}
	return nil
}

// resolve is the commit of a ref, or "". A ref is what somebody typed, or the name of a hostile branch: git
// must not take it for an option, and what git makes of it must be one commit: ^main and a..b are not.
func (r Repo) resolve(ctx context.Context, ref string) (string, error) {
	if ref == "" || strings.HasPrefix(ref, "-") || strings.Contains(ref, "\x00") {
		return "", nil
	}
	out, err := r.git().run(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}")
	if said := (&failure{}); errors.As(err, &said) {
		if said.line != "" { // --quiet: not just missing
			return "", fmt.Errorf("git has no commit %q: %w", ref, err)
		}
		return "", nil
	}
	if id := line(out); commitID.MatchString(id) {
		return id, err
	}
	return "", err
}

func (r Repo) head(ctx context.Context) (string, error) {
	id, err := r.resolve(ctx, "HEAD")
	if err == nil && id == "" {
		err = fmt.Errorf("%s has no commit yet; git commit makes one", r.Top)
	}
	return id, err
}

// Head is HEAD's commit, and whether the path has changes that are not in it: files that differ or are not
// added, and those that git ignores but bylaw would read.
func (r Repo) Head(ctx context.Context) (commit string, dirty bool, err error) {
	if commit, err = r.head(ctx); err != nil {
		return "", false, err
	}
	out, err := r.git().run(ctx, "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all",
		"--ignored=traditional", "--ignore-submodules=none", "--", r.Path)
	if err != nil {
		return "", false, err
	}
	for _, entry := range records(out) {
		name, ignored := strings.CutPrefix(entry, "!! ")
		if !ignored || r.reads(name) {
			return commit, true, nil
		}
	}
	return commit, false, nil
}

func (r Repo) git() git { return git{dir: r.Top} }

// line is an answer that is one line. A path may end in a line break of its own.
func line(out []byte) string { return strings.TrimSuffix(string(out), "\n") }

// records are the parts of an answer to -z.
func records(out []byte) []string {
	if len(out) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}
