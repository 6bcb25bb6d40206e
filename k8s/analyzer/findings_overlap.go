package analyzer

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"

	"tenure.dev/k8s/network"
	"tenure.dev/workflow"
)

// covered says what is allowed already: all that the change gives, or parts of
// what it opens.
func (c *comparison) covered(found *notebook) error {
	requests, err := c.redundant()
	if err != nil {
		return err
	}
	if len(requests) > 0 {
		found.add(workflow.SeverityWarning, "redundant", "All of this is already allowed by %s.", requestsText(requests))
		return nil
	}
	for _, a := range c.given() {
		if !c.opens(a) {
			continue
		}
		had, err := c.before.granted(a)
		if err != nil {
			return err
		}
		for _, request := range sourcesOf(had) {
			overlap, err := a.overlap(slices.DeleteFunc(slices.Clone(had), func(g *grant) bool { return g.request != request }))
			if err != nil {
				return err
			}
			if overlap != "" {
				found.add(workflow.SeverityInfo, "partly redundant", "%s is already allowed by %s.", sentenceStart(overlap), requestsText([]int64{request}))
			}
		}
	}
	return nil
}

// sourcesOf lists the requests of grants, the platform's 0 last.
func sourcesOf(grants []*grant) []int64 {
	var sources []int64
	for _, g := range grants {
		sources = append(sources, g.request)
	}
	slices.SortFunc(sources, platformLast)
	return slices.Compact(sources)
}

// overlap says in words what the arrow and the grants both let through; empty
// where that is nothing.
func (a *arrow) overlap(grants []*grant) (string, error) {
	mine, err := a.parts()
	if err != nil {
		return "", err
	}
	theirs, err := a.through(grants)
	if err != nil {
		return "", err
	}
	var texts []string
	for _, m := range mine {
		for _, t := range theirs {
			ports := m.ports.within(t.ports)
			if len(ports) == 0 {
				continue
			}
			switch {
			case m.addresses == nil:
				texts = append(texts, ports.String())
			default:
				if both := common(addressesOf([]part{m}), addressesOf([]part{t})); both != nil {
					texts = append(texts, ports.String()+a.towards()+prefixesText(both))
				}
			}
		}
	}
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), "; "), nil
}

// towards leads to the addresses that an arrow goes to or comes from.
func (a *arrow) towards() string {
	if a.to.peer != nil {
		return " to "
	}
	return " from "
}

// shadows says which older exceptions are of no use any more: all that they let
// through, the change lets through too, for as long.
func (c *comparison) shadows(found *notebook) error {
	for _, a := range c.given() {
		for _, l := range c.lines {
			if l.change != workflow.FlowStays || l.new || l.missing != "" || l.platform() || l.from.spot != a.from.spot || l.to.spot != a.to.spot || a.until().Before(l.until()) {
				continue
			}
			beyond, err := l.beyond(a.grants())
			if err != nil {
				return err
			}
			if len(beyond) == 0 {
				found.add(workflow.SeverityInfo, "shadows", "All that %s lets through is within this, so it could be ended.", l.because())
			}
		}
	}
	return nil
}

// undone looks whether the changed namespaces are still closed by default: a pod
// without labels, which no exception is for, is not let through to everywhere.
func (c *comparison) undone(found *notebook) error {
	for _, at := range c.changed {
		p, err := c.after.place(at)
		if err != nil {
			return err
		}
		if p == nil {
			continue
		}
		open, err := p.open()
		if err != nil {
			return err
		}
		for _, what := range open {
			found.add(workflow.SeverityDanger, "default-deny", "Nothing is closed by default in %s: %s.", at.namespace, what)
		}
	}
	return nil
}

// open says in which directions a pod of the namespace may talk to anything.
func (p *place) open() ([]string, error) {
	pod := network.Workload{Namespace: p.namespace, Name: fromPod.Name, Kind: fromPod.Kind}
	cluster, err := network.New(network.Objects{
		Namespaces: []network.Namespace{{Name: p.namespace, Labels: p.labels}},
		Workloads:  []network.Workload{pod}, Policies: p.policies,
	})
	if err != nil {
		return nil, fmt.Errorf("evaluate namespace %q: %w", p.namespace, err)
	}
	var found []string
	for _, u := range cluster.Unprotected() {
		found = append(found, "no policy selects every pod for "+strings.ToLower(string(u.Direction)))
	}
	if len(found) > 0 {
		return found, nil
	}
	for _, flow := range cluster.Connectivity() {
		for _, end := range []network.End{flow.From, flow.To} {
			switch {
			case !flow.Ports.All():
			case end.Pods != nil && end.Pods.Namespaces.All() && end.Pods.Pods.All():
				found = append(found, "a policy opens every port to every pod of the cluster")
			case len(end.Addresses) > 0 && everyIPv4(end.Addresses):
				found = append(found, "a policy opens every port to every address")
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// everyIPv4 says whether all of IPv4 is in.
func everyIPv4(ranges []netipx.IPRange) bool {
	whole := netip.PrefixFrom(netip.IPv4Unspecified(), 0)
	return addressesOf([]part{{addresses: ranges}}).ContainsPrefix(whole)
}

// requestsText names requests: "request 61 and request 75"; 0 is the platform.
func requestsText(requests []int64) string {
	names := make([]string, len(requests))
	for i, request := range requests {
		names[i] = fmt.Sprintf("request %d", request)
		if request == 0 {
			names[i] = "the platform's own flows"
		}
	}
	return strings.Join(names, " and ")
}

func sentenceStart(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
