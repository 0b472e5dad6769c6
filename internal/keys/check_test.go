package keys_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bylaw-dev/bylaw/internal/keys"
	"github.com/bylaw-dev/bylaw/internal/kind"
)

// now is when the keys of these tests are looked at.
var now = time.Date(2025, 11, 20, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

func ago(d time.Duration) keys.Moment { return keys.Moment{Known: true, At: now.Add(-d)} }

// TestFindings: each finding on both sides of its line.
func TestFindings(t *testing.T) {
	t.Parallel()
	never, unknown := keys.Moment{Known: true}, keys.Moment{}
	fine := func() keys.Key {
		return keys.Key{Addr: "projects/web-prod/api_keys/x", Project: "projects/web-prod", ID: "key_1", Access: "active",
			Owner: keys.Owner{Type: "service_account", ID: "svc_1", Name: "bot"}, Created: now.Add(-10 * day), Used: ago(day), Expires: ago(-30 * day)}
	}
	admin := func(k *keys.Key) {
		k.Addr, k.Project, k.Access, k.Owner = "admin_api_keys/x", "", "", keys.Owner{Type: "user", ID: "user-1", Email: "ada@acme.example", Role: "owner"}
	}
	person := func(k *keys.Key) { k.Owner.Type = "user" }
	for name, tc := range map[string]struct {
		edit []func(*keys.Key)
		want string
	}{
		"fine":             {nil, ""},
		"admin":            {[]func(*keys.Key){admin}, ""},
		"person":           {[]func(*keys.Key){person}, "person high"},
		"person elsewhere": {[]func(*keys.Key){person, func(k *keys.Key) { k.Project = "projects/web" }}, ""},
		"gone":             {[]func(*keys.Key){func(k *keys.Key) { k.Owner.Gone, k.Access = true, "inactive" }}, "owner_gone high"},
		"inactive":         {[]func(*keys.Key){func(k *keys.Key) { k.Access = "inactive" }}, "owner_inactive medium"},
		"never used":       {[]func(*keys.Key){func(k *keys.Key) { k.Used = never }}, "unused low"},
		"never used, old":  {[]func(*keys.Key){func(k *keys.Key) { k.Used, k.Created = never, now.Add(-91*day) }}, "unused medium"},
		"use unknown":      {[]func(*keys.Key){func(k *keys.Key) { k.Used, k.Created = unknown, now.Add(-91*day) }}, ""},
		"used on the line": {[]func(*keys.Key){func(k *keys.Key) { k.Used = ago(90 * day) }}, ""},
		"unused":           {[]func(*keys.Key){func(k *keys.Key) { k.Used = ago(90*day + time.Second) }}, "unused medium"},
		"no expiry":        {[]func(*keys.Key){func(k *keys.Key) { k.Expires = never }}, "no_expiry low"},
		"expiry unknown":   {[]func(*keys.Key){func(k *keys.Key) { k.Expires = unknown }}, ""},
		"admin, no expiry": {[]func(*keys.Key){admin, func(k *keys.Key) { k.Expires = never }}, "no_expiry medium"},
		"age on the line":  {[]func(*keys.Key){func(k *keys.Key) { k.Created = now.Add(-180 * day) }}, ""},
		"old":              {[]func(*keys.Key){func(k *keys.Key) { k.Created = now.Add(-180*day - time.Second) }}, "old low"},
		"admin's holder":   {[]func(*keys.Key){admin, func(k *keys.Key) { k.Owner.Role = "reader" }}, "not_owner high"},
		"admin's gone":     {[]func(*keys.Key){admin, func(k *keys.Key) { k.Owner.Role, k.Owner.Gone = "", true }}, "owner_gone high"},
		"expired":          {[]func(*keys.Key){person, func(k *keys.Key) { k.Owner.Gone, k.Expires = true, ago(0) }}, ""},
		"everything": {[]func(*keys.Key){person, func(k *keys.Key) {
			k.Owner.Gone, k.Access, k.Used, k.Expires, k.Created = true, "inactive", never, never, now.Add(-365*day)
		}}, "owner_gone high, person high, unused medium, no_expiry low, old low"},
	} {
		t.Run(name, func(t *testing.T) {
			k := fine()
			for _, f := range tc.edit {
				f(&k)
			}
			all := []keys.Key{k}
			keys.Check(all, keys.Limits{Now: now, Unused: 90 * day, Older: 180 * day, AccountsOnly: kind.Globs{"projects/*-prod"}})
			var got []string
			for _, f := range all[0].Findings {
				got = append(got, f.Rule+" "+f.Severity.String())
			}
			if diff := cmp.Diff(tc.want, strings.Join(got, ", ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestOrder: the worst first, then by address, then by id.
func TestOrder(t *testing.T) {
	t.Parallel()
	key := func(id string, at kind.Address, used keys.Moment) keys.Key {
		return keys.Key{ID: id, Addr: at, Project: "projects/a", In: "proj_1", Access: "active", Created: now, Used: used, Expires: ago(-day)}
	}
	all := []keys.Key{key("4", "projects/a/api_keys/b", ago(0)), key("3", "projects/a/api_keys/a", ago(0)), key("2", "projects/a/api_keys/a", ago(0)),
		key("1", "projects/z/api_keys/z", keys.Moment{Known: true}), key("0", "projects/z/api_keys/z", ago(100*day))}
	keys.Check(all, keys.Limits{Now: now, Unused: 90 * day, Older: 180 * day})
	var got string
	for _, k := range all {
		got += k.ID
	}
	if sum := keys.Sum(all).String(); got != "01234" || sum != "Keys: 5 in 1 projects, 0 admin; 0 high, 1 medium, 1 low." || keys.Worst(all) != keys.Medium {
		t.Errorf("%s: %s Worst %s", got, sum, keys.Worst(all))
	}
}

func TestSeverity(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"low", "medium", "high"} {
		var got keys.Severity
		if err := got.UnmarshalText([]byte(s)); err != nil || got.String() != s {
			t.Errorf("%s: %s, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "none", "High", "critical"} {
		var got keys.Severity
		if err := got.UnmarshalText([]byte(s)); err == nil {
			t.Errorf("%q is a severity", s)
		}
	}
}
