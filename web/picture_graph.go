package web

import (
	"slices"
	"strconv"
)

// drawing is a picture on its way to a Layout: what is drawn of it, then where.
type drawing struct {
	picture Picture
	known   map[string]int // place in picture.Ends, by ID; the first one counts
	standIn []int          // by end: the end that stands for it, which may be itself
	blocks  []*block
	arrows  []*arrow
	groups  map[groupKey]*block
	rows    map[int]*node // of the groups' blocks, by the end that stands for them
	outside map[outsideKey]*node
	columns []column
	gutters []gutter // gutters[i] is right of columns[i]
}

// outsideKey tells the boxes outside of namespaces apart: one that both sends
// and receives has a box on either side.
type outsideKey struct {
	end    int // that stands for it; platform for the platform as a whole
	source bool
}

const platform = -1

// place is where a block stands, from left to right.
type place int

const (
	placeSources place = iota
	placeSenders
	placeReceivers
	placeDestinations
	places
)

// block is a box of its own: a namespace with its rows, something outside, or
// the lane of an arrow that goes past a column.
type block struct {
	place  place
	column int
	group  *groupKey // nil for what is in no namespace
	nodes  []*node   // from top to bottom; a namespace's first one is its header
	lane   bool
	ends   []int // of a namespace
	names  []string
	height int
	y      float64
	keptY  float64
}

// node is what an arrow can start or end at: a row, a header, a box, a lane.
type node struct {
	block  *block
	kind   EndKind
	header bool
	folded bool  // the platform as a whole
	apart  int   // how many of its flows no arrow is drawn for
	ends   []int // what it stands for
	lines  []textLine
	width  float64 // that its lines need
	height int
	y      int // below the top of its block
	keptY  int
	left   []*port
	right  []*port
	drawn  int // its place in Layout.Boxes
}

// arrow is the flows between two nodes that meet the same fate.
type arrow struct {
	from, to *node
	change   FlowChange
	oneSided bool
	flows    []int // places in picture.Flows
	legs     []*leg
	pill     pill
}

// weight is how much an arrow counts when boxes are put in their places: what
// changes should go straight and be crossed by little.
func (a *arrow) weight() float64 {
	if a.change == FlowStays {
		return 1
	}
	return 4
}

// draw decides what is drawn of a picture: which boxes and which arrows.
func draw(picture Picture) *drawing {
	d := &drawing{
		picture: picture,
		known:   map[string]int{},
		groups:  map[groupKey]*block{},
		rows:    map[int]*node{},
		outside: map[outsideKey]*node{},
	}
	for i, end := range picture.Ends {
		if _, found := d.known[end.ID]; !found {
			d.known[end.ID] = i
		}
	}
	d.putTwinsTogether()
	d.addNamespaces()
	d.addArrows()
	return d
}

// addNamespaces makes a block of each namespace, in the order of the ends, with
// a row for each class of its pods. Namespaces that have nothing but the
// platform's flows share one block, where there are some of them and others too.
func (d *drawing) addNamespaces() {
	busy := d.busy()
	quiet := 0
	var order []groupKey
	for i, end := range d.picture.Ends {
		if end.Kind != EndPods || d.known[end.ID] != i {
			continue
		}
		key := end.key()
		if !slices.Contains(order, key) {
			order = append(order, key)
			if !busy[key] {
				quiet++
			}
		}
	}
	const fewest = 3
	share := quiet >= fewest && quiet < len(order)
	var shared *block
	for _, key := range order {
		if share && !busy[key] {
			shared = d.addQuiet(shared, key)
			continue
		}
		d.groups[key] = d.addBlock(&block{place: placeSenders, group: &key})
		d.addNode(d.groups[key], &node{kind: EndPods, header: true})
	}
	for i, end := range d.picture.Ends {
		if end.Kind == EndPods && d.known[end.ID] == i {
			d.addPods(i)
		}
	}
	d.placeNamespaces()
}

// busy says which namespaces have flows beyond the platform's.
func (d *drawing) busy() map[groupKey]bool {
	busy := map[groupKey]bool{}
	for _, flow := range d.picture.Flows {
		from, to, found := d.ends(flow)
		if found && !d.folded(flow) {
			busy[d.picture.Ends[from].key()] = true
			busy[d.picture.Ends[to].key()] = true
		}
	}
	return busy
}

// addQuiet puts a namespace into the block of those with nothing of their own.
func (d *drawing) addQuiet(shared *block, key groupKey) *block {
	if shared == nil {
		shared = d.addBlock(&block{place: placeSenders, group: &groupKey{}})
		d.addNode(shared, &node{kind: EndPods, header: true})
	}
	shared.names = append(shared.names, key.name)
	shared.group.name = strconv.Itoa(len(shared.names)) + " more namespaces"
	d.groups[key] = shared
	return shared
}

// addPods puts pods into their namespace's block: into the row of those that
// have the same connections, or into one of their own.
func (d *drawing) addPods(i int) {
	b := d.groups[d.picture.Ends[i].key()]
	b.ends = append(b.ends, i)
	standIn := d.standIn[i]
	switch {
	case len(b.names) > 0:
		d.rows[standIn] = b.nodes[0]
	case d.rows[standIn] == nil:
		d.rows[standIn] = d.addNode(b, &node{kind: EndPods, ends: []int{i}})
	default:
		d.rows[standIn].ends = append(d.rows[standIn].ends, i)
	}
}

// placeNamespaces moves the namespaces that receive more than they send to the
// right, so that most arrows between namespaces point that way too.
func (d *drawing) placeNamespaces() {
	surplus := map[*block]int{}
	touched := map[*block]bool{}
	for _, flow := range d.picture.Flows {
		from, to, found := d.ends(flow)
		if !found || d.picture.Ends[from].Kind != EndPods || d.picture.Ends[to].Kind != EndPods {
			continue
		}
		a, b := d.groups[d.picture.Ends[from].key()], d.groups[d.picture.Ends[to].key()]
		if a == b {
			continue
		}
		weight := 1
		if flow.Change != FlowStays {
			weight = 4
		}
		surplus[a] += weight
		surplus[b] -= weight
		touched[a], touched[b] = true, true
	}
	for _, b := range d.blocks {
		if surplus[b] < 0 || surplus[b] == 0 && touched[b] && b.group.other {
			b.place = placeReceivers
		}
	}
}

func (d *drawing) addBlock(b *block) *block {
	d.blocks = append(d.blocks, b)
	return b
}

func (d *drawing) addNode(b *block, n *node) *node {
	n.block = b
	b.nodes = append(b.nodes, n)
	return n
}
