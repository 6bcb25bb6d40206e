package admission

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/workflow"
)

// quotaScope: whatever stands in the spec beside the amounts says which pods are
// counted.
func (w widenings) quotaScope() []widening {
	approved, now, before := spec(w.approved), spec(w.now), spec(w.before)
	var found []widening
	for _, key := range unionKeys(approved, now) {
		if key != "hard" && !equal(now[key], approved[key]) && (w.before.body == nil || !equal(now[key], before[key])) {
			found = append(found, widening{"spec." + key, w.now.text("spec." + key), "this is not what was approved."})
		}
	}
	return found
}

// quotaAmounts: no amount above both the approved and the live one. What was not
// approved only limits more.
func (w widenings) quotaAmounts() []widening {
	want, have, had := hard(w.approved), hard(w.now), hard(w.before)
	var found []widening
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if amount, limited := have[name]; limited && !atMost(amount, want[name]) && !atMost(amount, had[name]) {
			found = append(found, widening{hardField(name), fmt.Sprint(amount), fmt.Sprintf("approved is %v.", want[name])})
		}
	}
	return found
}

// quotaAmountsGone: no approved amount taken away. What was not limited before
// either gets no wider.
func (w widenings) quotaAmountsGone() []widening {
	want, have, had := hard(w.approved), hard(w.now), hard(w.before)
	var found []widening
	for _, name := range slices.Sorted(maps.Keys(want)) {
		_, limited := have[name]
		_, wasLimited := had[name]
		if !limited && (w.before.body == nil || wasLimited) {
			found = append(found, widening{hardField(name), "", fmt.Sprintf("approved is a limit of %v.", want[name])})
		}
	}
	return found
}

// hard are the amounts of a quota.
func hard(f fields) map[string]any { return object(spec(f)["hard"]) }

// hardPath begins the path of each amount of a quota.
const hardPath = "spec.hard["

func hardField(name string) string { return hardPath + name + "]" }

// limits: as many and of the same shape as were approved.
func (w widenings) limits() []widening {
	if w.sameLimits() || w.sameShape() {
		return nil
	}
	return []widening{{"spec.limits", "", "these are not the limits that were approved."}}
}

// limitAmounts: the approved limits, or lower ones.
func (w widenings) limitAmounts() []widening {
	if w.sameLimits() || !w.sameShape() {
		return nil
	}
	want, have := limitsOf(w.approved), limitsOf(w.now)
	var found []widening
	for i := range have {
		for _, key := range unionKeys(object(have[i]), object(want[i])) {
			if !lowerLimit(key, object(have[i])[key], object(want[i])[key]) {
				found = append(found, widening{fmt.Sprintf("spec.limits[%d].%s", i, key), "", fmt.Sprintf("approved is %v.", object(want[i])[key])})
			}
		}
	}
	return found
}

// sameLimits says whether the limits are the approved or the live ones.
func (w widenings) sameLimits() bool {
	return equal(spec(w.now), spec(w.approved)) || (w.before.body != nil && equal(spec(w.now), spec(w.before)))
}

func (w widenings) sameShape() bool {
	return len(spec(w.now)) == len(spec(w.approved)) && len(limitsOf(w.now)) == len(limitsOf(w.approved))
}

func limitsOf(f fields) []any {
	limits, _ := spec(f)["limits"].([]any)
	return limits
}

// lowerLimit compares one part of a LimitRange: type, or amounts by resource.
func lowerLimit(key string, have, want any) bool {
	if equal(have, want) {
		return true
	}
	amounts, approved := object(have), object(want)
	if amounts == nil || approved == nil || len(amounts) != len(approved) {
		return false
	}
	for name, amount := range amounts {
		low, high := amount, approved[name]
		if key == "min" {
			low, high = high, low
		}
		if !atMost(low, high) {
			return false
		}
	}
	return true
}

// atMost compares two quantities; false when either is none.
func atMost(amount, limit any) bool {
	a, ok := quantity(amount)
	if !ok {
		return false
	}
	b, ok := quantity(limit)
	return ok && a.Cmp(b) <= 0
}

func quantity(value any) (resource.Quantity, bool) {
	if value == nil {
		return resource.Quantity{}, false
	}
	parsed, err := workflow.ParseQuantity(fmt.Sprint(value))
	return parsed, err == nil
}

func spec(f fields) map[string]any { return object(f.body["spec"]) }

func object(value any) map[string]any {
	fields, _ := value.(map[string]any)
	return fields
}

func unionKeys(a, b map[string]any) []string {
	keys := map[string]bool{}
	for key := range a {
		keys[key] = true
	}
	for key := range b {
		keys[key] = true
	}
	return slices.Sorted(maps.Keys(keys))
}
