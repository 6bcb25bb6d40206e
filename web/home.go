package web

// HomeView is what waits for a person and what became of what they asked.
type HomeView struct {
	Frame
	Heading string
	Waiting []RequestRow
	Mine    []RequestRow
	Ending  []GrantRow // what ends soon
	Tenants []TenantCard
	MayAsk  bool // the person may ask for something in a tenant's name
	// KindsHref leads to all that can be asked for; empty for those whose task is
	// not to ask.
	KindsHref string
	// FirstHref leads to the form for a tenant; empty for those who are in one, or
	// whose task is every one.
	FirstHref string
	NoMine    string // why Mine is empty; empty for people whose task is not to ask
}

// TenantCard is a tenant in a list.
type TenantCard struct {
	Name       string // as people call it
	Slug       string
	Href       string
	Namespaces string // "3 namespaces"
	Role       string // what the reader is there
	Meters     []Meter
}

// QueueView is the review queue.
type QueueView struct {
	Frame
	Heading string
	Lead    string
	Waiting []RequestRow // the reader may decide these
	Others  []RequestRow // in review, waiting for others
}
