package admission

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"tenure.dev/workflow"
)

// ingressHostRule lets what brings traffic in from outside serve only the hosts
// that were approved for its namespace. What names no host serves every one.
var ingressHostRule = Rule{
	Name:    "ingress-host",
	Default: workflow.RuleDeny,
	Compile: noParams(Check{
		LooksAt: func(kind schema.GroupKind) bool { return hostKinds[kind] != nil },
		Judge:   judgeHosts,
	}),
}

// judgeHosts refuses every host that was not approved. An update may keep those
// that the object served before, in the fields and for the traffic for which it did,
// so that what ran before Tenure can be run. Once another namespace has such a host,
// nothing can be done with it any more but to leave it or take it out: with paths of
// its own, the object would take part of the other's traffic.
//
// What stands for many hosts takes none from a namespace that has one by its name:
// controllers prefer that. It goes on.
func judgeHosts(o *Object) ([]workflow.Violation, error) {
	if o.Operation == Update && o.leavesHosts() {
		return nil, nil
	}
	now, err := o.serving(o.Object)
	if err != nil {
		return nil, err
	}
	refused := slices.DeleteFunc(now.hosts, func(h servedHost) bool { return h.never == "" && slices.Contains(o.Grant.Hosts, h.host) })
	if len(refused) > 0 && o.Operation == Update {
		before, err := o.serving(o.OldObject)
		if err != nil {
			before = serving{} // what cannot be read served nothing that is known
		}
		refused = slices.DeleteFunc(refused, func(h servedHost) bool { return now.keeps(h, before, o.isTaken(h)) })
	}
	violations := make([]workflow.Violation, len(refused))
	for i, h := range refused {
		violations[i] = workflow.Violation{Field: h.field, Value: h.host, Allowed: o.allowedHosts(h), Ask: o.askHosts(h, refused)}
	}
	return violations, nil
}

// isTaken says whether a host is approved for another namespace: another tenant's
// anywhere, as nobody else gets it then, or one of the tenant's own on this cluster.
func (o *Object) isTaken(h servedHost) bool {
	return h.never == "" && slices.ContainsFunc(o.Snapshot.hosts[bareHost(h.host)], func(p approvedPlace) bool {
		return p.tenant != o.Grant.Tenant || (p.cluster == o.Snapshot.Cluster && p.namespace != o.Namespace)
	})
}

// allowedHosts says why a host is refused, and which are approved. Whose it is, if
// it is another's, is not said.
func (o *Object) allowedHosts(h servedHost) string {
	approved := "none is approved for " + o.Namespace
	if len(o.Grant.Hosts) > 0 {
		approved = "approved for " + o.Namespace + " are " + strings.Join(o.Grant.Hosts, ", ")
	}
	switch {
	case h.never != "":
		return h.never
	case h.host == "":
		return fmt.Sprintf("what names no host serves every host; name those that it is for (%s).", approved)
	case strings.Contains(h.host, "*"):
		return fmt.Sprintf("it stands for many hosts, and each is approved by its own name (%s).", approved)
	case o.isTaken(h):
		return fmt.Sprintf("this host is approved for another namespace now; take it out of the object (%s).", approved)
	}
	return fmt.Sprintf("this host was not approved (%s).", approved)
}

// askHosts is where to ask for the hosts that are missing: the form for a change
// of the namespace, which begins with what it has, filled in with them. What is never
// approved is asked for nowhere.
func (o *Object) askHosts(about servedHost, missing []servedHost) string {
	if about.never != "" {
		return ""
	}
	known := workflow.NamespaceChange{AskedNamespace: workflow.AskedNamespace{Name: o.Namespace, Cluster: o.Snapshot.Cluster}, Existing: true}
	for _, h := range missing {
		if host := filled(h.host); host != "" && h.never == "" && !strings.Contains(host, "*") && !o.isTaken(h) && !slices.Contains(known.Hosts, host) {
			known.Hosts = append(known.Hosts, host)
		}
	}
	link := known.Link(o.Grant.Tenant)
	if len(link) > maxLink {
		link = o.namespacePage()
	}
	if o.isTaken(about) {
		return o.Snapshot.askFor("another host", link)
	}
	return o.Snapshot.askFor("the host", link)
}
