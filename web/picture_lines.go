package web

import (
	"slices"
	"strconv"
)

// The measures of a picture, in its units: a unit is a CSS pixel where the
// picture is shown in its natural size.
const (
	margin       = 14  // around everything; a focus ring fits in
	blockGap     = 22  // between two boxes of a column
	laneGap      = 10  // between an arrow that goes past and a box
	boxPadding   = 12  // left and right of a box's text
	rowPadding   = 8   // above and below a box's text
	rowLeast     = 36  // height of a box
	iconRoom     = 26  // left of the text of a box that has an icon
	textMost     = 178 // width of a box's text
	columnLeast  = 120 // width of a column
	portGap      = 13  // between two arrows at the same box
	pillPadding  = 8   // left and right of a pill's text
	pillEdge     = 4   // above and below a pill's text
	pillMost     = 138 // width of a pill's text
	pillGap      = 7   // between two pills
	signRoom     = 19  // left of the word of a pill, for its sign
	reachLeast   = 32  // from a box to the pills
	reachMost    = 76
	badgePadding = 7 // left and right of a badge's text
)

// textLine is one line of text in a box or a pill.
type textLine struct {
	text  string
	style lettering
}

// linesHeight is the height of lines that stand one below the other.
func linesHeight(lines []textLine) int {
	height := 0
	for _, line := range lines {
		height += line.style.line
	}
	return height
}

// linesWidth is the width of the widest line.
func linesWidth(lines []textLine) float64 {
	width := 0.0
	for _, line := range lines {
		width = max(width, line.width())
	}
	return width
}

// width is the room that a line takes, with what belongs to it.
func (l textLine) width() float64 {
	width := l.style.width(l.text)
	switch l.style.class {
	case letteringBadge.class:
		width += 2 * badgePadding
	case letteringWord.class:
		width += signRoom
	}
	return width
}

// write adds text to lines, in at most so many lines of its own.
func write(lines []textLine, style lettering, text string, most int) []textLine {
	for _, part := range style.wrap(text, textMost, most) {
		lines = append(lines, textLine{part, style})
	}
	return lines
}

// measure writes what stands in each box, and says how large it must be.
func (d *drawing) measure() {
	for _, b := range d.blocks {
		b.height = 0
		for _, n := range b.nodes {
			if !b.lane {
				d.writeLines(n)
			}
			n.y = b.height
			b.height += n.height
		}
	}
}

// writeLines writes what stands in a box.
func (d *drawing) writeLines(n *node) {
	switch {
	case n.header:
		n.lines = headerLines(n.block)
	case n.block.group != nil:
		n.lines = d.rowLines(n)
	default:
		n.lines = d.outsideLines(n)
	}
	n.width = linesWidth(n.lines) + 2*boxPadding
	if n.icon() {
		n.width += iconRoom
	}
	arrows := max(len(n.left), len(n.right))
	n.height = max(rowLeast, linesHeight(n.lines)+2*rowPadding, (arrows+1)*portGap)
}

// icon says whether a sign of its kind stands before a box's text.
func (n *node) icon() bool { return n.block.group == nil }

// headerLines name a namespace, and the tenant where it is another one's.
func headerLines(b *block) []textLine {
	name := b.group.name
	if name == "" {
		name = "pods"
	}
	lines := write(nil, letteringTitle, name, 2)
	if len(b.names) > 0 {
		return writeNames(lines, b.names, "only the platform’s flows")
	}
	note := b.group.note
	if note == "" && b.group.other {
		note = "another tenant"
	}
	if note != "" {
		lines = append(lines, textLine{letteringBadge.cut(Visible(note), textMost-2*badgePadding), letteringBadge})
	}
	return lines
}

// shownNames is how many are named of those that share a box.
const shownNames = 3

// rowLines name the pods of a row; where it stands for many, the first few.
func (d *drawing) rowLines(n *node) []textLine {
	var lines []textLine
	if len(n.ends) == 1 {
		end := d.picture.Ends[n.ends[0]]
		lines = write(lines, letteringLabel, end.Label, 2)
		return write(lines, letteringDetail, some(end.Detail, 2), 2)
	}
	for _, i := range n.ends[:min(len(n.ends), shownNames)] {
		lines = write(lines, letteringLabel, d.picture.Ends[i].Label, 1)
	}
	return write(lines, letteringDetail, sharing(len(n.ends)), 1)
}

// sharing says for how many ends a box stands, beyond those that it names.
func sharing(ends int) string {
	if ends > shownNames {
		return strconv.Itoa(ends-shownNames) + " more, same connections"
	}
	return "same connections"
}

// outsideLines say what is outside of namespaces.
func (d *drawing) outsideLines(n *node) []textLine {
	end := d.picture.Ends[n.ends[0]]
	if n.kind == EndPlatform {
		return d.platformLines(n)
	}
	style := letteringLabel
	if n.kind == EndInternet || n.kind == EndCluster {
		style = letteringTitle
	}
	if len(n.ends) == 1 {
		lines := write(nil, style, end.Label, 3)
		return write(lines, letteringDetail, some(end.Detail, 2), 2)
	}
	var lines []textLine
	for _, i := range n.ends[:min(len(n.ends), shownNames)] {
		lines = write(lines, style, d.picture.Ends[i].Label, 1)
	}
	return write(lines, letteringDetail, sharing(len(n.ends)), 1)
}

// platformLines name one of the platform's namespaces, or several together.
func (d *drawing) platformLines(n *node) []textLine {
	end := d.picture.Ends[n.ends[0]]
	if n.folded {
		return d.foldedLines(n)
	}
	lines := write(nil, letteringTitle, end.Group, 2)
	lines = write(lines, letteringLabel, end.Label, 2)
	if len(n.ends) > 1 {
		return write(lines, letteringDetail, sharing(len(n.ends)), 1)
	}
	return write(lines, letteringDetail, some(end.Detail, 2), 2)
}

// foldedLines name the platform as a whole.
func (d *drawing) foldedLines(n *node) []textLine {
	var names []string
	for _, i := range n.ends {
		name := d.picture.Ends[i].Group
		if name == "" {
			name = d.picture.Ends[i].Label
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	note := ""
	if n.apart > 0 {
		note = Count(int64(n.apart), "flow") + ", in all namespaces"
	}
	return writeNames(write(nil, letteringTitle, "The platform", 1), names, note)
}

// writeNames adds the first few names, each in a line of its own, how many there
// are besides, and a note.
func writeNames(lines []textLine, names []string, note string) []textLine {
	for _, name := range names[:min(len(names), shownNames)] {
		lines = write(lines, letteringDetail, name, 1)
	}
	if len(names) > shownNames {
		lines = write(lines, letteringDetail, "and "+strconv.Itoa(len(names)-shownNames)+" more", 1)
	}
	return write(lines, letteringDetail, note, 2)
}
