package handlers

import (
	"fmt"
	"maps"
	"slices"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// outcome presents what a file of flows comes to.
func (p *Portal) outcome(tenant string, s workflow.Suggestions) web.SuggestOutcome {
	view := web.SuggestOutcome{Sentence: fmt.Sprintf(
		"%s: %s. %d are let through now, %d stay inside a namespace, %d are with the platform, %d are others'.",
		s.Format, web.Count(s.Records, "flow"), s.Allowed, s.Inside, s.Platform, s.Elsewhere)}
	for _, reason := range slices.Sorted(maps.Keys(s.Passed)) {
		view.Passed = append(view.Passed, fmt.Sprintf("%s passed over: %s.", web.Count(s.Passed[reason], "record"), reason))
	}
	if s.More > 0 {
		view.Passed = append(view.Passed, fmt.Sprintf("%s with fewer flows left out. Give a shorter time or one namespace to see them.", web.Count(int64(s.More), "more proposal")))
	}
	for _, proposal := range s.Proposals {
		view.Proposals = append(view.Proposals, p.proposal(tenant, proposal))
	}
	return view
}

func (p *Portal) proposal(tenant string, s workflow.Suggestion) web.ProposalView {
	n, now := s.Change, p.Clock.Now()
	view := web.ProposalView{
		Direction: directionBadge(n.Direction), From: typedPods(n.Namespace, n.Pods), To: typedPeer(n), Ports: n.Ports,
		Counts: "Seen " + web.Count(s.Flows, "time") + ", dropped " + web.Count(s.Dropped, "time") + ".",
		First:  web.At(s.First, now), Last: web.At(s.Last, now),
		Notes: s.Notes, AskHref: n.Link(tenant),
	}
	if n.Direction == workflow.Ingress {
		view.From, view.To = view.To, view.From
	}
	return view
}

// typedPods names pods as they are typed into the form.
func typedPods(namespace, pods string) string {
	if pods == "" {
		return namespace
	}
	return namespace + " (" + pods + ")"
}

// typedPeer names the other side as it is typed into the form.
func typedPeer(n workflow.NetworkChange) string {
	switch n.Peer {
	case workflow.PeerInternet:
		return "the internet"
	case workflow.PeerCIDR:
		if n.Except != "" {
			return n.CIDR + " without " + n.Except
		}
		return n.CIDR
	case workflow.PeerFQDN:
		return n.FQDN
	}
	return typedPods(n.PeerNamespace, n.PeerPods)
}
