package handlers

import (
	"strings"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// directionBadge says which side opens the connections.
func directionBadge(direction workflow.FlowDirection) web.Badge {
	if direction == workflow.Ingress {
		return web.Badge{Text: "ingress", Tone: web.ToneNeutral, Icon: web.IconIn}
	}
	return web.Badge{Text: "egress", Tone: web.ToneNeutral, Icon: web.IconOut}
}

// peerWords names the other side of an exception, and says of it what there is
// to say beside the name.
func peerWords(peer *workflow.FlowPeer) (name, detail string) {
	switch {
	case peer == nil:
		return "nothing", ""
	case peer.Internet:
		return "the internet", "every public address"
	case peer.CIDR != "" && len(peer.Except) > 0:
		return peer.CIDR, "without " + strings.Join(peer.Except, ", ")
	case peer.CIDR != "":
		return peer.CIDR, ""
	case peer.FQDN != "":
		return peer.FQDN, "by its DNS name"
	}
	return peer.Namespace, workflow.LabelsText(peer.PodLabels)
}
