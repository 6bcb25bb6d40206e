package web

// NamespaceFields is the form for a namespace, or for several of one service.
type NamespaceFields struct {
	Tenant         Field
	First          AskedFields
	Purpose        Field
	Classification Field // without options where the policy classifies no data
	Registries     Field // without options where the policy has no catalogue of registries
	MoreOpen       bool  // what few need is shown

	Access    Field // for what is wrong with the list of groups as a whole
	Groups    []AskedAccessFields
	AddGroup  *RowButton
	Also      Field         // for what is wrong with the list of namespaces as a whole
	Others    []AskedFields // beside the first
	AddOthers []RowButton
}

// AskedFields is what one of the namespaces is to be.
type AskedFields struct {
	Title       string // "Namespace 2"; empty for the first
	Name        Field
	Environment Field
	Cluster     Field
	Size        Field
	Amounts     []Field // shown where own numbers are chosen in the place of a size
	PodSecurity Field
	Hosts       Field
	Remove      RowButton // takes it out of the form; not for the first
}

// AskedAccessFields is a role for a group that comes with the namespaces.
type AskedAccessFields struct {
	Title  string // "Group 1"
	Group  Field
	Role   Field
	Remove RowButton
}

// RowButton adds something to a form that there can be several of, or takes it out.
type RowButton struct {
	Value string // as sent
	Text  string
	Label string // in full, for those who cannot see what it stands beside
	Focus bool   // it takes the focus when it appears
}

// fields lists the form's fields in the order of the page.
func (n *NamespaceFields) fields() []*Field {
	fields := []*Field{&n.Tenant}
	fields = append(fields, n.First.place()...)
	fields = append(fields, shown(&n.Classification)...)
	fields = append(fields, &n.Purpose, &n.First.Hosts)
	fields = append(append(fields, shown(&n.Registries)...), &n.Access)
	for i := range n.Groups {
		fields = append(fields, &n.Groups[i].Group, &n.Groups[i].Role)
	}
	fields = append(fields, &n.Also)
	for i := range n.Others {
		fields = append(append(fields, n.Others[i].place()...), &n.Others[i].Hosts)
	}
	return fields
}

// place lists the fields of one namespace but its hosts.
func (a *AskedFields) place() []*Field {
	fields := []*Field{&a.Name, &a.Environment, &a.Cluster, &a.Size}
	for i := range a.Amounts {
		fields = append(fields, &a.Amounts[i])
	}
	return append(fields, &a.PodSecurity)
}

// unfolded says whether what few need is to be shown: something of it was filled
// in, or is wrong.
func (n NamespaceFields) unfolded() bool {
	return n.MoreOpen || n.First.Hosts.Problem != "" || n.Registries.Problem != ""
}

// SettledFields is the form for what can be changed of a namespace that is there.
// Which one it is goes with the form unseen, and the facts show it.
type SettledFields struct {
	Settled []Field
	Facts   []Fact

	Purpose        Field
	Classification Field
	Hosts          Field
	Registries     Field
	Reason         Field
}

// fields lists the form's fields in the order of the page.
func (s *SettledFields) fields() []*Field {
	var fields []*Field
	for i := range s.Settled {
		fields = append(fields, &s.Settled[i])
	}
	fields = append(append(fields, &s.Hosts), shown(&s.Registries)...)
	return append(append(fields, shown(&s.Classification)...), &s.Purpose, &s.Reason)
}

// shown gives a field that is chosen from, where there is anything to choose.
func shown(field *Field) []*Field {
	if len(field.Options) == 0 {
		return nil
	}
	return []*Field{field}
}
