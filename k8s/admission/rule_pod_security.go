package admission

import (
	"encoding/json"
	"fmt"
	"sync"

	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"tenure.dev/workflow"
)

// podSecurityRule holds every pod and pod template to the Pod Security Standard
// of its namespace's grant. The API server does the same with Pods by the
// namespace's labels; this rule also says it of templates, at the time when
// somebody can still read it, and does not depend on labels.
// https://kubernetes.io/docs/concepts/security/pod-security-standards/
var podSecurityRule = Rule{
	Name:    "pod-security",
	Default: workflow.RuleDeny,
	Compile: compilePodSecurity,
}

// podSecurityVersion is the newest version of the standards that the linked
// k8s.io/pod-security-admission knows.
const podSecurityVersion = "v1.37"

type podSecurityParams struct {
	// Version pins the standards to those of one Kubernetes minor version.
	Version string `json:"version"`
}

// standards is the reference implementation of the Pod Security Standards.
var standards = sync.OnceValues(func() (policy.Evaluator, error) {
	return policy.NewEvaluator(policy.DefaultChecks(), nil)
})

func compilePodSecurity(raw json.RawMessage) (Check, []workflow.FieldProblem) {
	params := podSecurityParams{Version: podSecurityVersion}
	if problems := decodeParams(raw, &params); len(problems) > 0 {
		return Check{}, problems
	}
	newest, _ := api.ParseVersion(podSecurityVersion)
	version, err := api.ParseVersion(params.Version)
	if err != nil || version.Latest() || newest.Older(version) {
		return Check{}, []workflow.FieldProblem{{Field: "version", Message: fmt.Sprintf("%q is no version up to %s, written like that", params.Version, podSecurityVersion)}}
	}
	evaluator, err := standards()
	if err != nil {
		return Check{}, []workflow.FieldProblem{{Field: "version", Message: "the standards cannot be loaded: " + err.Error()}}
	}
	return Check{LooksAt: isWorkload, Judge: podStandard{evaluator, version}.judge}, nil
}

type podStandard struct {
	evaluator policy.Evaluator
	version   api.Version
}

func (s podStandard) judge(o *Object) ([]workflow.Violation, error) {
	pods, err := o.Pods()
	if err != nil {
		return nil, err
	}
	level := api.LevelVersion{Level: api.Level(o.Grant.PodSecurity), Version: s.version}
	if level.Level != api.LevelBaseline {
		level.Level = api.LevelRestricted // the stricter one, should there ever be another
	}
	var violations []workflow.Violation
	for _, pod := range pods {
		for _, result := range s.evaluator.EvaluatePod(level, pod.Meta.objectMeta(), pod.Spec) {
			if result.Allowed {
				continue
			}
			violations = append(violations, workflow.Violation{
				Field:   pod.Path + "spec",
				Value:   result.ForbiddenReason,
				Allowed: fmt.Sprintf("%s; namespace %s keeps to level %s of %s.", detail(result), o.Namespace, level.Level, level.Version),
				Ask:     o.askLevel(),
			})
		}
	}
	if len(violations) == 0 || !o.podsUnchanged() {
		return violations, nil
	}
	return nil, nil
}

// detail is what the standard's check says of containers and fields.
func detail(result policy.CheckResult) string {
	if result.ForbiddenDetail == "" {
		return "not allowed"
	}
	return result.ForbiddenDetail
}
