package adminapi

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// wire is a transport over pipes that answers every request with {} and notes what came over the wire.
func wire(got chan<- string) http.RoundTripper {
	return &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			r, err := http.ReadRequest(bufio.NewReader(server))
			if err != nil {
				return
			}
			b, _ := io.ReadAll(r.Body)
			got <- r.Method + " " + r.Host + " " + r.RequestURI + " " + string(b)
			io.WriteString(server, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
		}()
		return client, nil
	}}
}

func TestPathIsSentByteForByte(t *testing.T) {
	for _, path := range []string{
		"/organization/projects",
		"/p/rl-gpt-4o%2Fx",
		"/p/rl-gpt-4o%2fx:1",
		"/p/a%20b%3Fc%23d%25e",
		"/p/%C3%A9?x=%C3%A9+%2B",
		"/p/a@b.c;d=e,f$g&h+i=j!k*l'm(n)[o]~p",
		"/p?a[]=b&a%5B%5D=c/d?e:f@g",
		"/p?limit=1000&include_archived=true",
		"/...",
	} {
		got := make(chan string, 1)
		c := testClient(t, wire(got), func(o *Options) { o.BaseURL = "http://localhost:1234/v%2F1/" })
		if _, err := c.Do(context.Background(), Request{Method: "GET", Route: "/p", Path: path}); err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if diff := cmp.Diff("GET localhost:1234 /v%2F1"+path+" ", <-got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestBodyIsSent(t *testing.T) {
	for _, tc := range []struct {
		r    Request
		want string
	}{
		{Request{Method: "POST", Route: "/p", Path: "/p", Body: map[string]any{"mcp": map[string]any{"enabled": false}, "ids": []string{}, "n": nil, "i": int64(1) << 60}},
			`POST api.openai.com /v1/p {"i":1152921504606846976,"ids":[],"mcp":{"enabled":false},"n":null}`},
		{Request{Method: "POST", Route: "/p", Path: "/p", Body: map[string]any{}}, `POST api.openai.com /v1/p {}`},
		{Request{Method: "DELETE", Route: "/p", Path: "/p"}, `DELETE api.openai.com /v1/p `},
	} {
		got := make(chan string, 1)
		plain := roundTrip(func(r *http.Request) (*http.Response, error) {
			if has := r.Header.Get("Content-Type") != ""; has != (tc.r.Body != nil) {
				t.Errorf("%s: Content-Type %v", tc.want, has)
			}
			r = r.Clone(r.Context())
			r.URL.Scheme = "http" // the pipe speaks no TLS
			return wire(got).RoundTrip(r)
		})
		if _, err := testClient(t, plain).Do(context.Background(), tc.r); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, <-got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestBadRequestsAreNotSent(t *testing.T) {
	for name, r := range map[string]Request{
		"empty path":         {Method: "GET"},
		"no slash":           {Method: "GET", Path: "p"},
		"missing id":         {Method: "DELETE", Path: "/projects//users"},
		"missing last id":    {Method: "DELETE", Path: "/projects/"},
		"dots":               {Method: "GET", Path: "/projects/../users"},
		"escaped dots":       {Method: "GET", Path: "/projects/%2e%2E/users"},
		"space":              {Method: "GET", Path: "/projects/a b"},
		"not ASCII":          {Method: "GET", Path: "/projects/é"},
		"broken escape":      {Method: "GET", Path: "/projects/%2"},
		"fragment":           {Method: "GET", Path: "/projects/a#b"},
		"fragment in query":  {Method: "GET", Path: "/projects?a#b"},
		"space in query":     {Method: "GET", Path: "/projects?a= b"},
		"newline in query":   {Method: "GET", Path: "/projects?a=\r\nb"},
		"empty query":        {Method: "GET", Path: "/projects?"},
		"method":             {Method: "GE T", Path: "/projects"},
		"body of a GET":      {Method: "GET", Path: "/projects", Body: map[string]any{}},
		"body is not JSON":   {Method: "POST", Path: "/projects", Body: map[string]any{"a": func() {}}},
		"another host's URL": {Method: "GET", Path: "https://evil.example/"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: []answer{{body: `{}`}}}
			r.Route = "/r"
			if _, err := testClient(t, s).Do(context.Background(), r); err == nil || s.count() > 0 {
				t.Errorf("%v, %d sent", err, s.count())
			}
		})
	}
}

func TestBaseURL(t *testing.T) {
	for base, ok := range map[string]bool{
		"":                                     true,
		"https://api.openai.com/v1":            true,
		"https://api.openai.com/v1/":           true,
		"https://eu.example:8443":              true,
		"http://localhost:8080/v1":             true,
		"http://127.0.0.2/v1":                  true,
		"http://[::1]:80/v1":                   true,
		"http://api.openai.com/v1":             false,
		"http://localhost.example/v1":          false,
		"http://10.0.0.1/v1":                   false,
		"https://u:hunter22@api.openai.com":    false,
		"https://hunter22@api.openai.com":      false,
		"https://api.openai.com/v1?k=hunter22": false,
		"https://api.openai.com/v1#hunter22":   false,
		"https://api.openai.com/%zzhunter22":   false,
		"ftp://api.openai.com":                 false,
		"api.openai.com/v1":                    false,
		"https:///v1":                          false,
		"/v1":                                  false,
	} {
		_, err := New(Options{Key: testKey(t), BaseURL: base})
		if (err == nil) != ok {
			t.Errorf("%s: %v", base, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter22") {
			t.Errorf("%s: the error shows a secret: %v", base, err)
		}
	}
	if _, err := New(Options{}); err == nil {
		t.Error("a client without a key")
	}
}

func TestRedirects(t *testing.T) {
	for name, tc := range map[string]struct {
		r        Request
		status   int
		location string
		sent     int
		ok       bool
	}{
		"read, same origin":      {get, 307, "/v1/elsewhere", 2, true},
		"read, default port":     {get, 301, "https://API.openai.com:443/v1/elsewhere", 2, true},
		"read, other host":       {get, 302, "https://evil.example/v1", 1, false},
		"read, subdomain":        {get, 302, "https://x.api.openai.com/v1", 1, false},
		"read, other port":       {get, 302, "https://api.openai.com:8443/v1", 1, false},
		"read, no TLS":           {get, 302, "http://api.openai.com/v1", 1, false},
		"write, same origin":     {update, 307, "/v1/elsewhere", 1, false},
		"write, see other":       {update, 303, "/v1/elsewhere", 1, false},
		"create, same origin":    {create, 308, "/v1/elsewhere", 1, false},
		"create, without target": {create, 302, "", 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: []answer{{status: tc.status, header: hdr("Location", tc.location)}, {body: `{}`}}}
			if tc.location == "" {
				s.answers[0].header = nil
			}
			_, err := testClient(t, s).Do(context.Background(), tc.r)
			if (err == nil) != tc.ok || s.count() != tc.sent {
				t.Fatalf("%d sent, %v", s.count(), err)
			}
			var e *Error
			if err != nil && (!errors.As(err, &e) || e.Status != tc.status) {
				t.Errorf("got %v", err)
			}
			var unknown *UnknownOutcomeError
			if errors.As(err, &unknown) != tc.r.Once {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestRedirectsEnd(t *testing.T) {
	s := &script{answers: []answer{{status: 302, header: hdr("Location", "/v1/again")}}}
	_, err := testClient(t, s).Do(context.Background(), get)
	if want := "GET /organization/projects/{project}: 302: a redirect that is not followed, to https://api.openai.com:443"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	if s.count() != 1+maxRedirects {
		t.Errorf("%d sent", s.count())
	}
}
