package workflow

import (
	"fmt"
	"slices"
	"strings"
)

// RemovalChange asks to remove one namespace with everything in it, or to end
// one network exception before its time.
//
// Either only narrows. So the owners of another tenant, whose end of an
// exception goes too, are not asked: they agreed to what was opened, and nobody
// needs consent to use it less.
type RemovalChange struct {
	Cluster      string `json:"cluster"`
	Namespace    string `json:"namespace"`
	Confirmation string `json:"confirmation"` // the namespace's name once more, typed by the person
	// Exception is the request whose network exception is to end. With it no
	// namespace goes, and the three fields above mean nothing; 0 for a namespace.
	Exception int64  `json:"exception,omitempty"`
	Reason    string `json:"reason"`
}

// Kind is KindRemoval.
func (RemovalChange) Kind() Kind { return KindRemoval }

// Title names the namespace and its cluster, or the exception.
func (c RemovalChange) Title() string {
	if c.Exception != 0 {
		return fmt.Sprintf("End of the network exception of request %d", c.Exception)
	}
	return "Removal of " + c.Namespace + " on " + c.Cluster
}

// Why is the reason that was given.
func (c RemovalChange) Why() string { return strings.TrimSpace(c.Reason) }

// Apply takes the namespace out of the tenancy with the exceptions that have an
// end in it, or the one exception, and nothing else.
func (c RemovalChange) Apply(base *ApprovedState, tenancy Tenancy, _ int64) (Tenancy, []FieldProblem) {
	problems := c.checkAlone(base.Policy)
	if c.Exception > 0 && len(tenancy.exceptions(c.Exception)) == 0 {
		problems = append([]FieldProblem{{Field: "exception", Message: c.missingException(tenancy)}}, problems...)
	}
	if _, found := tenancy.Namespace(c.Cluster, c.Namespace); !found && c.Exception == 0 && c.chosen() {
		problems = append([]FieldProblem{{Field: "namespace", Message: c.missing(tenancy)}}, problems...)
	}
	if len(problems) > 0 {
		return tenancy, problems
	}
	return c.ending(tenancy).from(tenancy), nil
}

// others takes the exceptions' far ends out of other tenants' tenancies.
func (c RemovalChange) others(base *ApprovedState, tenancy Tenancy, _ int64) []OtherSide {
	return c.ending(tenancy).others(base.Tenancies, tenancy.Name)
}

// ending is what the change takes away.
func (c RemovalChange) ending(tenancy Tenancy) ending {
	if c.Exception != 0 {
		return ending{exceptions: []int64{c.Exception}}
	}
	return endingOf(tenancy, c.Cluster, c.Namespace)
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
	switch {
	case c.Exception < 0:
		add("exception", fmt.Sprintf("%d is not the number of a request.", c.Exception))
	case c.Exception > 0: // it names all there is to choose, and what it closes can be asked for again
	case !c.chosen():
		add("namespace", "Choose the namespace to remove.")
	default:
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

// missingException says that the tenant has no end of such an exception.
func (c RemovalChange) missingException(tenancy Tenancy) string {
	return fmt.Sprintf("%s has no network exception of request %d. It may have ended already.", tenancy.Name, c.Exception)
}

// rivals refuses what another request already asks to take away.
func (c RemovalChange) rivals(other Request) (FieldProblem, bool) {
	if c.Exception != 0 {
		return c.rivalsOfException(other)
	}
	rival, same := other.Change.(RemovalChange)
	return FieldProblem{Field: "namespace", Message: fmt.Sprintf("Request %d by %s already asks to remove %q on %s.", other.ID, other.RequestedBy.Name, c.Namespace, c.Cluster)},
		same && rival.Exception == 0 && rival.Namespace == c.Namespace && rival.Cluster == c.Cluster
}

// rivalsOfException refuses to end what goes already: by itself, or with a
// namespace that has one of its ends.
func (c RemovalChange) rivalsOfException(other Request) (FieldProblem, bool) {
	rival, removal := other.Change.(RemovalChange)
	if !removal || !other.Plan.takes(c.Exception) {
		return FieldProblem{}, false
	}
	// It may be of the tenant at the other end, whose people are not named.
	message := fmt.Sprintf("Request %d already asks to end the exception of request %d.", other.ID, c.Exception)
	if rival.Exception == 0 {
		message = fmt.Sprintf("Request %d by %s already asks to remove %q on %s, and the exception of request %d goes with it.",
			other.ID, other.RequestedBy.Name, rival.Namespace, rival.Cluster, c.Exception)
	}
	return FieldProblem{Field: "exception", Message: message}, true
}

// Without gives the tenancy without one of its namespaces.
func (t Tenancy) Without(cluster, name string) Tenancy {
	t.Namespaces = slices.DeleteFunc(slices.Clone(t.Namespaces), func(n Namespace) bool { return n.Cluster == cluster && n.Name == name })
	if len(t.Namespaces) == 0 {
		t.Namespaces = nil
	}
	return t
}
