package admission

import (
	"fmt"
	"slices"
	"strings"
	"time"

	networkingv1 "k8s.io/api/networking/v1"

	"tenure.dev/k8s/manifest"
	"tenure.dev/k8s/network"
	"tenure.dev/workflow"
)

// widePolicy is a tenant's NetworkPolicy that lets through more than is granted.
type widePolicy struct {
	o       *Object
	granted *network.Grants
}

// violations says of each part that is too wide what it opens, what is allowed, and
// where to ask for exactly this.
func (w widePolicy) violations(policy *networkingv1.NetworkPolicy) ([]workflow.Violation, error) {
	parts, err := wideParts(policy, w.granted)
	if err != nil {
		return nil, err
	}
	w.granted = w.granted.Metered(partSteps)
	violations := make([]workflow.Violation, len(parts))
	for i, p := range parts {
		violations[i] = workflow.Violation{
			Field: w.field(p), Value: p.witness.String(), Allowed: w.allowed(p.part), Ask: w.o.askNetwork(&p.part),
		}
	}
	return violations, nil
}

// field is the field that would have to be narrower: the ports or the pods, where
// with those of something approved the part would be within it, or else the part's.
func (w widePolicy) field(p widePart) string {
	if !p.whole {
		return p.field
	}
	live, _ := w.o.Grant.openings.live(w.o.Request)
	for _, object := range live {
		for _, approved := range partsOf(typedPolicy(object), p.direction) {
			ports, pods := p.part, p.part
			ports.ports, pods.pods = approved.ports, approved.pods
			if _, within, err := w.granted.Within(ports.policy()); err == nil && within {
				return p.rule + "ports"
			}
			if _, within, err := w.granted.Within(pods.policy()); err == nil && within {
				return "spec.podSelector"
			}
		}
	}
	return p.field
}

// allowed says what the tenant's policies may open, and whether the part was among
// that until its time was over.
func (w widePolicy) allowed(p part) string {
	openings := w.o.Grant.openings
	live, _ := openings.live(w.o.Request)
	text := "a NetworkPolicy here may open the namespace to itself, to DNS and to the platform's flows"
	if requests := exceptionNumbers(live); requests != "" {
		text += ", and what was approved by request " + requests
	}
	object := openings.endedBy(p, w.o.Request)
	if object == nil {
		return text + "."
	}
	text += fmt.Sprintf(". What request %d gave ended%s", object.Request, endedAt(object, w.o.Request))
	if w.o.Operation == Update {
		text += ", so the policy must drop this part before anything else of it changes"
	}
	return text + "."
}

// endedBy finds the exception that a part was within until that ended.
func (p *openings) endedBy(wide part, r Request) *manifest.Object {
	over := p.over(r)
	slices.Reverse(over) // the last to end gave it last
	for _, object := range over {
		ended, err := network.NewExactGrants(p.own, typedPolicy(object))
		if err != nil {
			continue // it is said less
		}
		if _, within, err := ended.Metered(partSteps / maxRemoved).Within(wide.policy()); err == nil && within {
			return object
		}
	}
	return nil
}

// endedAt says when an exception ended, where that is known: one that was taken out
// of the approved state may have ended before its time.
func endedAt(object *manifest.Object, r Request) string {
	if !r.over(object.Until) {
		return ""
	}
	return " at " + object.Until.UTC().Format(time.RFC3339)
}

// exceptionNumbers lists the requests that gave exceptions: "61, 73".
func exceptionNumbers(objects []*manifest.Object) string {
	var numbers []int64
	for _, object := range objects {
		if object.Request != 0 && !slices.Contains(numbers, object.Request) {
			numbers = append(numbers, object.Request)
		}
	}
	slices.Sort(numbers)
	texts := make([]string, len(numbers))
	for i, number := range numbers {
		texts[i] = fmt.Sprint(number)
	}
	return strings.Join(texts, ", ")
}
