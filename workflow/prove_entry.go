package workflow

import (
	"fmt"
	"slices"
)

// What each kind of request can give to a namespace that is there, held against
// the change of a commit: one entry in one namespace of one tenancy, and nothing
// else anywhere.

// proveEntry objects unless the tenancy after the commit is the one before it
// with one namespace changed, and that one as it may be. It finds the namespace
// by its being another; change says from its states before and after how it may
// be afterwards, and what else there is to object to.
func (p Proof) proveEntry(plan Plan, change func(before, after Namespace) (want Namespace, objections []string)) []string {
	kind := p.Message.Kind
	if len(plan.Others) > 0 {
		return []string{fmt.Sprintf("a request of kind %s changes one tenancy, yet that of %s changes, too", kind, plan.Others[0].After.Name)}
	}
	changed := plan.sides()[0].changed()
	if len(changed) != 1 {
		return []string{fmt.Sprintf("a request of kind %s changes one namespace, not %d", kind, len(changed))}
	}
	after := changed[0]
	before, _ := plan.Before.Namespace(after.Cluster, after.Name)
	want, objections := change(before, after)
	wanted := plan.Before.with(after.Cluster, after.Name, func(n *Namespace) { *n = want })
	if !wanted.equal(plan.After) {
		objections = append(objections, fmt.Sprintf("a request of kind %s changes its own entry, yet something else of %s changes", kind, plan.After.Name))
	}
	return objections
}

// proveQuota wants other lasting amounts, or another temporary increase, by this
// request.
func (p Proof) proveQuota(plan Plan) []string {
	m := p.Message
	return p.proveEntry(plan, func(before, after Namespace) (Namespace, []string) {
		want := before
		if raise := after.Quota.Raise; raise != nil && raise.Request == m.Request {
			want.Quota.Raise = raise
			if message := p.Policy.Requests.Quota.term("a temporary increase").check(raise.Until, m.PlannedAt); message != "" {
				return want, []string{"until: " + message}
			}
			if !before.Quota.Lasting().most(raise.Size()).equal(raise.Size()) {
				return want, []string{"a temporary increase lowers nothing"}
			}
			return want, nil
		}
		raise := before.Quota.Raise
		want.Quota = after.Quota.Lasting().quotaOf(m.Request)
		want.Quota.Raise = raise
		return want, nil
	})
}

// proveAccess wants one entry of access by this request, in place of none or of
// an earlier one that had an end.
func (p Proof) proveAccess(plan Plan) []string {
	m := p.Message
	return p.proveEntry(plan, func(before, after Namespace) (Namespace, []string) {
		i := slices.IndexFunc(after.Access, func(a Access) bool { return a.Request == m.Request })
		if i < 0 || before.Request == m.Request {
			return before, []string{fmt.Sprintf("it gives no access by request %d", m.Request)}
		}
		given := after.Access[i]
		var objections []string
		if given.Until.IsZero() {
			if message := p.Policy.Requests.Access.checkStanding(given.Role); message != "" {
				objections = append(objections, "until: "+message)
			}
		} else if message := p.Policy.Requests.Access.term().check(given.Until, m.PlannedAt); message != "" {
			objections = append(objections, "until: "+message)
		}
		for _, approval := range m.ApprovedBy {
			if given.Person != "" && approval.Person.ID.Object == given.Person {
				objections = append(objections, fmt.Sprintf("%s approved their own access", approval.Person.ID))
			}
		}
		if given.ofOthers(p.Holders, plan.Before) {
			objections = append(objections, fmt.Sprintf("the group %s is another tenant's", given.Group))
		}
		want := before
		want.Access = append(without(before.Access, func(a Access) bool { return a.key() == given.key() }), given)
		if j := slices.IndexFunc(before.Access, func(a Access) bool { return a.key() == given.key() }); j >= 0 && !given.prolongs(before.Access[j]) {
			objections = append(objections, fmt.Sprintf("it takes the place of the access of request %d, which lasts longer", before.Access[j].Request))
		}
		return want, objections
	})
}

// prolongs says whether access lasts longer than what it takes the place of.
func (a Access) prolongs(other Access) bool {
	return !other.Until.IsZero() && (a.Until.IsZero() || a.Until.After(other.Until))
}

// proveExemption wants one exemption by this request, in place of none or of an
// earlier one of the same.
func (p Proof) proveExemption(plan Plan) []string {
	m := p.Message
	return p.proveEntry(plan, func(before, after Namespace) (Namespace, []string) {
		i := slices.IndexFunc(after.Exemptions, func(e Exemption) bool { return e.Request == m.Request })
		if i < 0 {
			return before, []string{fmt.Sprintf("it gives no exemption by request %d", m.Request)}
		}
		given := after.Exemptions[i]
		var objections []string
		if message := p.Policy.Requests.Exemption.term("an exemption").check(given.Until, m.PlannedAt); message != "" {
			objections = append(objections, "until: "+message)
		}
		if j := slices.IndexFunc(before.Exemptions, given.same); j >= 0 && !given.Until.After(before.Exemptions[j].Until) {
			objections = append(objections, fmt.Sprintf("it takes the place of the exemption of request %d, which lasts longer", before.Exemptions[j].Request))
		}
		want := before
		want.Exemptions = append(without(before.Exemptions, given.same), given)
		return want, objections
	})
}
