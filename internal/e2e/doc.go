// Package e2e has no code, only tests of bylaw as a whole: from YAML through a plan and its apply to what
// the API receives. They hold bylaw against others' words: the calls of the official SDK
// (oracle_test.go, of the rows in writes*_test.go; sdk_test.go for reads; routes_test.go counts them), the
// published OpenAPI document (contract_test.go), and the least number of requests that the YAML allows
// (requests_test.go). toykind_test.go adds a kind as README.md says. layers_test.go holds the packages to
// their places. Start at org_test.go, which is what all of them drive.
package e2e
