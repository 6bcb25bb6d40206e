package web

// RequestForm is the page on which somebody asks for something, or changes
// what they asked for. Exactly one of the fields' groups is set: that of the kind.
type RequestForm struct {
	Frame
	Kind    string // as sent with the form
	Heading string
	Lead    string
	Back    Link
	Action  string      // where the form is sent
	Submit  string      // the words on the button
	Request string      // the number of the request that is changed; empty for a new one
	Draft   *DraftOffer // nil where the person typed nothing before, or has it here already
	Summary ErrorSummary
	Panel   PlanPanel

	Namespace *NamespaceFields
	Settled   *SettledFields
	Network   *NetworkFields
	Quota     *QuotaFields
	Access    *AccessFields
	Exemption *ExemptionFields
	Removal   *RemovalFields
	Ending    *EndingFields
	Tenant    *TenantFields
	Leaving   *LeavingFields
	Policy    *PolicyFields
}

// DraftOffer leads to what the person typed into the form before and did not send.
type DraftOffer struct {
	SavedAt Moment
	Href    string
	Action  string // forgets it
	Kind    string
}

// RemovalFields is the form for the removal of a namespace. Which one it is was
// chosen before: it goes with the form unseen, and the facts show it.
type RemovalFields struct {
	Tenant    Field
	Cluster   Field
	Namespace Field
	Facts     []Fact
	OtherHref string // leads to the choice of another namespace; empty where it is settled
	Contents  *ContentsPart

	Confirmation Field
	Reason       Field
}

// EndingFields is the form for the end of what a namespace was given. Which it is
// was chosen before: it goes with the form unseen, and the facts show it.
type EndingFields struct {
	Settled []Field
	Facts   []Fact

	Reason Field
}

// fields lists the form's fields in the order of the page.
func (e *EndingFields) fields() []*Field {
	var fields []*Field
	for i := range e.Settled {
		fields = append(fields, &e.Settled[i])
	}
	return append(fields, &e.Reason)
}

// Fact is a property with its value.
type Fact struct {
	Term  string
	Value Link       // leads nowhere without Href
	Items []FactItem // in the place of the value, where there can be several
	Ends  Moment     // in the place of the value, where it is when something ends
}

// FactItem is one of several values, with more about it.
type FactItem struct {
	Text   string
	Detail string // may be empty
}

// Fields lists the form's own fields in the order of the page.
func (f RequestForm) Fields() []*Field {
	if n := f.Namespace; n != nil {
		return n.fields()
	}
	if s := f.Settled; s != nil {
		return s.fields()
	}
	if n := f.Network; n != nil {
		return n.fields()
	}
	if q := f.Quota; q != nil {
		return q.fields()
	}
	if a := f.Access; a != nil {
		return a.fields()
	}
	if e := f.Exemption; e != nil {
		return e.fields()
	}
	if e := f.Ending; e != nil {
		return e.fields()
	}
	if t := f.Tenant; t != nil {
		return t.fields()
	}
	if l := f.Leaving; l != nil {
		return l.fields()
	}
	if p := f.Policy; p != nil {
		return p.fields()
	}
	if r := f.Removal; r != nil {
		return []*Field{&r.Tenant, &r.Cluster, &r.Namespace, &r.Confirmation, &r.Reason}
	}
	return nil
}

// Summarize makes the summary of the fields that have a problem.
func (f RequestForm) Summarize(message string) ErrorSummary {
	var fields []Field
	for _, field := range f.Fields() {
		fields = append(fields, *field)
	}
	return Summarize(message, fields...)
}

// PlanPanel is what stands beside the form: the plan of what was typed so far,
// or what is still needed to make one.
type PlanPanel struct {
	Status  string // one sentence or two, read out when it changes
	Missing string // the sentence of the status that says what is still needed
	Problem string // why there is no plan, where it is about no field
	Plan    *PlanView
}

// KindChoice is the page on which somebody picks what to ask for.
type KindChoice struct {
	Frame
	Heading string
	Lead    string
	Kinds   []KindCard
}

// KindCard leads to the form of one kind of request.
type KindCard struct {
	Title string
	Href  string
	Icon  Icon
	Words string // what it is good for
}

// NamespaceChoice is the page on which somebody picks one of the namespaces
// that they may ask something about.
type NamespaceChoice struct {
	Frame
	Heading string
	Lead    string
	Tenants []ChoiceTenant
	Empty   string // what to say when there is none
	Instead Link   // what to do then; may be empty
}

// ChoiceTenant is a tenant with the namespaces to pick from.
type ChoiceTenant struct {
	Name       string
	Namespaces []ChoiceNamespace
}

// ChoiceNamespace is a namespace to pick.
type ChoiceNamespace struct {
	Name        string
	Cluster     string
	Environment string
	Href        string
}
