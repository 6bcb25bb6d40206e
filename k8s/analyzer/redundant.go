package analyzer

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"tenure.dev/workflow"
)

// given lists the arrows of the state after that rest on an exception that the
// change gives, and that get through.
func (c *comparison) given() []*arrow {
	var arrows []*arrow
	for _, l := range c.lines {
		if l.new && l.change != workflow.FlowClosed && l.missing == "" && !l.platform() && !slices.Contains(arrows, l.arrow) {
			arrows = append(arrows, l.arrow)
		}
	}
	return arrows
}

// lasting lists what the state before grants at the arrow's ends for at least as
// long as the arrow lasts.
func (c *comparison) lasting(a *arrow) ([]*grant, error) {
	until := a.until()
	if until.IsZero() {
		return c.before.granted(a)
	}
	return c.before.later(until.Add(-time.Nanosecond)).granted(a)
}

// redundant names the requests that already allow all that the change gives, for
// as long as it gives it: the fewest that do, 0 for the platform's flows. There
// are none while anything opens.
func (c *comparison) redundant() ([]int64, error) {
	arrows := c.given()
	if len(arrows) == 0 || slices.ContainsFunc(c.lines, func(l line) bool { return l.change == workflow.FlowOpened }) {
		return nil, nil
	}
	had := map[*arrow][]*grant{}
	sources := map[int64]bool{}
	for _, a := range arrows {
		grants, err := c.lasting(a)
		if err != nil {
			return nil, err
		}
		had[a] = grants
		for _, g := range grants {
			sources[g.request] = true
		}
	}
	covers := func(from func(int64) bool) (bool, error) {
		for _, a := range arrows {
			beyond, err := a.beyond(slices.DeleteFunc(slices.Clone(had[a]), func(g *grant) bool { return !from(g.request) }))
			if err != nil || len(beyond) > 0 {
				return false, err
			}
		}
		return true, nil
	}
	return fewest(slices.SortedFunc(maps.Keys(sources), platformLast), covers)
}

// platformLast orders requests by number, and what is no request's after them.
func platformLast(a, b int64) int {
	if a == 0 || b == 0 {
		return cmp.Compare(b, a)
	}
	return cmp.Compare(a, b)
}

// fewest picks of the sources one that covers all or, where there is no such,
// several of which none can be left out. None where all together do not.
func fewest(sources []int64, covers func(func(int64) bool) (bool, error)) ([]int64, error) {
	for _, source := range sources {
		enough, err := covers(func(one int64) bool { return one == source })
		if err != nil {
			return nil, err
		}
		if enough {
			return []int64{source}, nil
		}
	}
	kept := slices.Clone(sources)
	if all, err := covers(func(int64) bool { return true }); err != nil || !all {
		return nil, err
	}
	for _, source := range slices.Backward(sources) {
		without := slices.DeleteFunc(slices.Clone(kept), func(one int64) bool { return one == source })
		enough, err := covers(func(one int64) bool { return slices.Contains(without, one) })
		if err != nil {
			return nil, err
		}
		if enough {
			kept = without
		}
	}
	slices.Sort(kept)
	return kept, nil
}
