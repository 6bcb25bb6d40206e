// Package cluster reads live clusters. So far that is what Argo CD says of the
// tenants' manifests: it watches the Applications that Tenure had made, and
// answers from memory.
package cluster
