package adminapi

import (
	"context"
	"sync"
)

// A gate admits requests: at most so many in flight, each route at its pace. Per route one caller
// stands at the gate and the others behind it, so a refused route blocks no slot, and the routes
// take turns.
type gate struct {
	pacer *pacer
	slots chan struct{}

	mu    sync.Mutex
	turns map[string]chan struct{}
}

func newGate(p *pacer, concurrency int) *gate {
	return &gate{pacer: p, slots: make(chan struct{}, concurrency), turns: map[string]chan struct{}{}}
}

// enter waits for the route and a slot. Unless it returns an error, leave must follow.
func (g *gate) enter(ctx context.Context, route string) (pass, error) {
	turn := g.turn(route)
	if err := put(ctx, turn); err != nil {
		return pass{}, err
	}
	defer func() { <-turn }()
	for {
		t, err := g.pacer.wait(ctx, route)
		if err != nil {
			return pass{}, err
		}
		if err := put(ctx, g.slots); err != nil {
			g.pacer.void(t)
			return pass{}, err
		}
		if ctx.Err() == nil && g.pacer.begin(&t) {
			return t, nil
		}
		g.pacer.void(t)
		g.leave() // refused while we waited for the slot; the pass is void
	}
}

// leave gives the slot back.
func (g *gate) leave() { <-g.slots }

func (g *gate) turn(route string) chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.turns[route] == nil {
		g.turns[route] = make(chan struct{}, 1)
	}
	return g.turns[route]
}

func put(ctx context.Context, c chan struct{}) error {
	select {
	case c <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
