package workflow

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"
)

// amounts gives what the namespace may use: a size of the policy's, or the
// numbers that were typed.
func (p askedPart) amounts(policy Policy) (size Size, problems typedProblems) {
	if p.Size != OwnSize {
		problems.add(p.prefix+"size", checkChoice(p.Size, "size", append(slices.Collect(maps.Keys(policy.Sizes)), OwnSize)))
		return policy.Sizes[p.Size], problems
	}
	quantity := func(field, text string, unit QuantityUnit) (q resource.Quantity) {
		q, message := parseQuantity(text, unit)
		problems.add(p.prefix+field, message)
		return q
	}
	size.CPU = quantity("cpu", p.CPU, UnitCPU)
	size.Memory = quantity("memory", p.Memory, UnitMemory)
	size.Storage = quantity("storage", p.Storage, UnitStorage)
	pods, message := parseCount(p.Pods)
	if message == "" && pods == 0 {
		message = "A namespace without any pod runs nothing; write 1 or more."
	}
	size.Pods = pods
	problems.add(p.prefix+"pods", message)
	size.Objects = policy.counts()
	return size, problems
}

// counts is the most of each object that a size of the policy's counts, where all
// of them do: what holds for numbers that somebody typed. Load balancers are not
// among them, which are a request of their own.
func (p Policy) counts() map[ObjectCount]int64 {
	sizes := slices.Collect(maps.Values(p.Sizes))
	if len(sizes) == 0 {
		return nil
	}
	most := sizes[0]
	for _, size := range sizes[1:] {
		most = most.most(size)
	}
	counts := maps.Clone(most.Objects)
	delete(counts, CountLoadBalancers)
	if len(counts) == 0 {
		return nil
	}
	return counts
}

// overCeiling says which of the tenant's ceilings its namespaces would exceed
// together with those that are asked for, at the field of the one that takes most.
func (c NamespaceChange) overCeiling(policy Policy, after Tenancy) []FieldProblem {
	fields := map[string]string{}
	for _, amount := range []struct {
		what, field string
		of          func(Size) resource.Quantity
	}{
		{"CPU", "cpu", func(s Size) resource.Quantity { return s.CPU }},
		{"memory", "memory", func(s Size) resource.Quantity { return s.Memory }},
		{"storage", "storage", func(s Size) resource.Quantity { return s.Storage }},
	} {
		most := slices.MaxFunc(c.parts(), func(a, b askedPart) int {
			left, _ := a.amounts(policy)
			right, _ := b.amounts(policy)
			x, y := amount.of(left), amount.of(right)
			return x.Cmp(y)
		})
		field := "size"
		if most.Size == OwnSize {
			field = amount.field
		}
		fields[amount.what] = most.prefix + field
	}
	advice := "Choose a smaller size, or ask the platform team for a higher ceiling."
	if slices.ContainsFunc(c.parts(), func(p askedPart) bool { return p.Size == OwnSize }) || len(c.Also) > 0 {
		advice = "Ask for less, or ask the platform team for a higher ceiling."
	}
	return after.overCeilingIn(fields, advice)
}

// overCeiling says which of the tenant's ceilings its namespaces exceed
// together. The field is the form's size, where the person can change it.
func (t Tenancy) overCeiling() []FieldProblem {
	return t.overCeilingIn(nil, "Choose a smaller size, or ask the platform team for a higher ceiling.")
}

// overCeilingIn is overCeiling for a form with a field for each amount, and what
// the person can do there. An amount without a field of its own is the size's.
func (t Tenancy) overCeilingIn(fields map[string]string, advice string) []FieldProblem {
	var problems []FieldProblem
	given := t.Given()
	over := func(what, sum, most string) {
		problems = append(problems, FieldProblem{Field: cmp.Or(fields[what], "size"), Message: fmt.Sprintf(
			"With this %s would have %s %s in all; its ceiling is %s. %s", t.Name, sum, what, most, advice)})
	}
	if given.CPU.Cmp(t.Ceiling.CPU) > 0 {
		over("CPU", given.CPU.String(), t.Ceiling.CPU.String())
	}
	if given.Memory.Cmp(t.Ceiling.Memory) > 0 {
		over("memory", given.Memory.String(), t.Ceiling.Memory.String())
	}
	if given.Storage.Cmp(t.Ceiling.Storage) > 0 {
		over("storage", given.Storage.String(), t.Ceiling.Storage.String())
	}
	if given.Namespaces > t.Ceiling.Namespaces {
		over("namespaces", fmt.Sprint(given.Namespaces), fmt.Sprint(t.Ceiling.Namespaces))
	}
	return problems
}
