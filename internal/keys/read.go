package keys

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/kind"
)

const (
	usersPath    = "/organization/users"
	projectsPath = "/organization/projects"
	adminPath    = "/organization/admin_api_keys"

	// Without the parameter the API leaves out keys whose owners are no members, which open doors still.
	projectRoute = "/organization/projects/{projects}/api_keys"
	anyAccess    = "?owner_project_access=any"
)

// Options say what to read.
type Options struct {
	Only   kind.Globs                    // projects that none of these can point into are not read; nil: all are
	Expect func(requests map[string]int) // told once how many requests are still to come, by "METHOD route"; may be nil
}

// A Stock is the keys, and the active projects whether they have keys or not.
type Stock struct {
	Keys     []Key
	Projects []kind.Address
}

// Read reads the pages of users, projects and admin keys, and those of the keys of each active project,
// at once; the client bounds how many requests are in flight. The first error ends it.
func Read(ctx context.Context, client *adminapi.Client, o Options) (Stock, error) {
	l, err := readLists(ctx, client)
	if err != nil {
		return Stock{}, err
	}
	people, err := peopleOf(l.users)
	if err != nil {
		return Stock{}, err
	}
	projects, err := active(l.projects)
	if err != nil {
		return Stock{}, err
	}
	admin, err := each(l.admin, func(row adminapi.Row) (Key, error) { return adminKey(row, people) })
	if err != nil {
		return Stock{}, fmt.Errorf("read the admin keys: %w", err)
	}
	s := Stock{Keys: admin}
	for _, p := range projects {
		s.Projects = append(s.Projects, p.addr)
	}
	of := slices.DeleteFunc(projects, func(p project) bool { return o.Only != nil && !slices.ContainsFunc(o.Only, p.mayHold) })
	found, err := readProjects(ctx, client, of, people, o.Expect)
	s.Keys = append(s.Keys, found...)
	return s, err
}

type lists struct{ users, projects, admin []adminapi.Row }

func readLists(ctx context.Context, client *adminapi.Client) (lists, error) {
	var l lists
	group, ctx := errgroup.WithContext(ctx)
	for path, rows := range map[string]*[]adminapi.Row{usersPath: &l.users, projectsPath: &l.projects, adminPath: &l.admin} {
		group.Go(func() (err error) {
			*rows, err = client.List(ctx, path, path)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return lists{}, fmt.Errorf("read the keys: %w", err)
	}
	return l, nil
}

func readProjects(ctx context.Context, client *adminapi.Client, projects []project, people map[string]person, expect func(map[string]int)) ([]Key, error) {
	if expect != nil {
		expect(map[string]int{"GET " + projectRoute: len(projects)})
	}
	found := make([][]Key, len(projects))
	group, ctx := errgroup.WithContext(ctx)
	for i, p := range projects {
		group.Go(func() error {
			rows, err := client.List(ctx, projectRoute, projectsPath+"/"+url.PathEscape(p.id)+"/api_keys"+anyAccess)
			if err == nil {
				found[i], err = each(rows, func(row adminapi.Row) (Key, error) { return projectKey(row, p, people) })
			}
			if err != nil {
				return fmt.Errorf("read the keys of %s: %w", p.addr, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(found...), nil
}

// A project is one whose keys are read.
type project struct {
	id   string
	addr kind.Address
}

// active are the projects that are not archived: the others have no keys to ask for.
func active(rows []adminapi.Row) ([]project, error) {
	var out []project
	for _, row := range rows {
		id := text(row, "id")
		if id == "" {
			return nil, errors.New("read the projects: a row without its id")
		}
		if text(row, "status") != "archived" {
			out = append(out, project{id, kind.Address("projects").Join(nameOr(row, id))})
		}
	}
	return out, nil
}

// mayHold says whether a glob can point at something below the project.
func (p project) mayHold(g kind.Glob) bool {
	parts := strings.SplitN(string(g), "/", 3)
	start := strings.Join(parts[:min(2, len(parts))], "/")
	if strings.ContainsAny(start, `{[\`) || strings.Contains(start, "**") {
		return true // it may go on over the next part
	}
	return len(parts) == 3 && kind.Glob(start).Match(p.addr)
}

// A person is a member of the organization.
type person struct{ email, name, role string }

// peopleOf finds members by id. A row has two: its own, and that of the person within.
func peopleOf(rows []adminapi.Row) (map[string]person, error) {
	out := make(map[string]person, len(rows))
	for _, row := range rows {
		p := person{email: strings.ToLower(text(row, "email")), name: text(row, "name"), role: text(row, "role")}
		inner, _ := row["user"].(adminapi.Row)
		if text(row, "id") == "" {
			return nil, errors.New("read the users: a row without its id")
		}
		out[text(row, "id")] = p
		if id := text(inner, "id"); id != "" {
			out[id] = p
		}
	}
	return out, nil
}

// each turns rows into keys.
func each(rows []adminapi.Row, f func(adminapi.Row) (Key, error)) ([]Key, error) {
	out := make([]Key, len(rows))
	for i, row := range rows {
		var err error
		if out[i], err = f(row); err != nil {
			return nil, fmt.Errorf("row %d: %w", i+1, err)
		}
	}
	return out, nil
}

// text is a field that may be null.
func text(row adminapi.Row, field string) string {
	s, _ := row[field].(string)
	return s
}

// nameOr is the name as it stands in addresses.
func nameOr(row adminapi.Row, id string) string {
	if name := text(row, "name"); name != "" {
		return name
	}
	return "~" + id
}
