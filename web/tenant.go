package web

// TenantPage is what a tenant has.
type TenantPage struct {
	Frame
	Heading    string
	Slug       string
	Lead       string
	Meters     []Meter
	Picture    *Picture // what may talk to what now; nil where nothing but the platform may
	Namespaces []NamespaceRow
	Open       []RequestRow
	Closed     []RequestRow
	Ending     []GrantRow // what ends soon
	AskHref    string     // empty when the reader may not ask for this tenant
	OpenHref   string     // leads to the form for a network exception; empty when the reader may not, or there is no namespace
	MoreHref   string     // leads to all that can be asked for; empty as OpenHref
	Commit     string     // the verified commit that the page shows
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
	Grants      string // "2 network exceptions and 1 exemption"; empty for none
	Request     Link
	Removal     Link // to the request that asks to remove it, or to the form for one; empty without Href
}
