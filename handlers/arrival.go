package handlers

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// liveStep is the last step of a request's way: on the cluster, or gone from it.
func liveStep(dossier workflow.Dossier, now time.Time) web.StepView {
	r := dossier.Request
	step := web.StepView{Title: "In the cluster", State: web.StepToCome}
	if r.Kind == workflow.KindRemoval {
		step.Title = "Gone from the cluster"
	}
	switch {
	case endsTenant(r):
		step.Title = "Gone"
	case makesTenant(r):
		step.Title = "In force"
	case heldByWebhook(r) && r.Kind == workflow.KindRemoval:
		step.Title = "No longer in force"
	case heldByWebhook(r):
		step.Title = "In force"
	}
	live := lastEvent(dossier.Events, workflow.EventActive)
	arrival, _ := workflow.Furthest(dossier.Arrivals)
	switch r.State {
	case workflow.StateActive, workflow.StateEnded:
		if r.Revision != "" {
			step.State, step.Commit, step.At = web.StepDone, r.Revision, web.At(live.At, now)
		}
	case workflow.StateFailed:
		step.State, step.Detail = web.StepStopped, "Argo CD tries again"
		step.At = web.At(lastEvent(dossier.Events, workflow.EventFailed).At, now)
	case workflow.StateCommitted:
		if arrival.Stage != "" && arrival.Stage != workflow.ArrivalUnwatched {
			step.State = web.StepNow // somebody can see when it is over
		}
		step.Detail, step.Commit = arrivalDetail(r, arrival)
	}
	return step
}

// arrivalDetail is what stands under the step, as short as can be.
func arrivalDetail(r workflow.Request, arrival workflow.Arrival) (detail, commit string) {
	switch arrival.Stage {
	case workflow.ArrivalUnwatched:
		return "not watched here", ""
	case workflow.ArrivalUnknown:
		return "waits for Argo CD", ""
	case workflow.ArrivalTrouble:
		return "Argo CD tries again", ""
	case workflow.ArrivalBehind:
		if arrival.Foreign || (arrival.Earlier && arrival.Message == "") {
			return "Argo CD is at", arrival.Revision
		}
		return "waits for Argo CD", ""
	case workflow.ArrivalUnderWay:
		return countObjects(r, arrival), ""
	}
	return "", ""
}

// countObjects says how far a sync is: "5 of 8 objects", "3 objects left".
func countObjects(r workflow.Request, arrival workflow.Arrival) string {
	switch {
	case r.Kind == workflow.KindRemoval:
		return web.Count(int64(arrival.Total), "object") + " left"
	case arrival.Total == 0:
		return "no object yet"
	}
	return fmt.Sprintf("%d of %s", arrival.Ready, web.Count(int64(arrival.Total), "object"))
}

// arrivalSentence says what happens next with a committed request; empty where
// nothing more is known than its state.
func arrivalSentence(r workflow.Request, arrivals []workflow.Arrival) string {
	arrival, found := workflow.Furthest(arrivals)
	if !found || r.State == workflow.StateFailed {
		return ""
	}
	switch arrival.Stage {
	case workflow.ArrivalUnwatched:
		return "Committed. " + webhookDoes(r) + " Argo CD is not watched here."
	case workflow.ArrivalTrouble:
		return fmt.Sprintf("Committed. Argo CD could not bring it to %s yet, and tries again.", arrival.Cluster)
	case workflow.ArrivalUnderWay:
		return fmt.Sprintf("Committed. Argo CD is syncing %s: %s.", arrival.Cluster, countObjects(r, arrival))
	}
	return fmt.Sprintf("Committed. Waiting for Argo CD to sync %s.", arrival.Cluster)
}

// webhookDoes says what the commit already comes to.
func webhookDoes(r workflow.Request) string {
	if told := tenantHolds(r); told != "" {
		return told
	}
	if r.Kind == workflow.KindRemoval {
		return "The admission webhook lets it go."
	}
	if r.Kind == workflow.KindPolicy {
		return "The admission webhook judges by it."
	}
	return "The admission webhook lets it in."
}

// arrivalView says what a committed request waits for, and what to do where it
// cannot go on; nil where there is nothing to say.
func arrivalView(r workflow.Request, arrivals []workflow.Arrival, now time.Time) *web.ArrivalView {
	arrival, found := workflow.Furthest(arrivals)
	if !found {
		return nil
	}
	view := &web.ArrivalView{At: web.At(arrival.At, now)}
	switch arrival.Stage {
	case workflow.ArrivalUnwatched:
		view.Note = "Tenure was not told where Argo CD runs, so this page cannot say whether it is live. " + whereToLook(r)
	case workflow.ArrivalUnknown:
		view.Note = arrival.Message
	case workflow.ArrivalBehind:
		view.Note, view.Revision = behindNote(arrival)
	}
	if arrival.Away && arrival.Stage != workflow.ArrivalUnknown {
		view.Note, view.Revision = "The cluster that runs Argo CD does not answer at the moment. This is what it said last; Tenure goes on asking.", ""
	}
	switch {
	case arrival.Stage == workflow.ArrivalTrouble:
		view.Trouble = &web.TroubleView{Object: arrival.Object, Message: arrival.Message, Advice: advice(arrival)}
	case r.State == workflow.StateFailed:
		view.Trouble = &web.TroubleView{Message: r.Reason, Advice: advice(arrival)}
	}
	return view
}

// behindNote says why Argo CD has not come to the commit, and where it is.
func behindNote(arrival workflow.Arrival) (note, revision string) {
	switch {
	case arrival.Foreign:
		return fmt.Sprintf("Argo CD is at %.12s, which is not a commit of Tenure's that was verified; see the health page.", arrival.Revision), ""
	case arrival.Message != "":
		return "Argo CD has not come to this commit, and tries again. It says: " + arrival.Message, ""
	case arrival.Earlier:
		return "Argo CD last synced a commit before this one:", arrival.Revision
	}
	return "Argo CD does not say which commit it last compared with.", ""
}

// whereToLook tells the person who asked how to see it without Tenure.
func whereToLook(r workflow.Request) string {
	switch change := r.Change.(type) {
	case workflow.NamespaceChange:
		return fmt.Sprintf("Try kubectl get namespace %s, or ask the platform admins.", change.Name)
	case workflow.RemovalChange:
		if change.Namespace != "" {
			return fmt.Sprintf("Try kubectl get namespace %s, or ask the platform admins.", change.Namespace)
		}
	}
	return "Ask the platform admins."
}

// advice says what to do about a sync that does not go through, and who.
func advice(arrival workflow.Arrival) string {
	tried := "Argo CD goes on trying by itself."
	if arrival.Retries > 0 {
		tried = fmt.Sprintf("Argo CD tried again %s, and goes on by itself.", times(arrival.Retries))
	}
	return fmt.Sprintf("%s If it stays like this, the platform admins have to look at Argo CD's Application %s.",
		tried, cmp.Or(arrival.Application, "of this tenant"))
}

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return number(n) + " times"
}

// progressMark names what a page shows of a request's progress, so that it is
// replaced only when its words change. Times are no part of it: they change
// with every look.
func progressMark(r workflow.Request, view web.RequestView) string {
	mark := number(r.Version)
	if view.Arrival == nil {
		return mark
	}
	words := view.Arrival
	hash := fnv.New32a()
	last := view.Steps[len(view.Steps)-1]
	fmt.Fprintf(hash, "%q %q %q %q", view.Sentence, last.Detail, last.Commit, []string{words.Note, words.Revision})
	if words.Trouble != nil {
		fmt.Fprintf(hash, "%q", *words.Trouble)
	}
	return fmt.Sprintf("%s-%08x", mark, hash.Sum32())
}
