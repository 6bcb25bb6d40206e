package handlers

import (
	"slices"
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// planView presents a plan that has not been submitted.
func planView(plan workflow.Plan, actor workflow.Actor, now time.Time) web.PlanView {
	view := web.PlanView{
		Summary:  plan.Summary,
		Because:  plan.Because,
		Picture:  pictureOf(plan.Connectivity, titlePlan, seenBy(actor, planTenancies(plan)...), now),
		Notes:    plan.Notes,
		Digest:   string(plan.Digest),
		Base:     plan.Base,
		Planned:  web.At(plan.PlannedAt, now),
		Renderer: plan.Renderer,
	}
	if given := meters(plan.After.Given(), plan.After.Ceiling); !slices.Equal(given, meters(plan.Before.Given(), plan.Before.Ceiling)) {
		view.Meters = given // what the request does not change says nothing about it
	}
	for _, finding := range plan.Findings {
		view.Findings = append(view.Findings, web.FindingView{Severity: severityBadge(finding.Severity), Message: finding.Message, Href: finding.Href})
	}
	for _, stage := range plan.Stages {
		view.Stages = append(view.Stages, web.StageView{
			Who: stageTitle(stage, plan), Needs: web.Count(int64(stage.Needed), "approval"),
		})
	}
	for _, change := range plan.Files {
		file := fileView(change)
		view.Files = append(view.Files, file)
		view.Added += file.Added
		view.Removed += file.Removed
	}
	return view
}

// requestPlan presents the plan of a request, with how far its stages are.
func requestPlan(r workflow.Request, actor workflow.Actor, now time.Time) web.PlanView {
	view := planView(r.Plan, actor, now)
	view.Stages = nil
	for _, p := range r.Progress() {
		stage := web.StageView{Who: stageTitle(p.Stage, r.Plan), Given: approvals(p), Met: p.Met()}
		for _, vote := range p.Votes {
			stage.People = append(stage.People, personName(vote.Person))
		}
		view.Stages = append(view.Stages, stage)
	}
	for i := range view.Files {
		view.Files[i].Open = true // a reviewer is to see all of it
	}
	return view
}
