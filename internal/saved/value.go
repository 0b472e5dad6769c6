package saved

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// plain makes a value one of nil, bool, string, int64, []any and map[string]any, and of a number that is
// no int64 its text, which is the same on every machine: with a point or an exponent where it was a
// float64, so that it comes back as one. It changes nothing in place.
func plain(v any) any {
	switch v := kind.Number(v).(type) {
	case nil, bool, string, int64:
		return v
	case float64:
		return json.Number(strconv.FormatFloat(v, 'g', -1, 64))
	case json.Number:
		if n := number(v); n != any(v) {
			return plain(n)
		}
		return v
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = plain(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, e := range v {
			out[name] = plain(e)
		}
		return out
	}
	return foreign(v)
}

// foreign is a value of another type, as JSON has it.
func foreign(v any) any {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var out any
	if err := d.Decode(&out); err != nil {
		return fmt.Sprint(v)
	}
	return plain(out)
}

// members is plain of the members of an object; nil stays nil.
func members(m map[string]any) map[string]any {
	if m == nil {
		return nil
	}
	return plain(m).(map[string]any)
}

// settle turns the numbers of a decoded value into those that both sides of a plan have, in place.
func settle(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, e := range v {
			v[name] = settle(e)
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

// number is an int64 or a float64, or the text of a whole number that is too large for either.
func number(n json.Number) any {
	if i, err := strconv.ParseInt(string(n), 10, 64); err == nil {
		return i
	}
	if !strings.ContainsAny(string(n), ".eE") {
		return n
	}
	if f, err := strconv.ParseFloat(string(n), 64); err == nil && !math.IsInf(f, 0) {
		return kind.Number(f)
	}
	return n
}
