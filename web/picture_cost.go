package web

import (
	"cmp"
	"math"
	"slices"
)

// cost is how hard a drawing is to follow.
type cost struct {
	crossings float64 // of arrows, by their weights
	climb     float64 // how far the arrows go up and down, by their weights
}

func (c cost) less(other cost) bool {
	return cmp.Or(cmp.Compare(c.crossings, other.crossings), cmp.Compare(c.climb, other.climb)) < 0
}

// cost counts the crossings on both sides of each gutter's pills.
func (d *drawing) cost() cost {
	var c cost
	for _, g := range d.gutters {
		for i, l := range g.legs {
			w := l.arrow.weight()
			for end, p := range l.ends {
				c.climb += w * math.Abs(p.at()-l.y)
				for _, other := range g.legs[i+1:] {
					if crosses(l, other, end) {
						c.crossings += w * other.arrow.weight()
					}
				}
			}
		}
	}
	return c
}

// crosses says whether two legs cross between the left, or the right, and their pills.
func crosses(a, b *leg, end int) bool {
	return (a.ends[end].at()-b.ends[end].at())*(a.y-b.y) < 0
}

// keep notes where everything is; restore puts it back there.
func (d *drawing) keep() {
	for _, b := range d.blocks {
		b.keptY = b.y
		for _, n := range b.nodes {
			n.keptY = n.y
		}
	}
	for _, g := range d.gutters {
		for _, l := range g.legs {
			l.keptY = l.y
			l.ends[0].keptY, l.ends[1].keptY = l.ends[0].y, l.ends[1].y
		}
	}
}

func (d *drawing) restore() {
	for _, b := range d.blocks {
		b.y = b.keptY
		for _, n := range b.nodes {
			n.y = n.keptY
		}
		slices.SortStableFunc(b.nodes, func(x, y *node) int { return cmp.Compare(x.y, y.y) })
	}
	for _, c := range d.columns {
		slices.SortStableFunc(c.blocks, func(a, b *block) int { return cmp.Compare(a.y, b.y) })
	}
	for _, g := range d.gutters {
		for _, l := range g.legs {
			l.y = l.keptY
			l.ends[0].y, l.ends[1].y = l.ends[0].keptY, l.ends[1].keptY
		}
	}
}
