package render

import (
	"slices"
	"strings"

	"github.com/bylaw-dev/bylaw/internal/plan"
)

// matters says why a risk matters, by what is done.
var matters = map[plan.Risk]map[plan.Action]string{
	plan.Irreversible: {
		plan.Delete:  "What is archived or deleted cannot be brought back.",
		plan.Update:  "This cannot be undone.",
		plan.Replace: "This cannot be undone.",
		plan.Create:  "This cannot be undone.",
	},
	plan.Disruptive: {
		plan.Delete:  "What is removed is missed at once: running traffic may fail, or someone loses access.",
		plan.Update:  "A lower limit, a narrower list or less power: running traffic may fail, or someone loses access.",
		plan.Replace: "Between the old and the new there is neither: running traffic may fail, or someone loses access.",
		plan.Create:  "A new restriction: running traffic may fail.",
	},
	plan.Escalation: {
		plan.Delete:  "A restriction goes: less control.",
		plan.Update:  "A higher limit, a wider list, a weaker rule: more power or less control.",
		plan.Replace: "A higher limit, a wider list, a weaker rule: more power or less control.",
		plan.Create:  "Someone or something can do more than before.",
	},
}

// why is why these changes of a risk matter, each sentence once.
func why(r plan.Risk, changes []plan.Change) string {
	var out []string
	for _, a := range []plan.Action{plan.Delete, plan.Update, plan.Replace, plan.Create} {
		does := slices.ContainsFunc(changes, func(c plan.Change) bool { return c.Action == a })
		if s := matters[r][a]; does && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return strings.Join(out, " ")
}
