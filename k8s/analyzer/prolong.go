package analyzer

import (
	"fmt"
	"slices"
	"time"
)

// prolongation is an arrow that opens nothing now, and something later: when what
// lets it through today ends before it does.
type prolongation struct {
	*arrow

	ports portSet
	ends  time.Time // when the first of it would have closed
}

// prolonged lists what the change lets through for longer.
func (c *comparison) prolonged() ([]prolongation, error) {
	var found []prolongation
	for _, a := range c.given() {
		if c.opens(a) {
			continue
		}
		for _, end := range c.endings(a) {
			left, err := c.before.later(end).granted(a)
			if err != nil {
				return nil, err
			}
			beyond, err := a.beyond(left)
			if err != nil {
				return nil, err
			}
			if len(beyond) > 0 {
				found = append(found, prolongation{a, portsOfParts(beyond), end})
				break
			}
		}
	}
	return found, nil
}

// opens says whether some of the arrow opens now.
func (c *comparison) opens(a *arrow) bool {
	return slices.ContainsFunc(c.lines, func(l line) bool { return l.arrow == a && len(l.parts) > 0 })
}

// endings are the moments before the arrow's own end at which something that
// counts now ends at one of its ends; ascending.
func (c *comparison) endings(a *arrow) []time.Time {
	var moments []time.Time
	for _, end := range []side{a.from, a.to} {
		if p := c.before.places[end.spot]; p != nil {
			for _, g := range p.grants {
				if !g.until.IsZero() && g.until.Before(a.until()) {
					moments = append(moments, g.until)
				}
			}
		}
	}
	slices.SortFunc(moments, time.Time.Compare)
	return slices.CompactFunc(moments, time.Time.Equal)
}

func (c *comparison) prolongs() []string {
	var texts []string
	for _, p := range c.longer {
		texts = append(texts, fmt.Sprintf("Keeps %s from %s to %s open until %s; without it, that closes on %s.",
			p.ports, p.from.text(c.tenant), p.to.text(c.tenant), dateText(p.until()), dateText(p.ends)))
	}
	return texts
}
