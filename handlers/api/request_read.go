package api

import (
	"strconv"
	"time"

	"tenure.dev/workflow"
)

// RequestDetail is a request with all that its page shows.
type RequestDetail struct {
	Request
	Events    []Event       `json:"events" doc:"What happened to it, the oldest first."`
	Arrivals  []Arrival     `json:"arrivals" doc:"How far Argo CD has come with it on each cluster, while it is committed or failed."`
	MayReview bool          `json:"mayReview" doc:"You may vote on it now."`
	Stage     workflow.Role `json:"stage,omitempty" doc:"The stage that you would vote on."`
	WhyNot    string        `json:"whyNot,omitempty" doc:"Why you cannot vote on it, while it is in review."`
	MayTalk   bool          `json:"mayComment" doc:"You may say something in its conversation."`
	MayEdit   bool          `json:"mayEdit" doc:"You may withdraw it, and edit it when changes were asked for."`
}

// Event is one entry of the audit trail.
type Event struct {
	Sequence int64              `json:"sequence" doc:"Its place in the audit trail of all requests."`
	Type     workflow.EventType `json:"type"`
	At       *time.Time         `json:"at,omitempty"`
	By       *Person            `json:"by,omitempty" doc:"Not there when Tenure itself acted."`
	From     workflow.State     `json:"from,omitempty"`
	To       workflow.State     `json:"to,omitempty"`
	Detail   string             `json:"detail,omitempty"`
	Digest   workflow.Digest    `json:"digest,omitempty"`
	Commit   string             `json:"commit,omitempty"`
}

// Arrival is how far Argo CD has come with a request on one cluster.
type Arrival struct {
	Stage       workflow.ArrivalStage `json:"stage"`
	Cluster     string                `json:"cluster"`
	Tenant      string                `json:"tenant"`
	Application string                `json:"application,omitempty" doc:"Argo CD's, which brings it there."`
	Revision    string                `json:"revision,omitempty" doc:"What Argo CD last compared the cluster with."`
	Earlier     bool                  `json:"earlier,omitempty" doc:"The revision comes before the request's commit."`
	Foreign     bool                  `json:"foreign,omitempty" doc:"The revision is none of the verified history."`
	Ready       int                   `json:"ready"`
	Total       int                   `json:"total"`
	Object      string                `json:"object,omitempty"`
	Message     string                `json:"message,omitempty" doc:"Argo CD's words."`
	Retries     int64                 `json:"retries,omitempty"`
	At          *time.Time            `json:"at,omitempty"`
	Away        bool                  `json:"away,omitempty" doc:"This may be old: Argo CD's cluster does not answer."`
}

func eventOf(e workflow.Event) Event {
	return Event{
		Sequence: e.Sequence, Type: e.Type, At: utc(e.At), By: someone(e.By), From: e.From, To: e.To, Detail: e.Detail, Digest: e.Digest, Commit: e.Commit,
	}
}

func arrivalOf(a workflow.Arrival) Arrival {
	return Arrival{
		Stage: a.Stage, Cluster: a.Cluster, Tenant: a.Tenant, Application: a.Application, Revision: a.Revision, Earlier: a.Earlier, Foreign: a.Foreign,
		Ready: a.Ready, Total: a.Total, Object: a.Object, Message: a.Message, Retries: a.Retries, At: utc(a.At), Away: a.Away,
	}
}

// readRequest answers: where is it, who has it, what exactly changes?
func readRequest(c call, _ none) (RequestDetail, error) {
	id, err := c.requestNumber()
	if err != nil {
		return RequestDetail{}, err
	}
	dossier, err := c.api.Service.Dossier(c.ctx, c.actor, id)
	if err != nil {
		return RequestDetail{}, err
	}
	return RequestDetail{
		Request: requestOf(dossier.Request), Events: each(dossier.Events, eventOf), Arrivals: each(dossier.Arrivals, arrivalOf),
		MayReview: dossier.MayReview, Stage: dossier.Stage, WhyNot: dossier.WhyNot, MayEdit: dossier.MayEdit, MayTalk: dossier.MayTalk,
	}, nil
}

// requestsQuery picks requests.
type requestsQuery struct {
	State  []workflow.State `query:"state" doc:"Those in one of these states."`
	Kind   []workflow.Kind  `query:"kind" doc:"Those of one of these kinds."`
	Tenant []string         `query:"tenant" doc:"Those of one of these tenants, and those that reach into their namespaces. A tenant that is none of your business has none."`
	Mine   bool             `query:"mine" doc:"Those that you asked for."`
	Limit  int64            `query:"limit" doc:"How many at most: 50 without it, 200 at most."`
	Cursor string           `query:"cursor" doc:"The value next of the answer before, to go on where it ended."`
}

// RequestList is one page of requests.
type RequestList struct {
	Requests []RequestSummary `json:"requests"`
	Next     string           `json:"next,omitempty" doc:"What to send as cursor for those that follow; not there when there are none."`
}

// How many requests one answer has.
const (
	usualRequests = 50
	mostRequests  = 200
)

// listRequests answers: what was asked for?
func listRequests(c call, query requestsQuery) (RequestList, error) {
	filter := workflow.RequestFilter{States: query.State, Kinds: query.Kind, Tenants: query.Tenant}
	if query.Mine {
		filter.RequestedBy = c.actor.ID
	}
	limit := int64(usualRequests)
	if query.Limit > mostRequests {
		return RequestList{}, badQuery("limit", "At most 200 requests are listed at a time.")
	}
	if query.Limit > 0 {
		limit = query.Limit
	}
	filter.Limit = int(limit) + 1 // one more tells whether others follow
	if query.Cursor != "" {
		before, err := strconv.ParseInt(query.Cursor, 10, 64)
		if err != nil || before <= 0 {
			return RequestList{}, badQuery("cursor", "It is not the value next of an answer.")
		}
		filter.Before = before
	}
	requests, err := c.api.Service.Requests(c.ctx, c.actor, filter)
	if err != nil {
		return RequestList{}, err
	}
	page := RequestList{}
	if int64(len(requests)) > limit {
		requests = requests[:limit]
		page.Next = strconv.FormatInt(requests[limit-1].ID, 10)
	}
	page.Requests = each(requests, summaryOf)
	return page, nil
}
