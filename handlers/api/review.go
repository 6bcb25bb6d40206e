package api

import "tenure.dev/workflow"

// Ballot is a vote on a request.
type Ballot struct {
	Vote   workflow.Vote   `json:"vote"`
	Reason string          `json:"reason,omitempty" doc:"Needed for a vote other than approve."`
	Digest workflow.Digest `json:"digest" doc:"The digest of the plan that you read."`
}

// reviewRequest stores a vote.
func reviewRequest(c call, body Ballot) (Request, error) {
	id, err := c.requestNumber()
	if err != nil {
		return Request{}, err
	}
	request, err := c.api.Service.Review(c.ctx, c.actor, id, workflow.Ballot{Vote: body.Vote, Reason: body.Reason, Digest: body.Digest})
	if err != nil {
		return Request{}, err
	}
	return requestOf(request), nil
}

// Withdrawal takes a request back.
type Withdrawal struct {
	Reason string `json:"reason,omitempty"`
}

// withdrawRequest takes a request of the caller's back.
func withdrawRequest(c call, body Withdrawal) (Request, error) {
	id, err := c.requestNumber()
	if err != nil {
		return Request{}, err
	}
	request, err := c.api.Service.Withdraw(c.ctx, c.actor, id, body.Reason)
	if err != nil {
		return Request{}, err
	}
	return requestOf(request), nil
}

// Comment is a contribution to the conversation on a request.
type Comment struct {
	Comment string `json:"comment"`
}

// commentOnRequest adds to the conversation on a request; its events have it.
func commentOnRequest(c call, body Comment) (Request, error) {
	id, err := c.requestNumber()
	if err != nil {
		return Request{}, err
	}
	request, err := c.api.Service.Comment(c.ctx, c.actor, id, body.Comment)
	if err != nil {
		return Request{}, err
	}
	return requestOf(request), nil
}

// Queue is what is in review.
type Queue struct {
	Items []QueueItem `json:"items"`
}

// QueueItem is one request in the queue.
type QueueItem struct {
	Request   RequestSummary `json:"request"`
	MayReview bool           `json:"mayReview"`
	WhyNot    string         `json:"whyNot,omitempty" doc:"Why you cannot vote on it."`
}

// readQueue answers: what waits for a decision?
func readQueue(c call, _ none) (Queue, error) {
	items, err := c.api.Service.Queue(c.ctx, c.actor)
	return Queue{Items: each(items, func(i workflow.QueueItem) QueueItem {
		return QueueItem{Request: summaryOf(i.Request), MayReview: i.MayReview, WhyNot: i.WhyNot}
	})}, err
}
