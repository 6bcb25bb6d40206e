// Package cluster reads live clusters. What Argo CD says of the tenants' manifests,
// which NetworkPolicies there are, which workloads run where and what is used of
// quotas are one watch each, which answers from memory and never waits for the
// network. What lives in a namespace, and what another approved state would refuse
// of all that lives, is asked for when somebody wants to know; see Live.
package cluster
