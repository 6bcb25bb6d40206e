package workflow

import (
	"fmt"
	"slices"
	"strings"
)

// RemovalChange asks to remove one namespace with everything in it, to end what
// one request gave a namespace beyond itself before its time, or to take one
// role in a namespace away from somebody.
//
// Each only narrows. So the owners of another tenant, whose end of an
// exception goes too, are not asked: they agreed to what was opened, and nobody
// needs consent to use it less.
type RemovalChange struct {
	Cluster      string `json:"cluster"`
	Namespace    string `json:"namespace"`
	Confirmation string `json:"confirmation"` // the namespace's name once more, typed by the person
	// Exception is the request whose grant is to end: a network exception, access,
	// an exemption, a quota increase. With it no namespace goes, and the fields
	// above mean nothing; 0 for a namespace.
	Exception int64 `json:"exception,omitempty"`
	// Subject and Role name the entry of the namespace's access that is to go, by
	// the object id of the group or person. With them no namespace goes, and no
	// confirmation is needed.
	Subject string     `json:"subject,omitempty"`
	Role    AccessRole `json:"role,omitempty"`
	// Tenant says that the whole tenant is to go, which has no namespace any more.
	// The confirmation is its slug then.
	Tenant bool   `json:"tenant,omitempty"`
	Reason string `json:"reason"`
}

// Kind is KindRemoval.
func (RemovalChange) Kind() Kind { return KindRemoval }

// Title names the namespace and its cluster, or what ends.
func (c RemovalChange) Title() string {
	switch {
	case c.Tenant:
		return "Removal of the tenant"
	case c.Exception != 0:
		return fmt.Sprintf("End of what request %d gave", c.Exception)
	case c.revokes():
		return fmt.Sprintf("End of access (%s) to %s on %s", c.Role, c.Namespace, c.Cluster)
	}
	return "Removal of " + c.Namespace + " on " + c.Cluster
}

// Why is the reason that was given.
func (c RemovalChange) Why() string { return strings.TrimSpace(c.Reason) }

// Apply takes the namespace out of the tenancy with the exceptions that have an
// end in it, or the one exception, and nothing else.
func (c RemovalChange) Apply(base *ApprovedState, tenancy Tenancy, _ int64) (Tenancy, []FieldProblem) {
	if c.Tenant {
		return c.applyTenant(tenancy)
	}
	problems := c.checkAlone(base.Policy)
	if c.Exception > 0 && len(tenancy.grantsOf(c.Exception)) == 0 {
		problems = append([]FieldProblem{{Field: "exception", Message: c.missingGrant(tenancy)}}, problems...)
	}
	n, found := tenancy.Namespace(c.Cluster, c.Namespace)
	if !found && c.Exception == 0 && c.chosen() {
		problems = append([]FieldProblem{{Field: "namespace", Message: c.missing(tenancy)}}, problems...)
	}
	if found && c.revokes() {
		if _, has := c.revokedFrom(n); !has {
			problems = append([]FieldProblem{{Field: "subject", Message: fmt.Sprintf("%s does not have the role %s in %s. It may have ended already.", strings.TrimSpace(c.Subject), c.Role, c.Namespace)}}, problems...)
		}
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
	if c.Tenant {
		return ending{tenant: tenancy.Name}
	}
	if c.Exception != 0 {
		return ending{grants: []int64{c.Exception}}
	}
	if c.revokes() {
		n, _ := tenancy.Namespace(c.Cluster, c.Namespace)
		access, _ := c.revokedFrom(n)
		return ending{access: &access}
	}
	return endingOf(tenancy, c.Cluster, c.Namespace)
}

// revokes says whether one entry of a namespace's access is to go.
func (c RemovalChange) revokes() bool {
	return !c.Tenant && c.Exception == 0 && strings.TrimSpace(c.Subject) != ""
}

// revokedFrom finds the entry of the namespace's access that is to go.
func (c RemovalChange) revokedFrom(n Namespace) (revokedAccess, bool) {
	i := slices.IndexFunc(n.Access, func(a Access) bool {
		return strings.EqualFold(a.Subject(), strings.TrimSpace(c.Subject)) && a.Role == c.Role
	})
	if i < 0 {
		return revokedAccess{}, false
	}
	return revokedAccess{n.Cluster, n.Name, n.Access[i].key()}, true
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
	case c.Tenant: // its name is not known here
	case c.Exception < 0:
		add("exception", fmt.Sprintf("%d is not the number of a request.", c.Exception))
	case c.Exception > 0: // it names all there is to choose, and what it closes can be asked for again
	case !c.chosen():
		add("namespace", "Choose the namespace to remove.")
	case c.revokes():
		add("role", checkChoice(string(c.Role), "role", roleNames()))
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

// missingGrant says that the tenant has nothing that the request gave.
func (c RemovalChange) missingGrant(tenancy Tenancy) string {
	return fmt.Sprintf("%s has nothing that request %d gave and that could end by itself. It may have ended already.", tenancy.Name, c.Exception)
}

// rivals refuses what another request already asks to take away.
func (c RemovalChange) rivals(other Request) (FieldProblem, bool) {
	rival, same := other.Change.(RemovalChange)
	if c.Tenant {
		return FieldProblem{Field: "tenant", Message: fmt.Sprintf("Request %d by %s already asks to remove this tenant.", other.ID, other.RequestedBy.Name)}, same && rival.Tenant
	}
	if c.Exception != 0 {
		return c.rivalsOfGrant(other)
	}
	if c.revokes() {
		before, _ := other.Plan.Before.Namespace(c.Cluster, c.Namespace)
		entry, _ := c.revokedFrom(before)
		return FieldProblem{Field: "subject", Message: fmt.Sprintf("Request %d by %s already asks to take this role away.", other.ID, other.RequestedBy.Name)},
			same && slices.Contains(other.Plan.revoked(), entry)
	}
	return FieldProblem{Field: "namespace", Message: fmt.Sprintf("Request %d by %s already asks to remove %q on %s.", other.ID, other.RequestedBy.Name, c.Namespace, c.Cluster)},
		same && !rival.Tenant && rival.Exception == 0 && !rival.revokes() && rival.Namespace == c.Namespace && rival.Cluster == c.Cluster
}

// rivalsOfGrant refuses to end what goes already: by itself, or with a
// namespace that has one of its ends.
func (c RemovalChange) rivalsOfGrant(other Request) (FieldProblem, bool) {
	rival, removal := other.Change.(RemovalChange)
	if !removal || !other.Plan.takes(c.Exception) {
		return FieldProblem{}, false
	}
	// It may be of the tenant at the other end, whose people are not named.
	message := fmt.Sprintf("Request %d already asks to end what request %d gave.", other.ID, c.Exception)
	if rival.Exception == 0 && !rival.revokes() {
		message = fmt.Sprintf("Request %d by %s already asks to remove %q on %s, and what request %d gave goes with it.",
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
