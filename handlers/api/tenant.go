package api

import "tenure.dev/workflow"

// TenantList is what a list of tenants answers with.
type TenantList struct {
	Tenants []TenantSummary `json:"tenants" doc:"By slug."`
}

// TenantSummary is a tenant in a list.
type TenantSummary struct {
	Name        string   `json:"name" doc:"The slug."`
	DisplayName string   `json:"displayName,omitempty"`
	Clusters    []string `json:"clusters" doc:"Where it may have namespaces."`
	Ceiling     Ceiling  `json:"ceiling"`
	Given       Ceiling  `json:"given" doc:"What its namespaces have been given together."`
	MayAsk      bool     `json:"mayAsk" doc:"You may ask for something in its name."`
}

// Tenant is a tenant with what it has.
type Tenant struct {
	TenantSummary
	Contact      string           `json:"contact,omitempty" doc:"Where the team is reached: an e-mail address, or a link over https."`
	CostCentre   string           `json:"costCentre,omitempty" doc:"Who pays, as the company's accounting writes it."`
	Request      int64            `json:"request" doc:"The request that gave it; 0 for the first commit."`
	MayChange    bool             `json:"mayChange" doc:"You may ask for changes of the tenant itself, or for its removal while it is empty."`
	Owners       string           `json:"owners" doc:"Object id of the Entra group."`
	Members      string           `json:"members" doc:"Object id of the Entra group."`
	Repositories []string         `json:"repositories" doc:"What its own Argo CD Applications may read."`
	Namespaces   []Namespace      `json:"namespaces"`
	Requests     []RequestSummary `json:"requests" doc:"Its own and those of others that reach into its namespaces: the open ones first, then newest first."`
	Files        []File           `json:"files" doc:"Its document and its objects for Argo CD, as they are in the repository; those of a namespace are with the namespace."`
	Commit       string           `json:"commit" doc:"The verified commit that this is read from."`
}

func tenantSummary(t workflow.Tenancy, mayAsk bool) TenantSummary {
	return TenantSummary{
		Name: t.Name, DisplayName: t.DisplayName, Clusters: texts(t.Clusters), Ceiling: ceilingOf(t.Ceiling), Given: ceilingOf(t.Given()), MayAsk: mayAsk,
	}
}

// listTenants answers: which tenants are my business?
func listTenants(c call, _ none) (TenantList, error) {
	tenants, err := c.api.Service.Tenants(c.ctx, c.actor)
	return TenantList{Tenants: each(tenants, func(t workflow.Tenancy) TenantSummary { return tenantSummary(t, c.actor.Asks(t)) })}, err
}

// readTenant answers: what do we have?
func readTenant(c call, _ none) (Tenant, error) {
	view, err := c.api.Service.Tenant(c.ctx, c.actor, c.Param("tenant"))
	if err != nil {
		return Tenant{}, err
	}
	return tenantOf(view, c.actor.Changes(view.Tenancy)), nil
}

func tenantOf(view workflow.TenantView, mayChange bool) Tenant {
	t := view.Tenancy
	return Tenant{
		TenantSummary: tenantSummary(t, view.MayAsk), Contact: t.Contact, CostCentre: t.CostCentre, Request: t.Request, MayChange: mayChange, Owners: t.Owners.Group, Members: t.Members.Group, Repositories: texts(t.Repositories),
		Namespaces: each(t.Namespaces, namespaceOf), Requests: each(view.Requests, summaryOf), Files: each(view.Files, fileOf), Commit: view.Commit,
	}
}

// tenantQuery names a tenant.
type tenantQuery struct {
	Tenant string `query:"tenant,required" doc:"The tenant's slug."`
}

// People are those to whom access can be given, beside members and owners as a whole.
type People struct {
	Known  bool      `json:"known" doc:"False where Tenure was given no directory to look anybody up in."`
	People []Account `json:"people"`
	Groups []Account `json:"groups" doc:"Whose names begin with the tenant's."`
}

// Account is a person or a group of the directory.
type Account struct {
	ID   string `json:"id" doc:"Object id."`
	Name string `json:"name"`
}

// listPeople answers: to whom can access be given?
func listPeople(c call, query tenantQuery) (People, error) {
	people, err := c.api.Service.People(c.ctx, c.actor, query.Tenant)
	return People{
		Known:  people.Known,
		People: each(people.People, func(a workflow.Account) Account { return Account{ID: a.ID.Object, Name: a.Name} }),
		Groups: each(people.Groups, func(g workflow.DirectoryGroup) Account { return Account{ID: g.ID, Name: g.Name} }),
	}, err
}

// groupQuery says which groups are meant.
type groupQuery struct {
	Name string `query:"name,required" doc:"An object id, or the beginning of a name: two characters at least."`
}

// Groups are groups of the directory.
type Groups struct {
	Known  bool      `json:"known" doc:"False where Tenure was given no directory to look anything up in."`
	Groups []Account `json:"groups" doc:"By name; 20 at most."`
}

// listGroups answers: which group is it?
func listGroups(c call, query groupQuery) (Groups, error) {
	found, err := c.api.Service.Groups(c.ctx, c.actor, query.Name)
	return Groups{Known: found.Known, Groups: each(found.Groups, func(g workflow.DirectoryGroup) Account { return Account{ID: g.ID, Name: g.Name} })}, err
}
