package workflow

// NetworkFormPath is the portal's form for a network exception. Denials,
// findings and proposals lead to it, filled in.
const NetworkFormPath = "/requests/new/network"

// Link leads to the form with all of this filled in, as a path with a query
// whose names are those of the form's fields. What is empty is left out, the
// tenant too: the form finds it by the namespace.
func (c NetworkChange) Link(tenant string) string {
	return formLink(NetworkFormPath, map[string]string{
		"tenant": tenant, "cluster": c.Cluster, "namespace": c.Namespace, "direction": string(c.Direction), "pods": c.Pods,
		"peer": string(c.Peer), "peerNamespace": c.PeerNamespace, "peerPods": c.PeerPods, "cidr": c.CIDR, "except": c.Except,
		"fqdn": c.FQDN, "ports": c.Ports, "until": c.Until, "reason": c.Reason,
	})
}
