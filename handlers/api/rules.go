package api

import (
	"encoding/json"
	"maps"
	"slices"

	"tenure.dev/workflow"
)

// Rules is the policy for the people who work under it.
type Rules struct {
	Rules           []Rule                   `json:"rules"`
	Clusters        []ClusterMode            `json:"clusters" doc:"By name."`
	Environments    []Environment            `json:"environments" doc:"By name."`
	Sizes           []NamedSize              `json:"sizes" doc:"The smallest first."`
	Registries      []Registry               `json:"registries" doc:"The catalogue that a namespace can ask for images out of, by name."`
	Classifications []Classification         `json:"classifications" doc:"How confidential data can be, the least first. A namespace has one where there are any."`
	Longest         map[workflow.Kind]string `json:"longest" doc:"How far off an end may be, by kind of request, written as Go does: 2160h0m0s."`
	Standing        []workflow.AccessRole    `json:"standing" doc:"The roles that may be given without an end."`
	Reviews         []ReviewRule             `json:"reviews" doc:"Who must agree. The first entry that fits a request decides, in each environment that it is about."`
	Commit          string                   `json:"commit" doc:"The verified commit that this is read from."`
}

// Rule is a rule of admission with what is set for it.
type Rule struct {
	Name     string             `json:"name"`
	Family   string             `json:"family"`
	Means    string             `json:"means" doc:"What it asks for."`
	Pass     string             `json:"pass" doc:"How workloads pass it."`
	Exempts  workflow.ValueKind `json:"exempts,omitempty" doc:"What an exemption from it names; not there where there is no exemption."`
	NoExempt string             `json:"noExempt,omitempty" doc:"Why there is no exemption, and what to ask for instead."`
	Settings []RuleSetting      `json:"settings" doc:"Different ones, the most common first."`
}

// RuleSetting is what is set for a rule, and where.
type RuleSetting struct {
	Mode   workflow.RuleMode `json:"mode"`
	Params json.RawMessage   `json:"params,omitempty"`
	Places []Place           `json:"places"`
}

// Place is where a setting holds; without both names, everywhere.
type Place struct {
	Environment string `json:"environment,omitempty"`
	Cluster     string `json:"cluster,omitempty"`
}

// ClusterMode is how far a cluster has been adopted.
type ClusterMode struct {
	Name          string                 `json:"name"`
	Mode          workflow.ClusterMode   `json:"mode"`
	NetworkEngine workflow.NetworkEngine `json:"networkEngine"`
}

// Environment is a class of namespaces.
type Environment struct {
	Name        string                 `json:"name"`
	PodSecurity workflow.SecurityLevel `json:"podSecurity" doc:"The lowest level that may be asked for."`
}

// NamedSize is a size that a namespace can have.
type NamedSize struct {
	Name string `json:"name"`
	Size
}

// Registry is an entry of the catalogue of registries.
type Registry struct {
	Name   string   `json:"name"`
	Images []string `json:"images" doc:"Patterns of images."`
	Means  string   `json:"means,omitempty"`
}

// Classification is a class of data by how confidential they are.
type Classification struct {
	Name  string `json:"name"`
	Means string `json:"means,omitempty"`
}

// ReviewRule says who must agree to which requests.
type ReviewRule struct {
	Concerns string  `json:"concerns" doc:"The requests that it is about, in words."`
	Stages   []Stage `json:"stages"`
}

// readRules answers: what must workloads keep to, and what can be asked for?
func readRules(c call, _ none) (Rules, error) {
	view, err := c.api.Service.Rules(c.ctx, c.actor)
	if err != nil {
		return Rules{}, err
	}
	policy := view.Policy
	rules := Rules{
		Rules: each(view.Rules, ruleOf), Clusters: []ClusterMode{}, Environments: []Environment{}, Registries: []Registry{}, Longest: map[workflow.Kind]string{},
		Sizes:           each(view.Sizes, func(s workflow.SizeView) NamedSize { return NamedSize{Name: s.Name, Size: sizeOf(s.Size)} }),
		Classifications: each(policy.Classifications, func(c workflow.Classification) Classification { return Classification(c) }),
		Standing:        slices.Clone(policy.Requests.Access.Standing), Commit: view.Commit,
		Reviews: each(policy.Reviews, func(r workflow.ReviewRule) ReviewRule {
			return ReviewRule{Concerns: r.Concerns(), Stages: each(r.Stages, func(s workflow.Stage) Stage { return Stage(s) })}
		}),
	}
	if len(rules.Standing) == 0 {
		rules.Standing = workflow.AccessRoles()
	}
	for kind, longest := range view.Longest {
		rules.Longest[kind] = longest.String()
	}
	for _, name := range slices.Sorted(maps.Keys(policy.Registries)) {
		registry := policy.Registries[name]
		rules.Registries = append(rules.Registries, Registry{Name: name, Images: texts(registry.Images), Means: registry.Means})
	}
	for _, name := range slices.Sorted(maps.Keys(policy.Clusters)) {
		cluster := policy.Clusters[name]
		rules.Clusters = append(rules.Clusters, ClusterMode{Name: name, Mode: cluster.Mode, NetworkEngine: cluster.NetworkEngine})
	}
	for _, name := range slices.Sorted(maps.Keys(policy.Environments)) {
		rules.Environments = append(rules.Environments, Environment{Name: name, PodSecurity: policy.Environments[name].PodSecurity})
	}
	return rules, nil
}

func ruleOf(r workflow.RuleView) Rule {
	return Rule{
		Name: r.Name, Family: r.Family, Means: r.Means, Pass: r.Keep, Exempts: r.Exempts, NoExempt: r.NoExempt,
		Settings: each(r.Settings, func(s workflow.PlacedSetting) RuleSetting {
			return RuleSetting{Mode: s.Mode, Params: s.Params, Places: each(s.Places, func(p workflow.RulePlace) Place { return Place(p) })}
		}),
	}
}
