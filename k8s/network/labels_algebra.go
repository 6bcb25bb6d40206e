package network

import "slices"

func (s LabelSet) equal(o LabelSet) bool {
	return s.none == o.none && slices.EqualFunc(s.keys, o.keys, func(a, b labelKey) bool {
		return a.key == b.key && a.values.equal(b.values)
	})
}

// disjoint says that no label map is in both. It allocates only where both sets list
// the same key.
func (s LabelSet) disjoint(o LabelSet) bool {
	if s.none || o.none {
		return true
	}
	for i, j := 0, 0; i < len(s.keys) && j < len(o.keys); {
		switch a, b := s.keys[i], o.keys[j]; {
		case a.key < b.key:
			i++
		case a.key > b.key:
			j++
		default:
			if a.values.intersect(b.values).empty() {
				return true
			}
			i, j = i+1, j+1
		}
	}
	return false
}

// intersect gives what is in both.
func (s LabelSet) intersect(o LabelSet) LabelSet {
	switch {
	case s.none || len(o.keys) == 0 && !o.none:
		return s
	case o.none || len(s.keys) == 0:
		return o
	}
	for _, k := range o.keys {
		s = s.with(k.key, k.values)
	}
	return s
}

// contains says that all of o is in s.
func (s LabelSet) contains(o LabelSet) bool {
	if o.none {
		return true
	}
	if s.none {
		return false
	}
	for _, k := range s.keys {
		if !o.values(k.key).intersect(k.values.complement()).empty() {
			return false
		}
	}
	return true
}

// minus gives what is in s and not in o, as disjoint sets: one for each key of o, in
// which that key has another value and the keys before it have o's.
func (s LabelSet) minus(o LabelSet) []LabelSet {
	if s.none {
		return nil
	}
	if s.disjoint(o) {
		return []LabelSet{s}
	}
	var outside []LabelSet
	for _, k := range o.keys {
		if piece := s.with(k.key, k.values.complement()); !piece.none {
			outside = append(outside, piece)
		}
		s = s.with(k.key, k.values)
	}
	return outside
}
