package cli

import (
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows people how far long work is: a bar that goes away on a terminal, a line a minute
// elsewhere, nothing with -q. It may be called from many goroutines, first with done 0.
func (a *app) progress(what string) func(done, of int) {
	switch a.progressMode() {
	case progressNone, progressJSON:
		return func(int, int) {}
	case progressBar:
		return a.bar(what)
	}
	var mu sync.Mutex
	last, most := a.now(), 0
	return func(done, of int) {
		mu.Lock()
		defer mu.Unlock()
		if most = max(most, done); a.now().Sub(last) >= time.Minute {
			last = a.now()
			a.say("%s: %d of %d", what, most, of)
		}
	}
}

func (a *app) bar(what string) func(done, of int) {
	var mu sync.Mutex
	var bar *progressbar.ProgressBar
	return func(_, of int) {
		mu.Lock()
		defer mu.Unlock()
		if bar != nil {
			_ = bar.Add(1) // drawing is all it does
			return
		}
		bar = progressbar.NewOptions(of, progressbar.OptionSetWriter(a.Stderr), progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetVisibility(of > 0))
	}
}
