package manifest

import (
	"cmp"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"tenure.dev/workflow"
)

// The fields of Argo CD's objects that Tenure sets, as its API v1alpha1 names
// them (https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml
// and project.yaml). Argo CD's own Go types are not used: they bring all of
// Argo CD and of Kubernetes with them.

const argocdVersion = "argoproj.io/v1alpha1"

type argocdMeta struct {
	APIVersion string       `json:"apiVersion"`
	Kind       string       `json:"kind"`
	Metadata   argocdObject `json:"metadata"`
}

type argocdObject struct {
	Name      string            `json:"name"`
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels"`
}

func newArgoCDMeta(kind, name, namespace string, labels map[string]string) argocdMeta {
	return argocdMeta{APIVersion: argocdVersion, Kind: kind, Metadata: argocdObject{Name: name, Namespace: namespace, Labels: labels}}
}

type application struct {
	argocdMeta
	Spec applicationSpec `json:"spec"`
}

type applicationSpec struct {
	Project     string            `json:"project"`
	Destination destination       `json:"destination"`
	Source      applicationSource `json:"source"`
	SyncPolicy  syncPolicy        `json:"syncPolicy"`
}

type applicationSource struct {
	RepoURL        string          `json:"repoURL"`
	TargetRevision string          `json:"targetRevision"`
	Path           string          `json:"path"`
	Directory      directorySource `json:"directory"`
}

type directorySource struct {
	Recurse bool `json:"recurse"`
}

type syncPolicy struct {
	Automated   automatedSync `json:"automated"`
	Retry       syncRetry     `json:"retry"`
	SyncOptions []string      `json:"syncOptions"`
}

type automatedSync struct {
	AllowEmpty bool `json:"allowEmpty"`
	Prune      bool `json:"prune"`
	SelfHeal   bool `json:"selfHeal"`
}

type syncRetry struct {
	Limit   int64       `json:"limit"` // -1: without end
	Refresh bool        `json:"refresh"`
	Backoff syncBackoff `json:"backoff"`
}

type syncBackoff struct {
	Duration    string `json:"duration"`
	Factor      int64  `json:"factor"`
	MaxDuration string `json:"maxDuration"`
}

type appProject struct {
	argocdMeta
	Spec appProjectSpec `json:"spec"`
}

type appProjectSpec struct {
	Description                string                      `json:"description"`
	SourceRepos                []string                    `json:"sourceRepos"`
	Destinations               []destination               `json:"destinations,omitempty"`
	DestinationServiceAccounts []destinationServiceAccount `json:"destinationServiceAccounts,omitempty"`
	NamespaceResourceBlacklist []projectKind               `json:"namespaceResourceBlacklist"`
}

// destination is a cluster, and a namespace there where it is about one.
type destination struct {
	Server    string `json:"server"`
	Namespace string `json:"namespace,omitempty"`
}

type destinationServiceAccount struct {
	Server                string `json:"server"`
	Namespace             string `json:"namespace"`
	DefaultServiceAccount string `json:"defaultServiceAccount"` // <namespace>:<name>
}

type projectKind struct {
	Group string `json:"group"`
	Kind  string `json:"kind"`
}

func projectKinds(kinds []schema.GroupKind) []projectKind {
	list := make([]projectKind, len(kinds))
	for i, kind := range kinds {
		list[i] = projectKind{Group: kind.Group, Kind: kind.Kind}
	}
	return list
}

// byPlace orders namespaces by cluster, then name.
func byPlace(a, b workflow.Namespace) int {
	return cmp.Or(cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.Name, b.Name))
}
