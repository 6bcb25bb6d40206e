package handlers

import (
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// requestView presents a dossier.
func requestView(dossier workflow.Dossier, actor workflow.Actor, now time.Time) web.RequestView {
	r := dossier.Request
	view := web.RequestView{
		ID:        r.ID,
		Title:     r.Change.Title(),
		Purpose:   r.Change.Why(),
		Tenant:    tenantOf(dossier, actor),
		AskedBy:   personName(r.RequestedBy),
		Asked:     web.At(r.CreatedAt, now),
		State:     stateBadge(r.State),
		Next:      stateBadge(r.State),
		Sentence:  sentence(r),
		PlanTitle: planTitle(r.State),
		Reason:    r.Reason,
		Steps:     steps(dossier, now),
		Plan:      requestPlan(r, actor, now),
		WhyNot:    dossier.WhyNot,
		History:   history(dossier.Events, r, now),
	}
	if r.Attempt != nil && r.Attempt.Problem != "" {
		view.Publication = &web.PublicationView{
			Problem: r.Attempt.Problem, Tries: tried(r.Attempt.Tries), Next: web.At(r.Attempt.NextAt, now),
		}
		view.Next = web.Badge{Tone: web.ToneWarn, Icon: web.IconClock}
	}
	if told := arrivalSentence(r, dossier.Arrivals); told != "" {
		view.Sentence = told
	}
	if view.Arrival = arrivalView(r, dossier.Arrivals, now); view.Arrival != nil && view.Arrival.Trouble != nil {
		view.Reason = "" // the trouble says it
		if r.State == workflow.StateCommitted {
			view.Next = web.Badge{Tone: web.ToneWarn, Icon: web.IconClock}
		}
	}
	if r.State == workflow.StateEnded {
		view.Reason = "" // the sentence says it
	}
	if !actor.Asks(dossier.Tenancy) {
		for i := range view.Plan.Findings {
			view.Plan.Findings[i].Href = "" // it leads to a form
		}
	}
	showGrant(&view, dossier, actor, now)
	view.Contents = contentsBefore(dossier, actor)
	view.Follow = followView(dossier, view)
	if dossier.MayReview {
		view.Review = reviewForm(dossier)
	}
	if mayEdit(dossier) {
		view.EditHref = requestHref(r.ID) + "/edit"
	}
	if dossier.MayTalk {
		view.Comment = commentForm(r.ID)
	}
	if dossier.MayEdit {
		view.Withdraw = &web.WithdrawForm{
			Action: requestHref(r.ID) + "/withdraw",
			Reason: web.Field{Name: "reason", Label: "Reason", Hint: "Why you no longer need it."},
		}
	}
	return view
}

// contentsBefore shows what lives in a namespace whose removal is still to be
// decided, for those whose business it is.
func contentsBefore(dossier workflow.Dossier, actor workflow.Actor) *web.ContentsPart {
	r := dossier.Request
	c, removal := r.Change.(workflow.RemovalChange)
	if !removal || !r.State.Open() || !actor.Sees(dossier.Tenancy) {
		return nil
	}
	if _, there := dossier.Tenancy.Namespace(c.Cluster, c.Namespace); !there || c.Exception != 0 || c.Subject != "" {
		return nil
	}
	return contentsPart(c.Cluster, c.Namespace)
}

// planTitle stands above the plan's sentences.
func planTitle(state workflow.State) string {
	switch state {
	case workflow.StateCommitted, workflow.StateActive, workflow.StateFailed, workflow.StateEnded:
		return "What it changed"
	case workflow.StateRejected, workflow.StateWithdrawn, workflow.StateLapsed, workflow.StateChangesRequested:
		return "What was asked for"
	}
	return "What will be"
}

func tried(tries int) string {
	if tries == 1 {
		return "Tried once."
	}
	return "Tried " + number(int64(tries)) + " times."
}

func reviewForm(dossier workflow.Dossier) *web.ReviewForm {
	r := dossier.Request
	return &web.ReviewForm{
		Action: requestHref(r.ID) + "/review",
		Stage:  roleName(dossier.Stage, r.Plan),
		Digest: string(r.Plan.Digest),
		Vote: web.Field{Name: "vote", Label: "Your vote", Required: true, Options: []web.Option{
			{Value: string(workflow.VoteApprove), Label: "Approve", Detail: "This may be committed as it stands."},
			{Value: string(workflow.VoteChanges), Label: "Ask for changes", Detail: "It goes back to the person who asked."},
			{Value: string(workflow.VoteReject), Label: "Reject", Detail: "It ends here."},
		}},
		Reason: web.Field{Name: "reason", Label: "Reason", Conditional: true, Hint: "Needed unless you approve. The person who asked reads it."},
	}
}
