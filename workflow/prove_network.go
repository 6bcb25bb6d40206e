package workflow

import (
	"fmt"
	"slices"
)

// proveException holds a grant of kind network against all that it can be: one
// exception more, with both of its ends where the other side is a namespace, and
// nothing else in any tenancy.
func (p Proof) proveException(plan Plan) []string {
	var objections []string
	object := func(format string, args ...any) { objections = append(objections, fmt.Sprintf(format, args...)) }
	request := p.Message.Request
	for _, side := range plan.sides() {
		had, has := side.Before.exceptions(request), side.After.exceptions(request)
		if len(had) > 0 {
			object("%s had an exception of request %d before", side.Before.Name, request)
		}
		if len(has) == 0 {
			object("%s has no end of the exception of request %d", side.After.Name, request)
		}
		if !side.After.WithoutGrants(request).equal(side.Before) {
			object("a request of kind network only adds its exception, yet something else of %s changes%s", side.After.Name, strangers(side, request))
		}
	}
	for _, e := range plan.given() {
		if e.Request != request {
			object("the exception %s in namespace %s/%s names another request than %d", e.ObjectName(), e.namespace.Cluster, e.namespace.Name, request)
		}
	}
	ends := slices.DeleteFunc(plan.given(), func(e exceptionEnd) bool { return e.Request != request })
	return slices.Concat(objections, p.proveEnds(ends), p.proveLimits(ends))
}

// strangers names the entries that a network grant may not touch.
func strangers(side OtherSide, request int64) string {
	var names string
	for _, edit := range Edits(side.Before, side.After.WithoutGrants(request)) {
		names += ", " + edit.Entry
	}
	return names
}

// proveEnds objects unless there is one end, of an exception that reaches
// addresses, or two, each the mirror of the other and in a tenancy as wide as it
// must be.
func (p Proof) proveEnds(ends []exceptionEnd) []string {
	switch len(ends) {
	case 1:
		if peer := ends[0].Peer(); peer != nil && peer.Namespace != "" {
			return []string{fmt.Sprintf("the exception in %s/%s has no other end in %s", ends[0].namespace.Cluster, ends[0].namespace.Name, peer.Namespace)}
		}
		return nil
	case 2:
		here, there := ends[0], ends[1]
		switch {
		case here.Peer() == nil || here.Peer().Namespace == "":
			return []string{"an exception that reaches addresses has one end, not 2"}
		case here.namespace.Cluster != there.namespace.Cluster || here.Peer().Namespace != there.namespace.Name,
			!here.mirror(here.namespace.Name).equal(there.NetworkException):
			return []string{fmt.Sprintf("the end in %s/%s is not the other end of the one in %s/%s: ports, pods, end and namespaces must be the same from both sides",
				there.namespace.Cluster, there.namespace.Name, here.namespace.Cluster, here.namespace.Name)}
		}
		return nil
	}
	return []string{fmt.Sprintf("an exception has one end or two, not %d", len(ends))}
}

// proveLimits holds the ends against the policy, and their time against when
// the plan was made.
func (p Proof) proveLimits(ends []exceptionEnd) []string {
	var objections []string
	for _, e := range ends {
		var c checker
		n := e.namespace
		n.Network = []NetworkException{e.NetworkException}
		c.conformingNetwork("namespace "+n.Cluster+"/"+n.Name, p.Policy, n)
		if message := p.Policy.Requests.Network.term().check(e.Until, p.Message.PlannedAt); message != "" {
			c.add("until", "%s", message)
		}
		for _, problem := range c {
			objections = append(objections, problem.Field+": "+problem.Message)
		}
	}
	return objections
}
