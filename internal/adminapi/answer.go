package adminapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	maxAnswer = 64 << 20 // bytes of a 2xx body
	maxRefuse = 64 << 10 // bytes read of any other body
	noteHTML  = "an HTML page"
)

// A Row is a decoded JSON object: integers are int64, other numbers float64. Numbers that fit
// neither stay json.Number.
type Row = map[string]any

// readAll reads a body of at most max bytes.
func readAll(r io.Reader, max int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, max+1))
	if err == nil && int64(len(b)) > max {
		return nil, errTooLarge
	}
	return b, err
}

var errTooLarge = fmt.Errorf("the answer is over %d MiB", maxAnswer>>20)

// decodeObject decodes a body that must be exactly one JSON object. Its errors do not quote the
// body, which may hold secrets. A body that ends too early is [io.ErrUnexpectedEOF].
func decodeObject(b []byte) (Row, error) {
	if isHTML(b) {
		return nil, errors.New("the answer is " + noteHTML)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	switch err := d.Decode(&v); {
	case errors.Is(err, io.EOF):
		return nil, errors.New("the answer is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("the answer is truncated: %w", io.ErrUnexpectedEOF)
	case err != nil:
		return nil, errors.New("the answer is not JSON")
	}
	row, ok := settle(v).(Row)
	if !ok {
		return nil, fmt.Errorf("the answer is %s, not a JSON object", jsonType(v))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the answer has something after its JSON object")
	}
	return row, nil
}

// settle turns each number of a decoded value into an int64 or a float64.
func settle(v any) any {
	switch v := v.(type) {
	case Row:
		for k, e := range v {
			v[k] = settle(e)
		}
	case []any:
		for i, e := range v {
			v[i] = settle(e)
		}
	case json.Number:
		return number(v)
	}
	return v
}

func number(n json.Number) any {
	if i, err := strconv.ParseInt(string(n), 10, 64); err == nil {
		return i
	}
	if !strings.ContainsAny(string(n), ".eE") {
		return n
	}
	if f, err := strconv.ParseFloat(string(n), 64); err == nil {
		return f
	}
	return n
}

func jsonType(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return "a string"
	case []any:
		return "an array"
	case Row:
		return "an object"
	}
	return "a number"
}

func isHTML(b []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(b), []byte("<")) }

// explain fills in e from the body of an answer that is an error. Seen in the wild: an error object,
// an error string, a flat object with an integer code, and pages of the proxies in between.
func (e *Error) explain(k Key, body []byte) {
	row, err := decodeObject(body)
	if err != nil {
		e.note = refusalNote(body)
		return
	}
	switch v := row["error"].(type) {
	case Row:
		row = v
	case string:
		row = Row{"message": v, "code": row["code"], "type": row["type"], "param": row["param"]}
	}
	text := func(key string) string { return clean(k, scalar(row[key])) }
	e.Message, e.Code, e.Type, e.Param = text("message"), text("code"), text("type"), text("param")
	if e.Message == "" && e.Code == "" && e.Type == "" {
		e.note = "a JSON object that is not an error"
	}
}

func refusalNote(body []byte) string {
	switch {
	case isHTML(body):
		return noteHTML
	case len(bytes.TrimSpace(body)) == 0:
		return "an empty body"
	case json.Valid(body):
		return "JSON that is not an error"
	}
	return "a body that is not JSON"
}

// scalar returns a JSON scalar as text, and "" for anything else.
func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int64, float64, json.Number:
		return fmt.Sprint(v)
	}
	return ""
}
