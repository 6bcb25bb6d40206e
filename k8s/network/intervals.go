package network

import "slices"

// interval is a range of port numbers, both ends included.
type interval struct{ from, to uint16 }

// intervals is a set of port numbers: ascending, disjoint and not adjacent.
type intervals []interval

var allNumbers = intervals{{1, maxPort}}

func (s intervals) all() bool { return len(s) == 1 && s[0] == allNumbers[0] }

func (s intervals) has(number uint16) bool {
	return slices.ContainsFunc(s, func(n interval) bool { return n.from <= number && number <= n.to })
}

func (s intervals) union(o intervals) intervals {
	switch {
	case len(s) == 0:
		return o
	case len(o) == 0:
		return s
	}
	return joinedIntervals(slices.Concat(s, o))
}

// joinedIntervals puts parts in order and joins those that touch, in place.
func joinedIntervals(parts intervals) intervals {
	if len(parts) == 0 {
		return nil
	}
	slices.SortFunc(parts, func(a, b interval) int { return int(a.from) - int(b.from) })
	result := parts[:1]
	for _, n := range parts[1:] {
		last := &result[len(result)-1]
		if int(n.from) <= int(last.to)+1 {
			last.to = max(last.to, n.to)
		} else {
			result = append(result, n)
		}
	}
	return result
}

func (s intervals) intersect(o intervals) intervals {
	var result intervals
	for i, j := 0, 0; i < len(s) && j < len(o); {
		from, to := max(s[i].from, o[j].from), min(s[i].to, o[j].to)
		if from <= to {
			result = append(result, interval{from, to})
		}
		if s[i].to < o[j].to {
			i++
		} else {
			j++
		}
	}
	return result
}

func (s intervals) minus(o intervals) intervals {
	if len(o) == 0 {
		return s
	}
	var result intervals
	first := 0 // of o that may still cut
	for _, n := range s {
		from := int(n.from)
		for first < len(o) && int(o[first].to) < from {
			first++
		}
		for _, cut := range o[first:] {
			if cut.from > n.to {
				break
			}
			if int(cut.from) > from {
				result = append(result, interval{uint16(from), cut.from - 1})
			}
			from = int(cut.to) + 1
		}
		if from <= int(n.to) {
			result = append(result, interval{uint16(from), n.to})
		}
	}
	return result
}

func (s intervals) overlaps(o intervals) bool {
	for i, j := 0, 0; i < len(s) && j < len(o); {
		switch {
		case s[i].to < o[j].from:
			i++
		case o[j].to < s[i].from:
			j++
		default:
			return true
		}
	}
	return false
}
