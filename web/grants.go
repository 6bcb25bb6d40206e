package web

// GrantRow is something that was given to a namespace beyond itself.
type GrantRow struct {
	Kind      Badge  // "exemption"
	Says      string // what it gives, in a few words
	Detail    string // more of it; may be empty
	Namespace Link   // empty on its own page
	Until     Moment // zero where it has no end
	Over      bool   // its end has come
	Request   Link
	Extend    Link // to the form that asks for a later end, or the request that does; empty without Href
	End       Link // to the form that ends it now, or the request that asks for that; empty without Href
}
