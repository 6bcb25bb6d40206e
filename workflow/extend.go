package workflow

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Soon is how far off an end is that people are told of on their pages.
const Soon = 7 * 24 * time.Hour

// usualTerm is how long something is proposed to last, and by how much it is
// proposed to be extended.
const usualTerm = 30 * 24 * time.Hour

// Longest is how far off the end of what a request of the kind gives may be;
// zero for kinds whose grants have no end.
func (l RequestLimits) Longest(kind Kind) time.Duration {
	switch kind {
	case KindNetwork:
		return l.Network.term().longest
	case KindQuota:
		return l.Quota.term("").longest
	case KindAccess:
		return l.Access.term().longest
	case KindExemption:
		return l.Exemption.term("").longest
	}
	return 0
}

// Proposed is the end that is proposed for something that begins, or ends so
// far, at a moment: the usual time later, on a day, and never later than the
// policy allows now.
func (l RequestLimits) Proposed(kind Kind, from, now time.Time) time.Time {
	proposed, last := from.Add(usualTerm), now.Add(l.Longest(kind))
	if proposed.After(last) {
		proposed = last
	}
	return proposed.UTC().Truncate(24 * time.Hour)
}

// Ending lists what ends soon among what the tenancy's namespaces were given
// beyond themselves, the soonest first. A flow between two of its namespaces is
// listed once.
func (t Tenancy) Ending(now time.Time) []Grant {
	var soon []Grant
	for _, g := range t.Grants() {
		listed := slices.ContainsFunc(soon, func(other Grant) bool { return other.Request == g.Request })
		if !listed && !g.Until.IsZero() && !g.Expired(now) && g.Until.Sub(now) <= Soon {
			soon = append(soon, g)
		}
	}
	slices.SortStableFunc(soon, func(a, b Grant) int { return a.Until.Compare(b.Until) })
	return soon
}

// Extension is the change that asks for what a grant of the tenancy gives, until
// a later end. False where the grant has no end, or where the policy allows none
// that is later.
func (t Tenancy) Extension(g Grant, policy Policy, now time.Time) (Change, bool) {
	until := policy.Requests.Proposed(g.Kind, g.Until, now)
	if g.Until.IsZero() || !until.After(g.Until) {
		return nil, false
	}
	change := t.again(g, untilText(until))
	return change, change != nil
}

// again is the change that asks for what a grant gives.
func (t Tenancy) again(g Grant, until string) Change {
	switch g.Kind {
	case KindNetwork:
		return entryOf[NetworkException](g).again(g, until)
	case KindAccess:
		return entryOf[Access](g).again(t, g, until)
	case KindExemption:
		e := entryOf[Exemption](g)
		return ExemptionChange{Cluster: g.Cluster, Namespace: g.Namespace, Rule: e.Rule, Value: e.Value, Selector: LabelsTyped(e.Selector), Until: until}
	case KindQuota:
		change := QuotaChangeOf(g.Cluster, g.Namespace, entryOf[QuotaRaise](g).Size())
		change.Until = until
		return change
	}
	return nil
}

// entryOf is the entry of the document that the grant is about.
func entryOf[E any](g Grant) (entry E) {
	// It was encoded from one, so that it can be decoded.
	_ = json.Unmarshal([]byte(g.entry), &entry)
	return entry
}

func (e NetworkException) again(g Grant, until string) NetworkChange {
	peer := e.Peer()
	change := NetworkChange{
		Cluster: g.Cluster, Namespace: g.Namespace, Direction: e.Direction, Pods: LabelsTyped(e.Pods), Ports: PortsText(e.Ports), Until: until,
	}
	switch {
	case peer == nil:
	case peer.Internet:
		change.Peer = PeerInternet
	case peer.CIDR != "":
		change.Peer, change.CIDR, change.Except = PeerCIDR, peer.CIDR, strings.Join(peer.Except, ", ")
	case peer.FQDN != "":
		change.Peer, change.FQDN = PeerFQDN, peer.FQDN
	default:
		change.Peer, change.PeerNamespace, change.PeerPods = PeerNamespace, peer.Namespace, LabelsTyped(peer.PodLabels)
	}
	return change
}

func (a Access) again(t Tenancy, g Grant, until string) AccessChange {
	change := AccessChange{Cluster: g.Cluster, Namespace: g.Namespace, Role: a.Role, Until: until}
	switch {
	case a.Person != "":
		change.Subject, change.Person = SubjectPerson, a.Person
	case a.Group == t.Members.Group:
		change.Subject = SubjectMembers
	case a.Group == t.Owners.Group:
		change.Subject = SubjectOwners
	default:
		change.Subject, change.Group = SubjectGroup, a.Group
	}
	return change
}

// QuotaChangeOf is a change that asks for these amounts, as they would be typed.
func QuotaChangeOf(cluster, namespace string, size Size) QuotaChange {
	change := QuotaChange{
		Cluster: cluster, Namespace: namespace, CPU: size.CPU.String(), Memory: size.Memory.String(), Storage: size.Storage.String(),
		Pods: wholeNumber(size.Pods).String(),
	}
	for kind, count := range size.Objects {
		if change.Objects == nil {
			change.Objects = map[ObjectCount]string{}
		}
		change.Objects[kind] = wholeNumber(count).String()
	}
	return change
}

// Asked finds the open request that asks for what the change asks for; false
// where none does.
func Asked(requests []Request, change Change) (Request, bool) {
	i := slices.IndexFunc(requests, func(r Request) bool {
		_, same := change.rivals(r)
		return same && r.State.Open()
	})
	if i < 0 {
		return Request{}, false
	}
	return requests[i], true
}
