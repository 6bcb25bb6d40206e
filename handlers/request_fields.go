package handlers

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// choose marks the option that was chosen. A value that is not offered is
// offered too, so that it is not lost; in a list, nothing is chosen at first.
func choose(options []web.Option, value string, list bool) []web.Option {
	found := false
	for i := range options {
		options[i].Chosen = options[i].Value == value
		found = found || options[i].Chosen
	}
	switch {
	case found:
	case value != "":
		options = append(options, web.Option{Value: value, Label: value, Detail: "not offered", Chosen: true})
	case list:
		options = append([]web.Option{{Label: "Choose…", Chosen: true}}, options...)
	}
	return options
}

func nameHint(choices workflow.Choices, tenant string) string {
	if tenant == "" && len(choices.Tenants) > 0 {
		tenant = choices.Tenants[0].Name
	}
	if tenant == "" {
		tenant = "tenant"
	}
	return fmt.Sprintf("Lower-case letters, digits and hyphens, beginning with the tenant, such as %s-api-dev.", tenant)
}

func tenantOptions(tenants []workflow.Tenancy) []web.Option {
	options := make([]web.Option, 0, len(tenants))
	for _, tenancy := range tenants {
		options = append(options, web.Option{Value: tenancy.Name, Label: tenantName(tenancy)})
	}
	return options
}

func clusterOptions(policy workflow.Policy) []web.Option {
	var options []web.Option
	for _, name := range slices.Sorted(maps.Keys(policy.Clusters)) {
		options = append(options, web.Option{Value: name, Label: name})
	}
	return options
}

// placeOptions offers the clusters where the tenant may have namespaces. While
// no tenant is chosen it offers those of all whom the person may ask for.
func placeOptions(choices workflow.Choices, tenant string) []web.Option {
	chosen := slices.ContainsFunc(choices.Tenants, func(t workflow.Tenancy) bool { return t.Name == tenant })
	return slices.DeleteFunc(clusterOptions(choices.Policy), func(option web.Option) bool {
		return !slices.ContainsFunc(choices.Tenants, func(t workflow.Tenancy) bool {
			return (!chosen || t.Name == tenant) && slices.Contains(t.Clusters, option.Value)
		})
	})
}

// environmentOptions offers the least demanding environments first: they are
// asked for most.
func environmentOptions(policy workflow.Policy) []web.Option {
	names := slices.SortedFunc(maps.Keys(policy.Environments), func(a, b string) int {
		levelA, levelB := policy.Environments[a].PodSecurity, policy.Environments[b].PodSecurity
		if levelA != levelB && levelA == workflow.LevelBaseline {
			return -1
		}
		if levelA != levelB && levelB == workflow.LevelBaseline {
			return 1
		}
		return strings.Compare(a, b)
	})
	var options []web.Option
	for _, name := range names {
		options = append(options, web.Option{
			Value: name, Label: name, Detail: fmt.Sprintf("pod security %s or stricter", policy.Environments[name].PodSecurity),
		})
	}
	return options
}

// sizeOptions offers the smallest size first.
func sizeOptions(policy workflow.Policy) []web.Option {
	names := slices.SortedFunc(maps.Keys(policy.Sizes), func(a, b string) int {
		sizeA, sizeB := policy.Sizes[a], policy.Sizes[b]
		if c := sizeA.CPU.Cmp(sizeB.CPU); c != 0 {
			return c
		}
		if c := sizeA.Memory.Cmp(sizeB.Memory); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	var options []web.Option
	for _, name := range names {
		size := policy.Sizes[name]
		options = append(options, web.Option{Value: name, Label: name, Detail: fmt.Sprintf(
			"%s CPU, %s memory, %s storage, %d pods", size.CPU.String(), size.Memory.String(), size.Storage.String(), size.Pods)})
	}
	return options
}

func levelOptions() []web.Option {
	return []web.Option{
		{Value: string(workflow.LevelRestricted), Label: "restricted", Detail: "No root, no added capabilities. Choose this unless you know why not."},
		{Value: string(workflow.LevelBaseline), Label: "baseline", Detail: "Pods may run as root. Reviewers look at it more closely."},
	}
}
