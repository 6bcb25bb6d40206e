package workflow

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// SettledRule gives what is set for a rule in an environment on a cluster: the
// policy's setting, over it the environment's, over that the cluster's. A later
// mode replaces the earlier one, and so does each parameter. What nobody sets is
// the rule's own default; a rule that always holds refuses whatever is set. For
// names that there are none of, fewer settings hold.
func (p Policy) SettledRule(environment, cluster, rule string) (RuleSetting, error) {
	info, _ := ruleOf(rule)
	settled := RuleSetting{Mode: info.Default}
	params := map[string]json.RawMessage{}
	for _, layer := range []map[string]RuleSetting{p.Rules, p.Environments[environment].Rules, p.Clusters[cluster].Rules} {
		over := layer[rule]
		if over.Mode != "" {
			settled.Mode = over.Mode
		}
		if len(over.Params) == 0 {
			continue
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(over.Params, &fields); err != nil {
			return RuleSetting{}, fmt.Errorf("parameters: %w", err)
		}
		maps.Copy(params, fields)
	}
	if info.Always {
		settled.Mode = RuleDeny
	}
	var err error
	if len(params) > 0 {
		settled.Params, err = json.Marshal(params)
	}
	return settled, err
}

// placed gives the different settings of a rule, each with where it holds.
func (p Policy) placed(rule string) ([]PlacedSetting, error) {
	byText := map[string]*PlacedSetting{}
	for environment := range p.Environments {
		for cluster := range p.Clusters {
			setting, err := p.SettledRule(environment, cluster, rule)
			if err != nil {
				return nil, err
			}
			if setting.Mode == RuleOff {
				setting.Params = nil // they mean nothing there
			}
			key := string(setting.Mode) + string(setting.Params)
			if byText[key] == nil {
				byText[key] = &PlacedSetting{RuleSetting: setting}
			}
			byText[key].Places = append(byText[key].Places, RulePlace{environment, cluster})
		}
	}
	if len(byText) == 0 { // a policy without environments or clusters
		setting, err := p.SettledRule("", "", rule)
		return []PlacedSetting{{RuleSetting: setting, Places: []RulePlace{{}}}}, err
	}
	var settings []PlacedSetting
	for _, setting := range byText {
		settings = append(settings, *setting)
	}
	slices.SortFunc(settings, func(a, b PlacedSetting) int {
		if len(a.Places) != len(b.Places) {
			return len(b.Places) - len(a.Places)
		}
		return strings.Compare(string(a.Mode)+string(a.Params), string(b.Mode)+string(b.Params))
	})
	for i := range settings {
		settings[i].Places = p.joined(settings[i].Places)
	}
	return settings, nil
}

// joined says in as few places as can be where a setting holds.
func (p Policy) joined(places []RulePlace) []RulePlace {
	if len(places) == len(p.Environments)*len(p.Clusters) {
		return []RulePlace{{}}
	}
	count := map[RulePlace]int{}
	for _, place := range places {
		count[RulePlace{Environment: place.Environment}]++
		count[RulePlace{Cluster: place.Cluster}]++
	}
	joined := map[RulePlace]bool{}
	for _, place := range places {
		whole, onCluster := RulePlace{Environment: place.Environment}, RulePlace{Cluster: place.Cluster}
		switch {
		case count[whole] == len(p.Clusters):
			joined[whole] = true
		case count[onCluster] == len(p.Environments):
			joined[onCluster] = true
		default:
			joined[place] = true
		}
	}
	return slices.SortedFunc(maps.Keys(joined), func(a, b RulePlace) int { return strings.Compare(a.String(), b.String()) })
}
