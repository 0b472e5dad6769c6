package ci_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMain also is the programs that a runner has and this machine need not have, under their names.
func TestMain(m *testing.M) {
	var err error
	switch filepath.Base(os.Args[0]) {
	case "gh":
		err = gh(os.Args[1:])
	case "go":
		err = build(os.Args[1:])
	default:
		status := m.Run()
		_ = os.RemoveAll(built.dir)
		if status == 0 && flag.Lookup("test.run").Value.String() == "" && !skipped.Load() {
			status = everyScriptRan()
		}
		os.Exit(status)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// everyScriptRan is the exit status of a whole run: a script that no test runs is a mistake.
func everyScriptRan() int {
	left, err := notRun()
	if err == nil && len(left) == 0 {
		return 0
	}
	fmt.Fprintf(os.Stderr, "FAIL: scripts that no test runs: %s %v\n", strings.Join(left, "; "), err)
	return 1
}

// Variables by which a runner tells them of their world.
const (
	hubVar     = "BYLAW_TEST_HUB"     // the file that is GitHub
	programVar = "BYLAW_TEST_PROGRAM" // bylaw, built before
	buildsVar  = "BYLAW_TEST_BUILDS"  // a line for each build: the directory and the commit that it is
)

// build is the one thing that a job does with go; each takes what was built once.
func build(args []string) error {
	if len(args) != 5 || strings.Join(args[:3], " ") != "build -trimpath -o" || args[4] != "." {
		return fmt.Errorf("go %s: not known here", strings.Join(args, " "))
	}
	mark, err := os.ReadFile("main.go")
	if err != nil {
		return err
	}
	log, err := os.OpenFile(os.Getenv(buildsVar), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(log, strings.TrimSpace(string(mark)))
	return errors.Join(err, log.Close(), os.Symlink(os.Getenv(programVar), args[3]))
}

// A hub is what GitHub keeps for a repository, in the fields that gh prints.
type hub struct {
	Pulls    []pull               `json:"pulls"`
	Comments map[string][]comment `json:"comments"` // by the number of an issue or pull request
	Issues   []issue              `json:"issues"`
	Labels   []string             `json:"labels"`
	Statuses []string             `json:"statuses"` // sha, state, context, description
	Calls    []string             `json:"calls"`    // what gh was asked to write
}

type pull struct {
	Number int    `json:"number"`
	State  string `json:"state"`
	Head   side   `json:"head"`
	Base   side   `json:"base"`
}

type side struct {
	Ref  string `json:"ref"`
	SHA  string `json:"sha"`
	Repo struct {
		Name string `json:"full_name"`
	} `json:"repo"`
}

type comment struct {
	User struct {
		Login string `json:"login"`
	} `json:"user"`
	Body string `json:"body"`
}

type issue struct {
	Number int      `json:"number"`
	Title  string   `json:"title"`
	Body   string   `json:"body"`
	State  string   `json:"state"`
	Labels []string `json:"labels"`
	Author string   `json:"author"`
}

// bot is who writes with a job's token.
const bot = "github-actions[bot]"

func readHub(file string) (h hub, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return h, err
	}
	return h, json.Unmarshal(data, &h)
}

func (h hub) write(file string) error {
	data, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o600)
}

// gh is GitHub's program, as far as the workflows use it.
func gh(args []string) error {
	file := os.Getenv(hubVar)
	h, err := readHub(file)
	if err != nil {
		return err
	}
	c := call{hub: &h, flags: flag.NewFlagSet("gh", flag.ContinueOnError)}
	if err := c.run(args); err != nil {
		return fmt.Errorf("gh %s: %w", strings.Join(args, " "), err)
	}
	return h.write(file)
}

// A call is one run of gh.
type call struct {
	hub   *hub
	flags *flag.FlagSet
	args  []string
}

func (c *call) run(args []string) error {
	if len(args) < 2 {
		return errors.New("no command")
	}
	c.args = args
	switch strings.Join(args[:2], " ") {
	case "pr comment":
		return c.comment()
	case "issue list":
		return c.list()
	case "issue create":
		return c.create()
	case "issue edit", "issue close":
		return c.edit()
	case "label create":
		return c.label()
	}
	if args[0] == "api" {
		return c.api()
	}
	return errors.New("not known here")
}

// may checks the job's token.
func (c *call) may(right string) error {
	if !slices.Contains(strings.Fields(os.Getenv("GH_TOKEN")), right) {
		return fmt.Errorf("the job's permissions lack %s", right)
	}
	return nil
}

// parse reads the flags behind the command; rest says how many arguments stand beside them.
func (c *call) parse(args []string, rest int) error {
	var plain []string
	for len(args) > 0 {
		if strings.HasPrefix(args[0], "-") {
			if err := c.flags.Parse(args); err != nil {
				return err
			}
			args = c.flags.Args()
			continue
		}
		plain, args = append(plain, args[0]), args[1:]
	}
	if c.args = plain; len(plain) != rest {
		return fmt.Errorf("%d arguments, want %d", len(plain), rest)
	}
	return nil
}

// body reads a body, which GitHub limits.
func body(file string) (string, error) {
	data, err := os.ReadFile(file)
	if err == nil && len([]rune(string(data))) > 65536 {
		err = errors.New("body is too long (maximum is 65536 characters)")
	}
	return string(data), err
}

func (c *call) did(what string, args ...any) {
	c.hub.Calls = append(c.hub.Calls, fmt.Sprintf(what, args...))
}

func (c *call) comment() error {
	last, create, file := c.flags.Bool("edit-last", false, ""), c.flags.Bool("create-if-none", false, ""), c.flags.String("body-file", "", "")
	if err := errors.Join(c.may("pull-requests=write"), c.parse(c.args[2:], 1)); err != nil {
		return err
	}
	text, err := body(*file)
	if err != nil {
		return err
	}
	all := c.hub.Comments[c.args[0]]
	for i, old := range slices.Backward(all) {
		if *last && old.User.Login == bot {
			all[i].Body = text
			c.did("edit a comment of #%s", c.args[0])
			return nil
		}
	}
	if *last && !*create {
		return errors.New("no comments found for current user")
	}
	said := comment{Body: text}
	said.User.Login = bot
	if c.hub.Comments == nil {
		c.hub.Comments = map[string][]comment{}
	}
	c.hub.Comments[c.args[0]] = append(all, said)
	c.did("comment on #%s", c.args[0])
	return nil
}

func (c *call) list() error {
	label, app, state := c.flags.String("label", "", ""), c.flags.String("app", "", ""), c.flags.String("state", "", "")
	limit, fields := c.flags.Int("limit", 30, ""), c.flags.String("json", "", "")
	if err := errors.Join(c.may("issues=write"), c.parse(c.args[2:], 0)); err != nil {
		return err
	}
	found := []map[string]any{}
	for _, i := range slices.Backward(c.hub.Issues) {
		if i.State == *state && i.Author == *app && slices.Contains(i.Labels, *label) && len(found) < *limit && *fields == "number" {
			found = append(found, map[string]any{"number": i.Number})
		}
	}
	return json.NewEncoder(os.Stdout).Encode(found)
}

func (c *call) create() error {
	title, label, file := c.flags.String("title", "", ""), c.flags.String("label", "", ""), c.flags.String("body-file", "", "")
	if err := errors.Join(c.may("issues=write"), c.parse(c.args[2:], 0)); err != nil {
		return err
	}
	if !slices.Contains(c.hub.Labels, *label) {
		return fmt.Errorf("could not add label: %q not found", *label)
	}
	text, err := body(*file)
	n := len(c.hub.Issues) + 1
	c.hub.Issues = append(c.hub.Issues, issue{n, *title, text, "open", []string{*label}, "github-actions"})
	c.did("create the issue #%d", n)
	return err
}

func (c *call) edit() error {
	file, said, verb := c.flags.String("body-file", "", ""), c.flags.String("comment", "", ""), c.args[1]
	if err := errors.Join(c.may("issues=write"), c.parse(c.args[2:], 1)); err != nil {
		return err
	}
	for i := range c.hub.Issues {
		if is := &c.hub.Issues[i]; fmt.Sprint(is.Number) == c.args[0] {
			if verb == "close" {
				is.State = "closed"
				c.did("close the issue #%d: %s", is.Number, *said)
				return nil
			}
			var err error
			is.Body, err = body(*file)
			c.did("edit the issue #%d", is.Number)
			return err
		}
	}
	return errors.New("no such issue")
}

func (c *call) label() error {
	_, force := c.flags.String("description", "", ""), c.flags.Bool("force", false, "")
	if err := errors.Join(c.may("issues=write"), c.parse(c.args[2:], 1)); err != nil {
		return err
	}
	if slices.Contains(c.hub.Labels, c.args[0]) {
		if !*force {
			return errors.New("label already exists")
		}
		return nil
	}
	c.hub.Labels = append(c.hub.Labels, c.args[0])
	return nil
}

// fields are -f name=value, repeated.
type fields map[string]string

func (f fields) String() string { return "" }

func (f fields) Set(s string) error {
	name, value, ok := strings.Cut(s, "=")
	if f[name] = value; !ok {
		return errors.New("no =")
	}
	return nil
}

func (c *call) api() error {
	method, f := c.flags.String("method", "GET", ""), fields{}
	c.flags.Bool("paginate", false, "")
	c.flags.Var(f, "f", "")
	if err := c.parse(c.args[1:], 1); err != nil {
		return err
	}
	path, ours := strings.CutPrefix(c.args[0], "repos/"+repository+"/")
	parts := strings.Split(path, "/")
	switch where := *method + " " + parts[0]; {
	case !ours:
		return errors.New("another repository")
	case where == "GET pulls" && len(parts) == 1:
		return errors.Join(c.may("pull-requests=read"), c.reply(c.pulls(f)))
	case where == "GET pulls" && len(parts) == 2:
		i := slices.IndexFunc(c.hub.Pulls, func(p pull) bool { return fmt.Sprint(p.Number) == parts[1] })
		return errors.Join(c.may("pull-requests=write"), c.reply(c.hub.Pulls[i]))
	case where == "GET issues" && len(parts) == 3 && parts[2] == "comments":
		return errors.Join(c.may("pull-requests=write"), c.reply(append([]comment{}, c.hub.Comments[parts[1]]...)))
	case where == "POST statuses" && len(parts) == 2:
		c.hub.Statuses = append(c.hub.Statuses, strings.Join([]string{parts[1], f["state"], f["context"], f["description"]}, ", "))
		return errors.Join(c.may("statuses=write"), c.reply(f))
	}
	return errors.New("not known here")
}

func (c *call) pulls(f fields) []pull {
	out := []pull{}
	for _, p := range c.hub.Pulls {
		owner, _, _ := strings.Cut(p.Head.Repo.Name, "/")
		if p.State == f["state"] && owner+":"+p.Head.Ref == f["head"] && p.Base.Ref == f["base"] {
			out = append(out, p)
		}
	}
	return out
}

func (c *call) reply(v any) error { return encode(os.Stdout, v) }

func encode(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) }
