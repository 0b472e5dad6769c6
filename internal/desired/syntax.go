package desired

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/kind"
)

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// syntax places an error of the YAML library and says it plainly.
func syntax(name string, data []byte, err error) Mistake {
	line, message := 1, err.Error()
	if m := yamlLine.FindStringSubmatch(strings.ReplaceAll(message, "\n", " ")); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = m[2]
	}
	return mistake(kind.Position{File: name, Line: max(line, 1), Col: 1}, "", message, "")
}
