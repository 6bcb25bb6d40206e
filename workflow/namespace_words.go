package workflow

import (
	"fmt"
	"slices"
	"strings"
)

var _, _ toldBy = NamespaceChange{}, foundNamespaces{}

// tellBy says what each namespace is given, or what changes of one.
func (c NamespaceChange) tellBy(policy Policy, plan Plan) ([]string, []Finding) {
	return c.tellNaming(nil, policy, plan)
}

// tellBy names the groups as the directory does.
func (f foundNamespaces) tellBy(policy Policy, plan Plan) ([]string, []Finding) {
	return f.tellNaming(f.names, policy, plan)
}

func (c NamespaceChange) tellNaming(groups map[string]string, policy Policy, plan Plan) (lines []string, found []Finding) {
	if c.Existing {
		return c.tellExisting(policy, plan)
	}
	added := plan.added()
	for _, n := range added {
		lines = append(lines,
			fmt.Sprintf("Creates namespace %s on %s, in environment %s, at pod security level %s.", n.Name, n.Cluster, n.Environment, n.PodSecurity),
			fmt.Sprintf("Gives it %s CPU, %s memory, %s storage and %d pods.", n.Quota.CPU.String(), n.Quota.Memory.String(), n.Quota.Storage.String(), n.Quota.Pods))
		if len(n.Hosts) > 0 {
			lines = append(lines, fmt.Sprintf("Lets its Ingresses and HTTPRoutes serve %s.", allOf(n.Hosts)))
		}
		found = append(found, findingsOf(policy, n)...)
	}
	if len(added) == 0 {
		return lines, found
	}
	it := "it"
	if len(added) > 1 {
		it = "each of them"
	}
	lines = append(lines, fmt.Sprintf("Lets %s's members edit in %s and its owners administer it.", plan.After.Name, it))
	for _, a := range added[0].Access {
		if !slices.Contains(plan.After.usualAccess(a.Request), a) {
			lines = append(lines, fmt.Sprintf("Gives the group %s the role %s in %s, without an end: they may %s.", groupText(a.Group, groups), a.Role, it, a.Role.Gains()))
			found = append(found, findingOf(a)...)
		}
	}
	lines = append(lines, policy.settingLines(added[0], it)...)
	lines = append(lines, "Denies all network traffic in and out, except DNS and the platform's own flows.")
	if len(plan.After.Repositories) > 0 {
		lines = append(lines, fmt.Sprintf("Lets %s's own Argo CD Applications deploy into %s, from: %s.", plan.After.Name, it, allOf(plan.After.Repositories)))
	}
	return lines, append(found, policy.settingFindings(Namespace{}, added[0])...)
}

func groupText(id string, names map[string]string) string {
	if name := names[id]; name != "" {
		return name + " (" + id + ")"
	}
	return id
}

// findingsOf lists what a reviewer should not overlook of one new namespace.
func findingsOf(policy Policy, n Namespace) (found []Finding) {
	add := func(label, format string, args ...any) {
		found = append(found, Finding{Severity: SeverityWarning, Label: label, Message: fmt.Sprintf(format, args...)})
	}
	if n.Environment == "prod" {
		add("production", "%s is a production namespace.", n.Name)
	}
	found = append(found, servesInProduction(n, n.Hosts)...)
	if n.PodSecurity == LevelBaseline {
		add("level baseline", "%s asks for the level baseline: its pods may run as root and keep capabilities that restricted takes away.", n.Name)
	}
	var beyond []string
	for _, a := range n.Quota.Lasting().beside(policy.largest()) {
		if a.more() && !strings.HasPrefix(a.field, "objects.") {
			beyond = append(beyond, fmt.Sprintf("%s %s where the largest gives %s", a.text(), a.what, a.otherText()))
		}
	}
	if len(beyond) > 0 {
		add("own numbers", "%s would have more than any size of the policy gives: %s.", n.Name, listed(beyond, "and"))
	}
	return found
}

// servesInProduction warns of hosts that a production namespace is to serve.
func servesInProduction(n Namespace, hosts []string) []Finding {
	if n.Environment != "prod" || len(hosts) == 0 {
		return nil
	}
	return []Finding{{Severity: SeverityWarning, Label: "hosts in production", Message: fmt.Sprintf("%s is to serve %s.", n.Name, allOf(hosts))}}
}

// findingOf lists what a reviewer should not overlook of access that comes with
// namespaces beside the usual.
func findingOf(a Access) []Finding {
	if a.Role == AccessAdmin {
		return []Finding{{Severity: SeverityWarning, Label: "standing admin", Message: fmt.Sprintf("The role admin is given to the group %s without an end.", a.Group)}}
	}
	return []Finding{{Severity: SeverityInfo, Label: "another group", Message: fmt.Sprintf("The group %s gets the role %s beside the tenant's own.", a.Group, a.Role)}}
}

// settingLines say which images a namespace may run beyond those that everybody
// may, and how confidential its data are.
func (p Policy) settingLines(n Namespace, it string) (lines []string) {
	if len(n.Registries) > 0 {
		lines = append(lines, fmt.Sprintf("Lets %s run images of %s: %s.", it, allOf(n.Registries), listed(p.imagesOf(n.Registries), "and")))
	}
	if n.Classification != "" {
		line := fmt.Sprintf("Its data are classified %s.", n.Classification)
		if i := slices.IndexFunc(p.Classifications, func(class Classification) bool { return class.Name == n.Classification }); i >= 0 && p.Classifications[i].Means != "" {
			line = fmt.Sprintf("Its data are classified %s: %s", n.Classification, p.Classifications[i].Means)
		}
		lines = append(lines, line)
	}
	return lines
}

// imagesGiven lists the images of each registry of the catalogue that a namespace
// has afterwards and had not before; nil where there is none.
func (p Policy) imagesGiven(sides []OtherSide) map[string][]string {
	var images map[string][]string
	for _, side := range sides {
		for _, n := range side.After.Namespaces {
			before, _ := side.Before.Namespace(n.Cluster, n.Name)
			for _, name := range beyond(n.Registries, before.Registries) {
				if images == nil {
					images = map[string][]string{}
				}
				images[name] = p.Registries[name].Images
			}
		}
	}
	return images
}

// imagesOf lists the patterns of images of some registries of the catalogue.
func (p Policy) imagesOf(registries []string) []string {
	var images []string
	for _, name := range registries {
		images = append(images, p.Registries[name].Images...)
	}
	slices.Sort(images)
	return slices.Compact(images)
}

// settingFindings warn of images that a namespace may run from now on, and of
// data of the highest class.
func (p Policy) settingFindings(before, after Namespace) (found []Finding) {
	more := slices.DeleteFunc(slices.Clone(after.Registries), func(name string) bool { return slices.Contains(before.Registries, name) })
	for _, name := range more {
		found = append(found, Finding{Severity: SeverityWarning, Label: "more images", Message: fmt.Sprintf(
			"Images of %s may run that may not otherwise: %s.", name, listed(p.imagesOf([]string{name}), "and"))})
	}
	names := p.classNames()
	if last := len(names) - 1; last > 0 && after.Classification == names[last] {
		found = append(found, Finding{Severity: SeverityWarning, Label: "data " + names[last], Message: fmt.Sprintf(
			"The data are %s, the most confidential class of the policy.", names[last])})
	}
	if was, is := slices.Index(names, before.Classification), slices.Index(names, after.Classification); was > is {
		found = append(found, Finding{Severity: SeverityWarning, Label: "lower class", Message: fmt.Sprintf(
			"The data were classified %s, which is more confidential than %s.", before.Classification, orNone(after.Classification))})
	}
	return found
}

func orNone(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

// tellExisting says what changes of a namespace that is there.
func (c NamespaceChange) tellExisting(policy Policy, plan Plan) (lines []string, found []Finding) {
	before, _ := plan.Before.Namespace(c.Cluster, c.Name)
	after, _ := plan.After.Namespace(c.Cluster, c.Name)
	where := c.Name + " on " + c.Cluster
	for _, part := range []struct{ format, what string }{
		{"Lets the Ingresses and HTTPRoutes of " + where + " serve %s.", allOf(beyond(after.Hosts, before.Hosts))},
		{"No longer lets the Ingresses and HTTPRoutes of " + where + " serve %s: what is there goes on, and no new one may.", allOf(beyond(before.Hosts, after.Hosts))},
		{"No longer lets " + where + " run images of %s: what runs goes on, and nothing new starts.", allOf(beyond(before.Registries, after.Registries))},
	} {
		if part.what != "" {
			lines = append(lines, fmt.Sprintf(part.format, part.what))
		}
	}
	lines = append(lines, policy.settingLines(Namespace{Registries: beyond(after.Registries, before.Registries)}, where)...)
	if after.Classification != before.Classification {
		lines = append(lines, fmt.Sprintf("Changes how confidential the data in %s are, from %s to %s.", where, orNone(before.Classification), orNone(after.Classification)))
	}
	if after.Purpose != before.Purpose {
		lines = append(lines, fmt.Sprintf("Changes what %s is for, from %q to %q.", where, before.Purpose, after.Purpose))
	}
	found = append(inProduction(after), servesInProduction(after, beyond(after.Hosts, before.Hosts))...)
	return lines, append(found, policy.settingFindings(before, after)...)
}

// beyond lists the texts of a list that the other has not.
func beyond(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(text string) bool { return slices.Contains(other, text) })
}
