package web

import (
	"slices"
	"strconv"
)

// pictureView is a picture as the template writes it.
type pictureView struct {
	Picture
	layout   PictureLayout
	sections []pictureSection
	legend   []pictureKey
}

// pictureSection is a part of the table.
type pictureSection struct {
	summary string // what is folded away; empty for what is always shown
	rows    []pictureRow
}

// pictureKey explains one way of drawing.
type pictureKey struct{ class, words string }

// view prepares a picture for the template.
func (p Picture) view() pictureView {
	view := pictureView{Picture: p}
	if !view.empty() {
		view.layout = LayOut(p)
	}
	view.sections = view.table()
	view.legend = view.keys()
	return view
}

// empty says whether nothing is to be seen beyond the platform's flows.
func (v pictureView) empty() bool {
	return !slices.ContainsFunc(v.Flows, func(f PictureFlow) bool { return !v.platforms(f) })
}

// platforms says whether a flow is one of the platform's, and stays.
func (p Picture) platforms(flow PictureFlow) bool {
	return flow.ofPlatform(p.end(flow.From), p.end(flow.To))
}

// id sets an element's id apart from those of other pictures on the page.
func (p Picture) id(kind string, number int) string {
	id := kind + "-" + strconv.Itoa(number)
	if p.ID == "" {
		return id
	}
	return p.ID + "-" + id
}

func (p Picture) flowID(flow int) string   { return p.id("flow", flow+1) }
func (p Picture) arrowID(arrow int) string { return p.id("arrow", arrow+1) }

// keys explains the ways of drawing that the picture has.
func (v pictureView) keys() []pictureKey {
	has := map[pictureKey]bool{}
	all := []pictureKey{
		{"key-opened", "opens"}, {"key-closed", "closes"}, {"key-one-sided", "one side only: nothing passes yet"},
		{"key-stays", "stays"}, {"key-other", "another tenant’s"},
	}
	for _, arrow := range v.layout.Arrows {
		switch {
		case arrow.OneSided:
			has[all[2]] = true
		case arrow.Change == FlowOpened:
			has[all[0]] = true
		case arrow.Change == FlowClosed:
			has[all[1]] = true
		default:
			has[all[3]] = true
		}
	}
	for _, group := range v.layout.Groups {
		if group.Other {
			has[all[4]] = true
		}
	}
	if len(has) == 1 && has[all[3]] {
		return nil // one way of drawing needs no explanation
	}
	return slices.DeleteFunc(all, func(key pictureKey) bool { return !has[key] })
}

// changes says whether a plan is shown, and not what is.
func (p Picture) changes() bool {
	return slices.ContainsFunc(p.Flows, func(f PictureFlow) bool { return f.Change != FlowStays })
}

// sizeClass is the style class for the width of the drawing, in hundreds: it
// says how far the drawing may shrink before it is scrolled instead.
func (l PictureLayout) sizeClass() string {
	const most = 24
	return "picture-size-" + strconv.Itoa(min(max(l.Width/100, 1), most))
}

// class is the style class of an arrow.
func (a PictureArrow) class() string {
	class := "picture-arrow"
	switch a.Change {
	case FlowOpened:
		class += " picture-opened"
	case FlowClosed:
		class += " picture-closed"
	}
	if a.OneSided {
		class += " picture-one-sided"
	}
	return class
}

// class is the style class of a box.
func (b PictureBox) class() string {
	if b.Header {
		return "picture-box picture-header"
	}
	if b.Group >= 0 {
		return "picture-box picture-row"
	}
	return "picture-box picture-outside"
}

// rule is the line between a row and what is above it.
func (b PictureBox) rule() string {
	return "M" + strconv.Itoa(b.X) + " " + strconv.Itoa(b.Y) + "h" + strconv.Itoa(b.W)
}

// box writes a rectangle as the view box of an SVG.
func (l PictureLayout) box() string {
	return "0 0 " + strconv.Itoa(l.Width) + " " + strconv.Itoa(l.Height)
}

// kindPaths has a drawing for each kind of end, in a box of 24 by 24, drawn as
// a line like those of icons.
var kindPaths = map[EndKind]string{
	EndPods:      "M12 3l8 4.500v9L12 21l-8-4.500v-9zM4 7.500l8 4.500l8-4.500M12 12v9",
	EndPlatform:  "M4 7.500L12 3.500l8 4l-8 4zM4 12l8 4l8-4M4 16.500l8 4l8-4",
	EndCluster:   "M4.500 4.500h6v6h-6zM13.500 4.500h6v6h-6zM4.500 13.500h6v6h-6zM13.500 13.500h6v6h-6z",
	EndInternet:  "M12 3.500a8.500 8.500 0 1 0 0 17a8.500 8.500 0 0 0 0-17M3.500 12h17M12 3.500c-6 5.500-6 11.500 0 17c6-5.500 6-11.500 0-17",
	EndAddresses: "M9.500 4L7 20M17 4l-2.500 16M4.500 9h16M3.500 15h16",
	EndName:      "M4 5.500h16v13H4zM4 9.500h16M7 7.500v.1M9.500 7.500v.1",
}
