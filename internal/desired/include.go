package desired

import (
	"encoding/pem"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// includes puts the content of files in the place of {file: PATH}, and checks PEM texts.
func (l *loader) includes(o object) {
	for _, f := range o.Kind.Fields() {
		n := o.node.member(f.Name)
		if !f.PEM || n == nil || n.muted() || o.State != kind.Present {
			continue
		}
		text, at := n.text(), n
		if n.form == mapping {
			if at = n.member("file"); at.text() == "" {
				continue // the schema says so, or below
			}
			var err error
			if text, err = l.include(at); err != nil {
				l.at(at, err.Error(), "the path is relative to this file, and stays below the directory that is loaded")
				continue
			}
		}
		o.Fields[f.Name] = text
		l.pem(at, text)
	}
}

// include reads a file that a node names.
func (l *loader) include(n *node) (string, error) {
	var from file
	for _, f := range l.files {
		if f.name == n.file {
			from = f
		}
	}
	p := path.Join(path.Dir(from.path), n.text())
	if !fs.ValidPath(p) || path.IsAbs(n.text()) {
		return "", fmt.Errorf("%s is not below the directory", n.shown())
	}
	data, err := l.bytes(file{path: p, name: n.text()})
	if err != nil {
		return "", err
	}
	return string(data), nil
}

// pem reports a text that holds no certificate, or a private key, which is not repeated.
func (l *loader) pem(n *node, text string) {
	found := false
	for rest := []byte(text); ; {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			break
		}
		if strings.Contains(b.Type, "PRIVATE KEY") {
			l.at(n, "there is a private key in it", "take it out of the repository, and replace it: it is no secret any more")
			return
		}
		found = found || b.Type == "CERTIFICATE"
	}
	if !found {
		hint := "it begins with -----BEGIN CERTIFICATE-----"
		if n.name != "file" && n.text() != "" && !strings.ContainsAny(n.text(), "\n-") {
			hint += "; a file is written {file: " + short(n.text()) + "}"
		}
		l.at(n, "there is no certificate in PEM", hint)
	}
}
