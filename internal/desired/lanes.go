package desired

import (
	"path"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// lanes reads what the fragments may declare: address globs by a glob of files.
func (l *loader) lanes(n *node) []kind.Lane {
	var out []kind.Lane
	for _, m := range n.members() {
		if message, hint := noFile(m.name); message != "" {
			l.atKey(m, message, hint)
		}
		out = append(out, kind.Lane{Files: kind.Glob(m.name), May: l.plainGlobs(m), Pos: m.keyPos()})
	}
	return out
}

// plainGlobs reads the address globs of a lane. A lane is a fence, so each must say plainly which sections it
// opens: of one that cannot be read part by part, nobody could tell whether it allows an empty section.
func (l *loader) plainGlobs(n *node) kind.Globs {
	for _, item := range n.items() {
		g, err := kind.ParseGlob(item.text())
		if err == nil && g.Crosses() {
			l.at(item, short(item.text())+" is too hard to read for a lane", "a choice such as {a,b} stays within one part, without ** or a backslash; write several globs")
		}
	}
	return l.globs(n)
}

const laneHint = "paths go from the directory of org.yaml, with slashes, such as teams/search/**"

// noFile says why a glob of files can match no fragment, or "". One that matches none yet is fine: the team
// has not begun.
func noFile(glob string) (message, hint string) {
	last := path.Base(glob)
	_, err := kind.ParseGlob(glob)
	switch {
	case strings.Contains(glob, `\`):
		return short(glob) + " has a backslash", laneHint
	case err != nil:
		return short(glob) + " is no pattern of files", laneHint
	case path.Clean(glob) != glob || path.IsAbs(glob) || strings.HasPrefix(glob, "../"):
		return short(glob) + " matches no file", laneHint
	case glob == "org.yaml":
		return "a lane for the root file", "org.yaml may declare anything: keep it with CODEOWNERS"
	case strings.HasSuffix(last, ".yml"):
		return short(glob) + " matches no file: they end in .yaml", "write " + strings.TrimSuffix(glob, ".yml") + ".yaml"
	case !strings.ContainsAny(last, "*?[{") && path.Ext(last) != ".yaml":
		return short(glob) + " matches no file: they end in .yaml", "for all files of a folder write " + glob + "/**"
	}
	return "", ""
}
