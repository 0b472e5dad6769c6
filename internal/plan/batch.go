package plan

import "github.com/bylaw-dev/bylaw/internal/kind"

// batch joins calls that the API takes for several objects at once: the first one's request carries
// the others.
func (m *maker) batch() {
	open := map[string]int{} // method and path -> place of the change that carries
	for i := range m.p.Changes {
		c := &m.p.Changes[i]
		call := callOf(c)
		if call.Batch == 0 || len(c.Requests) != 1 {
			continue
		}
		key := c.Requests[0].Method + " " + c.Requests[0].Path
		at, ok := open[key]
		if !ok || !join(&m.p.Changes[at].Requests[0], c.Requests[0], call) {
			open[key] = i
			continue
		}
		c.With, c.Requests = m.p.Changes[at].Addr, nil
	}
}

func callOf(c *Change) kind.Call {
	switch c.Action {
	case Create:
		return c.Addr.Kind().Create
	case Delete:
		return c.Addr.Kind().Delete
	}
	return kind.Call{}
}

// join adds the lists of one body to those of another, as far as the call takes so many.
func join(to *Request, from Request, call kind.Call) bool {
	for name := range call.Body {
		have, _ := to.Body[name].([]any)
		more, ok := from.Body[name].([]any)
		if !ok || len(have)+len(more) > call.Batch {
			return false
		}
		to.Body[name] = append(have, more...)
	}
	return true
}
