package admission

import (
	"strings"
	"sync"

	"github.com/distribution/reference"

	"tenure.dev/workflow"
)

// finding is a violation of a rule that can be exempted from, with what decides
// whether it is.
type finding struct {
	workflow.Violation
	labels map[string]string // of the pod or pod template that it is about; of the object where it has none
	value  string            // what an exemption would have to let through, as one names it
	image  reference.Named   // the same, where it is an image
}

// exemption is an approved exemption in the form that findings are held against.
type exemption struct {
	workflow.Exemption
	lets func(f finding) bool
}

// exemptible are the rules that can be exempted from, and by what.
var exemptible = sync.OnceValue(func() map[string]workflow.ValueKind {
	kinds := map[string]workflow.ValueKind{}
	for _, rule := range workflow.Rulebook() {
		if !rule.Always && rule.NoExempt == "" && rule.Exempts != "" {
			kinds[rule.Name] = rule.Exempts
		}
	}
	return kinds
})

// newExemptions makes what was approved for a namespace ready. What could mean
// more than one value, some pods and a time lets nothing through: documents that
// are checked have nothing of the kind.
func newExemptions(approved []workflow.Exemption) []exemption {
	var ready []exemption
	for _, e := range approved {
		canonical, message := workflow.CheckExemptionValue(e.Rule, e.Value)
		if message != "" || canonical != e.Value || len(e.Selector) == 0 || e.Until.IsZero() {
			continue
		}
		switch exemptible()[e.Rule] {
		case workflow.ValueImage:
			if image, err := parseImagePattern(e.Value); err == nil && !image.beneath {
				ready = append(ready, exemption{e, func(f finding) bool { return f.image != nil && image.matches(f.image) }})
			}
		case workflow.ValueLabel:
			ready = append(ready, exemption{e, func(f finding) bool { return f.value == e.Value }})
		}
	}
	return ready
}

// foundImage is a finding about an image, which an exemption names as runtimes
// complete it: "redis" is docker.io/library/redis:latest. What is no image stays
// as it is, and none names it.
func foundImage(v workflow.Violation, labels map[string]string) finding {
	f := finding{Violation: v, labels: labels, value: v.Value}
	if named, err := reference.ParseNormalizedNamed(v.Value); err == nil {
		f.image = reference.TagNameOnly(named)
		f.value = f.image.String()
	}
	return f
}

// labelValue is a label as an exemption names it: by its key where it may be
// missing, or with the value that it may have.
func labelValue(key, value string, found bool) string {
	if !found {
		return key
	}
	return key + "=" + value
}

// picks says whether labels are those of pods that the exemption is for.
func (e exemption) picks(labels map[string]string) bool {
	for key, want := range e.Selector {
		if value, found := labels[key]; !found || value != want {
			return false
		}
	}
	return true
}

// exempted gives the request that lets a finding through at the moment of judging.
func (o *Object) exempted(rule activeRule, f finding) (request int64, found bool) {
	if rule.always || o.Grant == nil {
		return 0, false
	}
	for _, e := range o.Grant.exemptions {
		if e.Rule == rule.name && !o.over(e.Until) && e.picks(f.labels) && e.lets(f) {
			return e.Request, true
		}
	}
	return 0, false
}

// leavesExemption says whether a write takes from pods the labels by which an
// exemption from a rule picked them, so that what it let in would go on under
// others. An end that has come makes no difference to that.
func (o *Object) leavesExemption(rule string) bool {
	now, err := o.Pods()
	before, was := o.OldPods()
	if err != nil || was != nil || o.Grant == nil || len(now) != len(before) {
		return false // there is nothing that was let in
	}
	for i := range now {
		for _, e := range o.Grant.exemptions {
			if e.Rule == rule && e.picks(before[i].Meta.Labels) && !e.picks(now[i].Meta.Labels) {
				return true
			}
		}
	}
	return false
}

// ownLabels are the labels by which exemptions pick the object: those of its pods,
// or its own where it has none.
func (o *Object) ownLabels() (map[string]string, error) {
	pods, err := o.Pods()
	if err != nil {
		return nil, err
	}
	if len(pods) > 0 {
		return pods[0].Meta.Labels, nil // no kind has more than one template
	}
	meta, err := o.Meta()
	if err != nil {
		return nil, err
	}
	return meta.Labels, nil
}

// controllersLabels are those that controllers put on pods, which say nothing of
// what runs in them: by key, or by the key's beginning where it ends with a slash.
var controllersLabels = []string{
	"pod-template-hash", "controller-revision-hash", "pod-template-generation", "controller-uid", "job-name",
	"batch.kubernetes.io/", "statefulset.kubernetes.io/", "apps.kubernetes.io/",
}

func isControllersLabel(key string) bool {
	for _, known := range controllersLabels {
		if key == known || (strings.HasSuffix(known, "/") && strings.HasPrefix(key, known)) {
			return true
		}
	}
	return false
}
