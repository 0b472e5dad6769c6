package render_test

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	token "golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/bylaw-dev/bylaw/internal/kind"
	"github.com/bylaw-dev/bylaw/internal/plan"
	"github.com/bylaw-dev/bylaw/internal/render"
)

// hostile are names that try to be more than names. Each holds the word by which it is found again.
var hostile = []string{
	"</details>@everyone ::error::$(id) word",
	"```", "````````", "~~~~", "``` word", "`word`", strings.Repeat("`", 700) + "word", "word`", "~~~ word", "`````` \n```\nword",
	"##[error]word", "###[set-env]word", "a|word|b", "[word](javascript:1)", "![word](http://x.example/i.png)",
	"<img src=x onerror=1>word", "<!-- word", "]]> word", "<script>word</script>", "</code></pre></summary>word",
	"\n::error::word", "\r\n  ::add-mask::word", "::error::word", "  ::error::word", "\u0085::error::word", "\u2028::error::word",
	"\u202eword", "a\u200bword", "\x1b[31mword", "\u009b31mword", "\x9b31mword", "\xffword", "word\u115f", "word\ufe0f", "\x00word",
	"#1 word", "GH-1 word", "0123456789012345678901234567890123456789 word", "http://word.example", "www.word.example", "word@evil.example",
	"@acme/owners word", "acme/web#1 word", "$`word`$", "$$word$$", ":tada: word", "&lt;word", "\\`word", " word ", "# word", "> word", "- word", "1. word", "---word",
	"> [!CAUTION] word", "[^1] word", "[^1]: word", "- [x] word", ":x: word", "--> word", "<!-- word -->", "```mermaid\ngraph word", "```math\nword", "word\n===", "word\n---", "| word |\n|---|",
	"word\n\n---\n\n## word", strings.Repeat("word ", 3000),
}

func poisoned(s string) plan.Plan {
	pos := kind.Position{File: s, Line: 3, Col: 4, From: s}
	at := func(section string) kind.Address { return kind.Address("projects").Join(s, section, s) }
	lines := func(more string) string { return "same\n" + s + "\n" + more + "\n" + s }
	fields := []plan.FieldDiff{{Name: s, Old: s, New: []any{s, s}}, {Name: "f", Old: map[string]any{s: s}, New: s, Drifted: true, Base: s},
		{Name: "text", Old: lines("a"), New: lines("b")}, {Name: "list", Old: []any{s, "a", strings.Repeat("x", 200)}, New: []any{s, "b"}}}
	p := plan.Plan{Based: true,
		Notes:      []plan.Note{{Addr: at("users"), Pos: pos, Why: plan.Pending, Message: s}},
		Problems:   []plan.Problem{{Addr: at("users"), Pos: pos, Message: s, Hint: s}, {Addr: kind.Address(s), Message: s}},
		Refusals:   []plan.Refusal{{Rule: s, Message: s, Allow: []string{s, "delete:" + string(at("users"))}}},
		Undeclared: []kind.Address{at("users"), kind.Address(s)},
		Unmanaged:  []plan.Unmanaged{{Addr: at("users"), Field: s, Pos: pos, Stays: s}, {Addr: at("users"), Field: s, Pos: pos, Stays: []any{s}}},
		Policy:     []plan.PolicyChange{{Field: s, Old: s, New: s, Pos: pos}, {Field: s, Old: s, New: s, Pos: pos, Loosened: true}},
		Drift:      []plan.Change{{Action: plan.Update, Addr: at("users"), Risk: plan.Routine, Pos: pos, Reason: s, Fields: fields}},
		Drifted:    []plan.Problem{{Addr: at("users"), Pos: pos, Message: s, Hint: s}}}
	for _, r := range plan.Risks() {
		for i, a := range []plan.Action{plan.Create, plan.Update, plan.Replace, plan.Delete, plan.Update, plan.Update, plan.Update, plan.Update} {
			addr := at("users")
			if i > 3 {
				addr = kind.Address("projects").Join(fmt.Sprint(s, i), s) // four that are the same, and whose pattern is not
			}
			p.Changes = append(p.Changes, plan.Change{Action: a, Addr: addr, Risk: r, Pos: pos, Reason: s, Fields: fields, Drift: i > 3})
		}
	}
	return p
}

func poisonedOptions(s string, p plan.Plan, limit int) render.MarkdownOptions {
	return render.MarkdownOptions{Title: s, Commit: s, Base: s, Approval: s, Apply: s, Readings: []string{s}, Verbose: true, Sandbox: true, Limit: limit,
		Why: map[kind.Address][]string{p.Drift[0].Addr: {s, s}}}
}

func TestHostileNamesAreHarmless(t *testing.T) {
	t.Parallel()
	for _, s := range hostile {
		harmless(t, s, 0)
		harmless(t, s, 12000)
	}
}

func TestAnyTextIsHarmless(t *testing.T) {
	t.Parallel()
	parts := rapid.SampledFrom(append(slices.Clone(hostile[:len(hostile)-1]), "`", "```", "\n", " ", "#", "##", "[", ":", "::", "<", ">", "&", "\\", "|", "@", "word", "\t", "\x1b", "é"))
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(rapid.OneOf(parts, rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })), 0, 4).Draw(t, "s"), "")
		harmless(t, s, rapid.SampledFrom([]int{0, 8000, 20000}).Draw(t, "limit"))
	})
}

// command is what we write before our messages.
var command = regexp.MustCompile(`^::(error|warning|notice)( file=[^:,]*,line=\d+,col=\d+)?::`)

type failing interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
}

// harmless renders a plan that has s everywhere.
func harmless(t failing, s string, limit int) {
	t.Helper()
	p := poisoned(s)
	o := poisonedOptions(s, p, limit)
	var text, comment, commands strings.Builder
	render.Text(&text, p, render.Options{Verbose: true, Why: o.Why, Requests: map[string]int{s: 1}})
	if err := render.Markdown(&comment, p, o); err != nil {
		t.Fatal(err)
	}
	if err := render.GitHub(&commands, p); err != nil {
		t.Fatal(err)
	}
	if most := cmp.Or(limit, 60000); comment.Len() > most {
		t.Errorf("%q: %d bytes, more than %d", s, comment.Len(), most)
	}
	quiet(t, s, "text", text.String())
	quiet(t, s, "Markdown", comment.String())
	quiet(t, s, "a line", render.Line(s)+"\n")
	commands.WriteString(render.Annotation(render.Error, kind.Position{File: s}, s) + "\n")
	inert(t, s, comment.String())
	for _, line := range strings.Split(strings.TrimSuffix(commands.String(), "\n"), "\n") {
		if !command.MatchString(line) {
			t.Errorf("%q: no annotation of ours: %q", s, line)
		}
		quiet(t, s, "an annotation", line+"\n")
	}
}

// quiet looks for what a terminal or a runner of GitHub would act on.
func quiet(t failing, s, what, out string) {
	t.Helper()
	if strings.Contains(out, "##[") {
		t.Errorf("%q: %s holds ##[", s, what)
	}
	if what != "an annotation" && regexp.MustCompile(`(?m)^\s*::`).MatchString(out) {
		t.Errorf("%q: a line of %s begins with ::", s, what)
	}
	if !utf8.ValidString(out) {
		t.Errorf("%q: %s is no UTF-8", s, what)
	}
	hidden := func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }
	if i := strings.IndexFunc(out, hidden); i >= 0 {
		t.Errorf("%q: %s holds %q", s, what, out[i:min(len(out), i+8)])
	}
}

// own are the elements that our own words make.
var own = strings.Fields("h3 h4 p code pre strong details summary")

// inert renders a comment and looks for elements, attributes and texts that are not ours.
func inert(t failing, s, comment string) {
	t.Helper()
	r := reading{t: t, s: s}
	z := token.NewTokenizer(strings.NewReader(toHTML(t, comment)))
	for z.Next() != token.ErrorToken {
		r.token(z.Token())
	}
	if len(r.open) > 0 {
		t.Errorf("%q: open at the end: %v", s, r.open)
	}
	if !strings.Contains(r.said, "\nPlan: ") {
		t.Errorf("%q: the last line is not our own", s)
	}
}

// A reading is the HTML of a comment so far.
type reading struct {
	t    failing
	s    string
	open []string
	said string // outside of code
}

func (r *reading) token(tag token.Token) {
	switch {
	case tag.Type == token.StartTagToken:
		r.open = append(r.open, tag.Data)
		if !r.mayOpen(tag) {
			r.t.Errorf("%q: not ours: %s", r.s, tag)
		}
	case tag.Type == token.EndTagToken && len(r.open) > 0 && r.open[len(r.open)-1] == tag.Data:
		r.open = r.open[:len(r.open)-1]
	case tag.Type != token.TextToken:
		r.t.Errorf("%q: not ours: %s within %v", r.s, tag, r.open)
	case !slices.Contains(r.open, "code"):
		if r.said += tag.Data; !ours(tag.Data) {
			r.t.Errorf("%q: not ours: %q", r.s, tag.Data)
		}
	}
}

var language = regexp.MustCompile(`^<code class="language-(text|diff|sh)">$`)

// mayOpen says that an element is one of ours. Only the code of blocks has an attribute, and has it always.
func (r *reading) mayOpen(tag token.Token) bool {
	if len(r.open) > 1 && r.open[len(r.open)-2] == "pre" {
		return language.MatchString(tag.String())
	}
	return slices.Contains(own, tag.Data) && len(tag.Attr) == 0
}

// ours says that a text outside of code is made of our own words: letters, numbers, and few marks.
func ours(text string) bool {
	return regexp.MustCompile(`^[A-Za-z0-9 ,.:;()'\n]*$`).MatchString(text) && !strings.Contains(text, "word") && !strings.Contains(text, "::")
}

func toHTML(t failing, comment string) string {
	t.Helper()
	var b strings.Builder
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote, extension.DefinitionList), goldmark.WithRendererOptions(html.WithUnsafe())).Convert([]byte(comment), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
