package web

import (
	"slices"
	"strconv"
	"strings"
)

// pill is what stands on an arrow: what happens, and the ports.
type pill struct {
	lines  []textLine
	width  int
	height int
}

// writePill writes what stands on an arrow: a word where something changes or is
// one-sided, and the first few of its ports.
func (d *drawing) writePill(a *arrow) {
	p := pill{}
	if a.change != FlowStays {
		p.lines = append(p.lines, textLine{a.change.verb(), letteringWord})
	}
	if a.oneSided {
		p.lines = append(p.lines, textLine{"one side only", letteringWord})
	}
	const shown = 3
	ports := d.ports(a)
	for i, words := range ports {
		if i == shown-1 && len(ports) > shown {
			words = strconv.Itoa(len(ports)-i) + " more"
		}
		if i < shown {
			p.lines = append(p.lines, textLine{letteringPorts.cut(Visible(words), pillMost), letteringPorts})
		}
	}
	p.width = int(linesWidth(p.lines)+0.5) + 2*pillPadding
	p.height = linesHeight(p.lines) + 2*pillEdge
	a.pill = p
}

// ports lists the ports of an arrow, each once; for flows of
// the platform with many, how many flows there are.
func (d *drawing) ports(a *arrow) []string {
	var ports []string
	for _, i := range a.flows {
		for part := range strings.SplitSeq(d.picture.Flows[i].Ports, ", ") {
			if part == "" {
				part = "?"
			}
			if !slices.Contains(ports, part) {
				ports = append(ports, part)
			}
		}
	}
	const few = 2
	if (a.from.folded || a.to.folded) && len(ports) > few {
		return []string{Count(int64(len(a.flows)), "flow")}
	}
	return ports
}
