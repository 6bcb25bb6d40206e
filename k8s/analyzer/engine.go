package analyzer

import (
	"slices"
	"strings"

	"tenure.dev/workflow"
)

// Notes says what a cluster's network engine does with an exception that its
// fields do not tell, in whole sentences; none where it does just what they say.
func Notes(engine workflow.NetworkEngine, exception workflow.NetworkException) []string {
	shape := shapeOf(exception)
	var notes []string
	for _, note := range engineNotes {
		if (note.engine == everyEngine || note.engine == engine) && note.when(shape) {
			notes = append(notes, note.sentence)
		}
	}
	return notes
}

// engineNote is one fact about an engine.
type engineNote struct {
	engine   workflow.NetworkEngine
	when     func(shape) bool // for which exceptions it matters
	sentence string           // for people who decide about the exception
	source   string           // where the engine's own project says so
}

// everyEngine marks what holds whatever the engine is.
const everyEngine workflow.NetworkEngine = ""

// shape is what the engines tell exceptions apart by.
type shape struct {
	ingress  bool
	cidr     bool // one range of addresses
	internet bool
	fqdn     bool
	wildcard bool // a DNS name that begins with *
	except   bool // something of the range is left out
	ipv6     bool // the range is of IPv6
	ranges   bool // a range of ports
	sctp     bool
}

func shapeOf(e workflow.NetworkException) shape {
	s := shape{
		ingress: e.Direction == workflow.Ingress,
		ranges:  slices.ContainsFunc(e.Ports, func(p workflow.FlowPort) bool { return p.EndPort > p.Port }),
		sctp:    slices.ContainsFunc(e.Ports, func(p workflow.FlowPort) bool { return p.Protocol == "SCTP" }),
	}
	if peer := e.Peer(); peer != nil {
		s.cidr, s.internet, s.fqdn = peer.CIDR != "", peer.Internet, peer.FQDN != ""
		s.wildcard = strings.HasPrefix(peer.FQDN, "*")
		s.except = len(peer.Except) > 0
		s.ipv6 = strings.Contains(peer.CIDR, ":")
	}
	return s
}

func always(shape) bool { return true }

// The pages that several notes come from.
const (
	kubernetesPolicies = "https://kubernetes.io/docs/concepts/services-networking/network-policies/"
	aksPolicies        = "https://learn.microsoft.com/azure/aks/use-network-policies#limitations-of-azure-network-policy-manager"
	aksCilium          = "https://learn.microsoft.com/azure/aks/azure-cni-powered-by-cilium#frequently-asked-questions"
	aksNames           = "https://learn.microsoft.com/azure/aks/how-to-apply-fqdn-filtering-policies"
	ciliumLayer3       = "https://docs.cilium.io/en/stable/security/policy/layer3/"
)

// engineNotes is all that is known, in the order in which it is told: what the
// exception opens, what it does not, and how it ends. Only what the project of
// an engine says of it stands here.
var engineNotes = []engineNote{
	{
		everyEngine, func(s shape) bool { return s.ingress && (s.cidr || s.internet) },
		"What comes through a load balancer or another node may arrive with that one's address instead of the caller's, and is then let in or refused by it.",
		kubernetesPolicies + "#behavior-of-to-and-from-selectors",
	},
	{
		everyEngine, func(s shape) bool { return s.ingress && (s.cidr || s.internet) },
		"The node on which a pod runs reaches it in any case, whatever is opened or closed.",
		kubernetesPolicies,
	},

	// Azure Network Policy Manager.
	{
		workflow.EngineAzure, func(s shape) bool { return s.cidr && s.ipv6 },
		"Azure Network Policy Manager does not know IPv6 and leaves out a policy with an IPv6 address in it: the exception opens nothing on this cluster.",
		aksPolicies, // and ErrUnsupportedIPAddress of github.com/Azure/azure-container-networking/npm/pkg/controlplane/translation
	},
	{
		workflow.EngineAzure, func(s shape) bool { return s.internet },
		"Azure Network Policy Manager does not know IPv6: on this cluster the internet is every public address of IPv4.",
		aksPolicies,
	},
	{
		workflow.EngineAzure, func(s shape) bool { return s.except || s.internet },
		"On Windows nodes Azure Network Policy Manager knows no exceptions from a range and leaves out a policy that has any: the exception opens nothing for pods there.",
		aksPolicies, // and ErrUnsupportedExceptCIDR of the same package
	},
	{
		workflow.EngineAzure, func(s shape) bool { return s.sctp },
		"On Windows nodes Azure Network Policy Manager does not know SCTP.",
		aksPolicies,
	},
	{
		workflow.EngineAzure, always,
		"Whether connections that are open when the exception ends are cut is not defined.",
		kubernetesPolicies + "#networkpolicy-s-impact-on-existing-connections",
	},

	// Calico.
	{
		workflow.EngineCalico, func(s shape) bool { return s.cidr },
		"Calico looks at addresses alone: pods and nodes whose addresses lie in the range are opened with it.",
		"https://github.com/projectcalico/calico/issues/6634",
	},
	{
		workflow.EngineCalico, always,
		"Connections that are open when the exception ends go on until one side closes them.",
		"https://github.com/projectcalico/calico/issues/6399",
	},

	// Cilium, and as AKS runs it.
	{
		workflow.EngineCilium, func(s shape) bool { return s.cidr },
		"To Cilium a range is addresses outside of the cluster: pods and nodes whose addresses lie in it stay closed.",
		ciliumLayer3 + "#ip-cidr-based", // and aksCilium
	},
	{
		workflow.EngineCilium, func(s shape) bool { return s.ranges },
		"Cilium before 1.16 ignores the end of a range of ports and opens the first one alone.",
		"https://github.com/cilium/cilium/issues/28684", // and 16622, which came with 1.16
	},
	{
		workflow.EngineCilium, func(s shape) bool { return s.sctp },
		"Cilium knows SCTP only where it was switched on, as a beta feature.",
		"https://docs.cilium.io/en/stable/configuration/sctp/",
	},
	{
		workflow.EngineCilium, func(s shape) bool { return s.fqdn },
		"A name opens the addresses that its DNS answers held, and so whatever else is served at these addresses.",
		ciliumLayer3 + "#dns-based",
	},
	{
		workflow.EngineCilium, func(s shape) bool { return s.wildcard },
		"The * stands for one part of a name: *.example.com is a.example.com, and neither a.b.example.com nor example.com.",
		ciliumLayer3 + "#dns-based",
	},
	{
		workflow.EngineCilium, func(s shape) bool { return s.fqdn },
		"On AKS, Cilium knows DNS names only with Advanced Container Networking Services; without them the exception opens nothing.",
		aksCilium,
	},
	{
		workflow.EngineCilium, func(s shape) bool { return s.fqdn },
		"Cilium learns the addresses from the answers of the cluster's DNS; where a node-local cache answers instead, the exception opens nothing.",
		aksNames,
	},
	{
		workflow.EngineCilium, always,
		"Cilium asks its policies about every packet: connections that are open when the exception ends are cut.",
		"https://github.com/cilium/cilium/pull/2700",
	},
}
