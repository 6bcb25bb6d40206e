package workflow

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ruleMove is one way in which the setting of a rule changes, with where it does.
type ruleMove struct {
	was, is RuleSetting
	places  []RulePlace
}

// rules tells what every rule comes to in each environment on each cluster that
// there was before, wherever it is set.
func (d *policyDifference) rules() {
	for _, name := range d.ruleNames() {
		moves, err := d.moves(name)
		if err != nil {
			d.warn(SeverityDanger, "a rule nobody can read", "What the rule %s comes to cannot be told: %v", name, err)
			continue
		}
		for _, move := range moves {
			d.move(name, move)
		}
	}
}

// ruleNames lists the rules, those that only one of the policies names included.
func (d *policyDifference) ruleNames() []string {
	names := map[string]bool{}
	for _, info := range Rulebook() {
		names[info.Name] = true
	}
	for _, p := range []Policy{d.before, d.after} {
		layers := []map[string]RuleSetting{p.Rules}
		for _, e := range p.Environments {
			layers = append(layers, e.Rules)
		}
		for _, c := range p.Clusters {
			layers = append(layers, c.Rules)
		}
		for _, layer := range layers {
			for name := range layer {
				names[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// moves lists how a rule's settings change, each way once.
func (d *policyDifference) moves(rule string) ([]ruleMove, error) {
	byText := map[string]*ruleMove{}
	for environment := range d.after.Environments {
		for cluster := range d.after.Clusters {
			_, hadEnvironment := d.before.Environments[environment]
			_, hadCluster := d.before.Clusters[cluster]
			if !hadEnvironment || !hadCluster {
				continue // it is new, with all that holds there
			}
			was, err := d.before.SettledRule(environment, cluster, rule)
			if err != nil {
				return nil, err
			}
			is, err := d.after.SettledRule(environment, cluster, rule)
			if err != nil {
				return nil, err
			}
			if was.Mode == RuleOff {
				was.Params = nil // they mean nothing there
			}
			if is.Mode == RuleOff {
				is.Params = nil
			}
			if encode(was) == encode(is) {
				continue
			}
			key := encode([]RuleSetting{was, is})
			if byText[key] == nil {
				byText[key] = &ruleMove{was: was, is: is}
			}
			byText[key].places = append(byText[key].places, RulePlace{environment, cluster})
		}
	}
	var moves []ruleMove
	for _, key := range slices.Sorted(maps.Keys(byText)) {
		moves = append(moves, *byText[key])
	}
	return moves, nil
}

// move tells one way in which a rule changes.
func (d *policyDifference) move(rule string, m ruleMove) {
	steps := []RuleMode{RuleOff, RuleWarn, RuleDeny}
	production := slices.ContainsFunc(m.places, func(p RulePlace) bool { return isProduction(p.Environment) })
	where := placesText(d.after.joined(m.places))
	switch change := slices.Index(steps, m.is.Mode) - slices.Index(steps, m.was.Mode); {
	case change < 0:
		d.warn(gravely(production), "loosens a rule", "The rule %s goes from %s to %s %s.", rule, m.was.Mode, m.is.Mode, where)
	case change > 0:
		d.warn(SeverityInfo, "tightens a rule", "The rule %s goes from %s to %s %s.", rule, m.was.Mode, m.is.Mode, where)
	}
	if m.was.Mode == RuleOff || m.is.Mode == RuleOff {
		return // with a mode come its parameters
	}
	widens, changes := false, []string{}
	for _, p := range parameterChanges(m.was.Params, m.is.Params) {
		changes = append(changes, p.words)
		widens = widens || p.more
	}
	switch {
	case len(changes) == 0:
	case rule == "trusted-registry" && widens:
		d.warn(SeverityDanger, "trusts more registries", "The rule %s lets more images through %s: %s.", rule, where, strings.Join(changes, "; "))
	case rule == "trusted-registry":
		d.warn(SeverityWarning, "trusted registries", "The rule %s lets fewer images through %s: %s.", rule, where, strings.Join(changes, "; "))
	default:
		d.warn(SeverityWarning, "another parameter", "The rule %s asks for something else %s: %s.", rule, where, strings.Join(changes, "; "))
	}
}

// placesText says where a setting holds: "everywhere", or "in prod on weu-1 and in dev".
func placesText(places []RulePlace) string {
	words := make([]string, len(places))
	for i, p := range places {
		switch {
		case p.Environment == "" && p.Cluster == "":
			words[i] = "everywhere"
		case p.Environment == "":
			words[i] = "on " + p.Cluster
		default:
			words[i] = "in " + p.String()
		}
	}
	return listed(words, "and")
}

// parameterChange is how one parameter of a rule changes.
type parameterChange struct {
	words string
	more  bool // something is listed that was not
}

// parameterChanges compares parameters one by one, lists of texts entry by entry.
func parameterChanges(before, after json.RawMessage) []parameterChange {
	was, is := membersOf(cmp.Or(string(before), "{}")), membersOf(cmp.Or(string(after), "{}"))
	var changes []parameterChange
	for _, name := range differing(was, is) {
		var old, now []string
		lists := json.Unmarshal([]byte(cmp.Or(was[name], "[]")), &old) == nil && json.Unmarshal([]byte(cmp.Or(is[name], "[]")), &now) == nil
		added, dropped := gained(old, now), gained(now, old)
		var words []string
		if len(added) > 0 {
			words = append(words, "adds "+listed(added, "and"))
		}
		if len(dropped) > 0 {
			words = append(words, "drops "+listed(dropped, "and"))
		}
		if !lists || len(words) == 0 {
			words = []string{fmt.Sprintf("%s instead of %s", cmp.Or(is[name], "nothing"), cmp.Or(was[name], "nothing"))}
		}
		changes = append(changes, parameterChange{name + " " + strings.Join(words, ", "), len(added) > 0 || !lists})
	}
	return changes
}
