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
	Quota      []Fact
	Access     []AccessRow
	Picture    *Picture // what may talk to what now; nil where nothing but the platform may
	Exceptions []ExceptionRow
	Closed     string       // what to say where there is no exception
	AskHref    string       // leads to the form for an exception; empty where the reader may not ask
	Removal    Link         // as in the tenant's table
	Requests   []RequestRow // the open ones
	Earlier    []RequestRow
	Commands   []Command
	Commit     string // the verified commit that the page shows
}

// AccessRow is a group's role in a namespace.
type AccessRow struct {
	Role    string
	Who     string // "members of Payments"
	Group   string // the Entra object id
	Request Link
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
	End       Link // to the form that ends it now, or the request that asks for that; empty without Href
}

// Command is something to type into a shell.
type Command struct {
	Words string // what it shows
	Line  string
}
