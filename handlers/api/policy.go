package api

import (
	"time"

	"tenure.dev/workflow"
)

// Policy is the policy in force as it is written.
type Policy struct {
	Document string `json:"document" doc:"policy.yaml as it stands in the GitOps repository."`
	Sum      string `json:"sum" doc:"Its SHA-256. A change that names it as its base is refused once another policy is in force."`
	Commit   string `json:"commit" doc:"The verified commit that it stands at."`
}

// PolicyText is a policy to check.
type PolicyText struct {
	Document string `json:"document" doc:"The whole policy.yaml."`
}

// PolicyCheck is what is wrong with a policy.
type PolicyCheck struct {
	Problems []PolicyProblem `json:"problems" doc:"None where it could be asked for. What it would change is for a plan to say."`
}

// PolicyProblem is something wrong in the text of a policy.
type PolicyProblem struct {
	Line    int    `json:"line,omitempty" doc:"From 1; not there where it is about no line."`
	Field   string `json:"field,omitempty" doc:"Such as spec.sizes.small.cpu; not there where the text cannot be taken apart."`
	Message string `json:"message"`
}

// PolicyEffect is what another policy brings with it.
type PolicyEffect struct {
	Tenants []TenantEffect `json:"tenants" doc:"Whose files change."`
	Unshown int            `json:"unshown,omitempty" doc:"How many more files change than the plan lists; the commit has them all."`
	Live    *LiveEffect    `json:"live,omitempty" doc:"What of the clusters' live objects it would refuse; not there where nobody looked."`
}

// TenantEffect is how many files of a tenant another policy changes.
type TenantEffect struct {
	Tenant     string   `json:"tenant"`
	Files      int      `json:"files" doc:"How many change."`
	Namespaces []string `json:"namespaces" doc:"Those whose files change, as cluster/name."`
}

// LiveEffect is what another policy would do to what lives on the clusters.
type LiveEffect struct {
	At       *time.Time     `json:"at,omitempty" doc:"When it was looked at."`
	Objects  int            `json:"objects" doc:"How many were looked at."`
	Refused  []RefusedLive  `json:"refused" doc:"What would newly be refused when it is written again."`
	More     int            `json:"more,omitempty" doc:"How many more than are named."`
	Unlooked []UnlookedPart `json:"unlooked" doc:"What could not be looked at."`
}

// RefusedLive is a live object that would newly be refused.
type RefusedLive struct {
	Cluster   string `json:"cluster"`
	Namespace string `json:"namespace"`
	Tenant    string `json:"tenant"`
	Object    string `json:"object" doc:"Its kind and name: Deployment web."`
	Rule      string `json:"rule"`
	Message   string `json:"message" doc:"What the denial would say."`
	WarnOnly  bool   `json:"warnOnly,omitempty" doc:"It would be warned about, not refused."`
}

// UnlookedPart is what of a cluster could not be looked at, and why.
type UnlookedPart struct {
	Cluster string `json:"cluster,omitempty" doc:"Not there where it is every cluster."`
	Why     string `json:"why"`
}

func policyEffectOf(e *workflow.PolicyEffect) *PolicyEffect {
	if e == nil {
		return nil
	}
	effect := &PolicyEffect{Unshown: e.Unshown, Tenants: each(e.Tenants, func(t workflow.TenantEffect) TenantEffect {
		return TenantEffect{Tenant: t.Tenant, Files: t.Files, Namespaces: texts(t.Namespaces)}
	})}
	if live := e.Live; live != nil {
		effect.Live = &LiveEffect{
			At: utc(live.At), Objects: live.Objects, More: live.More,
			Refused:  each(live.Refused, func(r workflow.RefusedLive) RefusedLive { return RefusedLive(r) }),
			Unlooked: each(live.Unlooked, func(u workflow.UnlookedPart) UnlookedPart { return UnlookedPart(u) }),
		}
	}
	return effect
}

// readPolicy answers: how is the policy written?
func readPolicy(c call, _ none) (Policy, error) {
	text, err := c.api.Service.PolicyText(c.ctx, c.actor)
	if err != nil {
		return Policy{}, err
	}
	return Policy{Document: string(text.Document), Sum: text.Sum, Commit: text.Commit}, nil
}

// checkPolicy answers: what is wrong with this text?
func checkPolicy(c call, body PolicyText) (PolicyCheck, error) {
	problems, err := c.api.Service.CheckPolicy(c.ctx, c.actor, []byte(body.Document))
	if err != nil {
		return PolicyCheck{}, err
	}
	return PolicyCheck{Problems: each(problems, func(p workflow.PolicyProblem) PolicyProblem { return PolicyProblem(p) })}, nil
}
