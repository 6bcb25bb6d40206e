package web

// NamespaceForm is the page on which somebody asks for a namespace, or changes
// what they asked for.
type NamespaceForm struct {
	Frame
	Heading string
	Lead    string
	Back    Link
	Action  string // where the form is sent
	Submit  string // the words on the button
	Request string // the number of the request that is changed; empty for a new one
	Summary ErrorSummary
	Panel   PlanPanel

	Tenant      Field
	Name        Field
	Environment Field
	Cluster     Field
	Size        Field
	PodSecurity Field
	Purpose     Field
}

// Fields lists the form's fields in the order of the page.
func (f NamespaceForm) Fields() []Field {
	return []Field{f.Tenant, f.Name, f.Environment, f.Cluster, f.Size, f.PodSecurity, f.Purpose}
}

// PlanPanel is what stands beside the form: the plan of what was typed so far,
// or what is still needed to make one.
type PlanPanel struct {
	Status  string // one sentence, read out when it changes
	Problem string // why there is no plan, where it is about no field
	Plan    *PlanView
}
