package admission

import (
	"maps"
	"strings"

	"k8s.io/apimachinery/pkg/api/equality"
)

// podsUnchanged says whether the write leaves pods and pod templates as they
// were, so that controllers can go on keeping their books on objects that were
// let in when the rules were others. Where nothing was before, it was not this.
func (o *Object) podsUnchanged() bool {
	pods, err := o.Pods()
	if err != nil {
		return false
	}
	before, err := o.OldPods()
	if err != nil || len(before) != len(pods) {
		return false
	}
	for i := range pods {
		if !equality.Semantic.DeepEqual(pods[i].Spec, before[i].Spec) ||
			!maps.Equal(securityAnnotations(pods[i].Meta.Annotations), securityAnnotations(before[i].Meta.Annotations)) {
			return false
		}
	}
	return true
}

// securityAnnotations are the annotations that mean something to the Pod
// Security Standards: the old forms of AppArmor and seccomp profiles.
func securityAnnotations(annotations map[string]string) map[string]string {
	var found map[string]string
	for key, value := range annotations {
		if !strings.HasPrefix(key, "container.apparmor.security.beta.kubernetes.io/") &&
			!strings.HasPrefix(key, "container.seccomp.security.alpha.kubernetes.io/") &&
			key != "seccomp.security.alpha.kubernetes.io/pod" {
			continue
		}
		if found == nil {
			found = map[string]string{}
		}
		found[key] = value
	}
	return found
}
