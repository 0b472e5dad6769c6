package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// writeJSON writes a value for machines; with an indent also for people. A GitHub runner takes "##[" anywhere
// in a line of a log for a command: written as an escape it is the same text and none.
func writeJSON(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", indent)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	if err == nil {
		_, err = w.Write(bytes.ReplaceAll(b.Bytes(), []byte("##["), []byte(`##\u005b`)))
	}
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}
