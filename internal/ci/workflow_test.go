package ci_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"gopkg.in/yaml.v3"
)

// A workflow is a file below .github/workflows, as far as it is used. What a test does not know is an error.
type workflow struct {
	Name        string            `yaml:"name"`
	On          map[string]any    `yaml:"on"`
	Permissions map[string]string `yaml:"permissions"`
	Env         map[string]string `yaml:"env"`
	Concurrency concurrency       `yaml:"concurrency"`
	Defaults    struct {
		Run struct {
			Shell string `yaml:"shell"`
		} `yaml:"run"`
	} `yaml:"defaults"`
	Jobs ordered[job] `yaml:"jobs"`
}

type concurrency struct {
	Group  string `yaml:"group"`
	Cancel string `yaml:"cancel-in-progress"`
}

type job struct {
	Name        string            `yaml:"name"`
	Needs       names             `yaml:"needs"`
	If          string            `yaml:"if"`
	RunsOn      string            `yaml:"runs-on"`
	Timeout     int               `yaml:"timeout-minutes"`
	Permissions map[string]string `yaml:"permissions"`
	Environment string            `yaml:"environment"`
	Concurrency concurrency       `yaml:"concurrency"`
	Strategy    struct {
		FailFast bool   `yaml:"fail-fast"`
		Matrix   string `yaml:"matrix"`
	} `yaml:"strategy"`
	Outputs map[string]string `yaml:"outputs"`
	Steps   []step            `yaml:"steps"`
}

type step struct {
	Name      string            `yaml:"name"`
	ID        string            `yaml:"id"`
	If        string            `yaml:"if"`
	Uses      string            `yaml:"uses"`
	With      map[string]string `yaml:"with"`
	Run       string            `yaml:"run"`
	Shell     string            `yaml:"shell"`
	Directory string            `yaml:"working-directory"`
	Env       map[string]string `yaml:"env"`

	pin string // the comment behind uses
}

// UnmarshalYAML also keeps the comment that names the version.
func (s *step) UnmarshalYAML(n *yaml.Node) error {
	type plain step
	if err := n.Decode((*plain)(s)); err != nil {
		return err
	}
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == "uses" {
			s.pin = strings.TrimPrefix(n.Content[i+1].LineComment, "# ")
		}
	}
	return nil
}

// An action is action.yml.
type action struct {
	Name        string            `yaml:"name"`
	Description string            `yaml:"description"`
	Branding    map[string]string `yaml:"branding"`
	Inputs      map[string]struct {
		Description string `yaml:"description"`
		Default     string `yaml:"default"`
	} `yaml:"inputs"`
	Outputs map[string]struct {
		Description string `yaml:"description"`
		Value       string `yaml:"value"`
	} `yaml:"outputs"`
	Runs struct {
		Using string `yaml:"using"`
		Steps []step `yaml:"steps"`
	} `yaml:"runs"`
}

// names are one name or a list of them.
type names []string

func (ns *names) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*ns = names{n.Value}
		return nil
	}
	return n.Decode((*[]string)(ns))
}

// ordered is a mapping in the order of the file.
type ordered[T any] []named[T]

type named[T any] struct {
	name  string
	value T
}

func (o *ordered[T]) UnmarshalYAML(n *yaml.Node) error {
	for i := 0; i < len(n.Content); i += 2 {
		e := named[T]{name: n.Content[i].Value}
		if err := n.Content[i+1].Decode(&e.value); err != nil {
			return err
		}
		*o = append(*o, e)
	}
	return nil
}

const root = "../.."

// parse reads a file of the repository, strictly.
func parse[T any](t *testing.T, file string) T {
	t.Helper()
	return parseFile[T](t, filepath.Join(root, file))
}

func parseFile[T any](t *testing.T, file string) T {
	t.Helper()
	out, err := load[T](file)
	must(t, err)
	return out
}

func load[T any](file string) (out T, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return out, err
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&out); err != nil {
		return out, fmt.Errorf("%s: %w", file, err)
	}
	return out, nil
}

// kept are the workflows that other repositories use.
var kept = []string{"check", "plan", "apply", "drift"}

func workflowFile(name string) string { return ".github/workflows/" + name + ".yml" }

// A place is a step and where it stands.
type place struct {
	at   string
	step step
}

// places are all steps that there are.
func places(t *testing.T) []place {
	t.Helper()
	out, err := allPlaces(append([]string{"ci"}, kept...))
	must(t, err)
	return out
}

// allPlaces are the steps of some workflows and of the action.
func allPlaces(workflows []string) (out []place, err error) {
	for _, name := range workflows {
		w, err := load[workflow](filepath.Join(root, workflowFile(name)))
		if err != nil {
			return nil, err
		}
		for _, j := range w.Jobs {
			for i, s := range j.value.Steps {
				out = append(out, place{fmt.Sprintf("%s, job %s, step %d", workflowFile(name), j.name, i+1), s})
			}
		}
	}
	a, err := load[action](filepath.Join(root, "action.yml"))
	for i, s := range a.Runs.Steps {
		out = append(out, place{fmt.Sprintf("action.yml, step %d", i+1), s})
	}
	return out, err
}

// ran are the scripts that were run by the tests of this process.
var ran sync.Map

// notRun are the scripts that no test ran: all of ours, but for that of ci, which runs the tests.
func notRun() ([]string, error) {
	var out []string
	all, err := allPlaces(kept)
	for _, p := range all {
		if _, was := ran.Load(p.step.Run); p.step.Run != "" && !was {
			out = append(out, p.at)
		}
	}
	return out, err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
