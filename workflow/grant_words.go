package workflow

import (
	"fmt"
	"slices"
	"time"
)

// longTerm is from when on something with an end counts as long.
const longTerm = 14 * day

// tell says what a quota changes, amount by amount.
func (c QuotaChange) tell(plan Plan) (lines []string, found []Finding) {
	before, _ := plan.Before.Namespace(c.Cluster, c.Namespace)
	after, _ := plan.After.Namespace(c.Cluster, c.Namespace)
	was, is, raise := before.Quota.Lasting(), after.Quota.Lasting(), after.Quota.Raise
	until := ""
	if !c.lasts() && raise != nil {
		was, is, until = before.Quota.Effective(), after.Quota.Effective(), ", until "+instant(raise.Until)
		found = append(found, longLasting(plan, raise.Until)...)
	}
	var more, less []amount
	for _, a := range is.beside(was) {
		switch {
		case a.more():
			more = append(more, a)
		case a.less():
			less = append(less, a)
		}
	}
	for _, part := range []struct {
		verb    string
		amounts []amount
	}{{"Raises", more}, {"Lowers", less}} {
		if len(part.amounts) > 0 {
			lines = append(lines, fmt.Sprintf("%s the quota of %s on %s%s: %s.", part.verb, c.Namespace, c.Cluster, until, amountsText(part.amounts)))
		}
	}
	switch {
	case raise == nil:
	case !c.lasts() && len(lines) == 0:
		lines = append(lines, fmt.Sprintf("Keeps the temporary quota of %s on %s%s: %s.", c.Namespace, c.Cluster, until, raise.words(after.Quota)))
	case c.lasts():
		lines = append(lines, fmt.Sprintf("The temporary increase of request %d holds beside it until %s: %s.", raise.Request, instant(raise.Until), raise.words(after.Quota)))
	}
	if count := is.count(CountLoadBalancers); count.Sign() > 0 && count.Cmp(*was.count(CountLoadBalancers)) > 0 {
		found = append(found, Finding{Severity: SeverityWarning, Label: "load balancers", Message: fmt.Sprintf(
			"%s may have %s load balancers: each is a way in past the platform's ingress.", c.Namespace, count.String())})
	}
	if c.Confirmed && len(less) > 0 {
		found = append(found, Finding{Severity: SeverityWarning, Label: "below use", Message: "The person who asks confirmed that something may be in use beyond these amounts: what runs goes on, and nothing new starts until enough of it has gone."})
	}
	return lines, found
}

func amountsText(amounts []amount) string {
	words := make([]string, len(amounts))
	for i, a := range amounts {
		words[i] = fmt.Sprintf("%s from %s to %s", a.what, a.otherText(), a.text())
	}
	return listed(words, "and")
}

// Gains says in words what a role lets somebody do in a namespace, after "they
// may". The rules themselves are in deploy/base/cluster/roles-tenants.yaml.
func (r AccessRole) Gains() string {
	switch r {
	case AccessView:
		return "see workloads, services, configuration and who has access, and read logs; they see no secrets and change nothing"
	case AccessEdit:
		return "create, change and delete workloads, services, ingresses, configuration and secrets, and run commands in pods; they write no roles, quotas or anything else that Tenure governs"
	case AccessAdmin:
		return "do all that edit allows, debug running pods with ephemeral containers and make tokens of service accounts; they write no roles, quotas or anything else that Tenure governs"
	}
	return string(r)
}

// tell says who gains what.
func (c AccessChange) tell(plan Plan) (lines []string, found []Finding) {
	after, _ := plan.After.Namespace(c.Cluster, c.Namespace)
	before, _ := plan.Before.Namespace(c.Cluster, c.Namespace)
	for _, a := range after.Access {
		if slices.ContainsFunc(before.Access, func(was Access) bool { return encode(was) == encode(a) }) {
			continue
		}
		until := "without an end"
		if !a.Until.IsZero() {
			until = "until " + instant(a.Until)
			found = append(found, longLasting(plan, a.Until)...)
		}
		lines = append(lines, fmt.Sprintf("Gives %s the role %s in %s on %s, %s.", c.subject(a, plan.After), a.Role, c.Namespace, c.Cluster, until),
			"With it they may "+a.Role.Gains()+".")
		if has, more := before.coveredBy(a); more {
			found = append(found, Finding{Severity: SeverityInfo, Label: "has more already", Message: asSentence(fmt.Sprintf(
				"%s have the role %s there already (request %d), which lets them do all of this and more.", c.subject(a, plan.After), has.Role, has.Request))})
		}
		if a.Role == AccessAdmin && a.Until.IsZero() {
			found = append(found, Finding{Severity: SeverityWarning, Label: "standing admin", Message: "The role admin is given without an end."})
		}
		if a.Person != "" && a.Until.IsZero() {
			found = append(found, Finding{Severity: SeverityWarning, Label: "one person", Message: "It is for one person, without an end: it stays when they leave the team, until somebody takes it away."})
		}
	}
	return lines, append(found, inProduction(after)...)
}

// coveredBy gives a role with more that the same group or person has at least as
// long; false where it has none.
func (n Namespace) coveredBy(a Access) (Access, bool) {
	rank := func(role AccessRole) int { return slices.Index(AccessRoles(), role) }
	i := slices.IndexFunc(n.Access, func(has Access) bool {
		lasts := has.Until.IsZero() || !a.Until.IsZero() && !has.Until.Before(a.Until)
		return has.Group == a.Group && has.Person == a.Person && rank(has.Role) > rank(a.Role) && lasts
	})
	if i < 0 {
		return Access{}, false
	}
	return n.Access[i], true
}

// subject names who gains it.
func (c AccessChange) subject(a Access, tenancy Tenancy) string {
	switch {
	case a.Person != "" && c.found.name != "":
		return c.found.name + " (" + a.User + ")"
	case a.Person != "":
		return a.User
	case a.Group == tenancy.Members.Group:
		return tenancy.Name + "'s members"
	case a.Group == tenancy.Owners.Group:
		return tenancy.Name + "'s owners"
	case c.found.group != "":
		return "the group " + c.found.group + " (" + a.Group + ")"
	}
	return "the group " + a.Group
}

// tell says what is let through, past which rule, for which pods.
func (c ExemptionChange) tell(plan Plan) (lines []string, found []Finding) {
	exemption, _ := c.read()
	n, _ := plan.After.Namespace(c.Cluster, c.Namespace)
	lines = []string{
		fmt.Sprintf("Lets %s past the rule %s in %s on %s, for pods with the labels %s, until %s.",
			exemption.Value, exemption.Rule, c.Namespace, c.Cluster, LabelsTyped(exemption.Selector), instant(exemption.Until)),
		"Nothing else passes: other values, other pods and other namespaces are held to the rule as before.",
	}
	rule, _ := ruleOf(exemption.Rule)
	found = append(found, Finding{Severity: SeverityWarning, Label: "rule switched off", Message: fmt.Sprintf(
		"The rule %s does not hold for this value: %s Whoever may set these labels on pods there can use it.", exemption.Rule, rule.Means)})
	return lines, slices.Concat(found, longLasting(plan, exemption.Until), inProduction(n))
}

// longLasting warns of an end that is far off.
func longLasting(plan Plan, until time.Time) []Finding {
	lasts := until.Sub(plan.PlannedAt)
	if lasts <= longTerm {
		return nil
	}
	return []Finding{{Severity: SeverityInfo, Label: "long duration", Message: fmt.Sprintf("It lasts %d days, until %s.", int(lasts.Hours()/24), instant(until))}}
}

// inProduction warns of what is given in a production namespace.
func inProduction(n Namespace) []Finding {
	if n.Environment != "prod" {
		return nil
	}
	return []Finding{{Severity: SeverityWarning, Label: "production", Message: n.Name + " is a production namespace."}}
}
