package workflow

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// AllOpens lists what a network exception can open.
func AllOpens() []Opens { return []Opens{OpensInternet, OpensTenant, OpensNamespace, OpensCIDR} }

// opens says what the exceptions that the plan gives open namespaces to, each
// once. Every exception opens one thing: a range with both public and private
// addresses opens the internet, so that no entry for private addresses, with
// fewer stages, fits it first.
func (p Plan) opens() []Opens {
	var opens []Opens
	for _, e := range p.given() {
		opens = append(opens, e.Peer().opens(len(p.Others) > 0))
	}
	slices.Sort(opens)
	return slices.Compact(opens)
}

// opens says what letting a peer in, or letting traffic out to it, opens.
// Another tenant is on the other side where two tenancies change.
func (p *FlowPeer) opens(another bool) Opens {
	switch {
	case p == nil || p.Internet || p.FQDN != "":
		return OpensInternet
	case p.CIDR != "" && p.public():
		return OpensInternet
	case p.CIDR != "":
		return OpensCIDR
	case another:
		return OpensTenant
	}
	return OpensNamespace
}

// words names what is opened, for the reason why somebody must agree.
func (o Opens) words() string {
	switch o {
	case OpensInternet:
		return "the internet"
	case OpensTenant:
		return "another tenant"
	case OpensNamespace:
		return "another namespace of the tenant"
	case OpensCIDR:
		return "private addresses"
	}
	return string(o)
}

// openWords lists what is opened, "the internet or another tenant".
func openWords(opens []Opens) string {
	words := make([]string, len(opens))
	for i, o := range opens {
		words[i] = o.words()
	}
	return listed(words, "or")
}

// opensNames lists what can be opened, for messages.
func opensNames() []string {
	var names []string
	for _, o := range AllOpens() {
		names = append(names, string(o))
	}
	return names
}

// fitsAll says whether the entry is about every request.
func (r ReviewRule) fitsAll() bool {
	return len(r.Kinds)+len(r.Environments)+len(r.Opens) == 0 && r.Within == ""
}

// fits says whether an entry of the policy is about what a plan is about. Most is
// the most of everything that the policy's sizes give. An entry that names no
// kinds is not about those that the platform decides, nor is one, of a policy from
// before that was checked, that would have others than the platform decide them.
func (r ReviewRule) fits(m matter, plan Plan, most Size) bool {
	if m.kind.isPlatforms() && !r.leavesToPlatform() {
		return false
	}
	return (len(r.Kinds) == 0 && !m.kind.isPlatforms() || slices.Contains(r.Kinds, m.kind)) &&
		(len(r.Environments) == 0 || slices.Contains(r.Environments, m.environment)) &&
		(len(r.Opens) == 0 || overlap(r.Opens, plan.opens())) &&
		(r.Within == "" || m.kind == KindQuota && plan.within(r.Within, most))
}

// leavesToPlatform says whether admins are among those who decide by the entry, and
// no owners.
func (r ReviewRule) leavesToPlatform() bool { return r.has(RoleAdmin) && !r.has(RoleOwner) }

// has says whether the entry has a stage of the role.
func (r ReviewRule) has(role Role) bool {
	return slices.ContainsFunc(r.Stages, func(s Stage) bool { return s.Role == role })
}

// within says whether what the tenant's namespaces have together afterwards
// stays within a bound. No ceiling bounds pods and counts of objects, such as
// load balancers, each of which is a way in past the platform's ingress: a plan
// that gives more of them, pods beyond the policy's largest size, is within none.
func (p Plan) within(bound Bound, most Size) bool {
	if p.lifts(most) {
		return false
	}
	switch bound {
	case WithinCeiling:
		return len(p.After.overCeiling()) == 0
	case WithinHalf:
		given, ceiling := p.After.Given(), p.After.Ceiling
		for _, part := range [][2]resource.Quantity{{given.CPU, ceiling.CPU}, {given.Memory, ceiling.Memory}, {given.Storage, ceiling.Storage}} {
			twice := part[0].DeepCopy()
			twice.Add(part[0])
			if twice.Cmp(part[1]) > 0 {
				return false
			}
		}
		return true
	}
	return false
}

// lifts says whether a namespace may have more afterwards of what no ceiling
// bounds. Lasting amounts are compared with lasting ones, and an increase that is
// new or lasts longer with those, too: an earlier increase makes nothing lasting.
// A namespace that is new may have what the policy's largest size gives.
func (p Plan) lifts(most Size) bool {
	return slices.ContainsFunc(p.After.Namespaces, func(n Namespace) bool {
		before, stays := p.Before.Namespace(n.Cluster, n.Name)
		was := before.Quota.Lasting()
		if !stays {
			was = most
		}
		given := []Size{n.Quota.Lasting()}
		if raise := n.Quota.Raise; raise != nil && encode(raise) != encode(before.Quota.Raise) {
			given = append(given, raise.Size())
		}
		return slices.ContainsFunc(given, func(size Size) bool {
			return size.Pods > max(was.Pods, most.Pods) || slices.ContainsFunc(size.beside(was), func(a amount) bool {
				return strings.HasPrefix(a.field, "objects.") && a.more()
			})
		})
	})
}

// largest is the most of everything that one of the policy's sizes gives.
func (p Policy) largest() (most Size) {
	for _, size := range p.Sizes {
		most = most.most(size)
	}
	return most
}

// why says which requests the entry is about, of those of a kind that it fits.
func (r ReviewRule) why(kind Kind) string {
	why := "every request"
	if len(r.Kinds) > 0 || len(r.Opens) > 0 || r.Within != "" {
		why = "every " + string(kind) + " request"
	}
	if len(r.Environments) > 0 {
		why += " in " + oneOf(r.Environments)
	}
	if len(r.Opens) > 0 {
		why += " that opens " + openWords(r.Opens)
	}
	switch r.Within {
	case WithinCeiling:
		why += " that stays within the tenant's ceiling"
	case WithinHalf:
		why += " that stays within half of the tenant's ceiling"
	}
	return why
}
