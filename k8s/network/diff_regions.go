package network

import "slices"

// maxParts bounds into how many parts a difference is taken apart. What would be more
// is told whole: nobody would read it, and comparing so many takes long.
const maxParts = 1000

// part is a region that only one of the clusters lets through.
type part struct {
	region
	opened bool
}

// end is what a namespace's end lets through in one direction.
type end struct {
	rules []region // of its policies
	open  []region // everything, for pods that no policy selects
	exact bool     // open is that; else it is everything for every pod
}

// changedRegions compares what a namespace's policies let through; exact is false if
// some of it is told whole.
func changedRegions(before, after *space, side int) (parts []part, exact bool) {
	b, a := before.end(side), after.end(side)
	opened, exactOpened := b.lacks(a)
	closed, exactClosed := a.lacks(b)
	for _, r := range opened {
		parts = append(parts, part{r, true})
	}
	for _, r := range closed {
		parts = append(parts, part{r, false})
	}
	return parts, a.exact && b.exact && exactOpened && exactClosed
}

// lacks gives what the other lets through and this does not.
func (e end) lacks(other end) (parts []region, exact bool) {
	known := e.rules
	if e.exact {
		known = slices.Concat(known, e.open)
	}
	return outsideOf(slices.Concat(other.rules, other.open), known)
}

// outsideOf gives the parts of some regions that no other holds. A region that is too
// complex to be taken apart is told whole; then exact is false.
func outsideOf(these, those []region) (parts []region, exact bool) {
	m, exact := &meter{maxDiffSteps}, true
	for _, whole := range these {
		found := len(parts)
		err := subtract(whole, those, m, func(left region) bool {
			parts = append(parts, left)
			return len(parts) <= maxParts
		})
		if err != nil || len(parts) > maxParts {
			exact = false
			parts = append(parts[:found], whole)
		}
	}
	return parts, exact
}

// end takes a namespace's policies together. In a namespace that is not there nothing
// is let through.
func (s *space) end(side int) end {
	if s == nil {
		return end{exact: true}
	}
	var e end
	var selected []region
	for _, p := range s.policies {
		if p.affects[side] {
			e.rules = p.regions(side, e.rules)
			selected = append(selected, region{p.selects, anyPod(), AllPorts()})
		}
	}
	var left []region
	left, e.exact = outsideOf([]region{{everyPod(), anyPod(), AllPorts()}}, selected)
	for _, r := range left {
		e.open = append(e.open, r, region{r.own, peer{addresses: everyAddress}, AllPorts()})
	}
	return e
}
