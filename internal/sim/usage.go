package sim

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// Nothing is ever spent here, so there is a made-up history: every project is used a little every eight
// hours, by its keys and with the organization's models in turn. It is the same for the same state.
const sampleEvery = 8 * 3600

// A sample is what a project used at a moment.
type sample struct {
	at    int64
	worth int64
	dims  map[string]string
}

// A bucket is a span of a history.
type bucket struct {
	start, end int64
	results    []any
}

func (b bucket) key() string { return fmt.Sprintf("page_%d", b.start) }

func (b bucket) view() any {
	return object("bucket", map[string]any{"start_time": b.start, "end_time": b.end, "results": b.results})
}

// answer makes at most the asked number of buckets, from where the page before ended.
func (m meter) answer(c *call) (any, error) {
	from, to, err := c.span()
	if err != nil {
		return nil, err
	}
	if err := m.check(c); err != nil {
		return nil, err
	}
	width, limit, err := m.width(c)
	if err != nil {
		return nil, err
	}
	at, err := c.resume(from-from%width, to, width)
	if err != nil {
		return nil, err
	}
	var rows []bucket
	var data []any
	for ; at < to && len(rows) < limit; at += width {
		b := bucket{at, at + width, m.results(c, c.samples(max(at, from), min(at+width, to)))}
		rows, data = append(rows, b), append(data, b.view())
	}
	return envelope(nextPage, append([]any{}, data...), rows, at < to), nil
}

// span is the time asked for; without an end it goes on until now.
func (c *call) span() (from, to int64, err error) {
	if !c.query.Has("start_time") {
		return 0, 0, invalid("start_time", "missing_required_parameter", "Missing required parameter: 'start_time'.")
	}
	from, _ = strconv.ParseInt(c.query.Get("start_time"), 10, 64) // checkQuery has seen that they are numbers
	to, err = strconv.ParseInt(c.query.Get("end_time"), 10, 64)
	if err != nil {
		to = max(c.now, from+1)
	}
	if from < 0 || to <= from {
		return 0, 0, invalid("end_time", "invalid_value", "Invalid 'end_time': it must be after 'start_time'.")
	}
	return from, min(to, faraway), nil
}

// check: "Unsupported combinations return HTTP 400", and which are supported differs by organization; in
// this one none are.
func (m meter) check(c *call) error {
	by := c.values("group_by")
	if m.counts == nil && slices.Contains(by, "user_id") && (slices.Contains(by, "project_id") || c.values("project_ids") != nil) {
		return invalid("group_by", "unsupported_combination", "Costs cannot be grouped by 'user_id' together with projects.")
	}
	return nil
}

func (m meter) width(c *call) (seconds int64, limit int, err error) {
	name := cmp.Or(c.query.Get("bucket_width"), "1d")
	w := widths[slices.IndexFunc(widths, func(w bucketWidth) bool { return w.name == name })]
	l := listing{limit: w.limit, least: 1, most: w.most}
	if m.counts == nil {
		l.most = 180
	}
	limit, err = l.size(c.query.Get("limit"))
	return w.seconds, limit, err
}

// resume is where the page starts.
func (c *call) resume(first, to, width int64) (int64, error) {
	cursor := c.query.Get("page")
	if cursor == "" {
		return first, nil
	}
	last, err := strconv.ParseInt(strings.TrimPrefix(cursor, "page_"), 10, 64)
	if err != nil || last < first || last >= to || (last-first)%width != 0 {
		return 0, invalid("page", "invalid_value", "Invalid 'page': no object '%s' in this list.", cursor)
	}
	return last + width, nil
}

// samples are those of a span that the filters let through. There are none of the future.
func (c *call) samples(from, to int64) []sample {
	var all []sample
	for i := range c.state.Projects {
		p := &c.state.Projects[i]
		since, until := max(from, p.CreatedAt), min(to, c.now)
		if p.ArchivedAt != nil {
			until = min(until, *p.ArchivedAt)
		}
		for at := since + (sampleEvery-since%sampleEvery)%sampleEvery; at < until; at += sampleEvery {
			if s := c.state.sample(p, at); c.passes(s) {
				all = append(all, s)
			}
		}
	}
	return all
}

func (s *State) sample(p *Project, at int64) sample {
	h := fnv.New32a()
	fmt.Fprint(h, p.ID, at)
	n := int(h.Sum32() >> 8)
	dims := map[string]string{"project_id": p.ID}
	for _, dim := range []string{"size", "source", "context_level", "vector_store_id", "batch", "service_tier", "api_source"} {
		values := dimValues(dim)
		dims[dim] = values[n%len(values)]
	}
	if len(s.Models) > 0 {
		dims["model"] = s.Models[n%len(s.Models)].ID
		dims["line_item"] = dims["model"] + ", input_tokens"
	}
	if len(p.APIKeys) > 0 {
		k := p.APIKeys[n%len(p.APIKeys)]
		dims["api_key_id"], dims["user_id"] = k.ID, k.Owner.ID
	}
	return sample{at, int64(1 + n%100), dims}
}

func (c *call) passes(s sample) bool {
	for _, f := range c.list.filters {
		dim := strings.TrimSuffix(f.name, "s")
		if _, ok := s.dims[dim]; (ok || dim == "user_id" || dim == "api_key_id") && !c.among(f.name, s.dims[dim]) {
			return false
		}
	}
	return true
}

// results adds up what falls into one group; without group_by all does.
func (m meter) results(c *call, samples []sample) []any {
	by := c.values("group_by")
	sums, first := map[string]int64{}, map[string]sample{}
	for _, s := range samples {
		var key []string
		for _, dim := range by {
			key = append(key, s.dims[dim])
		}
		k := strings.Join(key, "\x00")
		sums[k] += s.worth
		first[k] = s
	}
	all := []any{}
	for _, k := range sortedKeys(sums) {
		all = append(all, m.result(sums[k], first[k].dims, by))
	}
	return all
}

// result has null for what it was not grouped by.
func (m meter) result(worth int64, dims map[string]string, by []string) any {
	r := map[string]any{}
	for _, dim := range m.dims {
		r[dim] = nil
		if slices.Contains(by, dim) && dims[dim] != "" {
			r[dim] = dims[dim]
		}
		if r[dim] != nil && dim == "batch" {
			r[dim] = dims[dim] == "true"
		}
	}
	for _, n := range m.counts {
		r[n.name] = worth * n.part
	}
	if m.counts == nil {
		r["amount"] = map[string]any{"value": float64(worth) / 8, "currency": "usd"}
		r["quantity"], r["quantity_unit"] = nil, nil
		if slices.Contains(by, "line_item") {
			r["quantity"], r["quantity_unit"] = worth*1000, "tokens"
		}
	}
	return object("organization."+m.object+".result", r)
}
