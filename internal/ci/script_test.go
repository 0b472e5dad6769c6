package ci_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// tools are the programs that scripts may run. There are no others on their PATH, so that what a script uses is
// seen here, and nothing that takes orders from files in a checkout, such as make, gets in unnoticed. What git
// runs itself it finds without it.
var tools = []string{"bash", "cat", "git", "grep", "head", "jq", "mkdir", "rm", "wc"}

// script runs a step's script as GitHub's runner does.
func (one *jobRun) script(st step) error {
	one.t.Helper()
	ran.Store(st.Run, true)
	one.commands++
	file := func(kind string) string { return filepath.Join(one.dir, fmt.Sprintf("%s-%d", kind, one.commands)) }
	if err := os.WriteFile(file("script"), []byte(st.Run), 0o600); err != nil {
		return err
	}
	env := maps.Clone(one.env)
	for name, v := range st.Env {
		env[name] = one.scope().text(v)
	}
	files := []string{"GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY"}
	for _, name := range files {
		env[name] = file(name)
		must(one.t, os.WriteFile(env[name], nil, 0o600))
	}
	cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", file("script"))
	cmd.Dir = filepath.Join(one.work(), st.Directory)
	cmd.Env = one.process(env)
	cmd.Stdout, cmd.Stderr = &one.log, &one.log
	err := cmd.Run()
	return one.heed(st.ID, files, env, err)
}

// process is the environment of a process: nothing of this one's.
func (one *jobRun) process(env map[string]string) []string {
	all := map[string]string{
		"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": repository, "GITHUB_WORKSPACE": one.work(),
		"GITHUB_SHA": show(one.scope().lookup("github.sha")),
		"HOME":       one.home(), "RUNNER_TEMP": one.temp(), "LANG": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1",
		"PATH":            strings.Join(append(append([]string{}, one.path...), one.bin), ":"),
		"OPENAI_BASE_URL": one.url, "GORACE": "atexit_sleep_ms=0",
		hubVar: one.hub, programVar: one.program, buildsVar: filepath.Join(one.run.dir, "builds"),
	}
	maps.Copy(all, env)
	if one.composite != nil {
		all["GITHUB_ACTION_PATH"] = one.composite["path"].(string)
	}
	var out []string
	for _, name := range sortedKeys(all) {
		out = append(out, name+"="+all[name])
	}
	return out
}

// heed reads what a script told the runner.
func (one *jobRun) heed(id string, files []string, env map[string]string, err error) error {
	said := map[string]string{}
	for _, name := range files {
		data, err := os.ReadFile(env[name])
		must(one.t, err)
		said[name] = string(data)
	}
	outputs := map[string]any{}
	for name, v := range pairs(said["GITHUB_OUTPUT"]) {
		outputs[name] = v
	}
	if id != "" {
		one.steps[id] = map[string]any{"outputs": withAbsent(outputs)}
	}
	maps.Copy(one.env, pairs(said["GITHUB_ENV"]))
	for _, dir := range strings.Fields(said["GITHUB_PATH"]) {
		one.path = append([]string{dir}, one.path...)
	}
	one.summary.WriteString(said["GITHUB_STEP_SUMMARY"])
	return err
}

// pairs are lines of name=value.
func pairs(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		name, v, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		out[name] = v
	}
	return out
}

// withAbsent makes outputs of which a script has none at all known to be empty: it failed before.
func withAbsent(outputs map[string]any) any {
	if len(outputs) == 0 {
		return nil
	}
	return outputs
}
