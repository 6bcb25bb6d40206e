package network

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// connectivityCase is one line of an index connectivity.jsonl: objects, and the lines
// that say what may talk to what.
type connectivityCase struct {
	ID       string `json:"id"`
	Objects  string `json:"objects"`
	Expected string `json:"expected"`
	What     string `json:"what"` // connlist or exposure
}

// TestConnectivityCases compares whole results. The folder testdata/cases is ours;
// TENURE_CASES names a further one.
func TestConnectivityCases(t *testing.T) {
	folders := []string{"testdata/cases"}
	if more := os.Getenv("TENURE_CASES"); more != "" {
		folders = append(folders, more)
	}
	right, all := 0, 0
	for _, folder := range folders {
		for _, c := range readConnectivityCases(t, folder) {
			all++
			if difference := c.difference(t, folder); difference != "" {
				t.Errorf("%s (-expected +got):\n%s", c.ID, difference)
				continue
			}
			right++
		}
	}
	t.Logf("cases: %d of %d", right, all)
}

func readConnectivityCases(t *testing.T, folder string) []connectivityCase {
	t.Helper()
	file, err := os.Open(filepath.Join(folder, "connectivity.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var cases []connectivityCase
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c connectivityCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("%s: %v", folder, err)
		}
		cases = append(cases, c)
	}
	if err := lines.Err(); err != nil || len(cases) == 0 {
		t.Fatalf("%s: %d cases (%v)", folder, len(cases), err)
	}
	return cases
}

// difference is empty when the lines are the expected ones. Their order, and how they
// are aligned, say nothing.
func (c connectivityCase) difference(t *testing.T, folder string) string {
	t.Helper()
	expected, err := os.ReadFile(filepath.Join(folder, c.Expected))
	if err != nil {
		t.Fatal(err)
	}
	form := newTextForm(readCluster(t, filepath.Join(folder, c.Objects)))
	lines := form.connections()
	switch c.What {
	case "connlist":
	case "exposure":
		lines = append(lines, form.exposure()...)
	default:
		t.Fatalf("%s: what is %q", c.ID, c.What)
	}
	return cmp.Diff(normalized(strings.Split(string(expected), "\n")), normalized(lines))
}

func normalized(lines []string) []string {
	var result []string
	for _, line := range lines {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			result = append(result, line)
		}
	}
	slices.Sort(result)
	return result
}

func readCluster(t testing.TB, path string) *Cluster {
	t.Helper()
	stream, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	objects, err := Read(stream)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	cluster, err := New(objects)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return cluster
}
