package workflow_test

import (
	"slices"
	"testing"

	"tenure.dev/workflow"
)

func TestAReviewerReadsThatTheSameWasRejectedBefore(t *testing.T) {
	w, _ := givenWorld(t)
	r := w.submit(widerQuota())
	if _, err := w.review(r.ID, olivia, workflow.VoteReject, "Measure first."); err != nil {
		t.Fatal(err)
	}
	const want = "Request 2 by Dana Developer asked for the same and was rejected on 2026-03-02: Measure first."
	other := widerQuota()
	other.CPU = "4"
	for name, test := range map[string]struct {
		change workflow.Change
		told   bool
	}{"the same again": {widerQuota(), true}, "another amount": {other, false}, "something else": {removing("payments-api-dev"), false}} {
		plan, err := w.service.Plan(t.Context(), dana, asks(test.change))
		if err != nil {
			t.Fatal(err)
		}
		told := slices.ContainsFunc(plan.Findings, func(f workflow.Finding) bool {
			return f.Message == want && f.Href == "/requests/2" && f.Severity == workflow.SeverityWarning
		})
		if told != test.told {
			t.Errorf("%s: the findings are %+v", name, plan.Findings)
		}
	}
}
