package cli

import (
	"strings"
	"testing"
	"time"
)

func TestParseSpan(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for s, want := range map[string]time.Duration{
		"90d": 90 * day, "12w": 84 * day, "36h": 36 * time.Hour, "90m": 90 * time.Minute, "1w2d12h": 9*day + 12*time.Hour,
		"1.5d": 36 * time.Hour, "10000d": 10000 * day, "0.5w": 84 * time.Hour, "1s": time.Second,
		"": 0, "0": 0, "0d": 0, "90": 0, "-1d": 0, "d": 0, "1 d": 0, "1y": 0, "1D": 0, "99999999w": 0, "1e3d": 0, ".d": 0,
	} {
		got, err := parseSpan(s)
		if got != want || (err != nil) != (want == 0) {
			t.Errorf("%q: %s, %v; want %s", s, got, err, want)
		}
		if err != nil && !strings.Contains(err.Error(), `"`+s+`" is no duration; it reads like`) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	for s, want := range map[string]string{
		"7d": "2026-03-03T12:00:00Z", "90m": "2026-03-10T10:30:00Z", "2026-01-31": "2026-01-31T00:00:00Z",
		"2026-01-31T12:00:00+02:00": "2026-01-31T10:00:00Z", "2026-02-30": "", "yesterday": "", "": "", "2026-01-31 12:00": "",
	} {
		got, err := parseTime(s, now)
		if want == "" && err == nil || want != "" && got.Format(time.RFC3339) != want {
			t.Errorf("%q: %s, %v; want %s", s, got, err, want)
		}
	}
}
