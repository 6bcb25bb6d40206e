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
const RendererVersion = "1"

// Renderer makes a tenancy's files. The zero value is ready.
type Renderer struct{}

var _ workflow.Renderer = Renderer{}

// Version is RendererVersion.
func (Renderer) Version() string { return RendererVersion }

// Render gives approved/<tenant>.yaml and the manifests of every namespace,
// sorted by path. The order of the tenancy's entries makes no difference. The
// error names what cannot be rendered; then there are no files at all.
func (Renderer) Render(policy workflow.Policy, tenancy workflow.Tenancy) ([]workflow.File, error) {
	if err := checkLabel("tenant", tenancy.Name); err != nil {
		return nil, fmt.Errorf("render: %w", err)
	}
	document, err := EncodeTenancy(tenancy)
	if err != nil {
		return nil, fmt.Errorf("render tenant %q: %w", tenancy.Name, err)
	}
	files := []workflow.File{{Path: ApprovedPath(tenancy.Name), Content: document}}
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
	return files, nil
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
