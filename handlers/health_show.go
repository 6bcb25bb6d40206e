package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// showHealth answers: is Tenure well?
func (p *Portal) showHealth(c echo.Context) error {
	view := healthView(p.Service.Health(c.Request().Context()), p.Clock.Now())
	view.Frame = frame(c, web.SectionHealth, view.Heading)
	return page(c, http.StatusOK, web.Health(view))
}

func healthView(health workflow.Health, now time.Time) web.HealthView {
	view := web.HealthView{
		Parts:    []web.PartView{repositoryPart(health.Repository, now), databasePart(health.Database), publishingPart(health)},
		Deferred: requestRows(health.Deferred, now),
	}
	for i := range view.Deferred {
		if attempt := health.Deferred[i].Attempt; attempt != nil {
			view.Deferred[i].Sentence = attempt.Problem
		}
	}
	bad := 0
	for _, part := range view.Parts {
		if part.State.Tone != web.ToneGood {
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
		part.State, part.Sentence, part.Location = attentionBadge, health.Problem, health.Location
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
