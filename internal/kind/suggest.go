package kind

import (
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// Suggest finds the choice that a misspelt word most likely meant, or "".
func Suggest(word string, choices []string) string {
	best, distance := "", len([]rune(word))/3+2
	for _, c := range choices {
		if d := editDistance(strings.ToLower(word), strings.ToLower(c)); d < distance {
			best, distance = c, d
		}
	}
	return best
}

func editDistance(a, b string) int {
	dmp := diffmatchpatch.New()
	return dmp.DiffLevenshtein(dmp.DiffMain(a, b, false))
}
