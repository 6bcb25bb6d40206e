package web

// CeilingTable is what a plan makes of a tenant's ceiling.
type CeilingTable struct {
	Now  bool // there is a ceiling now, to compare it with
	Rows []CeilingRow
}

// CeilingRow is one amount of a ceiling.
type CeilingRow struct {
	Label   string
	Now     string
	Asked   string
	Given   string // of it, to namespaces
	Changes bool
}
