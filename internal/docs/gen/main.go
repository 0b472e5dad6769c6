// Command gen writes docs/kinds.md. Run it by go generate ./internal/docs.
package main

import (
	"log"
	"os"

	"github.com/bylaw-dev/bylaw/internal/docs"
)

func main() {
	text, err := docs.Kinds()
	if err == nil {
		err = os.WriteFile("../../docs/kinds.md", []byte(text), 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
}
