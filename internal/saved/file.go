package saved

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// maxSize is how large a file may be.
const maxSize = 64 << 20

// A format is one kind of file.
type format struct {
	name    string // value of the member "format"
	version int
	noun    string // for people
	again   string // what to do where the version is another
	schema  func() (*jsonschema.Schema, error)
	lines   string // members that are written as one line an element
}

// compiled is an embedded schema, read once. Reading it again costs more than most files.
func compiled(text func() []byte) func() (*jsonschema.Schema, error) {
	return sync.OnceValues(func() (*jsonschema.Schema, error) {
		return jsonschema.CompileString("bylaw:///schema.json", string(text()))
	})
}

// Is says whether a file, or the beginning of one, is a plan or a snapshot, of any version, rather than the
// YAML of an organization, which may be JSON as well.
func Is(data []byte) bool {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return false
		}
		if name == "format" || name == "tool" {
			return true
		}
		var skip json.RawMessage
		if d.Decode(&skip) != nil {
			return false
		}
	}
	return false
}

// read reads a file into out, a struct, and returns it as it was decoded without one.
func (f format) read(in io.Reader, out any) (map[string]any, error) {
	b, err := io.ReadAll(io.LimitReader(in, maxSize+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxSize {
		return nil, fmt.Errorf("it is larger than %d MiB", maxSize>>20)
	}
	raw, err := decode(b)
	if err != nil {
		return nil, err
	}
	if err := f.check(raw); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(out); err != nil {
		return nil, err
	}
	return raw, nil
}

// decode reads exactly one JSON object whose numbers are of a size that can be computed with.
func decode(b []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var raw map[string]any
	switch err := d.Decode(&raw); {
	case errors.Is(err, io.EOF):
		return nil, errors.New("it is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errors.New("it ends too early: it was cut off")
	case err != nil:
		return nil, fmt.Errorf("it is no JSON object: %w", err)
	case raw == nil:
		return nil, errors.New("it is no JSON object")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows its JSON object")
	}
	return raw, finite(raw)
}

func finite(v any) error {
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			if err := finite(e); err != nil {
				return err
			}
		}
	case []any:
		for _, e := range v {
			if err := finite(e); err != nil {
				return err
			}
		}
	case json.Number:
		if _, err := strconv.ParseFloat(string(v), 64); err != nil {
			return fmt.Errorf("the number %.40s is too large", v)
		}
	}
	return nil
}

// check holds a decoded file to its format, version and schema.
func (f format) check(raw map[string]any) error {
	name, _ := raw["format"].(string)
	version, _ := raw["version"].(json.Number)
	switch {
	case version == "" || raw["format"] != nil && name != f.name:
		return fmt.Errorf("it is no %s of bylaw's", f.noun)
	case string(version) != strconv.Itoa(f.version):
		return fmt.Errorf("it has version %.20s, and this bylaw reads version %d: %s, or update bylaw", version, f.version, f.again)
	}
	s, err := f.schema()
	if err != nil {
		return err
	}
	var invalid *jsonschema.ValidationError
	if err := s.Validate(raw); errors.As(err, &invalid) {
		return mistake(invalid)
	} else if err != nil {
		return err
	}
	return nil
}

// mistake is the first cause of a failed validation, in one short line.
func mistake(e *jsonschema.ValidationError) error {
	for len(e.Causes) > 0 {
		e = e.Causes[0]
	}
	message := e.Message
	if len(message) > 200 {
		message = strings.ToValidUTF8(message[:200], "") + "..."
	}
	at := e.InstanceLocation
	if at == "" {
		at = "/"
	}
	return fmt.Errorf("%s: %s", at, message)
}

// marshal is a value as JSON without whitespace.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// write lays a JSON object out for people and for git: indented, but one line an element for what is long.
func (f format) write(w io.Writer, object []byte) error {
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		return err
	}
	var b bytes.Buffer
	for between := "{\n"; d.More(); between = ",\n" {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s  %q: ", between, name)
		if kind.Has(f.lines, name.(string)) {
			err = lines(&b, value)
		} else {
			err = json.Indent(&b, value, "  ", "  ")
		}
		if err != nil {
			return err
		}
	}
	b.WriteString("\n}\n")
	// A GitHub runner takes "##[" anywhere in a line of a log for a command; escaped it is the same text and none.
	_, err := w.Write(bytes.ReplaceAll(b.Bytes(), []byte("##["), []byte(`##\u005b`)))
	return err
}

// lines writes a list with one line an element.
func lines(b *bytes.Buffer, list []byte) error {
	var elements []json.RawMessage
	if err := json.Unmarshal(list, &elements); err != nil {
		return err
	}
	between := "[\n    "
	for _, e := range elements {
		b.WriteString(between)
		b.Write(e)
		between = ",\n    "
	}
	if len(elements) == 0 {
		b.WriteString("[]")
		return nil
	}
	b.WriteString("\n  ]")
	return nil
}
