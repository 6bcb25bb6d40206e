package api

import (
	"time"

	"tenure.dev/workflow"
)

// Namespace is what a namespace was given.
type Namespace struct {
	Name           string                 `json:"name"`
	Cluster        string                 `json:"cluster"`
	Environment    string                 `json:"environment"`
	PodSecurity    workflow.SecurityLevel `json:"podSecurity"`
	Purpose        string                 `json:"purpose,omitempty"`
	Classification string                 `json:"classification,omitempty" doc:"How confidential the data in it are: one of the policy's classes."`
	Hosts          []string               `json:"hosts" doc:"The DNS names that its Ingresses and HTTPRoutes may serve."`
	Registries     []string               `json:"registries" doc:"Entries of the policy's catalogue of registries whose images it may run beyond those that everybody may."`
	Request        int64                  `json:"request" doc:"The request that gave it; 0 for the first commit."`
	Quota          Quota                  `json:"quota"`
	Access         []Access               `json:"access"`
	Network        []NetworkException     `json:"network" doc:"The exceptions to default-deny."`
	Exemptions     []Exemption            `json:"exemptions" doc:"What rules of admission let through here."`
}

// Access is a role of a group or of a person in a namespace.
type Access struct {
	Group   string              `json:"group,omitempty" doc:"Object id; not there for a person."`
	Person  string              `json:"person,omitempty" doc:"Object id; not there for a group."`
	User    string              `json:"user,omitempty" doc:"The person's user name, as the API server knows it."`
	Role    workflow.AccessRole `json:"role"`
	Until   *time.Time          `json:"until,omitempty" doc:"Not there: standing."`
	Request int64               `json:"request"`
}

// NetworkException is an exception to default-deny, in one direction.
type NetworkException struct {
	Direction workflow.FlowDirection `json:"direction" doc:"As seen from this namespace's pods."`
	Pods      map[string]string      `json:"pods,omitempty" doc:"Labels of this namespace's pods; not there: every pod."`
	Peer      *Peer                  `json:"peer,omitempty" doc:"The other side."`
	Ports     []Port                 `json:"ports"`
	Until     *time.Time             `json:"until,omitempty"`
	Request   int64                  `json:"request"`
}

// Peer is the other side of a flow: pods of a namespace, or addresses.
type Peer struct {
	Namespace string            `json:"namespace,omitempty"`
	PodLabels map[string]string `json:"podLabels,omitempty"`
	CIDR      string            `json:"cidr,omitempty"`
	Except    []string          `json:"except,omitempty" doc:"Ranges inside the CIDR."`
	Internet  bool              `json:"internet,omitempty" doc:"Every public address."`
	FQDN      string            `json:"fqdn,omitempty" doc:"The addresses of a DNS name."`
}

// Port is a port or a range of ports.
type Port struct {
	Protocol string `json:"protocol" doc:"TCP, UDP or SCTP."`
	Port     int32  `json:"port"`
	EndPort  int32  `json:"endPort,omitempty"`
}

// Exemption lets one value through one rule of admission, for some pods.
type Exemption struct {
	Rule     string            `json:"rule"`
	Selector map[string]string `json:"selector"`
	Value    string            `json:"value"`
	Until    *time.Time        `json:"until,omitempty"`
	Request  int64             `json:"request"`
}

func namespaceOf(n workflow.Namespace) Namespace {
	return Namespace{
		Name: n.Name, Cluster: n.Cluster, Environment: n.Environment, PodSecurity: n.PodSecurity, Purpose: n.Purpose, Request: n.Request,
		Classification: n.Classification, Hosts: texts(n.Hosts), Registries: texts(n.Registries),
		Quota: quotaOf(n.Quota), Access: each(n.Access, accessOf), Network: each(n.Network, exceptionOf), Exemptions: each(n.Exemptions, exemptionOf),
	}
}

func accessOf(a workflow.Access) Access {
	return Access{Group: a.Group, Person: a.Person, User: a.User, Role: a.Role, Until: utc(a.Until), Request: a.Request}
}

func exceptionOf(e workflow.NetworkException) NetworkException {
	exception := NetworkException{
		Direction: e.Direction, Pods: e.Pods, Until: utc(e.Until), Request: e.Request,
		Ports: each(e.Ports, func(p workflow.FlowPort) Port { return Port(p) }),
	}
	if peer := e.Peer(); peer != nil {
		exception.Peer = &Peer{Namespace: peer.Namespace, PodLabels: peer.PodLabels, CIDR: peer.CIDR, Except: peer.Except, Internet: peer.Internet, FQDN: peer.FQDN}
	}
	return exception
}

func exemptionOf(e workflow.Exemption) Exemption {
	return Exemption{Rule: e.Rule, Selector: e.Selector, Value: e.Value, Until: utc(e.Until), Request: e.Request}
}
