package workflow

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Kind is what sort of thing a request asks for.
type Kind string

// The kinds of request that can be asked for.
const (
	KindTenant    Kind = "tenant" // a place on the platform for a team, or another one than it has
	KindNamespace Kind = "namespace"
	KindQuota     Kind = "quota"     // other amounts for a namespace
	KindNetwork   Kind = "network"   // an exception to default-deny
	KindAccess    Kind = "access"    // a role in a namespace
	KindExemption Kind = "exemption" // a rule of admission switched off for a value
	KindRemoval   Kind = "removal"   // of a namespace, of what was given to one, or of an empty tenant
	KindPolicy    Kind = "policy"    // another policy.yaml; of no tenant
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{KindTenant, KindNamespace, KindQuota, KindNetwork, KindAccess, KindExemption, KindRemoval, KindPolicy}
}

// Act is the act of the commit that does what a request of this kind asks for.
func (k Kind) Act() Act {
	switch k {
	case KindRemoval:
		return ActEnd
	case KindPolicy:
		return ActPolicy
	}
	return ActGrant
}

// State is where a request stands; see the drawing in decide.go.
type State string

// The states of a request.
const (
	StateDraft            State = "draft"
	StateInReview         State = "in-review"
	StateChangesRequested State = "changes-requested"
	StateApproved         State = "approved"
	StateCommitted        State = "committed"
	StateActive           State = "active"
	StateFailed           State = "failed"
	StateEnded            State = "ended"
	StateRejected         State = "rejected"
	StateWithdrawn        State = "withdrawn"
	StateLapsed           State = "lapsed"
)

// States lists every state.
func States() []State {
	return []State{
		StateDraft, StateInReview, StateChangesRequested, StateApproved, StateCommitted, StateActive,
		StateFailed, StateEnded, StateRejected, StateWithdrawn, StateLapsed,
	}
}

// Change is what a request asks for, one type a kind. It is a value as the
// person typed it; Apply is where it is checked.
type Change interface {
	Kind() Kind
	// Title says in a few words what is asked for.
	Title() string
	// Why is the reason in the words of the person who asks.
	Why() string
	// Apply gives the tenancy as it would be if the request with this number
	// were granted. Everything wrong with the change comes back as field problems.
	Apply(base *ApprovedState, tenancy Tenancy, request int64) (Tenancy, []FieldProblem)
	// checkAlone says what is wrong with each field as typed, as far as the
	// policy tells without any tenancy.
	checkAlone(policy Policy) []FieldProblem
	// rivals says what is wrong while another request of the kind is open;
	// false where both may be.
	rivals(other Request) (FieldProblem, bool)
}

// dated is a Change that names a moment, which the planning time is held against.
type dated interface {
	checkDates(policy Policy, at time.Time) []FieldProblem
}

// datesOf says what is wrong with the moments that a change names, if it does.
func datesOf(change Change, policy Policy, at time.Time) []FieldProblem {
	if change, hasDates := change.(dated); hasDates {
		return change.checkDates(policy, at)
	}
	return nil
}

// DecodeChange reads a change that was stored as JSON.
func DecodeChange(kind Kind, data []byte) (Change, error) {
	switch kind {
	case KindTenant:
		return decodeChange[TenantChange](kind, data)
	case KindPolicy:
		return decodeChange[PolicyChange](kind, data)
	case KindNamespace:
		return decodeChange[NamespaceChange](kind, data)
	case KindNetwork:
		return decodeChange[NetworkChange](kind, data)
	case KindQuota:
		return decodeChange[QuotaChange](kind, data)
	case KindAccess:
		return decodeChange[AccessChange](kind, data)
	case KindExemption:
		return decodeChange[ExemptionChange](kind, data)
	case KindRemoval:
		return decodeChange[RemovalChange](kind, data)
	}
	return nil, fmt.Errorf("decode change: unknown kind %q", kind)
}

func decodeChange[C Change](kind Kind, data []byte) (Change, error) {
	var change C
	if err := json.Unmarshal(data, &change); err != nil {
		return nil, fmt.Errorf("decode change of kind %q: %w", kind, err)
	}
	return change, nil
}

// Request is one thing somebody asks for, with its way so far. It is changed
// only by Decide.
type Request struct {
	ID          int64
	Version     int64 // grows by one with every write; writes compare and set it
	Kind        Kind
	Tenant      string // slug; empty for a request of kind policy, which is of no tenant
	Change      Change
	State       State
	RequestedBy Person
	Plan        Plan     // what the reviewers vote on
	Reviews     []Review // in the order they were given, void ones included
	Attempt     *Attempt // the publication under way, while approved
	Commit      string   // the commit that granted it, once committed
	Revision    string   // what Argo CD had synced when the request became active; the commit, or one after it
	EndCommit   string   // the commit that took away what the request gave because its end came; empty for any other end
	Lingers     bool     // that end is committed, and Argo CD has not yet said that nothing of the request is left in a cluster
	Reminded    int      // the last reminder that what it gave ends, in days before the end; 0 for none yet
	Reason      string   // why it is in this state, in words, where there is more to say
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Vote is the verdict of a review.
type Vote string

// The votes a reviewer can give.
const (
	VoteApprove Vote = "approve"
	VoteReject  Vote = "reject"
	VoteChanges Vote = "changes"
)

// Review is one person's vote on one stage of one request.
type Review struct {
	Person Person    `json:"person"`
	Stage  Role      `json:"stage"`
	Vote   Vote      `json:"vote"`
	Reason string    `json:"reason,omitempty"`
	Digest Digest    `json:"digest"` // the plan that was voted on
	At     time.Time `json:"at"`
	Void   bool      `json:"void,omitempty"` // the plan it covers is no longer the request's
}

// Attempt is the publication of an approved request that has been started and
// not yet been recorded as done.
type Attempt struct {
	Base    string    `json:"base"`              // head of the repository when the first try began; history since then tells whether it was committed
	Tries   int       `json:"tries"`             // how often it came to nothing
	Problem string    `json:"problem,omitempty"` // why the last try came to nothing, for the page
	NextAt  time.Time `json:"nextAt,omitzero"`   // when it is tried again
	Waits   bool      `json:"waits,omitempty"`   // it waits for another request, which is no trouble
}

// Progress is how far one stage has come.
type Progress struct {
	Stage Stage
	Votes []Review // the approvals that count
}

// Met says whether enough people agreed.
func (p Progress) Met() bool { return len(p.Votes) >= p.Stage.Needed }

// Progress gives each stage with the approvals that count for it.
func (r Request) Progress() []Progress {
	progress := make([]Progress, 0, len(r.Plan.Stages))
	for _, stage := range r.Plan.Stages {
		p := Progress{Stage: stage}
		for _, review := range r.Reviews {
			if review.Stage == stage.Role && review.Vote == VoteApprove && !review.Void && review.Digest == r.Plan.Digest {
				p.Votes = append(p.Votes, review)
			}
		}
		progress = append(progress, p)
	}
	return progress
}

// OpenStage is the first stage that still needs somebody; none when all are met.
func (r Request) OpenStage() (Progress, bool) {
	progress := r.Progress()
	i := slices.IndexFunc(progress, func(p Progress) bool { return !p.Met() })
	if i < 0 {
		return Progress{}, false
	}
	return progress[i], true
}

// Open says whether the request may still come to something.
func (s State) Open() bool {
	switch s {
	case StateDraft, StateInReview, StateChangesRequested, StateApproved, StateFailed:
		return true
	}
	return false
}
