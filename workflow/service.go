package workflow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
)

// Service is what the portal and the API may ask of the domain. Each method is
// one thing a person does; who may do it is decided here, not in a page.
// A refusal is a *Problem; any other error is a fault.
type Service struct {
	Store      Store        // required
	Repository Repository   // required
	Renderer   Renderer     // required
	Judge      Judge        // required
	Directory  Directory    // required
	ArgoCD     ArgoCD       // nil where nobody watches Argo CD
	Suggester  Suggester    // required
	Analyzer   Analyzer     // nil where nothing says what may talk to what
	Outliving  Outliving    // nil where nobody watches a cluster's NetworkPolicies
	Accounts   Accounts     // nil where nobody can be looked up
	Usage      Usage        // nil where nobody knows what is in use
	FormDrafts FormDrafts   // nil where no drafts are kept
	Policies   PolicyReader // nil where no other policy can be proposed
	Impact     Impact       // nil where nobody knows what runs, so that nobody can say what another policy would refuse
	Alive      Contents     // nil where nobody knows what lives in a namespace
	Clock      Clock        // required
	Log        *slog.Logger // required
	// Approved is called after the last needed vote was stored, so that the
	// publisher need not wait for its next look. Optional; must not block.
	Approved func()
}

// Draft is what a person typed before anything was stored.
type Draft struct {
	Tenant string
	Change Change
	// Version is that of the request which the person saw and edited, for
	// Resubmit; 0 for whichever it has.
	Version int64
}

// Ballot is a vote as it arrives: Digest is the plan the reviewer was looking at.
type Ballot struct {
	Vote   Vote
	Reason string
	Digest Digest
}

// Choices is what the form for a request can offer this person.
type Choices struct {
	Tenants []Tenancy // those the person may ask for, by slug
	// Changeable are those that the person may ask to change or to remove as a
	// whole, by slug: their own, and for admins every one. Anybody may ask for a
	// new tenant, on the clusters of the policy.
	Changeable []Tenancy
	Coming     []Coming // namespaces that these ask for and do not have yet
	Policy     Policy
	Uses       map[string]QuotaUse // what is known to be in use in their namespaces; see Used
}

// Dossier is one request with all that its page shows.
type Dossier struct {
	Request   Request
	Events    []Event
	Tenancy   Tenancy
	Policy    Policy
	MayReview bool
	Stage     Role      // the stage the actor would vote on, when MayReview
	WhyNot    string    // why the actor cannot review, in one sentence, when the request is in review
	MayTalk   bool      // the actor may comment on it
	MayEdit   bool      // the actor may withdraw it, and change it when changes were requested
	Arrivals  []Arrival // how far Argo CD has come with it now, by cluster; while it is committed or failed
}

// Home is what waits for a person and what became of what they asked.
type Home struct {
	Waiting []Request // the person may review these now
	Mine    []Request // the person asked for these, newest first
	Tenants []Tenancy // those that are the person's business, by slug
	Ending  []Grant   // what ends soon of those they may ask for, the soonest first
	Policy  Policy
}

// QueueItem is one request in the review queue.
type QueueItem struct {
	Request   Request
	MayReview bool
	WhyNot    string
	Open      Progress // the stage it waits in
}

// TenantView is what a tenant's page shows.
type TenantView struct {
	Tenancy  Tenancy
	Given    Ceiling
	Requests []Request // the open ones first, then newest first
	MayAsk   bool
	// MayChange says that the actor may ask for changes of the tenant itself, and
	// for its removal.
	MayChange bool
	Files     []File // its document and its objects for Argo CD, as they are in the repository; its namespaces have pages of their own
	Commit    string // the verified commit that the page shows
	Policy    Policy
}

// Health says how Tenure's parts are.
type Health struct {
	Repository RepositoryHealth
	Database   string // empty when it answers, else a sentence
	Approved   int    // approved and not yet committed
	Deferred   []Request
	ArgoCD     ArgoCDHealth
	Failed     []Request     // committed, and Argo CD cannot bring them to their cluster
	Expired    []ExpiredLive // grants whose end came, and that are still live

	Outlived    []OutlivedPolicy // tenants' own policies that open more than is approved
	OwnPolicies OwnPoliciesHealth
}

// planner is the service's planner, made of the service's own parts.
func (s *Service) planner() Planner {
	return Planner{Renderer: s.Renderer, Directory: s.Directory, Analyzer: s.Analyzer, Accounts: s.Accounts, Policies: s.Policies, Impact: s.Impact}
}

// state is the last verified approved state, or a problem for the page.
func (s *Service) state() (*ApprovedState, error) {
	state, err := s.Repository.State()
	if err != nil {
		return nil, Refuse(Unavailable, "The approved state cannot be read at the moment, so nothing can be planned or decided. Nothing was stored. See the health page.").Because(err)
	}
	return state, nil
}

// load reads a request that the actor may see, with its tenancy as approved now.
func (s *Service) load(ctx context.Context, actor Actor, id int64) (Request, *ApprovedState, error) {
	state, err := s.state()
	if err != nil {
		return Request{}, nil, err
	}
	request, err := s.Store.Request(ctx, id)
	if errors.Is(err, ErrNoRequest) {
		return Request{}, nil, noRequest(id)
	}
	if err != nil {
		return Request{}, nil, storeFault(err)
	}
	if !state.sees(actor, request) {
		return Request{}, nil, noRequest(id)
	}
	return request, state, nil
}

// apply decides and stores in one step; a lost race is a problem of kind Conflict.
func (s *Service) apply(ctx context.Context, r Request, actor Actor, command Command) (Request, error) {
	next, events, err := Decide(r, actor, command, s.Clock.Now())
	if err != nil {
		return r, err
	}
	next, err = s.Store.UpdateRequest(ctx, next, events)
	if errors.Is(err, ErrVersion) {
		return r, Refuse(Conflict, "Somebody else changed this request at the same moment. Nothing of yours was stored; look at it again.").Because(err)
	}
	if err != nil {
		return r, storeFault(err)
	}
	for _, event := range events {
		s.Log.InfoContext(ctx, "request "+string(event.Type), "request", next.ID, "tenant", next.Tenant, "state", next.State, "by", event.By.ID.String(), "commit", event.Commit)
	}
	return next, nil
}

// applyShown is apply for a person: what it returns is what they may see.
func (s *Service) applyShown(ctx context.Context, state *ApprovedState, r Request, actor Actor, command Command) (Request, error) {
	next, err := s.apply(ctx, r, actor, command)
	if err != nil {
		return Request{}, err
	}
	return state.shown(next, actor), nil
}

func noRequest(id int64) *Problem {
	return Refuse(NotFound, fmt.Sprintf("There is no request %d, or it is none of yours.", id))
}

func storeFault(err error) *Problem {
	return Refuse(Unavailable, "The database does not answer. Nothing was stored; try again in a minute.").Because(err)
}
