package manifest

import (
	"errors"
	"fmt"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	podsecurity "k8s.io/pod-security-admission/api"

	"tenure.dev/workflow"
)

// Sync waves: everything of Tenure's stands before wave 0, where a tenant's
// workloads start, and the namespace before everything.
const (
	waveNamespace = "-50"
	waveQuota     = "-40"
	waveAccess    = "-30"
	waveNetwork   = "-20"
)

// namePrefix starts the names of all that Tenure puts into a namespace.
const namePrefix = "tenure-"

// namespace makes the Namespace itself, with the Pod Security Standard that the
// API server enforces (https://kubernetes.io/docs/concepts/security/pod-security-admission/).
func (p place) namespace() (Typed, error) {
	level := p.grant.PodSecurity
	if level != workflow.LevelBaseline && level != workflow.LevelRestricted {
		return nil, fmt.Errorf("pod security level %q: only %q and %q can be given", level, workflow.LevelBaseline, workflow.LevelRestricted)
	}
	if !utf8.ValidString(p.grant.Purpose) {
		return nil, errors.New("the purpose is not valid UTF-8")
	}
	object := &corev1.Namespace{
		TypeMeta:   typeMeta(corev1.SchemeGroupVersion, "Namespace"),
		ObjectMeta: p.meta(p.grant.Name, waveNamespace, p.grant.Request),
	}
	object.Namespace = "" // a Namespace is in none
	object.Labels[corev1.LabelMetadataName] = p.grant.Name
	object.Labels[LabelEnvironment] = p.grant.Environment
	if p.grant.Classification != "" {
		object.Labels[LabelClass] = p.grant.Classification
	}
	for _, label := range []string{podsecurity.EnforceLevelLabel, podsecurity.AuditLevelLabel, podsecurity.WarnLevelLabel} {
		object.Labels[label] = string(level)
		object.Labels[label+"-version"] = PodSecurityVersion
	}
	if p.grant.Purpose != "" {
		object.Annotations[AnnotationPurpose] = p.grant.Purpose
	}
	return object, nil
}

// untilNamespaceGoes keeps Argo CD from pruning an object before its namespace.
func untilNamespaceGoes(object Typed) Typed {
	object.GetAnnotations()[AnnotationSyncOptions] = "Prune=false"
	return object
}
