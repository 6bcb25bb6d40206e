package workflow_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// told is what a plan has to say of a change of the policy.
type told struct {
	change   func(*workflow.Policy)
	edits    []string
	says     string            // one of the sentences begins so
	severity workflow.Severity // of the finding with the label
	label    string            // empty where it finds nothing
}

var policyChanges = map[string]told{
	"another reviewer": {
		func(p *workflow.Policy) {
			p.Reviewers[workflow.RoleSecurity] = append(p.Reviewers[workflow.RoleSecurity], registered(una)...)
		}, []string{"policy reviewers.security"},
		"Puts Una Unregistered (" + una.ID.String() + ") into the register of security reviewers", workflow.SeverityWarning, "adds a reviewer",
	},
	"who asks as a reviewer": {
		func(p *workflow.Policy) {
			p.Reviewers[workflow.RoleAdmin] = append(p.Reviewers[workflow.RoleAdmin], registered(amir)...)
		}, []string{"policy reviewers.admin"},
		"Who asks for this, Amir Admin (" + amir.ID.String() + "), puts themself into the register of admin reviewers", workflow.SeverityDanger, "adds themself",
	},
	"a reviewer less": {
		func(p *workflow.Policy) { p.Reviewers[workflow.RoleSecurity] = registered(sam) }, []string{"policy reviewers.security"},
		"Takes Sofia Security (" + sofia.ID.String() + ") out of the register of security reviewers", workflow.SeverityWarning, "removes a reviewer",
	},
	"a reviewer's name": {
		func(p *workflow.Policy) { p.Reviewers[workflow.RoleAdmin][0].Name = "Ada Lovelace" }, []string{"policy reviewers.admin"},
		`Writes "Ada Lovelace" for "Ada Admin" in the register of admin reviewers.`, "", "",
	},
	"a stage with fewer people": {
		func(p *workflow.Policy) { p.Reviews[0].Stages[1].Needed = 1 }, []string{"policy reviews"},
		"From then on for every request in prod: 1 owner and 1 person of security must agree instead of 1 owner and 2 people of security.", workflow.SeverityDanger, "fewer reviewers",
	},
	"a stage less": {
		func(p *workflow.Policy) { p.Reviews[1].Stages = p.Reviews[1].Stages[:1] }, []string{"policy reviews"},
		"From then on for every request: 1 owner must agree instead of 1 owner and 1 person of security.", workflow.SeverityDanger, "fewer reviewers",
	},
	"a stage more": {
		func(p *workflow.Policy) {
			p.Reviews[1].Stages = append(p.Reviews[1].Stages, workflow.Stage{Role: workflow.RoleAdmin, Needed: 2})
		}, []string{"policy reviews"},
		"From then on for every request: 1 owner, 1 person of security and 2 admins must agree instead of", workflow.SeverityWarning, "changes who reviews",
	},
	"an entry of reviews more": {
		func(p *workflow.Policy) {
			p.Reviews = slices.Insert(p.Reviews, 0, workflow.ReviewRule{Kinds: []workflow.Kind{workflow.KindAccess}, Stages: []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}}})
		}, []string{"policy reviews"},
		"From then on for access requests: 1 owner must agree.", workflow.SeverityWarning, "changes who reviews",
	},
	"an entry of reviews less": {
		func(p *workflow.Policy) { p.Reviews = p.Reviews[1:] }, []string{"policy reviews"},
		"No longer has an entry of its own for every request in prod, to which 1 owner and 2 people of security had to agree.", workflow.SeverityDanger, "drops a review",
	},
	"another fallback": {
		func(p *workflow.Policy) { p.Fallback = workflow.RoleSecurity }, []string{"policy fallback"},
		"What too few people could decide falls to security instead of admin.", workflow.SeverityWarning, "changes who reviews",
	},
	"a cluster more": {
		func(p *workflow.Policy) {
			p.Clusters["seu-1"] = workflow.Cluster{Server: "https://seu-1.example.com", NetworkEngine: workflow.EngineAzure, Mode: workflow.ModeObserve}
		}, []string{"policy clusters.seu-1"},
		"Adds the cluster seu-1: https://seu-1.example.com, network engine azure, mode observe.", workflow.SeverityWarning, "does not enforce",
	},
	"a cluster that only warns": {
		cluster("weu-1", func(c *workflow.Cluster) { c.Mode = workflow.ModeWarn }), []string{"policy clusters.weu-1"},
		"The cluster weu-1 goes from mode enforce to warn: nothing is refused there, only warned about from then on.", workflow.SeverityDanger, "stops enforcing",
	},
	"a cluster that enforces": {
		cluster("neu-1", func(c *workflow.Cluster) { c.Mode = workflow.ModeEnforce }), []string{"policy clusters.neu-1"},
		"The cluster neu-1 goes from mode warn to enforce: what breaks a rule there is refused from then on.", workflow.SeverityWarning, "another mode",
	},
	"another server": {
		cluster("neu-1", func(c *workflow.Cluster) { c.Server = "https://elsewhere.example.com" }), []string{"policy clusters.neu-1"},
		"The cluster neu-1 is another API server from then on, https://elsewhere.example.com instead of https://neu-1.example.com", workflow.SeverityDanger, "another server",
	},
	"another network engine": {
		cluster("neu-1", func(c *workflow.Cluster) { c.NetworkEngine = workflow.EngineAzure }), []string{"policy clusters.neu-1"},
		"The cluster neu-1 enforces its NetworkPolicies by azure instead of calico.", workflow.SeverityWarning, "another network engine",
	},
	"an environment more": {
		func(p *workflow.Policy) {
			p.Environments["test"] = workflow.Environment{PodSecurity: workflow.LevelBaseline}
		}, []string{"policy environments.test"},
		"Adds the environment test, at pod security level baseline or above.", "", "",
	},
	"a lower level in production": {
		func(p *workflow.Policy) {
			p.Environments["prod"] = workflow.Environment{PodSecurity: workflow.LevelBaseline}
		}, []string{"policy environments.prod"},
		"Namespaces of prod can be asked for at pod security level baseline, instead of restricted only.", workflow.SeverityDanger, "lowers a level",
	},
	"a higher level": {
		func(p *workflow.Policy) {
			p.Environments["dev"] = workflow.Environment{PodSecurity: workflow.LevelRestricted}
		}, []string{"policy environments.dev"},
		"Namespaces of dev can be asked for at pod security level restricted only, instead of baseline or above.", "", "",
	},
	"a rule switched off": {
		func(p *workflow.Policy) { p.Rules["trusted-registry"] = rule(workflow.RuleOff, "") }, []string{"policy rules.trusted-registry"},
		"The rule trusted-registry goes from deny to off everywhere.", workflow.SeverityDanger, "loosens a rule",
	},
	"a rule that only warns in development": {
		func(p *workflow.Policy) {
			p.Environments["dev"] = workflow.Environment{PodSecurity: workflow.LevelBaseline, Rules: map[string]workflow.RuleSetting{"pod-security": rule(workflow.RuleWarn, "")}}
		}, []string{"policy environments.dev"},
		"The rule pod-security goes from deny to warn in dev.", workflow.SeverityWarning, "loosens a rule",
	},
	"a rule that only warns on a cluster": {
		cluster("weu-1", func(c *workflow.Cluster) {
			c.Rules = map[string]workflow.RuleSetting{"pod-security": rule(workflow.RuleWarn, "")}
		}), []string{"policy clusters.weu-1"},
		"The rule pod-security goes from deny to warn on weu-1.", workflow.SeverityDanger, "loosens a rule",
	},
	"a rule that holds": {
		func(p *workflow.Policy) {
			p.Rules["required-label"] = rule(workflow.RuleDeny, `{"kinds":["Deployment"],"labels":[{"key":"team"}]}`)
		}, []string{"policy rules.required-label"},
		"The rule required-label goes from off to deny everywhere.", workflow.SeverityInfo, "tightens a rule",
	},
	"another trusted registry": {
		func(p *workflow.Policy) {
			p.Rules["trusted-registry"] = rule(workflow.RuleDeny, `{"images":["contoso.azurecr.io/*","docker.io/*"]}`)
		}, []string{"policy rules.trusted-registry"},
		"The rule trusted-registry lets more images through everywhere: images adds docker.io/*.", workflow.SeverityDanger, "trusts more registries",
	},
	"a narrower trusted registry": {
		func(p *workflow.Policy) {
			p.Rules["trusted-registry"] = rule(workflow.RuleDeny, `{"images":["contoso.azurecr.io/*"]}`)
			p.Environments["prod"] = workflow.Environment{PodSecurity: workflow.LevelRestricted, Rules: map[string]workflow.RuleSetting{"trusted-registry": rule("", `{"images":["contoso.azurecr.io/prod/*"]}`)}}
		}, []string{"policy environments.prod"},
		"The rule trusted-registry lets more images through in prod: images adds contoso.azurecr.io/prod/*, drops contoso.azurecr.io/*.", workflow.SeverityDanger, "trusts more registries",
	},
	"a platform flow more": {
		newFlow, []string{"policy platformFlows.monitoring"},
		"Opens every tenant namespace for the platform's flow monitoring: ingress from monitoring on TCP 9090.", workflow.SeverityWarning, "opens every namespace",
	},
	"a platform flow to everywhere": {
		func(p *workflow.Policy) {
			p.PlatformFlows = append(p.PlatformFlows, workflow.PlatformFlow{Name: "out", Direction: workflow.Egress, To: &workflow.FlowPeer{CIDR: "0.0.0.0/0"}})
		}, []string{"policy platformFlows.out"},
		"Opens every tenant namespace for the platform's flow out: egress to 0.0.0.0/0.", workflow.SeverityDanger, "opens every namespace",
	},
	"a platform flow less": {
		func(p *workflow.Policy) { p.PlatformFlows = nil }, []string{"policy platformFlows.ingress"},
		"Closes the platform's flow ingress in every tenant namespace: ingress from ingress-nginx.", workflow.SeverityWarning, "closes a flow",
	},
	"another platform flow": {
		func(p *workflow.Policy) {
			p.PlatformFlows[0].From = &workflow.FlowPeer{NamespaceSelector: &workflow.Selector{MatchLabels: map[string]string{"ingress": "yes"}}}
		}, []string{"policy platformFlows.ingress"},
		`Opens every tenant namespace for the platform's flow ingress as ingress from namespaces that match {"matchLabels":{"ingress":"yes"}}, instead of ingress from ingress-nginx.`, workflow.SeverityWarning, "changes a flow",
	},
	"a platform namespace more": {
		func(p *workflow.Policy) {
			p.PlatformNamespaces = append(p.PlatformNamespaces, "cert-manager", "backup")
		}, []string{"policy platformNamespaces"},
		"Leaves backup and cert-manager to the platform: no rule of Tenure's holds there", workflow.SeverityWarning, "platform namespaces",
	},
	"a platform namespace less": {
		func(p *workflow.Policy) { p.PlatformNamespaces = p.PlatformNamespaces[:2] }, []string{"policy platformNamespaces"},
		"No longer leaves payments-platform to the platform", workflow.SeverityWarning, "platform namespaces",
	},
	"a longer duration": {
		func(p *workflow.Policy) { p.Requests.Network.MaxDuration = workflow.Duration(180 * 24 * time.Hour) }, []string{"policy requests.network"},
		"Network exceptions may last up to 180 days instead of 90 days.", workflow.SeverityWarning, "lasts longer",
	},
	"a shorter duration": {
		func(p *workflow.Policy) { p.Requests.Exemption.MaxDuration = workflow.Duration(7 * 24 * time.Hour) }, []string{"policy requests.exemption"},
		"Exemptions may last up to 7 days only, instead of 30 days.", "", "",
	},
	"less standing access": {
		func(p *workflow.Policy) { p.Requests.Access.Standing = []workflow.AccessRole{workflow.AccessView} }, []string{"policy requests.access"},
		"Access as admin or edit can be asked for with an end only.", "", "",
	},
	"a refused range": {
		func(p *workflow.Policy) {
			p.Requests.Network.Refused = []workflow.AddressName{{CIDR: "10.240.0.0/16", Name: "the nodes"}}
		}, []string{"policy requests.network"},
		"Refuses network exceptions to 10.240.0.0/16 (the nodes).", "", "",
	},
	"every address": {
		func(p *workflow.Policy) { p.Requests.Network.Wide = []string{"0.0.0.0/0"} }, []string{"policy requests.network"},
		"Lets 0.0.0.0/0 be asked for in network exceptions.", workflow.SeverityDanger, "whole address space",
	},
	"a size more": {
		func(p *workflow.Policy) {
			p.Sizes["tiny"] = workflow.Size{CPU: amount("1"), Memory: amount("1Gi"), Storage: amount("1Gi"), Pods: 5}
		}, []string{"policy sizes.tiny"},
		"Adds the size tiny: 1 CPU, 1Gi memory, 1Gi storage, 5 pods.", "", "",
	},
	"a size less": {
		func(p *workflow.Policy) { delete(p.Sizes, "large") }, []string{"policy sizes.large"},
		"Drops the size large. Namespaces that were given it keep their amounts.", "", "",
	},
	"a larger size": {
		larger, []string{"policy sizes.small"}, "The size small gives other amounts: CPU from 2 to 4.", "", "",
	},
	"what containers get": {
		func(p *workflow.Policy) { p.ContainerDefaults.Limits.Memory = amount("1Gi") }, []string{"policy containerDefaults"},
		"Containers that ask for nothing get limits of 1Gi memory instead of 512Mi, from their next start on.", workflow.SeverityInfo, "container defaults",
	},
	"a registry": {
		func(p *workflow.Policy) {
			p.Registries = map[string]workflow.Registry{"docker-official": {Images: []string{"docker.io/library/*"}, Means: "Docker's own."}}
		}, []string{"policy registries.docker-official"},
		"Adds the registry docker-official to the catalogue: images docker.io/library/*.", "", "",
	},
	"classes of data": {
		func(p *workflow.Policy) {
			p.Classifications = []workflow.Classification{{Name: "public"}, {Name: "internal"}}
		}, []string{"policy classifications"},
		"New namespaces must say how confidential their data are: public, internal.", "", "",
	},
	"a reserved name": {
		func(p *workflow.Policy) { p.ReservedNames = append(p.ReservedNames, "aks-*") }, []string{"policy reservedNames"},
		"Reserves the names aks-*: no tenant can ask for them.", "", "",
	},
	"reserved hosts": {
		func(p *workflow.Policy) { p.ReservedHosts = []string{"www.example.com"} }, []string{"policy reservedHosts"},
		"Reserves the hosts www.example.com: no tenant can ask for them.", "", "",
	},
	"another GitOps identity": {
		func(p *workflow.Policy) { p.GitOpsIdentity = "system:serviceaccount:argocd:other" }, []string{"policy gitopsIdentity"},
		`Governed objects are written by "system:serviceaccount:argocd:other" from then on`, workflow.SeverityDanger, "another GitOps identity",
	},
	"another GitOps repository": {
		func(p *workflow.Policy) { p.ArgoCD.Repository = "https://git.example.com/platform/other" }, []string{"policy argocd"},
		"Argo CD in namespace argocd follows main of https://git.example.com/platform/other from then on", workflow.SeverityDanger, "another Argo CD",
	},
	"no Argo CD": {
		func(p *workflow.Policy) { p.ArgoCD = nil }, []string{"policy argocd"},
		"Renders nothing for Argo CD any more", workflow.SeverityDanger, "no Argo CD",
	},
	"another portal": {
		func(p *workflow.Policy) { p.Portal = "https://portal.example.com" }, []string{"policy portal"},
		"Denials send people to https://portal.example.com instead of https://tenure.example.com.", workflow.SeverityWarning, "another portal",
	},
}

func cluster(name string, change func(*workflow.Cluster)) func(*workflow.Policy) {
	return func(p *workflow.Policy) {
		c := p.Clusters[name]
		change(&c)
		p.Clusters[name] = c
	}
}

func TestEachChangeOfThePolicyIsToldInWords(t *testing.T) {
	for name, test := range policyChanges {
		t.Run(name, func(t *testing.T) {
			plan := planOf(t, test.change)
			same(t, "the edits", test.edits, entryNames(plan.Edits))
			if !slices.ContainsFunc(plan.Summary, func(line string) bool { return strings.HasPrefix(line, test.says) }) {
				t.Errorf("it says %q", plan.Summary)
			}
			if len(plan.Summary) > 2+len(plan.Edits) {
				t.Errorf("of one change it says %q", plan.Summary)
			}
			found := slices.ContainsFunc(plan.Findings, func(f workflow.Finding) bool { return f.Label == test.label && f.Severity == test.severity })
			if test.label != "" && !found || test.label == "" && len(plan.Findings) > 0 {
				t.Errorf("it finds %+v", plan.Findings)
			}
		})
	}
}

// Whatever a policy will hold one day, the plan of another one names it.
func TestEveryFieldOfThePolicyIsToldWhenItChanges(t *testing.T) {
	fields := map[string]bool{}
	for _, test := range policyChanges {
		for _, edit := range test.edits {
			section, _, _ := strings.Cut(strings.TrimPrefix(edit, "policy "), ".")
			fields[section] = true
		}
	}
	kind := reflect.TypeFor[workflow.Policy]()
	for i := range kind.NumField() {
		name, _, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
		if !fields[name] {
			t.Errorf("no test changes %s of the policy", name)
		}
	}
}

func TestARangeThatIsNoLongerRefusedIsFound(t *testing.T) {
	before := policy()
	before.Requests.Network.Refused = []workflow.AddressName{{CIDR: "10.240.0.0/16", Name: "the nodes"}}
	before.Requests.Access.Standing = []workflow.AccessRole{workflow.AccessView}
	state := ruled(t)
	state.Policy, state.PolicyDocument = before, written(t, before)
	plan := planned(t, policyPlanner(), state, ruling(otherwise(t, func(*workflow.Policy) {})))
	for _, want := range []string{"No longer refuses network exceptions to 10.240.0.0/16 (the nodes).", "Access as admin or edit can be asked for without an end."} {
		if !slices.ContainsFunc(plan.Findings, func(f workflow.Finding) bool { return f.Message == want }) {
			t.Errorf("%q is not among %+v", want, plan.Findings)
		}
	}
}

func TestWhatWouldNotBeGivenAgainStaysAndIsFound(t *testing.T) {
	state := ruled(t)
	tenancy := state.Tenancies["payments"]
	for i := range tenancy.Namespaces {
		tenancy.Namespaces[i].PodSecurity = workflow.LevelBaseline
	}
	tenancy.Namespaces[1].PodSecurity = workflow.LevelRestricted
	plan := planned(t, policyPlanner(), state, ruling(otherwise(t, func(p *workflow.Policy) {
		p.Environments["dev"] = workflow.Environment{PodSecurity: workflow.LevelRestricted}
		p.ReservedNames = append(p.ReservedNames, "logistics-d*")
	})))
	for _, want := range []string{
		`What was approved stays, and would not be given again: payments-api on weu-1: "baseline" is below what dev asks for, restricted.`,
		`What was approved stays, and would not be given again: logistics-db on neu-1: "logistics-db" is reserved for the platform (logistics-d*).`,
	} {
		if !slices.ContainsFunc(plan.Findings, func(f workflow.Finding) bool { return f.Message == want && f.Severity == workflow.SeverityWarning }) {
			t.Errorf("%q is not among %+v", want, plan.Findings)
		}
	}
}
