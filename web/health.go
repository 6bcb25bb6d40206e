package web

// HealthView says how Tenure's parts are.
type HealthView struct {
	Frame
	Heading  string
	Parts    []PartView
	Deferred []RequestRow
	Failed   []RequestRow  // committed, and not on their cluster
	Expired  []ExpiredRow  // ended, and still live
	Outlived []OutlivedRow // tenants' own policies that open more than is approved
}

// PartView is how one part is.
type PartView struct {
	Name     string
	State    Badge
	Sentence string
	Cause    string // what exactly is wrong, for those who mend it
	Location string // the file and line a problem is about
	Facts    []FactView
	Items    []ItemView // what of the part is not well, one by one
}

// ExpiredRow is one end of a network exception that is still live although its
// time came.
type ExpiredRow struct {
	Request   Link
	Namespace Link
	Cluster   string
	Since     Moment
	Sentence  string // what it waits for
	Commit    string // the commit that ended it; empty while there is none
}

// OutlivedRow is a NetworkPolicy of a tenant's own that lets through more than is
// approved.
type OutlivedRow struct {
	Policy    string // its name
	Opens     string // what is too much, or why nobody can say
	Sentence  string // who must do what
	Tenant    string
	Namespace Link
	Cluster   string
	Request   Link // what had been approved once; empty when that is not known
}

// ItemView is one of several that a part consists of.
type ItemView struct {
	Name string
	Text string
}

// FactView is something that is known of a part.
type FactView struct {
	Label string
	Text  string
	Code  string // a commit, shown short
	At    Moment
}

// ErrorView is the page of everything that went wrong.
type ErrorView struct {
	Frame
	Heading   string
	Sentence  string
	Details   []string
	Links     []Link // where to go from here; the first is the main one
	RequestID string // what the log knows it by
}
