package web

// NetworkFields is the form for a network exception. All fields are always
// there; the styles show those of the chosen other side, so that it works
// without script and nothing typed is lost.
type NetworkFields struct {
	SuggestHref string // leads to proposals from what was seen; empty where the request is there already

	Namespace Field
	Direction Field
	Pods      Field

	Peer          Field
	PeerNamespace Field
	PeerPods      Field
	CIDR          Field
	Except        Field
	FQDN          Field

	Ports  Field
	Until  Field
	Reason Field
}

// fields lists the form's fields in the order of the page.
func (n *NetworkFields) fields() []*Field {
	return []*Field{
		&n.Namespace, &n.Direction, &n.Pods,
		&n.Peer, &n.PeerNamespace, &n.PeerPods, &n.CIDR, &n.Except, &n.FQDN,
		&n.Ports, &n.Until, &n.Reason,
	}
}
