package network

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// textForm writes connectivity in the text form of np-guard's analyzer, in which the
// expected results of the cases are written. It knows IPv4 only.
type textForm struct {
	cluster *Cluster
	flows   []Flow
	cuts    [2][]netipx.IPRange // by direction: what ipBlocks part the addresses into
}

func newTextForm(c *Cluster) *textForm {
	t := &textForm{cluster: c, flows: c.Connectivity()}
	for side := range t.cuts {
		t.cuts[side] = cuts(c, side)
	}
	return t
}

// cuts parts IPv4 at the ends of every ipBlock of a direction.
func cuts(c *Cluster, side int) []netipx.IPRange {
	starts := []netip.Addr{netip.IPv4Unspecified()}
	for _, name := range c.allNames() {
		for _, p := range c.space(name).policies {
			for _, a := range p.rules[side] {
				if a.peer.addresses == nil {
					continue
				}
				for _, r := range a.peer.addresses.Ranges() {
					if r.From().Is4() {
						starts = append(starts, r.From(), r.To().Next())
					}
				}
			}
		}
	}
	starts = slices.DeleteFunc(starts, func(a netip.Addr) bool { return !a.IsValid() })
	slices.SortFunc(starts, netip.Addr.Compare)
	starts = slices.Compact(starts)
	var parts []netipx.IPRange
	for i, from := range starts {
		to := netip.AddrFrom4([4]byte{255, 255, 255, 255})
		if i+1 < len(starts) {
			to = starts[i+1].Prev()
		}
		parts = append(parts, netipx.IPRangeFrom(from, to))
	}
	return parts
}

// connections are the lines of the connectivity between workloads and addresses.
func (t *textForm) connections() []string {
	var lines []string
	for _, f := range t.flows {
		switch {
		case f.From.Pods != nil || f.To.Pods != nil || f.From.Workload != nil && f.To.Workload != nil && *f.From.Workload == *f.To.Workload:
		case f.From.Addresses != nil:
			for _, block := range t.blocks(f.From, Ingress) {
				lines = append(lines, fmt.Sprintf("%s => %s : %s", block, f.To, connection(f.Ports)))
			}
		case f.To.Addresses != nil:
			for _, block := range t.blocks(f.To, Egress) {
				lines = append(lines, fmt.Sprintf("%s => %s : %s", f.From, block, connection(f.Ports)))
			}
		default:
			lines = append(lines, fmt.Sprintf("%s => %s : %s", f.From, f.To, connection(f.Ports)))
		}
	}
	return lines
}

func (t *textForm) blocks(e End, d Direction) []string {
	in := addressSet(func(set *netipx.IPSetBuilder) {
		for _, r := range e.Addresses {
			set.AddRange(r)
		}
	})
	var blocks []string
	for _, part := range t.cuts[d.side()] {
		if in.ContainsRange(part) {
			blocks = append(blocks, part.String()+"[External]")
		}
	}
	return blocks
}

// exposure are the lines of what workloads are open to beyond the known ones.
func (t *textForm) exposure() []string {
	sections := map[Direction][]string{}
	for _, f := range t.flows {
		own, other, d, arrow := f.From, f.To, Egress, "=>"
		if own.Workload == nil {
			own, other, d, arrow = f.To, f.From, Ingress, "<="
		}
		var peers []string
		switch {
		case other.Addresses != nil:
			peers = t.blocks(other, d)
		case other.Pods != nil:
			if first := t.first(*other.Pods); !t.stoodFor(first) {
				peers = []string{peerText(first)}
			}
		}
		for _, peer := range peers {
			sections[d] = append(sections[d], fmt.Sprintf("%s \t%s \t%s : %s", own, arrow, peer, connection(f.Ports)))
		}
	}
	lines := []string{"Exposure Analysis Result:"}
	for _, d := range []Direction{Egress, Ingress} {
		if len(sections[d]) > 0 {
			lines = append(append(lines, string(d)+" Exposure:"), sections[d]...)
		}
	}
	unprotected := t.cluster.Unprotected()
	if len(unprotected) > 0 {
		lines = append(lines, "Workloads not protected by network policies:")
	}
	for _, u := range unprotected {
		lines = append(lines, fmt.Sprintf("%s is not protected on %s", u.Workload, u.Direction))
	}
	return lines
}

// first gives the same pods as the first rule of the cluster writes them: equal
// selectors are told in one form.
func (t *textForm) first(p Pods) Pods {
	like := peer{spaces: p.Namespaces, pods: p.Pods}
	for _, name := range t.cluster.allNames() {
		for _, policy := range t.cluster.space(name).policies {
			for _, a := range slices.Concat(policy.rules[0], policy.rules[1]) {
				if a.peer.addresses == nil && a.peer.equal(like) {
					return Pods{a.peer.spaces, a.peer.pods}
				}
			}
		}
	}
	return p
}

// stoodFor says that a peer is described by plain labels only, of its namespace and
// its own, and that a workload of the cluster has them: then it is no unknown one.
func (t *textForm) stoodFor(p Pods) bool {
	plain := func(s LabelSet) bool {
		written := s.Selector()
		return !s.All() && (written == nil || len(written.MatchExpressions) == 0)
	}
	if !plain(p.Namespaces) || !plain(p.Pods) {
		return false
	}
	for _, name := range t.cluster.matching(p.Namespaces) {
		if slices.ContainsFunc(t.cluster.space(name).workloads, func(g *group) bool { return g.some(p.Pods) }) {
			return true
		}
	}
	return false
}

func peerText(p Pods) string {
	if p.Namespaces.All() && p.Pods.All() {
		return "entire-cluster"
	}
	namespaces, pods := "[all namespaces]", "[all pods]"
	if name := p.Namespaces.Name(); name != "" && len(p.Namespaces.keys) == 1 {
		namespaces = name
	} else if !p.Namespaces.All() {
		namespaces = "[namespace with {" + selectorText(p.Namespaces.Selector()) + "}]"
	}
	if !p.Pods.All() {
		pods = "[pod with {" + selectorText(p.Pods.Selector()) + "}]"
	}
	return namespaces + "/" + pods
}

func selectorText(s *metav1.LabelSelector) string {
	var parts []string
	for key, value := range s.MatchLabels {
		parts = append(parts, key+"="+value)
	}
	slices.Sort(parts)
	for _, e := range s.MatchExpressions {
		parts = append(parts, fmt.Sprintf("{Key:%s,Operator:%s,Values:%v,}", e.Key, e.Operator, e.Values))
	}
	return strings.Join(parts, ",")
}

// connection writes ports as in "TCP 80,8000-8080,http,UDP 53".
func connection(p Ports) string {
	if p.All() {
		return "All Connections"
	}
	parts := map[corev1.Protocol][]string{}
	for _, r := range p.Ranges() {
		text := cmp.Or(r.Name, interval{uint16(r.From), uint16(r.To)}.String())
		parts[r.Protocol] = append(parts[r.Protocol], text)
	}
	var words []string
	for _, protocol := range []corev1.Protocol{corev1.ProtocolSCTP, corev1.ProtocolTCP, corev1.ProtocolUDP} {
		if list := parts[protocol]; len(list) > 0 {
			words = append(words, string(protocol)+" "+strings.Join(list, ","))
		}
	}
	return strings.Join(words, ",")
}
