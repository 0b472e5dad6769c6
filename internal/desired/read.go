package desired

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// read turns the files into nodes. Parsing takes the time, so files are parsed side by side.
func (l *loader) read() error {
	docs := make([]*yaml.Node, len(l.files))
	errs := make([]error, len(l.files))
	sideBySide(len(l.files), func(i int) { docs[i], errs[i] = l.parse(l.files[i]) })
	for i := range l.files {
		if m, ok := errors.AsType[Mistake](errs[i]); ok {
			l.add(m)
		} else if errs[i] != nil {
			return errs[i]
		}
		l.files[i].root = l.plant(l.files[i].name, docs[i])
	}
	return nil
}

// sideBySide does the n pieces of work, as many at once as there are processors.
func sideBySide(n int, do func(i int)) {
	var wait sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range n {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			do(i)
		})
	}
	wait.Wait()
}

// parse reads one file as one YAML document. The error is a Mistake or an ordinary one.
func (l *loader) parse(f file) (*yaml.Node, error) {
	data, err := l.bytes(f)
	if err != nil {
		return nil, err
	}
	if err := encoding(f.name, data); err != nil {
		return nil, err
	}
	var doc, second yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(data))
	err = decode(dec, &doc)
	if errors.Is(err, io.EOF) || err == nil && empty(&doc) {
		return nil, mistake(kind.Position{File: f.name, Line: 1, Col: 1}, "", "the file is empty", "start with `version: 1`, or delete the file")
	}
	if err == nil {
		err = decode(dec, &second)
	}
	switch {
	case errors.Is(err, io.EOF):
		return &doc, nil
	case err != nil:
		return nil, syntax(f.name, data, err)
	}
	at := kind.Position{File: f.name, Line: max(1, second.Line), Col: max(1, second.Column)}
	return nil, mistake(at, "", "a second YAML document in this file", "remove the `---` line, or write a file for each")
}

func empty(doc *yaml.Node) bool {
	return len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" && doc.Content[0].Value == ""
}

// decode keeps a panic of the YAML library from ending the program.
func decode(dec *yaml.Decoder, n *yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: %v", r)
		}
	}()
	return dec.Decode(n)
}

// marks are byte order marks. That of UTF-32LE begins with that of UTF-16LE.
var marks = []struct{ name, mark string }{
	{"UTF-8", "\xef\xbb\xbf"}, {"UTF-16", "\xff\xfe"}, {"UTF-16", "\xfe\xff"}, {"UTF-32", "\x00\x00\xfe\xff"},
}

// encoding refuses what is not plain UTF-8, at the first byte that is not.
func encoding(name string, data []byte) error {
	at := func(i int) kind.Position { return offset(name, data, i) }
	for _, m := range marks {
		if bytes.HasPrefix(data, []byte(m.mark)) {
			return mistake(at(0), "", "the file begins with a byte order mark of "+m.name, "save it as UTF-8 without one")
		}
	}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return mistake(at(i), "", fmt.Sprintf("the byte %#02x is not UTF-8", data[i]), "save the file as UTF-8")
		}
		if !printable(r) {
			return mistake(at(i), "", fmt.Sprintf("the control character %U", r), "remove it, or write it escaped in double quotes")
		}
		i += size
	}
	return nil
}

// printable says that YAML allows the character.
func printable(r rune) bool {
	switch {
	case r == '\t' || r == '\n' || r == '\r' || r == 0x85:
		return true
	case r < 0x20 || r >= 0x7f && r < 0xa0:
		return false
	}
	return r != 0xfeff && r != 0xfffe && r != 0xffff
}

// offset is the place of a byte. Columns count characters.
func offset(name string, data []byte, i int) kind.Position {
	i = min(i, len(data))
	start := bytes.LastIndexByte(data[:i], '\n') + 1
	line := bytes.Count(data[:start], []byte{'\n'}) + 1
	return kind.Position{File: name, Line: line, Col: utf8.RuneCount(data[start:i]) + 1}
}
