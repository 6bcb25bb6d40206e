package handlers

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"tenure.dev/web"
)

// paramWords puts the parameters of a rule in words; those that nobody has words
// for come as they stand in policy.yaml.
func paramWords(rule string, raw json.RawMessage) (params []web.RuleParam, text string) {
	if len(raw) == 0 {
		return nil, ""
	}
	words := map[string]func(json.RawMessage) []web.RuleParam{
		"trusted-registry": trustedRegistryWords,
		"required-label":   requiredLabelWords,
	}[rule]
	if words != nil {
		if params := words(raw); len(params) > 0 {
			return params, ""
		}
	}
	written, err := yaml.JSONToYAML(raw)
	if err != nil {
		return nil, string(raw)
	}
	return nil, strings.TrimSpace(string(written))
}

// trustedRegistryWords lists the trusted images.
func trustedRegistryWords(raw json.RawMessage) []web.RuleParam {
	var given struct {
		Images []string `json:"images"`
	}
	if json.Unmarshal(raw, &given) != nil || len(given.Images) == 0 {
		return nil
	}
	param := web.RuleParam{Label: "Trusted images"}
	for _, pattern := range given.Images {
		words := ""
		if beneath, wild := strings.CutSuffix(pattern, "/*"); wild {
			words = "everything beneath " + beneath
		}
		param.Values = append(param.Values, web.ParamValue{Code: pattern, Words: words})
	}
	return []web.RuleParam{param}
}

// requiredLabelWords lists the labels, with the values they may have.
func requiredLabelWords(raw json.RawMessage) []web.RuleParam {
	var given struct {
		Kinds  []string `json:"kinds"`
		Labels []struct {
			Key     string `json:"key"`
			Pattern string `json:"pattern"`
		} `json:"labels"`
	}
	if json.Unmarshal(raw, &given) != nil || len(given.Labels) == 0 {
		return nil
	}
	if len(given.Kinds) == 0 {
		given.Kinds = []string{"Pod"}
	}
	param := web.RuleParam{Label: "Labels on every " + listWords(given.Kinds, "and")}
	if slices.Contains(given.Kinds, "Pod") {
		param.Label += ", with the pods of all workloads"
	}
	for _, label := range given.Labels {
		param.Values = append(param.Values, web.ParamValue{Code: label.Key, Words: patternWords(label.Pattern)})
	}
	return []web.RuleParam{param}
}

// plainChoice is a pattern that is nothing but a list of texts.
var plainChoice = regexp.MustCompile(`\A\^\(([A-Za-z0-9_-]+(?:\|[A-Za-z0-9_-]+)*)\)\$\z`)

// patternWords says which values a pattern takes.
func patternWords(pattern string) string {
	if pattern == "" {
		return "any value"
	}
	if choice := plainChoice.FindStringSubmatch(pattern); choice != nil {
		return listWords(strings.Split(choice[1], "|"), "or")
	}
	return fmt.Sprintf("a value that matches %s", pattern)
}
