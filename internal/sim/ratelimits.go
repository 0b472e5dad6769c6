package sim

import (
	"maps"
	"slices"
	"strings"
)

// limitNames are the six limits of the reference's ProjectRateLimit.
func limitNames() []string {
	return []string{
		"max_requests_per_1_minute", "max_tokens_per_1_minute", "max_images_per_1_minute",
		"max_audio_megabytes_per_1_minute", "max_requests_per_1_day", "batch_1_day_max_input_tokens",
	}
}

func isLimit(name string) bool { return slices.Contains(limitNames(), name) }

func rateLimitUpdate() []field {
	var fields []field
	for _, name := range limitNames() {
		fields = append(fields, field{name: name, is: integer})
	}
	return fields
}

// rateLimitList: the reference names no range; the official Terraform provider asks for 1000.
func rateLimitList() *listing {
	return &listing{limit: 100, least: 1, most: 1000, before: true}
}

// A rateLimit is one model's limits in a project (reference: "The project rate limit object").
type rateLimit struct {
	model Model
	own   Limits
}

func (l rateLimit) key() string { return "rl-" + l.model.ID }

// view shows the limits that are relevant for the model, the project's own before the organization's.
func (l rateLimit) view() any {
	all := maps.Clone(l.model.Limits)
	maps.Copy(all, l.own)
	return object("project.rate_limit", map[string]any{"id": l.key(), "model": l.model.ID}, all)
}

// rateLimits are the rows of the models that the project may call. The values of a hidden row stay.
func (c *call) rateLimits() []rateLimit {
	var rows []rateLimit
	for _, m := range c.state.Models {
		if c.project.ModelPermissions.allow(m.ID) {
			rows = append(rows, rateLimit{m, c.project.RateLimits[m.ID]})
		}
	}
	return rows
}

func listRateLimits(c *call) (any, error) { return page(c, c.rateLimits(), rateLimit.view) }

func updateRateLimit(c *call) (any, error) {
	rows := c.rateLimits()
	i := index(rows, c.path["rate_limit_id"])
	if i < 0 {
		return nil, notFound("Rate limit '%s' not found in project '%s'.", c.path["rate_limit_id"], c.project.ID)
	}
	var in Limits
	if err := c.into(&in); err != nil {
		return nil, err
	}
	if err := rows[i].check(in); err != nil {
		return nil, err
	}
	own := maps.Clone(rows[i].own)
	if own == nil {
		own = Limits{}
	}
	maps.Copy(own, in)
	if c.project.RateLimits == nil {
		c.project.RateLimits = map[string]Limits{}
	}
	c.project.RateLimits[rows[i].model.ID] = own
	c.log("rate_limit.updated", rows[i].key(), "changes_requested", anyMap(in))
	return rateLimit{rows[i].model, own}.view(), nil
}

// check refuses what the organization does not have for the model: "a rate limit must be at or below the
// organization's own".
func (l rateLimit) check(in Limits) error {
	for _, name := range sortedKeys(in) {
		most, relevant := l.model.Limits[name]
		if !relevant {
			return invalid(name, "invalid_value", "'%s' is not relevant for model %s. Relevant are: %s.",
				name, l.model.ID, strings.Join(sortedKeys(l.model.Limits), ", "))
		}
		if in[name] > most {
			return invalid(name, "rate_limit_exceeds_organization",
				"'%s' for model %s cannot be above the organization's limit of %d, but is %d.", name, l.model.ID, most, in[name])
		}
	}
	return nil
}

func anyMap(l Limits) map[string]any {
	m := make(map[string]any, len(l))
	for name, v := range l {
		m[name] = v
	}
	return m
}
