package web

import (
	"fmt"
	"slices"
	"strings"
)

// How long and how wide half of an arrow's tip is.
const (
	tipLength = 9
	tipHalf   = 5
)

// The marks before a word: plus, cross, exclamation mark. Each is drawn around
// its middle, 14 units high with the disc behind it.
const (
	signPlus    = "M-3.5 0h7M0 -3.5v7"
	signCross   = "M-2.7 -2.7l5.4 5.4M2.7 -2.7l-5.4 5.4"
	signWarning = "M0 -3.8v4.4M0 3.5v.2"
)

// setArrow draws one arrow.
func (d *drawing) setArrow(a *arrow) PictureArrow {
	drawn := PictureArrow{
		From:     a.from.drawn,
		To:       a.to.drawn,
		Change:   a.change,
		OneSided: a.oneSided,
		Flows:    a.flows,
		Name:     d.arrowName(a),
	}
	route := d.route(a)
	drawn.Start, drawn.End = route[0], route[len(route)-1]
	direction := 1
	if route[len(route)-2].X > drawn.End.X {
		direction = -1
	}
	route[len(route)-1].X -= direction * (tipLength - 1)
	drawn.Path = curve(route)
	drawn.Head = fmt.Sprintf("M%d %dl%d %dv%dz", drawn.End.X, drawn.End.Y, -direction*tipLength, -tipHalf, 2*tipHalf)
	d.setPill(a, &drawn)
	return drawn
}

// route is the way of an arrow: the points at which it runs level.
func (d *drawing) route(a *arrow) []Point {
	var route []Point
	for _, l := range a.legs {
		column := l.ends[0].node.block.column
		g := d.gutters[column]
		left := d.columns[column].x + d.columns[column].width
		if l.within {
			return d.routeWithin(a, l, left)
		}
		route = append(route,
			Point{left, int(l.ends[0].at())}, Point{g.pillX, int(l.y)},
			Point{g.pillX + g.width, int(l.y)}, Point{d.columns[column+1].x, int(l.ends[1].at())})
	}
	if a.from.block.column > a.to.block.column {
		slices.Reverse(route)
	}
	return route
}

// routeWithin is the way between two boxes of one column: out to the pill and
// back, the upper line to the upper box.
func (d *drawing) routeWithin(a *arrow, l *leg, left int) []Point {
	g := d.gutters[l.ends[0].node.block.column]
	apart := 4
	if l.ends[0].at() > l.ends[1].at() {
		apart = -apart
	}
	pillX := g.pillX + (g.width-a.pill.width)/2
	return []Point{
		{left, int(l.ends[0].at())}, {g.pillX, int(l.y) - apart}, {pillX, int(l.y) - apart},
		{pillX, int(l.y) + apart}, {g.pillX, int(l.y) + apart}, {left, int(l.ends[1].at())},
	}
}

// curve draws a line through points at which it runs level: straight where two
// are of one height, and otherwise bent at both.
func curve(route []Point) string {
	var b strings.Builder
	fmt.Fprintf(&b, "M%d %d", route[0].X, route[0].Y)
	for i, to := range route[1:] {
		from := route[i]
		switch middle := (from.X + to.X) / 2; {
		case from.Y == to.Y:
			fmt.Fprintf(&b, "H%d", to.X)
		case from.X == to.X:
			fmt.Fprintf(&b, "V%d", to.Y)
		default:
			fmt.Fprintf(&b, "C%d %d %d %d %d %d", middle, from.Y, middle, to.Y, to.X, to.Y)
		}
	}
	return b.String()
}

// setPill draws what stands on an arrow, in the middle of its gutter.
func (d *drawing) setPill(a *arrow, drawn *PictureArrow) {
	for _, l := range a.legs {
		if !l.pill {
			continue
		}
		g := d.gutters[l.ends[0].node.block.column]
		p := a.pill
		drawn.Pill = Rect{g.pillX + (g.width-p.width)/2, int(l.y) - p.height/2, p.width, p.height}
	}
	y := drawn.Pill.Y + pillEdge
	for i, line := range a.pill.lines {
		at := Point{drawn.Pill.X + pillPadding, y + baseLine(line.style)}
		if line.style.class == letteringWord.class {
			sign := signWarning
			switch {
			case i > 0 || a.change == FlowStays:
			case a.change == FlowOpened:
				sign = signPlus
			default:
				sign = signCross
			}
			drawn.Signs = append(drawn.Signs, PictureSign{Point{at.X + 7, y + line.style.line/2}, sign})
			at.X += signRoom
		}
		drawn.Lines = append(drawn.Lines, PictureLine{at, line.style.class, line.text})
		y += line.style.line
	}
}
