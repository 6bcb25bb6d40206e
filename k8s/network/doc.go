// Package network says what NetworkPolicies of networking.k8s.io/v1 let through: what
// may talk to what, what a change opens or closes, whether a policy opens more than
// was granted, and which rules decide a flow.
//
// # How it answers
//
// By set algebra, never by trying samples. A selector is a set of label maps (LabelSet):
// for each key a finite set of values, or all but finitely many, the key's absence
// among them. A rule is a product of such sets with a set of Ports: pods of the
// policy's namespace, times peers (the labels of a namespace and of its pods, or
// addresses), times ports. Products are closed under difference, so an answer holds for
// pods and namespaces that do not exist yet as well as for those that do. A named port
// is whatever number the destination will give the name, and only what lets through the
// same name, or every number, covers it.
//
// # What the policies mean
//
// As their reference documentation has it: rules only add; a pod that no policy selects
// for a direction is open in it; from pod to pod both ends must let a flow through; a
// pod's traffic to itself is always let through; a rule without peers is for everybody,
// addresses included, one without ports for all ports; policyTypes that are missing are
// Ingress, and Egress if there are egress rules. A policy that the API server would
// refuse is an error and never an open or ignored rule; so is an ipBlock that engines
// read in different ways, such as 010.0.0.0/8 or ::ffff:10.0.0.0/104.
//
// # What is left to the engine
//
// An ipBlock concerns addresses outside the cluster. Whether it matches the addresses
// of pods and nodes too, and whether an address is seen before or after translation,
// differs by network engine and is not decided here. Nor are protocols other than TCP,
// UDP and SCTP, pods in the host's network, and the traffic of the node to its own pods,
// all of which NetworkPolicies leave undefined.
package network
