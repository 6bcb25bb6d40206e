package workflow

import (
	"fmt"
	"slices"
)

// checkUse refuses a quota that goes below what is in use, until the person
// confirms it. Where nobody knows what is in use, nothing is asked.
func (s *Service) checkUse(draft Draft, plan Plan) error {
	change, asksQuota := draft.Change.(QuotaChange)
	if !asksQuota || change.Confirmed || s.Usage == nil {
		return nil
	}
	use, known := s.Usage.Used(change.Cluster, change.Namespace)
	if !known {
		return nil
	}
	before, _ := plan.Before.Namespace(change.Cluster, change.Namespace)
	after, _ := plan.After.Namespace(change.Cluster, change.Namespace)
	if message := unconfirmed(before.Quota.Effective(), after.Quota.Effective(), use.Used); message != "" {
		return invalidFields([]FieldProblem{{Field: "confirmed", Message: message}})
	}
	return nil
}

// unconfirmed names the amounts that become less, and less than what is in use.
// Those that were so before are nothing that the change does.
func unconfirmed(was, is, used Size) string {
	lowered := slices.DeleteFunc(is.beside(was), func(a amount) bool { return !a.less() })
	var words []string
	for _, a := range is.below(used) {
		if slices.ContainsFunc(lowered, func(l amount) bool { return l.field == a.field }) {
			words = append(words, fmt.Sprintf("%s: %s asked, %s in use", a.what, a.text(), a.otherText()))
		}
	}
	if len(words) == 0 {
		return ""
	}
	return fmt.Sprintf("This is below what is in use (%s). What runs goes on, and nothing new starts until enough of it has gone. Confirm that you mean it.", listed(words, "and"))
}

// uses is what is known to be in use in the tenants' namespaces.
func (s *Service) uses(tenancies []Tenancy) map[string]QuotaUse {
	uses := map[string]QuotaUse{}
	for _, tenancy := range tenancies {
		for _, n := range tenancy.Namespaces {
			if use, known := s.used(n.Cluster, n.Name); known {
				uses[useKey(n.Cluster, n.Name)] = use
			}
		}
	}
	return uses
}

// used is what a namespace uses of its quota; false where that is not known.
func (s *Service) used(cluster, namespace string) (QuotaUse, bool) {
	if s.Usage == nil {
		return QuotaUse{}, false
	}
	return s.Usage.Used(cluster, namespace)
}

// useKey tells namespaces apart; neither part of it has a slash.
func useKey(cluster, namespace string) string { return cluster + "/" + namespace }

// Used is what a namespace of the person's uses of its quota; false where nobody
// watches the cluster, or it has not said yet.
func (c Choices) Used(cluster, namespace string) (QuotaUse, bool) {
	use, known := c.Uses[useKey(cluster, namespace)]
	return use, known
}
