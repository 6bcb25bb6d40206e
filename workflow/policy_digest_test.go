package workflow_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// rulingSetting is all that the plan of another policy is made of.
func rulingSetting(t testing.TB) *setting {
	return &setting{state: ruled(t), planner: policyPlanner(), proposal: ruling(otherwise(t, newFlow))}
}

func TestTheDigestOfAPolicyChangesWithWhatAVoteCovers(t *testing.T) {
	digests := map[workflow.Digest]string{rulingSetting(t).plan(t).Digest: "the plan itself"}
	for name, change := range map[string]func(*setting){
		"another document": func(s *setting) { s.proposal.Change = otherwise(t, larger) },
		"a comment": func(s *setting) {
			change := otherwise(t, newFlow)
			change.Document += "# More.\n"
			s.proposal.Change = change
		},
		"another policy in force": func(s *setting) {
			larger(&s.state.Policy)
			s.state.PolicyDocument = written(t, s.state.Policy)
		},
		"the policy in force written otherwise": func(s *setting) { s.state.PolicyDocument = append(s.state.PolicyDocument, "# More.\n"...) },
		"another request":                       func(s *setting) { s.proposal.Request = 10 },
		"another planning time":                 func(s *setting) { s.proposal.At = noon.Add(time.Second) },
		"another version of rendering":          func(s *setting) { s.planner.Renderer = another{version: "next"} },
		"other stages": func(s *setting) {
			s.state.Policy.Reviews = slices.Insert(s.state.Policy.Reviews, 0, workflow.ReviewRule{Kinds: []workflow.Kind{workflow.KindPolicy}, Stages: []workflow.Stage{{Role: workflow.RoleAdmin, Needed: 1}}})
		},
		"the fallback instead of security": func(s *setting) {
			s.state.Policy.Reviewers[workflow.RoleSecurity] = registered(amir)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := rulingSetting(t)
			change(s)
			digest := s.plan(t).Digest
			if other, taken := digests[digest]; taken {
				t.Errorf("the digest is that of %s", other)
			}
			digests[digest] = name
		})
	}
}

func TestTheDigestOfAPolicyDoesNotChangeWithWhatFollowsFromIt(t *testing.T) {
	before := rulingSetting(t).plan(t)
	for name, change := range map[string]func(*setting){
		"a namespace more": func(s *setting) {
			s.tenancy("logistics", func(t *workflow.Tenancy) { t.Namespaces = append(t.Namespaces, held("logistics-web", 30)) })
		},
		"a tenant less": func(s *setting) { delete(s.state.Tenancies, "logistics") },
		"another quota": func(s *setting) {
			s.tenancy("payments", func(t *workflow.Tenancy) { t.Namespaces[0].Quota.CPU = amount("1") })
		},
		"the base moved":           func(s *setting) { s.state.Commit = "beef" },
		"another reason":           func(s *setting) { c := otherwise(t, newFlow); c.Reason = "Because."; s.proposal.Change = c },
		"the base that was edited": func(s *setting) { c := otherwise(t, newFlow); c.Base = sumOf(t, s); s.proposal.Change = c },
		"line ends of a form": func(s *setting) {
			c := otherwise(t, newFlow)
			c.Document = strings.ReplaceAll(c.Document, "\n", "\r\n")
			s.proposal.Change = c
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := rulingSetting(t)
			change(s)
			if digest := s.plan(t).Digest; digest != before.Digest {
				t.Errorf("the digest changed")
			}
		})
	}
}

// sumOf is the sum of the policy in force.
func sumOf(t *testing.T, s *setting) string {
	t.Helper()
	text, err := (&workflow.Service{Repository: fixedState{state: s.state}}).PolicyText(t.Context(), ada)
	if err != nil {
		t.Fatal(err)
	}
	return text.Sum
}

// fixedState is a repository of which only the state is asked for.
type fixedState struct {
	workflow.Repository
	state *workflow.ApprovedState
}

func (f fixedState) State() (*workflow.ApprovedState, error) { return f.state, nil }
