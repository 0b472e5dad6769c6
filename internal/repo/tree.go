package repo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing/fstest"
)

// maxSize is the most that a file may hold: a larger one is not read, and whoever reads it from here sees
// one byte more than that.
const maxSize = 16 << 20

// maxTotal is the most that all of them may hold.
const maxTotal = maxAnswer / 2

// partialHint is what to do where the tree is here, but not what is in its files.
const partialHint = "is the clone a partial one? in GitHub Actions, check out without a filter"

// An entry is a file of a tree.
type entry struct {
	mode, id, path string
}

const (
	linkMode      = "120000"
	submoduleMode = "160000"
)

// FS is what the path held at a commit, as files in memory that have the names which they have below Top:
// at is the path in there. Only files that bylaw reads have their content, as it is in git: no attribute
// changes it, as export-subst and export-ignore would with git archive, or a filter on checkout. A link to
// a file stands for what it leads to, if that is in the tree. Other files, which a fragment may include, are
// not listed, and read when they are opened.
func (r Repo) FS(ctx context.Context, commit string) (fsys fs.FS, at string, err error) {
	entries, err := r.tree(ctx, commit)
	if err != nil {
		return nil, "", err
	}
	files, wanted := fstest.MapFS{}, []entry{} // MapFS is no test of anything: an fs.FS in memory
	if len(entries) != 1 || entries[0].path != r.Path {
		files[r.Path] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
	}
	for _, e := range entries {
		switch {
		case e.mode == submoduleMode && r.visible(e.path):
			return nil, "", fmt.Errorf("read %s at %s: a submodule, which is not read from git; keep its files in this repository", e.path, short(commit))
		case r.reads(e.path):
			wanted = append(wanted, e)
		case r.misnamed(e.path) && fs.ValidPath(e.path):
			files[e.path] = &fstest.MapFile{Mode: 0o644}
		}
	}
	blobs, err := r.blobs(ctx, commit, wanted)
	if err != nil {
		return nil, "", err
	}
	for i, e := range wanted {
		files[e.path] = &fstest.MapFile{Data: blobs[i], Mode: 0o644}
	}
	t := &tree{files: files, below: r.Path, load: func(name string) ([]byte, error) {
		found, err := r.blobs(ctx, commit, []entry{{mode: linkMode, path: name}})
		if err != nil {
			return nil, err
		}
		return found[0], nil
	}}
	if len(entries) == 1 && entries[0].path == r.Path {
		t.below = path.Dir(r.Path)
	}
	return t, r.Path, nil
}

// A tree is files in memory, and those that are read when somebody asks for them by name.
type tree struct {
	mu    sync.Mutex
	files fstest.MapFS
	below string // where these may stand
	load  func(name string) ([]byte, error)
}

// Open opens a file. What is missing in git is fs.ErrNotExist.
func (t *tree) Open(name string) (fs.File, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f, err := t.files.Open(name)
	if inside := t.below == "." || strings.HasPrefix(name, t.below+"/"); !errors.Is(err, fs.ErrNotExist) || !inside {
		return f, err
	}
	data, err := t.load(name)
	if errors.Is(err, fs.ErrNotExist) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	t.files[name] = &fstest.MapFile{Data: data, Mode: 0o644}
	return t.files.Open(name)
}

// tree lists the path at a commit.
func (r Repo) tree(ctx context.Context, commit string) ([]entry, error) {
	if !commitID.MatchString(commit) {
		return nil, fmt.Errorf("read %s at %q: not the full id of a commit", r.Path, commit)
	}
	args := []string{"ls-tree", "-r", "-z", "--full-tree", "--", commit}
	if r.Path != "." {
		args = append(args, r.Path)
	}
	out, err := r.git().run(ctx, args...)
	if err != nil {
		return nil, err
	}
	entries, err := parseTree(out)
	if err == nil && len(entries) == 0 && r.Path != "." {
		err = fmt.Errorf("read %s at %s: %w; was it added, moved or renamed since?", r.Path, short(commit), fs.ErrNotExist)
	}
	return entries, err
}

// parseTree reads entries such as "100644 blob 5716ca59... TAB orgs/acme/org.yaml NUL".
func parseTree(out []byte) ([]entry, error) {
	var entries []entry
	for _, record := range records(out) {
		about, name, ok := strings.Cut(record, "\t")
		parts := strings.Fields(about)
		if !ok || len(parts) != 3 {
			return nil, fmt.Errorf("git ls-tree: cannot read the entry %q", record)
		}
		entries = append(entries, entry{mode: parts[0], id: parts[2], path: name})
	}
	return entries, nil
}

// reads says whether bylaw reads a file: the path itself, or a *.yaml below it that is not hidden.
func (r Repo) reads(file string) bool {
	return file == r.Path || path.Ext(file) == ".yaml" && r.visible(file)
}

// misnamed says whether a file looks as if bylaw should read it: its name is good for a hint.
func (r Repo) misnamed(file string) bool {
	ext := path.Ext(file)
	return (ext == ".yml" || strings.EqualFold(ext, ".yaml")) && r.visible(file)
}

// visible says whether nothing on the way from the path to the file is hidden.
func (r Repo) visible(file string) bool {
	rel := strings.TrimPrefix(file, r.Path+"/")
	return file == r.Path || !strings.Contains("/"+rel, "/.")
}

// blobs are the contents of the entries, in their order.
func (r Repo) blobs(ctx context.Context, commit string, entries []entry) ([][]byte, error) {
	heads, err := r.heads(ctx, commit, entries)
	if err != nil {
		return nil, err
	}
	sizes, total := map[string]int64{}, int64(0)
	for _, h := range heads {
		if _, seen := sizes[h.id]; !seen && h.size <= maxSize {
			sizes[h.id] = h.size
			total += h.size
		}
	}
	if total > maxTotal {
		return nil, fmt.Errorf("read %s at %s: more than %d MiB of YAML; name a directory with less in it", r.Path, short(commit), maxTotal>>20)
	}
	contents, err := r.contents(ctx, slices.Sorted(maps.Keys(sizes)))
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(heads))
	for i, h := range heads {
		out[i] = contents[h.id]
		if h.size > maxSize {
			out[i] = tooLarge[:]
		}
	}
	return out, nil
}

// tooLarge stands for what is not read: of a small file that unpacks into a large one there may be many.
var tooLarge [maxSize + 1]byte

// A head is what git says of a blob.
type head struct {
	id   string
	size int64
}

// heads finds the blob of each entry, by its id or, if it is a link, by where that leads in the tree.
func (r Repo) heads(ctx context.Context, commit string, entries []entry) ([]head, error) {
	var input strings.Builder
	for _, e := range entries {
		switch {
		case !fs.ValidPath(e.path):
			return nil, fmt.Errorf("read %q at %s: %w: not a path in UTF-8", e.path, short(commit), fs.ErrInvalid)
		case e.mode != linkMode:
			input.WriteString(e.id + "\n")
		case strings.Contains(e.path, "\n"):
			return nil, fmt.Errorf("read %q at %s: a link with a line break in its name is not read", e.path, short(commit))
		default:
			input.WriteString(commit + ":" + e.path + "\n")
		}
	}
	if len(entries) == 0 {
		return nil, nil
	}
	out, err := r.git().ask(ctx, input.String(), "cat-file", "--batch-check", "--follow-symlinks")
	if err != nil {
		return nil, fmt.Errorf("read %s at %s: %w; %s", r.Path, short(commit), err, partialHint)
	}
	heads := make([]head, len(entries))
	for i, e := range entries {
		if heads[i], out, err = parseHead(out); err != nil {
			return nil, fmt.Errorf("read %s at %s: %w", e.path, short(commit), err)
		}
	}
	return heads, nil
}

// astray is why a link leads to no file, by git's word for it.
var astray = map[string]string{
	"symlink":  "a link that leads out of the repository, which is not followed; put the file itself here",
	"dangling": "a link that leads nowhere",
	"loop":     "a link that leads to itself",
	"notdir":   "a link that leads through a file as if it were a directory",
}

// parseHead reads a line such as "5716ca59... blob 4" and returns what follows it. Of a link that leads
// nowhere git says "dangling 9", and on the next line the nine bytes of where that is.
func parseHead(out []byte) (head, []byte, error) {
	first, rest, _ := bytes.Cut(out, []byte("\n"))
	if bytes.HasSuffix(first, []byte(" missing")) {
		return head{}, nil, fmt.Errorf("%w in git; %s", fs.ErrNotExist, partialHint)
	}
	parts := strings.Fields(string(first))
	if len(parts) == 2 && astray[parts[0]] != "" {
		return head{}, nil, errors.New(astray[parts[0]])
	}
	if len(parts) != 3 {
		return head{}, nil, fmt.Errorf("cannot read git's answer %q", first)
	}
	if parts[1] != "blob" {
		return head{}, nil, errors.New("a link to a directory, which is not read")
	}
	size, err := strconv.ParseInt(parts[2], 10, 64)
	return head{id: parts[0], size: size}, rest, err
}

// contents are the blobs, by id.
func (r Repo) contents(ctx context.Context, ids []string) (map[string][]byte, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rest, err := r.git().ask(ctx, strings.Join(ids, "\n")+"\n", "cat-file", "--batch")
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for _, id := range ids {
		h, after, err := parseHead(rest)
		if err != nil {
			return nil, fmt.Errorf("read the object %s: %w", id, err)
		}
		if h.id != id || h.size >= int64(len(after)) {
			return nil, fmt.Errorf("git cat-file: the answer for %s is cut short", id)
		}
		out[id] = after[:h.size:h.size]
		rest = after[h.size+1:] // a line break ends it
	}
	return out, nil
}

// short is a commit as people name it.
func short(commit string) string { return commit[:12] }
