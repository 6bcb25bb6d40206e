package workflow_test

import (
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// inUse is a cluster of which only one namespace is known.
type inUse struct{ workflow.Size }

func (u inUse) Used(_, namespace string) (workflow.QuotaUse, bool) {
	return workflow.QuotaUse{Used: u.Size}, namespace == "payments-api-dev"
}

func TestGoingBelowWhatIsInUseNeedsAConfirmation(t *testing.T) {
	tenancy := payments()
	tenancy.Namespaces = []workflow.Namespace{held("payments-api-dev", 0)} // 2 CPU, 8Gi memory, 20Gi storage, 20 pods
	w := newWorldOf(t, logistics(), tenancy)
	ask := func(change workflow.QuotaChange) error {
		change.Cluster, change.Namespace, change.Reason = "weu-1", "payments-api-dev", "x"
		_, err := w.service.Plan(t.Context(), dana, workflow.Draft{Tenant: "payments", Change: change})
		return err
	}
	lower := workflow.QuotaChange{CPU: "1", Memory: "8Gi", Storage: "20Gi", Pods: "10"}
	confirmed := lower
	confirmed.Confirmed = true
	atUse := workflow.QuotaChange{CPU: "1500m", Memory: "8Gi", Storage: "20Gi", Pods: "14"}
	higher := workflow.QuotaChange{CPU: "4", Memory: "8Gi", Storage: "20Gi", Pods: "20"}
	used := workflow.Size{CPU: amount("1500m"), Memory: amount("9Gi"), Storage: amount("1Gi"), Pods: 14}
	for name, test := range map[string]struct {
		usage  workflow.Usage
		change workflow.QuotaChange
		says   []string
	}{
		"below":                           {inUse{used}, lower, []string{"CPU: 1 asked, 1500m in use", "pods: 10 asked, 14 in use"}},
		"below, and confirmed":            {inUse{used}, confirmed, nil},
		"as much as is in use":            {inUse{used}, atUse, nil},
		"more of one, less than the rest": {inUse{used}, higher, nil}, // memory was below its use before
		"where nobody knows":              {nil, lower, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w.service.Usage = test.usage
			err := ask(test.change)
			if len(test.says) == 0 {
				if err != nil {
					t.Fatalf("it is refused: %v", err)
				}
				return
			}
			problem := refused(t, err, workflow.Invalid)
			if len(problem.Fields) != 1 || problem.Fields[0].Field != "confirmed" {
				t.Fatalf("fields: %+v", problem.Fields)
			}
			for _, part := range test.says {
				if !strings.Contains(problem.Fields[0].Message, part) {
					t.Errorf("it does not say %q: %q", part, problem.Fields[0].Message)
				}
			}
			if strings.Contains(problem.Fields[0].Message, "memory") {
				t.Errorf("it names what does not change: %q", problem.Fields[0].Message)
			}
		})
	}
}
