// Package admission says of each write to a cluster whether it was approved and
// keeps to the platform's rules.
//
//	AdmissionReview ──Handler──► Request ──Evaluate──► Decision ──► AdmissionReview
//	YAML stream ────Judge──────►    │          ▲
//	                                │       Snapshot ◄── Holder ◄── ApprovedState
//
// Evaluate is pure: it needs no disk or network, and the time is part of the
// request, so that the webhook, the portal's try page and `tenure check` cannot
// differ. A rule is one file rule_<name>.go and one line in rule.go.
//
// # Which writes reach it
//
// The API server asks at two paths, outside the platform's namespaces:
//
//   - PathValidate, for the kinds that Tenure governs, wherever they are. The
//     webhook is told nothing of the namespace; an object of a namespace that
//     nobody approved is nobody's business, unless it carries Tenure's labels.
//   - PathTenant, for workloads and for what serves hosts in namespaces that carry a
//     tenant's label, and for the governed kinds there once more. One that nobody approved, or whose
//     approval ended, is refused everything but to shrink: see judgeUnapprovedPlace.
//
// A NetworkPolicy is judged by what it lets through, k8s/network. What Tenure
// rendered is the rule governed's: it lets through what was approved, or less. A
// tenant's own is the rule network-opening's: it lets through what is inside its
// namespace, and what was approved for that. What was approved until some time
// counts as long as that has not come, at the moment of judging.
//
// An exemption takes one value out of what one rule refuses, for pods with its
// labels, until its end: exempt.go. The labels are those of the pod or pod template
// in the write, which a tenant sets as it likes; what bounds an exemption is the value.
// What runs when it ends goes on, and nothing new starts.
//
// What brings traffic in from outside is the rule ingress-host's: the kinds in
// hosts.go, by their fields and by the annotations in hosts_annotations.go. A host
// that was not approved goes on where it was before Tenure, in the same field and by
// the same Gateway or class, until it is approved for another namespace: then the
// object can only be left or lose it. What has no host, as a TCPRoute, or can mean
// any, as a snippet of configuration, is never approved.
//
// Writes of the system's controllers pass without anybody knowing who the
// controller is, because of what they write:
//
//   - status subresources: a rule never looks at status. It does look at the
//     metadata beside it, since namespaces/status and namespaces/finalize
//     accept changed labels like any update;
//   - bookkeeping (managedFields, finalizers taken off, replicas scaled, a
//     ReplicaSet's revision): an update that leaves what a rule looks at as it
//     was is permitted by that rule.
//
// One identity is known by name: the namespace controller, which empties a
// namespace whose deletion was already judged. It deletes collections: the
// request then has no name, and the old object has.
//
// # What it cannot see
//
//   - At PathValidate, that a namespace carries a tenant's label which nobody
//     approved: an object there without Tenure's labels passes. Whoever registers
//     the governed kinds at PathTenant as well closes that.
//   - What a role allows, unless Roles tell: a ClusterRole that allows everything
//     under another name than cluster-admin is then not known for what it is.
//   - Who is in a group: a ClusterRoleBinding to a single person is not known to
//     be to somebody of a tenant.
//   - What is in the cluster already: a tenant's own NetworkPolicy that opened what
//     an exception allowed stays when the exception ends; that it is there is drift,
//     which Snapshot.Outliving lists. No update may keep that part, be it of a label,
//     but for one that changes nothing; as long as nobody writes to it, it goes on
//     letting traffic through.
//   - Hosts that other kinds serve, such as an Istio VirtualService or a Service with
//     an annotation for external-dns: ingress-host knows Ingress and the Gateway API.
//   - What annotations of other controllers than those that hosts_annotations.go names
//     mean for hosts, and what an object leads to by a reference: the parameters of a
//     Gateway, the filter of a route that is an extension.
//   - Who serves a host that the platform has reserved, if it was served before: that
//     goes on like any host that nobody has.
//   - Which exceptions ended before it began to run, once they are out of the
//     approved state: what a policy still opens of them counts like what was open
//     before Tenure, which may be narrowed or left, and never widened.
//   - Which NetworkPolicies are in the cluster, unless Policies tell: those that are
//     approved are then taken to be there.
package admission
