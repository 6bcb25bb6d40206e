package differential

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"

	"tenure.dev/k8s/network"
)

var (
	seed = flag.Uint64("seed", 0, "seed of the random policies; 0 takes one from the clock and prints it")
	sets = flag.Int("sets", 20_000, "how many sets of policies to compare")
)

// flowsPerSet is how many random flows each set of policies is asked about.
const flowsPerSet = 8

// TestBothReadTheSamePoliciesAlike asks both implementations about random flows
// through random sets of policies. They must agree on each one.
//
// One thing cyclonus reads against the specification: NotIn does not match where
// the key is absent. Kubernetes' documentation of set-based requirements ("all
// resources with no labels with the key") and k8s.io/apimachinery/pkg/labels say
// that it does. So it is given worlds in which every key is there, with a value
// that stands for "absent"; see translate_test.go.
//
// Two things are kept out of the random worlds, since the specification leaves
// them open and the two decide them differently: ipBlocks that hold addresses of
// pods (cyclonus matches them, we hold ipBlocks to be of addresses outside the
// cluster), and a pod that talks to itself (always let through, which cyclonus
// does not model). The pods' addresses lie outside all blocks, and no flow has
// the same pod at both ends.
func TestBothReadTheSamePoliciesAlike(t *testing.T) {
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d: %d sets of policies, %d flows each", *seed, *sets, flowsPerSet)
	through := 0
	for i := range *sets {
		w := world{rand.New(rand.NewPCG(*seed, uint64(i)))}
		policies := w.policies()
		ours, err := network.New(network.Objects{Namespaces: namespaces(), Policies: policies})
		if err != nil {
			t.Fatalf("seed %d, set %d: %v\n%s", *seed, i, err, printed(t, policies))
		}
		theirs := matcher.BuildNetworkPolicies(w.IntN(2) == 0, translated(policies))
		for range flowsPerSet {
			from, to := w.ends()
			port := ports[w.IntN(len(ports))]
			got, err := ours.Allows(network.Probe{From: from.endpoint(), To: to.endpoint(), Protocol: port.protocol, Port: port.number})
			if err != nil {
				t.Fatalf("seed %d, set %d: %v", *seed, i, err)
			}
			want := theirs.IsTrafficAllowed(&matcher.Traffic{
				Source: from.peer(), Destination: to.peer(), Protocol: port.protocol,
				ResolvedPort: int(port.number), ResolvedPortName: to.portName(port),
			}).IsAllowed()
			if got != want {
				t.Fatalf("seed %d, set %d: %s -> %s, %s %d: we say %t, cyclonus says %t\n%s",
					*seed, i, from, to, port.protocol, port.number, got, want, printed(t, policies))
			}
			if got {
				through++
			}
		}
	}
	// A generator that opens everything or nothing would compare nothing.
	if all := *sets * flowsPerSet; through < all/10 || through > all*9/10 {
		t.Errorf("%d of %d flows are let through; the random policies say too little", through, all)
	}
}

// printed writes policies so that a failure can be read and repeated.
func printed(t *testing.T, policies []*networkingv1.NetworkPolicy) string {
	t.Helper()
	var text string
	for _, p := range policies {
		data, err := yaml.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		text += "---\n" + string(data)
	}
	return text
}

// end is one end of a flow: a pod by its labels, or an address.
type end struct {
	namespace string
	labels    map[string]string
	ports     []network.ContainerPort
	address   string
}

func (e end) String() string { return fmt.Sprint(e.namespace, e.labels, e.address) }

func (e end) endpoint() network.Endpoint {
	if e.namespace == "" {
		return network.Endpoint{Address: netip.MustParseAddr(e.address)}
	}
	return network.Endpoint{Namespace: e.namespace, Labels: e.labels, Ports: e.ports}
}

func (e end) peer() *matcher.TrafficPeer {
	peer := &matcher.TrafficPeer{IP: e.address}
	if e.namespace != "" {
		peer.Internal = &matcher.InternalPeer{Namespace: e.namespace, PodLabels: present(e.labels), NamespaceLabels: present(namespaceLabels(e.namespace))}
	}
	return peer
}

// portName is what the destination calls the port.
func (e end) portName(p port) string {
	i := slices.IndexFunc(e.ports, func(c network.ContainerPort) bool { return c.Protocol == p.protocol && c.Port == p.number })
	if i < 0 {
		return ""
	}
	return e.ports[i].Name
}

type port struct {
	protocol corev1.Protocol
	number   int32
}

// ports are those that flows are tried on: at, beside and between the numbers
// that policies name.
var ports = []port{
	{corev1.ProtocolTCP, 80}, {corev1.ProtocolTCP, 81}, {corev1.ProtocolTCP, 8080}, {corev1.ProtocolTCP, 8085}, {corev1.ProtocolTCP, 9000},
	{corev1.ProtocolUDP, 80}, {corev1.ProtocolUDP, 53}, {corev1.ProtocolSCTP, 80}, {corev1.ProtocolSCTP, 65535}, {corev1.ProtocolTCP, 1},
}
