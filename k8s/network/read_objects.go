package network

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	kjson "sigs.k8s.io/json"
)

const kindPod = "Pod"

// take adds an object of a kind that matters here.
func (r *reader) take(h head, raw json.RawMessage, strict func() error) error {
	group, _, versioned := strings.Cut(h.APIVersion, "/")
	if !versioned {
		group = ""
	}
	switch group + "/" + h.Kind {
	case "/Namespace":
		if h.Metadata.Name == "" {
			return errors.New("metadata.name is missing")
		}
		r.objects.Namespaces = append(r.objects.Namespaces, Namespace{h.Metadata.Name, h.Metadata.Labels})
		return nil
	case "networking.k8s.io/NetworkPolicy":
		return r.policy(h, raw, strict)
	case "/Pod":
		return r.pod(h, raw)
	case "/ReplicationController", "apps/Deployment", "apps/ReplicaSet", "apps/StatefulSet", "apps/DaemonSet", "batch/Job", "batch/CronJob":
		return r.workload(h, raw)
	}
	return nil
}

// policy is read strictly: a misspelt field would be a rule that nobody heeds.
func (r *reader) policy(h head, raw json.RawMessage, strict func() error) error {
	if h.APIVersion != networkingv1.SchemeGroupVersion.String() {
		return fmt.Errorf("apiVersion %q is not %s", h.APIVersion, networkingv1.SchemeGroupVersion)
	}
	if h.Metadata.Name == "" {
		return errors.New("metadata.name is missing")
	}
	if err := strict(); err != nil {
		return err
	}
	policy := &networkingv1.NetworkPolicy{}
	wrong, err := kjson.UnmarshalStrict(raw, policy)
	if err != nil {
		return err
	}
	wrong = slices.DeleteFunc(wrong, func(err error) bool {
		// Releases before 1.28 had a status; and what stands in the metadata opens nothing.
		return strings.Contains(err.Error(), `"status`) || strings.Contains(err.Error(), `"metadata.`)
	})
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	policy.Namespace = h.namespace()
	r.objects.Policies = append(r.objects.Policies, policy)
	return nil
}

// podTemplate is what of a pod or a pod template matters here.
type podTemplate struct {
	Metadata struct {
		Labels map[string]string `json:"labels"`
	} `json:"metadata"`
	Spec struct {
		Containers     []container `json:"containers"`
		InitContainers []container `json:"initContainers"`
	} `json:"spec"`
}

type container struct {
	Ports         []corev1.ContainerPort         `json:"ports"`
	RestartPolicy *corev1.ContainerRestartPolicy `json:"restartPolicy"`
}

// workload is any kind with a pod template.
func (r *reader) workload(h head, raw json.RawMessage) error {
	var object struct {
		Spec struct {
			Template    podTemplate `json:"template"`
			JobTemplate struct {
				Spec struct {
					Template podTemplate `json:"template"`
				} `json:"spec"`
			} `json:"jobTemplate"`
		} `json:"spec"`
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(raw, &object); err != nil {
		return err
	}
	if h.Metadata.Name == "" {
		return errors.New("metadata.name is missing")
	}
	template := object.Spec.Template
	if h.Kind == "CronJob" {
		template = object.Spec.JobTemplate.Spec.Template
	}
	r.add(Workload{
		Namespace: h.namespace(), Name: h.Metadata.Name, Kind: h.Kind, Labels: template.Metadata.Labels, Ports: template.ports(),
	}, h.Metadata.OwnerReferences)
	return nil
}

func (r *reader) pod(h head, raw json.RawMessage) error {
	var object podTemplate
	if err := kjson.UnmarshalCaseSensitivePreserveInts(raw, &object); err != nil {
		return err
	}
	w := Workload{Namespace: h.namespace(), Name: h.Metadata.Name, Kind: kindPod, Labels: h.Metadata.Labels, Ports: object.ports()}
	if w.Name == "" {
		w.Name = h.Metadata.GenerateName
	}
	if w.Name == "" {
		return errors.New("metadata.name is missing")
	}
	r.add(w, h.Metadata.OwnerReferences)
	return nil
}

// ports are those of the containers that run while the pod serves: the init
// containers among them are sidecars, which restart always.
func (t *podTemplate) ports() []ContainerPort {
	var ports []ContainerPort
	add := func(c container) {
		for _, p := range c.Ports {
			if p.ContainerPort != 0 { // else it declares nothing
				ports = append(ports, ContainerPort{p.Name, p.Protocol, p.ContainerPort})
			}
		}
	}
	for _, c := range t.Spec.Containers {
		add(c)
	}
	for _, c := range t.Spec.InitContainers {
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			add(c)
		}
	}
	return ports
}
