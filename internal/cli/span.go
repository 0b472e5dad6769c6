package cli

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// A span is a duration on the command line: 36h, and 90d or 12w as well. A day has 24 hours.
type span time.Duration

var dayUnits = regexp.MustCompile(`([0-9]+(?:\.[0-9]+)?)([dw])`)

// parseSpan reads a duration that is longer than nothing.
func parseSpan(s string) (time.Duration, error) {
	d, err := time.ParseDuration(dayUnits.ReplaceAllStringFunc(s, inHours))
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is no duration; it reads like 90d, 12w or 36h", s)
	}
	return d, nil
}

func inHours(s string) string {
	n, _ := strconv.ParseFloat(s[:len(s)-1], 64) // digits, by the expression; what is too large is refused later
	hours := map[byte]float64{'d': 24, 'w': 7 * 24}[s[len(s)-1]]
	return strconv.FormatFloat(n*hours, 'f', -1, 64) + "h"
}

// UnmarshalText reads a flag.
func (s *span) UnmarshalText(text []byte) error {
	d, err := parseSpan(string(text))
	*s = span(d)
	return err
}

// parseTime reads a moment: so long ago, or a date, or a date and time.
func parseTime(s string, now time.Time) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	d, err := parseSpan(s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no time; it reads like 7d for seven days ago, 2026-01-31 or 2026-01-31T12:00:00Z", s)
	}
	return now.Add(-d), nil
}
