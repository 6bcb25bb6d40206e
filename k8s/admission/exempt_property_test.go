package admission

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tenure.dev/workflow"
)

// The images out of which exemptions and pods are drawn: few, so that they meet.
var drawnImages = []string{
	"docker.io/library/redis:7.2", "quay.io/library/redis:7.2", "docker.io/library/redis:7.2" + legacyDigest, "quay.io/a/b" + legacyDigest,
}

// drawLabels draws labels of pods, of which most are right.
func drawLabels(t *rapid.T, what string) map[string]string {
	labels := map[string]string{"app": rapid.SampledFrom([]string{"legacy", "legacy", "web"}).Draw(t, what+" app")}
	switch rapid.SampledFrom([]string{"prod", "prod", "prod", "legacy", "empty", "none"}).Draw(t, what+" environment") {
	case "prod":
		labels["environment"] = "prod"
	case "legacy":
		labels["environment"] = "legacy"
	case "empty":
		labels["environment"] = ""
	}
	return labels
}

// drawExemption draws one that is over, or not, at the moment of judging.
func drawExemption(t *rapid.T, request int64) workflow.Exemption {
	e := workflow.Exemption{
		Rule: rapid.SampledFrom([]string{"trusted-registry", "required-label", "trusted-registry", "required-label", "pod-security", "governed"}).Draw(t, "rule"), Request: request,
		Selector: map[string]string{"app": "legacy"}, Until: testTime.Add(time.Duration(rapid.SampledFrom([]int{-1, 0, 1, 3600, 3600}).Draw(t, "seconds left")) * time.Second),
	}
	if rapid.IntRange(0, 2).Draw(t, "selector") == 0 {
		e.Selector = drawLabels(t, "selector")
	}
	e.Value = rapid.SampledFrom(drawnImages).Draw(t, "image")
	if e.Rule == "required-label" {
		e.Value = rapid.SampledFrom([]string{"environment", "environment=legacy", "environment=", "tier"}).Draw(t, "label")
	}
	return e
}

// drawWorkload draws an object of some kind, with its pod's labels and images.
func drawWorkload(t *rapid.T) (object tree, labels map[string]string) {
	image := rapid.Custom(func(t *rapid.T) string {
		if rapid.IntRange(0, 2).Draw(t, "trusted") > 0 {
			return goodImage
		}
		return rapid.SampledFrom(drawnImages).Draw(t, "image")
	})
	spec := podSpec(image.Draw(t, "image of a container"))
	for _, list := range []string{"initContainers", "ephemeralContainers"} {
		if rapid.Bool().Draw(t, list) {
			spec[list] = podSpec(image.Draw(t, "image of "+list))["containers"]
		}
	}
	if rapid.IntRange(0, 9).Draw(t, "level") == 9 {
		delete(spec, "securityContext")
	}
	labels = drawLabels(t, "pod")
	given := tree{}
	for key, value := range labels {
		given[key] = value
	}
	return workload(rapid.SampledFrom(kindNames()).Draw(t, "kind"), given, spec), labels
}

// mayPass says, in words as plain as those of the exemption, whether one lets a
// violation through: it is the rule's, of these pods, of this value, and not over.
func mayPass(v workflow.Violation, labels map[string]string, granted []workflow.Exemption) bool {
	value := v.Value
	if v.Rule == "required-label" {
		value = "environment"
		if given, found := labels[value]; found {
			value += "=" + given
		}
	}
	return slices.ContainsFunc(granted, func(e workflow.Exemption) bool {
		for key := range e.Selector {
			if given, found := labels[key]; !found || given != e.Selector[key] {
				return false
			}
		}
		return e.Rule == v.Rule && e.Value == value && testTime.Before(e.Until) && (e.Rule == "trusted-registry" || e.Rule == "required-label")
	})
}

// Exemptions add nothing to what is permitted but objects of which every violation
// is exempted; and of every other object exactly what is exempted goes unsaid.
func TestExemptionsPermitExactlyWhatTheyExempt(t *testing.T) {
	seen := map[string]bool{}
	check := func(rt *rapid.T) {
		object, labels := drawWorkload(rt)
		var granted []workflow.Exemption
		for i := range rapid.SampledFrom([]int{0, 15, 30}).Draw(rt, "exemptions") {
			granted = append(granted, drawExemption(rt, int64(90+i)))
		}
		request := write(t, developer, nil, object)
		with, without := Evaluate(testSnapshot(t, exempting(granted...)), request), Evaluate(testSnapshot(t), request)
		left := slices.DeleteFunc(slices.Clone(without.Violations), func(v workflow.Violation) bool { return mayPass(v, labels, granted) })
		if diff := cmp.Diff(texts(left), texts(with.Violations)); diff != "" {
			rt.Fatalf("of %v, by %+v (-want +got)\n%s", object, granted, diff)
		}
		exempted := len(without.Violations) > len(left)
		if with.Allowed != (len(left) == 0) || (len(with.Exempted) > 0) != exempted {
			rt.Fatalf("allowed is %v, exempted by %v, of\n%s", with.Allowed, with.Exempted, DenialText(without.Violations))
		}
		for _, number := range with.Exempted {
			if i := slices.IndexFunc(granted, func(e workflow.Exemption) bool { return e.Request == number }); !testTime.Before(granted[i].Until) {
				rt.Fatalf("exempted by %d, which is over", number)
			}
		}
		if want := map[bool]int64{false: 42, true: append(with.Exempted, 0)[0]}[exempted && with.Allowed]; with.Request != want {
			rt.Fatalf("it rests on request %d, not on %d", with.Request, want)
		}
		seen[fmt.Sprint(with.Allowed, without.Allowed, exempted)] = true
	}
	// Until every outcome that can be was reached: permitted and refused, with
	// exemptions and without.
	for range 20 {
		if rapid.Check(t, check); len(seen) == 4 || t.Failed() {
			return
		}
	}
	t.Errorf("of four outcomes, only these were drawn: %v", seen)
}

func texts(violations []workflow.Violation) []string {
	var all []string
	for _, v := range violations {
		all = append(all, v.String())
	}
	return all
}
