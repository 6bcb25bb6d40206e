package workflow

import (
	"fmt"
	"slices"
	"strings"
)

// RemovalChange asks to remove one namespace with everything in it.
type RemovalChange struct {
	Cluster      string `json:"cluster"`
	Namespace    string `json:"namespace"`
	Confirmation string `json:"confirmation"` // the namespace's name once more, typed by the person
	Reason       string `json:"reason"`
}

// Kind is KindRemoval.
func (RemovalChange) Kind() Kind { return KindRemoval }

// Title names the namespace and its cluster.
func (c RemovalChange) Title() string { return "Removal of " + c.Namespace + " on " + c.Cluster }

// Why is the reason that was given.
func (c RemovalChange) Why() string { return strings.TrimSpace(c.Reason) }

// Apply takes the namespace out of the tenancy, and nothing else.
func (c RemovalChange) Apply(base *ApprovedState, tenancy Tenancy, _ int64) (Tenancy, []FieldProblem) {
	problems := c.checkAlone(base.Policy)
	if _, found := tenancy.Namespace(c.Cluster, c.Namespace); !found && c.chosen() {
		problems = append([]FieldProblem{{Field: "namespace", Message: c.missing(tenancy)}}, problems...)
	}
	if len(problems) > 0 {
		return tenancy, problems
	}
	return tenancy.Without(c.Cluster, c.Namespace), nil
}

// chosen says whether a namespace is named at all.
func (c RemovalChange) chosen() bool { return c.Cluster != "" && c.Namespace != "" }

// checkAlone says what is wrong with what was typed.
func (c RemovalChange) checkAlone(Policy) []FieldProblem {
	var problems []FieldProblem
	add := func(field, message string) {
		if message != "" {
			problems = append(problems, FieldProblem{Field: field, Message: message})
		}
	}
	if !c.chosen() {
		add("namespace", "Choose the namespace to remove.")
	} else {
		add("confirmation", c.checkConfirmation())
	}
	if reason := strings.TrimSpace(c.Reason); reason == "" {
		add("reason", "Say in a sentence why it can go. Reviewers read it first.")
	} else {
		add("reason", checkText(reason, maxReason, true))
	}
	return problems
}

// checkConfirmation says what to type where something else was typed.
func (c RemovalChange) checkConfirmation() string {
	switch typed := strings.TrimSpace(c.Confirmation); typed {
	case c.Namespace:
		return ""
	case "":
		return fmt.Sprintf("Type the name of the namespace, %q, to confirm that everything in it is to be deleted.", c.Namespace)
	default:
		return fmt.Sprintf("%q is not the name of this namespace. Type %q.", typed, c.Namespace)
	}
}

// missing says that the tenant has no such namespace there, and where it has one.
func (c RemovalChange) missing(tenancy Tenancy) string {
	message := fmt.Sprintf("%s has no namespace %q on %s.", tenancy.Name, c.Namespace, c.Cluster)
	var elsewhere []string
	for _, n := range tenancy.Namespaces {
		if n.Name == c.Namespace {
			elsewhere = append(elsewhere, n.Cluster)
		}
	}
	if len(elsewhere) > 0 {
		return message + fmt.Sprintf(" It has one of that name on %s.", oneOf(elsewhere))
	}
	return message + " It may have been removed already."
}

// rivals refuses what another request already asks to remove.
func (c RemovalChange) rivals(other Request) (FieldProblem, bool) {
	rival, same := other.Change.(RemovalChange)
	return FieldProblem{Field: "namespace", Message: fmt.Sprintf("Request %d by %s already asks to remove %q on %s.", other.ID, other.RequestedBy.Name, c.Namespace, c.Cluster)},
		same && rival.Namespace == c.Namespace && rival.Cluster == c.Cluster
}

// Without gives the tenancy without one of its namespaces.
func (t Tenancy) Without(cluster, name string) Tenancy {
	t.Namespaces = slices.DeleteFunc(slices.Clone(t.Namespaces), func(n Namespace) bool { return n.Cluster == cluster && n.Name == name })
	if len(t.Namespaces) == 0 {
		t.Namespaces = nil
	}
	return t
}
