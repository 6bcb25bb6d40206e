package workflow_test

import (
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// From the repository alone nobody can say who owns a tenant. So a fallback is
// taken wherever the policy could have come to it, and nowhere else.
func TestAFallbackIsProvedWhereThePolicyCanComeToItAndNowhereElse(t *testing.T) {
	ownerSecurity := []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}, {Role: workflow.RoleSecurity, Needed: 1}}
	ownerAdmin := []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}, {Role: workflow.RoleAdmin, Needed: 1}}
	byAdmin := func(n int, insteadOf workflow.Role) workflow.Stage {
		return workflow.Stage{Role: workflow.RoleAdmin, Needed: n, InsteadOf: insteadOf}
	}
	for name, test := range map[string]struct {
		policy    []workflow.Stage
		committed []workflow.Stage
		holds     bool
	}{
		"as the policy asks":                     {ownerSecurity, ownerSecurity, true},
		"admin instead of the owners":            {ownerSecurity, []workflow.Stage{byAdmin(1, workflow.RoleOwner), ownerSecurity[1]}, true},
		"admin instead of security":              {ownerSecurity, []workflow.Stage{ownerSecurity[0], byAdmin(1, workflow.RoleSecurity)}, true},
		"admin instead of both":                  {ownerSecurity, []workflow.Stage{byAdmin(2, workflow.RoleOwner)}, true},
		"admin instead of both, once":            {ownerSecurity, []workflow.Stage{byAdmin(1, workflow.RoleOwner)}, false},
		"admin instead of owners, not saying so": {ownerSecurity, []workflow.Stage{byAdmin(1, ""), ownerSecurity[1]}, false},
		"admin instead of another role":          {ownerSecurity, []workflow.Stage{byAdmin(1, workflow.RoleMember), ownerSecurity[1]}, false},
		"security instead of the owners":         {ownerSecurity, []workflow.Stage{{Role: workflow.RoleSecurity, Needed: 2, InsteadOf: workflow.RoleOwner}}, false},
		"more than the policy asks":              {ownerSecurity, append([]workflow.Stage{byAdmin(1, "")}, ownerSecurity...), false},
		"in another order":                       {ownerSecurity, []workflow.Stage{ownerSecurity[1], ownerSecurity[0]}, false},
		"the fallback has a stage of its own":    {ownerAdmin, []workflow.Stage{byAdmin(2, workflow.RoleOwner)}, true},
		"its own stage swallows the owners'":     {ownerAdmin, []workflow.Stage{byAdmin(1, "")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			state := approvedNow()
			state.Policy.Reviews[1].Stages = test.policy
			state.Policy.Reviewers[workflow.RoleAdmin] = registered(ada, una)
			asked := proposal(wanted())
			// The plan that a repository is shown: these stages, and their digest.
			forged := approvedNow()
			forged.Policy = state.Policy
			forged.Policy.Reviews = []workflow.ReviewRule{{Stages: test.committed}}
			proof := proofOf(state, asked, planned(t, workflow.Planner{Renderer: planner().Renderer, Directory: nobodyKnown{}}, forged, asked))
			voters := map[workflow.Role][]workflow.Actor{workflow.RoleOwner: {olivia}, workflow.RoleSecurity: {sam, sofia}, workflow.RoleAdmin: {ada, una}}
			for _, stage := range test.committed {
				for _, voter := range voters[stage.Role][:stage.Needed] {
					proof.Message.ApprovedBy = append(proof.Message.ApprovedBy, workflow.Approval{Person: voter.Person, Stage: stage.Role})
				}
			}
			objections := workflow.ProveGrant(proof)
			if test.holds && len(objections) > 0 {
				t.Errorf("it is objected to: %q", objections)
			}
			if !test.holds && (len(objections) != 1 || !strings.Contains(objections[0], "its stages "+workflow.StagesText(test.committed)+" are not those of the policy, "+workflow.StagesText(test.policy))) {
				t.Errorf("the objections are %q", objections)
			}
		})
	}
}

func TestStagesAreReadAsTheyAreWritten(t *testing.T) {
	for text, want := range map[string]workflow.Stage{
		`{"owner":1}`:                        {Role: workflow.RoleOwner, Needed: 1},
		`{"security":2}`:                     {Role: workflow.RoleSecurity, Needed: 2},
		`{"admin":1,"insteadOf":"security"}`: {Role: workflow.RoleAdmin, Needed: 1, InsteadOf: workflow.RoleSecurity},
	} {
		var got workflow.Stage
		if err := got.UnmarshalJSON([]byte(text)); err != nil || got != want {
			t.Errorf("%s is read as %+v, %v", text, got, err)
		}
		if data, err := want.MarshalJSON(); err != nil || string(data) != text {
			t.Errorf("%+v is written as %s, %v", want, data, err)
		}
	}
	for _, text := range []string{`{}`, `null`, `{"insteadOf":"owner"}`, `{"owner":1,"security":1}`, `{"owner":"1"}`, `{"owner":1.5}`, `{"insteadOf":1,"owner":1}`, `"owner"`, `[1]`} {
		var got workflow.Stage
		if err := got.UnmarshalJSON([]byte(text)); err == nil {
			t.Errorf("%s is taken for the stage %+v", text, got)
		}
	}
}

func TestARuleKeepsItsModeAndParametersApart(t *testing.T) {
	for text, want := range map[string]struct {
		mode   workflow.RuleMode
		params string
		again  string
	}{
		`{"mode":"deny"}`:                  {workflow.RuleDeny, "", `{"mode":"deny"}`},
		`{"mode":"warn","images":["a/*"]}`: {workflow.RuleWarn, `{"images":["a/*"]}`, `{"images":["a/*"],"mode":"warn"}`},
		`{"most":9007199254740993}`:        {"", `{"most":9007199254740993}`, `{"most":9007199254740993}`},
		`{}`:                               {"", "", `{}`},
	} {
		var got workflow.RuleSetting
		if err := got.UnmarshalJSON([]byte(text)); err != nil || got.Mode != want.mode || string(got.Params) != want.params {
			t.Errorf("%s is read as %q with %s, %v", text, got.Mode, got.Params, err)
		}
		if data, err := got.MarshalJSON(); err != nil || string(data) != want.again {
			t.Errorf("%s is written as %s, %v", text, data, err)
		}
	}
	for _, text := range []string{`"deny"`, `[]`, `{"mode":1}`, `{`} {
		if err := new(workflow.RuleSetting).UnmarshalJSON([]byte(text)); err == nil {
			t.Errorf("%s is taken for a rule's setting", text)
		}
	}
	if _, err := (workflow.RuleSetting{Params: []byte("[1]")}).MarshalJSON(); err == nil {
		t.Error("parameters that are no object are written")
	}
}
