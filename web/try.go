package web

// TryView is the page that asks the webhook's code for its verdict.
type TryView struct {
	Frame
	Heading  string
	Lead     string
	Examples []Link
	Summary  ErrorSummary
	Cluster  Field
	As       Field // a person, or what applies in the policy's name
	User     Field
	Groups   Field
	Manifest Field
	Verdicts []VerdictView
}

// VerdictView is what admission says of one object.
type VerdictView struct {
	Object     string
	Outcome    Badge
	Caution    string // what an allowed verdict does not mean
	Violations []ViolationView
	Warnings   []ViolationView
	Request    Link // whose grant the verdict rests on; no address when there is none
	Commit     string
}

// ViolationView is one rule broken in one place.
type ViolationView struct {
	Rule    string
	Field   string
	Value   string
	Allowed string
	Ask     string
	AskHref string // where Ask is an address of the web
}
