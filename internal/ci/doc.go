// Package ci tests what bylaw gives to GitHub: the workflows and the action. It reads them as YAML and holds
// them to rules (rules_test.go), and it runs every script in them on this machine, job by job, with bash: against
// a git repository on the disk, the simulator, and a gh that plays GitHub (gh_test.go). What it has of GitHub's
// runner is in run_test.go and of its expressions in expression_test.go. It has no code of the product. Start at
// workflow_test.go for what a workflow is, at check_test.go for what happens to a pull request.
package ci
