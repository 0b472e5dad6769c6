package ci_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A scope is what an expression can name. It knows every name that is used: an unknown one is a mistake.
type scope struct {
	values map[string]any // contexts, by name; a nil stands for everything below it
	status func(name string) bool
}

// lookup follows a path such as github.event.pull_request.head.sha.
func (s scope) lookup(path string) any {
	var v any = s.values
	for _, part := range strings.Split(path, ".") {
		m, isMap := v.(map[string]any)
		if v == nil {
			return nil
		}
		var known bool
		if v, known = m[part]; !isMap || !known {
			panic(unknown(path))
		}
	}
	return v
}

// unknown is a name that the test gives no value.
type unknown string

var expression = regexp.MustCompile(`\$\{\{(.*?)\}\}`)

// text puts the values of expressions into a text.
func (s scope) text(in string) string {
	return expression.ReplaceAllStringFunc(in, func(e string) string { return show(s.eval(e)) })
}

// condition is the value of an `if`; dflt says what its absence means, and success() is asked unless the
// condition asks for a status itself.
func (s scope) condition(in string) bool {
	if in == "" {
		return s.status("success")
	}
	v := truthy(s.eval(in))
	if !regexp.MustCompile(`\b(always|cancelled|success|failure)\(\)`).MatchString(in) {
		v = v && s.status("success")
	}
	return v
}

// eval is the value of an expression, with or without its ${{ }}.
func (s scope) eval(in string) any {
	in = strings.TrimSpace(in)
	if inner, ok := strings.CutPrefix(in, "${{"); ok {
		in = strings.TrimSuffix(inner, "}}")
	}
	e := evaluation{scope: s, tokens: tokens.FindAllString(in, -1)}
	v := e.or()
	if len(e.tokens) > 0 {
		panic(fmt.Sprintf("cannot read %q from %q on", in, e.tokens[0]))
	}
	return v
}

var tokens = regexp.MustCompile(`'[^']*'|[A-Za-z_][\w.-]*|\|\||&&|[=!]=|[!(),]|\S`)

// An evaluation reads an expression from left to right.
type evaluation struct {
	scope
	tokens []string
}

func (e *evaluation) take(any ...string) string {
	if len(e.tokens) == 0 || len(any) > 0 && !slices.Contains(any, e.tokens[0]) {
		return ""
	}
	token := e.tokens[0]
	e.tokens = e.tokens[1:]
	return token
}

func (e *evaluation) or() any {
	v := e.and()
	for e.take("||") != "" {
		if next := e.and(); !truthy(v) {
			v = next
		}
	}
	return v
}

func (e *evaluation) and() any {
	v := e.compare()
	for e.take("&&") != "" {
		if next := e.compare(); truthy(v) {
			v = next
		}
	}
	return v
}

func (e *evaluation) compare() any {
	v := e.one()
	if op := e.take("==", "!="); op != "" {
		return strings.EqualFold(show(v), show(e.one())) == (op == "==")
	}
	return v
}

func (e *evaluation) one() any {
	token := e.take()
	switch {
	case token == "!":
		return !truthy(e.one())
	case token == "(":
		v := e.or()
		e.close()
		return v
	case strings.HasPrefix(token, "'"):
		return strings.Trim(token, "'")
	case e.take("(") != "":
		return e.call(token)
	case token == "true", token == "false":
		return token == "true"
	}
	return e.lookup(token)
}

func (e *evaluation) close() {
	if e.take(")") == "" {
		panic("a bracket is not closed")
	}
}

func (e *evaluation) call(name string) any {
	if name != "fromJSON" {
		e.close()
		return e.status(name)
	}
	text := show(e.or())
	e.close()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic(fmt.Sprintf("fromJSON(%q): %v", text, err))
	}
	return v
}

func truthy(v any) bool { return v != nil && v != "" && v != false }

func show(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
