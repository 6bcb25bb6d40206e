package handlers

import (
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// showHealth answers: is Tenure well? Causes and places of problems are shown
// to those whose task is every tenant: they name files of any tenant and of the
// server. The others see their own tenants' requests only.
func (p *Portal) showHealth(c echo.Context) error {
	ctx, actor := visit(c)
	health, now := p.Service.Health(ctx), p.Clock.Now()
	view, deferred, failed, expired, outlived := healthView(health, now), health.Deferred, health.Failed, health.Expired, health.Outlived
	if !seesEveryTenant(actor) {
		withoutCauses(view.Parts)
		own := p.ownTenants(c, len(deferred)+len(failed)+len(expired)+len(outlived))
		deferred, failed = ownRequests(deferred, own), ownRequests(failed, own)
		expired, outlived = ownExpired(expired, own), ownOutlived(outlived, own)
	}
	view.Deferred, view.Failed, view.Expired = deferredRows(deferred, actor, now), failedRows(failed, actor, now), expiredRows(expired, now)
	view.Outlived = outlivedRows(outlived)
	view.Frame = frame(c, web.SectionHealth, view.Heading)
	return page(c, http.StatusOK, web.Health(view))
}

func withoutCauses(parts []web.PartView) {
	for i := range parts {
		if parts[i].Cause != "" || len(parts[i].Items) > 0 {
			parts[i].Cause, parts[i].Location, parts[i].Items = "", "", nil
			parts[i].Sentence += " The platform admins see here why."
		}
	}
}

// ownTenants names the reader's tenants, where there is anything to show of
// them; none when nobody can tell which those are.
func (p *Portal) ownTenants(c echo.Context, things int) map[string]bool {
	if things == 0 {
		return nil
	}
	ctx, actor := visit(c)
	choices, err := p.Service.Choices(ctx, actor)
	if err != nil {
		p.Log.WarnContext(ctx, "list the reader's tenants for the health page", "id", requestIDOf(c), "error", err)
		return nil
	}
	own := map[string]bool{}
	for _, tenancy := range choices.Tenants {
		own[tenancy.Name] = true
	}
	return own
}

// ownRequests leaves the requests of these tenants.
func ownRequests(requests []workflow.Request, own map[string]bool) []workflow.Request {
	return slices.DeleteFunc(slices.Clone(requests), func(r workflow.Request) bool { return !own[r.Tenant] })
}

// deferredRows lists approved requests with why they are not committed yet.
func deferredRows(requests []workflow.Request, actor workflow.Actor, now time.Time) []web.RequestRow {
	rows := requestRows(requests, actor, now)
	for i, r := range requests {
		if r.Attempt != nil {
			rows[i].Sentence = r.Attempt.Problem
		}
	}
	return rows
}

// failedRows lists committed requests with what keeps them from their cluster.
func failedRows(requests []workflow.Request, actor workflow.Actor, now time.Time) []web.RequestRow {
	rows := requestRows(requests, actor, now)
	for i, r := range requests {
		rows[i].Sentence = r.Reason
	}
	return rows
}

func healthView(health workflow.Health, now time.Time) web.HealthView {
	view := web.HealthView{
		Parts: []web.PartView{repositoryPart(health.Repository, now), databasePart(health.Database), publishingPart(health), argocdPart(health, now), endsPart(health)},
	}
	bad := 0
	for _, part := range view.Parts {
		if part.State.Tone == web.ToneBad {
			bad++
		}
	}
	switch bad {
	case 0:
		view.Heading = "Tenure is well"
	case 1:
		view.Heading = "1 part of Tenure needs attention"
	default:
		view.Heading = web.Count(int64(bad), "part") + " of Tenure need attention"
	}
	return view
}

var (
	wellBadge      = web.Badge{Text: "Well", Tone: web.ToneGood, Icon: web.IconCheck}
	attentionBadge = web.Badge{Text: "Needs attention", Tone: web.ToneBad, Icon: web.IconWarning}
)

func repositoryPart(health workflow.RepositoryHealth, now time.Time) web.PartView {
	part := web.PartView{
		Name: "GitOps repository", State: wellBadge,
		Sentence: "Every commit up to the branch's head has been verified.",
	}
	if health.Problem != "" {
		part.State = attentionBadge
		part.Sentence = "What is new cannot be read or verified. The commit verified last goes on serving."
		part.Cause, part.Location = health.Problem, health.Location
	}
	if health.Verified != "" {
		part.Facts = append(part.Facts, web.FactView{Label: "Last verified", Code: health.Verified, At: web.At(health.VerifiedAt, now)})
	}
	if health.Head != "" {
		part.Facts = append(part.Facts, web.FactView{Label: "Head of the branch", Code: health.Head, At: web.At(health.FetchedAt, now)})
	}
	return part
}

func databasePart(problem string) web.PartView {
	if problem != "" {
		return web.PartView{Name: "Database", State: attentionBadge, Sentence: problem}
	}
	return web.PartView{Name: "Database", State: wellBadge, Sentence: "It answers."}
}

func publishingPart(health workflow.Health) web.PartView {
	part := web.PartView{Name: "Publishing", State: wellBadge, Sentence: "Nothing waits to be committed."}
	switch {
	case len(health.Deferred) > 0:
		part.State = attentionBadge
		part.Sentence = web.Count(int64(len(health.Deferred)), "approved request") + " could not be committed yet. Tenure tries again by itself."
	case health.Approved > 0:
		part.Sentence = web.Count(int64(health.Approved), "approved request") + " on the way into the repository."
	}
	return part
}
