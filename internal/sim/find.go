package sim

import (
	"slices"
	"strings"
)

// pick is the row with the id, in place.
func pick[T row](rows []T, id, what string) (*T, error) {
	i := index(rows, id)
	if i < 0 {
		return nil, notFound("%s '%s' not found.", what, id)
	}
	return &rows[i], nil
}

// drop removes the row with the id.
func drop[T row](rows *[]T, id string) {
	*rows = slices.DeleteFunc(*rows, func(r T) bool { return r.key() == id })
}

// needsOne refuses an update that changes nothing.
func needsOne(names ...string) error {
	return invalid(names[0], "missing_required_parameter", "At least one of '%s' is required.", strings.Join(names, "', '"))
}
