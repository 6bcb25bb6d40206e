package admission

import (
	"fmt"
	"time"

	networkingv1 "k8s.io/api/networking/v1"

	"tenure.dev/k8s/manifest"
	"tenure.dev/k8s/network"
)

// Outlived is a NetworkPolicy of a tenant's own, live in the cluster, that lets
// through more than is approved for its namespace now. Admission does not take it
// away, and its next change must drop what is too much.
type Outlived struct {
	Tenant    string // slug
	Namespace string
	Name      string // of the policy
	Witness   string // one opening that is not approved, or why the policy cannot be judged
	Request   int64  // the ended request that had given the opening; 0 when none is known to
}

// Outliving lists those of the policies that let through more than is approved for
// their namespaces at a moment, in the order given. Policies of namespaces that
// nobody approved are passed over, and so are those that Tenure rendered: whether
// these are as approved is a matter of comparing them. One that cannot be judged is
// listed.
func (s *Snapshot) Outliving(policies []*networkingv1.NetworkPolicy, at time.Time) []Outlived {
	var found []Outlived
	for _, policy := range policies {
		grant := s.grants[policy.Namespace]
		if grant == nil || grant.objects[manifest.Key{Group: networkPolicyKind.Group, Kind: networkPolicyKind.Kind, Namespace: policy.Namespace, Name: policy.Name}] != nil {
			continue
		}
		if witness, request, within := grant.openings.outlived(policy, Request{At: at}); !within {
			found = append(found, Outlived{grant.Tenant, policy.Namespace, policy.Name, witness, request})
		}
	}
	return found
}

// outlived judges a live policy: an opening beyond what is granted at the moment of
// the request, rather one that an ended exception had given, and that one's request.
func (p *openings) outlived(policy *networkingv1.NetworkPolicy, r Request) (opening string, request int64, within bool) {
	parts, err := p.beyond(policy, r)
	if err != nil {
		return fmt.Sprintf("it cannot be judged: %v", err), 0, false
	}
	if len(parts) == 0 {
		return "", 0, true
	}
	for _, wide := range parts {
		if object := p.endedBy(wide.part, r); object != nil {
			return wide.witness.String(), object.Request, false
		}
	}
	return parts[0].witness.String(), 0, false
}

// beyond names the parts of a policy that are more than is granted; none where all of
// it is granted.
func (p *openings) beyond(policy *networkingv1.NetworkPolicy, r Request) ([]widePart, error) {
	if err := network.CheckLimits(&policy.Spec, 0); err != nil {
		return nil, err
	}
	granted, err := p.at(r)
	if err != nil {
		return nil, err
	}
	if _, within, err := granted.Within(policy); err != nil || within {
		return nil, err
	}
	return wideParts(policy, granted)
}
