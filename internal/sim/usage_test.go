package sim_test

import (
	"fmt"
	"strings"
	"testing"
)

// start is ten days before the tests' now.
const start = "?start_time=1763136000"

func TestUsageRefusals(t *testing.T) {
	t.Parallel()
	refuse(t, []refusal{
		{"costs of no time", "GET /organization/costs", ``, 400, "'start_time'"},
		{"costs that end before they start", "GET /organization/costs" + start + "&end_time=1763136000", ``, 400, "must be after"},
		{"costs by the hour", "GET /organization/costs" + start + "&bucket_width=1h", ``, 400, "Supported values are: '1d'"},
		{"costs of too many days", "GET /organization/costs" + start + "&limit=181", ``, 400, "<= 180"},
		{"costs by people and projects", "GET /organization/costs" + start + "&group_by[]=user_id&group_by[]=project_id", ``, 400, "together with projects"},
		{"costs by model", "GET /organization/costs" + start + "&group_by=model", ``, 400, "Supported values are"},
		{"usage of too many days", "GET /organization/usage/completions" + start + "&limit=32", ``, 400, "<= 31"},
		{"usage of too many hours", "GET /organization/usage/completions" + start + "&limit=169&bucket_width=1h", ``, 400, "<= 168"},
		{"usage of too many minutes", "GET /organization/usage/completions" + start + "&limit=1441&bucket_width=1m", ``, 400, "<= 1440"},
		{"usage of no days", "GET /organization/usage/completions" + start + "&limit=0", ``, 400, ">= 1"},
		{"usage on an unknown page", "GET /organization/usage/completions" + start + "&page=page_7", ``, 400, "'page_7'"},
		{"stores by people", "GET /organization/usage/vector_stores" + start + "&group_by=user_id", ``, 400, "Supported values are: 'project_id'"},
		{"stores of people", "GET /organization/usage/vector_stores" + start + "&user_ids=user-sim0001", ``, 400, "Unknown parameter"},
		{"images of an odd size", "GET /organization/usage/images" + start + "&sizes=1x1", ``, 400, "Supported values are"},
	})
}

// total follows the pages and adds up one count.
func total(t *testing.T, c *client, path string, count func(map[string]any) float64) (sum float64, buckets int) {
	t.Helper()
	for query := ""; ; {
		page := c.get("GET "+path+query, "")
		for _, b := range page["data"].([]any) {
			buckets++
			for _, r := range b.(map[string]any)["results"].([]any) {
				sum += count(r.(map[string]any))
			}
		}
		if page["has_more"] == false {
			return sum, buckets
		}
		query = "&page=" + page["next_page"].(string)
	}
}

// TestUsageAddsUp: however it is cut and grouped, it is the same history.
func TestUsageAddsUp(t *testing.T) {
	t.Parallel()
	c := demo(t)
	input := func(r map[string]any) float64 { return r["input_tokens"].(float64) }
	usage := "/organization/usage/completions" + start + "&end_time=1764000000"
	want, days := total(t, c, usage, input)
	if want == 0 || days != 11 {
		t.Fatalf("%v tokens on %d days", want, days)
	}
	for query, buckets := range map[string]int{
		"&limit=2": 11, "&group_by[]=project_id&group_by[]=model&limit=31": 11, "&group_by=batch": 11,
		"&bucket_width=1h": 240, "&bucket_width=1m&limit=1440": 14400,
	} {
		if got, n := total(t, c, usage+query, input); got != want || n != buckets {
			t.Errorf("%s: %v tokens in %d buckets, want %v in %d", query, got, n, want, buckets)
		}
	}
	var parts float64
	for i := range 4 {
		sum, _ := total(t, c, usage+fmt.Sprintf("&project_ids[]=proj_sim000%d", i+1), input)
		parts += sum
	}
	if parts != want {
		t.Errorf("the projects have %v tokens, all together %v", parts, want)
	}
}

func TestCosts(t *testing.T) {
	t.Parallel()
	c := demo(t)
	amount := func(r map[string]any) float64 { return r["amount"].(map[string]any)["value"].(float64) }
	all, days := total(t, c, "/organization/costs"+start, amount)
	if all <= 0 || days != 11 {
		t.Errorf("costs are %v on %d days", all, days)
	}
	if sum, _ := total(t, c, "/organization/costs"+start+"&line_items[]=o3,%20input_tokens", amount); sum <= 0 || sum >= all {
		t.Errorf("costs of one line are %v of %v", sum, all)
	}
	if sum, _ := total(t, c, "/organization/costs"+start+"&project_ids[]=proj_x", amount); sum != 0 {
		t.Errorf("an unknown project costs %v", sum)
	}
	page := c.get("GET /organization/costs"+start+"&limit=1", "")
	if len(page["data"].([]any)) != 1 || page["object"] != "page" || !strings.HasPrefix(page["next_page"].(string), "page_") {
		t.Errorf("page is %v", page)
	}
	if sum, _ := total(t, c, "/organization/costs?start_time=1864000000&end_time=1864100000", amount); sum != 0 {
		t.Errorf("the future costs %v", sum)
	}
}
