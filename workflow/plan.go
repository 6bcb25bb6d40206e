package workflow

import "time"

// Digest is the SHA-256 over what a vote covers, as "sha256:" and 64 hex digits.
type Digest string

// Plan is what a request would change, as reviewers see it and as it is committed.
type Plan struct {
	Base      string       `json:"base"`      // the verified commit it was made at
	PlannedAt time.Time    `json:"plannedAt"` // frozen: planning again uses the same instant
	Renderer  string       `json:"renderer"`  // version of the renderer
	Before    Tenancy      `json:"before"`
	After     Tenancy      `json:"after"`
	Others    []OtherSide  `json:"others,omitempty"` // the other tenants whose tenancies change too, by slug
	Edits     []Edit       `json:"edits"`            // the change to the tenancy, entry by entry
	Files     []FileChange `json:"files"`            // the files that change, by path
	Stages    []Stage      `json:"stages"`           // who must agree
	Because   string       `json:"because"`          // why these stages, in words
	Summary   []string     `json:"summary"`          // what will be, in sentences
	Findings  []Finding    `json:"findings"`         // what a reviewer should look at; advisory, not part of the digest
	// Connectivity is what may talk to what, before and after; nil where the plan
	// changes nothing of the network. Advisory: the manifests are what is voted on.
	Connectivity *Connectivity `json:"connectivity,omitempty"`
	Notes        []string      `json:"notes,omitempty"` // what the cluster's network engine does differently here
	// Images are those of each registry of the policy's catalogue that a namespace
	// may newly run images of: what its name means to who votes.
	Images map[string][]string `json:"images,omitempty"`
	Digest Digest              `json:"digest"`
	// Policy is what another policy brings with it; nil for a plan of any other kind.
	Policy *PolicyEffect `json:"policy,omitempty"`
	// WaitsFor is the request that asks for the namespace which this one is about,
	// where it was not approved yet when the plan was made; 0 for none.
	WaitsFor int64 `json:"waitsFor,omitempty"`
}

// Edit is one entry of a tenancy that is added, removed or changed.
type Edit struct {
	Tenant string `json:"tenant,omitempty"` // the other tenant's slug, where the entry is of its tenancy
	Entry  string `json:"entry"`            // "namespace weu-1/payments-api-dev", or the field's name
	Before string `json:"before,omitempty"` // canonical JSON; empty when added
	After  string `json:"after,omitempty"`  // canonical JSON; empty when removed
}

// File is one file of the GitOps repository.
type File struct {
	Path    string // slash-separated, from the repository's root
	Content []byte
}

// FileChange is one file before and after. A nil side means that it does not exist.
type FileChange struct {
	Path   string `json:"path"`
	Before []byte `json:"before,omitzero"`
	After  []byte `json:"after,omitzero"`
}

// Severity says how much a finding should worry a reviewer.
type Severity string

// The severities of findings.
const (
	SeverityInfo    Severity = "info"
	SeverityWarning Severity = "warning"
	SeverityDanger  Severity = "danger"
)

// Finding is something about a plan that a reviewer should not overlook.
type Finding struct {
	Severity Severity `json:"severity"`
	Label    string   `json:"label"`   // a word or two, for lists
	Message  string   `json:"message"` // a sentence
	// Href is where to do something about it: a path of the portal with what the
	// form there begins with. Empty where there is nothing to do.
	Href string `json:"href,omitempty"`
}
