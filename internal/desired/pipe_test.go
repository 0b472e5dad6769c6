//go:build unix

package desired

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Only ordinary files are read: a pipe would never end, and a link to a directory may lead in a circle.
func TestLoadDoesNotHang(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "org.yaml"), "version: 1\n")
	must(t, syscall.Mkfifo(filepath.Join(dir, "pipe.yaml"), 0o644))
	must(t, os.Symlink(".", filepath.Join(dir, "circle")))
	must(t, os.Symlink(".", filepath.Join(dir, "circle.yaml")))
	must(t, os.Symlink("/dev/zero", filepath.Join(dir, "zero.yaml")))
	_, err := Load(dir)
	var want []string
	for _, name := range []string{"circle.yaml", "pipe.yaml"} {
		want = append(want, filepath.Join(dir, name)+": not an ordinary file; pipes, devices and links to directories are not read")
	}
	want = append(want, filepath.Join(dir, "zero.yaml")+": a link that leads nowhere, or out of the directory; put the file itself here")
	if d := cmp.Diff(strings.Join(want, "\n"), fmt.Sprint(err)); d != "" {
		t.Error(d)
	}
}
