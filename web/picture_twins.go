package web

import (
	"slices"
	"strings"
)

// groupKey tells namespaces apart.
type groupKey struct {
	name, note string
	other      bool
}

func (e PictureEnd) key() groupKey { return groupKey{e.Group, e.GroupNote, e.Other} }

// putTwinsTogether finds the ends of a namespace, or of a kind outside, that
// have the same connections, so that one row stands for all of them. First those
// that talk to the same others; then those that also talk to one another.
func (d *drawing) putTwinsTogether() {
	d.standIn = make([]int, len(d.picture.Ends))
	for i := range d.standIn {
		d.standIn[i] = i
	}
	d.merge(false)
	d.merge(true)
}

// merge puts the classes together whose connections are the same. With mutual,
// an end counts as connected to itself wherever it is connected to its
// neighbours, so all of those that talk to one another look alike.
func (d *drawing) merge(mutual bool) {
	const fewest = 3 // that talk to one another; two are clearer with an arrow each
	size := map[int]int{}
	for _, standIn := range d.standIn {
		size[standIn]++
	}
	connections := d.connections(mutual)
	same := map[string][]int{}
	for i, standIn := range d.standIn {
		// Twins do not talk to one another: they are no part of those who all do.
		if standIn != i || mutual && size[i] > 1 {
			continue
		}
		key := d.kindOf(i) + "\n" + strings.Join(connections[i], "\n")
		same[key] = append(same[key], i)
	}
	becomes := map[int]int{}
	for _, class := range same {
		for _, i := range class {
			if !mutual || len(class) >= fewest {
				becomes[i] = class[0]
			}
		}
	}
	for i, standIn := range d.standIn {
		if first, merged := becomes[standIn]; merged {
			d.standIn[i] = first
		}
	}
}

// kindOf is what ends must have in common to be put together at all.
func (d *drawing) kindOf(i int) string {
	end := d.picture.Ends[i]
	if end.Kind != EndPods {
		return string(end.Kind) + "\n" + end.GroupNote
	}
	other := ""
	if end.Other {
		other = "other"
	}
	return strings.Join([]string{string(end.Kind), end.Group, end.GroupNote, other}, "\n")
}

// connections describes with whom each class of ends is connected, and how.
func (d *drawing) connections(mutual bool) [][]string {
	connections := make([][]string, len(d.standIn))
	add := func(of int, direction string, with int, flow PictureFlow) {
		described := strings.Join([]string{direction, d.picture.Ends[with].ID, flow.Ports, string(flow.Change), flow.OneSided}, "\t")
		connections[of] = append(connections[of], described)
	}
	for _, flow := range d.picture.Flows {
		from, to, found := d.ends(flow)
		if !found {
			continue
		}
		from, to = d.standIn[from], d.standIn[to]
		add(from, "to", to, flow)
		add(to, "from", from, flow)
		if mutual && flow.Change == FlowStays && d.kindOf(from) == d.kindOf(to) {
			add(from, "to", from, flow)
			add(to, "from", to, flow)
		}
	}
	for i := range connections {
		slices.Sort(connections[i])
		connections[i] = slices.Compact(connections[i])
	}
	return connections
}
