package observed

import "github.com/bylaw-dev/bylaw/internal/kind"

// Requests counts, by "METHOD route", the requests that it takes at least to read the places. Lists may
// have more pages.
func (r *Reader) Requests(places []kind.Place) map[string]int {
	out := map[string]int{}
	unread := r.unread(places)
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := map[string]bool{}
	for _, p := range unread {
		if r.recalls(p) {
			continue
		}
		if list := !p.Kind.Setting() && p.ID == ""; list && (seen[p.Path] || r.lists[p.Path] != nil) {
			continue
		}
		seen[p.Path] = true
		out["GET "+p.Route]++
	}
	return out
}
