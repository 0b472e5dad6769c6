package desired

import (
	"bytes"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

// A plainer is how one message of the YAML library reads here.
type plainer struct {
	library, message, hint string
	parser                 bool // the library counts these lines from 0
	stopped                bool // the place is where it stopped reading, not the line that it names
}

var plain = []plainer{
	{library: "found a tab character", message: "a tab in the indentation", hint: "indent with blanks"},
	{library: "did not find expected key", message: "expected another key of the mapping", hint: "check indentation, quotes and brackets here and above", stopped: true},
	{library: "did not find expected '-' indicator", message: "expected another item of the list", hint: "check indentation, quotes and brackets here and above", stopped: true},
	{library: "did not find expected ',' or ']'", message: "the list that begins with [ here goes on without a comma or is not closed", parser: true},
	{library: "did not find expected ',' or '}'", message: "the mapping that begins with { here goes on without a comma or is not closed", parser: true},
	{library: "did not find expected node content", message: "expected a value", parser: true},
	{library: "mapping values are not allowed", message: "a `: ` inside a value", hint: "quote the value, or check the indentation here and above"},
	{library: "could not find expected ':'", message: "expected `key: value`", hint: "write a colon and a blank after the key"},
	{library: "block sequence entries are not allowed", message: "a dash inside a value", hint: "begin the list on a line of its own"},
	{library: "found unexpected end of stream", message: "the quote that begins here is not closed"},
	{library: "found unknown escape character", message: "an unknown escape in double quotes", hint: `write \\ for a backslash, or use single quotes`},
	{library: "found character that cannot start any token", message: "a value cannot begin with this character", hint: "quote it"},
	{library: "exceeded max depth", message: "nested deeper than 100 levels"},
	{library: "unknown anchor", message: "no such anchor before this", hint: "an alias such as *x needs &x before it"},
}

var (
	yamlLine   = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?(.*)`)
	anchorName = regexp.MustCompile(`^unknown anchor '(.*)' referenced`)
	noStart    = regexp.MustCompile("(?:^|[ \t\\[,])([@`%])")
)

// syntax places an error of the YAML library and says it plainly.
func syntax(name string, data []byte, err error) Mistake {
	m := yamlLine.FindStringSubmatch(strings.ReplaceAll(err.Error(), "\n", " "))
	line, _ := strconv.Atoi(m[1])
	p := plainer{message: "not YAML: " + m[2]}
	for _, q := range plain {
		if strings.HasPrefix(m[2], q.library) {
			p = q
		}
	}
	if p.parser {
		line++
	}
	if p.stopped {
		line = stop(data)
	}
	at := kind.Position{File: name, Line: max(1, min(line, lastLine(data)))}
	if a := anchorName.FindStringSubmatch(m[2]); a != nil {
		at = offset(name, data, max(0, bytes.Index(data, []byte("*"+a[1]))))
		p.message = "no anchor &" + a[1] + " before this alias"
	}
	return finish(at, data, p)
}

// finish finds the column: where what is on the line begins, or the character that is wrong.
func finish(at kind.Position, data []byte, p plainer) Mistake {
	text := lineOf(data, at.Line)
	blank := len(text) - len(strings.TrimLeft(text, " \t"))
	if i := strings.IndexByte(text[:blank], '\t'); i >= 0 {
		p.message, p.hint, blank = "a tab in the indentation", "indent with blanks", i
	} else if m := noStart.FindStringSubmatchIndex(text); m != nil && strings.HasPrefix(p.library, "found character") {
		p.message, blank = "a value cannot begin with "+text[m[2]:m[3]], m[2]
	}
	if at.Col == 0 {
		at.Col = blank + 1
	}
	return mistake(at, "", p.message, p.hint)
}

// stop is the line of the last character that the library reads before it gives up. It is fed byte by
// byte, so it reads hardly further than the problem.
func stop(data []byte) int {
	r := &drip{data: data}
	var n yaml.Node
	_ = decode(yaml.NewDecoder(r), &n) // it fails as before
	return bytes.Count(bytes.TrimSpace(data[:r.at]), []byte{'\n'}) + 1 + leading(data)
}

// leading is the number of lines that TrimSpace takes away at the front.
func leading(data []byte) int {
	space := len(data) - len(bytes.TrimLeft(data, " \t\r\n"))
	return bytes.Count(data[:space], []byte{'\n'})
}

// lastLine is the last line with something on it.
func lastLine(data []byte) int {
	return bytes.Count(bytes.TrimSpace(data), []byte{'\n'}) + 1 + leading(data)
}

func lineOf(data []byte, line int) string {
	for ; line > 1; line-- {
		i := bytes.IndexByte(data, '\n')
		if i < 0 {
			return ""
		}
		data = data[i+1:]
	}
	text, _, _ := bytes.Cut(data, []byte{'\n'})
	return string(text)
}

// A drip hands out one byte at a time, and knows how many it gave.
type drip struct {
	data []byte
	at   int
}

func (d *drip) Read(p []byte) (int, error) {
	if d.at == len(d.data) || len(p) == 0 {
		return 0, io.EOF
	}
	p[0] = d.data[d.at]
	d.at++
	return 1, nil
}
