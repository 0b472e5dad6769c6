// Command bylaw keeps an OpenAI organization equal to a directory of YAML. Start at internal/cli.
package main

import (
	"os"

	"github.com/bylaw-dev/bylaw/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], cli.Process())) }
