package admission

import (
	"fmt"
	"slices"

	"tenure.dev/workflow"
)

// Decision is a verdict with what the webhook needs to answer.
type Decision struct {
	workflow.Verdict
	Mode workflow.ClusterMode // of the cluster; empty when there is no snapshot
}

// Evaluate judges one write by a snapshot. Without one it refuses everything.
// It is pure, the time being part of the request, and the only way to a verdict:
// the webhook, the try page and `tenure check` all come through here.
func Evaluate(snapshot *Snapshot, request Request) Decision {
	if snapshot == nil {
		return Decision{Verdict: workflow.Verdict{Object: request.display(), Violations: []workflow.Violation{noSnapshot}}}
	}
	o := newObject(snapshot, request)
	decision := Decision{Mode: snapshot.mode, Verdict: workflow.Verdict{Commit: snapshot.Commit, Allowed: true}}
	if o.Grant != nil {
		decision.Tenant = o.Grant.Tenant
	}
	if o.isAnybodys() {
		decision.Object = o.display()
		return decision
	}
	decision.Request = o.grantingRequest()
	for _, rule := range snapshot.rulesFor(o.Grant) {
		if !rule.appliesTo(o) {
			continue
		}
		violations, exempted := judge(rule, o)
		decision.add(rule, violations)
		decision.Exempted = append(decision.Exempted, exempted...)
	}
	decision.restOnExemptions()
	decision.Object = o.display()
	return decision
}

// noSnapshot is what everything violates while nothing is verified.
var noSnapshot = workflow.Violation{
	Rule:    "approved-state",
	Field:   "commit",
	Allowed: "no approved state has been verified yet, so everything is refused. Tenure's readiness and health page say why; ask the platform team.",
}

// isAnybodys says whether the object is none of Tenure's business: something
// of the platform, or in a namespace that no tenant has. A namespace that
// carries a tenant's label is not nobody's, and neither is an object that
// carries Tenure's, whatever the snapshot knows of their namespace.
func (o *Object) isAnybodys() bool {
	switch {
	case o.Operation == Connect, o.Snapshot.platform[o.Namespace]:
		return true
	case o.Grant != nil, o.isNamespace(), o.Kind.GroupKind() == clusterRoleBindingKind:
		return false
	case clusterPolicyKinds[o.Kind.GroupKind()]:
		return o.asker() == "" // the platform's, unless a tenant asks
	}
	return !o.TenantNamespace && !o.claimsTenure()
}

// appliesTo says whether a rule has anything to say of the object. What Tenure
// rendered is held to what was approved, and to nothing else: another rule
// could refuse what a person approved, and wedge its sync.
func (r activeRule) appliesTo(o *Object) bool {
	if !r.LooksAt(o.Kind.GroupKind()) {
		return false
	}
	if o.Grant == nil && !o.isNamespace() {
		return r.always // a namespace that nobody approved has no level and no environment to judge by
	}
	return r.always || (o.Operation != Delete && o.approved() == nil)
}

// judge runs a rule. What cannot be judged is refused. It also gives the requests
// whose exemptions let something through.
func judge(rule activeRule, o *Object) (violations []workflow.Violation, exempted []int64) {
	violations, exempted, err := rule.run(o)
	if err != nil {
		return []workflow.Violation{{
			Rule: rule.name, Field: "object", Allowed: fmt.Sprintf("it cannot be judged: %v.", err),
		}}, nil
	}
	for i := range violations {
		violations[i].Rule = rule.name
		violations[i].Value = printable(violations[i].Value)
	}
	return violations, exempted
}

// run judges or, where the rule can be exempted from, finds and leaves out what an
// exemption lets through.
func (r activeRule) run(o *Object) (violations []workflow.Violation, exempted []int64, err error) {
	if r.Find == nil {
		violations, err = r.Judge(o)
		return violations, nil, err
	}
	findings, err := r.Find(o)
	for _, f := range findings {
		if request, found := o.exempted(r, f); found {
			exempted = append(exempted, request)
			continue
		}
		f.Ask = o.askExemption(r.name, f)
		violations = append(violations, f.Violation)
	}
	return violations, exempted, err
}

// restOnExemptions names the request that an object rests on which would be
// refused but for an exemption.
func (d *Decision) restOnExemptions() {
	slices.Sort(d.Exempted)
	d.Exempted = slices.Compact(d.Exempted)
	if d.Allowed && len(d.Exempted) > 0 {
		d.Request = d.Exempted[0]
	}
}

// add puts a rule's violations where the modes of rule and cluster say.
func (d *Decision) add(rule activeRule, violations []workflow.Violation) {
	if len(violations) == 0 {
		return
	}
	if rule.mode == workflow.RuleDeny && d.Mode == workflow.ModeEnforce {
		d.Allowed = false
		d.Violations = append(d.Violations, violations...)
		return
	}
	d.Warnings = append(d.Warnings, violations...)
}

// grantingRequest is the request that gave the object, or its namespace.
func (o *Object) grantingRequest() int64 {
	if o.Grant == nil {
		return 0
	}
	object := o.approved()
	switch {
	case object != nil && object.Request != 0:
		return object.Request
	case object != nil && o.Kind.Kind == "ResourceQuota" && o.Grant.Quota.Request != 0:
		return o.Grant.Quota.Request
	}
	return o.Grant.Request
}
