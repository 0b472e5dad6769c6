package adminapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// A Request is one call.
type Request struct {
	Method string
	Route  string         // the template that pacing and counts go by: "/organization/projects/{project}/users"
	Path   string         // the real path, escaped, with its query; sent byte for byte
	Body   map[string]any // nil = no body
	Once   bool           // not to be repeated unless it was surely not carried out: a create

	// Begin is called just before the request is sent, each time; with an error it is not. May be nil.
	Begin func() error
	// Answer takes what the last answer was; may be nil.
	Answer *Answer

	further bool // a page after the first
}

// An Answer is how the server answered a request.
type Answer struct {
	Status    int    // 0 without a whole answer
	RequestID string // the x-request-id header
}

// name is what pacing, counts and errors call the request.
func (r Request) name() string { return r.Method + " " + r.Route }

// reads reports whether the request changes nothing, so that it may be broken off at any time.
func (r Request) reads() bool { return r.Method == http.MethodGet }

// A call is a Request ready to be sent, any number of times.
type call struct {
	Request
	url     *url.URL
	body    []byte
	accepts func(Row) error // what else the answer must satisfy; nil = nothing
}

func (c *Client) prepare(r Request, accepts func(Row) error) (call, error) {
	u, err := join(c.base, r.Path)
	if err != nil {
		return call{}, fmt.Errorf("%s: path %q: %w", r.name(), c.clean(r.Path), err)
	}
	body, err := encode(r)
	if err != nil {
		return call{}, fmt.Errorf("%s: %w", r.name(), err)
	}
	return call{Request: r, url: u, body: body, accepts: accepts}, nil
}

func encode(r Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	if r.reads() {
		return nil, errors.New("a GET takes no body")
	}
	b, err := json.Marshal(r.Body)
	if err != nil {
		return nil, errors.New("the body cannot be JSON") // the cause may quote a secret
	}
	return b, nil
}

// request builds what is sent.
func (c *Client) request(ctx context.Context, k call) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, k.Method, c.base.String(), bytes.NewReader(k.body))
	if err != nil {
		return nil, err
	}
	req.URL = k.url
	req.Header.Set("Authorization", c.key.bearer())
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	if k.body == nil {
		req.Body, req.GetBody, req.ContentLength = nil, nil, 0
	} else {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// join returns the URL of path below base. What would not arrive as it was written is an error, and
// so is a segment that is empty or a dot: an id was missing, or was not one.
func join(base *url.URL, path string) (*url.URL, error) {
	raw, query, hasQuery := strings.Cut(path, "?")
	plain, err := url.PathUnescape(raw)
	if err != nil || !strings.HasPrefix(raw, "/") {
		return nil, errors.New("not an escaped path that begins with a slash")
	}
	for segment := range strings.SplitSeq(raw[1:], "/") {
		switch s, _ := url.PathUnescape(segment); s {
		case "", ".", "..":
			return nil, errors.New("a segment is empty or a dot")
		}
	}
	if _, err := url.ParseQuery(query); err != nil || !graphic(query) || hasQuery && query == "" {
		return nil, errors.New("the query is malformed")
	}
	u := *base
	u.Path, u.RawPath, u.RawQuery = base.Path+plain, base.EscapedPath()+raw, query
	if u.EscapedPath() != base.EscapedPath()+raw {
		return nil, errors.New("not escaped")
	}
	return &u, nil
}

// graphic reports whether s has only visible ASCII, and no fragment.
func graphic(s string) bool {
	for _, b := range []byte(s) {
		if b <= ' ' || b >= 0x7f || b == '#' {
			return false
		}
	}
	return true
}

// parseBase checks the base URL. It does not repeat it in errors, for it may hold a password.
func parseBase(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(s, "/"))
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return nil, errors.New("base URL: not an absolute URL")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("base URL: it must not have a user, a query or a fragment")
	case u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())):
		return nil, fmt.Errorf("base URL: %s must use https; http is for this machine only", u.Host)
	}
	return u, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// origin is what a redirect must not leave.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
