package workflow

import "time"

// Act is why a commit exists. The list is closed: each act has its own proof.
type Act string

// The acts. The first commit is init; a grant gives what a request asked for;
// a restore brings Tenure's files back to the last verified tree over foreign
// commits; rotate-key changes which keys sign.
const (
	ActInit      Act = "init"
	ActGrant     Act = "grant"
	ActRestore   Act = "restore"
	ActRotateKey Act = "rotate-key"
)

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
}

// Approval names one person who agreed, and in which stage.
type Approval struct {
	Person Person
	Stage  Role
}
