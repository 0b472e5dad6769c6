package adminapi

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// placeholder stands wherever a key would have been printed.
const placeholder = "[admin key]"

const (
	minSuffix = 3 // characters that a redacted key must show at its end to identify a key
	minScrub  = 8 // a shorter "key" is none, but a word such as "test", and stays in texts
)

// A Key is an admin API key that cannot print itself. Its zero value is no key.
//
// The secret sits in a closure, not a string field: fmt does not call methods on unexported fields
// and go-cmp follows pointers, but nothing looks into a func.
type Key struct {
	reveal func() string
}

// NewKey returns the key in s, without the white space around it. It refuses what cannot be an HTTP
// header value; its errors never contain the key.
func NewKey(s string) (Key, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return Key{}, errors.New("the admin key is empty")
	}
	for _, r := range s {
		switch {
		case r == ' ' || r < ' ' || r == 0x7f:
			return Key{}, errors.New("the admin key has white space or a control character in it")
		case r > 0x7f:
			return Key{}, errors.New("the admin key has a character in it that is not ASCII")
		}
	}
	return Key{reveal: func() string { return s }}, nil
}

// IsZero reports whether k is no key.
func (k Key) IsZero() bool { return k.reveal == nil }

// Matches reports whether redacted can be k: the redacted_value of the list of admin API keys, such
// as "sk-admin...abcd". What stands before and after the mask must both match. Without a mask, or
// with fewer than three characters after it, the answer is no.
func (k Key) Matches(redacted string) bool {
	const mask = ".*…•"
	first := strings.IndexAny(redacted, mask)
	if k.IsZero() || first < 0 {
		return false
	}
	prefix := redacted[:first]
	suffix := strings.TrimLeft(redacted[first:], mask)
	if len(suffix) < minSuffix || strings.ContainsAny(suffix, mask) {
		return false
	}
	s := k.reveal()
	return len(prefix)+len(suffix) < len(s) && strings.HasPrefix(s, prefix) && strings.HasSuffix(s, suffix)
}

// Fingerprint names the key and what it is used with, and tells nothing of either.
func (k Key) Fingerprint(with string) string {
	if k.IsZero() {
		return ""
	}
	sum := sha256.Sum256([]byte("bylaw\x00" + with + "\x00" + k.reveal()))
	return hex.EncodeToString(sum[:8])
}

// scrub replaces every occurrence of the key in s: servers have been known to echo it.
func (k Key) scrub(s string) string {
	if k.IsZero() || len(k.reveal()) < minScrub {
		return s
	}
	return strings.ReplaceAll(s, k.reveal(), placeholder)
}

// bearer is the value of the Authorization header.
func (k Key) bearer() string { return "Bearer " + k.reveal() }

// String returns a placeholder.
func (k Key) String() string { return placeholder }

// Format writes a placeholder, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, placeholder) }

// MarshalText returns a placeholder. It serves JSON and YAML as well.
func (k Key) MarshalText() ([]byte, error) { return []byte(placeholder), nil }

// LogValue returns a placeholder.
func (k Key) LogValue() slog.Value { return slog.StringValue(placeholder) }
