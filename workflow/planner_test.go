package workflow_test

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// another is the real renderer, made to differ.
type another struct {
	manifest.Renderer
	version string // of the renderer, where it is not the real one's
	replace string // a text in the manifests that comes out otherwise
}

func (a another) Version() string {
	if a.version != "" {
		return a.version
	}
	return a.Renderer.Version()
}

func (a another) Render(policy workflow.Policy, tenancy workflow.Tenancy) ([]workflow.File, error) {
	files, err := a.Renderer.Render(policy, tenancy)
	for i := range files {
		if a.replace != "" && !strings.HasPrefix(files[i].Path, "approved/") {
			files[i].Content = bytes.ReplaceAll(files[i].Content, []byte(a.replace), []byte("another"))
		}
	}
	return files, err
}

// brokenRenderer cannot render.
type brokenRenderer struct{ manifest.Renderer }

func (brokenRenderer) Render(workflow.Policy, workflow.Tenancy) ([]workflow.File, error) {
	return nil, errors.New("no such image")
}

// setting is all that a plan is made of.
type setting struct {
	state    *workflow.ApprovedState
	planner  workflow.Planner
	proposal workflow.Proposal
}

func newSetting() *setting {
	return &setting{state: approvedNow(), planner: planner(), proposal: proposal(wanted())}
}

func (s *setting) tenancy(slug string, change func(*workflow.Tenancy)) {
	tenancy := s.state.Tenancies[slug]
	change(&tenancy)
	s.state.Tenancies[slug] = tenancy
}

func (s *setting) plan(t *testing.T) workflow.Plan {
	t.Helper()
	return planned(t, s.planner, s.state, s.proposal)
}

func TestTheDigestChangesWithEverythingThatAVoteCovers(t *testing.T) {
	digests := map[workflow.Digest]string{newSetting().plan(t).Digest: "the plan itself"}
	for name, change := range map[string]func(*setting){
		"another name":    func(s *setting) { s.proposal.Change = named("payments-web-dev") },
		"another cluster": func(s *setting) { s.proposal.Change = with(func(c *workflow.NamespaceChange) { c.Cluster = "neu-1" }) },
		"another environment": func(s *setting) {
			s.proposal.Change = with(func(c *workflow.NamespaceChange) { c.Environment = "prod" })
		},
		"another size": func(s *setting) { s.proposal.Change = with(func(c *workflow.NamespaceChange) { c.Size = "large" }) },
		"another level": func(s *setting) {
			s.proposal.Change = with(func(c *workflow.NamespaceChange) { c.PodSecurity = workflow.LevelBaseline })
		},
		"another purpose": func(s *setting) {
			s.proposal.Change = with(func(c *workflow.NamespaceChange) { c.Purpose = "Something else." })
		},
		"another request":       func(s *setting) { s.proposal.Request = 8 },
		"another planning time": func(s *setting) { s.proposal.At = noon.Add(time.Nanosecond) },
		"what the size gives now": func(s *setting) {
			s.state.Policy.Sizes["small"] = workflow.Size{CPU: amount("3"), Memory: amount("8Gi"), Storage: amount("20Gi"), Pods: 20}
		},
		"other members": func(s *setting) { s.tenancy("payments", func(t *workflow.Tenancy) { t.Members.Group = group(9) }) },
		"another platform flow": func(s *setting) {
			s.state.Policy.PlatformFlows = append(s.state.Policy.PlatformFlows, workflow.PlatformFlow{Name: "monitoring", Direction: workflow.Ingress, From: &workflow.FlowPeer{Namespace: "monitoring"}})
		},
		"applications of its own": func(s *setting) {
			s.tenancy("payments", func(t *workflow.Tenancy) { t.Repositories = []string{"https://git.example.com/payments"} })
		},
		"other manifests":                func(s *setting) { s.planner.Renderer = another{replace: "payments-api-dev"} },
		"another version of rendering":   func(s *setting) { s.planner.Renderer = another{version: "next"} },
		"other stages":                   func(s *setting) { s.state.Policy.Reviews[1].Stages[1].Needed = 2 },
		"a stage less":                   func(s *setting) { s.state.Policy.Reviews[1].Stages = s.state.Policy.Reviews[1].Stages[:1] },
		"stages in another order":        func(s *setting) { slices.Reverse(s.state.Policy.Reviews[1].Stages) },
		"the fallback instead of owners": func(s *setting) { s.planner.Directory = directory{} },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSetting()
			change(s)
			digest := s.plan(t).Digest
			if other, taken := digests[digest]; taken {
				t.Errorf("the digest is that of %s", other)
			}
			digests[digest] = name
		})
	}
}

func TestTheDigestDoesNotChangeWithWhatIsNoneOfTheVotes(t *testing.T) {
	before := newSetting().plan(t)
	for name, change := range map[string]func(*setting){
		"the same again": func(*setting) {},
		"another tenant is given a namespace": func(s *setting) {
			s.tenancy("logistics", func(t *workflow.Tenancy) { t.Namespaces = []workflow.Namespace{held("logistics-api", 3)} })
		},
		"another tenant is gone": func(s *setting) { delete(s.state.Tenancies, "logistics") },
		"the tenant has been given another namespace": func(s *setting) {
			s.tenancy("payments", func(t *workflow.Tenancy) { t.Namespaces = []workflow.Namespace{held("payments-web", 3)} })
		},
		"the tenant's other namespace changed": func(s *setting) {
			s.tenancy("payments", func(t *workflow.Tenancy) {
				other := held("payments-web", 3)
				other.Quota.CPU = amount("5")
				t.Namespaces = []workflow.Namespace{other}
			})
		},
		"the findings differ, since the ceiling does": func(s *setting) {
			s.tenancy("payments", func(t *workflow.Tenancy) { t.Ceiling.CPU = amount("2") })
		},
		"the summary differs, since the tenant is called otherwise": func(s *setting) {
			s.tenancy("payments", func(t *workflow.Tenancy) { t.DisplayName = "Payments and Billing" })
		},
		"the tenant has a place more":       func(s *setting) { s.tenancy("payments", func(t *workflow.Tenancy) { t.Clusters = []string{"weu-1"} }) },
		"Argo CD is elsewhere":              func(s *setting) { s.state.Policy.ArgoCD.Namespace = "kube-system" },
		"the base moved":                    func(s *setting) { s.state.Commit = "beef" },
		"somebody else asks":                func(s *setting) { s.proposal.RequestedBy = oscar.ID },
		"the register has another person":   func(s *setting) { s.state.Policy.Reviewers[workflow.RoleSecurity] = registered(sam, sofia, una) },
		"rules that the webhook holds":      func(s *setting) { s.state.Policy.Rules = nil },
		"a size that was not asked for":     func(s *setting) { delete(s.state.Policy.Sizes, "large") },
		"a rule of review that fits others": func(s *setting) { s.state.Policy.Reviews[0].Stages[1].Needed = 1 },
		"a planning time in another zone":   func(s *setting) { s.proposal.At = noon.In(time.FixedZone("CET", 3600)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSetting()
			change(s)
			if plan := s.plan(t); plan.Digest != before.Digest {
				t.Errorf("the digest changed; the edits are %+v", plan.Edits)
			}
		})
	}
}

func TestAPlanSaysWhatWillBe(t *testing.T) {
	s := newSetting()
	s.tenancy("payments", func(t *workflow.Tenancy) { t.Namespaces = []workflow.Namespace{held("payments-web", 3)} })
	plan := s.plan(t)
	if plan.Base != "c0ffee" || !plan.PlannedAt.Equal(noon) || plan.Renderer != manifest.RendererVersion {
		t.Errorf("it was made at %s, %s by renderer %s", plan.Base, plan.PlannedAt, plan.Renderer)
	}
	same(t, "the stages", []workflow.Stage{{Role: workflow.RoleOwner, Needed: 1}, {Role: workflow.RoleSecurity, Needed: 1}}, plan.Stages)
	if len(plan.Edits) != 1 || plan.Edits[0].Entry != "namespace weu-1/payments-api-dev" || plan.Edits[0].Before != "" || plan.Edits[0].After == "" {
		t.Errorf("the edits are %+v", plan.Edits)
	}
	for _, file := range plan.Files {
		if file.Path == "approved/payments.yaml" {
			if file.Before == nil || bytes.Contains(file.Before, []byte("api-dev")) || !bytes.Contains(file.After, []byte("api-dev")) {
				t.Errorf("the document is not compared:\n%s\n%s", file.Before, file.After)
			}
			continue
		}
		if !strings.HasPrefix(file.Path, "clusters/weu-1/payments/payments-api-dev/") || file.Before != nil || len(file.After) == 0 {
			t.Errorf("the plan changes %s (%d bytes before, %d after)", file.Path, len(file.Before), len(file.After))
		}
	}
	if len(plan.Files) < 7 {
		t.Errorf("only %d files change", len(plan.Files))
	}
	if text := strings.Join(plan.Summary, " "); !strings.Contains(text, "Creates namespace payments-api-dev on weu-1") || !strings.Contains(text, "2 CPU, 8Gi memory, 20Gi storage and 20 pods") {
		t.Errorf("the summary is %q", text)
	}
}

func TestWhatFollowsForArgoCDIsShownAndNotVotedOn(t *testing.T) {
	own := func(s *setting, namespaces ...workflow.Namespace) workflow.Plan {
		s.tenancy("payments", func(t *workflow.Tenancy) {
			t.Repositories, t.Namespaces = []string{"https://git.example.com/payments"}, namespaces
		})
		return s.plan(t)
	}
	const path = "argocd/payments.yaml"
	first, second := own(newSetting()), own(newSetting(), held("payments-web", 3))
	if first.Digest != second.Digest {
		t.Error("what the tenant was given meanwhile changes the digest")
	}
	for name, plan := range map[string]workflow.Plan{"alone": first, "beside another": second} {
		i := slices.IndexFunc(plan.Files, func(f workflow.FileChange) bool { return f.Path == path })
		if i < 0 || bytes.Contains(plan.Files[i].Before, []byte("payments-api-dev")) || !bytes.Contains(plan.Files[i].After, []byte("namespace: payments-api-dev")) {
			t.Errorf("%s: the tenant's project does not let it into the namespace", name)
		}
		if text := strings.Join(plan.Summary, " "); !strings.Contains(text, "Lets payments's own Argo CD Applications deploy into it") {
			t.Errorf("%s: the summary is %q", name, text)
		}
	}
}

func TestAPlaceIsAnEntryOfItsOwn(t *testing.T) {
	before, after := payments(), payments()
	after.Clusters = []string{"weu-1", "neu-1"} // the same, in another order
	after.Repositories = []string{}             // none, written otherwise
	same(t, "the edits", []workflow.Edit(nil), workflow.Edits(before, after))
	after.Clusters, after.Repositories = []string{"weu-1"}, []string{"https://git.example.com/b", "https://git.example.com/a"}
	same(t, "the edits", []workflow.Edit{
		{Entry: "clusters", Before: `["neu-1","weu-1"]`, After: `["weu-1"]`},
		{Entry: "repositories", Before: "null", After: `["https://git.example.com/a","https://git.example.com/b"]`},
	}, workflow.Edits(before, after))
}

func TestFindingsPointAtWhatAReviewerShouldNotOverlook(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*setting)
		want   map[string]workflow.Severity // a part of each finding, and how much it should worry
	}{
		"nothing unusual": {func(*setting) {}, map[string]workflow.Severity{"Nothing unusual": workflow.SeverityInfo}},
		"production": {func(s *setting) {
			s.proposal.Change = with(func(c *workflow.NamespaceChange) { c.Environment = "prod" })
		},
			map[string]workflow.Severity{"is a production namespace": workflow.SeverityWarning}},
		"baseline": {func(s *setting) {
			s.proposal.Change = with(func(c *workflow.NamespaceChange) { c.PodSecurity = workflow.LevelBaseline })
		},
			map[string]workflow.Severity{"asks for the level baseline": workflow.SeverityWarning}},
		"most of the ceiling": {func(s *setting) { s.proposal.Change = with(func(c *workflow.NamespaceChange) { c.Size = "large" }) },
			map[string]workflow.Severity{"66% of its ceiling in CPU: 8 of 12": workflow.SeverityWarning, "66% of its ceiling in memory": workflow.SeverityWarning, "66% of its ceiling in storage": workflow.SeverityWarning}},
		"nobody can decide": {func(s *setting) {
			s.planner.Directory = directory{}
			s.state.Policy.Reviewers[workflow.RoleAdmin] = registered(dana)
		}, map[string]workflow.Severity{"Too few people can decide this: 1 needed as admin": workflow.SeverityDanger, "Nothing unusual": workflow.SeverityInfo}},
		"too few reviewers are registered": {func(s *setting) {
			s.state.Policy.Reviews[1].Stages = []workflow.Stage{{Role: workflow.RoleAdmin, Needed: 2}}
		}, map[string]workflow.Severity{"Too few people can decide this: 2 needed as admin": workflow.SeverityDanger, "Nothing unusual": workflow.SeverityInfo}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSetting()
			test.change(s)
			found := s.plan(t).Findings
			for part, severity := range test.want {
				if !slices.ContainsFunc(found, func(f workflow.Finding) bool { return f.Severity == severity && strings.Contains(f.Message, part) }) {
					t.Errorf("no %s says %q; the findings are %v", severity, part, found)
				}
			}
			if len(found) != len(test.want) {
				t.Errorf("the findings are %v", found)
			}
		})
	}
}

func TestWhatNobodyButTheRequesterCouldDecideGoesToTheFallback(t *testing.T) {
	ownerAdmin := func(s *setting) {
		s.state.Policy.Reviews[1].Stages[1] = workflow.Stage{Role: workflow.RoleAdmin, Needed: 1}
	}
	for name, test := range map[string]struct {
		owners  []workflow.PersonID
		by      workflow.PersonID
		change  func(*setting)
		stages  string
		because string
	}{
		"there is another owner":                                           {[]workflow.PersonID{olivia.ID, oscar.ID}, oscar.ID, nil, "owner=1 security=1", ""},
		"somebody asks who is no owner":                                    {[]workflow.PersonID{olivia.ID}, dana.ID, nil, "owner=1 security=1", ""},
		"the only owner asks":                                              {[]workflow.PersonID{olivia.ID}, olivia.ID, nil, "admin=1(owner) security=1", "so admin decides instead"},
		"there is no owner":                                                {nil, dana.ID, nil, "admin=1(owner) security=1", "so admin decides instead"},
		"the only registered reviewer asks":                                {[]workflow.PersonID{olivia.ID}, sam.ID, func(s *setting) { s.state.Policy.Reviewers[workflow.RoleSecurity] = registered(sam) }, "owner=1 admin=1(security)", "so admin decides instead"},
		"both stages fall to admin":                                        {nil, sam.ID, func(s *setting) { s.state.Policy.Reviewers[workflow.RoleSecurity] = registered(sam) }, "admin=2(owner)", "so admin decides instead"},
		"the fallback has a stage already":                                 {nil, dana.ID, ownerAdmin, "admin=2(owner)", "so admin decides instead"},
		"no reviewer is registered, so that whoever holds the role counts": {[]workflow.PersonID{olivia.ID}, sam.ID, func(s *setting) { delete(s.state.Policy.Reviewers, workflow.RoleSecurity) }, "owner=1 security=1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSetting()
			s.planner.Directory = directory{group(1): test.owners}
			s.proposal.RequestedBy = test.by
			if test.change != nil {
				test.change(s)
			}
			plan := s.plan(t)
			if got := workflow.StagesText(plan.Stages); got != test.stages {
				t.Errorf("the stages are %s, want %s", got, test.stages)
			}
			if told := strings.Contains(plan.Because, "instead"); told != (test.because != "") || !strings.Contains(plan.Because, test.because) {
				t.Errorf("it says %q", plan.Because)
			}
		})
	}
}

func TestWithoutADirectoryNobodyIsTakenToBeMissing(t *testing.T) {
	s := newSetting()
	s.planner.Directory = nobodyKnown{}
	if got := workflow.StagesText(s.plan(t).Stages); got != "owner=1 security=1" {
		t.Errorf("the stages are %s", got)
	}
}

func TestWhatCannotBePlannedIsSaid(t *testing.T) {
	s := newSetting()
	s.proposal.Tenant = "nobody"
	_, err := s.planner.Plan(t.Context(), s.state, s.proposal)
	if found := messages(refused(t, err, workflow.Invalid).Fields); !strings.Contains(found["tenant"], `no tenant "nobody"`) {
		t.Errorf("it says %v", found)
	}

	s = newSetting()
	s.proposal.Change = named("search-api")
	_, err = s.planner.Plan(t.Context(), s.state, s.proposal)
	if fields := slices.Collect(maps.Keys(messages(refused(t, err, workflow.Invalid).Fields))); !slices.Equal(fields, []string{"name"}) {
		t.Errorf("it is about %v", fields)
	}

	s = newSetting()
	s.planner.Directory = directoryAway{}
	_, err = s.planner.Plan(t.Context(), s.state, s.proposal)
	refused(t, err, workflow.Unavailable)

	s = newSetting()
	s.planner.Renderer = brokenRenderer{}
	_, err = s.planner.Plan(t.Context(), s.state, s.proposal)
	if _, isProblem := workflow.AsProblem(err); err == nil || isProblem {
		t.Errorf("a renderer that breaks is %v", err)
	}
}

func TestThePlanReasonsFromTheFirstRuleThatFits(t *testing.T) {
	for name, test := range map[string]struct {
		rules []workflow.ReviewRule
		says  string
	}{
		"a rule of kind and environment": {[]workflow.ReviewRule{{Kinds: []workflow.Kind{workflow.KindNamespace}, Environments: []string{"dev"}}}, "of every namespace request in dev (reviews, entry 1)"},
		"a rule of a kind":               {[]workflow.ReviewRule{{Kinds: []workflow.Kind{"quota"}}, {Kinds: []workflow.Kind{workflow.KindNamespace}}}, "of every namespace request (reviews, entry 2)"},
		"a rule of an environment":       {[]workflow.ReviewRule{{Environments: []string{"prod"}}, {Environments: []string{"dev", "test"}}}, "of every request in dev or test (reviews, entry 2)"},
		"a rule for all":                 {[]workflow.ReviewRule{{Environments: []string{"prod"}}, {}}, "of every request (reviews, entry 2)"},
		"no rule that fits":              {[]workflow.ReviewRule{{Environments: []string{"prod"}}}, "its fallback decides"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSetting()
			for i := range test.rules {
				test.rules[i].Stages = []workflow.Stage{{Role: workflow.RoleSecurity, Needed: 1}}
			}
			s.state.Policy.Reviews = test.rules
			if plan := s.plan(t); !strings.Contains(plan.Because, test.says) || len(plan.Stages) != 1 {
				t.Errorf("it says %q of %v", plan.Because, plan.Stages)
			}
		})
	}
}
