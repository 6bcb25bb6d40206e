package analyzer

import (
	"net/url"

	"tenure.dev/workflow"
)

// repair is the form, filled in, for an exception that lets through at the far
// end what a grant lets through at its own. The tenant can ask for its own
// namespaces only, so where the far end is another's the form begins at this one:
// an exception between namespaces is given at both ends.
func repair(g *grant, far side, tenant string) string {
	here := side{spot: g.at.spot, labels: g.pods}
	direction := g.direction
	if far.place.tenant == tenant {
		here, far = far, here
		direction = opposite(direction)
	}
	values := url.Values{
		"cluster": {here.cluster}, "namespace": {here.namespace}, "direction": {string(direction)}, "pods": {labelText(here.labels)},
		"peer": {string(workflow.PeerNamespace)}, "peerNamespace": {far.namespace}, "peerPods": {labelText(far.labels)},
		"ports": {g.ports().typed()},
	}
	for name, value := range values {
		if value[0] == "" {
			delete(values, name)
		}
	}
	return "/requests/new/network?" + values.Encode()
}

func opposite(direction workflow.FlowDirection) workflow.FlowDirection {
	if direction == workflow.Ingress {
		return workflow.Egress
	}
	return workflow.Ingress
}
