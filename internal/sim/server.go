package sim

import (
	"context"
	"crypto/subtle"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Config is what can be turned before a Server answers its first request.
type Config struct {
	AdminKey string        // the bearer token; "" is DefaultAdminKey
	Latency  time.Duration // added to every answer
	Rate     int           // requests a minute a route template; 0 is no limit
	Burst    int           // how many of them at once; 0 is Rate
	// RetryAfter puts the header on 429. The live API has been seen to send none.
	RetryAfter bool
	Lag        time.Duration    // how long a write stays invisible to reads
	Now        func() time.Time // nil is time.Now; the state's offset is added
	Faults     []Fault
	// AlertsDisturbLimits makes a new spend alert unset the spend limit of its scope, as one report about
	// the live API claims.
	AlertsDisturbLimits bool
}

// Server is the simulated API. The zero value serves Empty to DefaultAdminKey. It is safe for concurrent
// use once its Config is set.
type Server struct {
	Config

	once    sync.Once
	seeded  bool
	mu      sync.Mutex // guards what follows, and the state's content
	state   State
	past    []version // only with Lag
	keyID   string    // the row that AdminKey stands for; "" when there is none
	disturb bool
	forbid  map[string]bool // scopes that the key lacks: read, write, audit
	faults  []armed
	buckets map[string]*rate.Limiter
	log     []Received
	count   int // requests answered, for x-request-id
	table   []route
}

// maxBody is more than any request of this API needs.
const maxBody = 1 << 20

// New is a Server that starts with a copy of the state.
func New(s State) *Server { return &Server{state: s.clone(), seeded: true} }

func (s *Server) start() {
	if !s.seeded {
		s.state = Empty()
	}
	if s.AdminKey == "" {
		s.AdminKey = DefaultAdminKey
	}
	s.table = routes()
	s.keyID = s.state.configuredKey(s.AdminKey)
	s.disturb = s.AlertsDisturbLimits
	s.faults = arm(s.Faults)
	s.buckets = map[string]*rate.Limiter{}
	s.remember()
}

// ServeHTTP answers /v1/... as the Admin API and /_sim/... as the control API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.once.Do(s.start)
	if strings.HasPrefix(r.URL.Path, "/_sim/") {
		s.control(w, r)
		return
	}
	in, err := s.receive(r)
	if err != nil {
		panic(http.ErrAbortHandler) // the client went away while it was sending
	}
	rep := s.answer(r.Context(), in)
	s.settle(in, rep)
	rep.header("openai-organization", in.org)
	rep.header("x-request-id", fmt.Sprintf("req_sim%06d", in.number))
	rep.send(w)
}

// Snapshot is a deep copy of the organization as it is now.
func (s *Server) Snapshot() State {
	s.once.Do(s.start)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.clone()
}

// An incoming is a request as it arrived.
type incoming struct {
	*http.Request
	route   *route // nil when nothing is served there
	params  map[string]string
	allowed []string
	body    []byte
	number  int // 1-based
	org     string
}

func (s *Server) receive(r *http.Request) (*incoming, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, err
	}
	in := &incoming{Request: r, body: body}
	in.route, in.params, in.allowed = find(s.table, r.Method, r.URL.EscapedPath())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	in.number, in.org = s.count, s.state.Organization.ID
	s.note(in)
	return in, nil
}

// answer is the whole way of a request: what goes wrong around the API, then the API.
func (s *Server) answer(ctx context.Context, in *incoming) reply {
	fault := s.trip(in.name())
	if err := sleep(ctx, s.Latency+fault.wait()); err != nil {
		return reply{drop: true}
	}
	return fault.act(func() reply { return s.process(in) })
}

func (in *incoming) name() string {
	if in.route == nil {
		return ""
	}
	return in.route.name()
}

// process is the API: who asks, for what, how often; then the work.
func (s *Server) process(in *incoming) reply {
	actor, err := s.authenticate(in.Header.Get("Authorization"))
	if err == nil {
		err = in.check()
	}
	if err == nil {
		err = s.permit(in)
	}
	if err != nil {
		return encode(nil, err)
	}
	if wait, limited := s.throttle(in.name()); limited {
		return tooMany(s.RetryAfter, wait)
	}
	q := in.URL.Query()
	return s.run(&call{route: in.route, path: in.params, query: q, body: in.body, actor: actor})
}

func (in *incoming) check() error {
	switch {
	case len(in.body) > maxBody:
		return &apiError{status: http.StatusRequestEntityTooLarge, message: "The request is too large."}
	case in.route == nil && in.allowed != nil:
		return &apiError{status: http.StatusMethodNotAllowed, code: "method_not_supported",
			message: fmt.Sprintf("Not allowed to %s on %s. Allowed: %s.", in.Method, in.URL.Path, strings.Join(in.allowed, ", "))}
	case in.route == nil:
		return &apiError{status: http.StatusNotFound, code: "unknown_url",
			message: fmt.Sprintf("Unknown request URL: %s %s.", in.Method, in.URL.Path)}
	}
	return nil
}

// authenticate finds who the key belongs to. The message never repeats the key.
func (s *Server) authenticate(header string) (Actor, error) {
	wrong := &apiError{status: http.StatusUnauthorized, code: "invalid_api_key", message: "Incorrect API key provided."}
	token, ok := strings.CutPrefix(header, "Bearer ")
	if !ok || token == "" {
		wrong.message = "You didn't provide an API key. Incorrect API key provided."
		return Actor{}, wrong
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var id string
	if subtle.ConstantTimeCompare([]byte(token), []byte(s.AdminKey)) == 1 {
		if s.keyID == "" {
			return Actor{Type: "api_key", APIKey: &ActorKey{Type: "user"}}, nil
		}
		id = s.keyID
	}
	k := s.state.keyOf(token, id, s.now())
	if k == nil {
		return Actor{}, wrong
	}
	return s.state.withKey(k), nil
}

// withKey is the owner of a key, who does something with it.
func (s *State) withKey(k *AdminAPIKey) Actor {
	owner := ActorUser{ID: k.OwnerID}
	if i := index(s.Users, k.OwnerID); i >= 0 {
		owner.Email = s.Users[i].email()
	}
	return Actor{Type: "api_key", APIKey: &ActorKey{ID: k.ID, Type: "user", User: owner}}
}

// permit refuses what the control API forbade: the key then lacks a scope.
func (s *Server) permit(in *incoming) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	scope := "write"
	if in.Method == http.MethodGet {
		scope = "read"
	}
	if !s.forbid[scope] && !(s.forbid["audit"] && in.name() == "GET "+org+"/audit_logs") {
		return nil
	}
	return &apiError{status: http.StatusForbidden,
		message: "You have insufficient permissions for this operation. Missing scopes: api.management." + scope + "."}
}

// run does the work, one request at a time. The answer is written out before the next one may change
// what it shows.
func (s *Server) run(c *call) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.now, c.disturb = s.now(), s.disturb
	c.state = s.seen(c.method)
	v, err := c.do()
	rep := encode(v, err)
	if c.method != http.MethodGet && err == nil {
		s.remember()
	}
	return rep
}

// now is the simulated time in Unix seconds.
func (s *Server) now() int64 {
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	return now().Unix() + s.state.ClockOffset
}

// sleep waits, or gives up with the request.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
