package web

// ends gives the two ends of a flow, by their places; false where the picture
// does not describe one of them.
func (d *drawing) ends(flow PictureFlow) (from, to int, found bool) {
	from, fromKnown := d.known[flow.From]
	to, toKnown := d.known[flow.To]
	return from, to, fromKnown && toKnown
}

// folded says whether a flow is drawn as one of the platform as a whole.
func (d *drawing) folded(flow PictureFlow) bool {
	from, to, found := d.ends(flow)
	return found && flow.ofPlatform(d.picture.Ends[from], d.picture.Ends[to])
}

// ofPlatform says whether a flow is one of the platform's, to or from a
// namespace, that stays as it is. What opens or closes, and what goes to the
// internet or to other pods, is always shown by itself, whoever gave it.
func (f PictureFlow) ofPlatform(from, to PictureEnd) bool {
	if f.Change != FlowStays || f.OneSided != "" {
		return false
	}
	pods, other := from, to
	if pods.Kind != EndPods {
		pods, other = other, pods
	}
	if pods.Kind != EndPods {
		return false
	}
	switch other.Kind {
	case EndPlatform:
		return true
	case EndAddresses, EndName, EndCluster:
		return f.Platform
	}
	return false
}

// arrowKey is what flows have in common that are drawn as one arrow.
type arrowKey struct {
	from, to *node
	change   FlowChange
	oneSided bool
}

// addArrows makes the arrows, and a box for what they lead to outside. Flows
// between the same two boxes share an arrow unless they meet another fate.
func (d *drawing) addArrows() {
	arrows := map[arrowKey]*arrow{}
	apart := d.keepsPlatformApart()
	for i, flow := range d.picture.Flows {
		from, to, found := d.ends(flow)
		if !found {
			continue
		}
		folded := d.folded(flow)
		switch {
		case folded && (d.picture.Ends[from].Other || d.picture.Ends[to].Other):
			continue // another tenant's own business
		case folded && apart:
			d.addApart(from, to)
			continue
		}
		key := arrowKey{d.node(from, true, folded), d.node(to, false, folded), flow.Change, flow.OneSided != ""}
		if arrows[key] == nil {
			arrows[key] = &arrow{from: key.from, to: key.to, change: key.change, oneSided: key.oneSided}
			d.arrows = append(d.arrows, arrows[key])
		}
		arrows[key].flows = append(arrows[key].flows, i)
	}
}

// keepsPlatformApart says whether there are so many namespaces that arrows
// between each of them and the platform would hide the others. The platform is
// then a box without arrows.
func (d *drawing) keepsPlatformApart() bool {
	const few = 3
	return len(d.groups) > few
}

// addApart counts a flow of the platform that is not drawn as an arrow.
func (d *drawing) addApart(from, to int) {
	outside := from
	if d.picture.Ends[from].Kind == EndPods {
		outside = to
	}
	d.node(outside, true, true).apart++
}

// node is the box that an arrow starts or ends at.
func (d *drawing) node(end int, source, folded bool) *node {
	standIn := d.standIn[end]
	kind := d.picture.Ends[end].Kind
	switch {
	case kind == EndPods && folded:
		return d.rows[standIn].block.nodes[0]
	case kind == EndPods:
		return d.rows[standIn]
	case folded:
		standIn, kind = platform, EndPlatform
	}
	key := outsideKey{standIn, source}
	n := d.outside[key]
	if n == nil {
		b := &block{place: placeDestinations}
		if source {
			b.place = placeSources
		}
		n = d.addNode(d.addBlock(b), &node{kind: kind, folded: folded})
		d.outside[key] = n
	}
	for _, has := range n.ends {
		if has == end {
			return n
		}
	}
	n.ends = append(n.ends, end)
	return n
}
