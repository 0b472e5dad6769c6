package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/bylaw-dev/bylaw/internal/desired"
	"github.com/bylaw-dev/bylaw/internal/keys"
	"github.com/bylaw-dev/bylaw/internal/kind"
)

type keysCmd struct {
	Path   string        `arg:"" optional:"" help:"The YAML whose policy says in which projects only service accounts own keys. Without it that is not looked at."`
	Only   []string      `placeholder:"GLOB" sep:"none" help:"Only keys at these addresses, such as 'projects/*-prod/**'. Repeatable."`
	Unused span          `default:"90d" help:"A key that was not used for longer is a finding (${default})."`
	Older  span          `default:"180d" help:"A key that is older is a finding (${default})."`
	FailOn keys.Severity `placeholder:"SEVERITY" help:"Exit 6 when there is a finding of this severity or worse: low, medium or high."`
	Format string        `enum:"table,json,csv" default:"table" help:"table, json or csv (${default})."`
}

func (keysCmd) Help() string {
	return `Example, with no key:

    bylaw keys --sandbox --fail-on high

Findings, by severity:

    high    a person owns the key in a project of policy.service_account_keys_only;
            its owner left the organization; an admin key whose holder is no owner
    medium  its owner is not in the project; unused for --unused; an admin key
            that never expires
    low     not used yet; never expires; older than --older`
}

// Run lists the keys and what is wrong with them.
func (c keysCmd) Run(a *app) (err error) {
	only, err := kind.ParseGlobs(c.Only)
	if err != nil {
		return usage(err)
	}
	policy, err := c.policy()
	if err != nil {
		return err
	}
	s, err := a.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	stock, err := keys.Read(s.ctx, s.client, keys.Options{Only: orAll(only), Expect: s.meter.expect})
	if err != nil {
		return s.cause(err)
	}
	found, err := pick(stock.Keys, only)
	if err != nil {
		return usage(err)
	}
	now := a.now().UTC()
	keys.Check(found, keys.Limits{Now: now, Unused: time.Duration(c.Unused), Older: time.Duration(c.Older), AccountsOnly: policy.ServiceAccountKeysOnly})
	if err := c.print(a, s, found, now); err != nil {
		return err
	}
	if err := astray(policy, stock.Projects); err != nil {
		return err
	}
	if c.FailOn != keys.None && keys.Worst(found) >= c.FailOn {
		return withStatus(exitFindings, nil)
	}
	return nil
}

func (c keysCmd) policy() (kind.Policy, error) {
	if c.Path == "" {
		return kind.Policy{}, nil
	}
	org, err := loadYAML(c.Path)
	return org.Policy, err
}

// orAll: no glob at all leaves nothing out.
func orAll(only kind.Globs) kind.Globs {
	if len(only) == 0 {
		return nil
	}
	return only
}

// pick keeps the keys that a glob points at. One that points at none is a mistake.
func pick(all []keys.Key, only kind.Globs) ([]keys.Key, error) {
	if len(only) == 0 {
		return all, nil
	}
	used := map[kind.Glob]bool{}
	var out []keys.Key
	for _, k := range all {
		matched := false
		for _, g := range only {
			if g.Match(k.Addr) {
				matched, used[g] = true, true
			}
		}
		if matched {
			out = append(out, k)
		}
	}
	for _, g := range only {
		if !used[g] {
			return nil, fmt.Errorf("--only %s matches no key", g)
		}
	}
	return out, nil
}

// astray reports a glob of the policy that points at no project: it finds less than it seems to.
func astray(p kind.Policy, projects []kind.Address) error {
	const field = "service_account_keys_only"
	var ms desired.Mistakes
	for _, g := range p.ServiceAccountKeysOnly {
		hit := false
		for _, project := range projects {
			hit = hit || g.Match(project)
		}
		if !hit {
			ms = append(ms, desired.Mistake{Pos: p.Pos[field], Path: "policy/" + field, Message: fmt.Sprintf("%s matches no active project", g)})
		}
	}
	if len(ms) > 0 {
		return ms
	}
	return nil
}
