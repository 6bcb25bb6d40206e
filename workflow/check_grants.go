package workflow

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// quota checks what a namespace was given, on its own.
func (c *checker) quota(field string, q Quota) {
	c.size(field, q.Lasting())
	if q.Raise == nil {
		return
	}
	c.size(field+".raise", q.Raise.Size())
	c.until(field+".raise.until", q.Raise.Until)
	if q.Raise.Request < 1 {
		c.add(field+".raise.request", "the request that gave it is needed")
	}
}

// size checks amounts one by one.
func (c *checker) size(field string, s Size) {
	c.amount(field+".cpu", s.CPU)
	c.amount(field+".memory", s.Memory)
	c.amount(field+".storage", s.Storage)
	if s.Pods < 0 {
		c.add(field+".pods", "%d is negative", s.Pods)
	}
	for _, kind := range slices.Sorted(maps.Keys(s.Objects)) {
		switch {
		case !kind.known():
			c.add(field+".objects", "%q is nothing that a quota counts; it counts %s", kind, oneOf(ObjectCounts()))
		case s.Objects[kind] < 0:
			c.add(field+".objects."+string(kind), "%d is negative", s.Objects[kind])
		}
	}
}

// until checks an end as documents have it.
func (c *checker) until(field string, until time.Time) {
	if until.IsZero() {
		c.add(field, "an end is needed, such as 2027-02-01T00:00:00Z")
	} else if until.Location() != time.UTC || !until.Equal(until.Truncate(time.Second)) {
		c.add(field, "%q is not an instant in UTC, to the second", until.Format(time.RFC3339Nano))
	}
}

// access checks who has which role in a namespace. Each entry has a RoleBinding
// of its own.
func (c *checker) access(field string, n Namespace) {
	bound := map[string]bool{}
	for i, access := range n.Access {
		at := fmt.Sprintf("%s.access[%d]", field, i)
		if name := access.ObjectName(); bound[name] {
			c.add(at, "%q, or a subject whose id starts alike, has the role %s already", access.Subject(), access.Role)
		} else {
			bound[name] = true
		}
		switch {
		case (access.Group == "") == (access.Person == ""):
			c.add(at, "a group or a person is needed, and only one of them")
		case access.Person != "":
			c.objectID(at+".person", access.Person)
			if message := checkUser(access.User); message != "" {
				c.add(at+".user", "%s", message)
			}
		default:
			c.objectID(at+".group", access.Group)
			if access.User != "" {
				c.add(at+".user", "a user name goes with a person only")
			}
		}
		c.oneOf(at+".role", string(access.Role), roleNames()...)
		if access.Request < 0 {
			c.add(at+".request", "a request's number is not negative")
		}
		if access.Until.IsZero() {
			continue
		}
		c.until(at+".until", access.Until)
		if access.Request == 0 || access.Request == n.Request {
			c.add(at+".request", "access with an end has a request of its own, which gave it")
		}
	}
}

func (c *checker) objectID(field, id string) {
	if !isUUID(id) {
		c.add(field, "%q is not an Entra object id (a lower-case UUID)", id)
	}
}

// exemptions checks what rules let through in a namespace, on its own.
func (c *checker) exemptions(field string, n Namespace) {
	for i, e := range n.Exemptions {
		at := fmt.Sprintf("%s.exemptions[%d]", field, i)
		if value, message := CheckExemptionValue(e.Rule, e.Value); message != "" {
			c.add(at, "%s", message)
		} else if value != e.Value {
			c.add(at+".value", "%q is written %q", e.Value, value)
		}
		c.labels(at+".selector", e.Selector)
		if len(e.Selector) == 0 {
			c.add(at+".selector", "the labels of the pods that it is for are needed")
		}
		c.until(at+".until", e.Until)
		if e.Request < 1 {
			c.add(at+".request", "the request that gave it is needed")
		}
		if slices.ContainsFunc(n.Exemptions[:i], e.same) {
			c.add(at, "the same is let through already")
		}
		if slices.ContainsFunc(n.Exemptions[:i], func(other Exemption) bool { return other.Request == e.Request }) {
			c.add(at+".request", "request %d has an exemption here already", e.Request)
		}
	}
}
