package api

import (
	"time"

	"tenure.dev/workflow"
)

// Connectivity is what may talk to what.
type Connectivity struct {
	Ends  []FlowEnd `json:"ends"`
	Flows []Flow    `json:"flows"`
}

// FlowEnd is one end of flows: pods, or addresses outside the cluster.
type FlowEnd struct {
	ID        string           `json:"id" doc:"Names the end within this answer."`
	Kind      workflow.EndKind `json:"kind"`
	Cluster   string           `json:"cluster,omitempty"`
	Namespace string           `json:"namespace,omitempty"`
	Tenant    string           `json:"tenant,omitempty"`
	Other     bool             `json:"other,omitempty" doc:"It belongs to another tenant."`
	Label     string           `json:"label"`
	Workloads []string         `json:"workloads,omitempty" doc:"What is there now, where the cluster tells."`
}

// Flow is traffic that is let through, from one end to the other.
type Flow struct {
	From     string              `json:"from"`
	To       string              `json:"to"`
	Ports    string              `json:"ports"`
	Change   workflow.FlowChange `json:"change,omitempty" doc:"What a plan does to it; not there: it stays."`
	OneSided string              `json:"oneSided,omitempty" doc:"Which end does not let it through."`
	Request  int64               `json:"request,omitempty"`
	Until    *time.Time          `json:"until,omitempty"`
	Because  string              `json:"because" doc:"What lets it through."`
}

func connectivityOf(c *workflow.Connectivity) *Connectivity {
	if c == nil {
		return nil
	}
	return &Connectivity{
		Ends: each(c.Ends, func(e workflow.FlowEnd) FlowEnd { return FlowEnd(e) }),
		Flows: each(c.Flows, func(f workflow.Flow) Flow {
			return Flow{From: f.From, To: f.To, Ports: f.Ports, Change: f.Change, OneSided: f.OneSided, Request: f.Request, Until: utc(f.Until), Because: f.Because}
		}),
	}
}

// connectivityQuery names a tenant, or one of its namespaces.
type connectivityQuery struct {
	Tenant    string `query:"tenant,required" doc:"The tenant's slug."`
	Cluster   string `query:"cluster" doc:"With namespace: its cluster."`
	Namespace string `query:"namespace" doc:"One namespace; all of the tenant's without it."`
}

// Picture is what may talk to what, where that can be said.
type Picture struct {
	Known bool `json:"known" doc:"False where nothing says what may talk to what."`
	Connectivity
}

// readConnectivity answers: what may talk to what?
func readConnectivity(c call, query connectivityQuery) (Picture, error) {
	if (query.Cluster == "") != (query.Namespace == "") {
		return Picture{}, badQuery("cluster", "The parameters cluster and namespace go together.")
	}
	found, err := c.api.Service.Connectivity(c.ctx, c.actor, query.Tenant, query.Cluster, query.Namespace)
	if err != nil {
		return Picture{}, err
	}
	if found == nil {
		found = &workflow.Connectivity{}
		return Picture{Connectivity: *connectivityOf(found)}, nil
	}
	return Picture{Known: true, Connectivity: *connectivityOf(found)}, nil
}
