package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"testing"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// approved is a repository of which only the approved state is ever asked.
type approved struct {
	workflow.Repository
	state *workflow.ApprovedState
}

func (a approved) State() (*workflow.ApprovedState, error) { return a.state, nil }

// unlisted is a directory that knows nobody.
type unlisted struct{}

func (unlisted) Members(context.Context, string) ([]workflow.PersonID, bool, error) {
	return nil, false, nil
}

// domain is the real service, for what it refuses before it stores anything.
func domain() *workflow.Service {
	state := &workflow.ApprovedState{Commit: baseCommit, Policy: policy(), Tenancies: map[string]workflow.Tenancy{"payments": payments()}}
	return &workflow.Service{
		Store: open{}, Repository: approved{state: state}, Renderer: manifest.Renderer{}, Directory: unlisted{}, Clock: stoppedClock{}, Log: slog.New(slog.DiscardHandler),
	}
}

func TestWhatTheDomainRefusesStandsBesideTheFormsFields(t *testing.T) {
	for name, test := range map[string]struct {
		form  url.Values
		wrong []string
	}{
		"an empty form":     {url.Values{}, []string{"environment", "cluster", "size", "podSecurity", "purpose", "tenant"}},
		"every value wrong": {url.Values{"tenant": {"payments"}, "name": {"Bad_Name"}, "environment": {"moon"}, "cluster": {"mars"}, "size": {"xxl"}, "podSecurity": {"privileged"}}, []string{"name", "environment", "cluster", "size", "podSecurity", "purpose"}},
		"a name taken":      {url.Values{"tenant": {"payments"}, "name": {"payments-api-prod"}, "environment": {"dev"}, "cluster": {"weu-1"}, "size": {"small"}, "podSecurity": {"restricted"}, "purpose": {"x"}}, []string{"name"}},
		"another's tenant":  {url.Values{"tenant": {"logistics"}, "name": {"logistics-x"}, "environment": {"dev"}, "cluster": {"weu-1"}, "size": {"small"}, "podSecurity": {"restricted"}, "purpose": {"x"}}, []string{"tenant"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := post(t, portal(domain(), dana), "/requests", test.form)
			if got.status != http.StatusUnprocessableEntity {
				t.Fatalf("status %d: %s", got.status, heading(got))
			}
			for _, field := range test.wrong {
				if text(byID(got.page, field+"-problem")) == "" {
					t.Errorf("%s has no message", field)
				}
			}
		})
	}
}
