package web

// AccessFields is the form for a role in a namespace. The fields of every
// subject are always there; the styles show those of the chosen one.
type AccessFields struct {
	Namespace Field
	Subject   Field
	Group     Field
	Person    Field
	Role      Field
	Until     Field
	Reason    Field
}

// fields lists the form's fields in the order of the page.
func (a *AccessFields) fields() []*Field {
	return []*Field{&a.Namespace, &a.Subject, &a.Group, &a.Person, &a.Role, &a.Until, &a.Reason}
}

// ExemptionFields is the form for an exemption from a rule.
type ExemptionFields struct {
	RulesHref string // leads to the rules
	Namespace Field
	Rule      Field
	Value     Field
	Kinds     []ValueKind // what a value may be, by the chosen rule
	Selector  Field
	Until     Field
	Reason    Field
}

// ValueKind is what an exemption's value is where one of the rules is chosen
// that let through such values.
type ValueKind struct {
	Class string // the style class of those rules' choices
	Label string
	Hint  string
}

// fields lists the form's fields in the order of the page.
func (e *ExemptionFields) fields() []*Field {
	return []*Field{&e.Namespace, &e.Rule, &e.Value, &e.Selector, &e.Until, &e.Reason}
}
