package admission

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tenure.dev/workflow"
)

func drawFlow(t *rapid.T, name string) workflow.PlatformFlow {
	peer := &workflow.FlowPeer{Namespace: "ingress-nginx"}
	switch rapid.IntRange(0, 2).Draw(t, "peer of a flow") {
	case 1:
		peer = &workflow.FlowPeer{CIDR: "10.0.0.0/8", Except: []string{"10.1.0.0/16"}}
	case 2:
		peer = &workflow.FlowPeer{NamespaceSelector: &workflow.Selector{MatchLabels: map[string]string{"purpose": "monitoring"}}}
	}
	flow := workflow.PlatformFlow{Name: name, Direction: workflow.Ingress, From: peer}
	if rapid.Bool().Draw(t, "egress") {
		flow = workflow.PlatformFlow{Name: name, Direction: workflow.Egress, To: peer}
	}
	for range rapid.IntRange(0, 2).Draw(t, "ports") {
		flow.Ports = append(flow.Ports, drawPort(t))
	}
	return flow
}

func drawPort(t *rapid.T) workflow.FlowPort {
	port := workflow.FlowPort{
		Protocol: rapid.SampledFrom([]string{"TCP", "UDP", "SCTP"}).Draw(t, "protocol"), Port: rapid.Int32Range(1, 65535).Draw(t, "port"),
	}
	// No two of them hold every port, so that "every port" is always more.
	if rapid.Bool().Draw(t, "range") && port.Port <= 65000 {
		port.EndPort = rapid.Int32Range(port.Port, 65000).Draw(t, "endPort")
	}
	return port
}

// drawException gives one of the namespaces an exception or, between two of them,
// both its ends. Its time is over, or is not, by a second.
func drawException(t *rapid.T, namespaces []workflow.Namespace, request int64) {
	labels := func(what string) map[string]string {
		if rapid.Bool().Draw(t, what+": every pod") {
			return nil
		}
		return map[string]string{"app": rapid.SampledFrom([]string{"api", "web"}).Draw(t, what)}
	}
	end := drawEnd(t)
	entry := workflow.NetworkException{
		Direction: rapid.SampledFrom([]workflow.FlowDirection{workflow.Ingress, workflow.Egress}).Draw(t, "direction"),
		Pods:      labels("pods"), Until: end, Request: request,
	}
	for range rapid.IntRange(1, 2).Draw(t, "ports of the exception") {
		entry.Ports = append(entry.Ports, drawPort(t))
	}
	here, there := &namespaces[0], &namespaces[len(namespaces)-1]
	peer := workflow.FlowPeer{Namespace: there.Name, PodLabels: labels("their pods")}
	switch rapid.IntRange(0, 4).Draw(t, "peer") {
	case 0:
		other := workflow.NetworkException{Direction: workflow.Egress, Pods: peer.PodLabels, Ports: entry.Ports, Until: entry.Until, Request: request}
		back := workflow.FlowPeer{Namespace: here.Name, PodLabels: entry.Pods}
		if entry.Direction == workflow.Egress {
			other.Direction, other.From = workflow.Ingress, &back
		} else {
			other.To = &back
		}
		there.Network = append(there.Network, other)
	case 1:
		peer = workflow.FlowPeer{CIDR: "10.20.0.0/16", Except: []string{"10.20.1.0/24", "10.20.9.0/28"}}
	case 2:
		peer = workflow.FlowPeer{CIDR: "2001:db8::/48"}
	case 3:
		peer = workflow.FlowPeer{Internet: true}
	case 4:
		entry.Direction = workflow.Egress
		peer = workflow.FlowPeer{FQDN: rapid.SampledFrom([]string{"api.example.com", "*.example.com"}).Draw(t, "name")}
	}
	if entry.Direction == workflow.Egress {
		entry.To = &peer
	} else {
		entry.From = &peer
	}
	here.Network = append(here.Network, entry)
}

// networkRule is one rule of a NetworkPolicy, and how to reach it in a copy.
type networkRule struct {
	direction, side string
	index           int
}

func (r networkRule) in(object tree) tree { return at(object, "spec", r.direction, r.index).(tree) }

// list gives the peers or ports of the rule.
func (r networkRule) list(object tree, key string) []any {
	list, _ := r.in(object)[key].([]any)
	return list
}

func networkRulesOf(object tree) []networkRule {
	var found []networkRule
	for direction, side := range map[string]string{"ingress": "from", "egress": "to"} {
		rules, _ := at(object, "spec").(tree)[direction].([]any)
		for i := range rules {
			found = append(found, networkRule{direction, side, i})
		}
	}
	return found
}

// mutateNetworkPolicy widens each part of a NetworkPolicy, one at a time.
func mutateNetworkPolicy(object tree, mutate mutator) {
	both := []any{"Ingress", "Egress"}
	for _, direction := range []string{"ingress", "egress"} {
		mutate("open "+direction, func(o tree) {
			rules, _ := at(o, "spec").(tree)[direction].([]any)
			set(o, append(slices.Clone(rules), tree{}), "spec", direction)
			set(o, both, "spec", "policyTypes")
		})
	}
	rules := networkRulesOf(object)
	if len(rules) == 0 { // it closes both directions for every pod
		for _, left := range []string{"Ingress", "Egress"} {
			mutate("police only "+left, func(o tree) { set(o, []any{left}, "spec", "policyTypes") })
		}
		mutate("close only some pods", func(o tree) { set(o, tree{"matchLabels": tree{"a": "b"}}, "spec", "podSelector") })
		return
	}
	if selector := at(object, "spec", "podSelector").(tree); len(selector) > 0 {
		mutate("for every pod", func(o tree) { set(o, tree{}, "spec", "podSelector") })
		mutate("for other pods", func(o tree) { set(o, tree{"matchLabels": tree{"a": "b"}}, "spec", "podSelector") })
		mutate("for pods with any such label", func(o tree) {
			set(o, tree{"matchExpressions": []any{tree{"key": "app", "operator": "Exists"}}}, "spec", "podSelector")
		})
	}
	for _, rule := range rules {
		name := fmt.Sprintf("%s %d", rule.direction, rule.index)
		mutate("anybody in "+name, func(o tree) { delete(rule.in(o), rule.side) })
		for j := range rule.list(object, rule.side) {
			mutatePeer(object, rule, j, mutate)
		}
		for k := range rule.list(object, "ports") {
			mutatePort(object, rule, k, mutate)
		}
		if len(rule.list(object, "ports")) > 0 {
			mutate("every port in "+name, func(o tree) { delete(rule.in(o), "ports") })
			mutate("a port more in "+name, func(o tree) {
				rule.in(o)["ports"] = append(rule.list(o, "ports"), tree{"protocol": "TCP"}, tree{"protocol": "UDP"}, tree{"protocol": "SCTP"})
			})
		}
	}
}

func mutatePeer(object tree, rule networkRule, j int, mutate mutator) {
	name := fmt.Sprintf("%s %d, peer %d", rule.direction, rule.index, j)
	peer := func(o tree) tree { return rule.list(o, rule.side)[j].(tree) }
	if block, ok := peer(object)["ipBlock"].(tree); ok {
		// Beside other ranges, what one has more may be another's.
		if cidr := netip.MustParsePrefix(block["cidr"].(string)); cidr.Bits() > 0 && len(rule.list(object, rule.side)) == 1 {
			mutate("a range twice as wide in "+name, func(o tree) {
				set(peer(o), netip.PrefixFrom(cidr.Addr(), cidr.Bits()-1).Masked().String(), "ipBlock", "cidr")
			})
		}
		except, _ := block["except"].([]any)
		for i := range except {
			mutate(fmt.Sprintf("exception %d dropped in %s", i, name), func(o tree) {
				set(peer(o), slices.Delete(at(peer(o), "ipBlock", "except").([]any), i, i+1), "ipBlock", "except")
			})
		}
		mutate("pods as well in "+name, func(o tree) { rule.in(o)[rule.side] = append(rule.list(o, rule.side), tree{"podSelector": tree{}}) })
		return
	}
	mutate("any namespace in "+name, func(o tree) { peer(o)["namespaceSelector"] = tree{} })
	mutate("another namespace in "+name, func(o tree) {
		peer(o)["namespaceSelector"] = tree{"matchLabels": tree{"kubernetes.io/metadata.name": "elsewhere"}}
	})
	if peer(object)["podSelector"] != nil {
		mutate("any pod in "+name, func(o tree) { delete(peer(o), "podSelector") })
	}
}

func mutatePort(object tree, rule networkRule, k int, mutate mutator) {
	name := fmt.Sprintf("%s %d, port %d", rule.direction, rule.index, k)
	port := func(o tree) tree { return rule.list(o, "ports")[k].(tree) }
	first := port(object)["port"].(float64)
	last, ranged := port(object)["endPort"].(float64)
	if !ranged {
		last = first
	}
	mutate("any number in "+name, func(o tree) { delete(port(o), "port"); delete(port(o), "endPort") })
	if len(rule.list(object, "ports")) > 1 {
		return // beside other ports, what one has more may be another's
	}
	if last < 65535 {
		mutate("a wider range in "+name, func(o tree) { port(o)["endPort"] = last + 1 })
		mutate("the next port in "+name, func(o tree) { port(o)["port"] = last + 1; delete(port(o), "endPort") })
	}
	if first > 1 {
		mutate("a range from before in "+name, func(o tree) { port(o)["port"] = first - 1; port(o)["endPort"] = last })
	}
	other := map[any]any{"TCP": "UDP", "UDP": "SCTP", "SCTP": "TCP"}
	mutate("another protocol in "+name, func(o tree) { port(o)["protocol"] = other[port(o)["protocol"]] })
}

// mutateCiliumPolicy widens what a policy with a DNS name says. What it means is not
// compared, so that nothing of it may differ: each of its values is changed, too.
func mutateCiliumPolicy(object tree, mutate mutator) {
	mutate("everything opened", func(o tree) {
		set(o, append(at(o, "spec", "egress").([]any), tree{"toEntities": []any{"all"}}), "spec", "egress")
	})
	mutate("ingress opened", func(o tree) { set(o, []any{tree{}}, "spec", "ingress") })
	mutate("every name", func(o tree) { set(o, []any{tree{"matchPattern": "*"}}, "spec", "egress", 1, "toFQDNs") })
	mutate("every port", func(o tree) { delete(at(o, "spec", "egress", 1).(tree), "toPorts") })
	mutate("other pods", func(o tree) { set(o, tree{"matchLabels": tree{"k8s:a": "b"}}, "spec", "endpointSelector") })
	for path, steps := range leavesOf(object) {
		if steps[0] == "spec" {
			mutate("another value of "+path, func(o tree) { replaceAt(o, "other", steps) })
		}
	}
}

// narrowNetworkPolicy narrows each part of a NetworkPolicy, one at a time.
func narrowNetworkPolicy(object tree, narrow mutator) {
	for i, rule := range networkRulesOf(object) {
		name := fmt.Sprintf("%s %d", rule.direction, rule.index)
		if i == 0 {
			narrow("for fewer pods", func(o tree) {
				set(o, tree{"matchExpressions": []any{tree{"key": "app", "operator": "In", "values": []any{"api", "web"}}, tree{"key": "x", "operator": "DoesNotExist"}}, "matchLabels": orEmpty(at(o, "spec", "podSelector").(tree)["matchLabels"])}, "spec", "podSelector")
			})
			narrow("to the other direction as well", func(o tree) { set(o, []any{"Egress", "Ingress"}, "spec", "policyTypes") })
		}
		narrow("no rule instead of "+name, func(o tree) { set(o, []any{}, "spec", rule.direction) })
		narrow("twice only "+name, func(o tree) { set(o, []any{rule.in(o), rule.in(o)}, "spec", rule.direction) })
		if ports := rule.list(object, "ports"); len(ports) > 1 {
			narrow("fewer ports in "+name, func(o tree) { rule.in(o)["ports"] = rule.list(o, "ports")[1:] })
		} else if len(ports) == 0 {
			narrow("one port in "+name, func(o tree) { rule.in(o)["ports"] = []any{tree{"port": 8080, "protocol": "TCP"}} })
		}
		for j := range rule.list(object, rule.side) {
			if block, ok := rule.list(object, rule.side)[j].(tree)["ipBlock"].(tree); ok {
				cidr := netip.MustParsePrefix(block["cidr"].(string))
				if cidr.IsSingleIP() {
					continue
				}
				narrow(fmt.Sprintf("half of range %d in %s", j, name), func(o tree) {
					set(rule.list(o, rule.side)[j].(tree), tree{"cidr": netip.PrefixFrom(cidr.Addr(), cidr.Bits()+1).String(), "except": halfOf(cidr, block["except"])}, "ipBlock")
				})
			}
		}
	}
}

// halfOf keeps the exceptions that lie in the first half of a range.
func halfOf(cidr netip.Prefix, except any) []any {
	half := netip.PrefixFrom(cidr.Addr(), cidr.Bits()+1)
	list, _ := except.([]any)
	return slices.DeleteFunc(slices.Clone(list), func(text any) bool {
		part := netip.MustParsePrefix(text.(string))
		return part.Bits() <= half.Bits() || !half.Contains(part.Addr())
	})
}

func orEmpty(labels any) any {
	if labels == nil {
		return tree{}
	}
	return labels
}

// isEnded says whether the object says of itself that its time was over at testTime.
func isEnded(t testing.TB, object tree) bool {
	annotations, _ := at(object, "metadata").(tree)["annotations"].(tree)
	until, found := annotations["tenure.dev/until"].(string)
	if !found {
		return false
	}
	end, err := time.Parse(time.RFC3339, until)
	if err != nil {
		t.Fatal(err)
	}
	return !end.After(testTime)
}
