package handlers

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// fill puts the fields into the page's form.
func (t typedNamespace) fill(form *web.RequestForm, choices workflow.Choices, _ time.Time) {
	fields := &web.NamespaceFields{
		Tenant: web.Field{Name: fieldTenant, Label: "Tenant", Value: t.Tenant, Required: true,
			Options: choose(tenantOptions(choices.Tenants), t.Tenant, true)},
		First: t.askedFields(0, choices),
		Purpose: web.Field{Name: fieldPurpose, Label: "Purpose", Value: t.Purpose, Required: true,
			Hint: "What it is for, in a sentence. Reviewers read it first."},
		Classification: classificationField(t.Classification, choices.Policy),
		Registries:     registriesField(t.Registries, choices.Policy),
		Access: web.Field{Name: fieldAccess, Value: fmt.Sprint(len(t.Access)), Label: "Access",
			Hint: "The tenant's members edit in it and its owners administer it. Further groups can be given a role."},
		Also: web.Field{Name: fieldAlso, Value: fmt.Sprint(len(t.Asked)), Label: "More namespaces of this service",
			Hint: "They are decided together and committed together. What is said above holds for them, too."},
	}
	fields.First.Name.Hint = nameHint(choices, t.Tenant)
	fields.MoreOpen = t.Asked[0].HostLines != "" || len(t.Registries) > 0
	for i := range t.Access {
		fields.Groups = append(fields.Groups, t.accessFields(i, choices.Policy))
	}
	fields.AddGroup = &web.RowButton{Value: addRow + " " + fieldAccess, Text: "Add a group", Focus: t.Fresh == fieldAccess}
	for i := 1; i < len(t.Asked); i++ {
		fields.Others = append(fields.Others, t.askedFields(i, choices))
	}
	fields.AddOthers = t.addButtons(choices.Policy)
	form.Namespace = fields
}

// askedFields are the fields of one of the namespaces, by its place in the form.
func (t typedNamespace) askedFields(i int, choices workflow.Choices) web.AskedFields {
	asked, prefix, of := t.Asked[i], "", ""
	first := i == 0
	if !first {
		prefix, of = rowPrefix(fieldAlso, i-1), fmt.Sprintf("namespace %d", i+1)
	}
	field := func(name, label, value string) web.Field {
		return web.Field{Name: prefix + name, Label: label, Of: of, Value: value, Required: true, Focus: t.Fresh == prefix+name}
	}
	from := func(name, label, value string, options []web.Option, list bool) web.Field {
		f := field(name, label, value)
		f.Options = choose(options, value, list)
		return f
	}
	fields := web.AskedFields{
		Title:       capitalize(of),
		Name:        field(fieldName, "Name", asked.Name),
		Environment: from(fieldEnvironment, "Environment", asked.Environment, environmentOptions(choices.Policy), !first),
		Cluster:     from(fieldCluster, "Cluster", asked.Cluster, placeOptions(choices, t.Tenant), true),
		Size:        from(fieldSize, "Size", asked.Size, append(sizeOptions(choices.Policy), ownSize), false),
		PodSecurity: from(fieldPodSecurity, "Pod security level", string(asked.PodSecurity), levelOptions(), !first),
		Hosts:       hostsField(prefix, asked.HostLines),
	}
	if fields.Hosts.Of = of; !first {
		fields.Hosts.Hint, fields.PodSecurity.Label = "One a line.", "Pod security"
	}
	fields.Amounts = []web.Field{
		field(fieldCPU, "CPU", asked.CPU), field(fieldMemory, "Memory", asked.Memory),
		field(fieldStorage, "Storage", asked.Storage), field(fieldPods, "Pods", asked.Pods),
	}
	for j, hint := range []string{"Such as 3 or 500m.", "Such as 12Gi.", "Such as 50Gi.", "Such as 25."} {
		fields.Amounts[j].Hint = hint
		fields.Amounts[j].Required = asked.Size == workflow.OwnSize
		fields.Amounts[j].Conditional = true
	}
	if !first {
		fields.Remove = removeButton(fieldAlso, i-1, of)
	}
	return fields
}

// ownSize is chosen by those whom no size fits.
var ownSize = web.Option{Value: workflow.OwnSize, Label: "Own numbers", Detail: "Type CPU, memory, storage and pods yourself."}

// hostsField asks for the hosts of a namespace, one a line.
func hostsField(prefix, lines string) web.Field {
	return web.Field{Name: prefix + fieldHosts, Label: "Hosts", Value: lines, List: true,
		Hint: "The DNS names that its Ingresses and HTTPRoutes serve, one a line, such as payments-api.example.com. No other host is let in."}
}

// accessFields are the fields of a group that is given a role.
func (t typedNamespace) accessFields(i int, policy workflow.Policy) web.AskedAccessFields {
	access, prefix, of := t.Access[i], rowPrefix(fieldAccess, i), fmt.Sprintf("group %d", i+1)
	fields := web.AskedAccessFields{
		Title: capitalize(of),
		Group: web.Field{Name: prefix + fieldGroup, Label: "Group", Of: of, Value: access.Group, Required: true, Suggestions: groupOptions(t.People),
			Hint: "Its object id in Entra.", Focus: t.Fresh == prefix+fieldGroup},
		Role:   web.Field{Name: prefix + fieldRole, Label: "Role", Of: of, Value: string(access.Role), Required: true},
		Remove: removeButton(fieldAccess, i, of),
	}
	if len(fields.Group.Suggestions) > 0 {
		fields.Group.Hint = "Choose it by its name, or type its object id."
	}
	var roles []web.Option
	for _, role := range workflow.AccessRoles() {
		if standing(policy, role) {
			roles = append(roles, web.Option{Value: string(role), Label: string(role)})
		}
	}
	fields.Role.Options = choose(roles, string(access.Role), true)
	return fields
}

// addButtons offer a further namespace in each environment that none of them is
// in yet, as long as one request can ask for more.
func (t typedNamespace) addButtons(policy workflow.Policy) []web.RowButton {
	if len(t.Asked) >= workflow.MaxNamespaces {
		return nil
	}
	var buttons []web.RowButton
	add := func(environment, text string) {
		buttons = append(buttons, web.RowButton{Value: strings.TrimSpace(addRow + " " + fieldAlso + " " + environment), Text: text})
	}
	for _, option := range environmentOptions(policy) {
		if !slices.ContainsFunc(t.Asked, func(a typedAsked) bool { return a.Environment == option.Value }) {
			add(option.Value, "Also for "+option.Value)
		}
	}
	if len(buttons) == 0 {
		add("", "Add another one")
	}
	buttons[0].Focus = t.Fresh == fieldAlso
	return buttons
}

func removeButton(list string, index int, of string) web.RowButton {
	return web.RowButton{Value: fmt.Sprintf("%s %s %d", removeRow, list, index), Text: "Remove", Label: "Remove " + of}
}

// classificationField asks how confidential the data are, where the policy has
// classes.
func classificationField(value string, policy workflow.Policy) web.Field {
	field := web.Field{Name: fieldClassification, Label: "Data classification", Value: value, Required: true,
		Hint: "How confidential the most confidential data in it are."}
	var options []web.Option
	for _, class := range policy.Classifications {
		options = append(options, web.Option{Value: class.Name, Label: withMeaning(class.Name, class.Means)})
	}
	if len(options) > 0 || value != "" {
		field.Options = choose(options, value, true)
	}
	return field
}

// registriesField offers the policy's catalogue of registries.
func registriesField(chosen []string, policy workflow.Policy) web.Field {
	field := web.Field{Name: fieldRegistries, Label: "Images of other registries", List: true, Value: strings.Join(chosen, " "),
		Hint: "Beyond the registries whose images everybody may run."}
	for _, name := range slices.Sorted(maps.Keys(policy.Registries)) {
		registry := policy.Registries[name]
		field.Options = append(field.Options, web.Option{Value: name, Label: name, Chosen: slices.Contains(chosen, name),
			Detail: strings.TrimSpace(registry.Means + " " + imagesWords(registry.Images))})
	}
	for _, name := range chosen {
		if _, known := policy.Registries[name]; !known {
			field.Options = append(field.Options, web.Option{Value: name, Label: name, Detail: "not offered", Chosen: true})
		}
	}
	return field
}

// imagesWords names patterns of images in a sentence.
func imagesWords(images []string) string {
	if len(images) == 0 {
		return ""
	}
	return "Images: " + strings.Join(images, ", ") + "."
}

// withMeaning is a name with what it means, in one line.
func withMeaning(name, means string) string {
	if means == "" {
		return name
	}
	return name + ": " + strings.TrimSuffix(means, ".")
}
