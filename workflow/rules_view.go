package workflow

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// RulesView is what the page of rules shows: the policy for the people who work
// under it. It holds no tenant's data.
type RulesView struct {
	Policy  Policy
	Rules   []RuleView             // in the order of the rulebook
	Sizes   []SizeView             // the smallest first
	Longest map[Kind]time.Duration // how far off the end of what a request gives may be, by kind; of quotas, that of temporary increases
	Commit  string                 // the verified commit that the page shows
}

// SizeView is a size that a namespace can have.
type SizeView struct {
	Name string
	Size
	Objects []string // the most there may be of a kind of object: "10 services"
}

// RuleView is a rule with what is set for it.
type RuleView struct {
	RuleInfo
	Settings []PlacedSetting // different ones, the most common first; at least one
}

// PlacedSetting is one setting of a rule with the places where it holds.
type PlacedSetting struct {
	RuleSetting
	Places []RulePlace // sorted; a single one with neither name is everywhere
}

// RulePlace is where a setting holds: an environment, a cluster, or an
// environment on a cluster.
type RulePlace struct {
	Environment string // empty: every one
	Cluster     string // empty: every one
}

// String names the place: "prod on weu-1", or "everywhere".
func (p RulePlace) String() string {
	switch {
	case p.Environment == "" && p.Cluster == "":
		return "everywhere"
	case p.Cluster == "":
		return p.Environment
	case p.Environment == "":
		return "everything on " + p.Cluster
	}
	return p.Environment + " on " + p.Cluster
}

// Rules reads what workloads must keep to. Anybody who is signed in may.
func (s *Service) Rules(_ context.Context, _ Actor) (RulesView, error) {
	state, err := s.state()
	if err != nil {
		return RulesView{}, err
	}
	limits := state.Policy.Requests
	view := RulesView{Policy: state.Policy, Commit: state.Commit, Sizes: state.Policy.sizes(), Longest: map[Kind]time.Duration{
		KindNetwork:   limits.Network.term().longest,
		KindQuota:     limits.Quota.term("").longest,
		KindAccess:    limits.Access.term().longest,
		KindExemption: limits.Exemption.term("").longest,
	}}
	for _, info := range Rulebook() {
		settings, err := state.Policy.placed(info.Name)
		if err != nil {
			return RulesView{}, fmt.Errorf("settle rule %q: %w", info.Name, err)
		}
		view.Rules = append(view.Rules, RuleView{RuleInfo: info, Settings: settings})
	}
	return view, nil
}

// sizes lists the sizes, the smallest first.
func (p Policy) sizes() []SizeView {
	var sizes []SizeView
	for name, size := range p.Sizes {
		view := SizeView{Name: name, Size: size}
		for _, kind := range ObjectCounts() {
			if count, counted := size.Objects[kind]; counted {
				view.Objects = append(view.Objects, fmt.Sprintf("%d %s", count, kind.words()))
			}
		}
		sizes = append(sizes, view)
	}
	slices.SortFunc(sizes, func(a, b SizeView) int {
		return cmp.Or(a.CPU.Cmp(b.CPU), a.Memory.Cmp(b.Memory), a.Storage.Cmp(b.Storage), strings.Compare(a.Name, b.Name))
	})
	return sizes
}

// Concerns says which requests an entry of the reviews is about: "network
// requests in prod that open the internet"; "every request" for all of them.
func (r ReviewRule) Concerns() string {
	words := "every request"
	if len(r.Kinds) > 0 {
		kinds := make([]string, len(r.Kinds))
		for i, kind := range r.Kinds {
			kinds[i] = string(kind)
		}
		words = listed(kinds, "and") + " requests"
	}
	open, stay := "open", "stay"
	if len(r.Kinds) == 0 {
		open, stay = "opens", "stays"
	}
	if len(r.Environments) > 0 {
		words += " in " + oneOf(r.Environments)
	}
	if len(r.Opens) > 0 {
		words += " that " + open + " " + openWords(r.Opens)
	}
	switch r.Within {
	case WithinCeiling:
		words += " that " + stay + " within the tenant's ceiling"
	case WithinHalf:
		words += " that " + stay + " within half of the tenant's ceiling"
	}
	return words
}
