package keys

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bylaw-dev/bylaw/internal/adminapi"
	"github.com/bylaw-dev/bylaw/internal/kind"
)

// adminKey reads a row of the organization's admin keys.
func adminKey(row adminapi.Row, people map[string]person) (Key, error) {
	k, err := key(row)
	if err != nil {
		return Key{}, err
	}
	owner, _ := row["owner"].(adminapi.Row)
	k.Owner = ownerOf(text(owner, "type"), owner, people)
	k.Addr = kind.Address("admin_api_keys").Join(nameOr(row, k.ID))
	return k, nil
}

// projectKey reads a row of a project's keys.
func projectKey(row adminapi.Row, p project, people map[string]person) (Key, error) {
	k, err := key(row)
	if err != nil {
		return Key{}, err
	}
	owner, _ := row["owner"].(adminapi.Row)
	of := text(owner, "type")
	who, _ := owner[of].(adminapi.Row)
	k.Owner = ownerOf(of, who, people)
	k.Project, k.In, k.Access = p.addr, p.id, text(row, "owner_project_access")
	k.Addr = address(p.addr, k)
	return k, nil
}

// address is below the service account, or in the list of the project, where the owner is part of the
// name: projects/web/api_keys/ada@acme.example:notebook. The YAML has the same ones.
func address(project kind.Address, k Key) kind.Address {
	owner, unnamed := k.Owner.String(), "~"+k.ID
	switch {
	case k.Owner.Type == "service_account" && owner != "":
		return project.Join("service_accounts", owner, "api_keys", cmp.Or(k.Name, unnamed))
	case owner != "" && k.Name != "":
		return project.Join("api_keys", owner+":"+k.Name)
	}
	return project.Join("api_keys", cmp.Or(owner, k.Name, unnamed))
}

// key reads what all keys have. A row that lacks its id or its age is an error: a report that leaves
// something out is none.
func key(row adminapi.Row) (Key, error) {
	k := Key{ID: text(row, "id"), Name: text(row, "name"), Redacted: text(row, "redacted_value")}
	if k.ID == "" {
		return Key{}, errors.New("a key without its id")
	}
	created, err := moment(row, "created_at")
	if err == nil && created.At.IsZero() {
		err = errors.New("no created_at")
	}
	if err == nil {
		k.Used, err = moment(row, "last_used_at")
	}
	if err == nil {
		k.Expires, err = moment(row, "expires_at")
	}
	if err != nil {
		return Key{}, fmt.Errorf("key %s: %w", k.ID, err)
	}
	k.Created = created.At
	return k, nil
}

func moment(row adminapi.Row, field string) (Moment, error) {
	v, known := row[field]
	switch v := v.(type) {
	case nil:
		return Moment{Known: known}, nil
	case int64:
		return Moment{true, time.Unix(v, 0).UTC()}, nil
	}
	return Moment{}, fmt.Errorf("its %s is not a time in seconds", field)
}

// ownerOf is the owner as the organization knows her now. Nobody at all is gone as well. A service
// account of a project is not among the organization's users; whether it still is there, the access
// says.
func ownerOf(of string, who adminapi.Row, people map[string]person) Owner {
	o := Owner{Type: of, ID: text(who, "id"), Name: text(who, "name"), Email: strings.ToLower(text(who, "email")), Role: text(who, "role")}
	p, here := people[o.ID]
	switch {
	case here:
		o.Role = p.role
		if p.email != "" {
			o.Email = p.email
		}
		if o.Name == "" {
			o.Name = p.name
		}
	case of != "service_account":
		o.Gone, o.Role = true, ""
	}
	return o
}
