package adminapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func testKey(t *testing.T) Key {
	t.Helper()
	k, err := NewKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestNewKey(t *testing.T) {
	for name, tc := range map[string]struct {
		in string
		ok bool
	}{
		"plain":           {secret, true},
		"white space":     {" \t" + secret + "\r\n", true},
		"empty":           {"", false},
		"only space":      {" \n", false},
		"inner space":     {"sk-admin -" + secret, false},
		"inner newline":   {"sk-admin\n" + secret, false},
		"control":         {"sk-admin\x00" + secret, false},
		"delete":          {"sk-admin\x7f" + secret, false},
		"not ASCII":       {"sk-admin–" + secret, false},
		"invalid UTF-8":   {"sk-admin\xff" + secret, false},
		"no-break space":  {"sk-admin\u00a0" + secret, false},
		"header smuggled": {secret + "\r\nX-A: b", false},
	} {
		t.Run(name, func(t *testing.T) {
			k, err := NewKey(tc.in)
			if (err == nil) != tc.ok || k.IsZero() == tc.ok {
				t.Fatalf("NewKey: %v, zero %v", err, k.IsZero())
			}
			if tc.ok && k.reveal() != secret {
				t.Error("the key is not the text without white space")
			}
			if err != nil && strings.Contains(err.Error(), "sk-admin") {
				t.Errorf("the error shows the key: %v", err)
			}
		})
	}
}

func TestKeyMatches(t *testing.T) {
	k := testKey(t)
	for redacted, want := range map[string]bool{
		"sk-admin...6789":                 true,
		"sk-admin-...6789":                true,
		"sk-admin-***6789":                true,
		"sk-admin-AbC********789":         true,
		"sk-admin…6789":                   true,
		"***456789":                       true,
		"sk-admin...6780":                 false, // another suffix
		"sk-proj-...6789":                 false, // another prefix
		"sk-admin...89":                   false, // too little to tell
		"sk-admin...":                     false,
		"...":                             false,
		"":                                false,
		secret:                            false, // no mask
		"sk-admin-***AbC***6789":          false, // two masks
		secret[:30] + "..." + secret[20:]: false, // longer than the key
	} {
		if got := k.Matches(redacted); got != want {
			t.Errorf("Matches(%q) = %v", redacted, got)
		}
	}
	if (Key{}).Matches("sk-admin...6789") {
		t.Error("no key matches")
	}
}

// Whatever is done to a key or to what holds one, the secret does not come out.
func TestKeyNeverPrinted(t *testing.T) {
	k := testKey(t)
	holders := []any{k, &k, []Key{k}, map[string]Key{"k": k}, struct{ K Key }{k}, struct{ k Key }{k},
		struct{ k *Key }{&k}, Options{Key: k}, &Options{Key: k}, testClient(t, nil), *k.holder()}
	for _, v := range holders {
		for _, verb := range "vTtbcdoOqxXUeEfFgGspw" {
			for _, flag := range []string{"", "+", "#", " ", "-40", "0", ".3"} {
				checkSecret(t, fmt.Sprintf("%"+flag+string(verb), v))
			}
		}
		b, _ := json.Marshal(v)
		checkSecret(t, string(b))
		var buf bytes.Buffer
		slog.New(slog.NewTextHandler(&buf, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&buf, nil)).Info("m", "v", v)
		checkSecret(t, buf.String())
	}
	same := cmp.Comparer(func(a, b func() string) bool { return false })
	checkSecret(t, cmp.Diff(k, Key{}, same, cmp.AllowUnexported(Key{})))
	for _, s := range []string{fmt.Sprint(k), fmt.Sprintf("%#v", k), fmt.Sprintf("%x", k), k.String()} {
		if s != placeholder {
			t.Errorf("a key prints as %q", s)
		}
	}
}

func (k Key) holder() *struct{ inner struct{ k Key } } {
	return &struct{ inner struct{ k Key } }{struct{ k Key }{k}}
}

func checkSecret(t *testing.T, s string) {
	t.Helper()
	for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), secret[:12], secret[20:]} {
		if strings.Contains(s, form) {
			t.Errorf("the key is in %q", s)
		}
	}
}

// A server that echoes the key in every place it can does not get it into an error.
func TestKeyScrubbedFromAnswers(t *testing.T) {
	quoted := "bad key " + secret + "\x1b[31m" + secret[:10] + "\x00" + secret[10:]
	body, _ := json.Marshal(map[string]any{"error": map[string]any{
		"message": quoted, "code": quoted, "type": quoted, "param": strings.Repeat("x", 490) + secret}})
	for name, a := range map[string]answer{
		"error":        {status: 401, body: string(body), header: hdr("x-request-id", secret, "openai-organization", secret)},
		"error string": {status: 400, body: `{"error":"` + secret + `"}`},
		"redirect":     {status: 302, header: hdr("Location", "https://"+secret+".example/")},
		"bad answer":   {body: secret},
		"transport":    {err: errors.New("proxy says " + secret)},
	} {
		t.Run(name, func(t *testing.T) {
			c := testClient(t, &script{answers: []answer{a}})
			_, err := c.Do(context.Background(), create)
			if err == nil {
				t.Fatal("no error")
			}
			checkSecret(t, err.Error())
			checkSecret(t, c.Organization())
			var e *Error
			if errors.As(err, &e) {
				checkSecret(t, fmt.Sprintf("%+v", *e))
			}
		})
	}
}

func TestKeySentOnlyAsBearer(t *testing.T) {
	s := &script{answers: []answer{{body: `{}`}}}
	if _, err := testClient(t, s).Do(context.Background(), create); err != nil {
		t.Fatal(err)
	}
	r := s.got[0]
	want := http.Header{"Authorization": {"Bearer " + secret}, "Accept": {"application/json"},
		"Content-Type": {"application/json"}, "User-Agent": {"bylaw"}}
	if diff := cmp.Diff(want, r.Header); diff != "" {
		t.Error(diff)
	}
	checkSecret(t, r.URL.String())
}
