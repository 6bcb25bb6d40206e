package web

// SuggestPage is the page on which somebody has network exceptions proposed
// from a file of flows that were seen.
type SuggestPage struct {
	Frame
	Heading string
	Lead    string
	Summary ErrorSummary
	Action  string // where the form is sent
	Place   Field
	Log     Field
	Pods    Field
	Outcome *SuggestOutcome // nil before anything was sent
}

// SuggestOutcome is what a file of flows comes to.
type SuggestOutcome struct {
	Sentence  string   // what the file is, and what of it needs nothing
	Passed    []string // what of it is no flow
	Proposals []ProposalView
}

// ProposalView is a network exception that would let through what was seen.
type ProposalView struct {
	Direction Badge
	From      string
	To        string
	Ports     string
	Counts    string // how many flows, and how many of them were dropped
	First     Moment
	Last      Moment
	Notes     []string // what to look at before asking
	AskHref   string   // the form, filled in
}
