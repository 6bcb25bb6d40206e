package admission

import (
	networkingv1 "k8s.io/api/networking/v1"

	"tenure.dev/k8s/network"
	"tenure.dev/workflow"
)

// maxNarrowed is how long a policy may be, in bytes before and after an update
// together, for its parts to be compared with each other. Ordinary ones have a few
// hundred; comparing takes as many steps as both have parts, multiplied.
const maxNarrowed = 64 << 10

// judgeWidePolicy judges a policy that lets through more than is approved. An update
// that changes nothing is let in, so that nobody's bookkeeping waits for the tenant.
// One may also leave the policy too wide, or narrow it: nothing opens that was not
// open before. But what was open because of an exception that ended is not: then even
// an update of a label must drop that part.
func (o *Object) judgeWidePolicy(policy *networkingv1.NetworkPolicy, granted *network.Grants) ([]workflow.Violation, error) {
	if o.Operation != Update {
		return widePolicy{o: o, granted: granted}.violations(policy)
	}
	_, same := o.sameSpec()
	ended, err := o.Grant.openings.ended(o.Request)
	if err != nil {
		return nil, err
	}
	if same && (ended == nil || o.sameTexts()) {
		return nil, nil
	}
	// What cannot be read, or is too large, opened nothing that is known.
	if before, err := o.networkPolicy(&o.before); err == nil && len(o.Object)+len(o.OldObject) <= maxNarrowed {
		if wider, err := granted.Keeping(before, ended); err == nil {
			granted = wider
		}
	}
	if _, within, err := granted.Within(policy); err != nil || within {
		return nil, err
	}
	return widePolicy{o: o, granted: granted}.violations(policy)
}

// sameTexts says whether an update leaves the labels and annotations as they were,
// but for those that only say how the object came to the cluster.
func (o *Object) sameTexts() bool {
	now, err := o.Meta()
	if err != nil {
		return false
	}
	before, err := o.OldMeta()
	if err != nil {
		return false
	}
	_, labels := sameTexts(before.Labels, now.Labels, func(string) bool { return false })
	_, annotations := sameTexts(before.Annotations, now.Annotations, func(key string) bool { return bookkeeping[key] })
	return labels && annotations
}
