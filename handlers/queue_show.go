package handlers

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
)

// showQueue answers: which of these may I not wave through?
func (p *Portal) showQueue(c echo.Context) error {
	ctx, actor := visit(c)
	items, err := p.Service.Queue(ctx, actor)
	if err != nil {
		return err
	}
	now := p.Clock.Now()
	var view web.QueueView
	for _, item := range items {
		row := requestRow(item.Request, actor, now)
		if item.MayReview {
			row.State = reviewBadge
			view.Waiting = append(view.Waiting, row)
			continue
		}
		view.Others = append(view.Others, row)
	}
	view.Heading = queueHeading(len(view.Waiting), len(view.Others))
	view.Lead = "Requests in review, the longest waiting first. Open one to read exactly what would change."
	view.Frame = frame(c, web.SectionQueue, view.Heading)
	return page(c, http.StatusOK, web.Queue(view))
}

func queueHeading(mine, others int) string {
	switch {
	case mine == 1:
		return "1 request waits for you"
	case mine > 1:
		return fmt.Sprintf("%d requests wait for you", mine)
	case others > 0:
		return "Nothing in the queue waits for you"
	}
	return "The queue is empty"
}
