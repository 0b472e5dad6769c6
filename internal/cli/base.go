package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/desired"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/repo"
	"github.com/bylaw-dev/bylaw/internal/saved"
)

// load reads the YAML at head and, if ref is not nil, what it is compared with. A base that cannot be read
// is an error: taken for empty it would make all that is declared a change, and nothing that went a removal. So
// is one without a name, which is what a variable that is not set makes of it.
func (a *app) load(head string, ref *string) (plan.Input, saved.Commit, error) {
	var in plan.Input
	if ref != nil && *ref == "" {
		return in, saved.Commit{}, usagef("the base has no name; name a git ref or a directory")
	}
	org, err := loadYAML(head)
	if err != nil {
		return in, saved.Commit{}, err
	}
	in.Want, in.Declared, in.Policy = org.Objects, org.Declared, org.Policy
	if ref == nil {
		return in, saved.Commit{}, nil
	}
	base, commit, err := a.loadBase(head, *ref)
	if err != nil {
		return in, commit, fmt.Errorf("the base %s: %w", *ref, baseCause(err))
	}
	if outside := org.Outside(base.Policy.Lanes); len(outside) > 0 {
		return in, commit, outside // a change does not widen its own lane
	}
	in.Base = &plan.Base{Want: base.Objects, Declared: base.Declared, Policy: base.Policy}
	return in, commit, nil
}

// loadYAML is desired.Load, but for a file that bylaw wrote: it would be one mistake a line.
func loadYAML(path string) (desired.Org, error) {
	if savedFile(path) != nil {
		return desired.Org{}, usagef("%s is what bylaw saved, not YAML: bylaw apply takes a plan, and --snapshot a snapshot", path)
	}
	return desired.Load(path)
}

// baseCause says what is wrong with a base in one line: its mistakes are not those of head's files, and get no
// annotation at their lines.
func baseCause(err error) error {
	var mistakes desired.Mistakes
	if !errors.As(err, &mistakes) || len(mistakes) == 0 {
		return err
	}
	if more := len(mistakes) - 1; more > 0 {
		return fmt.Errorf("%s (and %d more mistakes)", mistakes[0].Error(), more)
	}
	return errors.New(mistakes[0].Error())
}

// loadBase reads a directory or file, or a git ref of the repository that holds head.
func (a *app) loadBase(head, ref string) (desired.Org, saved.Commit, error) {
	r, noRepo := repo.Open(a.ctx, head)
	var commit string
	err := noRepo
	if noRepo == nil {
		commit, err = a.commit(r, ref)
	}
	_, noPath := os.Stat(ref)
	switch {
	case noPath == nil && err == nil:
		return desired.Org{}, saved.Commit{}, usagef("it is both a path and a git ref; write ./%s for the path, or refs/heads/%s for the branch", ref, ref)
	case noPath == nil:
		org, err := loadYAML(ref)
		return org, saved.Commit{Ref: ref}, err
	case noRepo != nil:
		return desired.Org{}, saved.Commit{}, fmt.Errorf("no such directory, and no git ref: %w", noRepo)
	case err != nil && (filepath.IsAbs(ref) || strings.HasPrefix(ref, ".")):
		return desired.Org{}, saved.Commit{}, fmt.Errorf("no such directory, and %w", err)
	case err != nil:
		return desired.Org{}, saved.Commit{}, err
	}
	fsys, at, err := r.FS(a.ctx, commit)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w without a base all of it is planned", err)
	}
	if err != nil {
		return desired.Org{}, saved.Commit{}, err
	}
	org, err := desired.LoadFS(fsys, at, head)
	return org, saved.Commit{Ref: ref, ID: commit}, err
}

// commit is the commit of a ref; with three dots after it, as git has them, that at which HEAD left it. What a
// ref has got since would seem to be removed by head.
func (a *app) commit(r repo.Repo, ref string) (string, error) {
	if since, ok := strings.CutSuffix(ref, "..."); ok {
		return r.Left(a.ctx, since)
	}
	if strings.HasSuffix(ref, "..") {
		return "", fmt.Errorf("two dots name no commit; %s. is where HEAD left it", ref)
	}
	id, err := r.Commit(a.ctx, ref)
	if err != nil {
		return "", err
	}
	if left, err := r.Left(a.ctx, ref); err == nil && left != id {
		a.say("the base %s has commits that HEAD does not: what they declare is missing here, and planned as removed; %s... is where HEAD left it", ref, ref)
	}
	return id, nil
}

// head is the commit that the YAML is of, as far as git knows.
func (a *app) head(path string) saved.Commit {
	r, err := repo.Open(a.ctx, path)
	if err != nil {
		return saved.Commit{}
	}
	id, dirty, err := r.Head(a.ctx)
	if err != nil {
		return saved.Commit{}
	}
	return saved.Commit{ID: id, Dirty: dirty}
}

// commitText is a commit as people compare them; "" of none.
func commitText(c saved.Commit) string {
	short := c.ID[:min(len(c.ID), 12)]
	switch {
	case c.Dirty:
		return short + " with changes that are not committed"
	case c.Ref != "" && short != "" && c.Ref != c.ID:
		return fmt.Sprintf("%s (%s)", c.Ref, short)
	case c.ID != "":
		return short
	}
	return c.Ref
}
