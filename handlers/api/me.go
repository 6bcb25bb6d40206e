package api

import (
	"time"

	"tenure.dev/workflow"
)

// Me is who asks, and what is theirs.
type Me struct {
	Person
	Pipeline bool            `json:"pipeline" doc:"The access token is a program's. Pipelines ask and read, and never review."`
	Roles    []workflow.Role `json:"roles" doc:"Those that hold for every tenant."`
	Tenants  []Membership    `json:"tenants" doc:"Those that are your business."`
	Ending   []Grant         `json:"ending" doc:"What ends soon of those you may ask for, the soonest first."`
}

// Membership is what somebody is in a tenant.
type Membership struct {
	Tenant      string          `json:"tenant"`
	DisplayName string          `json:"displayName,omitempty"`
	Roles       []workflow.Role `json:"roles" doc:"Those held in this tenant."`
	MayAsk      bool            `json:"mayAsk"`
}

// Grant is something given to a namespace that can end before it.
type Grant struct {
	Kind      workflow.Kind `json:"kind" doc:"Of the request that gave it; quota for a temporary increase."`
	Tenant    string        `json:"tenant"`
	Cluster   string        `json:"cluster"`
	Namespace string        `json:"namespace"`
	Request   int64         `json:"request"`
	Until     *time.Time    `json:"until,omitempty"`
	Says      string        `json:"says" doc:"What it gives, in a few words."`
}

func grantOf(g workflow.Grant) Grant {
	return Grant{Kind: g.Kind, Tenant: g.Tenant, Cluster: g.Cluster, Namespace: g.Namespace, Request: g.Request, Until: utc(g.Until), Says: g.Says}
}

// readMe answers: who am I here, and what of mine ends soon?
func readMe(c call, _ none) (Me, error) {
	home, err := c.api.Service.Home(c.ctx, c.actor)
	if err != nil {
		return Me{}, err
	}
	me := Me{
		Person: personOf(c.actor.Person), Pipeline: c.actor.Pipeline, Roles: []workflow.Role{},
		Ending: each(home.Ending, grantOf), Tenants: each(home.Tenants, func(t workflow.Tenancy) Membership { return membershipOf(c.actor, t) }),
	}
	for _, role := range workflow.Roles() {
		if c.actor.HoldsAppRole(role) {
			me.Roles = append(me.Roles, role)
		}
	}
	return me, nil
}

func membershipOf(actor workflow.Actor, tenancy workflow.Tenancy) Membership {
	m := Membership{Tenant: tenancy.Name, DisplayName: tenancy.DisplayName, Roles: []workflow.Role{}, MayAsk: actor.Asks(tenancy)}
	for _, role := range []workflow.Role{workflow.RoleMember, workflow.RoleOwner} {
		if actor.Holds(role, tenancy) {
			m.Roles = append(m.Roles, role)
		}
	}
	return m
}
