package ci_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

// hostileTree is what a checkout could try to be run for. Whatever of it runs leaves the mark.
func hostileTree(t *testing.T, mark string) map[string]string {
	t.Helper()
	run := "#!/bin/sh\n: > " + mark + "\n"
	files := map[string]string{
		"Makefile": "all:\n\t: > " + mark + "\n", ".envrc": ": > " + mark + "\n", ".bashrc": ": > " + mark + "\n",
		".gitattributes": "*.yaml filter=bad diff=bad export-subst\n", ".gitmodules": "[submodule \"x\"]\n\tpath = x\n\turl = \"ext::sh -c :>" + mark + "\"\n",
		".githooks/post-checkout": run, "hooks/post-checkout": run,
		".github/workflows/plan.yml": "name: bylaw plan\n", "tool/action.yml": "runs: {using: composite, steps: [{run: ': > " + mark + "', shell: bash}]}\n",
		"action.yml": "runs: {using: composite, steps: [{run: ': > " + mark + "', shell: bash}]}\n",
		"go.work":    "use .\n", "main.go": "the pull request's\n", "bylaw.yaml": "not: [valid",
	}
	for _, dir := range []string{"", "orgs/", "orgs/acme/"} {
		for _, name := range []string{"bylaw", "git", "gh", "jq", "go", "bash", "sh", "cat"} {
			files[dir+name] = run
		}
	}
	return files
}

// hostileNames are texts that mean something to a shell, to Markdown, to HTML, to GitHub and to its runners.
var hostileNames = []string{"$(: > MARK)", "`: > MARK`", "; : > MARK #", "' ; : > MARK ; '", "::add-mask::b", "::error::boo", "##[error]boo",
	"@acme/owners", "#1", "![x](https://evil.example/x.png)", "<img src=x onerror=alert(1)>", "``` # not a plan", "--yes", "<!-- bylaw plan -->"}

// A hostile pull request brings programs, hooks, settings, actions and names. None of it is run: not where another
// repository's workflow is called, and not where the tool is of the same repository.
func TestHostilePullRequest(t *testing.T) {
	t.Parallel()
	for _, own := range []bool{false, true} {
		t.Run(map[bool]string{false: "called", true: "own"}[own], func(t *testing.T) {
			t.Parallel()
			files := map[string]string{"orgs/acme/org.yaml": acme}
			in := input{vars: map[string]any{"BYLAW_ROOT": "orgs"}}
			if own {
				for name, text := range toolFiles(t, "main's") {
					files[name] = text
				}
			}
			w := newWorld(t, files)
			mark := filepath.Join(w.dir, "mark")
			change := hostileTree(t, mark)
			var yaml strings.Builder
			yaml.WriteString(acmeWith(400))
			for _, name := range hostileNames {
				fmt.Fprintf(&yaml, "  - {name: %q}\n", strings.ReplaceAll(name, "MARK", mark))
			}
			change["orgs/acme/org.yaml"] = yaml.String()
			head := w.open("stranger/governance", change)
			w.keys["bylaw-fork-acme"] = sim.DefaultAdminKey
			in.github = checked(head, "stranger/governance")
			if !own {
				in.inputs = w.called(nil)
				w.check(t, head)
			}
			r := w.start(t, "plan", in)
			r.ended(t, "pull_request success, plan success, comment success")
			absent(t, mark, r)
			want := map[bool]string{false: "the tool\nthe tool\n", true: "main's\nmain's\n"}[own]
			if got := read(t, filepath.Join(r.dir, "builds")); got != want {
				t.Errorf("built:\n%swant:\n%s", got, want)
			}
			if got := w.writes(); got != nil {
				t.Errorf("plan wrote: %v", got)
			}
			harmless(t, w.kept().Comments["7"][0].Body, r)
		})
	}
}

// harmless says that the names are shown, and are only shown: in code, where they mean nothing.
func harmless(t *testing.T, body string, r *run) {
	t.Helper()
	has(t, body, "evil.example", "onerror")
	for _, line := range prose(body) {
		for _, bad := range []string{"@acme", "<img", "![x]", "# not a plan", "evil.example"} {
			if strings.Contains(line, bad) {
				t.Errorf("%q is outside of code: %s", bad, line)
			}
		}
	}
	for _, line := range strings.Split(r.said(), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "::add-mask") || strings.Contains(line, "##[error]boo") || strings.HasPrefix(line, "::error::boo") {
			t.Errorf("a runner takes this for a command: %s", line)
		}
	}
}

// A directory that looks like a repository has settings, and settings name programs. git would take it for one.
func TestDirectoryLikeARepository(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"orgs/", "orgs/acme/", "orgs/acme/teams/", "./"} {
		t.Run(path.Base(dir), func(t *testing.T) {
			t.Parallel()
			w := oneOrganization(t)
			mark := filepath.Join(w.dir, "mark")
			run := "\": > " + mark + ";\"\n"
			head := w.open(repository, map[string]string{"orgs/acme/org.yaml": acmeWith(400), dir + "HEAD": "ref: refs/heads/main\n",
				dir + "config":       "[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tfsmonitor = " + run + "\tpager = " + run + "[diff]\n\texternal = " + run,
				dir + "objects/keep": "", dir + "refs/keep": ""})
			check, plan := w.check(t, head), w.plan(t, head, repository)
			absent(t, mark, check)
			absent(t, mark, plan)
			if dir == "orgs/" || dir == "orgs/acme/" {
				has(t, check.said(), "cannot use bare repository")
				has(t, plan.said(), "cannot use bare repository")
			} else {
				plan.ended(t, "pull_request success, plan success, comment success")
			}
		})
	}
}

// A directory's name reaches the matrix, which reaches expressions: one that is not plain stops everything.
func TestHostileDirectory(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"$(id)", "a b", "a'b", "-rf", "x\nmatrix=y", "`id`", "${{ secrets.X }}"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := oneOrganization(t)
			head := w.open(repository, map[string]string{"orgs/" + name + "/org.yaml": acme})
			r := w.plan(t, head, repository)
			r.ended(t, "pull_request failure, plan skipped, comment success")
			has(t, r.said(), "unsafe in a workflow")
			has(t, w.kept().Comments["7"][0].Body, "There is no plan of "+head)
			w.check(t, head).ended(t, "organizations failure, check skipped, result failure")
		})
	}
}

// What a link leads to is not in the review: on a runner it may be a file with secrets, which a message would show.
func TestSymbolicLinks(t *testing.T) {
	t.Parallel()
	w := oneOrganization(t)
	head := w.open(repository, map[string]string{"orgs/acme/secrets.yaml": "link: /proc/self/environ"})
	r := w.plan(t, head, repository)
	r.ended(t, "pull_request failure, plan skipped, comment success")
	has(t, r.said(), "there are symbolic links below the root")
	w.check(t, head).ended(t, "organizations failure, check skipped, result failure")
}

// Links on the way to the root, which nobody looks for, are none in the checkout.
func TestSymbolicLinksAboveTheRoot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"README.md": "hello\n"})
	secret := filepath.Join(w.dir, "secret.yaml")
	must(t, os.WriteFile(secret, []byte("do: not show\n"), 0o600))
	head := w.open(repository, map[string]string{"a": "link: b", "b/orgs/acme/org.yaml": acme, "b/orgs/acme/secret.yaml": "link: " + secret})
	r := w.start(t, "plan", input{github: checked(head, repository), inputs: w.called(map[string]any{"root": "a/orgs"})})
	r.ended(t, "pull_request failure, plan skipped, comment success")
	if strings.Contains(r.said(), "show") {
		t.Errorf("it followed a link:\n%s", r.said())
	}
}

var (
	fence = regexp.MustCompile("^(`{3,})[a-z]*$")
	code  = regexp.MustCompile("`+[^`]*`+|<code>.*?</code>")
)

// prose are the lines of a comment that are no code, without the code in them.
func prose(body string) (out []string) {
	open := ""
	for _, line := range strings.Split(body, "\n") {
		switch m := fence.FindStringSubmatch(line); {
		case open == "" && m != nil:
			open = m[1]
		case open == line:
			open = ""
		case open == "":
			out = append(out, code.ReplaceAllString(line, ""))
		}
	}
	return out
}

// absent says that nothing ran that would have left a mark.
func absent(t *testing.T, mark string, r *run) {
	t.Helper()
	if _, err := os.Stat(mark); err == nil {
		t.Errorf("something of the checkout ran:\n%s", r.said())
	}
}
