package ci_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"
)

// use does what an action does.
func (one *jobRun) use(st step) error {
	one.t.Helper()
	with := map[string]string{}
	for name, v := range st.With {
		with[name] = one.scope().text(v)
	}
	switch name, _, _ := strings.Cut(st.Uses, "@"); name {
	case "actions/checkout":
		return one.checkout(with)
	case "actions/setup-go":
		_, err := os.Stat(with["go-version-file"])
		return err
	case "actions/upload-artifact":
		return one.upload(with)
	case "actions/download-artifact":
		return one.download(with)
	case "./tool":
		return one.act(st, with)
	}
	return fmt.Errorf("%s is not known here", st.Uses)
}

// checkout is actions/checkout: a clone with one commit, or with the history of all branches.
func (one *jobRun) checkout(with map[string]string) error {
	repo := with["repository"]
	if repo == "" {
		repo = repository
	}
	dir := filepath.Join(one.work(), with["path"])
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	git := func(args ...string) error {
		cmd := exec.Command("git", append([]string{"-c", "advice.detachedHead=false", "-c", "init.defaultBranch=main"}, args...)...)
		cmd.Dir, cmd.Env = dir, append(one.process(one.env), "PATH="+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("git %s: %w\n%s", strings.Join(args, " "), err, out)
		}
		return err
	}
	fetch := []string{"fetch", "--quiet", "--depth=1", "origin", with["ref"]}
	if with["fetch-depth"] == "0" {
		fetch = []string{"fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*", with["ref"]}
	}
	return errors.Join(git("init", "--quiet"), git("remote", "add", "origin", "file://"+one.remotes[repo]), git(fetch...), git("checkout", "--quiet", "--detach", with["ref"]))
}

func (one *jobRun) upload(with map[string]string) error {
	from, to := with["path"], filepath.Join(one.run.dir, "artifacts", with["name"])
	if _, err := os.Stat(from); err != nil {
		if with["if-no-files-found"] == "error" {
			return fmt.Errorf("no files were found at %s", from)
		}
		return nil
	}
	one.artifacts = append(one.artifacts, with["name"])
	return os.CopyFS(to, os.DirFS(from))
}

func (one *jobRun) download(with map[string]string) error {
	if with["merge-multiple"] != "true" {
		return errors.New("merge-multiple is not true")
	}
	for _, name := range one.artifacts {
		if ok, err := path.Match(with["pattern"], name); err != nil || !ok {
			continue
		}
		if err := os.CopyFS(with["path"], os.DirFS(filepath.Join(one.run.dir, "artifacts", name))); err != nil {
			return err
		}
	}
	return nil
}

// act runs the action of a directory of the workspace.
func (one *jobRun) act(st step, with map[string]string) error {
	dir := filepath.Join(one.work(), strings.TrimPrefix(st.Uses, "./"))
	data, err := os.ReadFile(filepath.Join(dir, "action.yml"))
	if err != nil {
		return err
	}
	var a action
	if err := yaml.NewDecoder(bytes.NewReader(data)).Decode(&a); err != nil {
		return err
	}
	inputs := map[string]any{}
	for name, in := range a.Inputs {
		inputs[name] = in.Default
	}
	for name, v := range with {
		inputs[name] = v
	}
	outer := one.steps
	one.composite, one.steps = map[string]any{"inputs": inputs, "path": dir}, map[string]any{"run": map[string]any{"outputs": nil}}
	for _, inner := range a.Runs.Steps {
		one.step(inner)
	}
	outputs := map[string]any{}
	for name, o := range a.Outputs {
		outputs[name] = one.scope().eval(o.Value)
	}
	one.composite, one.steps = nil, outer
	if st.ID != "" {
		one.steps[st.ID] = map[string]any{"outputs": outputs}
	}
	return nil // a step of it that failed has told
}
