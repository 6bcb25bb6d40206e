package admission

import (
	"encoding/json"
	"fmt"
	"strings"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// Snapshot is the approved state of one cluster in the form that admission
// answers from. It is never changed after it was made.
type Snapshot struct {
	Cluster string // its name in the policy
	Commit  string // the verified commit it was made from

	policy   workflow.Policy
	mode     workflow.ClusterMode
	platform map[string]bool            // the platform's namespaces
	grants   map[string]*Grant          // approved namespaces by name
	groups   map[string]string          // the tenant of each Entra group that a tenancy names
	people   map[string]string          // the tenant of each person who has access, by user name in lower case
	hosts    map[string][]approvedPlace // where each host was approved for, on whichever cluster
	rules    map[string][]activeRule    // by environment
	base     []activeRule               // where there is no environment
	// catalogue holds the registries whose images a namespace can be given, by name.
	catalogue map[string]trustedImages

	rendering string // what of the policy the objects were rendered from
	tenants   map[string]rendered
}

// approvedPlace is an approved namespace, on whichever cluster.
type approvedPlace struct{ tenant, cluster, namespace string }

// Grant is one approved namespace of the cluster, with all that was rendered for it.
type Grant struct {
	Tenant string // slug
	workflow.Namespace
	objects  map[manifest.Key]*manifest.Object
	openings *openings

	exemptions []exemption // what rules let through here, ready to compare with
}

// rendered is one tenant's part of a snapshot, kept for the next one.
type rendered struct {
	tenancy string // canonical JSON
	grants  []*Grant
}

// NewSnapshot makes the snapshot of one of the policy's clusters. The error
// names what in the approved state cannot be enforced; the snapshot before it
// then goes on serving.
func NewSnapshot(state *workflow.ApprovedState, cluster string) (*Snapshot, error) {
	return (&Snapshot{Cluster: cluster}).Next(state)
}

// Next makes the snapshot of the same cluster at another commit. Tenants that
// did not change are taken over without rendering them again.
func (s *Snapshot) Next(state *workflow.ApprovedState) (*Snapshot, error) {
	cluster, found := state.Policy.Clusters[s.Cluster]
	if !found {
		return nil, fmt.Errorf("snapshot of commit %q: the policy has no cluster %q", state.Commit, s.Cluster)
	}
	next := &Snapshot{
		Cluster:  s.Cluster,
		Commit:   state.Commit,
		policy:   state.Policy,
		mode:     cluster.Mode,
		platform: map[string]bool{},
		grants:   map[string]*Grant{},
		groups:   map[string]string{},
		people:   map[string]string{},
		hosts:    map[string][]approvedPlace{},
		tenants:  make(map[string]rendered, len(state.Tenancies)),
	}
	for _, name := range state.Policy.PlatformNamespaces {
		next.platform[name] = true
	}
	steps := []func() error{next.checkMode, next.compileRules, next.compileCatalogue, func() error { return next.addTenancies(state, s) }}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, fmt.Errorf("snapshot of cluster %q at commit %q: %w", s.Cluster, state.Commit, err)
		}
	}
	return next, nil
}

func (s *Snapshot) checkMode() error {
	switch s.mode {
	case workflow.ModeObserve, workflow.ModeWarn, workflow.ModeEnforce:
		return nil
	}
	return fmt.Errorf("there is no cluster mode %q", s.mode)
}

// compileRules settles the rules for every environment.
func (s *Snapshot) compileRules() (err error) {
	cluster := s.policy.Clusters[s.Cluster].Rules
	if s.base, err = (layers{s.policy.Rules, cluster}).activate(); err != nil {
		return err
	}
	s.rules = make(map[string][]activeRule, len(s.policy.Environments))
	for name, environment := range s.policy.Environments {
		if s.rules[name], err = (layers{s.policy.Rules, environment.Rules, cluster}).activate(); err != nil {
			return fmt.Errorf("environment %q: %w", name, err)
		}
	}
	return nil
}

// compileCatalogue reads the patterns of the policy's registries.
func (s *Snapshot) compileCatalogue() error {
	s.catalogue = make(map[string]trustedImages, len(s.policy.Registries))
	for name, registry := range s.policy.Registries {
		patterns, problems := parseTrusted(registry.Images)
		if len(problems) > 0 {
			return fmt.Errorf("registry %q: %s: %s", name, problems[0].Field, problems[0].Message)
		}
		s.catalogue[name] = patterns
	}
	return nil
}

// addTenancies renders what each tenant has on the cluster, or takes it over
// from the snapshot before where neither the tenancy nor the policy's part in
// rendering changed.
func (s *Snapshot) addTenancies(state *workflow.ApprovedState, before *Snapshot) error {
	// Objects depend on these parts of the policy and on no others.
	rendering, err := json.Marshal([]any{
		s.policy.ContainerDefaults, s.policy.PlatformFlows, s.policy.Requests, s.policy.Clusters[s.Cluster].NetworkEngine,
	})
	if err != nil {
		return fmt.Errorf("encode policy: %w", err)
	}
	s.rendering = string(rendering)
	for slug, tenancy := range state.Tenancies {
		text, err := json.Marshal(tenancy)
		if err != nil {
			return fmt.Errorf("encode tenant %q: %w", slug, err)
		}
		part, known := before.tenants[slug]
		if !known || part.tenancy != string(text) || before.rendering != s.rendering {
			if part, err = s.render(tenancy, part); err != nil {
				return fmt.Errorf("tenant %q: %w", slug, err)
			}
			part.tenancy = string(text)
		}
		s.tenants[slug] = part
		s.addSubjects(tenancy)
		s.addHosts(tenancy)
		if err := s.addGrants(part.grants); err != nil {
			return err
		}
	}
	return nil
}

// render makes the objects of a tenant's namespaces on the cluster. Each remembers
// what exceptions it had before.
func (s *Snapshot) render(tenancy workflow.Tenancy, before rendered) (rendered, error) {
	var part rendered
	for _, namespace := range tenancy.Namespaces {
		if namespace.Cluster != s.Cluster {
			continue
		}
		objects, err := manifest.Objects(s.policy, tenancy, namespace)
		if err != nil {
			return rendered{}, err
		}
		grant := &Grant{Tenant: tenancy.Name, Namespace: namespace, objects: make(map[manifest.Key]*manifest.Object, len(objects))}
		for i := range objects {
			grant.objects[objects[i].Key] = &objects[i]
		}
		grant.exemptions = newExemptions(namespace.Exemptions)
		grant.openings = newOpenings(namespace.Name, grant.objects)
		for _, known := range before.grants {
			if known.Namespace.Name == namespace.Name {
				grant.openings.remember(known.openings)
			}
		}
		part.grants = append(part.grants, grant)
	}
	return part, nil
}

func (s *Snapshot) addGrants(grants []*Grant) error {
	for _, grant := range grants {
		name := grant.Namespace.Name
		if other, taken := s.grants[name]; taken {
			return fmt.Errorf("namespace %q belongs to tenant %q and to tenant %q", name, other.Tenant, grant.Tenant)
		}
		if s.platform[name] {
			return fmt.Errorf("namespace %q belongs to the platform and to tenant %q", name, grant.Tenant)
		}
		if _, known := s.rules[grant.Environment]; !known {
			return fmt.Errorf("namespace %q: the policy has no environment %q", name, grant.Environment)
		}
		s.grants[name] = grant
	}
	return nil
}

// addSubjects remembers whose the groups of a tenancy are, and the people with
// access of their own. Who is of several tenants counts as of the first by name, so
// that a verdict never changes.
func (s *Snapshot) addSubjects(tenancy workflow.Tenancy) {
	add := func(known map[string]string, name string) {
		if other, found := known[name]; name != "" && (!found || tenancy.Name < other) {
			known[name] = tenancy.Name
		}
	}
	add(s.groups, tenancy.Owners.Group)
	add(s.groups, tenancy.Members.Group)
	for _, namespace := range tenancy.Namespaces {
		for _, access := range namespace.Access {
			add(s.groups, access.Group)
			add(s.people, strings.ToLower(access.User))
			add(s.people, access.Person) // by which a cluster knows guests
		}
	}
}

// addHosts remembers which namespaces the hosts of a tenancy are approved for.
func (s *Snapshot) addHosts(tenancy workflow.Tenancy) {
	for _, namespace := range tenancy.Namespaces {
		for _, host := range namespace.Hosts {
			s.hosts[bareHost(host)] = append(s.hosts[bareHost(host)], approvedPlace{tenancy.Name, namespace.Cluster, namespace.Name})
		}
	}
}

// rulesFor gives the rules that hold for a grant, or where there is none.
func (s *Snapshot) rulesFor(grant *Grant) []activeRule {
	if grant == nil {
		return s.base
	}
	return s.rules[grant.Environment]
}
