package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/render"
	"github.com/bylaw-dev/bylaw/internal/sim"
)

// A session is a way to one organization: the live one, or the sandbox.
type session struct {
	a      *app
	ctx    context.Context
	client *adminapi.Client
	key    adminapi.Key
	meter  *meter
	close  func() error // saves the sandbox, and frees what was held
}

// open opens the sandbox or the API.
func (a *app) open() (*session, error) {
	ctx, cancel := context.WithTimeout(a.ctx, a.Deadline)
	if a.Deadline <= 0 {
		cancel()
		return nil, usagef("--deadline %s: not a time to come", a.Deadline)
	}
	if err := a.checkPace(); err != nil {
		cancel()
		return nil, err
	}
	s := &session{a: a, meter: newMeter(a.Concurrency), close: func() error { cancel(); return nil }}
	var dead context.CancelCauseFunc
	s.ctx, dead = context.WithCancelCause(ctx)
	context.AfterFunc(s.ctx, func() {
		if a.interrupted() {
			a.say("interrupted: writes in flight finish, nothing more is sent; ctrl-c again ends at once")
		}
	})
	o := adminapi.Options{Concurrency: a.Concurrency, UserAgent: "bylaw/" + toolVersion(),
		MaxRPM: a.MaxRPM, RateShare: a.RateShare, Observe: a.watcher(s.meter, dead)}
	err := a.openAPI
	if a.Sandbox {
		err = a.openSandbox
	}
	if err := err(s, &o); err != nil {
		cancel()
		return nil, err
	}
	client, e := adminapi.New(o)
	if e != nil {
		cancel()
		return nil, usage(e)
	}
	s.client, s.key = client, o.Key
	s.begin(o)
	return s, nil
}

// offline is a session in which nothing is sent.
func (a *app) offline() (*session, error) {
	ctx, cancel := context.WithTimeout(a.ctx, a.Deadline)
	return &session{a: a, ctx: ctx, meter: newMeter(a.Concurrency), close: func() error { cancel(); return nil }}, nil
}

// stats counts the requests sent, by "METHOD route".
func (s *session) stats() map[string]int {
	if s.client == nil {
		return nil
	}
	return s.client.Stats()
}

func (a *app) checkPace() error {
	switch {
	case a.Concurrency < 1:
		return usagef("--concurrency %d: at least 1", a.Concurrency)
	case a.MaxRPM < 0:
		return usagef("--max-rpm %d: at least 1, or 0 for no cap", a.MaxRPM)
	case a.RateShare < 1 || a.RateShare > 100:
		return usagef("--rate-share %d: from 1 to 100 percent", a.RateShare)
	}
	return nil
}

// begin shows progress until the session is closed, and then keeps what was learned of limits.
func (s *session) begin(o adminapi.Options) {
	s.meter.outlook = s.client.Outlook
	stop, free := s.a.watch(s.meter), s.close
	s.close = func() error {
		stop()
		s.a.showLimits(s.client.Paces())
		if !s.a.Sandbox {
			s.a.writeLimits(o.Key.Fingerprint(o.BaseURL), s.client.Paces())
		}
		return free()
	}
}

// cause is the reason for which the session ended, where err only says that it did.
func (s *session) cause(err error) error {
	if c := context.Cause(s.ctx); c != nil && errors.Is(err, context.Canceled) && !errors.Is(c, context.Canceled) {
		return c
	}
	return err
}

// patience is how many requests may go without any answer before the address is taken for wrong.
const patience = 6

// watcher tells people of long waits, and gives up on an address where nobody ever answered.
func (a *app) watcher(m *meter, dead context.CancelCauseFunc) func(adminapi.Attempt) {
	var answered, silent atomic.Int64
	mode := a.progressMode()
	seen := mode == progressBar || mode == progressJSON // the wait is part of the progress
	return func(at adminapi.Attempt) {
		m.attempt(at)
		if at.Status != 0 {
			answered.Add(1)
		} else if n := silent.Add(1); n >= patience && answered.Load() == 0 {
			dead(fmt.Errorf("the API does not answer: %w", at.Err))
		}
		if at.Wait >= 2*time.Second && !(seen && errors.Is(at.Err, adminapi.ErrThrottled)) {
			a.say("%s; trying again in %s", reason(at), at.Wait.Round(time.Second))
		}
	}
}

func reason(at adminapi.Attempt) string {
	if errors.Is(at.Err, adminapi.ErrThrottled) {
		return at.Method + " " + at.Route + ": throttled"
	}
	return render.Clean(fmt.Sprint(at.Err)) // it names the request
}

func (a *app) openAPI(_ *session, o *adminapi.Options) error {
	if a.SandboxState != sandboxState { // whoever names the file means the sandbox, not the live organization
		return usagef("--sandbox-state goes with --sandbox")
	}
	text, err := a.readKey()
	if err != nil {
		return err
	}
	if o.Key, err = adminapi.NewKey(text); err != nil {
		return withStatus(exitPermission, err)
	}
	o.Transport = a.Transport
	if o.BaseURL = a.BaseURL; o.BaseURL == "" {
		o.BaseURL = a.Getenv("OPENAI_BASE_URL")
	}
	o.Paces = a.readLimits().Keys[o.Key.Fingerprint(o.BaseURL)].Routes
	return nil
}

func (a *app) readKey() (string, error) {
	if a.KeyFile == "" {
		if key := a.Getenv("OPENAI_ADMIN_KEY"); key != "" {
			return key, nil
		}
		return "", withStatus(exitPermission, errors.New("no admin key: set OPENAI_ADMIN_KEY or --key-file, or try --sandbox, which needs none"))
	}
	b, err := os.ReadFile(a.KeyFile)
	if err != nil {
		return "", withStatus(exitPermission, fmt.Errorf("read the key: %w", err))
	}
	return string(b), nil
}

// openSandbox serves the simulator inside the process. A real key in the environment is refused: it
// says that someone may take this for the real thing.
func (a *app) openSandbox(s *session, o *adminapi.Options) error {
	switch {
	case a.Getenv("OPENAI_ADMIN_KEY") != "" || a.KeyFile != "":
		return usagef("--sandbox does not run with a real key set: unset OPENAI_ADMIN_KEY, leave out --key-file")
	case a.BaseURL != "":
		return usagef("--sandbox and --base-url exclude each other")
	}
	state, err := readState(a.SandboxState, sim.Demo())
	if err != nil {
		return fmt.Errorf("%w; without that file it starts anew", err)
	}
	server := sim.New(state)
	server.Now = a.Now
	o.Transport = server.Transport()
	if o.Key, err = adminapi.NewKey(sim.DefaultAdminKey); err != nil {
		return err
	}
	free := s.close
	s.close = func() error {
		defer free()
		for _, r := range server.Requests() {
			if r.Method != "GET" {
				return writeState(a.SandboxState, server.Snapshot())
			}
		}
		return nil
	}
	return nil
}

// readState reads a simulated organization, or takes the seed where there is none yet.
func readState(file string, seed sim.State) (sim.State, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return seed, nil
	}
	if err != nil {
		return sim.State{}, fmt.Errorf("read the simulated organization: %w", err)
	}
	defer f.Close()
	state, err := sim.ReadState(f)
	if err != nil {
		return sim.State{}, fmt.Errorf("read the simulated organization %s: %w", file, err)
	}
	return state, nil
}

// writeState saves a simulated organization.
func writeState(file string, state sim.State) error {
	if err := replaceFile(file, 0o755, state.Write); err != nil {
		return fmt.Errorf("save the simulated organization %s: %w", file, err)
	}
	return nil
}

// banner says that nothing here is real.
func (a *app) banner(w io.Writer) {
	if a.Sandbox {
		fmt.Fprintf(w, "SANDBOX %s: a simulated organization, nothing real is touched\n", strings.TrimSpace(a.SandboxState))
	}
}
