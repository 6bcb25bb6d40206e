package network

import "slices"

func (s portSet) empty() bool { return len(s.numbers) == 0 && len(s.names) == 0 }

func (p Ports) union(o Ports) Ports {
	for i := range p.of {
		p.of[i] = p.of[i].union(o.of[i])
	}
	return p
}

// union keeps the set canonical: a name says only what the numbers do not.
func (s portSet) union(o portSet) portSet {
	switch {
	case s.empty():
		return o
	case o.empty() || s.numbers.all():
		return s
	}
	result := portSet{numbers: s.numbers.union(o.numbers)}
	names := slices.Clone(s.names)
	for _, n := range o.names {
		at, found := slices.BinarySearchFunc(names, n.name, compareName)
		if found {
			names[at].within = names[at].within.union(n.within)
		} else {
			names = slices.Insert(names, at, n)
		}
	}
	for _, n := range names {
		if n.within = n.within.minus(result.numbers); len(n.within) > 0 {
			result.names = append(result.names, n)
		}
	}
	return result
}

// canonical puts numbers and names in order that were gathered in any. Each name must
// be for all numbers. The set is changed in place.
func (s portSet) canonical() portSet {
	s.numbers = joinedIntervals(s.numbers)
	slices.SortFunc(s.names, func(a, b namedPort) int { return compareName(a, b.name) })
	s.names = slices.CompactFunc(s.names, func(a, b namedPort) bool { return a.name == b.name })
	within := allNumbers.minus(s.numbers)
	if len(within) == 0 {
		s.names = nil
	}
	for i := range s.names {
		s.names[i].within = within
	}
	return s
}

// minus gives what is left of p for destinations that give no port two roles: a
// number stays although o names a port, since a destination need not use that name
// for it; a name stays for the numbers that o does not hold. So it is empty exactly
// when o covers p.
func (p Ports) minus(o Ports) Ports {
	for i := range p.of {
		p.of[i] = p.of[i].minus(o.of[i])
	}
	return p
}

func (s portSet) minus(o portSet) portSet {
	if s.empty() || o.empty() {
		return s
	}
	result := portSet{numbers: s.numbers.minus(o.numbers)}
	for _, n := range s.names {
		left := n.within.minus(o.numbers)
		if at, found := slices.BinarySearchFunc(o.names, n.name, compareName); found {
			left = left.minus(o.names[at].within)
		}
		if len(left) > 0 {
			result.names = append(result.names, namedPort{n.name, left})
		}
	}
	return result
}

// intersect is for resolved sets: the names of both sides are passed over.
func (p Ports) intersect(o Ports) Ports {
	for i := range p.of {
		p.of[i] = portSet{numbers: p.of[i].numbers.intersect(o.of[i].numbers)}
	}
	return p
}

// disjoint says that no destination has a port in both. Names may be any number.
func (p Ports) disjoint(o Ports) bool {
	for i := range p.of {
		if !p.of[i].empty() && !o.of[i].empty() &&
			(len(p.of[i].names) > 0 || len(o.of[i].names) > 0 || p.of[i].numbers.overlaps(o.of[i].numbers)) {
			return false
		}
	}
	return true
}

func (p Ports) equal(o Ports) bool {
	for i := range p.of {
		if !slices.Equal(p.of[i].numbers, o.of[i].numbers) || !slices.EqualFunc(p.of[i].names, o.of[i].names,
			func(a, b namedPort) bool { return a.name == b.name && slices.Equal(a.within, b.within) }) {
			return false
		}
	}
	return true
}

// resolve puts a destination's container ports in the place of names; names that it
// does not declare for that protocol let nothing through.
func (p Ports) resolve(declared []ContainerPort) Ports {
	for i, s := range p.of {
		if len(s.names) == 0 {
			continue
		}
		numbers := s.numbers
		for _, port := range declared {
			at, found := slices.BinarySearchFunc(s.names, port.Name, compareName)
			if !found || port.protocol() != protocols[i] {
				continue
			}
			one := intervals{{uint16(port.Port), uint16(port.Port)}}
			numbers = numbers.union(one.intersect(s.names[at].within))
		}
		p.of[i] = portSet{numbers: numbers}
	}
	return p
}

// numbered leaves the names out, as for addresses outside the cluster: only pods
// name their ports.
func (p Ports) numbered() Ports {
	for i := range p.of {
		p.of[i].names = nil
	}
	return p
}

func compareName(n namedPort, name string) int {
	switch {
	case n.name < name:
		return -1
	case n.name > name:
		return 1
	}
	return 0
}
