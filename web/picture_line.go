package web

// stop is something in a line from top to bottom that wants to be somewhere.
type stop struct {
	want   float64 // where its top should be
	weight float64 // how much it counts beside the others; positive
	size   int     // its height
	gap    int     // least distance to the next one
}

// settleLine gives each stop its top, in their order: as near to what they want
// as the order, the sizes and the gaps allow. The sum of the weighted squares of
// the distances is the least there is (isotonic regression, by pooling adjacent
// violators: Barlow et al., Statistical Inference under Order Restrictions, 1972).
func settleLine(line []stop) []float64 {
	type pool struct {
		sum, weight float64
		count       int
	}
	var pools []pool
	offset := 0
	for _, s := range line {
		pools = append(pools, pool{(s.want - float64(offset)) * s.weight, s.weight, 1})
		offset += s.size + s.gap
		for len(pools) > 1 {
			a, b := pools[len(pools)-2], pools[len(pools)-1]
			if a.sum/a.weight <= b.sum/b.weight {
				break
			}
			pools = append(pools[:len(pools)-2], pool{a.sum + b.sum, a.weight + b.weight, a.count + b.count})
		}
	}
	tops := make([]float64, 0, len(line))
	offset = 0
	for _, p := range pools {
		for range p.count {
			s := line[len(tops)]
			tops = append(tops, p.sum/p.weight+float64(offset))
			offset += s.size + s.gap
		}
	}
	return tops
}
