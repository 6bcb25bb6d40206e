package handlers

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// contextLines is how many unchanged lines stand around a change, as in `diff -u`.
const contextLines = 3

// fileView presents one file that changes as a unified diff.
func fileView(change workflow.FileChange) web.FileView {
	view := web.FileView{Path: change.Path, Label: manifestLabel(change), Change: changeBadge(change)}
	before, after := string(change.Before), string(change.After)
	edits := udiff.Lines(before, after)
	diff, err := udiff.ToUnifiedDiff(change.Path, change.Path, before, edits, contextLines)
	if err != nil {
		// Edits that were just made always apply; if not, both sides are shown whole.
		view.Lines = wholeSides(before, after)
		return counted(view)
	}
	grown := 0 // by how many lines the hunks before made the file longer
	for i, hunk := range diff.Hunks {
		lines := hunkLines(hunk, hunk.FromLine+grown, i > 0 || (change.Before != nil && change.After != nil))
		for _, line := range lines {
			switch line.Kind {
			case web.DiffAdded:
				grown++
			case web.DiffRemoved:
				grown--
			}
		}
		view.Lines = append(view.Lines, lines...)
	}
	if change.Before != nil && change.After != nil {
		view.Whole = after
	}
	return counted(view)
}

// hunkLines presents one hunk, which begins at a line of the file as it will be;
// the only hunk of a new or removed file needs no heading. The hunk's own ToLine
// is wrong after a hunk that holds several edits.
func hunkLines(hunk *udiff.Hunk, after int, heading bool) []web.DiffLine {
	var lines []web.DiffLine
	if heading {
		lines = append(lines, web.DiffLine{Kind: web.DiffHunk, Text: fmt.Sprintf("@@ line %d @@", after)})
	}
	before := hunk.FromLine
	for _, line := range hunk.Lines {
		text := strings.TrimSuffix(line.Content, "\n")
		switch line.Kind {
		case udiff.Insert:
			lines = append(lines, web.DiffLine{Kind: web.DiffAdded, New: after, Text: text})
			after++
		case udiff.Delete:
			lines = append(lines, web.DiffLine{Kind: web.DiffRemoved, Old: before, Text: text})
			before++
		default:
			lines = append(lines, web.DiffLine{Kind: web.DiffSame, Old: before, New: after, Text: text})
			before++
			after++
		}
	}
	return lines
}

// wholeSides shows everything before as removed and everything after as added.
func wholeSides(before, after string) []web.DiffLine {
	var lines []web.DiffLine
	n := 0
	for text := range strings.Lines(before) {
		n++
		lines = append(lines, web.DiffLine{Kind: web.DiffRemoved, Old: n, Text: strings.TrimSuffix(text, "\n")})
	}
	n = 0
	for text := range strings.Lines(after) {
		n++
		lines = append(lines, web.DiffLine{Kind: web.DiffAdded, New: n, Text: strings.TrimSuffix(text, "\n")})
	}
	return lines
}

// counted adds how many lines come and go.
func counted(view web.FileView) web.FileView {
	for _, line := range view.Lines {
		switch line.Kind {
		case web.DiffAdded:
			view.Added++
		case web.DiffRemoved:
			view.Removed++
		}
	}
	return view
}

func changeBadge(change workflow.FileChange) web.Badge {
	switch {
	case change.Before == nil:
		return web.Badge{Text: "new", Tone: web.ToneGood, Icon: web.IconPlus}
	case change.After == nil:
		return web.Badge{Text: "removed", Tone: web.ToneBad, Icon: web.IconMinus}
	}
	return web.Badge{Text: "changed", Tone: web.ToneAccent, Icon: web.IconPencil}
}

// The first kind and the first name of a manifest stand at these places,
// because Tenure wrote the file.
var (
	manifestKind = regexp.MustCompile(`(?m)^kind: ([A-Za-z]+)$`)
	manifestName = regexp.MustCompile(`(?m)^  name: ([a-z0-9:.-]+)$`)
)

// manifestLabel says what a file describes: "NetworkPolicy default-deny".
func manifestLabel(change workflow.FileChange) string {
	content := change.After
	if content == nil {
		content = change.Before
	}
	kind := manifestKind.FindSubmatch(content)
	if kind == nil || bytes.Count(content, []byte("\nkind: ")) > 1 {
		return ""
	}
	if name := manifestName.FindSubmatch(content); name != nil {
		return string(kind[1]) + " " + string(name[1])
	}
	return string(kind[1])
}
