package web

// NamespacePage is what a namespace has, and what it may talk to.
type NamespacePage struct {
	Frame
	Heading    string
	Lead       string
	Tenant     Link
	Name       string
	Cluster    string
	Facts      []Fact
	Quota      QuotaView
	Access     []GrantRow
	Exemptions []GrantRow
	Picture    *Picture // what may talk to what now; nil where nothing but the platform may
	Exceptions []ExceptionRow
	Closed     string    // what to say where there is no exception
	Held       string    // what to say where there is no exemption
	AskHref    string    // leads to the form for an exception; empty where the reader may not ask
	Ask        string    // leads to everything that can be asked for; empty where the reader may not
	Files      []FileRow // what the repository has of it

	QuotaHref, AccessHref, ExemptionHref string // lead to the other forms; empty where the reader may not ask

	SettledHref string // leads to the form for other hosts and images; empty where the reader may not ask

	Removal  Link         // as in the tenant's table
	Requests []RequestRow // the open ones
	Earlier  []RequestRow
	Commands []Command
	Commit   string // the verified commit that the page shows
}

// QuotaView is what a namespace may use, and what of it is in use.
type QuotaView struct {
	Bars    []QuotaBar
	Used    string     // why nothing is said of what is in use; empty where it is known
	Heard   Moment     // when the cluster said what is in use
	Request Link       // that gave the lasting amounts
	Raise   []GrantRow // the temporary increase, if there is one
}

// FileRow is a file of the repository.
type FileRow struct {
	Path    string
	Content string
}

// ExceptionRow is one network exception of a namespace.
type ExceptionRow struct {
	Direction Badge
	Pods      string
	Other     string // the other side
	Detail    string // more about the other side; may be empty
	Ports     string
	Until     Moment
	Over      bool // its end has come
	Request   Link
	Extend    Link // to the form that asks for a later end, or the request that does; empty without Href
	End       Link // to the form that ends it now, or the request that asks for that; empty without Href
}

// Command is something to type into a shell.
type Command struct {
	ID    string // of its element
	Words string // what it shows
	Line  string // or several
}
