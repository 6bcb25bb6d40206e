package manifest

import (
	"cmp"
	"fmt"
	"slices"

	"tenure.dev/workflow"
)

// RendererVersion names what this code renders. It is part of every plan's
// digest and of every commit, so it must change whenever the same tenancy gives
// other bytes; the golden test reminds.
const RendererVersion = "3"

// Renderer makes a tenancy's files. The zero value is ready.
type Renderer struct{}

var _ workflow.Renderer = Renderer{}

// Version is RendererVersion.
func (Renderer) Version() string { return RendererVersion }

// Render gives approved/<tenant>.yaml, the manifests of every namespace and
// what Argo CD needs to bring them to the clusters, sorted by path. The order of
// the tenancy's entries makes no difference. The error names what cannot be
// rendered; then there are no files at all.
func (Renderer) Render(policy workflow.Policy, tenancy workflow.Tenancy) ([]workflow.File, error) {
	if err := checkLabel("tenant", tenancy.Name); err != nil {
		return nil, fmt.Errorf("render: %w", err)
	}
	policy = reads(policy, tenancy)
	document, err := EncodeTenancy(tenancy)
	if err != nil {
		return nil, fmt.Errorf("render tenant %q: %w", tenancy.Name, err)
	}
	files := []workflow.File{{Path: ApprovedPath(tenancy.Name), Content: document}}
	if files, err = appendDelivery(files, policy, tenancy); err != nil {
		return nil, fmt.Errorf("render tenant %q: %w", tenancy.Name, err)
	}
	seen := make(map[string]bool, len(tenancy.Namespaces))
	for _, namespace := range tenancy.Namespaces {
		dir := NamespaceDir(namespace.Cluster, tenancy.Name, namespace.Name)
		if seen[dir] {
			return nil, fmt.Errorf("render tenant %q: namespace %q stands twice on cluster %q", tenancy.Name, namespace.Name, namespace.Cluster)
		}
		seen[dir] = true
		if files, err = appendManifests(files, policy, tenancy, namespace); err != nil {
			return nil, fmt.Errorf("render tenant %q: %w", tenancy.Name, err)
		}
	}
	slices.SortFunc(files, func(a, b workflow.File) int { return cmp.Compare(a.Path, b.Path) })
	for i := 1; i < len(files); i++ {
		if files[i].Path == files[i-1].Path {
			return nil, fmt.Errorf("render tenant %q: %q would be written twice", tenancy.Name, files[i].Path)
		}
	}
	return files, nil
}

// appendDelivery adds the folder of each cluster and the objects for Argo CD.
func appendDelivery(files []workflow.File, policy workflow.Policy, tenancy workflow.Tenancy) ([]workflow.File, error) {
	for _, cluster := range tenancy.Clusters {
		if err := checkLabel("cluster", cluster); err != nil {
			return nil, err
		}
		files = append(files, workflow.File{Path: TenantDir(cluster, tenancy.Name) + placeholder, Content: []byte(placeholderText)})
	}
	if policy.ArgoCD == nil {
		return files, nil
	}
	objects, err := argocdObjects(policy, tenancy)
	if err != nil {
		return nil, fmt.Errorf("objects for Argo CD: %w", err)
	}
	var content []byte
	for i, object := range objects {
		tree, err := treeOf(object)
		if err != nil {
			return nil, fmt.Errorf("encode %T: %w", object, err)
		}
		if i > 0 {
			content = append(content, "---\n"...)
		}
		content = append(content, tree.sorted().yaml()...)
	}
	return append(files, workflow.File{Path: ArgoCDPath(tenancy.Name), Content: content}), nil
}

// appendManifests adds one namespace's files.
func appendManifests(files []workflow.File, policy workflow.Policy, tenancy workflow.Tenancy, namespace workflow.Namespace) ([]workflow.File, error) {
	objects, err := Objects(policy, tenancy, namespace)
	if err != nil {
		return nil, err
	}
	for _, object := range objects {
		tree, err := object.tree()
		if err != nil {
			return nil, err
		}
		files = append(files, workflow.File{Path: object.Path, Content: tree.yaml()})
	}
	return files, nil
}
