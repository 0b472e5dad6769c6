package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/bylaw-dev/bylaw/internal/sim"
)

type simulateCmd struct {
	Listen   string        `placeholder:"ADDR" default:"127.0.0.1:8787" help:"Address to serve on (${default})."`
	State    string        `placeholder:"FILE" help:"Keep the organization in this file; it wins over --seed where it exists."`
	Seed     string        `placeholder:"demo|empty|FILE" default:"demo" help:"What the organization starts from: demo, empty, or a state file (${default})."`
	AdminKey string        `placeholder:"KEY" help:"The admin key to accept."`
	Latency  time.Duration `help:"Added to every answer."`
	Rate     int           `help:"Requests a minute on a route before 429; 0 = no limit."`
	Burst    int           `help:"How many of them at once; 0 = as many as --rate."`
	Lag      time.Duration `help:"How long a write stays invisible to reads."`
	Faults   string        `placeholder:"FILE" help:"A schedule of faults, as JSON; see above."`
}

func (simulateCmd) Help() string {
	return "Example:\n\n    bylaw simulate --rate 7 --burst 7\n\nIt prints the base URL and the key to use with it. Under /_sim/ it accepts and expires invites, moves the clock, makes changes by hand and lists the requests it got; asked for anything else there, it says how.\n\nA file for --faults, by which the answers to the first two creates of projects get lost:\n\n    [{\"route\": \"POST /v1/organization/projects\", \"fault\": \"drop_after\", \"count\": 2}]\n\n\"route\" may be \"*\"; \"nth\" is the first request that fails (1), \"count\" how many do (1; -1 is all), \"delay\" a wait such as \"5s\". Faults: " + strings.Join(sim.FaultNames(), ", ") + "."
}

// Run serves the simulator until it is interrupted.
func (c simulateCmd) Run(a *app) error {
	server, err := c.server()
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("simulate: %w; --listen 127.0.0.1:0 takes a free port", err)
	}
	fmt.Fprintf(a.Stdout, "export OPENAI_BASE_URL=http://%s/v1\nexport OPENAI_ADMIN_KEY=%s\n", here(l.Addr()), server.AdminKey)
	a.say("SANDBOX: a simulated organization; ctrl-c ends it")
	h := &http.Server{Handler: c.keeping(a, server), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-a.ctx.Done()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = h.Shutdown(ctx) // what is left in flight after that is cut off, as ctrl-c asks
	}()
	if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("simulate: %w", err)
	}
	return c.save(server)
}

// here is where this machine reaches a listener on all addresses; bylaw takes http for itself only.
func here(at net.Addr) string {
	if tcp, ok := at.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}
	return at.String()
}

func (c simulateCmd) server() (*sim.Server, error) {
	if c.Rate < 0 || c.Burst < 0 || c.Latency < 0 || c.Lag < 0 {
		return nil, usagef("--rate, --burst, --latency and --lag are not negative")
	}
	state, err := c.seed()
	if err != nil {
		return nil, err
	}
	s := sim.New(state)
	s.Latency, s.Rate, s.Burst, s.Lag = c.Latency, c.Rate, c.Burst, c.Lag
	if s.AdminKey = c.AdminKey; s.AdminKey == "" {
		s.AdminKey = sim.DefaultAdminKey
	}
	if c.Faults == "" {
		return s, nil
	}
	f, err := os.Open(c.Faults)
	if err != nil {
		return nil, fmt.Errorf("read the faults: %w", err)
	}
	defer f.Close()
	if s.Faults, err = sim.ReadFaults(f); err != nil {
		return nil, fmt.Errorf("read the faults %s: %w", c.Faults, err)
	}
	return s, nil
}

func (c simulateCmd) seed() (sim.State, error) {
	var seed sim.State
	switch c.Seed {
	case "demo":
		seed = sim.Demo()
	case "empty":
		seed = sim.Empty()
	default:
		if _, err := os.Stat(c.Seed); err != nil {
			return seed, usagef("--seed %s: neither demo, empty nor a file: %w", c.Seed, err)
		}
		var err error
		if seed, err = readState(c.Seed, seed); err != nil {
			return seed, err
		}
	}
	if c.State == "" {
		return seed, nil
	}
	return readState(c.State, seed)
}

// keeping saves the organization after every request that may have changed it.
func (c simulateCmd) keeping(a *app, s *sim.Server) http.Handler {
	if c.State == "" {
		return s
	}
	var mu sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			defer func() {
				mu.Lock()
				defer mu.Unlock()
				if err := c.save(s); err != nil {
					a.say("%v", err)
				}
			}()
		}
		s.ServeHTTP(w, r)
	})
}

func (c simulateCmd) save(s *sim.Server) error {
	if c.State == "" {
		return nil
	}
	return writeState(c.State, s.Snapshot())
}
