package handlers

import (
	"fmt"
	"slices"
	"strings"
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
		Adds:     plannedNamespaces(plan),
	}
	if view.Ceiling = ceilingOf(plan); view.Ceiling != nil {
		view.Meters = nil // the table has them
	} else if given := meters(plan.After.Given(), plan.After.Ceiling); len(plan.After.Clusters) > 0 && !slices.Equal(given, meters(plan.Before.Given(), plan.Before.Ceiling)) {
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
	if plan.Policy != nil {
		showPolicy(&view, *plan.Policy, now)
	}
	return view
}

// plannedNamespaces lists the namespaces that a plan adds, where it adds several.
func plannedNamespaces(plan workflow.Plan) []web.PlannedNamespace {
	var added []web.PlannedNamespace
	for _, n := range plan.After.Namespaces {
		if _, had := plan.Before.Namespace(n.Cluster, n.Name); !had {
			added = append(added, web.PlannedNamespace{
				Name: n.Name, Place: fmt.Sprintf("on %s, in environment %s, %s", n.Cluster, n.Environment, n.PodSecurity),
				Amounts: quotaWords(n.Quota), Hosts: strings.Join(n.Hosts, ", "),
			})
		}
	}
	if len(added) < 2 {
		return nil // the sentences say it
	}
	return added
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
