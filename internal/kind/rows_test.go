package kind

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bylaw-dev/bylaw/schema"
)

// every calls a test for each kind, and for the kinds that stand for people before they accept.
func every(t *testing.T, test func(t *testing.T, k *Kind)) {
	t.Helper()
	t.Parallel()
	for _, k := range All() {
		t.Run(k.Name, func(t *testing.T) { test(t, k) })
		if k.Pending != nil {
			t.Run(k.Pending.Name, func(t *testing.T) { test(t, k.Pending) })
		}
	}
}

func TestParentsStandBeforeTheirChildren(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, k := range All() {
		up, _, _ := cutLast(k.Name)
		if up != "" && (!seen[up] || k.Parent() == nil || k.Parent().Name != up) {
			t.Errorf("%s: no parent before it", k.Name)
		}
		if seen[k.Name] {
			t.Errorf("%s stands twice", k.Name)
		}
		if k.Parent() != nil && !slices.Contains(k.Parent().Children(), k) {
			t.Errorf("%s is no child of %s", k.Name, k.Parent().Name)
		}
		if (k.Pinned() || k.Renamable()) && (k.Parent() != nil || len(k.KeyFields()) != 1) {
			t.Errorf("%s: only what stands at the top, with one key, can be pinned or renamed", k.Name)
		}
		seen[k.Name] = true
	}
}

func cutLast(name string) (up, section string, ok bool) {
	i := strings.LastIndexByte(name, '/')
	if i < 0 {
		return "", name, false
	}
	return name[:i], name[i+1:], true
}

func TestEveryKindHasFieldsInTheSchema(t *testing.T) {
	every(t, func(t *testing.T, k *Kind) {
		if len(k.Fields()) == 0 {
			t.Error("no fields")
		}
		for _, name := range k.KeyFields() {
			if top, _, _ := strings.Cut(name, "."); !named(k, top) {
				t.Errorf("the key %s is no field", name)
			}
		}
	})
}

func named(k *Kind, name string) bool {
	return slices.ContainsFunc(k.Fields(), func(f Field) bool { return f.Name == name })
}

var (
	route    = regexp.MustCompile(`^(GET|POST|DELETE) (\.|/)`)
	template = regexp.MustCompile(`^/[a-z_/{}]+(\?[a-z_]+=[\w{}]+)?$`)
)

func TestRoutesParse(t *testing.T) {
	every(t, func(t *testing.T, k *Kind) {
		if !template.MatchString(k.Path) {
			t.Errorf("path %q", k.Path)
		}
		for _, c := range []Call{k.Create, k.Update, k.Delete} {
			r := c.Route
			if c.None() {
				continue
			}
			if !route.MatchString(r) {
				t.Errorf("route %q", r)
			}
			method, path := k.Template(r)
			if !slices.Contains([]string{"POST", "DELETE"}, method) || !template.MatchString(path) {
				t.Errorf("route %q is %s %s", r, method, path)
			}
		}
		if k.Create.None() && k.Update.None() && k.Delete.None() {
			t.Error("nothing can be done with it")
		}
	})
}

// A placeholder is an ancestor's section, the own id, or a field.
func TestPlaceholdersCanBeFilled(t *testing.T) {
	every(t, func(t *testing.T, k *Kind) {
		above := strings.Split(k.Name, "/")
		check := func(text string, more ...string) {
			Expand(text, func(name string) string {
				if !slices.Contains(above[:len(above)-1], name) && !slices.Contains(more, name) {
					t.Errorf("%q: nothing fills {%s}", text, name)
				}
				return ""
			})
		}
		check(k.Path)
		for _, c := range []Call{k.Create, k.Update, k.Delete, {Route: "GET " + k.Detail}} {
			_, path := k.Template(c.Route)
			check(path, "id")
		}
		for _, rule := range k.Skip {
			check(rule, "parent")
		}
		fields := []string{}
		for _, f := range k.Fields() {
			fields = append(fields, f.Name)
		}
		for _, r := range k.Refs {
			for _, to := range r.To {
				check(to, fields...)
				if !named(k, r.Field) || Address(Expand(to, func(string) string { return "x" })).Kind() == nil {
					t.Errorf("ref %v leads nowhere", r)
				}
			}
		}
		target, err := ParseTarget(k.Implied)
		if k.Implied != "" && err != nil {
			t.Error(err)
		}
		check(target.To, fields...)
	})
}

func TestRulesParse(t *testing.T) {
	every(t, func(t *testing.T, k *Kind) {
		for _, s := range append(append([]string{k.Archived, k.Expired, k.Used, k.Inverse}, k.Skip...), k.Foreign...) {
			if _, err := parseRule(s); s != "" && err != nil {
				t.Error(err)
			}
		}
	})
}

func TestRowsNameFieldsOfTheSchema(t *testing.T) {
	every(t, func(t *testing.T, k *Kind) {
		names := append(strings.Fields(k.Immutable), strings.Fields(k.Late)...)
		for name := range k.Power {
			names = append(names, strings.TrimPrefix(name, "*"))
		}
		for name := range k.Read {
			names = append(names, name)
		}
		for name := range k.Write {
			names = append(names, name)
		}
		if r, err := parseRule(k.Inverse); err == nil {
			names = append(names, r.field)
		}
		for _, name := range names {
			if name != "" && !named(k, name) {
				t.Errorf("%s is no field", name)
			}
		}
		for _, other := range k.After {
			if Find(strings.TrimPrefix(other, "/")) == nil {
				t.Errorf("after %s, which is no kind", other)
			}
		}
	})
}

// What orders an enumeration names every choice of it, or a new choice would have no power at all.
func TestPowerOrdersEveryChoice(t *testing.T) {
	every(t, func(t *testing.T, k *Kind) {
		for _, f := range k.Fields() {
			order := k.Power[f.Name]
			for _, choice := range f.Enum {
				if order != "" && !f.Set && !Has(order, choice) {
					t.Errorf("%s: %s is not in %q", f.Name, choice, order)
				}
			}
		}
	})
}

func TestCarriesFitTogether(t *testing.T) {
	every(t, func(t *testing.T, k *Kind) {
		c := k.Carries
		if c == nil {
			return
		}
		other := Find(c.Kind)
		if other == nil || c.Where != "{parent}" && (!named(k, c.Where) || !named(other, c.Where)) {
			t.Fatalf("%+v", c)
		}
		for _, v := range c.Item {
			s, _ := v.(string)
			Expand(s, func(name string) string {
				if !named(other, name) && !strings.Contains(c.Kind, name+"/") {
					t.Errorf("nothing fills {%s}", name)
				}
				return ""
			})
		}
	})
}

func TestEverySectionOfTheSchemaIsAKind(t *testing.T) {
	t.Parallel()
	root, err := schema.Root()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range root.Properties {
		if !Has("version policy profiles", p.Name) && Find(p.Name) == nil {
			t.Errorf("section %s is no kind", p.Name)
		}
	}
	project := place("projects")
	for _, p := range project.Properties {
		if (p.Type == "array" || p.Type == "object") && !Control(p.Name) && Find("projects/"+p.Name) == nil {
			t.Errorf("section projects/%s is no kind", p.Name)
		}
	}
}
