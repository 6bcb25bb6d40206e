package handlers

import (
	"time"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// planView presents a plan that has not been submitted.
func planView(plan workflow.Plan, now time.Time) web.PlanView {
	view := web.PlanView{
		Summary:  plan.Summary,
		Because:  plan.Because,
		Meters:   meters(plan.After.Given(), plan.After.Ceiling),
		Digest:   string(plan.Digest),
		Base:     plan.Base,
		Planned:  web.At(plan.PlannedAt, now),
		Renderer: plan.Renderer,
	}
	for _, finding := range plan.Findings {
		view.Findings = append(view.Findings, web.FindingView{Severity: severityBadge(finding.Severity), Message: finding.Message})
	}
	for _, stage := range plan.Stages {
		view.Stages = append(view.Stages, web.StageView{
			Who: stageTitle(stage), Needs: web.Count(int64(stage.Needed), "approval"),
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
func requestPlan(r workflow.Request, now time.Time) web.PlanView {
	view := planView(r.Plan, now)
	view.Stages = nil
	for _, p := range r.Progress() {
		stage := web.StageView{Who: stageTitle(p.Stage), Given: approvals(p), Met: p.Met()}
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
