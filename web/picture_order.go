package web

import (
	"cmp"
	"slices"
)

// order puts the boxes of each column, and the rows within them, in the order of
// what they are connected to on one side: forward, from the second column on, on
// the left; then back again on the right (the barycentre method: Sugiyama,
// Tagawa and Toda, Methods for Visual Understanding of Hierarchical System
// Structures, 1981).
func (d *drawing) order(forward bool) {
	for i := range d.columns {
		side := leftSide
		if !forward {
			i, side = len(d.columns)-1-i, rightSide
		}
		blocks := d.columns[i].blocks
		middles := map[*block]float64{}
		for _, b := range blocks {
			orderRows(b, side)
			middles[b] = middle(b.nodes, side, b.y+float64(b.height)/2)
		}
		slices.SortStableFunc(blocks, func(a, b *block) int { return cmp.Compare(middles[a], middles[b]) })
		y := 0.0
		if len(blocks) > 0 {
			y = blocks[0].y
		}
		for _, b := range blocks {
			y = min(y, b.y)
		}
		for k, b := range blocks {
			if k > 0 {
				y += float64(gapBetween(blocks[k-1], b))
			}
			b.y = y
			y += float64(b.height)
		}
		d.orderPorts()
	}
}

// side is one side of a box.
type side int

const (
	leftSide side = iota
	rightSide
)

// middle is the mean height of what nodes are connected to on a side, by the
// weights of the arrows; otherwise where nothing is connected there.
func middle(nodes []*node, on side, otherwise float64) float64 {
	sum, weight := 0.0, 0.0
	for _, n := range nodes {
		ports := n.left
		if on == rightSide {
			ports = n.right
		}
		for _, p := range ports {
			if p.leg.within {
				continue
			}
			w := p.leg.arrow.weight()
			sum += w * p.leg.ends[on].at()
			weight += w
		}
	}
	if weight == 0 {
		return otherwise
	}
	return sum / weight
}

// orderRows puts a namespace's rows in the order of what they are connected to.
// The header stays first, and rows without an arrow go to the end.
func orderRows(b *block, on side) {
	if len(b.nodes) < 3 {
		return
	}
	middles := map[*node]float64{}
	for _, n := range b.nodes[1:] {
		middles[n] = middle([]*node{n}, on, b.y+float64(n.y)+float64(n.height)/2)
		if len(n.left)+len(n.right) == 0 {
			middles[n] = b.y + 2*float64(b.height)
		}
	}
	slices.SortStableFunc(b.nodes[1:], func(x, y *node) int { return cmp.Compare(middles[x], middles[y]) })
	y := b.nodes[0].height
	for _, n := range b.nodes[1:] {
		n.y = y
		y += n.height
	}
}
