package admission

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/json"
)

// Pod is a pod, or the template that pods are made from, inside an object.
type Pod struct {
	Path string // of the pod in the object, with a dot at its end: "spec.template."; empty for a Pod
	Meta Meta
	Spec *corev1.PodSpec
}

var namespaceKind = schema.GroupKind{Kind: "Namespace"}

// workloads are the kinds that hold pods, with the API version this code knows.
// The API server converts to the version that the webhook is registered for.
var workloads = map[schema.GroupKind]string{
	{Kind: "Pod"}:                        "v1",
	{Kind: "PodTemplate"}:                "v1",
	{Kind: "ReplicationController"}:      "v1",
	{Group: "apps", Kind: "Deployment"}:  "v1",
	{Group: "apps", Kind: "StatefulSet"}: "v1",
	{Group: "apps", Kind: "DaemonSet"}:   "v1",
	{Group: "apps", Kind: "ReplicaSet"}:  "v1",
	{Group: "batch", Kind: "Job"}:        "v1",
	{Group: "batch", Kind: "CronJob"}:    "v1",
}

func isWorkload(kind schema.GroupKind) bool { return workloads[kind] != "" }

// podTemplate is the same in every kind that has one.
type podTemplate struct {
	Metadata Meta           `json:"metadata"`
	Spec     corev1.PodSpec `json:"spec"`
}

// decodeWorkload decodes metadata and pods of an object, and nothing else of
// it. Names are case-sensitive, as for the API server: "Containers" is no
// field. The error says why the object cannot be judged.
func decodeWorkload(kind schema.GroupVersionKind, raw []byte) ([]Pod, *Meta, error) {
	version, known := workloads[kind.GroupKind()]
	switch {
	case !known:
		return nil, nil, nil
	case version != kind.Version:
		return nil, nil, fmt.Errorf("%s is judged in version %q, not %q", kind.Kind, version, kind.Version)
	}
	decode := func(into any) error {
		if err := checkQuantities(raw, into); err != nil {
			return fmt.Errorf("decode %s: %w", kind.Kind, err)
		}
		if err := json.UnmarshalCaseSensitivePreserveInts(raw, into); err != nil {
			return fmt.Errorf("decode %s: %w", kind.Kind, err)
		}
		return nil
	}
	switch kind.Kind {
	case "Pod":
		var pod podTemplate
		err := decode(&pod)
		return []Pod{{Meta: pod.Metadata, Spec: &pod.Spec}}, &pod.Metadata, err
	case "PodTemplate":
		var object struct {
			Metadata Meta        `json:"metadata"`
			Template podTemplate `json:"template"`
		}
		err := decode(&object)
		return templated("template.", &object.Template), &object.Metadata, err
	case "CronJob":
		var object struct {
			Metadata Meta `json:"metadata"`
			Spec     struct {
				JobTemplate struct {
					Spec struct {
						Template podTemplate `json:"template"`
					} `json:"spec"`
				} `json:"jobTemplate"`
			} `json:"spec"`
		}
		err := decode(&object)
		return templated("spec.jobTemplate.spec.template.", &object.Spec.JobTemplate.Spec.Template), &object.Metadata, err
	}
	var object struct {
		Metadata Meta `json:"metadata"`
		Spec     struct {
			Template *podTemplate `json:"template"`
		} `json:"spec"`
	}
	err := decode(&object)
	if err == nil && object.Spec.Template == nil {
		return nil, &object.Metadata, nil // a ReplicationController may have none; it makes no pods then
	}
	return templated("spec.template.", object.Spec.Template), &object.Metadata, err
}

func templated(path string, template *podTemplate) []Pod {
	if template == nil {
		return nil
	}
	return []Pod{{Path: path, Meta: template.Metadata, Spec: &template.Spec}}
}

// containerImage is one image of a pod and where it stands.
type containerImage struct{ field, image string }

// images lists every image that a pod runs or mounts.
func (p Pod) images() []containerImage {
	var images []containerImage
	add := func(list string, i int, field, image string) {
		images = append(images, containerImage{fmt.Sprintf("%sspec.%s[%d].%s", p.Path, list, i, field), image})
	}
	for i := range p.Spec.InitContainers {
		add("initContainers", i, "image", p.Spec.InitContainers[i].Image)
	}
	for i := range p.Spec.Containers {
		add("containers", i, "image", p.Spec.Containers[i].Image)
	}
	for i := range p.Spec.EphemeralContainers {
		add("ephemeralContainers", i, "image", p.Spec.EphemeralContainers[i].Image)
	}
	// A volume may be an image too; its files are as foreign as a container's.
	for i := range p.Spec.Volumes {
		if volume := p.Spec.Volumes[i].Image; volume != nil {
			add("volumes", i, "image.reference", volume.Reference)
		}
	}
	return images
}
