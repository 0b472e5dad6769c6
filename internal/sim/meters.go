package sim

import "slices"

// A meter is one of the usage routes, or the costs: what it counts and by what it can be taken apart.
type meter struct {
	path   string
	object string // of a result
	counts []count
	dims   []string // what group_by takes
	only   []string // the dims that have a filter
}

// A count is a number of a result, in thousandths of what a sample is worth.
type count struct {
	name string
	part int64
}

// byModel is how most of them are taken apart.
var byModel = []string{"project_id", "user_id", "api_key_id", "model"}

// meters: those of the published document, and decisions, which the official SDK has besides. No number
// means anything.
func meters() []meter {
	requests, input := count{"num_model_requests", 1}, count{"input_tokens", 1000}
	and := func(more ...string) []string { return slices.Concat(byModel, more) }
	only := func(path, object string, counts ...count) meter {
		return meter{"usage/" + path, "usage." + object, counts, byModel, byModel}
	}
	return []meter{
		{"usage/completions", "usage.completions", tokenCounts(), and("batch", "service_tier", "api_source"), and("batch")},
		{"usage/decisions", "usage.decisions", tokenCounts(), and("batch", "service_tier", "api_source"), and("batch")},
		only("embeddings", "embeddings", input, requests),
		only("moderations", "moderations", input, requests),
		only("audio_speeches", "audio_speeches", count{"characters", 100}, requests),
		only("audio_transcriptions", "audio_transcriptions", count{"seconds", 10}, requests),
		{"usage/images", "usage.images", []count{{"images", 1}, requests}, and("size", "source"), and("size", "source")},
		{"usage/web_search_calls", "usage.web_searches", []count{{"num_requests", 1}, requests}, and("context_level", "api_source"), and("context_level")},
		{"usage/file_search_calls", "usage.file_searches", []count{{"num_requests", 1}},
			[]string{"project_id", "user_id", "api_key_id", "vector_store_id"}, []string{"project_id", "user_id", "api_key_id", "vector_store_id"}},
		{"usage/vector_stores", "usage.vector_stores", []count{{"usage_bytes", 100000}}, []string{"project_id"}, []string{"project_id"}},
		{"usage/code_interpreter_sessions", "usage.code_interpreter_sessions", []count{{"num_sessions", 1}}, []string{"project_id"}, []string{"project_id"}},
		{"costs", "costs", nil, []string{"project_id", "user_id", "line_item", "api_key_id", "api_source"}, []string{"project_id", "line_item", "api_key_id"}},
	}
}

// tokenCounts are the counts of requests to models: all text, a fifth of it cached.
func tokenCounts() []count {
	return []count{
		{"input_tokens", 1000}, {"output_tokens", 250}, {"num_model_requests", 1}, {"input_cached_tokens", 200},
		{"input_uncached_tokens", 800}, {"input_text_tokens", 800}, {"input_cached_text_tokens", 200}, {"output_text_tokens", 250},
		{"input_audio_tokens", 0}, {"input_cached_audio_tokens", 0}, {"output_audio_tokens", 0}, {"input_image_tokens", 0},
		{"input_cached_image_tokens", 0}, {"output_image_tokens", 0}, {"input_cache_write_tokens", 0},
		{"input_cache_write_12h_tokens", 0}, {"input_cache_write_30m_tokens", 0},
	}
}

// A bucketWidth comes with the default and the greatest number of buckets.
type bucketWidth struct {
	name        string
	seconds     int64
	limit, most int
}

var widths = []bucketWidth{{"1d", day, 7, 31}, {"1h", 3600, 24, 168}, {"1m", 60, 60, 1440}}

// list: the number of buckets is checked by the handler, as it depends on the width.
func (m meter) list() *listing {
	l := &listing{style: nextPage, filters: []filter{{name: "start_time", is: integer}, {name: "end_time", is: integer},
		{name: "bucket_width", is: text, enum: []string{"1d", "1h", "1m"}}, {name: "group_by", is: list, enum: m.dims}}}
	if m.counts == nil {
		l.filters[2].enum = []string{"1d"}
	}
	for _, dim := range m.only {
		l.filters = append(l.filters, dimFilter(dim))
	}
	return l
}

// dimFilter is a list under the plural of the name, with the values that there are.
func dimFilter(dim string) filter {
	switch dim {
	case "batch":
		return filter{name: dim, is: boolean}
	case "size", "source", "context_level":
		return filter{name: dimPlural(dim), is: list, enum: dimValues(dim)}
	}
	return filter{name: dimPlural(dim), is: list}
}

func dimPlural(dim string) string {
	if dim == "batch" {
		return dim
	}
	return dim + "s"
}

func dimValues(dim string) []string {
	switch dim {
	case "size":
		return []string{"256x256", "512x512", "1024x1024", "1792x1792", "1024x1792"}
	case "source":
		return []string{"image.generation", "image.edit", "image.variation"}
	case "context_level":
		return []string{"low", "medium", "high"}
	case "vector_store_id":
		return []string{"vs_sim0001", "vs_sim0002"}
	case "batch":
		return []string{"false", "false", "true"}
	case "service_tier":
		return []string{"default"}
	case "api_source":
		return []string{"unlabeled"}
	}
	return nil
}

func meterRoutes() []route {
	var all []route
	for _, m := range meters() {
		all = append(all, route{method: "GET", template: org + "/" + m.path, handle: m.answer, list: m.list()})
	}
	return all
}
