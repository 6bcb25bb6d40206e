package workflow_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// alive is a cluster weu-1 on which something lives, or that does not answer.
type alive struct{ trouble error }

func (a alive) Contents(_ context.Context, cluster, namespace string) (workflow.NamespaceContents, bool, error) {
	contents := workflow.NamespaceContents{Kinds: []workflow.KindCount{{Kind: "Deployment", Count: 1, Names: []string{namespace}}}}
	return contents, cluster == "weu-1", a.trouble
}

func TestWhatLivesInANamespaceIsSaidToThoseWhoseBusinessItIs(t *testing.T) {
	tenancy := payments()
	tenancy.Namespaces = []workflow.Namespace{held("payments-api-dev", 0)}
	w := newWorldOf(t, logistics(), tenancy)
	w.service.Alive = alive{}
	for name, test := range map[string]struct {
		actor              workflow.Actor
		cluster, namespace string
		refused            bool
	}{
		"a member":                              {dana, "weu-1", "payments-api-dev", false},
		"an owner":                              {olivia, "weu-1", "payments-api-dev", false},
		"the security team":                     {sam, "weu-1", "payments-api-dev", false},
		"another tenant's member":               {lena, "weu-1", "payments-api-dev", true},
		"a namespace nobody approved":           {dana, "weu-1", "kube-system", true},
		"the same on another cluster":           {dana, "neu-1", "payments-api-dev", true},
		"no namespace":                          {sam, "weu-1", "", true},
		"a namespace nobody approved, security": {sam, "weu-1", "kube-system", true},
	} {
		t.Run(name, func(t *testing.T) {
			contents, known, err := w.service.Contents(t.Context(), test.actor, test.cluster, test.namespace)
			if test.refused {
				refused(t, err, workflow.NotFound)
				return
			}
			if err != nil || !known || len(contents.Kinds) != 1 || contents.Kinds[0].Names[0] != "payments-api-dev" {
				t.Errorf("known %v, %v: %+v", known, err, contents)
			}
		})
	}
}

func TestWhatLivesInANamespaceIsNotKnownWhereNobodyWatches(t *testing.T) {
	tenancy := payments()
	tenancy.Namespaces = []workflow.Namespace{held("payments-api-dev", 0)}
	w := newWorldOf(t, logistics(), tenancy)
	if _, known, err := w.service.Contents(t.Context(), dana, "weu-1", "payments-api-dev"); known || err != nil {
		t.Errorf("known %v, %v", known, err)
	}
	trouble := errors.New("10.0.0.1: connection refused")
	w.service.Alive = alive{trouble}
	_, known, err := w.service.Contents(t.Context(), dana, "weu-1", "payments-api-dev")
	problem := refused(t, err, workflow.Unavailable)
	if known || strings.Contains(problem.Message, "10.0.0.1") || !errors.Is(err, trouble) {
		t.Errorf("known %v, %v", known, err)
	}
}
