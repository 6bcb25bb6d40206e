package admission

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/distribution/reference"

	"tenure.dev/workflow"
)

// trustedRegistryRule lets only images in that match a pattern of the policy:
// those of all containers, init and ephemeral ones included, and image volumes.
var trustedRegistryRule = Rule{
	Name:    "trusted-registry",
	Default: workflow.RuleOff,
	Compile: compileTrustedRegistry,
}

type trustedRegistryParams struct {
	// Images are the patterns of what is trusted, such as contoso.azurecr.io/*.
	Images []string `json:"images"`
}

func compileTrustedRegistry(raw json.RawMessage) (Check, []workflow.FieldProblem) {
	var params trustedRegistryParams
	if problems := decodeParams(raw, &params); len(problems) > 0 {
		return Check{}, problems
	}
	if len(params.Images) == 0 {
		return Check{}, []workflow.FieldProblem{{Field: "images", Message: "name at least one pattern of trusted images, such as contoso.azurecr.io/*"}}
	}
	patterns, problems := parseTrusted(params.Images)
	return Check{LooksAt: isWorkload, Find: patterns.find}, problems
}

// parseTrusted reads patterns of images that are trusted.
func parseTrusted(texts []string) (patterns trustedImages, problems []workflow.FieldProblem) {
	for i, text := range texts {
		pattern, err := parseImagePattern(text)
		if err != nil {
			problems = append(problems, workflow.FieldProblem{Field: fmt.Sprintf("images[%d]", i), Message: fmt.Sprintf("pattern %q: %v", text, err)})
			continue
		}
		patterns = append(patterns, pattern)
	}
	return patterns, problems
}

type trustedImages []imagePattern

func (t trustedImages) find(o *Object) ([]finding, error) {
	pods, err := o.Pods()
	if err != nil {
		return nil, err
	}
	var findings []finding
	for _, pod := range pods {
		for _, image := range pod.images() {
			if why := o.refuseImage(t, image.image); why != "" {
				findings = append(findings, foundImage(workflow.Violation{Field: image.field, Value: image.image, Allowed: why}, pod.Meta.Labels))
			}
		}
	}
	if len(findings) == 0 || !o.podsUnchanged() || o.leavesExemption("trusted-registry") {
		return findings, nil
	}
	return nil, nil
}

// refuseImage says why an image is trusted neither everywhere nor in this
// namespace, by the registries of the catalogue that were approved for it; empty
// when it is.
func (o *Object) refuseImage(everywhere trustedImages, image string) string {
	trusted := everywhere
	if o.Grant != nil {
		for _, name := range o.Grant.Registries {
			trusted = slices.Concat(trusted, o.Snapshot.catalogue[name])
		}
	}
	why := trusted.refuse(image)
	if why == "" {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(o.Snapshot.catalogue)) {
		if o.Snapshot.catalogue[name].refuse(image) == "" {
			return fmt.Sprintf("%s The policy's catalogue of registries has it as %s, which this namespace can ask for.", why, name)
		}
	}
	return why
}

// refuse says why an image is not trusted; empty when it is.
func (t trustedImages) refuse(image string) string {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return fmt.Sprintf("is no image reference; trusted are %s.", t)
	}
	registry := reference.Domain(named)
	known := false
	for _, pattern := range t {
		if pattern.matches(named) {
			return ""
		}
		known = known || pattern.registry == registry
	}
	if known {
		return fmt.Sprintf("not all of registry %s is trusted (%s).", registry, t)
	}
	return fmt.Sprintf("registry %s is not trusted (%s).", registry, t)
}

// String lists the patterns as the policy has them.
func (t trustedImages) String() string {
	texts := make([]string, len(t))
	for i, pattern := range t {
		texts[i] = pattern.text
	}
	return strings.Join(texts, ", ")
}
