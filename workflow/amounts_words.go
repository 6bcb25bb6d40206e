package workflow

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// amount is one amount of a size beside the same of another.
type amount struct {
	field, what string             // the form's field; what it is called
	value       *resource.Quantity // nil where it is not counted
	other       *resource.Quantity
}

// less says whether the amount is below the other one. What is not counted is
// not limited.
func (a amount) less() bool {
	return a.value != nil && (a.other == nil || a.value.Cmp(*a.other) < 0)
}

// more says whether the amount is above the other one.
func (a amount) more() bool {
	return a.other != nil && (a.value == nil || a.value.Cmp(*a.other) > 0)
}

func (a amount) text() string      { return amountText(a.value) }
func (a amount) otherText() string { return amountText(a.other) }

func amountText(q *resource.Quantity) string {
	if q == nil {
		return "no limit"
	}
	return q.String()
}

// beside lists every amount of a size beside the same of another one, in the
// order of forms.
func (s Size) beside(other Size) []amount {
	amounts := []amount{
		{"cpu", "CPU", &s.CPU, &other.CPU},
		{"memory", "memory", &s.Memory, &other.Memory},
		{"storage", "storage", &s.Storage, &other.Storage},
		{"pods", "pods", wholeNumber(s.Pods), wholeNumber(other.Pods)},
	}
	for _, kind := range ObjectCounts() {
		a := amount{"objects." + string(kind), kind.words(), s.count(kind), other.count(kind)}
		if a.value != nil || a.other != nil {
			amounts = append(amounts, a)
		}
	}
	return amounts
}

// count is how many objects of a kind there may be; nil where they are not
// counted. Of load balancers there are none unless they are given.
func (s Size) count(kind ObjectCount) *resource.Quantity {
	number, counted := s.Objects[kind]
	if !counted && kind != CountLoadBalancers {
		return nil
	}
	return wholeNumber(number)
}

func wholeNumber(n int64) *resource.Quantity { return resource.NewQuantity(n, resource.DecimalSI) }

// words name the objects.
func (k ObjectCount) words() string {
	switch k {
	case CountLoadBalancers:
		return "load balancers"
	case CountClaims:
		return "volume claims"
	case CountConfigMaps:
		return "ConfigMaps"
	case CountStatefulSets:
		return "StatefulSets"
	case CountCronJobs:
		return "CronJobs"
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(string(k), "count/"), ".")
	return name
}

// Label is what the objects are called on forms and pages.
func (k ObjectCount) Label() string {
	words := k.words()
	return strings.ToUpper(words[:1]) + words[1:]
}

// changes says in words how one size differs from another: "CPU from 4 to 8".
func (s Size) changes(before Size) []string {
	var words []string
	for _, a := range s.beside(before) {
		if a.less() || a.more() {
			words = append(words, fmt.Sprintf("%s from %s to %s", a.what, a.otherText(), a.text()))
		}
	}
	return words
}

// words say what a temporary increase adds to lasting amounts: "8 CPU, 16Gi memory".
func (r QuotaRaise) words(lasting Quota) string {
	var more []string
	for _, a := range r.Size().beside(lasting.Lasting()) {
		if a.more() {
			more = append(more, a.text()+" "+a.what)
		}
	}
	if len(more) == 0 {
		return "nothing beyond the lasting amounts"
	}
	return strings.Join(more, ", ")
}

// below lists the amounts of a size that are less than what is in use.
func (s Size) below(used Size) []amount {
	return slices.DeleteFunc(s.beside(used), func(a amount) bool { return a.other == nil || !a.less() })
}
