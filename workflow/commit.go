package workflow

import "time"

// Act is why a commit exists. The list is closed: each act has its own proof.
type Act string

// The acts. The first commit is init; a grant gives what a request asked for;
// an end takes something away and gives nothing; a policy replaces policy.yaml
// and renders again what follows from it; a restore brings Tenure's files back to the last verified tree over foreign
// commits; rotate-key changes which keys sign.
const (
	ActInit      Act = "init"
	ActGrant     Act = "grant"
	ActEnd       Act = "end"
	ActPolicy    Act = "policy"
	ActRestore   Act = "restore"
	ActRotateKey Act = "rotate-key"
)

// Fulfils says whether a commit of this act does what its request asks for, so
// that the request is not published again.
func (a Act) Fulfils() bool { return a == ActGrant || a == ActEnd || a == ActPolicy }

// CommitMessage is what a commit says of itself. Its trailers are what
// `tenure verify` proves the commit by.
type CommitMessage struct {
	Act         Act
	Subject     string // one line, plain words
	Body        string
	Request     int64
	Kind        Kind
	RequestedBy Person
	ApprovedBy  []Approval
	Stages      []Stage
	Plan        Digest
	PlannedAt   time.Time
	AuditHead   string
	Renderer    string
	Restores    string // for restore: the verified commit whose tree it brings back
	Ends        int64  // for an end because its time came: the request whose exception goes; 0 otherwise
}

// Approval names one person who agreed, and in which stage.
type Approval struct {
	Person Person
	Stage  Role
}
