package web

// TenantPage is what a tenant has.
type TenantPage struct {
	Frame
	Heading    string
	Slug       string
	Lead       string
	Meters     []Meter
	Namespaces []NamespaceRow
	Open       []RequestRow
	Closed     []RequestRow
	AskHref    string // empty when the reader may not ask for this tenant
	Commit     string // the verified commit that the page shows
}

// NamespaceRow is one namespace of a tenant.
type NamespaceRow struct {
	Name        string
	Cluster     string
	Environment string
	Level       string
	CPU         string
	Memory      string
	Storage     string
	Pods        string
	Purpose     string
	Request     Link
	Removal     Link // to the request that asks to remove it, or to the form for one; empty without Href
}
