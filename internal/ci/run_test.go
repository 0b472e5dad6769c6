package ci_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A run is one run of a workflow, with what happened in it.
type run struct {
	*world
	t         *testing.T
	workflow  workflow
	dir       string            // a directory a job, and one for the artifacts
	contexts  map[string]any    // github, inputs, vars
	results   map[string]string // by job: success, failure, skipped
	outputs   map[string]map[string]any
	jobs      []*jobRun // those that ran; each of a matrix by itself
	artifacts []string
}

// An input is what starts a workflow.
type input struct {
	github map[string]any    // what the context has of the event
	inputs map[string]any    // nil: no other workflow calls it, and nobody starts it by hand
	vars   map[string]any    // the repository's variables
	before map[string]func() // what happens before a job
}

// start runs a workflow to its end. Of a matrix one job runs after the other.
func (w *world) start(t *testing.T, name string, in input) *run {
	t.Helper()
	r := &run{world: w, t: t, workflow: parseFile[workflow](t, filepath.Join(w.workflows, name+".yml")), dir: t.TempDir(), results: map[string]string{}, outputs: map[string]map[string]any{}}
	r.contexts = map[string]any{"github": w.github(in.github), "inputs": inputsOf(r.workflow, in.inputs), "vars": map[string]any{"BYLAW_ROOT": in.vars["BYLAW_ROOT"]}}
	for _, j := range r.workflow.Jobs {
		if happens := in.before[j.name]; happens != nil {
			happens()
		}
		r.job(j.name, j.value)
	}
	return r
}

// inputsOf are all inputs that the workflow declares: as given, or else their defaults, or without a call nothing.
func inputsOf(w workflow, given map[string]any) map[string]any {
	out := map[string]any{}
	for _, trigger := range []string{"workflow_dispatch", "workflow_call"} {
		on, _ := w.On[trigger].(map[string]any)
		declared, _ := on["inputs"].(map[string]any)
		for name, d := range declared {
			if out[name] = given[name]; given != nil && given[name] == nil {
				out[name] = d.(map[string]any)["default"]
			}
		}
	}
	return out
}

// job runs a job, or all jobs of its matrix. The outputs of a matrix are those of its last job.
func (r *run) job(id string, j job) {
	r.t.Helper()
	r.results[id], r.outputs[id] = "skipped", map[string]any{}
	for name := range j.Outputs {
		r.outputs[id][name] = nil
	}
	decide := &jobRun{run: r, job: j}
	if !decide.scope().condition(j.If) {
		return
	}
	r.results[id] = "success"
	rows := []any{nil}
	if j.Strategy.Matrix != "" {
		rows = decide.scope().eval(j.Strategy.Matrix).(map[string]any)["include"].([]any)
	}
	for i, row := range rows {
		one := r.begin(id, i, j, row)
		for _, st := range j.Steps {
			one.step(st)
		}
		for name, v := range j.Outputs {
			r.outputs[id][name] = one.scope().eval(v)
		}
		if one.failed {
			r.results[id] = "failure"
		}
	}
}

// A jobRun is a job on a fresh machine.
type jobRun struct {
	*run
	job       job
	name      string
	row       any // of the matrix
	index     int // of the row
	dir       string
	key       string            // secrets.OPENAI_ADMIN_KEY
	token     string            // github.token: the job's permissions
	env       map[string]string // of all steps from here on
	path      []string
	steps     map[string]any // by id, with their outputs; nil before the first one
	failed    bool
	log       strings.Builder
	summary   strings.Builder
	commands  int
	composite map[string]any // the inputs of the action that is running, and its directory
}

func (r *run) begin(id string, index int, j job, row any) *jobRun {
	r.t.Helper()
	one := &jobRun{run: r, job: j, name: id, row: row, index: index, token: token(j.Permissions), env: map[string]string{}, steps: map[string]any{}}
	for _, st := range j.Steps {
		if st.ID != "" {
			one.steps[st.ID] = map[string]any{"outputs": nil}
		}
	}
	if j.Name != "" {
		one.name = one.scope().text(j.Name)
	}
	if j.Environment != "" {
		one.key = r.keys[one.scope().text(j.Environment)]
	}
	for name, v := range r.workflow.Env {
		one.env[name] = one.scope().text(v)
	}
	one.dir = filepath.Join(r.dir, fmt.Sprintf("%s-%d", id, index))
	for _, d := range []string{one.work(), one.temp(), one.home()} {
		must(r.t, os.MkdirAll(d, 0o755))
	}
	r.jobs = append(r.jobs, one)
	return one
}

func (one *jobRun) work() string { return filepath.Join(one.dir, "work") }
func (one *jobRun) temp() string { return filepath.Join(one.dir, "temp") }
func (one *jobRun) home() string { return filepath.Join(one.dir, "home") }

// scope is what expressions see.
func (one *jobRun) scope() scope {
	needs := map[string]any{}
	for _, n := range one.job.Needs {
		needs[n] = map[string]any{"result": one.results[n], "outputs": one.outputs[n]}
	}
	values := map[string]any{"matrix": one.row, "needs": needs, "steps": one.steps, "strategy": map[string]any{"job-index": one.index}, "runner": map[string]any{"temp": one.temp()},
		"job": map[string]any{"status": map[bool]string{false: "success", true: "failure"}[one.failed]}, "secrets": map[string]any{"OPENAI_ADMIN_KEY": one.key}}
	maps.Copy(values, one.contexts)
	github := maps.Clone(one.contexts["github"].(map[string]any))
	github["token"] = one.token
	values["github"] = github
	if one.composite != nil {
		values["inputs"], github["action_path"] = one.composite["inputs"], one.composite["path"]
	}
	return scope{values: values, status: func(f string) bool {
		well := !one.failed
		if one.steps == nil { // the job's own condition
			well = !slices.ContainsFunc(one.job.Needs, func(n string) bool { return one.results[n] != "success" })
		}
		return f == "always" || f == "success" && well || f == "failure" && !well
	}}
}

// step runs a step, if its condition holds. What an expression names and the test does not know ends the test.
func (one *jobRun) step(st step) {
	one.t.Helper()
	what := st.Name
	if what == "" {
		what = st.Uses
	}
	defer func() {
		if r := recover(); r != nil {
			one.t.Fatalf("%s, %s, step %s: %v (%T)", one.workflow.Name, one.name, what, r, r)
		}
	}()
	if !one.scope().condition(st.If) {
		return
	}
	fmt.Fprintf(&one.log, "== %s\n", what)
	var err error
	if st.Uses != "" {
		err = one.use(st)
	} else {
		err = one.script(st)
	}
	if err != nil {
		one.failed = true
		fmt.Fprintf(&one.log, "step failed: %v\n", err)
	}
}
