package desired

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// A refusal is a scalar that has no place in an organization.
type refusal struct{ message, hint string }

func (r *refusal) Error() string { return r.message }

var digits = regexp.MustCompile(`^[-+]?[0-9][0-9_]*$`)

// resolve is the value of a scalar: string, int64, float64, bool, or nil of null.
func resolve(y *yaml.Node) (any, *refusal) {
	switch y.Tag {
	case "!!null":
		return nil, nil
	case "!!str", "":
		return y.Value, nil
	case "!!timestamp": // as written: there is no date in an organization
		if y.Style&yaml.TaggedStyle == 0 {
			return y.Value, nil
		}
	case "!!bool":
		return boolean(y)
	case "!!int":
		return integer(y)
	case "!!float":
		return fraction(y)
	case "!!merge":
		return nil, &refusal{"<< is not supported", "quote it if it is meant as text"}
	}
	return nil, &refusal{"the tag " + y.Tag + " means nothing here", "remove it"}
}

func boolean(y *yaml.Node) (any, *refusal) {
	b, err := strconv.ParseBool(strings.ToLower(y.Value))
	if err != nil || len(y.Value) < 4 {
		return nil, &refusal{short(y.Value) + " is not true or false", "write true or false"}
	}
	return b, nil
}

func integer(y *yaml.Node) (any, *refusal) {
	plain := strings.ReplaceAll(y.Value, "_", "")
	if unsigned := strings.TrimLeft(plain, "+-"); len(unsigned) > 1 && unsigned[0] == '0' && digits.MatchString(plain) {
		decimal := strings.TrimLeft(unsigned, "0")
		return nil, &refusal{"the number " + short(y.Value) + " begins with 0, which some read as octal",
			fmt.Sprintf("write %s, or quote it if it is a name", decimal+strings.Repeat("0", 1-min(1, len(decimal))))}
	}
	n, err := strconv.ParseInt(plain, 0, 64)
	switch {
	case err == nil:
		return n, nil
	case strings.Contains(err.Error(), "out of range"):
		return nil, large(y)
	}
	return nil, &refusal{short(y.Value) + " is not a whole number", ""}
}

func large(y *yaml.Node) *refusal {
	return &refusal{"the number " + short(y.Value) + " is too large", fmt.Sprintf("the largest is %d; quote it if it is a name", math.MaxInt64)}
}

func fraction(y *yaml.Node) (any, *refusal) {
	if digits.MatchString(y.Value) {
		return integer(y)
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(y.Value, "_", ""), 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return nil, &refusal{short(y.Value) + " is not a finite number", "quote it if it is a name"}
	}
	return f, nil
}
