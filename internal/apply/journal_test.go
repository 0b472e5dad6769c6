package apply_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/bylaw-dev/bylaw/internal/apply"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// keep returns a journal that fails from the n-th entry on, and what it was told until then.
func keep(n int) (func(apply.Entry) error, *[]apply.Entry) {
	var mu sync.Mutex
	var got []apply.Entry
	return func(e apply.Entry) error {
		mu.Lock()
		defer mu.Unlock()
		if len(got) == n {
			return errors.New("no space left on device")
		}
		got = append(got, e)
		return nil
	}, &got
}

// Every write that was sent stands in the journal, before and after, and nothing is sent that could not
// be written down.
func TestJournal(t *testing.T) {
	t.Parallel()
	for n := range 14 {
		synctest.Test(t, func(t *testing.T) {
			in2026()
			server := sim.New(sim.Demo())
			w := newWorld(t, server, oneProject)
			note, got := keep(n)
			r, err := apply.Run(context.Background(), w.open().plan(), apply.Options{Client: w.client, Journal: note})
			if err != nil {
				t.Fatal(err)
			}
			sending, answered := 0, map[int]bool{}
			for _, e := range *got {
				switch {
				case e.Phase == apply.Sending && e.Fields == nil && e.Addr.Kind().Setting():
					t.Errorf("nothing tells what it changes: %+v", e)
				case e.Phase == apply.Sending:
					sending++
				case e.Fields != nil, e.Outcome != apply.Done || e.Answer.Status != 200 || !strings.HasPrefix(e.Answer.RequestID, "req_"):
					t.Errorf("%+v", e)
				default:
					answered[e.N] = true
				}
			}
			sent := len(writes(server))
			if sent != sending || len(answered) > sent || (r.Journal == nil) != (n > 2*sent) && n != 2*sent {
				t.Errorf("journal of %d: %d sent, %d written down, %d of them answered; %v", n, sent, sending, len(answered), r.Journal)
			}
			if r.Count(apply.Unknown) > 0 {
				t.Errorf("journal of %d: %v", n, outcomes(r))
			}
		})
	}
}
