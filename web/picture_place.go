package web

import (
	"cmp"
	"slices"
)

// column is what stands one below the other.
type column struct {
	blocks []*block
	x      int
	width  int
}

// gutter is the room right of a column: curves, the pills one below the other,
// curves again. Nothing but arrows is in it.
type gutter struct {
	legs  []*leg
	pillX int // where the pills' room begins
	width int // of the pills' room
	reach int // of the curves on either side of it
}

// leg is the part of an arrow in one gutter.
type leg struct {
	arrow  *arrow
	ends   [2]*port // left and right; both left for an arrow within a column
	within bool     // a column
	pill   bool
	height int
	order  int     // of its making, so that equals stay in order
	y      float64 // of its middle
	keptY  float64
}

// port is where a leg meets a box or a lane.
type port struct {
	node  *node
	leg   *leg
	y     int // below the top of its block
	keptY int
}

// at is a port's height in the picture.
func (p *port) at() float64 { return p.node.block.y + float64(p.y) }

// arrange puts everything into columns, and says which arrow goes through which
// gutter: past a column, an arrow has a lane of its own, so that it meets no box.
func (d *drawing) arrange() {
	var used [places]bool
	for _, b := range d.blocks {
		used[b.place] = true
	}
	var index [places]int
	for p := range places {
		index[p] = len(d.columns)
		if used[p] {
			d.columns = append(d.columns, column{})
		}
	}
	d.gutters = make([]gutter, len(d.columns))
	for _, b := range d.blocks {
		b.column = index[b.place]
	}
	for _, a := range d.arrows {
		d.writePill(a)
		d.addLegs(a)
	}
	d.measure()
	for _, b := range d.blocks {
		c := &d.columns[b.column]
		c.blocks = append(c.blocks, b)
		for _, n := range b.nodes {
			c.width = max(c.width, columnLeast, int(n.width+0.5))
		}
	}
}

// addLegs leads an arrow from column to column. Its pill stands next to where
// the arrow starts.
func (d *drawing) addLegs(a *arrow) {
	from, to := a.from.block.column, a.to.block.column
	if from == to {
		l := d.addLeg(a, from, a.from, a.to)
		l.within, l.pill = true, true
		return
	}
	left, right, start := a.from, a.to, from
	if from > to {
		left, right, start = a.to, a.from, from-1
	}
	last := max(from, to) - 1
	for at := min(from, to); at <= last; at++ {
		next := right
		if at < last {
			next = d.addLane(at + 1)
		}
		d.addLeg(a, at, left, next).pill = at == start
		left = next
	}
}

// addLane makes room for an arrow that goes past a column.
func (d *drawing) addLane(column int) *node {
	b := d.addBlock(&block{column: column, lane: true})
	return d.addNode(b, &node{})
}

func (d *drawing) addLeg(a *arrow, at int, left, right *node) *leg {
	g := &d.gutters[at]
	l := &leg{arrow: a, order: len(g.legs), within: left.block.column == right.block.column}
	l.ends = [2]*port{{node: left, leg: l}, {node: right, leg: l}}
	left.right = append(left.right, l.ends[0])
	if l.within {
		right.right = append(right.right, l.ends[1])
	} else {
		right.left = append(right.left, l.ends[1])
	}
	g.legs = append(g.legs, l)
	a.legs = append(a.legs, l)
	return l
}

// settle finds the heights. First what stands above what: the order with the
// fewest crossings is kept. Then, again and again, the pills go to the middle
// between the boxes that they connect and the boxes to the middle of their
// pills, as near as their neighbours let them.
func (d *drawing) settle() {
	for i := range d.columns {
		stack(d.columns[i].blocks)
	}
	for i := range d.gutters {
		for _, l := range d.gutters[i].legs {
			l.height = 6
			if l.pill {
				l.height = l.arrow.pill.height
			}
		}
	}
	const ordering, moving = 12, 10 // rounds; more of them change little
	var best cost
	for round := range ordering + moving {
		if round == ordering {
			d.restore()
		}
		d.placeLegs()
		d.orderPorts()
		if now := d.cost(); round == 0 || now.less(best) {
			best = now
			d.keep()
		}
		if round < ordering {
			d.order(round%2 == 0)
		} else {
			d.placeBlocks()
		}
		d.orderPorts()
	}
	d.restore()
}

// stack puts blocks one below the other, around the middle.
func stack(blocks []*block) {
	height := 0
	for i, b := range blocks {
		if i > 0 {
			height += gapBetween(blocks[i-1], b)
		}
		b.y = float64(height)
		height += b.height
	}
	for _, b := range blocks {
		b.y -= float64(height / 2)
	}
}

// gapBetween is how far two blocks of a column must be apart.
func gapBetween(a, b *block) int {
	if a.lane || b.lane {
		return laneGap
	}
	return blockGap
}

// placeLegs puts each gutter's pills between what they connect.
func (d *drawing) placeLegs() {
	for i := range d.gutters {
		legs := d.gutters[i].legs
		wanted := make(map[*leg]float64, len(legs))
		for _, l := range legs {
			wanted[l] = (l.ends[0].at() + l.ends[1].at()) / 2
		}
		slices.SortFunc(legs, func(a, b *leg) int {
			return cmp.Or(cmp.Compare(wanted[a], wanted[b]), cmp.Compare(a.order, b.order))
		})
		line := make([]stop, len(legs))
		for i, l := range legs {
			line[i] = stop{want: wanted[l] - float64(l.height)/2, weight: l.arrow.weight(), size: l.height, gap: pillGap}
		}
		for i, y := range settleLine(line) {
			legs[i].y = y + float64(legs[i].height)/2
		}
	}
}

// orderPorts spreads the arrows at each box over its side, in the order in
// which they leave, so that they do not cross where they start or end.
func (d *drawing) orderPorts() {
	for _, b := range d.blocks {
		for _, n := range b.nodes {
			spread(n, n.left)
			spread(n, n.right)
		}
	}
}

func spread(n *node, ports []*port) {
	slices.SortStableFunc(ports, func(a, b *port) int { return cmp.Compare(a.leg.y, b.leg.y) })
	gap := portGap
	if len(ports) > 0 {
		gap = min(gap, n.height/(len(ports)+1))
	}
	first := n.y + n.height/2 - gap*(len(ports)-1)/2
	for i, p := range ports {
		p.y = first + i*gap
	}
}

// placeBlocks puts the boxes of each column where their pills are.
func (d *drawing) placeBlocks() {
	for i := range d.columns {
		blocks := d.columns[i].blocks
		line := make([]stop, len(blocks))
		for k, b := range blocks {
			line[k] = pull(b)
			line[k].size = b.height
			if k+1 < len(blocks) {
				line[k].gap = gapBetween(b, blocks[k+1])
			}
		}
		for k, y := range settleLine(line) {
			blocks[k].y = y
		}
	}
}

// pull says where a block's arrows want it to be.
func pull(b *block) stop {
	sum, weight := 0.0, 0.0
	for _, n := range b.nodes {
		for _, ports := range [][]*port{n.left, n.right} {
			for _, p := range ports {
				w := p.leg.arrow.weight()
				sum += w * (p.leg.y - float64(p.y))
				weight += w
			}
		}
	}
	if weight == 0 {
		const faint = 0.01
		return stop{want: b.y, weight: faint}
	}
	return stop{want: sum / weight, weight: weight}
}
