package web

import (
	"slices"
	"strings"
)

// groupName says which namespace a frame is of.
func (d *drawing) groupName(b *block) string {
	if len(b.names) > 0 {
		return b.group.name + ": " + Visible(strings.Join(b.names, ", "))
	}
	words := []string{"namespace", Visible(b.group.name)}
	if b.group.note != "" {
		words = append(words, "of", Visible(b.group.note))
	} else if b.group.other {
		words = append(words, "of another tenant")
	}
	return strings.Join(words, " ")
}

// boxName says what a box stands for.
func (d *drawing) boxName(n *node) string {
	if n.header {
		return d.groupName(n.block)
	}
	if n.folded {
		name := "the platform: " + strings.Join(d.namesOf(n), ", ")
		if n.apart > 0 {
			name += ": " + Count(int64(n.apart), "flow") + ", in all namespaces; no arrows are drawn for them"
		}
		return name
	}
	name := strings.Join(d.namesOf(n), ", ")
	if len(n.ends) > 1 {
		name += ": the same connections"
	} else if detail := d.picture.Ends[n.ends[0]].Detail; len(detail) > 0 {
		name += ": " + Visible(strings.Join(detail, ", "))
	}
	return name
}

// namesOf names everything that a box stands for.
func (d *drawing) namesOf(n *node) []string {
	var names []string
	for _, i := range n.ends {
		if name := d.picture.Ends[i].name(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// boxHref leads to more about what a box stands for, where that is one place:
// for a namespace, what all of its pods lead to.
func (d *drawing) boxHref(n *node) string {
	ends := n.ends
	if n.header {
		ends = n.block.ends
	}
	href := ""
	for k, i := range ends {
		if k > 0 && d.picture.Ends[i].Href != href {
			return ""
		}
		href = d.picture.Ends[i].Href
	}
	return href
}

// arrowName says an arrow in words: its one flow, or what its flows share.
func (d *drawing) arrowName(a *arrow) string {
	if len(a.flows) == 1 {
		return d.picture.sentence(d.picture.Flows[a.flows[0]])
	}
	var ports, untils []string
	for _, i := range a.flows {
		flow := d.picture.Flows[i]
		if words := Visible(flow.Ports); !slices.Contains(ports, words) {
			ports = append(ports, words)
		}
		if words := flow.until(); !slices.Contains(untils, words) {
			untils = append(untils, words)
		}
	}
	words := []string{a.change.verb(), strings.Join(ports, "; "), "from", d.shortName(a.from), "to", d.shortName(a.to)}
	if len(untils) == 1 && untils[0] != "" {
		words = append(words, untils[0])
	}
	name := strings.Join(words, " ")
	if a.oneSided {
		name += "; one side only"
	}
	return name
}

// shortName names what stands at an arrow's end, the first few of many.
func (d *drawing) shortName(n *node) string {
	switch {
	case n.header:
		return d.groupName(n.block)
	case n.folded:
		return "the platform"
	}
	return some(d.namesOf(n), shownNames)
}
