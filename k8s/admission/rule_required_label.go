package admission

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"

	"tenure.dev/workflow"
)

// requiredLabelRule asks for labels on objects of some kinds. The kind Pod
// stands for pods and for the pod templates of all workloads.
var requiredLabelRule = Rule{
	Name:    "required-label",
	Default: workflow.RuleOff,
	Compile: compileRequiredLabel,
}

type requiredLabelParams struct {
	Kinds  []string        `json:"kinds"`  // default: Pod
	Labels []requiredLabel `json:"labels"` // at least one
}

type requiredLabel struct {
	Key     string `json:"key"`
	Pattern string `json:"pattern"` // regular expression (RE2), not anchored unless it says so; empty: any value
	value   *regexp.Regexp
}

var kindName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)

func compileRequiredLabel(raw json.RawMessage) (Check, []workflow.FieldProblem) {
	params := requiredLabelParams{}
	if problems := decodeParams(raw, &params); len(problems) > 0 {
		return Check{}, problems
	}
	if len(params.Kinds) == 0 {
		params.Kinds = []string{"Pod"}
	}
	var problems []workflow.FieldProblem
	add := func(field, message string) {
		problems = append(problems, workflow.FieldProblem{Field: field, Message: message})
	}
	for i, kind := range params.Kinds {
		if !kindName.MatchString(kind) {
			add(fmt.Sprintf("kinds[%d]", i), fmt.Sprintf("%q is no kind; write it as in a manifest, such as Deployment", kind))
		}
	}
	if len(params.Labels) == 0 {
		add("labels", "name at least one label, such as {key: environment}")
	}
	for i := range params.Labels {
		label := &params.Labels[i]
		if wrong := validation.IsQualifiedName(label.Key); len(wrong) > 0 {
			add(fmt.Sprintf("labels[%d].key", i), fmt.Sprintf("%q is no label key: %s", label.Key, strings.Join(wrong, "; ")))
		}
		pattern, err := regexp.Compile(label.Pattern)
		if err != nil {
			add(fmt.Sprintf("labels[%d].pattern", i), fmt.Sprintf("%q is no regular expression: %v", label.Pattern, err))
		}
		label.value = pattern
	}
	return Check{LooksAt: params.looksAt, Find: params.find}, problems
}

func (p requiredLabelParams) looksAt(kind schema.GroupKind) bool {
	return slices.Contains(p.Kinds, kind.Kind) || (slices.Contains(p.Kinds, "Pod") && isWorkload(kind))
}

func (p requiredLabelParams) find(o *Object) ([]finding, error) {
	var findings []finding
	if slices.Contains(p.Kinds, "Pod") && isWorkload(o.Kind.GroupKind()) {
		pods, err := o.Pods()
		if err != nil {
			return nil, err
		}
		before, _ := o.OldPods() // on CREATE there are none
		for i, pod := range pods {
			if i < len(before) && maps.Equal(before[i].Meta.Labels, pod.Meta.Labels) {
				continue
			}
			findings = append(findings, p.missing(pod.Path+"metadata.labels", pod.Meta.Labels, pod.Meta.Labels)...)
		}
	}
	if o.Kind.Kind == "Pod" || !slices.Contains(p.Kinds, o.Kind.Kind) {
		return findings, nil
	}
	meta, err := o.Meta()
	if err != nil {
		return nil, err
	}
	if before, err := o.OldMeta(); err == nil && maps.Equal(before.Labels, meta.Labels) {
		return findings, nil
	}
	picked, err := o.ownLabels()
	if err != nil {
		return nil, err
	}
	return append(findings, p.missing("metadata.labels", meta.Labels, picked)...), nil
}

// missing compares one set of labels with what is required. By the picked ones
// exemptions know what it is about.
func (p requiredLabelParams) missing(field string, labels, picked map[string]string) []finding {
	var findings []finding
	for _, label := range p.Labels {
		value, found := labels[label.Key]
		if found && label.value.MatchString(value) {
			continue
		}
		violation := workflow.Violation{Field: fmt.Sprintf("%s[%s]", field, label.Key), Value: value}
		switch {
		case !found && label.Pattern == "":
			violation.Allowed = "the label is missing."
		case !found:
			violation.Allowed = fmt.Sprintf("the label is missing; its value must match %s.", label.Pattern)
		default:
			violation.Allowed = fmt.Sprintf("the value must match %s.", label.Pattern)
		}
		findings = append(findings, finding{Violation: violation, labels: picked, value: labelValue(label.Key, value, found)})
	}
	return findings
}
