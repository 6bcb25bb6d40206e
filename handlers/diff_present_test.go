package handlers

import (
	"fmt"
	"strings"
	"testing"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

func TestEachLineOfADiffHasItsNumberInBothFiles(t *testing.T) {
	var before, after []string
	for n := 1; n <= 60; n++ {
		line := fmt.Sprintf("line %d\n", n)
		before = append(before, line)
		switch n {
		case 10, 14, 46: // the first two stand in one hunk
			after = append(after, "another "+line)
		case 12:
			after = append(after, line, "one more\n")
		case 50:
		default:
			after = append(after, line)
		}
	}
	change := workflow.FileChange{Path: "policy.yaml", Before: []byte(strings.Join(before, "")), After: []byte(strings.Join(after, ""))}
	for _, line := range fileView(change).Lines {
		text := line.Text + "\n"
		switch {
		case line.Kind != web.DiffHunk && line.Old > 0 && before[line.Old-1] != text:
			t.Errorf("%q is shown as line %d before, which is %q", text, line.Old, before[line.Old-1])
		case line.Kind != web.DiffHunk && line.New > 0 && after[line.New-1] != text:
			t.Errorf("%q is shown as line %d afterwards, which is %q", text, line.New, after[line.New-1])
		}
	}
	heads := []string{}
	for _, line := range fileView(change).Lines {
		if line.Kind == web.DiffHunk {
			heads = append(heads, line.Text)
		}
	}
	if got := strings.Join(heads, " "); got != "@@ line 7 @@ @@ line 44 @@" {
		t.Errorf("the hunks begin at %q", got)
	}
}
