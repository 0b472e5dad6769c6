package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
)

// A meter counts requests, those that are done and those that are known to come.
type meter struct {
	outlook     func(left map[string]int) adminapi.Outlook
	concurrency int

	mu       sync.Mutex
	expected map[string]int // by "METHOD route"
	done     map[string]int
	answers  int
	took     time.Duration // all of them together
}

func newMeter(concurrency int) *meter {
	return &meter{concurrency: concurrency, expected: map[string]int{}, done: map[string]int{},
		outlook: func(map[string]int) adminapi.Outlook { return adminapi.Outlook{} }}
}

// A standing is how far a run is.
type standing struct {
	Time      time.Time `json:"time"`
	Done      int       `json:"done"`
	Expected  int       `json:"expected"` // as far as is known now
	Wait      float64   `json:"wait_seconds"`
	Left      float64   `json:"left_seconds"`
	Route     string    `json:"route,omitempty"` // the one that takes longest
	PerMinute float64   `json:"per_minute,omitempty"`
}

// expect adds requests to come.
func (m *meter) expect(requests map[string]int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for route, n := range requests {
		m.expected[route] += n
	}
}

// attempt counts a request as done unless it is sent again, or would have been had there been time.
func (m *meter) attempt(at adminapi.Attempt) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at.Wait > 0 || at.Status == 0 || errors.Is(at.Err, adminapi.ErrThrottled) {
		return
	}
	route := at.Method + " " + at.Route
	m.done[route]++
	if at.Further {
		m.expected[route]++
	}
	m.expected[route] = max(m.expected[route], m.done[route])
	m.answers++
	m.took += at.Took
}

// standing says how far it is, and how long the rest will take: as long as the slowest route's limit
// makes it, or as long as answers take.
func (m *meter) standing() standing {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := standing{Time: time.Now().UTC()}
	left := map[string]int{}
	for route, n := range m.expected {
		s.Expected += n
		s.Done += m.done[route]
		left[route] = n - m.done[route]
	}
	look := m.outlook(left)
	takes := time.Duration(0)
	if m.answers > 0 {
		takes = m.took / time.Duration(m.answers)
	}
	rest := time.Duration(s.Expected-s.Done) * takes / time.Duration(m.concurrency)
	s.Wait, s.Left = look.Wait.Seconds(), max(look.Left+takes, rest).Seconds()
	if s.Done == s.Expected {
		s.Wait, s.Left = 0, 0
	}
	s.Route, s.PerMinute = look.Route, look.PerMinute
	return s
}

// String is for people: "96 of 400 requests, next in 8s, 5m20s left (GET /organization/users: 7 a minute)".
func (s standing) String() string {
	text := fmt.Sprintf("%d of %d requests", s.Done, s.Expected)
	if s.Wait >= 1 {
		text += ", next in " + inSeconds(s.Wait)
	}
	if s.Left >= 1 {
		text += ", " + inSeconds(s.Left) + " left"
	}
	if s.Route != "" {
		text += fmt.Sprintf(" (%s: %.0f a minute)", s.Route, s.PerMinute)
	}
	return text
}

func inSeconds(s float64) string {
	return time.Duration(s * float64(time.Second)).Round(time.Second).String()
}

// left says what was not done, by route.
func (m *meter) left(w io.Writer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, route := range slices.Sorted(maps.Keys(m.expected)) {
		if n := m.expected[route] - m.done[route]; n > 0 {
			fmt.Fprintf(w, "bylaw: left to do: %d of %d %s\n", n, m.expected[route], route)
		}
	}
}

// The ways to show progress.
const (
	progressAuto  = "auto"
	progressPlain = "plain"
	progressJSON  = "json"
	progressNone  = "none"
	progressBar   = "bar" // not to be asked for: what auto is on a terminal
)

func (a *app) progressMode() string {
	switch {
	case a.Progress == progressJSON:
		return progressJSON
	case a.Quiet || a.Progress == progressNone:
		return progressNone
	case a.Progress == progressAuto && a.Interactive:
		return progressBar
	}
	return progressPlain
}

// watch shows the meter until it is stopped.
func (a *app) watch(m *meter) (stop func()) {
	every := map[string]time.Duration{progressPlain: time.Minute, progressJSON: time.Second, progressBar: time.Second / 2}
	mode := a.progressMode()
	if every[mode] == 0 {
		return func() {}
	}
	show, end := a.shower(mode, m)
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(every[mode])
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				show()
			case <-quit:
				return
			}
		}
	}()
	return func() {
		close(quit)
		<-ended
		end()
	}
}

// shower returns what shows the meter once, and what ends that.
func (a *app) shower(mode string, m *meter) (show, end func()) {
	switch mode {
	case progressJSON:
		w, last := a.Stderr, standing{}
		write := func() {
			s := m.standing()
			if old := last; s.Done != old.Done || s.Expected != old.Expected {
				last = s
				b, _ := json.Marshal(s) // numbers and strings
				fmt.Fprintf(w, "%s\n", b)
			}
		}
		return write, write
	case progressBar:
		return a.draw(m)
	}
	w := a.Stderr
	return func() {
		if s := m.standing(); s.Done < s.Expected {
			fmt.Fprintln(w, "progress:", s)
		}
	}, func() {}
}

// draw draws on the terminal. What else is printed meanwhile goes over it.
func (a *app) draw(m *meter) (show, end func()) {
	var mu sync.Mutex
	bar := progressbar.NewOptions(1, progressbar.OptionSetWriter(a.Stderr), progressbar.OptionSetWidth(20),
		progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false), progressbar.OptionClearOnFinish())
	drawn := false
	clear := func() {
		if drawn {
			_ = bar.Clear()
			drawn = false
		}
	}
	stdout, stderr := a.Stdout, a.Stderr
	a.Stdout, a.Stderr = over{stdout, &mu, clear}, over{stderr, &mu, clear}
	show = func() {
		s := m.standing()
		mu.Lock()
		defer mu.Unlock()
		if s.Done >= s.Expected {
			clear()
			return
		}
		drawn = true
		bar.ChangeMax(cmp.Or(s.Expected, 1))
		bar.Describe(s.String())
		_ = bar.Set(s.Done)
	}
	return show, func() {
		mu.Lock()
		defer mu.Unlock()
		clear()
		a.Stdout, a.Stderr = stdout, stderr
	}
}

// over writes where a bar may stand.
type over struct {
	w     io.Writer
	mu    *sync.Mutex
	clear func()
}

func (o over) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.clear()
	return o.w.Write(b)
}
