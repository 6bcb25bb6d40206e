package workflow_test

import (
	"fmt"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

func TestWhoTakesPartInARequestCommentsOnItAndNothingElseChanges(t *testing.T) {
	w := newWorld(t)
	r := w.submit(wanted())
	for name, test := range map[string]struct {
		by     workflow.Actor
		text   string
		refuse workflow.ProblemKind
	}{
		"who asked":                 {dana, "I can explain.", ""},
		"an owner":                  {olivia, " Please do.\nToday? ", ""},
		"security":                  {sam, "Why not the test one?", ""},
		"an auditor":                {audrey, "Hm.", workflow.Forbidden},
		"another tenant's people":   {lena, "Me too.", workflow.NotFound},
		"somebody who says nothing": {olivia, " \n", workflow.Invalid},
		"an invisible character":    {olivia, "plain\u202etxt", workflow.Invalid},
		"too much":                  {olivia, strings.Repeat("a", 2001), workflow.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			before := w.request(r.ID)
			after, err := w.service.Comment(t.Context(), test.by, r.ID, test.text)
			events, _ := w.service.Store.Events(t.Context(), r.ID)
			last := events[len(events)-1]
			if test.refuse != "" {
				refused(t, err, test.refuse)
				if last.By.ID == test.by.ID && last.Detail == strings.TrimSpace(test.text) {
					t.Error("it was stored all the same")
				}
				return
			}
			if err != nil || last.Type != workflow.EventCommented || last.By.ID != test.by.ID || last.Detail != strings.TrimSpace(test.text) {
				t.Fatalf("%+v, %v", last, err)
			}
			if after.State != before.State || after.Plan.Digest != before.Plan.Digest || len(after.Reviews) != len(before.Reviews) {
				t.Errorf("the request became %+v", after)
			}
		})
	}
	w.approve(r.ID, olivia, sam) // votes are counted all the same
}

func TestOnePersonsCommentsAndAPersonsOpenRequestsHaveAnEnd(t *testing.T) {
	w := newWorld(t)
	r := w.submit(wanted())
	var err error
	for i := 0; err == nil && i < 300; i++ {
		_, err = w.service.Comment(t.Context(), dana, r.ID, fmt.Sprint("again ", i))
	}
	if problem := refused(t, err, workflow.Conflict); !strings.Contains(problem.Message, "You made 100 comments") {
		t.Errorf("it says %q", problem.Message)
	}
	if _, err := w.service.Comment(t.Context(), olivia, r.ID, "Enough."); err != nil {
		t.Errorf("somebody else cannot say anything any more: %v", err)
	}
	err = nil
	for i := 0; err == nil && i < 200; i++ {
		change := wanted()
		change.Name = fmt.Sprintf("payments-n%d", i)
		_, err = w.service.Submit(t.Context(), dana, asks(change))
	}
	if problem := refused(t, err, workflow.Conflict); !strings.Contains(problem.Message, "You have 100 open requests") {
		t.Errorf("it says %q", problem.Message)
	}
	mine, _ := w.service.Store.Requests(t.Context(), workflow.RequestFilter{RequestedBy: dana.ID})
	if len(mine) != 100 {
		t.Errorf("there are %d requests", len(mine))
	}
}
