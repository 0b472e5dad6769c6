package kind

import (
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// Suggest finds the choice that a misspelt word most likely meant, or "". At least one letter must be
// right, and words whose lengths alone differ too much are not compared: that takes long.
func Suggest(word string, choices []string) string {
	length := len([]rune(word))
	best, distance := "", min(length, length/3+2)
	for _, c := range choices {
		if n := len([]rune(c)); n-length >= distance || length-n >= distance {
			continue
		}
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
