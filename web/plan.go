package web

// PlanView is what a request would change.
type PlanView struct {
	Summary  []string
	Findings []FindingView
	Because  string // why these people must review
	Stages   []StageView
	Ceiling  *CeilingTable      // nil where the tenant's ceiling stays
	Meters   []Meter            // the tenant against its ceiling, as it would be
	Picture  *Picture           // nil where nothing of the network changes
	Notes    []string           // what the cluster's network engine does differently here
	Adds     []PlannedNamespace // the namespaces that it adds, where it adds several
	Files    []FileView
	Added    int    // lines over all files
	Removed  int    // lines over all files
	Digest   string // what a vote covers
	Base     string // the commit that the plan was made at
	Planned  Moment
	Renderer string
	Policy   *PolicyEffectView // nil for a plan of any other kind
}

// PlannedNamespace is one of the namespaces that a plan adds.
type PlannedNamespace struct {
	Name    string
	Place   string // "on weu-1, in environment dev, restricted"
	Amounts string
	Hosts   string // empty for none
}

// FindingView is something that a reviewer should not overlook.
type FindingView struct {
	Severity Badge
	Message  string
	Href     string // leads to the form that does something about it; may be empty
}

// StageView is a group that must agree, and how far it has come.
type StageView struct {
	Who    string   // "security"
	Needs  string   // "2 approvals"
	Given  string   // "1 of 2"; empty before anything was submitted
	People []string // who has agreed
	Met    bool
}

// FileView is one file that changes.
type FileView struct {
	Path    string
	Label   string // what it is, such as "NetworkPolicy default-deny"
	Change  Badge  // new, changed or removed
	Added   int    // lines
	Removed int    // lines
	Lines   []DiffLine
	Whole   string // all of it as it will be, where the lines show only a part
	Open    bool   // shown unfolded
}

// DiffLine is one line of a unified diff.
type DiffLine struct {
	Kind DiffKind
	Old  int // line number before; 0 where there is none
	New  int // line number after; 0 where there is none
	Text string
}

// DiffKind is what became of a line.
type DiffKind string

// The kinds of line. A hunk line says which lines follow.
const (
	DiffSame    DiffKind = "same"
	DiffAdded   DiffKind = "added"
	DiffRemoved DiffKind = "removed"
	DiffHunk    DiffKind = "hunk"
)

// sign is the mark in front of a line, as `diff -u` writes it.
func (k DiffKind) sign() string {
	switch k {
	case DiffAdded:
		return "+"
	case DiffRemoved:
		return "-"
	}
	return " "
}

// class is the style class of a line.
func (k DiffKind) class() string {
	switch k {
	case DiffAdded:
		return "line line-added"
	case DiffRemoved:
		return "line line-removed"
	case DiffHunk:
		return "line line-hunk"
	}
	return "line"
}

// short is the part of a digest or commit that people compare by eye.
func short(hash string) string {
	const prefix, shown = "sha256:", 12
	if len(hash) > len(prefix)+shown && hash[:len(prefix)] == prefix {
		return hash[:len(prefix)+shown]
	}
	if len(hash) > shown {
		return hash[:shown]
	}
	return hash
}

// lineNumber writes a line's number; nothing for a line that is not there.
func lineNumber(n int) string {
	if n == 0 {
		return ""
	}
	return number(float64(n))
}
