package saved

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// digest is the SHA-256 of the canonical encoding of a value, in hex.
func digest(v any) string {
	sum := sha256.Sum256(canonical(nil, plain(v)))
	return hex.EncodeToString(sum[:])
}

// canonical appends a plain value as JSON of one form: no whitespace, members sorted by the bytes of their
// names, numbers as plain has them, and in texts nothing escaped but quotes, backslashes and control
// characters, those with a short form by that. Other tools can do the same: in Python it is json.dumps with
// sort_keys, separators=(",", ":") and ensure_ascii=False. It is written out here, since encoding/json may
// change what it escapes, and a digest may not.
func canonical(b []byte, v any) []byte {
	switch v := v.(type) {
	case bool:
		return strconv.AppendBool(b, v)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case json.Number:
		return append(b, v...)
	case string:
		return canonicalText(b, v)
	case []any:
		b = append(b, '[')
		for i, e := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = canonical(b, e)
		}
		return append(b, ']')
	case map[string]any:
		b = append(b, '{')
		for i, name := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(canonicalText(b, name), ':')
			b = canonical(b, v[name])
		}
		return append(b, '}')
	}
	return append(b, "null"...)
}

func canonicalText(b []byte, s string) []byte {
	const hexDigits, short = "0123456789abcdef", "\b\t\n\f\r"
	b = append(b, '"')
	for _, r := range s { // a byte that is no UTF-8 is U+FFFD, as in a file
		switch at := strings.IndexRune(short, r); {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case at >= 0:
			b = append(b, '\\', "btnfr"[at])
		case r < 0x20:
			b = append(b, '\\', 'u', '0', '0', hexDigits[r>>4], hexDigits[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
