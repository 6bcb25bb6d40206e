package api

import (
	"slices"
	"time"

	"tenure.dev/workflow"
)

// Health says how Tenure's parts are. Causes, and what is about other tenants,
// are for those whose task is every tenant.
type Health struct {
	Repository RepositoryHealth `json:"repository"`
	Database   DatabaseHealth   `json:"database"`
	ArgoCD     ArgoCDHealth     `json:"argocd"`
	Approved   int              `json:"approved" doc:"Requests that are approved and not yet committed."`
	Deferred   []DeferredItem   `json:"deferred" doc:"Of these, those that could not be committed."`
	Failed     []RequestSummary `json:"failed" doc:"Requests that Argo CD cannot bring to their cluster."`
	Expired    []ExpiredLive    `json:"expired" doc:"What should have ended and is not known to be gone from its cluster."`
	Outlived   []OutlivedPolicy `json:"outlived" doc:"Tenants' own NetworkPolicies that open more than is approved."`
}

// RepositoryHealth says how the GitOps repository is.
type RepositoryHealth struct {
	OK         bool       `json:"ok"`
	Verified   string     `json:"verified,omitempty" doc:"The last verified commit."`
	VerifiedAt *time.Time `json:"verifiedAt,omitempty"`
	Head       string     `json:"head,omitempty" doc:"The branch's head when last fetched."`
	FetchedAt  *time.Time `json:"fetchedAt,omitempty"`
	Problem    string     `json:"problem,omitempty"`
	Location   string     `json:"location,omitempty"`
}

// DatabaseHealth says how the database is.
type DatabaseHealth struct {
	OK      bool   `json:"ok"`
	Problem string `json:"problem,omitempty"`
}

// ArgoCDHealth says how the watch over Argo CD is.
type ArgoCDHealth struct {
	OK       bool       `json:"ok" doc:"It is watched, and answers."`
	Watched  bool       `json:"watched" doc:"False where Tenure was not told where Argo CD runs."`
	Since    *time.Time `json:"since,omitempty"`
	LastWord *time.Time `json:"lastWord,omitempty"`
	Problem  string     `json:"problem,omitempty"`
}

// DeferredItem is an approved request that could not be committed yet.
type DeferredItem struct {
	Request RequestSummary `json:"request"`
	Problem string         `json:"problem"`
	NextAt  *time.Time     `json:"nextAt,omitempty"`
}

// ExpiredLive is something that had an end and is still live.
type ExpiredLive struct {
	Request   int64         `json:"request"`
	Kind      workflow.Kind `json:"kind"`
	Tenant    string        `json:"tenant"`
	Cluster   string        `json:"cluster"`
	Namespace string        `json:"namespace"`
	Since     *time.Time    `json:"since,omitempty"`
	Commit    string        `json:"commit,omitempty" doc:"The commit that took it out of the approved state."`
	Says      string        `json:"says,omitempty"`
}

// OutlivedPolicy is a tenant's own NetworkPolicy that opens more than is approved.
type OutlivedPolicy struct {
	Tenant    string `json:"tenant"`
	Cluster   string `json:"cluster"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Opens     string `json:"opens"`
	Request   int64  `json:"request,omitempty" doc:"The ended request that had given the opening."`
}

// readHealth answers: is Tenure well?
func readHealth(c call, _ none) (Health, error) {
	found := c.api.Service.Health(c.ctx)
	if !seesEveryTenant(c.actor) {
		found = ownHealth(found, c.ownTenants())
	}
	repository, argocd := found.Repository, found.ArgoCD
	return Health{
		Repository: RepositoryHealth{
			OK: repository.Problem == "", Verified: repository.Verified, VerifiedAt: utc(repository.VerifiedAt), Head: repository.Head,
			FetchedAt: utc(repository.FetchedAt), Problem: repository.Problem, Location: repository.Location,
		},
		Database: DatabaseHealth{OK: found.Database == "", Problem: found.Database},
		ArgoCD: ArgoCDHealth{
			OK: argocd.Watched && argocd.Problem == "", Watched: argocd.Watched, Since: utc(argocd.Since), LastWord: utc(argocd.LastWord), Problem: argocd.Problem,
		},
		Approved: found.Approved, Deferred: each(found.Deferred, deferredOf), Failed: each(found.Failed, summaryOf),
		Expired: each(found.Expired, func(e workflow.ExpiredLive) ExpiredLive {
			return ExpiredLive{Request: e.Request, Kind: e.Kind, Tenant: e.Tenant, Cluster: e.Cluster, Namespace: e.Namespace, Since: utc(e.Since), Commit: e.Commit, Says: e.Says}
		}),
		Outlived: each(found.Outlived, func(o workflow.OutlivedPolicy) OutlivedPolicy { return OutlivedPolicy(o) }),
	}, nil
}

func deferredOf(r workflow.Request) DeferredItem {
	item := DeferredItem{Request: summaryOf(r)}
	if r.Attempt != nil {
		item.Problem, item.NextAt = r.Attempt.Problem, utc(r.Attempt.NextAt)
	}
	return item
}

// seesEveryTenant says whether every tenant is the caller's task.
func seesEveryTenant(actor workflow.Actor) bool {
	return slices.ContainsFunc(workflow.Roles(), actor.HoldsAppRole)
}

// ownTenants names the caller's tenants; none when nobody can tell which those are.
func (c call) ownTenants() map[string]bool {
	own := map[string]bool{}
	tenants, err := c.api.Service.Tenants(c.ctx, c.actor)
	if err != nil {
		c.api.Log.WarnContext(c.ctx, "list the caller's tenants for the health", "error", err)
	}
	for _, tenancy := range tenants {
		own[tenancy.Name] = true
	}
	return own
}

// withheld stands where the cause of a problem is.
const withheld = "Something is wrong. The platform admins see here what."

// ownHealth leaves out causes and places of problems, which may be about files
// of any tenant, and what is about other tenants.
func ownHealth(h workflow.Health, own map[string]bool) workflow.Health {
	if h.Repository.Problem != "" {
		h.Repository.Problem, h.Repository.Location = withheld, ""
	}
	if h.ArgoCD.Problem != "" {
		h.ArgoCD.Problem = withheld
	}
	elsewhere := func(r workflow.Request) bool { return !own[r.Tenant] }
	h.Deferred = slices.DeleteFunc(slices.Clone(h.Deferred), elsewhere)
	h.Failed = slices.DeleteFunc(slices.Clone(h.Failed), elsewhere)
	h.Outlived = slices.DeleteFunc(slices.Clone(h.Outlived), func(o workflow.OutlivedPolicy) bool { return !own[o.Tenant] })
	h.Expired = slices.DeleteFunc(slices.Clone(h.Expired), func(e workflow.ExpiredLive) bool { return !own[e.Tenant] })
	for i, e := range h.Expired {
		if e.Commit == "" {
			h.Expired[i].Says = "The commit of its end is not made yet. The platform admins see here why."
		}
	}
	return h
}
