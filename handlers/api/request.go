package api

import (
	"time"

	"tenure.dev/workflow"
)

// RequestSummary is a request in a list.
type RequestSummary struct {
	ID          int64          `json:"id"`
	Version     int64          `json:"version" doc:"Grows with every change of the request."`
	Kind        workflow.Kind  `json:"kind"`
	Tenant      string         `json:"tenant"`
	Title       string         `json:"title"`
	State       workflow.State `json:"state"`
	Reason      string         `json:"reason,omitempty" doc:"Why it is in this state, where there is more to say."`
	RequestedBy Person         `json:"requestedBy"`
	WaitsFor    *Waiting       `json:"waitsFor,omitempty" doc:"The first stage that still needs somebody, while it is in review."`
	Commit      string         `json:"commit,omitempty" doc:"The commit that granted it."`
	CreatedAt   *time.Time     `json:"createdAt,omitempty"`
	UpdatedAt   *time.Time     `json:"updatedAt,omitempty"`
}

// Waiting is a stage that needs more people.
type Waiting struct {
	Role      workflow.Role `json:"role"`
	Needed    int           `json:"needed"`
	Approvals int           `json:"approvals"`
}

// Request is what somebody asks for, with its way so far.
type Request struct {
	RequestSummary
	Change    Change   `json:"change" doc:"The fields of its kind, as they were sent."`
	Plan      Plan     `json:"plan" doc:"What the reviewers vote on."`
	Reviews   []Review `json:"reviews" doc:"In the order they were given, void ones included."`
	Attempt   *Attempt `json:"attempt,omitempty" doc:"The publication under way, while it is approved."`
	Revision  string   `json:"revision,omitempty" doc:"What Argo CD had synced when it became active."`
	EndCommit string   `json:"endCommit,omitempty" doc:"The commit that took away what it gave because its end came."`
	Lingers   bool     `json:"lingers" doc:"Its end is committed, and something of it may still be in a cluster."`
}

// Review is one person's vote on one stage.
type Review struct {
	Person Person          `json:"person"`
	Stage  workflow.Role   `json:"stage"`
	Vote   workflow.Vote   `json:"vote"`
	Reason string          `json:"reason,omitempty"`
	Digest workflow.Digest `json:"digest" doc:"The plan that was voted on."`
	At     *time.Time      `json:"at,omitempty"`
	Void   bool            `json:"void" doc:"The plan that it covers is no longer the request's."`
}

// Attempt is a publication that came to nothing so far.
type Attempt struct {
	Tries   int        `json:"tries"`
	Problem string     `json:"problem,omitempty"`
	NextAt  *time.Time `json:"nextAt,omitempty" doc:"When it is tried again."`
	Waits   bool       `json:"waits,omitempty" doc:"It waits for another request, which is no trouble."`
}

func summaryOf(r workflow.Request) RequestSummary {
	summary := RequestSummary{
		ID: r.ID, Version: r.Version, Kind: r.Kind, Tenant: r.Tenant, Title: r.Change.Title(), State: r.State, Reason: r.Reason,
		RequestedBy: personOf(r.RequestedBy), Commit: r.Commit, CreatedAt: utc(r.CreatedAt), UpdatedAt: utc(r.UpdatedAt),
	}
	if open, waits := r.OpenStage(); waits && r.State == workflow.StateInReview {
		summary.WaitsFor = &Waiting{Role: open.Stage.Role, Needed: open.Stage.Needed, Approvals: len(open.Votes)}
	}
	return summary
}

func requestOf(r workflow.Request) Request {
	request := Request{
		RequestSummary: summaryOf(r), Change: Change{r.Change}, Plan: planOf(r.Plan), Reviews: each(r.Reviews, reviewOf),
		Revision: r.Revision, EndCommit: r.EndCommit, Lingers: r.Lingers,
	}
	if r.Attempt != nil {
		request.Attempt = &Attempt{Tries: r.Attempt.Tries, Problem: r.Attempt.Problem, NextAt: utc(r.Attempt.NextAt), Waits: r.Attempt.Waits}
	}
	return request
}

func reviewOf(v workflow.Review) Review {
	return Review{Person: personOf(v.Person), Stage: v.Stage, Vote: v.Vote, Reason: v.Reason, Digest: v.Digest, At: utc(v.At), Void: v.Void}
}
