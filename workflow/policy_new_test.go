package workflow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tenure.dev/k8s/admission"
	"tenure.dev/workflow"
)

// entry is an entry of reviews for policies, ahead of the others.
func entry(stages ...workflow.Stage) func(*workflow.Policy) {
	return func(p *workflow.Policy) {
		p.Reviews = slices.Insert(p.Reviews, 0, workflow.ReviewRule{Kinds: []workflow.Kind{workflow.KindPolicy}, Stages: stages})
	}
}

func adminsOf(n int) workflow.Stage   { return workflow.Stage{Role: workflow.RoleAdmin, Needed: n} }
func securityOf(n int) workflow.Stage { return workflow.Stage{Role: workflow.RoleSecurity, Needed: n} }

// ownersOnly has no entry that asks for security, and nobody registered for it.
func ownersOnly(p *workflow.Policy) {
	p.Reviews = []workflow.ReviewRule{{Stages: []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}}}}
	delete(p.Reviewers, workflow.RoleSecurity)
}

func TestANewPolicyCanBeReplacedAgainWithWhoeverDecidesRegistered(t *testing.T) {
	all := func(changes ...func(*workflow.Policy)) func(*workflow.Policy) {
		return func(p *workflow.Policy) {
			for _, change := range changes {
				change(p)
			}
		}
	}
	register := func(role workflow.Role, people ...workflow.Actor) func(*workflow.Policy) {
		return func(p *workflow.Policy) { p.Reviewers[role] = registered(people...) }
	}
	fallback := func(p *workflow.Policy) { p.Fallback = workflow.RoleSecurity }
	for name, test := range map[string]struct {
		change      func(*workflow.Policy)
		field, says string
	}{
		"as it is": {func(*workflow.Policy) {}, "", ""},

		"nobody of security, who decide policies by default": {ownersOnly, "spec.reviewers.security", "since security decides of another policy where no entry of reviews is about requests of kind policy"},
		"nobody of security, who are not asked":              {all(ownersOnly, entry(adminsOf(1))), "", ""},
		"nobody of security, who are the fallback":           {all(ownersOnly, entry(adminsOf(1)), fallback), "spec.reviewers.security", "since the fallback is security"},
		"somebody of security as the fallback":               {all(ownersOnly, entry(adminsOf(1)), fallback, register(workflow.RoleSecurity, sam)), "", ""},

		"more admins than there are":                       {entry(adminsOf(50)), "spec.reviews", "that would take 50 admins, who each agree once, and 1 of admin and 2 of security are registered, 1 different people in all"},
		"as many admins as there are":                      {entry(adminsOf(1)), "", ""},
		"as many of security as there are":                 {entry(adminsOf(1), securityOf(2)), "", ""},
		"more of security than there are":                  {entry(adminsOf(1), securityOf(3)), "spec.reviews", "that would take 4 admins, who each agree once"},
		"more of security, with admins to stand in":        {all(entry(adminsOf(1), securityOf(3)), register(workflow.RoleAdmin, ada, bea, amir, una)), "", ""},
		"more admins than there are, and many of security": {all(entry(adminsOf(2), securityOf(1)), register(workflow.RoleSecurity, sam, sofia, una)), "spec.reviews", "2 admins and 1 person of security, who each agree once, and 1 of admin and 3 of security are registered, 4 different people in all"},
		"one person for two stages":                        {all(register(workflow.RoleAdmin, ada), register(workflow.RoleSecurity, ada)), "spec.reviews", "1 admin and 1 person of security, who each agree once, and 1 of admin and 1 of security are registered, 1 different people in all"},
		"two people for two stages, one of them in both":   {all(register(workflow.RoleAdmin, ada), register(workflow.RoleSecurity, ada, sam)), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := policy()
			test.change(&p)
			saidOf(t, p.Check(), "", "") // it stays readable where it was approved once
			saidOf(t, p.CheckNew(), test.field, test.says)
		})
	}
}

func TestANewPolicyIsBounded(t *testing.T) {
	for name, test := range map[string]struct {
		most        int
		fill        func(p *workflow.Policy, n int) // to have n of them
		field, says string
	}{
		"clusters": {100, func(p *workflow.Policy, n int) {
			for i := len(p.Clusters); i < n; i++ {
				p.Clusters[fmt.Sprintf("c%d", i)] = workflow.Cluster{Server: fmt.Sprintf("https://c%d.example.com", i), NetworkEngine: workflow.EngineAzure, Mode: workflow.ModeWarn}
			}
		}, "spec.clusters", "101 clusters are named; at most 100 can be"},
		"environments": {50, func(p *workflow.Policy, n int) {
			for i := len(p.Environments); i < n; i++ {
				p.Environments[fmt.Sprintf("e%d", i)] = workflow.Environment{PodSecurity: workflow.LevelBaseline}
			}
		}, "spec.environments", "51 environments are named; at most 50 can be"},
		"platform flows": {100, func(p *workflow.Policy, n int) {
			for i := len(p.PlatformFlows); i < n; i++ {
				p.PlatformFlows = append(p.PlatformFlows, workflow.PlatformFlow{Name: fmt.Sprintf("f%d", i), Direction: workflow.Ingress, From: &workflow.FlowPeer{Namespace: "x"}})
			}
		}, "spec.platformFlows", "101 flows are named; at most 100 can be"},
		"ports of a flow": {100, func(p *workflow.Policy, n int) {
			for i := range n {
				p.PlatformFlows[0].Ports = append(p.PlatformFlows[0].Ports, workflow.FlowPort{Protocol: "TCP", Port: int32(i + 1)})
			}
		}, "spec.platformFlows[0].ports", "101 ports are named; at most 100 can be"},
		"classes": {200, func(p *workflow.Policy, n int) {
			for i := range n {
				p.Classifications = append(p.Classifications, workflow.Classification{Name: fmt.Sprintf("c%d", i)})
			}
		}, "spec.classifications", "201 classes are named; at most 200 can be"},
		"registries": {200, func(p *workflow.Policy, n int) {
			p.Registries = map[string]workflow.Registry{}
			for i := range n {
				p.Registries[fmt.Sprintf("r%d", i)] = workflow.Registry{Images: []string{"docker.io/library/*"}}
			}
		}, "spec.registries", "201 registries are named; at most 200 can be"},
	} {
		t.Run(name, func(t *testing.T) {
			p := policy()
			test.fill(&p, test.most)
			saidOf(t, append(p.Check(), p.CheckNew()...), "", "")
			p = policy()
			test.fill(&p, test.most+1)
			saidOf(t, p.Check(), "", "")
			saidOf(t, p.CheckNew(), test.field, test.says)
		})
	}
}

func TestARuleIsSetInFewEnoughCombinationsToBeCompiled(t *testing.T) {
	p := policy()
	set := func(clusters int) {
		for i := range 25 {
			p.Environments[fmt.Sprintf("e%d", i)] = workflow.Environment{PodSecurity: workflow.LevelBaseline, Rules: map[string]workflow.RuleSetting{"trusted-registry": rule("", fmt.Sprintf(`{"images":["e%d.example.com/*"]}`, i))}}
		}
		for i := range clusters {
			p.Clusters[fmt.Sprintf("c%d", i)] = workflow.Cluster{Rules: map[string]workflow.RuleSetting{"trusted-registry": rule("", fmt.Sprintf(`{"images":["c%d.example.com/*"]}`, i))}}
		}
	}
	set(8)
	saidOf(t, p.CheckNew(), "", "")
	set(9)
	saidOf(t, p.CheckNew(), "spec.rules.trusted-registry", "environments set it in 25 ways and clusters in 9, which makes 225 combinations; at most 200 can be")
}

// An entry from before entries for the platform's kinds were checked stays readable,
// and decides nothing of the platform's.
func TestAnEntryOfBeforeThatLeavesOutThePlatformIsReadAndDecidesNothing(t *testing.T) {
	owner := workflow.Stage{Role: workflow.RoleOwner, Needed: 1}
	for name, stages := range map[string][]workflow.Stage{"owners alone": {owner}, "owners and admins": {owner, adminsOf(2)}, "security alone": {securityOf(1)}} {
		t.Run(name, func(t *testing.T) {
			state := grown()
			state.Policy.Reviews = slices.Insert(state.Policy.Reviews, 0, workflow.ReviewRule{Kinds: []workflow.Kind{workflow.KindTenant, workflow.KindPolicy}, Stages: stages})
			saidOf(t, state.Policy.Check(), "", "")
			same(t, "who decides a tenant", []workflow.Stage{adminsOf(1)}, planned(t, planner(), state, forTenant("shop", newTeam(nil))).Stages)

			state = ruled(t)
			state.Policy.Reviews = slices.Insert(state.Policy.Reviews, 0, workflow.ReviewRule{Kinds: []workflow.Kind{workflow.KindPolicy}, Stages: stages})
			state.PolicyDocument = written(t, state.Policy)
			same(t, "who decides a policy", []workflow.Stage{adminsOf(1), securityOf(1)}, planned(t, policyPlanner(), state, ruling(otherwise(t, newFlow))).Stages)
		})
	}
}

func TestWhatOfTheTextOfAPolicyNobodySeesIsRefusedWithItsLine(t *testing.T) {
	document := string(written(t, policy()))
	at := strings.Index(document, "  fallback: admin\n")
	line := 1 + strings.Count(document[:at], "\n")
	with := func(text string) string { return document[:at] + text + document[at:] }
	for name, test := range map[string]struct {
		document string
		line     int
		says     string
	}{
		"a plain comment":                         {with("  # whö decides\t…\n"), 0, ""},
		"a comment that ends for YAML alone":      {with("  # who decides\u2028  reviewerz: {}\n"), line, "U+2028"},
		"a paragraph's end":                       {with("  # who decides\u2029  reviewerz: {}\n"), line, "U+2029"},
		"a next line":                             {with("  # who decides\u0085  reviewerz: {}\n"), line, "U+0085"},
		"a comment that turns its direction":      {with("  # who\n  # \u202enimda\u202c\n"), line + 1, "U+202E"},
		"a name with what takes no room":          {strings.Replace(document, "Sam Security", "Sam\u200b Security", 1), 1 + strings.Count(document[:strings.Index(document, "Sam Security")], "\n"), "U+200B"},
		"a name that is written with an escape":   {strings.Replace(document, "Sam Security", `"Sam\u202e Security"`, 1), 1 + strings.Count(document[:strings.Index(document, "Sam Security")], "\n"), "U+202E"},
		"a control character":                     {with("  # \x1b[2K\n"), line, "U+001B"},
		"lines that end as on Windows, in a form": {strings.ReplaceAll(document, "\n", "\r\n"), 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := admission.PolicyReader{}.ReadPolicy([]byte(test.document))
			if test.says == "" {
				same(t, "the problems", []workflow.PolicyProblem(nil), problems)
				return
			}
			if len(problems) != 1 || problems[0].Line != test.line || !strings.Contains(problems[0].Message, test.says) {
				t.Errorf("the problems are %+v, want %s of line %d", problems, test.says, test.line)
			}
		})
	}
}

// Whatever entry decides them, that fewer people decide what is the platform's own
// is told as such.
func TestFewerReviewersOfThePlatformsOwnAreTold(t *testing.T) {
	const fewer = "fewer reviewers"
	for name, test := range map[string]struct {
		change func(*workflow.Policy)
		says   string
	}{
		"admins alone decide policies": {entry(adminsOf(1)), "From then on every policy request is decided by 1 admin instead of 1 admin and 1 person of security."},
		"with an entry for other kinds as well": {func(p *workflow.Policy) {
			entry(adminsOf(1))(p)
			p.Reviews[0].Kinds = append(p.Reviews[0].Kinds, workflow.KindQuota)
		}, "From then on every policy request is decided by 1 admin instead of 1 admin and 1 person of security."},
		"more people decide policies": {entry(adminsOf(1), securityOf(2)), ""},
	} {
		t.Run(name, func(t *testing.T) {
			plan := planOf(t, test.change)
			found := slices.ContainsFunc(plan.Findings, func(f workflow.Finding) bool {
				return f.Label == fewer && f.Severity == workflow.SeverityDanger && f.Message == test.says
			})
			if found != (test.says != "") || test.says == "" && slices.ContainsFunc(plan.Findings, func(f workflow.Finding) bool { return f.Label == fewer }) {
				t.Errorf("it finds %+v", plan.Findings)
			}
			if test.says != "" && !slices.Contains(plan.Summary, test.says) {
				t.Errorf("it says %q", plan.Summary)
			}
		})
	}
}

func TestTheEndOfARegisterIsTold(t *testing.T) {
	plan := planOf(t, func(p *workflow.Policy) {
		ownersOnly(p)
		entry(adminsOf(1))(p)
	})
	const says = "Does away with the register of security reviewers: the votes of all who hold the role security in the directory count from then on, and nobody can prove later who they were."
	if !slices.ContainsFunc(plan.Findings, func(f workflow.Finding) bool {
		return f.Message == says && f.Severity == workflow.SeverityDanger
	}) {
		t.Errorf("it finds %+v", plan.Findings)
	}
	if slices.ContainsFunc(plan.Summary, func(line string) bool { return strings.Contains(line, "their votes no longer count") }) {
		t.Errorf("it says %q", plan.Summary)
	}
}
