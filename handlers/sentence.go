package handlers

import (
	"fmt"
	"slices"
	"strings"

	"tenure.dev/workflow"
)

// sentence says what happens next with a request and who has it.
func sentence(r workflow.Request) string {
	switch r.State {
	case workflow.StateDraft:
		return "Not submitted yet."
	case workflow.StateInReview:
		open, found := r.OpenStage()
		if !found {
			return "Every approval is given; it is being decided."
		}
		return waiting(open, r)
	case workflow.StateChangesRequested:
		return fmt.Sprintf("Waiting for %s to change it.", personName(r.RequestedBy))
	case workflow.StateApproved:
		if r.Attempt != nil && r.Attempt.Problem != "" {
			return "Approved, and not committed yet. Nothing is lost; Tenure tries again by itself."
		}
		return "Approved. Tenure is committing it."
	case workflow.StateCommitted:
		if told := tenantHolds(r); told != "" {
			return "Committed. " + told
		}
		if heldByWebhook(r) {
			return "Committed. " + webhookHolds(r)
		}
		if r.Kind == workflow.KindRemoval {
			return "Committed. The admission webhook lets it go, and Argo CD removes it from the cluster."
		}
		if r.Kind == workflow.KindPolicy {
			return "Committed. The admission webhook judges by it, and Argo CD brings what changed to the clusters."
		}
		return "Committed. The admission webhook lets it in, and Argo CD brings it to the cluster."
	case workflow.StateActive:
		if told := tenantHolds(r); told != "" {
			return told
		}
		if heldByWebhook(r) {
			return webhookHolds(r)
		}
		if r.Kind == workflow.KindRemoval {
			return "It is gone from the cluster."
		}
		if r.Kind == workflow.KindPolicy {
			return "It is in force, and what changed with it is live on the clusters."
		}
		return "It is live on the cluster."
	case workflow.StateRejected:
		return "Rejected" + byWhom(r, workflow.VoteReject) + ". Nothing was changed."
	case workflow.StateWithdrawn:
		return fmt.Sprintf("Withdrawn by %s. Nothing was changed.", personName(r.RequestedBy))
	case workflow.StateLapsed:
		return "Nobody decided in time. Nothing was changed."
	case workflow.StateFailed:
		return "Committed, but Argo CD cannot bring it to the cluster. Waiting for the platform admins."
	case workflow.StateEnded:
		if r.Lingers {
			return strings.TrimSpace("It has ended, and Argo CD is still to remove it from the cluster. " + r.Reason)
		}
		return strings.TrimSpace("It has ended. " + r.Reason)
	}
	return ""
}

// heldByWebhook says whether what the request changes is rendered to nothing: the
// webhook alone honours it, from the approved state.
func heldByWebhook(r workflow.Request) bool {
	return len(r.Plan.Files) > 0 && !slices.ContainsFunc(r.Plan.Files, func(f workflow.FileChange) bool { return strings.HasPrefix(f.Path, "clusters/") })
}

// webhookHolds says what became of such a request.
func webhookHolds(r workflow.Request) string {
	if r.Kind == workflow.KindRemoval {
		return "It is over: the admission webhook no longer honours it."
	}
	if r.Kind == workflow.KindPolicy {
		return "It is in force: the admission webhook judges by it."
	}
	return "It is in force: the admission webhook honours it."
}

// waiting says which stage a request waits in.
func waiting(open workflow.Progress, r workflow.Request) string {
	return fmt.Sprintf("Waiting for %s: %s.", stageWords(open.Stage.Role, r.Tenant, r.Plan), approvals(open))
}

// approvals says how far a stage is: "1 of 2 approvals".
func approvals(p workflow.Progress) string {
	noun := "approvals"
	if p.Stage.Needed == 1 {
		noun = "approval"
	}
	return fmt.Sprintf("%d of %d %s", len(p.Votes), p.Stage.Needed, noun)
}

// byWhom names the person who gave the last vote of this kind; empty when none is known.
func byWhom(r workflow.Request, vote workflow.Vote) string {
	review, found := lastVote(r, vote)
	if !found {
		return ""
	}
	return " by " + personName(review.Person)
}

// lastVote is the newest vote of a kind.
func lastVote(r workflow.Request, vote workflow.Vote) (workflow.Review, bool) {
	for i := len(r.Reviews) - 1; i >= 0; i-- {
		if r.Reviews[i].Vote == vote {
			return r.Reviews[i], true
		}
	}
	return workflow.Review{}, false
}

// waitsFor is the sentence's short form, for the browser's tab.
func waitsFor(r workflow.Request) string {
	text, _, _ := strings.Cut(sentence(r), ".")
	return text
}
