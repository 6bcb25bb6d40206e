package web

// TenantFields is the form for a tenant, or for a change of one that there is,
// which goes with the form unseen and which the facts show.
type TenantFields struct {
	Tenant   Field  // the slug; typed for a new tenant only
	Existing Field  // said of a tenant that there is; its value is empty for a new one
	Facts    []Fact // of a tenant that there is

	DisplayName  Field
	Owners       GroupField
	Members      GroupField
	Contact      Field
	CostCentre   Field
	Amounts      []AmountField // the ceiling: CPU, memory, storage, namespaces
	Clusters     Field
	Repositories Field
	Reason       Field
}

// Settled says whether it is about a tenant that there is.
func (t TenantFields) Settled() bool { return t.Existing.Value != "" }

// fields lists the form's fields in the order of the page.
func (t *TenantFields) fields() []*Field {
	fields := []*Field{&t.Tenant, &t.DisplayName, &t.Contact, &t.CostCentre, &t.Owners.Field, &t.Members.Field}
	for i := range t.Amounts {
		fields = append(fields, &t.Amounts[i].Field)
	}
	if t.Settled() {
		fields = append(fields, &t.Existing)
	}
	return append(fields, &t.Clusters, &t.Repositories, &t.Reason)
}

// GroupField asks for a group of the directory: by its object id, or by the
// beginning of its name, to pick one of those that were found.
type GroupField struct {
	Field
	Group string   // the name of the group that was chosen, where the directory tells it
	Told  string   // what to say of the search; empty where there is nothing to say
	Found []Option // groups to pick from: object ids with the groups' names
	Pick  string   // the field in which a pick is sent without script
}

// foundID names the element with what was found.
func (g GroupField) foundID() string { return g.Name + "-found" }

// groups lists the fields for groups.
func (t *TenantFields) groups() []GroupField { return []GroupField{t.Owners, t.Members} }

// bars lists the bars of every amount.
func (t *TenantFields) bars() []QuotaBar {
	var bars []QuotaBar
	for _, amount := range t.Amounts {
		bars = append(bars, amount.Bar)
	}
	return bars
}

// LeavingFields is the form for the removal of a tenant that has nothing left.
// Which one it is was chosen before: it goes with the form unseen.
type LeavingFields struct {
	Settled []Field
	Facts   []Fact

	Confirmation Field
	Reason       Field
}

// fields lists the form's fields in the order of the page.
func (l *LeavingFields) fields() []*Field {
	var fields []*Field
	for i := range l.Settled {
		fields = append(fields, &l.Settled[i])
	}
	return append(fields, &l.Confirmation, &l.Reason)
}
