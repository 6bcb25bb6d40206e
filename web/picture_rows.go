package web

import (
	"cmp"
	"slices"
	"strings"
)

// pictureRow is a row of the table: flows that differ in their ends only.
type pictureRow struct {
	PictureFlow
	id       string // of the row's element
	from, to []PictureEnd
	arrow    string // the id of the arrow's element; empty where none is drawn
}

// name says which flow a row is about, for a link of it.
func (r pictureRow) name() string {
	return Visible(r.Ports) + " from " + endsName(r.from) + " to " + endsName(r.to)
}

func endsName(ends []PictureEnd) string {
	names := make([]string, len(ends))
	for i, end := range ends {
		names[i] = end.name()
	}
	return some(names, shownNames)
}

// table puts the rows into sections: what changes first, then what stays; the
// platform's, and what stays where it is much beside a change, are folded away.
func (v pictureView) table() []pictureSection {
	rows := v.rows()
	var changes, stays, platforms []pictureRow
	for _, row := range rows {
		switch {
		case v.platforms(row.PictureFlow):
			platforms = append(platforms, row)
		case row.Change == FlowStays:
			stays = append(stays, row)
		default:
			changes = append(changes, row)
		}
	}
	slices.SortStableFunc(changes, func(a, b pictureRow) int { return cmp.Compare(a.Change.rank(), b.Change.rank()) })
	const few = 8
	sections := []pictureSection{{rows: changes}}
	if len(changes) == 0 || len(stays) <= few {
		sections[0].rows = append(changes, stays...)
		stays = nil
	}
	sections = append(sections,
		pictureSection{flowsOf(stays) + " that stay as they are", stays},
		pictureSection{flowsOf(platforms) + " of the platform", platforms})
	return slices.DeleteFunc(sections, func(s pictureSection) bool { return len(s.rows) == 0 })
}

// flowsOf counts the flows of rows.
func flowsOf(rows []pictureRow) string {
	count := 0
	for _, row := range rows {
		count += len(row.from) * len(row.to)
	}
	return Count(int64(count), "flow")
}

// rows puts the flows together that are one arrow and given alike, as the
// picture does with their ends: each of the left with each of the right.
func (v pictureView) rows() []pictureRow {
	arrows := map[int]string{}
	for i, arrow := range v.layout.Arrows {
		for _, flow := range arrow.Flows {
			arrows[flow] = v.arrowID(i)
		}
	}
	ends := map[string]PictureEnd{}
	for _, end := range v.Ends {
		if _, found := ends[end.ID]; !found {
			ends[end.ID] = end
		}
	}
	end := func(id string) []PictureEnd {
		if end, found := ends[id]; found {
			return []PictureEnd{end}
		}
		return []PictureEnd{undescribed(id)}
	}
	rows := make([]pictureRow, len(v.Flows))
	for i, flow := range v.Flows {
		rows[i] = pictureRow{PictureFlow: flow, id: v.flowID(i), from: end(flow.From), to: end(flow.To), arrow: arrows[i]}
	}
	rows = together(rows,
		func(r pictureRow) string { return keyOf(r.to) },
		func(into *pictureRow, r pictureRow) { into.from = withEnds(into.from, r.from) })
	return together(rows,
		func(r pictureRow) string { return keyOf(r.from) },
		func(into *pictureRow, r pictureRow) { into.to = withEnds(into.to, r.to) })
}

// withEnds adds ends that are not there yet.
func withEnds(ends, more []PictureEnd) []PictureEnd {
	for _, end := range more {
		if !slices.ContainsFunc(ends, func(e PictureEnd) bool { return e.ID == end.ID }) {
			ends = append(ends, end)
		}
	}
	return ends
}

// together joins the rows that are alike in everything and in a key.
func together(rows []pictureRow, key func(pictureRow) string, join func(into *pictureRow, row pictureRow)) []pictureRow {
	type likeness struct {
		arrow, key string
		flow       PictureFlow
	}
	var joined []pictureRow
	place := map[likeness]int{}
	for _, row := range rows {
		like := likeness{row.arrow, key(row), row.PictureFlow}
		like.flow.From, like.flow.To = "", ""
		if at, found := place[like]; found {
			join(&joined[at], row)
			continue
		}
		place[like] = len(joined)
		joined = append(joined, row)
	}
	return joined
}

// keyOf names ends by their IDs.
func keyOf(ends []PictureEnd) string {
	ids := make([]string, len(ends))
	for i, end := range ends {
		ids[i] = end.ID
	}
	return strings.Join(ids, "\n")
}

// changeHeading heads the column that leads into the picture, and says what
// becomes of a flow where something changes.
func changeHeading(changes bool) string {
	if changes {
		return "Change"
	}
	return "Picture"
}
