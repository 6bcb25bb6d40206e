package workflow_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

func TestAPolicyThatChangesNoManifestPlansItsDocumentAlone(t *testing.T) {
	plan := planOf(t, larger)
	if len(plan.Files) != 1 || plan.Files[0].Path != "policy.yaml" || !bytes.Equal(plan.Files[0].Before, ruled(t).PolicyDocument) {
		t.Errorf("the files are %v", paths(plan.Files))
	}
	if plan.Policy == nil || len(plan.Policy.Tenants) != 0 || plan.Before.Name != "" || len(plan.Before.Clusters)+len(plan.After.Clusters) != 0 {
		t.Errorf("it is about %+v, %q and %q", plan.Policy, plan.Before.Name, plan.After.Name)
	}
	same(t, "the stages", []workflow.Stage{{Role: workflow.RoleAdmin, Needed: 1}, {Role: workflow.RoleSecurity, Needed: 1}}, plan.Stages)
	same(t, "the edits", []string{"policy sizes.small"}, entryNames(plan.Edits))
	same(t, "the summary", []string{
		"The size small gives other amounts: CPU from 2 to 4. Namespaces that were given it keep theirs.",
		"Changes no manifest: what is on the clusters stays as it is.",
	}, plan.Summary)
}

func TestAPolicyPlansEveryFileThatFollowsFromIt(t *testing.T) {
	state, plan := ruled(t), planOf(t, newFlow)
	after := policy()
	newFlow(&after)
	is := map[string][]byte{}
	for _, f := range plan.Files {
		is[f.Path] = f.After
	}
	want := map[string][]byte{"policy.yaml": written(t, after)}
	for _, tenancy := range state.Tenancies {
		before, err := manifest.Renderer{}.Render(state.Policy, tenancy)
		if err != nil {
			t.Fatal(err)
		}
		files, err := manifest.Renderer{}.Render(after, tenancy)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if !slices.ContainsFunc(before, func(b workflow.File) bool { return b.Path == f.Path && bytes.Equal(b.Content, f.Content) }) {
				want[f.Path] = f.Content
			}
		}
	}
	same(t, "what the files will be", want, is)
	same(t, "whose files change", []workflow.TenantEffect{
		{Tenant: "logistics", Files: 1, Namespaces: []string{"neu-1/logistics-db"}},
		{Tenant: "payments", Files: 2, Namespaces: []string{"weu-1/payments-api", "weu-1/payments-api-prod"}},
	}, plan.Policy.Tenants)
	if last := plan.Summary[len(plan.Summary)-1]; last != "Changes 3 files of 3 namespaces, of 2 tenants." {
		t.Errorf("the summary ends with %q", last)
	}
}

func paths(files []workflow.FileChange) []string {
	list := make([]string, len(files))
	for i, f := range files {
		list[i] = f.Path
	}
	return list
}

func entryNames(edits []workflow.Edit) []string {
	names := make([]string, len(edits))
	for i, e := range edits {
		names[i] = e.Entry
	}
	return names
}

func TestEachProblemOfAPolicyIsToldWithItsLine(t *testing.T) {
	document := string(ruled(t).PolicyDocument)
	line := func(text string) int { return 1 + strings.Count(document[:strings.Index(document, text)], "\n") }
	for name, test := range map[string]struct {
		change workflow.PolicyChange
		want   []string
	}{
		"an amount and a mode": {
			workflow.PolicyChange{Document: strings.NewReplacer("fallback: admin", "fallback: member", "mode: warn", "mode: wran").Replace(document), Reason: "So."},
			[]string{
				fmt.Sprintf(`document: line %d: spec.clusters.neu-1.mode: "wran" is not one of enforce, observe or warn`, line("mode: warn")),
				fmt.Sprintf(`document: line %d: spec.fallback: "member" is not one of admin or security`, line("fallback: admin")),
			},
		},
		"a parameter of a rule": {
			workflow.PolicyChange{Document: strings.Replace(document, "contoso.azurecr.io/*", "https://contoso", 1), Reason: "So."},
			[]string{fmt.Sprintf("document: line %d: spec.rules.trusted-registry.images[0]: ", line("contoso.azurecr.io/*"))},
		},
		"an unknown field":     {workflow.PolicyChange{Document: document + "  colour: blue\n", Reason: "So."}, []string{fmt.Sprintf("document: line %d: spec.colour: ", 1+strings.Count(document, "\n"))}},
		"no YAML":              {workflow.PolicyChange{Document: "a: [b\n", Reason: "So."}, []string{"document: line 1: not YAML: "}},
		"nothing, without why": {workflow.PolicyChange{}, []string{"document: Write the whole new policy, or upload it.", "reason: Say in a sentence why the policy should be another."}},
		"too much":             {workflow.PolicyChange{Document: document + strings.Repeat("# more\n", 40_000), Reason: "So."}, []string{"document: It has "}},
		"what is in force":     {workflow.PolicyChange{Document: document, Reason: "So."}, []string{"document: This is the policy that is in force already."}},
		"what is in force, as a form sends it": {
			workflow.PolicyChange{Document: "\ufeff" + strings.ReplaceAll(strings.TrimSuffix(document, "\n"), "\n", "\r\n"), Reason: "So."},
			[]string{"document: This is the policy that is in force already."},
		},
		"an edit of an older one": {
			workflow.PolicyChange{Document: strings.Replace(document, "pods: 20", "pods: 21", 1), Base: "sha256:00", Reason: "So."},
			[]string{"document: The policy has changed since you began to edit it."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := policyPlanner().Plan(t.Context(), ruled(t), ruling(test.change))
			problem := refused(t, err, workflow.Invalid)
			if len(problem.Fields) != len(test.want) {
				t.Fatalf("the problems are %+v", problem.Fields)
			}
			for i, want := range test.want {
				if got := problem.Fields[i].Field + ": " + problem.Fields[i].Message; !strings.HasPrefix(got, want) {
					t.Errorf("it says %q, want %q", got, want)
				}
			}
		})
	}
}

func TestOfAPolicyWithVeryManyProblemsTheFirstAreTold(t *testing.T) {
	change := workflow.PolicyChange{Document: string(ruled(t).PolicyDocument), Reason: "So."}
	for i := range 500 {
		change.Document += fmt.Sprintf("  f%d: x\n", i)
	}
	_, err := policyPlanner().Plan(t.Context(), ruled(t), ruling(change))
	problem := refused(t, err, workflow.Invalid)
	if last := problem.Fields[len(problem.Fields)-1]; len(problem.Fields) != 101 || last.Message != "There are 400 more problems." {
		t.Errorf("there are %d, the last %q", len(problem.Fields), last.Message)
	}
}

func TestAPolicyIsCommittedWithPlainLineEnds(t *testing.T) {
	document := strings.Replace(string(ruled(t).PolicyDocument), "pods: 20", "pods: 21", 1)
	change := workflow.PolicyChange{Document: "\ufeff" + strings.ReplaceAll(strings.TrimSpace(document), "\n", "\r\n"), Reason: "So."}
	plan := planned(t, policyPlanner(), ruled(t), ruling(change))
	if string(plan.Files[0].After) != document {
		t.Errorf("it would be committed as %q", plan.Files[0].After)
	}
}

func TestOnlyHowAPolicyIsWrittenMayChange(t *testing.T) {
	change := workflow.PolicyChange{Document: "# Why it is so.\n" + string(ruled(t).PolicyDocument), Reason: "So that others know."}
	plan := planned(t, policyPlanner(), ruled(t), ruling(change))
	if len(plan.Edits) != 0 || len(plan.Files) != 1 || !strings.HasPrefix(plan.Summary[0], "Changes only how the policy is written") {
		t.Errorf("the plan is %+v", plan)
	}
}

// affected answers what a test says.
type affected struct {
	effect workflow.LiveEffect
	err    error
	asked  *int
}

func (a affected) NewlyRefused(_ context.Context, before, after *workflow.ApprovedState) (workflow.LiveEffect, error) {
	*a.asked++
	if len(before.Policy.PlatformFlows) == len(after.Policy.PlatformFlows) || len(after.Tenancies) != 2 || bytes.Equal(before.PolicyDocument, after.PolicyDocument) {
		return workflow.LiveEffect{}, errors.New("these are not the two states")
	}
	return a.effect, a.err
}

func TestAPlanSaysWhatOfTheLiveObjectsWouldNewlyBeRefused(t *testing.T) {
	refusal := workflow.RefusedLive{Cluster: "weu-1", Namespace: "payments-api", Tenant: "payments", Object: "Deployment web", Rule: "trusted-registry"}
	warning := refusal
	warning.WarnOnly = true
	for name, test := range map[string]struct {
		impact affected
		want   []workflow.Finding
	}{
		"some": {affected{effect: workflow.LiveEffect{Refused: []workflow.RefusedLive{refusal, warning, refusal}, More: 3}}, []workflow.Finding{
			{Severity: workflow.SeverityDanger, Label: "5 would be refused", Message: "5 objects that live now would newly be refused when they are written again, restarts and scaling of their workloads included."},
			{Severity: workflow.SeverityWarning, Label: "1 would be warned about", Message: "1 object that live now would newly be warned about when they are written again."},
		}},
		"none": {affected{effect: workflow.LiveEffect{Objects: 9}}, nil},
		"a cluster that does not answer": {affected{effect: workflow.LiveEffect{Unlooked: []workflow.UnlookedPart{{Cluster: "neu-1", Why: "It does not answer."}}}}, []workflow.Finding{
			{Severity: workflow.SeverityWarning, Label: "not looked at", Message: "What lives on neu-1 was not held against the new policy: It does not answer."},
		}},
		"a fault": {affected{err: errors.New("no route")}, []workflow.Finding{
			{Severity: workflow.SeverityWarning, Label: "not looked at", Message: "What lives on the clusters was not held against the new policy: The clusters could not be asked, so nobody knows what of their objects it would refuse."},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			asking := policyPlanner()
			test.impact.asked = new(int)
			asking.Impact = test.impact
			plan := planned(t, asking, ruled(t), ruling(otherwise(t, newFlow)))
			without := planOf(t, newFlow)
			same(t, "the findings beyond those of the policy", test.want, append([]workflow.Finding(nil), plan.Findings[len(without.Findings):]...))
			if plan.Digest != without.Digest || plan.Policy.Live == nil {
				t.Errorf("what is live is voted on, or not shown: %+v", plan.Policy.Live)
			}
		})
	}
}
