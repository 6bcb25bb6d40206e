package workflow

import (
	"context"
	"errors"
	"time"
)

// Store keeps requests, reviews and the audit trail. Every write is one
// transaction that also appends the events to the audit chain.
type Store interface {
	// CreateRequest stores a new request, assigns its ID (from 1, growing) and
	// sets Version to 1. The events get that ID and their place in the chain.
	CreateRequest(ctx context.Context, request Request, events []Event) (Request, error)
	// UpdateRequest writes a request if the stored Version is still request.Version,
	// and returns it with the next Version. Otherwise it returns ErrVersion.
	UpdateRequest(ctx context.Context, request Request, events []Event) (Request, error)
	// Request reads one request; ErrNoRequest when there is none.
	Request(ctx context.Context, id int64) (Request, error)
	// Requests lists requests, newest first.
	Requests(ctx context.Context, filter RequestFilter) ([]Request, error)
	// Events lists the audit events of a request, oldest first.
	Events(ctx context.Context, request int64) ([]Event, error)
	// AuditHead is the hash of the newest event; empty when there is none.
	AuditHead(ctx context.Context) (string, error)
	// Ping says whether the database answers.
	Ping(ctx context.Context) error
}

// RequestFilter picks requests; a zero field does not restrict.
type RequestFilter struct {
	Tenants     []string
	States      []State
	Kinds       []Kind
	RequestedBy PersonID
	// Reaching adds the requests that reach into one of these tenants (see
	// Plan.Peer) to those of Tenants. Without Tenants it picks only them.
	Reaching  []string
	Lingering bool  // only those that linger
	Before    int64 // only those with a lower ID, to go on where an earlier answer ended
	Limit     int   // 0 means all
}

// Errors of a Store.
var (
	ErrNoRequest = errors.New("no such request")
	ErrVersion   = errors.New("the request was changed by somebody else meanwhile")
)

// Repository is the GitOps repository, seen as nouns of the domain.
type Repository interface {
	// State is the last verified approved state. It never waits for the network.
	// ErrNoState when nothing has been verified yet.
	State() (*ApprovedState, error)
	// Refresh fetches and verifies what is new. When what is new cannot be
	// verified or does not parse, State stays what it was and the error says why.
	Refresh(ctx context.Context) error
	// Commit writes one signed commit on top of base and pushes it, never by
	// force. Commits on top of base that do not verify are undone first, and
	// named. ErrBaseMoved when the branch's head is no longer base: then nothing
	// was pushed. Any other error leaves it open whether the push went through;
	// Find tells.
	Commit(ctx context.Context, base string, files []FileChange, message CommitMessage) (commit string, err error)
	// Find fetches, and looks in the verified history after since (exclusive;
	// empty means from the first commit) for the commit that fulfilled the
	// request. Commits that do not verify are passed over; a fetch that does not
	// succeed is an error.
	Find(ctx context.Context, since string, request int64) (commit string, found bool, err error)
	// Ended gives the verified commit that took away a request's exception because
	// its end came; false where none did. It never waits for the network.
	Ended(request int64) (commit string, found bool)
	// Includes says whether the verified history up to revision includes commit,
	// by first parents. A revision that was not verified, or not fetched yet, is
	// not known to include anything; one that was includes itself. It never waits
	// for the network.
	Includes(revision, commit string) bool
	// Health tells how the repository is.
	Health() RepositoryHealth
}

// Errors of a Repository.
var (
	ErrNoState   = errors.New("no approved state has been verified yet")
	ErrBaseMoved = errors.New("the branch has moved")
)

// RepositoryHealth is what the health page says of the repository.
type RepositoryHealth struct {
	Verified   string    // the last verified commit
	VerifiedAt time.Time // when it was verified
	Head       string    // the branch's head when last fetched
	FetchedAt  time.Time // when the last fetch succeeded
	Problem    string    // why Head is not verified or the fetch did not succeed; empty when all is well
	Location   string    // "policy.yaml:12" or "commit path", where the problem is about a file
}

// Renderer makes the files that follow from a tenancy: approved/<tenant>.yaml
// and the manifests. Pure and byte-stable; sorted by path.
type Renderer interface {
	Render(policy Policy, tenancy Tenancy) ([]File, error)
	Version() string
}

// Judge is the admission webhook's verdict, by the same code and the same snapshot.
type Judge interface {
	// Judge gives a verdict for each object of a YAML stream.
	// A stream that cannot be read is a *Problem of kind Invalid.
	Judge(ctx context.Context, question Question) ([]Verdict, error)
}

// Question asks what the webhook would say.
type Question struct {
	Cluster  string
	User     string   // user name as the API server would see it
	Groups   []string // its groups
	Manifest []byte   // one or more YAML documents
}

// Verdict is what admission says of one object.
type Verdict struct {
	Object     string // "Deployment payments-api-dev/web"
	Tenant     string // slug of the tenant whose namespace it is about; empty for none
	Allowed    bool
	Violations []Violation // what is refused
	Warnings   []Violation // what would be refused if its rule's or cluster's mode were stricter
	Request    int64       // the request whose grant the verdict rests on; 0 when there is none
	Exempted   []int64     // the requests whose exemptions let something through that a rule refuses; sorted
	Commit     string      // the verified commit it rests on
}

// Violation is one rule broken in one place.
type Violation struct {
	Rule    string // its public name
	Field   string // path in the object, such as spec.containers[0].image
	Value   string // the value found there
	Allowed string // what is allowed, in words
	Ask     string // where to ask: a link into the portal, or a sentence
}

// String writes the violation as kubectl shows it.
func (v Violation) String() string {
	text := v.Rule + ": " + v.Field
	if v.Value != "" {
		text += " \"" + v.Value + "\""
	}
	text += ": " + v.Allowed
	if v.Ask != "" {
		text += " " + v.Ask
	}
	return text
}

// ArgoCD is what Argo CD says of the tenants' manifests. It is read from what
// Argo CD last said, and never waits for the network.
type ArgoCD interface {
	// Sync is what Argo CD last said of a tenant's manifests on a cluster.
	Sync(tenant, cluster string) SyncStatus
	// Health tells how the watch over Argo CD is.
	Health() ArgoCDHealth
}

// ArgoCDHealth is what the health page says of Argo CD.
type ArgoCDHealth struct {
	Watched      bool         // false: Tenure was not told where Argo CD runs
	Since        time.Time    // since when the watch holds; zero while it does not
	LastWord     time.Time    // when Argo CD last said something
	Problem      string       // why nothing new is heard; empty when all is well
	Applications []SyncStatus // all that are known, by name
}

// Directory knows who is in a group.
type Directory interface {
	// Members lists the people of an Entra group. known is false when no
	// directory is configured, so that nothing can be said.
	Members(ctx context.Context, group string) (people []PersonID, known bool, err error)
}

// Accounts looks people and groups up in the directory, for those who ask for
// access. Everything is by Entra object id.
type Accounts interface {
	// People lists the people of a group, nested groups included, by name. known
	// is false where there is no such group.
	People(ctx context.Context, group string) (people []Account, known bool, err error)
	// Groups finds groups by object id, or by the beginning of their name; at most
	// 20, by name.
	Groups(ctx context.Context, text string) ([]DirectoryGroup, error)
}

// Account is a person as the directory has them.
type Account struct {
	ID   PersonID
	Name string // as people know them
	User string // the user name by which clusters know them: the user principal name, for guests the object id
}

// DirectoryGroup is a group as the directory has it.
type DirectoryGroup struct {
	ID   string // object id
	Name string
}

// Usage is what namespaces use of their quotas. It is read from what the
// cluster last said, and never waits for the network.
type Usage interface {
	// Used is what a namespace uses; false where nobody watches the cluster, or it
	// has not said yet.
	Used(cluster, namespace string) (QuotaUse, bool)
}

// QuotaUse is what a namespace used of its quota when the cluster last said so.
type QuotaUse struct {
	Used Size
	Hard Size      // what the cluster holds it to now, which may be behind what is approved
	At   time.Time // when it was heard
}

// PolicyReader reads the text of a policy.
type PolicyReader interface {
	// ReadPolicy reads policy.yaml and checks all of it, the parameters of the
	// rules included. The problems say where in the text each is; the policy is
	// usable only without any.
	ReadPolicy(document []byte) (Policy, []PolicyProblem)
}

// PolicyProblem is something wrong in the text of a policy.
type PolicyProblem struct {
	Line    int    // from 1; 0 where it is about no line
	Field   string // such as spec.sizes.small.cpu; empty where the text cannot be taken apart
	Message string // a sentence
}

// Impact says what of the objects that live on the clusters another approved
// state would refuse. It asks the clusters, so it takes seconds, and it is advice.
type Impact interface {
	// NewlyRefused judges every live object of every tenant's namespaces under both
	// states, and gives what the second refuses and the first does not. What could
	// not be looked at is said by cluster.
	NewlyRefused(ctx context.Context, before, after *ApprovedState) (LiveEffect, error)
}

// LiveEffect is what another approved state would do to what lives on the clusters.
type LiveEffect struct {
	At       time.Time      `json:"at"`                 // when it was looked at
	Objects  int            `json:"objects"`            // how many were looked at
	Refused  []RefusedLive  `json:"refused,omitempty"`  // what would newly be refused, at most MaxRefused, by cluster, namespace, object
	More     int            `json:"more,omitempty"`     // how many more
	Unlooked []UnlookedPart `json:"unlooked,omitempty"` // what could not be looked at
}

// MaxRefused is how many live objects a LiveEffect names.
const MaxRefused = 200

// RefusedLive is a live object that would newly be refused when it is written again.
type RefusedLive struct {
	Cluster   string `json:"cluster"`
	Namespace string `json:"namespace"`
	Tenant    string `json:"tenant"` // slug
	Object    string `json:"object"` // "Deployment web"
	Rule      string `json:"rule"`
	Message   string `json:"message"`            // the violation, as the denial would say it
	WarnOnly  bool   `json:"warnOnly,omitempty"` // it would be warned about, not refused
}

// UnlookedPart is what of a cluster could not be looked at, and why.
type UnlookedPart struct {
	Cluster string `json:"cluster"`
	Why     string `json:"why"` // a sentence
}

// Contents says what lives in a namespace. It asks the cluster.
type Contents interface {
	// Contents counts what lives in a namespace, by kind; what Tenure rendered
	// and what the control plane makes by itself is left out. known is false where
	// nobody watches the cluster.
	Contents(ctx context.Context, cluster, namespace string) (contents NamespaceContents, known bool, err error)
}

// NamespaceContents is what lives in a namespace.
type NamespaceContents struct {
	At       time.Time
	Kinds    []KindCount    // the kinds that there are, those that hold data first
	Unlisted []UnlistedKind // what could not be counted, by kind
}

// UnlistedKind is a kind of which nobody could say whether there are any.
type UnlistedKind struct {
	Kind string // such as Secret, or an operator's API group for its kinds
	Why  string // a sentence
}

// KindCount is how many objects of a kind there are.
type KindCount struct {
	Kind  string // such as Deployment
	Count int
	More  bool     // there may be more than Count: counting ended at a limit
	Names []string // the first ones, at most MaxNamed, sorted
	Data  bool     // it holds data that are lost with it: volume claims, secrets
}

// MaxNamed is how many objects a KindCount names.
const MaxNamed = 10

// Clock tells the time, so that tests can.
type Clock interface {
	Now() time.Time
}
