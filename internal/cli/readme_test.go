package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/cli"
	"github.com/bylaw-dev/bylaw/internal/desired"
)

const readme = "../../README.md"

// fence is a fenced block: its language and its text.
var fence = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$")

func blocks(t *testing.T, language string) []string {
	t.Helper()
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
		if m[1] == language {
			out = append(out, m[2])
		}
	}
	if len(out) == 0 {
		t.Fatalf("README.md has no %s block", language)
	}
	return out
}

func TestReadmeYAMLIsValid(t *testing.T) {
	t.Parallel()
	for _, text := range blocks(t, "yaml") {
		file := filepath.Join(t.TempDir(), "org.yaml")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := desired.Load(file); err != nil {
			t.Error(err)
		}
	}
}

// TestReadmeSetUp runs the first of the two commands, and holds the second against what CI runs.
func TestReadmeSetUp(t *testing.T) {
	commands := blocks(t, "sh")
	ci, err := os.ReadFile("../../.ci/run")
	if err != nil {
		t.Fatal(err)
	}
	if test := strings.TrimSpace(commands[1]); !strings.HasPrefix(test, "go test") || !strings.Contains(string(ci), "\n"+test+"\n") {
		t.Errorf(".ci/run does not call %q", test)
	}
	first, ok := strings.CutPrefix(strings.TrimSpace(commands[0]), "go run . ")
	if !ok {
		t.Fatalf("the first command is %q", commands[0])
	}
	t.Chdir(newcomer(t))
	out, status := run(strings.Fields(first))
	if status != 0 || !strings.Contains(out, "\nPlan: ") {
		t.Errorf("%s: status %d\n%s", first, status, out)
	}
}

func TestReadmeConsole(t *testing.T) {
	shown := blocks(t, "console")
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	path, err := filepath.Abs(readme)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(newcomer(t))
	for _, block := range shown {
		command, want, _ := strings.Cut(block, "\n")
		args, ok := strings.CutPrefix(command, "$ bylaw ")
		if !ok {
			t.Fatalf("not a command: %s", command)
		}
		got, _ := run(strings.Fields(args))
		if diff := cmp.Diff(want, got); diff != "" && !*update {
			t.Errorf("%s (-README +got):\n%s", command, diff)
		}
		text = bytes.Replace(text, []byte("```console\n"+block), []byte("```console\n"+command+"\n"+got), 1)
	}
	if *update {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// newcomer is a folder as after a clone, with the broken file that the README shows.
func newcomer(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(root, "examples"), filepath.Join(dir, "examples")); err != nil {
		t.Fatal(err)
	}
	broken := "version: 1\nusers:\n  - {email: ada@acme.example, role: onwer}\n"
	if err := os.WriteFile(filepath.Join(dir, "broken.yaml"), []byte(broken), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// run runs a command without a terminal, a key or a home, on a day when the demo's organization was new.
func run(args []string) (out string, status int) {
	var b bytes.Buffer
	status = cli.Main(args, cli.Env{Stdin: strings.NewReader(""), Stdout: &b, Stderr: &b, Getenv: func(string) string { return "" },
		Now: func() time.Time { return time.Date(2025, 11, 21, 9, 0, 0, 0, time.UTC) }})
	return b.String(), status
}
