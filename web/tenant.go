package web

// TenantPage is what a tenant has.
type TenantPage struct {
	Frame
	Heading    string
	Slug       string
	Lead       string
	Meters     []Meter
	About      []AboutFact // what it is: who, where, who pays
	Change     Link        // to the form that changes it, or to the request that asks for that; empty as AskHref
	Leave      Link        // to the form that removes it, as Change; empty while it is not empty
	Picture    *Picture    // what may talk to what now; nil where nothing but the platform may
	Namespaces []NamespaceRow
	Open       []RequestRow
	Closed     []RequestRow
	Ending     []GrantRow // what ends soon
	AskHref    string     // empty when the reader may not ask for this tenant
	OpenHref   string     // leads to the form for a network exception; empty when the reader may not, or there is no namespace
	MoreHref   string     // leads to all that can be asked for; empty as OpenHref
	Files      []FileRow  // what the repository has of it, but for its namespaces
	Commit     string     // the verified commit that the page shows
}

// AboutFact is a property of a tenant with its values.
type AboutFact struct {
	Term   string
	Values []AboutValue
}

// AboutValue is a value, with more to know of it.
type AboutValue struct {
	Text  string
	Href  string // leads there; may be empty
	Aside string // such as the object id of a group whose name is the text
	Code  bool   // the text is for machines
}

// NamespaceRow is one namespace of a tenant.
type NamespaceRow struct {
	Name        string
	Href        string
	Cluster     string
	Environment string
	Level       string
	CPU         string
	Memory      string
	Storage     string
	Pods        string
	Purpose     string
	Data        string // how confidential its data are; empty where nobody said
	Hosts       string // "Hosts: api.example.com"; empty for none
	Images      string // "Images also of docker-official"; empty for none
	Grants      string // "2 network exceptions and 1 exemption"; empty for none
	Request     Link
	Removal     Link // to the request that asks to remove it, or to the form for one; empty without Href
}
