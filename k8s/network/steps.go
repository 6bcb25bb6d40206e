package network

// steps is how many labels and values a comparison with the set looks at.
func (s LabelSet) steps() int {
	steps := len(s.keys)
	for _, k := range s.keys {
		steps += len(k.values.list)
	}
	return steps
}

// steps is how many labels, values or ranges a comparison with the peer looks at.
func (p peer) steps() int {
	if p.addresses != nil {
		return len(p.addresses.Ranges())
	}
	return p.spaces.steps() + p.pods.steps()
}

// steps is how many ranges taking o out of p looks at: those of the numbers once, and
// once more for each name.
func (p Ports) steps(o Ports) int {
	steps := 0
	for i, s := range p.of {
		steps += (1 + len(s.names)) * (len(s.numbers) + len(o.of[i].numbers))
		for _, n := range s.names {
			steps += len(n.within)
		}
	}
	return steps
}
