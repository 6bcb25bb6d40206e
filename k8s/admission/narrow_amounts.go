package admission

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"
)

// resourceQuota: no amount above both the approved and the live one, and no
// approved amount taken away. Further amounts only limit more.
func (w widenings) resourceQuota() []widening {
	approved, now, before := spec(w.approved), spec(w.now), spec(w.before)
	var found []widening
	// Whatever else stands in the spec says which pods are counted.
	for _, key := range unionKeys(approved, now) {
		if key != "hard" && !equal(now[key], approved[key]) && (w.before.body == nil || !equal(now[key], before[key])) {
			found = append(found, widening{"spec." + key, w.now.text("spec." + key), "this is not what was approved."})
		}
	}
	want, have, had := object(approved["hard"]), object(now["hard"]), object(before["hard"])
	for _, name := range slices.Sorted(maps.Keys(want)) {
		field := "spec.hard[" + name + "]"
		amount, limited := have[name]
		_, wasLimited := had[name]
		switch {
		case !limited && w.before.body != nil && !wasLimited:
			// It was not limited before either: nothing gets wider.
		case !limited:
			found = append(found, widening{field, "", fmt.Sprintf("approved is a limit of %v.", want[name])})
		case !atMost(amount, want[name]) && !atMost(amount, had[name]):
			found = append(found, widening{field, fmt.Sprint(amount), fmt.Sprintf("approved is %v.", want[name])})
		}
	}
	return found
}

// limitRange: the approved or the live limits, or lower ones of the same shape.
func (w widenings) limitRange() []widening {
	approved, now := spec(w.approved), spec(w.now)
	if equal(now, approved) || (w.before.body != nil && equal(now, spec(w.before))) {
		return nil
	}
	want, _ := approved["limits"].([]any)
	have, _ := now["limits"].([]any)
	if len(now) != len(approved) || len(have) != len(want) {
		return []widening{{"spec.limits", "", "these are not the limits that were approved."}}
	}
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
	parsed, err := resource.ParseQuantity(fmt.Sprint(value))
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
