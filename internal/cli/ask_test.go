package cli

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
)

func TestAsk(t *testing.T) {
	t.Parallel()
	silent, w := io.Pipe() // nobody answers
	defer w.Close()
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	const prompt = "Apply these 2 changes? Only yes applies them: "
	for name, tc := range map[string]struct {
		ctx   context.Context
		stdin io.Reader
		yes   bool
		says  string
	}{
		"yes":              {t.Context(), strings.NewReader("yes\n"), true, prompt},
		"yes and its ways": {t.Context(), strings.NewReader(" yes \r\n"), true, prompt},
		"yes, then end":    {t.Context(), strings.NewReader("yes"), true, prompt + "\n"},
		"y":                {t.Context(), strings.NewReader("y\n"), false, prompt},
		"no":               {t.Context(), strings.NewReader("no\nyes\n"), false, prompt},
		"empty line":       {t.Context(), strings.NewReader("\n"), false, prompt},
		"end of input":     {t.Context(), strings.NewReader(""), false, prompt + "\n"},
		"ctrl-c":           {interrupted, silent, false, prompt + "\n"},
	} {
		var stderr bytes.Buffer
		a := &app{Env: Env{Stdin: tc.stdin, Stderr: &stderr}, ctx: tc.ctx}
		if err := a.ask(2); (err == nil) != tc.yes {
			t.Errorf("%s: %v", name, err)
		}
		if got := stderr.String(); got != tc.says {
			t.Errorf("%s: said %q", name, got)
		}
	}
}
