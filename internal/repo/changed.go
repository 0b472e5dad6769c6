package repo

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Changed lists the files of the repository that differ between HEAD and where it left since: their paths
// below Top, sorted, removed ones too. What is not committed is not looked at.
func (r Repo) Changed(ctx context.Context, since string) ([]string, error) {
	base, err := r.Left(ctx, since)
	if err != nil {
		return nil, err
	}
	head, err := r.head(ctx)
	if err != nil {
		return nil, err
	}
	// git diff would heed a user's settings, such as diff.relative.
	out, err := r.git().run(ctx, "diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-ext-diff",
		"--no-textconv", "--ignore-submodules=none", base, head)
	if err != nil {
		return nil, err
	}
	paths := records(out)
	slices.Sort(paths)
	return paths, nil
}

// Left is the commit at which HEAD left a ref: the last one that both have.
func (r Repo) Left(ctx context.Context, ref string) (string, error) {
	from, err := r.Commit(ctx, ref)
	if err != nil {
		return "", err
	}
	head, err := r.head(ctx)
	if err != nil {
		return "", err
	}
	base, err := r.mergeBase(ctx, from, head)
	if err != nil {
		return "", fmt.Errorf("compare with %q: %w", ref, err)
	}
	return base, nil
}

func (r Repo) mergeBase(ctx context.Context, a, b string) (string, error) {
	out, err := r.git().run(ctx, "merge-base", a, b)
	if said := (&failure{}); errors.As(err, &said) && said.status == 1 {
		return "", fmt.Errorf("it has no commit in common with HEAD; %s", historyHint)
	}
	return line(out), err
}
