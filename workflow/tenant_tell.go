package workflow

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// tell says what the tenant will be, or what of it changes.
func (c TenantChange) tell(plan Plan) ([]string, []Finding) {
	before, after := plan.Before, plan.After
	var lines []string
	if before.none() {
		lines = c.tellNew(after)
	} else {
		lines = c.tellChanges(before, after)
	}
	return lines, slices.Concat(c.groupFindings(before, after), repositoryFindings(before, after))
}

// tellNew says what a new tenant is.
func (c TenantChange) tellNew(t Tenancy) []string {
	lines := []string{
		fmt.Sprintf("Makes %s a tenant, %q: it may have namespaces on %s, whose names begin with %q.", t.DisplayName, t.Name, allOf(t.Clusters), t.Name+"-"),
		fmt.Sprintf("Its owners, who agree to what it asks for, are %s.", c.found.owners.words(t.Owners.Group)),
		fmt.Sprintf("Its members, who ask for things and edit in its namespaces, are %s.", c.found.members.words(t.Members.Group)),
		fmt.Sprintf("All its namespaces together may have %s.", t.Ceiling.words()),
		fmt.Sprintf("It is reached at %s, and cost centre %s pays.", t.Contact, t.CostCentre),
	}
	if len(t.Repositories) > 0 {
		lines = append(lines, fmt.Sprintf("Its own Argo CD Applications may read: %s.", allOf(t.Repositories)))
	}
	return append(lines, "It has no namespace yet: each is a request of its own.")
}

// words say what a ceiling allows.
func (c Ceiling) words() string {
	namespaces := "1 namespace"
	if c.Namespaces != 1 {
		namespaces = fmt.Sprintf("%d namespaces", c.Namespaces)
	}
	return fmt.Sprintf("%s CPU, %s memory, %s storage, in at most %s", c.CPU.String(), c.Memory.String(), c.Storage.String(), namespaces)
}

// tellChanges says what changes, in the order of the form.
func (c TenantChange) tellChanges(before, after Tenancy) (lines []string) {
	changed := func(what, was, is string) {
		if was != is {
			lines = append(lines, fmt.Sprintf("Changes %s of %s from %s to %s.", what, after.Name, orNothing(was), orNothing(is)))
		}
	}
	changed("the name", quotedText(before.DisplayName), quotedText(after.DisplayName))
	if before.Owners != after.Owners {
		changed("the owners", "the group "+before.Owners.Group, c.found.owners.words(after.Owners.Group))
	}
	if before.Members != after.Members {
		changed("the members", "the group "+before.Members.Group, c.found.members.words(after.Members.Group))
	}
	changed("the contact", before.Contact, after.Contact)
	changed("the cost centre", before.CostCentre, after.CostCentre)
	for _, part := range before.Ceiling.parts(after.Ceiling) {
		switch {
		case part.is.Cmp(part.was) > 0:
			lines = append(lines, fmt.Sprintf("Raises the ceiling of %s in %s from %s to %s.", after.Name, part.what, part.was.String(), part.is.String()))
		case part.is.Cmp(part.was) < 0:
			lines = append(lines, fmt.Sprintf("Lowers the ceiling of %s in %s from %s to %s.", after.Name, part.what, part.was.String(), part.is.String()))
		}
	}
	for _, list := range []struct {
		gets, loses string
		was, is     []string
	}{
		{"Lets %s have namespaces on %s, too.", "Takes from %s its place on %s.", before.Clusters, after.Clusters},
		{"Lets %s's own Argo CD Applications read %s, too.", "Lets %s's own Argo CD Applications no longer read %s.", before.Repositories, after.Repositories},
	} {
		if more := missingTexts(list.was, list.is); len(more) > 0 {
			lines = append(lines, fmt.Sprintf(list.gets, after.Name, allOf(more)))
		}
		if less := missingTexts(list.is, list.was); len(less) > 0 {
			lines = append(lines, fmt.Sprintf(list.loses, after.Name, allOf(less)))
		}
	}
	return lines
}

func quotedText(text string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf("%q", text)
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

// missingTexts lists what stands in one list and not in the other.
func missingTexts(without, with []string) []string {
	return slices.DeleteFunc(slices.Clone(with), func(text string) bool { return slices.Contains(without, text) })
}

// ceilingPart is one amount of two ceilings.
type ceilingPart struct {
	what    string
	was, is resource.Quantity
}

// parts lists the amounts of a ceiling beside those of another one.
func (c Ceiling) parts(is Ceiling) []ceilingPart {
	return []ceilingPart{
		{"CPU", c.CPU, is.CPU}, {"memory", c.Memory, is.Memory}, {"storage", c.Storage, is.Storage},
		{"namespaces", *resource.NewQuantity(c.Namespaces, resource.DecimalSI), *resource.NewQuantity(is.Namespaces, resource.DecimalSI)},
	}
}

// groupFindings say who gains and who loses by other groups, and what nobody
// could look up.
func (c TenantChange) groupFindings(before, after Tenancy) (found []Finding) {
	unseen := false
	for _, g := range []struct {
		was, is  string
		found    foundGroup
		people   string
		gains    string
		severity Severity
	}{
		{before.Owners.Group, after.Owners.Group, c.found.owners, "owners", "ask for things, agree to what others ask for, and administer what the tenant gets from now on", SeverityDanger},
		{before.Members.Group, after.Members.Group, c.found.members, "members", "ask for things and edit in the namespaces that the tenant gets from now on", SeverityWarning},
	} {
		if g.was == g.is {
			continue
		}
		unseen = unseen || !g.found.known
		if g.found.known && len(g.found.people) == 0 {
			found = append(found, Finding{Severity: SeverityWarning, Label: "empty group", Message: fmt.Sprintf(
				"The directory names nobody in the group of the %s, %s. Until somebody is in it, nobody is among them.", g.people, g.is)})
		}
		if before.none() {
			continue
		}
		found = append(found, Finding{Severity: g.severity, Label: "other " + g.people, Message: fmt.Sprintf(
			"Other people become %s's %s: %s can %s. The group %s loses that. Access that it was given in %s stays until it is ended.",
			after.Name, g.people, g.found.words(g.is), g.gains, g.was, accessOf(before, g.was))})
	}
	if unseen {
		found = append(found, Finding{Severity: SeverityWarning, Label: "not looked up", Message: "Nobody can be looked up here, so the groups are as they were typed: make sure that both ids are the groups that are meant."})
	}
	return found
}

// accessOf says where a group has access.
func accessOf(t Tenancy, group string) string {
	var names []string
	for _, n := range t.Namespaces {
		if slices.ContainsFunc(n.Access, func(a Access) bool { return a.Group == group }) {
			names = append(names, n.Name)
		}
	}
	if len(names) == 0 {
		return "namespaces"
	}
	return someOf(names)
}

// repositoryFindings say what can be deployed from newly.
func repositoryFindings(before, after Tenancy) []Finding {
	more := missingTexts(before.Repositories, after.Repositories)
	if len(more) == 0 || before.none() {
		return nil
	}
	return []Finding{{Severity: SeverityWarning, Label: "repositories", Message: fmt.Sprintf(
		"Whoever can write to %s can deploy into %s's namespaces.", strings.Join(more, ", "), after.Name)}}
}

// roomy is how many namespaces of the policy's largest size a ceiling has room
// for, without anybody wondering what they are all for.
const roomy = 10

// compared finds what a reviewer should not overlook beside what is asked for: a
// ceiling far beyond one namespace's, names that another tenant can take as well,
// and that who asks is in none of the groups.
func (c TenantChange) compared(state *ApprovedState, plan Plan, requester PersonID) (found []Finding) {
	before, after := plan.Before, plan.After
	most := state.Policy.largest()
	largest := Ceiling{CPU: most.CPU, Memory: most.Memory, Storage: most.Storage}
	for i, part := range before.Ceiling.parts(after.Ceiling)[:3] {
		size := largest.parts(largest)[i].is
		times := percentOf(part.is, size) / 100
		if part.is.Cmp(part.was) > 0 && times > roomy {
			found = append(found, Finding{Severity: SeverityWarning, Label: "large ceiling", Message: fmt.Sprintf(
				"The ceiling in %s, %s, is %d times what the policy's largest size gives a namespace, %s.", part.what, part.is.String(), times, size.String())})
		}
	}
	if before.none() {
		for slug := range state.Tenancies {
			if strings.HasPrefix(after.Name, slug+"-") || strings.HasPrefix(slug, after.Name+"-") {
				found = append(found, Finding{Severity: SeverityWarning, Label: "shared names", Message: fmt.Sprintf(
					"The name %q begins as another tenant's does, so that the names of both tenants' namespaces can begin alike.", after.Name)})
				break
			}
		}
	}
	return append(found, c.found.outsider(requester)...)
}
