package workflow_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure.dev/workflow"
)

// removing asks to remove a namespace on weu-1, and nothing is wrong with it.
func removing(name string) workflow.RemovalChange {
	return workflow.RemovalChange{Cluster: "weu-1", Namespace: name, Confirmation: name, Reason: "It is replaced by another."}
}

// furnished is a state in which payments has two namespaces, one of them in production.
func furnished() *workflow.ApprovedState {
	state, holder := approvedNow(), payments()
	production := held("payments-shop", 4)
	production.Environment = "prod"
	elsewhere := held("payments-far", 5)
	elsewhere.Cluster = "neu-1"
	holder.Namespaces = []workflow.Namespace{elsewhere, production, held("payments-web", 3)}
	state.Tenancies["payments"] = holder
	other := logistics()
	other.Namespaces = []workflow.Namespace{held("logistics-api", 6)}
	state.Tenancies["logistics"] = other
	return state
}

func TestEachFieldOfARemovalSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	const typeIt = `Type the name of the namespace, "payments-web", to confirm that everything in it is to be deleted.`
	for name, test := range map[string]struct {
		change func(*workflow.RemovalChange)
		want   map[string]string
	}{
		"nothing is wrong":      {func(*workflow.RemovalChange) {}, map[string]string{}},
		"spaces around":         {func(c *workflow.RemovalChange) { c.Confirmation, c.Reason = " payments-web ", "\nIt goes. " }, map[string]string{}},
		"nothing is chosen":     {func(c *workflow.RemovalChange) { *c = workflow.RemovalChange{Reason: "x"} }, map[string]string{"namespace": "Choose the namespace to remove."}},
		"no cluster is chosen":  {func(c *workflow.RemovalChange) { c.Cluster = "" }, map[string]string{"namespace": "Choose the namespace to remove."}},
		"there is none":         {func(c *workflow.RemovalChange) { c.Namespace, c.Confirmation = "payments-x", "payments-x" }, map[string]string{"namespace": `payments has no namespace "payments-x" on weu-1. It may have been removed already.`}},
		"it is elsewhere":       {func(c *workflow.RemovalChange) { c.Namespace, c.Confirmation = "payments-far", "payments-far" }, map[string]string{"namespace": `payments has no namespace "payments-far" on weu-1. It has one of that name on neu-1.`}},
		"it is another's":       {func(c *workflow.RemovalChange) { c.Namespace, c.Confirmation = "logistics-api", "logistics-api" }, map[string]string{"namespace": `payments has no namespace "logistics-api" on weu-1. It may have been removed already.`}},
		"nothing is typed":      {func(c *workflow.RemovalChange) { c.Confirmation = "" }, map[string]string{"confirmation": typeIt}},
		"only spaces are typed": {func(c *workflow.RemovalChange) { c.Confirmation = "  " }, map[string]string{"confirmation": typeIt}},
		"another name is typed": {func(c *workflow.RemovalChange) { c.Confirmation = "payments-shop" }, map[string]string{"confirmation": `"payments-shop" is not the name of this namespace. Type "payments-web".`}},
		"capitals are typed":    {func(c *workflow.RemovalChange) { c.Confirmation = "Payments-Web" }, map[string]string{"confirmation": `"Payments-Web" is not the name of this namespace. Type "payments-web".`}},
		"no reason":             {func(c *workflow.RemovalChange) { c.Reason = " \n" }, map[string]string{"reason": "Say in a sentence why it can go. Reviewers read it first."}},
		"an unseen character":   {func(c *workflow.RemovalChange) { c.Reason = "It\u202Egoes" }, map[string]string{"reason": "The invisible character U+202E cannot be used here. Type the text again without it."}},
		"everything": {func(c *workflow.RemovalChange) {
			*c = workflow.RemovalChange{Cluster: "mars-1", Namespace: "payments-web", Confirmation: "x"}
		}, map[string]string{
			"namespace": `payments has no namespace "payments-web" on mars-1. It has one of that name on weu-1.`, "confirmation": `"x" is not the name of this namespace. Type "payments-web".`,
			"reason": "Say in a sentence why it can go. Reviewers read it first.",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			change, state := removing("payments-web"), furnished()
			test.change(&change)
			after, problems := change.Apply(state, state.Tenancies["payments"], 7)
			same(t, "the messages", test.want, messages(problems))
			if len(problems) > 0 && len(after.Namespaces) != 3 {
				t.Error("something was taken away nevertheless")
			}
		})
	}
}

func TestARemovalTakesAwayOneNamespaceAndLeavesTheRestAlone(t *testing.T) {
	state := furnished()
	before := state.Tenancies["payments"]
	after, problems := removing("payments-shop").Apply(state, before, 7)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want := payments()
	want.Namespaces = []workflow.Namespace{before.Namespaces[0], before.Namespaces[2]}
	if diff := cmp.Diff(want, after); diff != "" {
		t.Errorf("the tenancy afterwards (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(furnished().Tenancies["payments"], state.Tenancies["payments"]); diff != "" {
		t.Errorf("the approved state itself changed:\n%s", diff)
	}
}

func TestARemovalIsPossibleAlsoAboveTheCeiling(t *testing.T) {
	state := furnished()
	holder := state.Tenancies["payments"]
	holder.Ceiling.CPU, holder.Ceiling.Namespaces = amount("1"), 1
	if _, problems := removing("payments-web").Apply(state, holder, 7); len(problems) > 0 {
		t.Errorf("it is refused: %v", problems)
	}
}

func TestThePlanOfARemovalSaysWhatGoesAndWhatTheStagesAre(t *testing.T) {
	plan := planned(t, planner(), furnished(), proposal(removing("payments-shop")))
	if len(plan.Edits) != 1 || plan.Edits[0].Entry != "namespace weu-1/payments-shop" || plan.Edits[0].Before == "" || plan.Edits[0].After != "" {
		t.Errorf("the edits are %+v", plan.Edits)
	}
	gone := 0
	for _, file := range plan.Files {
		switch {
		case strings.HasPrefix(file.Path, "clusters/weu-1/payments/payments-shop/"):
			gone++
			if file.Before == nil || file.After != nil {
				t.Errorf("%s is not removed", file.Path)
			}
		case !strings.HasPrefix(file.Path, "approved/") && !strings.HasPrefix(file.Path, "argocd/"):
			t.Errorf("%s changes, too", file.Path)
		case bytes.Contains(file.After, []byte("payments-shop")):
			t.Errorf("%s still names it", file.Path)
		}
	}
	if gone < 6 {
		t.Errorf("only %d files go", gone)
	}
	same(t, "the summary", []string{
		"Removes namespace payments-shop on weu-1 with everything in it: workloads, volumes, secrets. This cannot be undone.",
		"What opens the network goes first, then access, the namespace last. The quota and the policies that hold it stay until it is gone.",
	}, plan.Summary)
	same(t, "the findings", []workflow.Finding{
		{Severity: workflow.SeverityDanger, Label: "removes production", Message: "payments-shop is a production namespace. Whatever runs in it ends."},
		{Severity: workflow.SeverityInfo, Label: "frees quota", Message: "Frees 2 CPU, 8Gi memory, 20Gi storage and one namespace of payments's ceiling."},
	}, plan.Findings)
	if got := workflow.StagesText(plan.Stages); got != "owner=1 security=2" {
		t.Errorf("the stages of production are %s", got)
	}
	same(t, "the environments", []string{"prod"}, plan.Environments())
	if quiet := planned(t, planner(), furnished(), proposal(removing("payments-web"))); len(quiet.Findings) != 1 || workflow.StagesText(quiet.Stages) != "owner=1 security=1" {
		t.Errorf("outside of production the stages are %s, the findings %v", workflow.StagesText(quiet.Stages), quiet.Findings)
	}
}

func TestThePolicySaysWhoDecidesOverRemovals(t *testing.T) {
	state := furnished()
	state.Policy.Reviews = slices.Insert(state.Policy.Reviews, 0, workflow.ReviewRule{
		Kinds: []workflow.Kind{workflow.KindRemoval}, Stages: []workflow.Stage{{Role: workflow.RoleOwner, Needed: 2}},
	})
	if problems := state.Policy.Check(); len(problems) > 0 {
		t.Errorf("the policy cannot name them: %v", problems)
	}
	plan := planned(t, planner(), state, proposal(removing("payments-web")))
	if got := workflow.StagesText(plan.Stages); got != "owner=2" || !strings.Contains(plan.Because, "every removal request") {
		t.Errorf("the stages are %s: %s", got, plan.Because)
	}
	if got := workflow.StagesText(planned(t, planner(), state, proposal(wanted())).Stages); got != "owner=1 security=1" {
		t.Errorf("the stages of a namespace are %s", got)
	}
}

func TestTheDigestOfARemovalCoversWhatGoesAndNotTheWords(t *testing.T) {
	first := planned(t, planner(), furnished(), proposal(removing("payments-web")))
	reworded := removing("payments-web")
	reworded.Reason = "For another reason."
	if planned(t, planner(), furnished(), proposal(reworded)).Digest != first.Digest {
		t.Error("the digest covers the reason, which changes nothing")
	}
	if planned(t, planner(), furnished(), proposal(removing("payments-shop"))).Digest == first.Digest {
		t.Error("the digest does not cover which namespace goes")
	}
	moved := furnished()
	moved.Tenancies["payments"].Namespaces[2].Quota.CPU = amount("3")
	if planned(t, planner(), moved, proposal(removing("payments-web"))).Digest == first.Digest {
		t.Error("the digest does not cover what the namespace has by now")
	}
}

func TestAChangeComesBackFromTheDatabaseAsItWasStored(t *testing.T) {
	change, err := workflow.DecodeChange(workflow.KindRemoval, []byte(`{"cluster":"weu-1","namespace":"a-b","confirmation":"a-b","reason":"It goes."}`))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the change", workflow.Change(workflow.RemovalChange{Cluster: "weu-1", Namespace: "a-b", Confirmation: "a-b", Reason: "It goes."}), change)
	if change.Title() != "Removal of a-b on weu-1" || change.Kind().Act() != workflow.ActEnd || change.Why() != "It goes." {
		t.Errorf("it is %q, of act %s, because %q", change.Title(), change.Kind().Act(), change.Why())
	}
	if _, err := workflow.DecodeChange(workflow.KindRemoval, []byte(`[]`)); err == nil {
		t.Error("what is no change is taken for one")
	}
}
