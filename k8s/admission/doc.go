// Package admission says of each write to a cluster whether it was approved and
// keeps to the platform's rules.
//
//	AdmissionReview ──Handler──► Request ──Evaluate──► Decision ──► AdmissionReview
//	YAML stream ────Judge──────►    │          ▲
//	                                │       Snapshot ◄── Holder ◄── ApprovedState
//
// Evaluate is pure: it needs no clock, disk or network, so that the webhook, the
// portal's try page and `tenure check` cannot differ. A rule is one file
// rule_<name>.go and one line in rules.go.
//
// # Which writes reach it
//
// The webhook is registered for CREATE, UPDATE and DELETE of all resources and
// their subresources, outside the platform's namespaces. The API server
// therefore also asks about writes of its own controllers, and these pass
// without knowing who the controller is, because of what they write:
//
//   - status subresources: a rule never looks at status. It does look at the
//     metadata beside it, since namespaces/status and namespaces/finalize
//     accept changed labels like any update;
//   - bookkeeping (managedFields, finalizers taken off, replicas scaled, a
//     ReplicaSet's revision): an update that leaves what a rule looks at as it
//     was is permitted by that rule.
//
// What it cannot see yet: labels of the live namespace that an object is in. A
// namespace whose approval ended, and that still exists, is for it like one that
// never was a tenant's: workloads in it are not judged.
//
// One identity is known by name: the namespace controller, which empties a
// namespace whose deletion was already judged.
package admission
