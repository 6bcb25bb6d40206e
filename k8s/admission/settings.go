package admission

import (
	"encoding/json"
	"fmt"
	"maps"

	"tenure.dev/workflow"
)

// layers are the settings of rules that hold in one place, the weaker first:
// the policy's, the environment's, the cluster's.
type layers []map[string]workflow.RuleSetting

// settle combines the layers for one rule. A later layer's mode replaces the
// earlier one, and so does each of its parameters; what it does not mention
// stays. found is false when no layer mentions the rule.
func (l layers) settle(name string) (setting workflow.RuleSetting, found bool, err error) {
	params := map[string]json.RawMessage{}
	for _, layer := range l {
		over, ok := layer[name]
		if !ok {
			continue
		}
		found = true
		if over.Mode != "" {
			setting.Mode = over.Mode
		}
		if len(over.Params) == 0 {
			continue
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(over.Params, &fields); err != nil {
			return setting, found, fmt.Errorf("rule %q: parameters: %w", name, err)
		}
		maps.Copy(params, fields)
	}
	if len(params) > 0 {
		setting.Params, err = json.Marshal(params)
	}
	return setting, found, err
}

// activate compiles every rule that is on, with its settled parameters.
func (l layers) activate() ([]activeRule, error) {
	var active []activeRule
	for _, rule := range Rules() {
		compiled, on, err := l.compile(rule)
		if err != nil {
			return nil, err
		}
		if on {
			active = append(active, compiled)
		}
	}
	return active, nil
}

// compile compiles one rule with its settled parameters; on is false where it is
// off.
func (l layers) compile(rule Rule) (compiled activeRule, on bool, err error) {
	setting, _, err := l.settle(rule.Name)
	if err != nil {
		return activeRule{}, false, err
	}
	if setting.Mode == "" {
		setting.Mode = rule.Default
	}
	if rule.Always {
		setting.Mode = workflow.RuleDeny
	}
	if setting.Mode == workflow.RuleOff {
		return activeRule{}, false, nil
	}
	if setting.Mode != workflow.RuleWarn && setting.Mode != workflow.RuleDeny {
		return activeRule{}, false, fmt.Errorf("rule %q: there is no mode %q", rule.Name, setting.Mode)
	}
	check, problems := rule.Compile(setting.Params)
	if len(problems) > 0 {
		return activeRule{}, false, fmt.Errorf("rule %q: %s: %s", rule.Name, problems[0].Field, problems[0].Message)
	}
	return activeRule{name: rule.Name, mode: setting.Mode, always: rule.Always, Check: check}, true, nil
}
