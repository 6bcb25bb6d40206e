package web

import (
	"cmp"
	"math"
	"slices"
)

// PictureLayout is where everything of a picture stands. The measures are the
// units of the SVG's view box, from its upper left corner.
type PictureLayout struct {
	Width  int
	Height int
	Groups []PictureGroup
	Boxes  []PictureBox
	Arrows []PictureArrow
}

// Rect is a rectangle of a picture.
type Rect struct{ X, Y, W, H int }

// Point is a place in a picture.
type Point struct{ X, Y int }

// PictureGroup is the frame around a namespace's boxes: its header and its rows.
type PictureGroup struct {
	Rect
	Name  string // said of it: "namespace payments-api-prod"
	Other bool   // it belongs to another tenant
}

// PictureBox is what an arrow can start or end at.
type PictureBox struct {
	Rect
	Kind   EndKind
	Group  int   // the place of its namespace in PictureLayout.Groups; -1 outside
	Header bool  // it is the head of its namespace
	Ends   []int // what it stands for, by the places in Picture.Ends
	Lines  []PictureLine
	Badge  Rect // around the line of the class picture-badge; empty where there is none
	Name   string
	Href   string
}

// PictureLine is one line of text; X and Y are where its base line begins.
type PictureLine struct {
	Point
	Class string
	Text  string
}

// PictureArrow is an arrow, with the flows that it stands for.
type PictureArrow struct {
	From, To   int // places in PictureLayout.Boxes
	Start, End Point
	Path       string // of the line, as SVG writes it
	Head       string // of the tip
	Change     FlowChange
	OneSided   bool
	Flows      []int // places in Picture.Flows
	Pill       Rect  // what its words stand on
	Signs      []PictureSign
	Lines      []PictureLine
	Name       string // it in words
}

// PictureSign is the mark before a word on an arrow, by its middle.
type PictureSign struct {
	Point
	Path string
}

// LayOut finds a place for everything of a picture. The same picture always
// gets the same layout.
func LayOut(picture Picture) PictureLayout {
	d := draw(picture)
	d.arrange()
	d.settle()
	d.setColumns()
	layout := PictureLayout{}
	layout.Width, layout.Height = d.frame()
	d.straighten()
	d.setBoxes(&layout)
	for _, a := range d.arrows {
		layout.Arrows = append(layout.Arrows, d.setArrow(a))
	}
	slices.SortStableFunc(layout.Arrows, func(a, b PictureArrow) int {
		return cmp.Compare(a.Change.rank(), b.Change.rank())
	})
	return layout
}

// setColumns puts the columns side by side: the wider a gutter's pills and the
// steeper its curves, the more room it has.
func (d *drawing) setColumns() {
	x := margin
	for i := range d.columns {
		c, g := &d.columns[i], &d.gutters[i]
		c.x = x
		x += c.width
		if len(g.legs) == 0 {
			continue
		}
		climb := 0.0
		for _, l := range g.legs {
			g.width = max(g.width, l.arrow.pill.width)
			climb = max(climb, math.Abs(l.ends[0].at()-l.y), math.Abs(l.ends[1].at()-l.y))
		}
		const gentle = 8 // units up or down for each one to the side that is added
		g.reach = min(reachLeast+int(climb/gentle), reachMost)
		g.pillX = x + g.reach
		x = g.pillX + g.width
		if i+1 < len(d.columns) {
			x += g.reach
		}
	}
}

// frame moves everything to where the picture begins, in whole units, and says
// how large the picture is.
func (d *drawing) frame() (width, height int) {
	top, bottom := math.Inf(1), math.Inf(-1)
	for _, b := range d.blocks {
		b.y = math.Round(b.y)
		top, bottom = min(top, b.y), max(bottom, b.y+float64(b.height))
	}
	for _, g := range d.gutters {
		for _, l := range g.legs {
			half := float64(l.height) / 2
			l.y = math.Round(l.y-half) + float64(l.height/2)
			top, bottom = min(top, l.y-half), max(bottom, l.y+half)
		}
	}
	if top > bottom {
		return 2 * margin, 2 * margin
	}
	top = math.Floor(top)
	for _, b := range d.blocks {
		b.y += margin - top
	}
	for _, g := range d.gutters {
		for _, l := range g.legs {
			l.y += margin - top
		}
	}
	last := len(d.columns) - 1
	right := d.columns[last].x + d.columns[last].width
	if g := d.gutters[last]; len(g.legs) > 0 {
		right = g.pillX + g.width
	}
	return right + margin, int(math.Ceil(bottom-top)) + 2*margin
}

// straighten moves the places where arrows meet boxes a little, where that makes
// a line quite level and leaves room to its neighbours.
func (d *drawing) straighten() {
	const little, room = 5, 9
	for _, b := range d.blocks {
		for _, n := range b.nodes {
			for _, ports := range [][]*port{n.left, n.right} {
				for i, p := range ports {
					level := int(p.leg.y - b.y)
					over, under := n.y-room/2, n.y+n.height+room/2
					if i > 0 {
						over = ports[i-1].y
					}
					if i+1 < len(ports) {
						under = ports[i+1].y
					}
					if !b.lane && !p.leg.within && max(level-p.y, p.y-level) <= little && level-over >= room && under-level >= room {
						p.y = level
					}
				}
			}
		}
	}
}

// setBoxes draws the boxes column by column, each from top to bottom.
func (d *drawing) setBoxes(layout *PictureLayout) {
	for _, c := range d.columns {
		for _, b := range c.blocks {
			if b.lane {
				continue
			}
			group := -1
			if b.group != nil {
				group = len(layout.Groups)
				frame := Rect{c.x, int(b.y), c.width, b.height}
				layout.Groups = append(layout.Groups, PictureGroup{frame, d.groupName(b), b.group.other})
			}
			for _, n := range b.nodes {
				n.drawn = len(layout.Boxes)
				layout.Boxes = append(layout.Boxes, d.setBox(n, c, group))
			}
		}
	}
}

// setBox draws one box with its lines.
func (d *drawing) setBox(n *node, c column, group int) PictureBox {
	box := PictureBox{
		Rect:   Rect{c.x, int(n.block.y) + n.y, c.width, n.height},
		Kind:   n.kind,
		Group:  group,
		Header: n.header,
		Ends:   n.ends,
		Name:   d.boxName(n),
		Href:   d.boxHref(n),
	}
	x, y := box.X+boxPadding, box.Y+(box.H-linesHeight(n.lines))/2
	if n.icon() {
		x += iconRoom
	}
	for _, line := range n.lines {
		at := Point{x, y + baseLine(line.style)}
		if line.style.class == letteringBadge.class {
			box.Badge = Rect{x, y + 2, int(line.style.width(line.text)) + 2*badgePadding, line.style.line - 4}
			at.X += badgePadding
		}
		box.Lines = append(box.Lines, PictureLine{at, line.style.class, line.text})
		y += line.style.line
	}
	return box
}

// baseLine is how far below the top of its line a text's base line is.
func baseLine(style lettering) int {
	const ascent = 0.36 // of the font's size, above the middle
	return int(float64(style.line)/2 + style.size*ascent + 0.5)
}
