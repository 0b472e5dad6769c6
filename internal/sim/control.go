package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A lever is a row of the control API's table.
type lever struct {
	method, template string
	pull             func(s *Server, params map[string]string, body []byte) (any, error)
}

// levers are the control API: what people, mails, clocks and networks do to an organization. It takes no
// key; a browser that another site sent here is refused.
func levers() []lever {
	return []lever{
		{"POST", "/_sim/invites/{email}/accept", acceptInvite},
		{"POST", "/_sim/invites/{email}/expire", expireInvite},
		{"POST", "/_sim/clock", moveClock},
		{"POST", "/_sim/change", changeByHand},
		{"GET", "/_sim/requests", func(s *Server, _ map[string]string, _ []byte) (any, error) { return orEmpty(s.Requests()), nil }},
		{"DELETE", "/_sim/requests", func(s *Server, _ map[string]string, _ []byte) (any, error) { s.ResetRequests(); return done() }},
		{"GET", "/_sim/state", func(s *Server, _ map[string]string, _ []byte) (any, error) { return s.Snapshot(), nil }},
		{"PUT", "/_sim/faults", setFaults},
		{"PUT", "/_sim/quirks", setQuirks},
		{"PUT", "/_sim/scopes", setScopes},
	}
}

func done() (any, error) { return map[string]bool{"ok": true}, nil }

func (s *Server) control(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Origin") != "" {
		encode(nil, &apiError{status: http.StatusForbidden, message: "the control API does not take requests from web pages"}).send(w)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	v, err := s.pull(r.Method, r.URL.EscapedPath(), body)
	rep, ok := v.(reply)
	if !ok {
		rep = encode(v, err)
	}
	rep.send(w)
}

func (s *Server) pull(method, path string, body []byte) (any, error) {
	for _, l := range levers() {
		r := route{segments: strings.Split(l.template, "/")}
		if params, ok := r.match(strings.Split(path, "/")); ok && l.method == method {
			return l.pull(s, params, body)
		}
	}
	var all []string
	for _, l := range levers() {
		all = append(all, l.method+" "+l.template)
	}
	return nil, notFound("unknown control request %s %s, one of: %s", method, path, strings.Join(all, ", "))
}

func acceptInvite(s *Server, params map[string]string, _ []byte) (any, error) {
	return s.byHand(func(c *call) (any, error) {
		i := c.state.pendingInvite(params["email"], c.now)
		if i == nil {
			return nil, notFound("no pending invite for %s", params["email"])
		}
		if c.state.userByEmail(i.Email) != nil {
			return nil, invalid("", "", "%s is a member already", i.Email)
		}
		return c.accept(i).view(), nil
	})
}

func expireInvite(s *Server, params map[string]string, _ []byte) (any, error) {
	return s.byHand(func(c *call) (any, error) {
		i := c.state.pendingInvite(params["email"], c.now)
		if i == nil {
			return nil, notFound("no pending invite for %s", params["email"])
		}
		i.Status, i.ExpiresAt = "expired", &c.now
		return c.viewInvite(*i), nil
	})
}

// byHand runs something that is not a route on the current state. Its answer is a reply, written out
// before the next request may change what it shows.
func (s *Server) byHand(do func(*call) (any, error)) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := do(&call{state: &s.state, now: s.now()})
	if err == nil {
		s.remember()
	}
	return encode(v, err), nil
}

func moveClock(s *Server, _ map[string]string, body []byte) (any, error) {
	var in struct {
		Advance Duration `json:"advance"`
	}
	if err := strict(body, &in); err != nil {
		return nil, err
	}
	if in.Advance < 0 {
		return nil, invalid("advance", "", "the clock does not go back")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.ClockOffset += int64(time.Duration(in.Advance) / time.Second)
	return map[string]int64{"now": s.now()}, nil
}

// changeByHand does what somebody clicked in the dashboard: the same handlers and the same rules, but
// neither faults nor pacing, it is not received, and the audit log names a session. With a key it is
// somebody else's program.
func changeByHand(s *Server, _ map[string]string, body []byte) (any, error) {
	var in struct {
		Method string          `json:"method"`
		Path   string          `json:"path"`
		Body   json.RawMessage `json:"body"`
		Actor  string          `json:"actor"` // an e-mail; "" is the first owner
		Key    string          `json:"key"`   // instead: the id or the name of an admin key
	}
	if err := strict(body, &in); err != nil {
		return nil, err
	}
	u, err := url.Parse(in.Path)
	if err != nil {
		return nil, invalid("path", "", "%s", err)
	}
	if !strings.HasPrefix(u.Path, "/v1/") {
		u = &url.URL{Path: "/v1" + u.Path, RawQuery: u.RawQuery}
	}
	r, params, _ := find(s.table, in.Method, u.EscapedPath())
	if r == nil {
		return nil, notFound("nothing serves %s %s", in.Method, u.Path)
	}
	actor, err := s.person(in.Actor)
	if in.Key != "" {
		actor, err = s.program(in.Key)
	}
	if err != nil {
		return nil, err
	}
	return s.run(&call{route: r, path: params, query: u.Query(), body: in.Body, actor: actor}), nil
}

// person is a session of somebody in the organization, by default its first owner.
func (s *Server) person(email string) (Actor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.state.Users, func(u User) bool {
		return email == "" && u.Role == "owner" || email != "" && strings.EqualFold(u.email(), email)
	})
	if i < 0 {
		return Actor{}, invalid("actor", "", "nobody in the organization has the email %q", email)
	}
	u := s.state.Users[i]
	return Actor{Type: "session", Session: &ActorSession{User: ActorUser{ID: u.ID, Email: u.email()}, IPAddress: sessionIP}}, nil
}

// program is what uses an admin key, by the key's id or name.
func (s *Server) program(key string) (Actor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.state.AdminAPIKeys {
		if (k.ID == key || k.Name != nil && *k.Name == key) && s.state.keyOf("", k.ID, s.now()) != nil {
			return s.state.withKey(&k), nil
		}
	}
	return Actor{}, invalid("key", "", "no admin key that works has the id or the name %q", key)
}

func setFaults(s *Server, _ map[string]string, body []byte) (any, error) {
	faults, err := ReadFaults(bytes.NewReader(body))
	if err != nil {
		return nil, invalid("", "", "%s", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = arm(faults)
	return done()
}

func setQuirks(s *Server, _ map[string]string, body []byte) (any, error) {
	var in struct {
		AlertsDisturbLimits bool `json:"alerts_disturb_limits"`
	}
	if err := strict(body, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.disturb = in.AlertsDisturbLimits
	return done()
}

// setScopes takes {"forbid":["read","write","audit"]}, of which the last is to read the audit log; an empty
// list gives the key everything back.
func setScopes(s *Server, _ map[string]string, body []byte) (any, error) {
	var in struct {
		Forbid []string `json:"forbid"`
	}
	if err := strict(body, &in); err != nil {
		return nil, err
	}
	forbid := map[string]bool{}
	for _, scope := range in.Forbid {
		if scope != "read" && scope != "write" && scope != "audit" {
			return nil, invalid("forbid", "", "unknown scope %q, one of read, write, audit", scope)
		}
		forbid[scope] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forbid = forbid
	return done()
}

func strict(body []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return invalid("", "", "%s", fmt.Errorf("read control request: %w", err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return invalid("", "", "read control request: text after the end of the object")
	}
	return nil
}

func orEmpty(all []Received) []Received {
	if all == nil {
		return []Received{}
	}
	return all
}
