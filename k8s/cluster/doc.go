// Package cluster reads live clusters: what Argo CD says of the tenants'
// manifests, which NetworkPolicies there are, and which workloads run where. Each
// is one watch that answers from memory, and none waits for the network.
package cluster
