package workflow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tenure.dev/k8s/admission"
	"tenure.dev/workflow"
)

// resting is a state whose namespaces rest on everything that a policy can take away.
func resting(t testing.TB) *workflow.ApprovedState {
	t.Helper()
	state := ruled(t)
	state.Policy.Registries = map[string]workflow.Registry{"docker-official": {Images: []string{"docker.io/library/*"}}}
	state.Policy.Classifications = []workflow.Classification{{Name: "public"}, {Name: "internal"}}
	state.PolicyDocument = written(t, state.Policy)
	tenancy := state.Tenancies["payments"]
	tenancy.Repositories = []string{"https://git.example.com/payments/deploy"}
	n := &tenancy.Namespaces[0]
	n.Registries, n.Classification = []string{"docker-official"}, "internal"
	n.Network = []workflow.NetworkException{{
		Direction: workflow.Egress, To: &workflow.FlowPeer{FQDN: "api.example.com"}, Ports: []workflow.FlowPort{{Protocol: "TCP", Port: 443}}, Until: noon.AddDate(0, 1, 0), Request: 8,
	}}
	state.Tenancies["payments"] = tenancy
	return state
}

// takings are what a policy can take away, with who uses it.
var takings = map[string]struct {
	take func(*workflow.Policy)
	says []string
}{
	"a cluster": {func(p *workflow.Policy) { delete(p.Clusters, "neu-1") }, []string{
		`spec.clusters: the cluster "neu-1" is gone, and is in use by logistics (neu-1/logistics-db), payments (has its place there).`}},
	"an environment": {func(p *workflow.Policy) {
		delete(p.Environments, "prod")
		p.Reviews = p.Reviews[1:]
	}, []string{`spec.environments: the environment "prod" is gone, and is in use by payments (weu-1/payments-api-prod).`}},
	"a registry": {func(p *workflow.Policy) { p.Registries = nil }, []string{
		`spec.registries: the registry "docker-official" is gone, and is in use by payments (weu-1/payments-api).`}},
	"a class of data": {func(p *workflow.Policy) { p.Classifications = p.Classifications[:1] }, []string{
		`spec.classifications: the classification "internal" is gone, and is in use by payments (weu-1/payments-api).`}},
	"a tenant's namespace": {func(p *workflow.Policy) { p.PlatformNamespaces = append(p.PlatformNamespaces, "payments-api") }, []string{
		`spec.platformNamespaces: "payments-api" becomes the platform's, and is in use by payments (weu-1/payments-api).`}},
	"a tenant's repository": {func(p *workflow.Policy) { p.ArgoCD.Repository = "https://git.example.com/payments/deploy.git" }, []string{
		`spec.argocd.repository: "https://git.example.com/payments/deploy.git" becomes the GitOps repository, and is in use by payments (deploys from it).`}},
	"the engine that knows names": {cluster("weu-1", func(c *workflow.Cluster) { c.NetworkEngine = workflow.EngineCalico }), []string{
		`spec.clusters.weu-1.networkEngine: "calico" knows no DNS names, which exceptions on weu-1 name, and is in use by payments (weu-1/payments-api).`}},
	"two things": {func(p *workflow.Policy) {
		p.Registries = nil
		p.PlatformNamespaces = append(p.PlatformNamespaces, "logistics-db")
	}, []string{"spec.platformNamespaces: ", "spec.registries: "}},
}

func TestAPolicyThatTakesAwayWhatIsInUseIsRefusedAndSaysWhoUsesIt(t *testing.T) {
	for name, test := range takings {
		t.Run(name, func(t *testing.T) {
			state := resting(t)
			p := resting(t).Policy
			test.take(&p)
			change := workflow.PolicyChange{Document: string(written(t, p)), Reason: "So."}
			_, err := policyPlanner().Plan(t.Context(), state, ruling(change))
			problem := refused(t, err, workflow.Invalid)
			if len(problem.Fields) != len(test.says) {
				t.Fatalf("the problems are %+v", problem.Fields)
			}
			for i, says := range test.says {
				if f := problem.Fields[i]; f.Field != "document" || !strings.HasPrefix(f.Message, says) {
					t.Errorf("it says %q, want %q", f.Message, says)
				}
			}
		})
	}
}

// What is refused is what a snapshot could not be made of, and what else nothing
// would hold; what is not refused, a snapshot is made of.
func TestAPolicyThatIsNotRefusedCanBeEnforced(t *testing.T) {
	for name, test := range policyChanges {
		state := ruled(t)
		p := policy()
		test.change(&p)
		if _, err := policyPlanner().Plan(t.Context(), state, ruling(workflow.PolicyChange{Document: string(written(t, p)), Reason: "So."})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for cluster := range p.Clusters {
			if _, err := admission.NewSnapshot(&workflow.ApprovedState{Policy: p, Tenancies: state.Tenancies}, cluster); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestOfManyUsersTheFirstAreNamed(t *testing.T) {
	state := ruled(t)
	tenancy := state.Tenancies["payments"]
	for i := range 30 {
		n := held(fmt.Sprintf("payments-%02d", i), 3)
		n.Environment = "prod"
		tenancy.Namespaces = append(tenancy.Namespaces, n)
	}
	state.Tenancies["payments"] = tenancy
	_, err := policyPlanner().Plan(t.Context(), state, ruling(otherwise(t, takings["an environment"].take)))
	problem := refused(t, err, workflow.Invalid)
	if message := problem.Fields[0].Message; strings.Count(message, "weu-1/payments-") != 10 || !strings.Contains(message, " and 21 more") {
		t.Errorf("it says %q", message)
	}
}

func TestWhatIsCheckedWhileItIsTypedIsWhatAPlanWouldRefuse(t *testing.T) {
	w := newWorldOf(t, logistics(), payments())
	text, err := w.service.PolicyText(t.Context(), audrey)
	if err != nil || string(text.Document) != string(written(t, policy())) || !strings.HasPrefix(text.Sum, "sha256:") || len(text.Commit) != 40 {
		t.Fatalf("the text is %+v, %v", text, err)
	}
	for name, test := range map[string]struct {
		document string
		want     []workflow.PolicyProblem
	}{
		"what is in force": {string(text.Document), nil},
		"a cluster less": {string(written(t, func() workflow.Policy { p := policy(); delete(p.Clusters, "neu-1"); return p }())), []workflow.PolicyProblem{
			{Field: "spec.clusters", Message: `the cluster "neu-1" is gone, and is in use by logistics (has its place there), payments (has its place there). Ask for the removal of what uses it first, or leave it in.`},
		}},
		"nothing": {"\n", []workflow.PolicyProblem{{Message: "Write the whole new policy, or upload it."}}},
	} {
		problems, err := w.service.CheckPolicy(t.Context(), ada, []byte(test.document))
		if err != nil || !slices.Equal(problems, test.want) {
			t.Errorf("%s: %+v, %v", name, problems, err)
		}
	}
	for _, actor := range []workflow.Actor{dana, olivia, sam, audrey} {
		_, err := w.service.CheckPolicy(t.Context(), actor, text.Document)
		refused(t, err, workflow.Forbidden)
	}
	for _, actor := range []workflow.Actor{dana, olivia} {
		_, err := w.service.PolicyText(t.Context(), actor)
		refused(t, err, workflow.Forbidden)
	}
}
