package workflow_test

import (
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// saidOf wants exactly one problem, of the field, that says a text. No field
// means that nothing is wrong.
func saidOf(t *testing.T, problems []workflow.FieldProblem, field, says string) {
	t.Helper()
	if field == "" {
		if len(problems) > 0 {
			t.Errorf("it is objected to: %v", problems)
		}
		return
	}
	if len(problems) != 1 || problems[0].Field != field || !strings.Contains(problems[0].Message, says) {
		t.Errorf("the problems are %q, want of %s %q", problems, field, says)
	}
}

func TestEverythingWrongInAPolicyIsSaidWithItsField(t *testing.T) {
	cluster := func(change func(*workflow.Cluster)) func(*workflow.Policy) {
		return func(p *workflow.Policy) { c := p.Clusters["weu-1"]; change(&c); p.Clusters["weu-1"] = c }
	}
	more := func(name string) func(*workflow.Policy) {
		return func(p *workflow.Policy) {
			c := p.Clusters["weu-1"]
			c.Server = "https://another.example.com"
			p.Clusters[name] = c
		}
	}
	argocd := func(settings workflow.ArgoCDSettings) func(*workflow.Policy) {
		return func(p *workflow.Policy) {
			if settings.Repository == "" {
				settings.Repository = "https://git.example.com/gitops"
			}
			p.ArgoCD = &settings
		}
	}
	flow := func(flow workflow.PlatformFlow) func(*workflow.Policy) {
		return func(p *workflow.Policy) { flow.Name = "other"; p.PlatformFlows = append(p.PlatformFlows, flow) }
	}
	egress := func(to workflow.FlowPeer, ports ...workflow.FlowPort) func(*workflow.Policy) {
		return flow(workflow.PlatformFlow{Direction: workflow.Egress, To: &to, Ports: ports})
	}
	from := &workflow.FlowPeer{Namespace: "x"}
	port := func(protocol string, first, last int32) func(*workflow.Policy) {
		return egress(workflow.FlowPeer{CIDR: "10.0.0.0/8"}, workflow.FlowPort{Protocol: "TCP", Port: 1}, workflow.FlowPort{Protocol: protocol, Port: first, EndPort: last})
	}
	stages := func(stages ...workflow.Stage) func(*workflow.Policy) {
		return func(p *workflow.Policy) { p.Reviews[1].Stages = stages }
	}
	notOne := "a stage is one role, once"
	for name, test := range map[string]struct {
		change      func(*workflow.Policy)
		field, says string
	}{
		"nothing": {func(*workflow.Policy) {}, "", ""},

		"no clusters":                                 {func(p *workflow.Policy) { p.Clusters = nil }, "spec.clusters", "at least one"},
		"a cluster's name":                            {more("WEU"), "spec.clusters.WEU", "cannot be in a name"},
		"a cluster's name too long":                   {more(strings.Repeat("w", 26)), "spec.clusters." + strings.Repeat("w", 26), "has 26 characters; at most 25"},
		"a cluster's name just short enough":          {more(strings.Repeat("w", 25)), "", ""},
		"a cluster named like the end of another":     {more("prod-weu-1"), "spec.clusters.prod-weu-1", `ends in that of another cluster, "weu-1"`},
		"a cluster named like the start of another":   {more("weu"), "", ""},
		"a cluster named like the letters of another": {more("eu-1"), "", ""},
		"no server":                   {cluster(func(c *workflow.Cluster) { c.Server = "" }), "spec.clusters.weu-1.server", "is needed"},
		"a server without a scheme":   {cluster(func(c *workflow.Cluster) { c.Server = "weu-1.example.com" }), "spec.clusters.weu-1.server", "is not the URL of an API server"},
		"a server in the clear":       {cluster(func(c *workflow.Cluster) { c.Server = "http://weu-1.example.com" }), "spec.clusters.weu-1.server", "is not the URL of an API server"},
		"a server with a password":    {cluster(func(c *workflow.Cluster) { c.Server = "https://me:secret@weu-1.example.com" }), "spec.clusters.weu-1.server", "is not the URL of an API server"},
		"a server that is a pattern":  {cluster(func(c *workflow.Cluster) { c.Server = "https://*.example.com" }), "spec.clusters.weu-1.server", "is not the URL of an API server"},
		"one server for two clusters": {cluster(func(c *workflow.Cluster) { c.Server = "https://neu-1.example.com/" }), "spec.clusters.weu-1.server", "is the server of neu-1 already"},
		"a network engine":            {cluster(func(c *workflow.Cluster) { c.NetworkEngine = "flannel" }), "spec.clusters.weu-1.networkEngine", `"flannel" is not one of azure, calico or cilium`},
		"a cluster's mode":            {cluster(func(c *workflow.Cluster) { c.Mode = "" }), "spec.clusters.weu-1.mode", `"" is not one of enforce, observe or warn`},
		"a cluster's rule":            {cluster(func(c *workflow.Cluster) { c.Rules = map[string]workflow.RuleSetting{"x": {Mode: "no"}} }), "spec.clusters.weu-1.rules.x.mode", `"no" is not one of deny, off or warn`},
		"no environments":             {func(p *workflow.Policy) { p.Environments, p.Reviews = nil, p.Reviews[1:] }, "spec.environments", "at least one"},
		"an environment's name":       {func(p *workflow.Policy) { p.Environments["-x"] = p.Environments["dev"] }, "spec.environments.-x", "hyphen"},
		"an environment's level":      {func(p *workflow.Policy) { p.Environments["dev"] = workflow.Environment{PodSecurity: "privileged"} }, "spec.environments.dev.podSecurity", "is not one of baseline or restricted"},
		"an environment's rule": {func(p *workflow.Policy) {
			p.Environments["dev"] = workflow.Environment{PodSecurity: workflow.LevelBaseline, Rules: map[string]workflow.RuleSetting{"x": {Mode: "no"}}}
		}, "spec.environments.dev.rules.x.mode", `"no"`},
		"a rule's mode":             {func(p *workflow.Policy) { p.Rules["x"] = workflow.RuleSetting{Mode: "Deny"} }, "spec.rules.x.mode", `"Deny" is not one of`},
		"a rule without a mode":     {func(p *workflow.Policy) { p.Rules["x"] = workflow.RuleSetting{} }, "", ""},
		"no sizes":                  {func(p *workflow.Policy) { p.Sizes = nil }, "spec.sizes", "at least one"},
		"a size's CPU":              {func(p *workflow.Policy) { p.Sizes["s"] = workflow.Size{CPU: amount("-1"), Pods: 1} }, "spec.sizes.s.cpu", `"-1" is negative`},
		"a size's memory":           {func(p *workflow.Policy) { p.Sizes["s"] = workflow.Size{Memory: amount("-1Gi"), Pods: 1} }, "spec.sizes.s.memory", "negative"},
		"a size's storage":          {func(p *workflow.Policy) { p.Sizes["s"] = workflow.Size{Storage: amount("-1"), Pods: 1} }, "spec.sizes.s.storage", "negative"},
		"a size without pods":       {func(p *workflow.Policy) { p.Sizes["s"] = workflow.Size{} }, "spec.sizes.s.pods", "at least 1 pod"},
		"a default's request":       {func(p *workflow.Policy) { p.ContainerDefaults.Requests.Memory = amount("-1") }, "spec.containerDefaults.requests.memory", "negative"},
		"a default above its limit": {func(p *workflow.Policy) { p.ContainerDefaults.Requests.CPU = amount("1001m") }, "spec.containerDefaults.requests.cpu", `"1001m" is more than the limit 1`},
		"a default without limit":   {func(p *workflow.Policy) { p.ContainerDefaults.Limits.CPU = amount("0") }, "", ""},

		"a flow's name":               {func(p *workflow.Policy) { p.PlatformFlows[0].Name = "In" }, "spec.platformFlows[0].name", "cannot be in a name"},
		"a flow twice":                {func(p *workflow.Policy) { p.PlatformFlows = append(p.PlatformFlows, p.PlatformFlows[0]) }, "spec.platformFlows[1].name", `"ingress" stands twice`},
		"a flow's direction":          {flow(workflow.PlatformFlow{Direction: "both", From: from}), "spec.platformFlows[1].direction", `"both" is not one of egress or ingress`},
		"ingress from nowhere":        {flow(workflow.PlatformFlow{Direction: workflow.Ingress}), "spec.platformFlows[1].from", "the other side of the flow is needed"},
		"egress to nowhere":           {flow(workflow.PlatformFlow{Direction: workflow.Egress, From: from}), "spec.platformFlows[1].to", "the other side of the flow is needed"},
		"a flow with two sides":       {flow(workflow.PlatformFlow{Direction: workflow.Egress, From: from, To: from}), "spec.platformFlows[1]", "never both"},
		"an empty side":               {egress(workflow.FlowPeer{}), "spec.platformFlows[1].to", "either a namespace, a namespaceSelector or a cidr"},
		"namespace and addresses":     {egress(workflow.FlowPeer{Namespace: "x", CIDR: "10.0.0.0/8"}), "spec.platformFlows[1].to", "either a namespace, a namespaceSelector or a cidr"},
		"no address range":            {egress(workflow.FlowPeer{CIDR: "10.0.0.1"}), "spec.platformFlows[1].to.cidr", `"10.0.0.1" is not an address range`},
		"host bits":                   {egress(workflow.FlowPeer{CIDR: "10.0.0.1/8"}), "spec.platformFlows[1].to.cidr", "is not an address range"},
		"an exception outside":        {egress(workflow.FlowPeer{CIDR: "10.0.0.0/8", Except: []string{"10.1.0.0/16", "11.0.0.0/16"}}), "spec.platformFlows[1].to.except[1]", "not an address range inside 10.0.0.0/8"},
		"an exception of all":         {egress(workflow.FlowPeer{CIDR: "10.0.0.0/8", Except: []string{"10.0.0.0/8"}}), "spec.platformFlows[1].to.except[0]", "inside"},
		"an exception of v6":          {egress(workflow.FlowPeer{CIDR: "10.0.0.0/8", Except: []string{"fd00::/16"}}), "spec.platformFlows[1].to.except[0]", "inside"},
		"an exception of a namespace": {egress(workflow.FlowPeer{Namespace: "x", Except: []string{"10.0.0.0/8"}}), "spec.platformFlows[1].to.except", "go with a cidr only"},
		"labels of addresses":         {egress(workflow.FlowPeer{CIDR: "10.0.0.0/8", PodLabels: map[string]string{"a": "b"}}), "spec.platformFlows[1].to.podLabels", "go with a namespace only"},
		"a protocol":                  {port("tcp", 1, 0), "spec.platformFlows[1].ports[1].protocol", `"tcp" is not one of`},
		"port 0":                      {port("UDP", 0, 0), "spec.platformFlows[1].ports[1].port", "0 is not a port"},
		"port 65536":                  {port("UDP", 65536, 0), "spec.platformFlows[1].ports[1].port", "65536 is not a port"},
		"a range backwards":           {port("SCTP", 20, 10), "spec.platformFlows[1].ports[1].endPort", "10 is not a port from 20 to 65535"},
		"a range too far":             {port("TCP", 20, 65536), "spec.platformFlows[1].ports[1].endPort", "65536 is not a port"},

		"a register of owners":                 {func(p *workflow.Policy) { p.Reviewers[workflow.RoleOwner] = registered(olivia) }, "spec.reviewers.owner", `"owner" is not one of`},
		"an e-mail address":                    {func(p *workflow.Policy) { p.Reviewers[workflow.RoleSecurity][1].ID = "sam@example.com" }, "spec.reviewers.security[1].id", `"sam@example.com" is not a person`},
		"an id in capitals":                    {func(p *workflow.Policy) { p.Reviewers[workflow.RoleSecurity][0].ID = strings.ToUpper(sam.ID.String()) }, "spec.reviewers.security[0].id", "is not a person"},
		"a reviewer twice":                     {func(p *workflow.Policy) { p.Reviewers[workflow.RoleSecurity] = registered(sam, sofia, sam) }, "spec.reviewers.security[2].id", "stands twice"},
		"no register of security":              {func(p *workflow.Policy) { delete(p.Reviewers, workflow.RoleSecurity) }, "spec.reviewers.security", "reviews ask for security"},
		"no admins":                            {func(p *workflow.Policy) { delete(p.Reviewers, workflow.RoleAdmin) }, "spec.reviewers.admin", "at least one admin"},
		"no fallback":                          {func(p *workflow.Policy) { p.Fallback = "" }, "spec.fallback", "is not one of admin or security"},
		"owners as fallback":                   {func(p *workflow.Policy) { p.Fallback = workflow.RoleOwner }, "spec.fallback", "is not one of"},
		"no reviews":                           {func(p *workflow.Policy) { p.Reviews = nil }, "spec.reviews", "must fit every request"},
		"no last review":                       {func(p *workflow.Policy) { p.Reviews = p.Reviews[:1] }, "spec.reviews", "must fit every request"},
		"a review of no kind":                  {func(p *workflow.Policy) { p.Reviews[0].Kinds = []workflow.Kind{"space"} }, "spec.reviews[0].kinds", `"space" is not one of`},
		"a review of nowhere":                  {func(p *workflow.Policy) { p.Reviews[0].Environments = []string{"moon"} }, "spec.reviews[0].environments", `no environment "moon"`},
		"a review without stages":              {stages(), "spec.reviews[1].stages", "at least one stage"},
		"a stage of members":                   {stages(workflow.Stage{Role: workflow.RoleMember, Needed: 1}), "spec.reviews[1].stages[0]", `"member" is not one of admin, owner or security`},
		"a stage of nobody":                    {stages(workflow.Stage{Role: workflow.RoleOwner, Needed: 0}), "spec.reviews[1].stages[0]", notOne},
		"a stage below nobody":                 {stages(workflow.Stage{Role: workflow.RoleOwner, Needed: 1}, workflow.Stage{Role: workflow.RoleAdmin, Needed: -1}), "spec.reviews[1].stages[1]", notOne},
		"a stage instead":                      {stages(workflow.Stage{Role: workflow.RoleAdmin, Needed: 1, InsteadOf: workflow.RoleOwner}), "spec.reviews[1].stages[0]", notOne},
		"a stage twice":                        {stages(workflow.Stage{Role: workflow.RoleOwner, Needed: 1}, workflow.Stage{Role: workflow.RoleOwner, Needed: 1}), "spec.reviews[1].stages[1]", notOne},
		"no GitOps identity":                   {func(p *workflow.Policy) { p.GitOpsIdentity = "" }, "spec.gitopsIdentity", "is needed"},
		"an Argo CD by default":                {argocd(workflow.ArgoCDSettings{}), "", ""},
		"an Argo CD with all it can have":      {argocd(workflow.ArgoCDSettings{Repository: "file:///srv/gitops.git", Revision: "release/1.2", Namespace: "argocd"}), "", ""},
		"an Argo CD without a repository":      {func(p *workflow.Policy) { p.ArgoCD = &workflow.ArgoCDSettings{} }, "spec.argocd.repository", "is needed"},
		"an Argo CD's repository with a token": {argocd(workflow.ArgoCDSettings{Repository: "https://token@git.example.com/gitops"}), "spec.argocd.repository", "holds credentials"},
		"an Argo CD's revision":                {argocd(workflow.ArgoCDSettings{Revision: "--upload-pack=x"}), "spec.argocd.revision", "is not the name of a branch"},
		"an Argo CD's revision that climbs":    {argocd(workflow.ArgoCDSettings{Revision: "a/../b"}), "spec.argocd.revision", "is not the name of a branch"},
		"an Argo CD's namespace":               {argocd(workflow.ArgoCDSettings{Namespace: "Argo"}), "spec.argocd.namespace", "cannot be in a name"},
		"an Argo CD that a tenant could have":  {argocd(workflow.ArgoCDSettings{Namespace: "payments-argocd"}), "spec.argocd.namespace", "must also be among the platformNamespaces"},
		"no portal":                            {func(p *workflow.Policy) { p.Portal = "" }, "spec.portal", "is not the URL"},
		"a portal that runs":                   {func(p *workflow.Policy) { p.Portal = "javascript://x/%0aalert(1)" }, "spec.portal", "is not the URL"},
	} {
		t.Run(name, func(t *testing.T) {
			p := policy()
			test.change(&p)
			saidOf(t, p.Check(), test.field, test.says)
		})
	}
}

func TestEverythingWrongInATenancyIsSaidWithItsField(t *testing.T) {
	first := func(change func(*workflow.Namespace)) func(*workflow.Tenancy) {
		return func(t *workflow.Tenancy) { change(&t.Namespaces[1]) }
	}
	at := "spec.namespaces[1]"
	for name, test := range map[string]struct {
		change      func(*workflow.Tenancy)
		field, says string
	}{
		"nothing":                       {func(*workflow.Tenancy) {}, "", ""},
		"no name":                       {func(t *workflow.Tenancy) { t.Name = "" }, "metadata.name", "is needed"},
		"a name in capitals":            {func(t *workflow.Tenancy) { t.Name = "Payments" }, "metadata.name", "cannot be in a name"},
		"a name too long":               {func(t *workflow.Tenancy) { t.Name = strings.Repeat("p", 31) }, "metadata.name", "31 characters; at most 30"},
		"a path for a name":             {func(t *workflow.Tenancy) { t.Name = "../x" }, "metadata.name", "cannot be in a name"},
		"a display name over two lines": {func(t *workflow.Tenancy) { t.DisplayName = "Pay\nments" }, "spec.displayName", "U+000A"},
		"a display name that lies":      {func(t *workflow.Tenancy) { t.DisplayName = "Pay\u202estnem" }, "spec.displayName", "U+202E"},
		"owners without a group":        {func(t *workflow.Tenancy) { t.Owners.Group = "" }, "spec.owners.group", `"" is not an Entra object id`},
		"owners by name":                {func(t *workflow.Tenancy) { t.Owners.Group = "payments-owners" }, "spec.owners.group", "is not an Entra object id"},
		"members in capitals":           {func(t *workflow.Tenancy) { t.Members.Group = "AAAAAAAA-0000-4000-8000-000000000000" }, "spec.members.group", "is not an Entra object id"},
		"a ceiling of CPU":              {func(t *workflow.Tenancy) { t.Ceiling.CPU = amount("-1") }, "spec.ceiling.cpu", "negative"},
		"a ceiling of memory":           {func(t *workflow.Tenancy) { t.Ceiling.Memory = amount("-1") }, "spec.ceiling.memory", "negative"},
		"a ceiling of storage":          {func(t *workflow.Tenancy) { t.Ceiling.Storage = amount("-1") }, "spec.ceiling.storage", "negative"},
		"a ceiling of namespaces":       {func(t *workflow.Tenancy) { t.Ceiling.Namespaces = -1 }, "spec.ceiling.namespaces", "-1 is negative"},

		"no cluster":                          {func(t *workflow.Tenancy) { t.Clusters = nil }, "spec.clusters", "at least one cluster is needed"},
		"a cluster's name":                    {func(t *workflow.Tenancy) { t.Clusters = append(t.Clusters, "../x") }, "spec.clusters[2]", "cannot be in a name"},
		"a cluster twice":                     {func(t *workflow.Tenancy) { t.Clusters = append(t.Clusters, "neu-1") }, "spec.clusters[2]", `"neu-1" stands twice`},
		"clusters in another order":           {func(t *workflow.Tenancy) { t.Clusters = []string{"weu-1", "neu-1"} }, "", ""},
		"a cluster dropped under a namespace": {func(t *workflow.Tenancy) { t.Clusters, t.Namespaces = []string{"neu-1"}, t.Namespaces[:1] }, "spec.namespaces[0].cluster", `"weu-1" is not among the tenant's clusters (neu-1); a cluster goes after its last namespace`},
		"a namespace where the tenant is not": {first(func(n *workflow.Namespace) { n.Cluster = "mars-1" }), at + ".cluster", `"mars-1" is not among the tenant's clusters (neu-1 and weu-1)`},
		"repositories": {func(t *workflow.Tenancy) {
			t.Repositories = []string{"https://git.example.com/a", "git@git.example.com:b.git"}
		}, "", ""},
		"a repository with a password": {func(t *workflow.Tenancy) {
			t.Repositories = []string{"https://git.example.com/a", "https://u:p@git.example.com/b"}
		}, "spec.repositories[1]", "holds credentials"},
		"a repository twice": {func(t *workflow.Tenancy) {
			t.Repositories = []string{"https://git.example.com/a", "ssh://git@GIT.example.com/a.git/"}
		}, "spec.repositories[1]", "stands twice"},

		"a namespace twice":                {first(func(n *workflow.Namespace) { n.Name = "payments-a" }), at + ".name", `"payments-a" stands twice on cluster weu-1`},
		"a namespace on two clusters":      {first(func(n *workflow.Namespace) { n.Name, n.Cluster = "payments-a", "neu-1" }), "", ""},
		"a namespace's name":               {first(func(n *workflow.Namespace) { n.Name = "payments/b" }), at + ".name", "cannot be in a name"},
		"a namespace's cluster":            {first(func(n *workflow.Namespace) { n.Cluster = "" }), at + ".cluster", "is needed"},
		"a namespace's environment":        {first(func(n *workflow.Namespace) { n.Environment = "Dev" }), at + ".environment", "cannot be in a name"},
		"a namespace's level":              {first(func(n *workflow.Namespace) { n.PodSecurity = "" }), at + ".podSecurity", "is not one of baseline or restricted"},
		"a namespace's purpose":            {first(func(n *workflow.Namespace) { n.Purpose = "a\u200bb" }), at + ".purpose", "U+200B"},
		"a namespace's request":            {first(func(n *workflow.Namespace) { n.Request = -1 }), at + ".request", "not negative"},
		"a quota's request":                {first(func(n *workflow.Namespace) { n.Quota.Request = -1 }), at + ".request", "not negative"},
		"a quota of CPU":                   {first(func(n *workflow.Namespace) { n.Quota.CPU = amount("-2") }), at + ".quota.cpu", "negative"},
		"a quota of memory":                {first(func(n *workflow.Namespace) { n.Quota.Memory = amount("-2") }), at + ".quota.memory", "negative"},
		"a quota of storage":               {first(func(n *workflow.Namespace) { n.Quota.Storage = amount("-2") }), at + ".quota.storage", "negative"},
		"a quota of pods":                  {first(func(n *workflow.Namespace) { n.Quota.Pods = -2 }), at + ".quota.pods", "-2 is negative"},
		"access of no group":               {first(func(n *workflow.Namespace) { n.Access[0].Group = "all" }), at + ".access[0].group", "is not an Entra object id"},
		"access in no role":                {first(func(n *workflow.Namespace) { n.Access[1].Role = "owner" }), at + ".access[1].role", `"owner" is not one of admin, edit or view`},
		"access twice":                     {first(func(n *workflow.Namespace) { n.Access[1] = n.Access[0] }), at + ".access[1]", "has the role edit already"},
		"access of one group in two roles": {first(func(n *workflow.Namespace) { n.Access[1].Group = n.Access[0].Group }), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			tenancy := payments()
			tenancy.Namespaces = []workflow.Namespace{held("payments-a", 1), held("payments-b", 2)}
			tenancy.Namespaces[1].Access = []workflow.Access{{Group: group(2), Role: workflow.AccessEdit, Request: 2}, {Group: group(1), Role: workflow.AccessAdmin, Request: 2}}
			test.change(&tenancy)
			saidOf(t, tenancy.Check(), test.field, test.says)
		})
	}
}

func TestWhereATenancyBreaksThePolicyIsSaidWithItsField(t *testing.T) {
	second := func(change func(*workflow.Namespace)) func(*workflow.Tenancy) {
		return func(t *workflow.Tenancy) { change(&t.Namespaces[1]) }
	}
	for name, test := range map[string]struct {
		change      func(*workflow.Tenancy)
		field, says string
	}{
		"nothing":                       {func(*workflow.Tenancy) {}, "", ""},
		"no namespaces":                 {func(t *workflow.Tenancy) { t.Namespaces = nil }, "", ""},
		"an unknown cluster":            {second(func(n *workflow.Namespace) { n.Cluster = "mars-1" }), "spec.namespaces[1].cluster", `no cluster "mars-1"`},
		"a place on an unknown cluster": {func(t *workflow.Tenancy) { t.Clusters = append(t.Clusters, "mars-1") }, "spec.clusters[2]", `the policy has no cluster "mars-1"; it has neu-1 and weu-1`},
		"the GitOps repository": {func(t *workflow.Tenancy) {
			t.Repositories = []string{"https://git.example.com/a", "git@git.example.com:platform/GitOps"}
		}, "spec.repositories[1]", "is the GitOps repository"},
		"an unknown environment": {second(func(n *workflow.Namespace) { n.Environment = "moon" }), "spec.namespaces[1].environment", `no environment "moon"`},
		"a level too low":        {second(func(n *workflow.Namespace) { n.Environment, n.PodSecurity = "prod", workflow.LevelBaseline }), "spec.namespaces[1].podSecurity", `"baseline" is below what prod asks for, restricted`},
		"a level that is none":   {second(func(n *workflow.Namespace) { n.PodSecurity = "privileged" }), "spec.namespaces[1].podSecurity", `"privileged" is below what dev asks for`},
		"a level above":          {second(func(n *workflow.Namespace) { n.PodSecurity = workflow.LevelRestricted }), "", ""},
		"a platform's namespace": {second(func(n *workflow.Namespace) { n.Name = "argocd" }), "spec.namespaces[1].name", `"argocd" is reserved for the platform (argocd)`},
		"a reserved prefix":      {second(func(n *workflow.Namespace) { n.Name = "kube-x" }), "spec.namespaces[1].name", "(kube-*)"},
		"too much CPU":           {func(t *workflow.Tenancy) { t.Ceiling.CPU = amount("3") }, "spec.ceiling", "4 CPU in all; its ceiling is 3"},
		"too much memory":        {func(t *workflow.Tenancy) { t.Ceiling.Memory = amount("1Gi") }, "spec.ceiling", "16Gi memory in all"},
		"too much storage":       {func(t *workflow.Tenancy) { t.Ceiling.Storage = amount("1Gi") }, "spec.ceiling", "40Gi storage in all"},
		"too many namespaces":    {func(t *workflow.Tenancy) { t.Ceiling.Namespaces = 1 }, "spec.ceiling", "2 namespaces in all"},
	} {
		t.Run(name, func(t *testing.T) {
			tenancy := payments()
			tenancy.Namespaces = []workflow.Namespace{held("payments-a", 1), held("payments-b", 2)}
			test.change(&tenancy)
			p := policy()
			p.ArgoCD = &workflow.ArgoCDSettings{Repository: "https://git.example.com/platform/gitops.git"}
			saidOf(t, p.Conforms(tenancy), test.field, test.says)
		})
	}
}

func TestAPersonIsTwoLowerCaseUUIDs(t *testing.T) {
	id, ok := workflow.ParsePersonID(sam.ID.String())
	if !ok || id != sam.ID {
		t.Errorf("%q is read as %v", sam.ID, id)
	}
	tenant, object, _ := strings.Cut(sam.ID.String(), "/")
	for _, text := range []string{
		"", "/", tenant, tenant + "/", "/" + object, tenant + "/" + object + "/", tenant + "/" + object + " ", tenant + " " + object,
		tenant + "/" + strings.ToUpper(object), tenant + "/" + strings.ReplaceAll(object, "-", ""), tenant + "/" + object[:35] + "g",
		tenant + "/" + strings.Replace(object, "-", "0", 1), "sam@example.com",
	} {
		if id, ok := workflow.ParsePersonID(text); ok || !id.IsZero() {
			t.Errorf("%q is taken for the person %v", text, id)
		}
	}
}
