package audit

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/kind"
)

// ErrNoSuch is the error of a filter that names what is not there.
var ErrNoSuch = errors.New("no such thing")

// actorParam: an actor with an "@" is an e-mail, else an id.
func actorParam(actor string) string {
	if strings.Contains(actor, "@") {
		return "actor_emails[]"
	}
	return "actor_ids[]"
}

const projectsPath = "/organization/projects?include_archived=true"

// Project finds what has to do with a project, named or by id: itself, its service accounts and its keys.
func Project(ctx context.Context, client *adminapi.Client, name string) (Filter, error) {
	rows, err := client.List(ctx, "/organization/projects", projectsPath)
	if err != nil {
		return Filter{}, fmt.Errorf("find the project %s: %w", name, err)
	}
	var found []adminapi.Row
	var names []string
	for _, row := range rows {
		if names = append(names, text(row, "name")); text(row, "name") == name || text(row, "id") == name {
			found = append(found, row)
		}
	}
	switch {
	case len(found) == 0:
		return Filter{}, noSuch("project", name, names)
	case len(found) > 1:
		return Filter{}, fmt.Errorf("%w: %d projects are called %s: name one by its id", ErrNoSuch, len(found), name)
	}
	id := text(found[0], "id")
	f := Filter{IDs: map[string]bool{id: true}, Project: id}
	if text(found[0], "status") == "archived" {
		return f, nil // the API lists nothing of it
	}
	for _, of := range []string{"service_accounts", "api_keys?owner_project_access=any"} {
		route, _, _ := strings.Cut(of, "?")
		rows, err := client.List(ctx, "/organization/projects/{projects}/"+route, "/organization/projects/"+url.PathEscape(id)+"/"+of)
		if err != nil {
			return Filter{}, fmt.Errorf("find what is in the project %s: %w", name, err)
		}
		for _, row := range rows {
			f.IDs[text(row, "id")] = true
		}
	}
	return f, nil
}

func noSuch(what, name string, choices []string) error {
	if s := kind.Suggest(name, choices); s != "" {
		return fmt.Errorf("%w: no %s %s; did you mean %s?", ErrNoSuch, what, name, s)
	}
	return fmt.Errorf("%w: no %s %s", ErrNoSuch, what, name)
}

// Resource finds the id of what stands at an address, reading the lists on the way. What has no "/" in it
// is taken for an id, for what is gone cannot be found by name.
func Resource(ctx context.Context, client *adminapi.Client, s string) (Filter, error) {
	if !strings.Contains(s, "/") {
		return Filter{IDs: map[string]bool{s: true}}, nil
	}
	a, err := kind.ParseAddress(s)
	if err != nil {
		return Filter{}, fmt.Errorf("%w: %w", ErrNoSuch, err)
	}
	switch k := a.Kind(); {
	case a.Key() == "" && !k.Setting():
		return Filter{}, fmt.Errorf("%w: %s is a collection: name an object in it", ErrNoSuch, a)
	case k.Events == "":
		return Filter{}, fmt.Errorf("%w: %s: no event tells of that", ErrNoSuch, a)
	}
	ids := map[string]string{}
	if err := locate(ctx, client, a, ids); err != nil {
		return Filter{}, err
	}
	f := Filter{IDs: map[string]bool{ids[a.Kind().Section()]: true}}
	if a.Parent() != "" {
		f.In = ids["projects"]
	}
	return f, nil
}

// locate fills in the ids of an address and its ancestors, by section.
func locate(ctx context.Context, client *adminapi.Client, a kind.Address, ids map[string]string) error {
	if a.Parent() != "" {
		if err := locate(ctx, client, a.Parent(), ids); err != nil {
			return err
		}
	}
	k := a.Kind()
	path := kind.Expand(k.Path, func(section string) string { return url.PathEscape(ids[section]) })
	var skip []string
	for _, rule := range k.Skip {
		skip = append(skip, kind.Expand(rule, func(name string) string {
			if name == "parent" {
				name = k.Parent().Section()
			}
			return ids[name]
		}))
	}
	rows, err := client.List(ctx, k.Place(), path)
	if err != nil {
		return fmt.Errorf("find %s: %w", a, err)
	}
	var found, names []string
	for _, row := range rows {
		if kind.HoldsAny(skip, row) {
			continue // of another kind, or of another parent
		}
		if names = append(names, k.RowKey(row)); k.RowKey(row) == a.Key() {
			found = append(found, text(row, k.IDField()))
		}
	}
	switch len(found) {
	case 0:
		return noSuch(k.Section(), a.Key(), names)
	case 1:
		ids[k.Section()] = found[0]
		return nil
	}
	return fmt.Errorf("%w: %d of %s are called %s: give the id of one instead of the address", ErrNoSuch, len(found), a.Collection(), a.Key())
}
