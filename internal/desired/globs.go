package desired

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// globs reads the globs of a list, and reports those that point nowhere.
func (l *loader) globs(n *node) kind.Globs {
	var out kind.Globs
	for _, item := range n.items() {
		if item.text() == "" {
			continue // the schema reports it
		}
		if g, ok := l.glob(item, item.text()); ok {
			out = append(out, g)
		}
	}
	return out
}

// glob reads a glob that stands at the key of n, which is n itself where it is an item.
func (l *loader) glob(n *node, text string) (kind.Glob, bool) {
	g, err := kind.ParseGlob(text)
	if err != nil {
		l.atKey(n, err.Error(), "")
		return "", false
	}
	if message, hint := astray(text); message != "" {
		l.atKey(n, message, hint)
	}
	return g, true
}

// projectGlobs reads the globs of a list, and reports those that point at no project.
func (l *loader) projectGlobs(n *node) kind.Globs {
	for _, item := range n.items() {
		g, err := kind.ParseGlob(item.text())
		if message, _ := astray(item.text()); err == nil && message == "" && !g.MayMatchIn("projects") {
			l.at(item, short(item.text())+" points at no project", "write projects/*-prod, or projects/web for one of them")
		}
	}
	return l.globs(n)
}

// astray says why a glob can match no object, or "". It judges the parts up to the first that may
// stand for several.
func astray(glob string) (message, hint string) {
	parts := strings.Split(glob, "/")
	at, valid := (*kind.Kind)(nil), topKinds()
	if control(glob) {
		return short(glob) + " matches nothing: it has a control character", "addresses have them as %0A and the like"
	}
	if slices.Contains(parts, "") {
		return short(glob) + " matches nothing: it has an empty part", "an address reads like projects/web/users/*"
	}
	for i, p := range parts {
		if strings.Contains(p, "**") || strings.ContainsAny(p, `{[\`) {
			return "", ""
		}
		if i%2 == 1 {
			if at.Field(at.Key).Email && p != strings.ToLower(p) {
				return short(glob) + " matches nothing: addresses have e-mails in lower case", "write " + strings.ToLower(glob)
			}
			continue
		}
		if at = section(valid, p); at == nil && strings.ContainsAny(p, "*?") {
			return "", ""
		}
		if at == nil {
			return fmt.Sprintf("%s matches nothing: no section %s there", short(glob), short(p)), choices(p, sectionNames(valid))
		}
		valid = at.Children()
	}
	if len(parts)%2 == 1 && !at.Setting() {
		return short(glob) + " matches nothing: it is a collection", "for what is in it write " + glob + "/*"
	}
	return "", ""
}

func section(kinds []*kind.Kind, name string) *kind.Kind {
	for _, k := range kinds {
		if k.Section() == name {
			return k
		}
	}
	return nil
}

func sectionNames(kinds []*kind.Kind) []string {
	var out []string
	for _, k := range kinds {
		out = append(out, k.Section())
	}
	return out
}
