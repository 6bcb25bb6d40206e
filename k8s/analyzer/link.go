package analyzer

import "tenure.dev/workflow"

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
	return workflow.NetworkChange{
		Cluster: here.cluster, Namespace: here.namespace, Direction: direction, Pods: workflow.LabelsTyped(here.labels),
		Peer: workflow.PeerNamespace, PeerNamespace: far.namespace, PeerPods: workflow.LabelsTyped(far.labels),
		Ports: g.ports().typed(),
	}.Link("")
}

func opposite(direction workflow.FlowDirection) workflow.FlowDirection {
	if direction == workflow.Ingress {
		return workflow.Egress
	}
	return workflow.Ingress
}
