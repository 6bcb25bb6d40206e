package workflow

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Bounds of what is typed into one field of a network exception.
const (
	maxTyped  = 2000 // bytes
	maxLabels = 20
	maxPorts  = 50
	maxExcept = 50
)

// maxLabelPrefix is the longest prefix of a label's key, a DNS subdomain.
const maxLabelPrefix = 253

// Labels as Kubernetes takes them:
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
var (
	labelName   = regexp.MustCompile(`\A[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?\z`)
	labelPrefix = regexp.MustCompile(`\A[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\z`)
)

// parseLabels reads labels as kubectl takes them with -l, "app=api, tier=web",
// with commas or spaces between them. No text is no labels, which means every
// pod. The message says what is wrong; empty when nothing is.
func parseLabels(text string) (labels map[string]string, message string) {
	if len(text) > maxTyped {
		return nil, fmt.Sprintf("The labels have %d characters; at most %d are allowed.", len(text), maxTyped)
	}
	for _, item := range fieldsOf(text) {
		key, value, found := strings.Cut(item, "=")
		switch {
		case !found:
			return nil, fmt.Sprintf("%q is not a label; write it as key=value, such as app=api. Only equality is allowed here.", item)
		case strings.HasSuffix(key, "!") || strings.HasPrefix(value, "="):
			return nil, fmt.Sprintf("%q is not a label; write it as key=value, such as app=api. Only equality with one = is allowed here.", item)
		}
		if message := checkLabelPair(key, value); message != "" {
			return nil, message
		}
		if other, twice := labels[key]; twice && other != value {
			return nil, fmt.Sprintf("The label %q is asked to be both %q and %q, which no pod can be. Give it one value.", key, other, value)
		}
		if labels == nil {
			labels = map[string]string{}
		}
		labels[key] = value
	}
	if len(labels) > maxLabels {
		return nil, fmt.Sprintf("These are %d labels; at most %d are allowed.", len(labels), maxLabels)
	}
	return labels, ""
}

// fieldsOf splits a list at commas, semicolons and white space.
func fieldsOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",; \t\r\n", r) })
}

// checkLabelPair says what keeps a key and a value from being a label.
func checkLabelPair(key, value string) string {
	if message := checkLabelKey(key); message != "" {
		return message
	}
	if value != "" && !labelName.MatchString(value) {
		return fmt.Sprintf("%q is not the value of a label: at most 63 letters, digits and . _ -, with a letter or digit at both ends.", value)
	}
	return ""
}

// checkLabelKey says what keeps a text from being the key of a label.
func checkLabelKey(key string) string {
	prefix, name, prefixed := strings.Cut(key, "/")
	if !prefixed {
		name = key
	} else if len(prefix) > maxLabelPrefix || !labelPrefix.MatchString(prefix) {
		return fmt.Sprintf("%q is not the key of a label: what stands before the slash is a DNS name, such as app.kubernetes.io/name.", key)
	}
	if !labelName.MatchString(name) {
		return fmt.Sprintf("%q is not the key of a label: at most 63 letters, digits and . _ -, with a letter or digit at both ends.", key)
	}
	return ""
}

// LabelsText names the pods that labels pick: "app=api, tier=web"; "every pod"
// for none.
func LabelsText(labels map[string]string) string {
	if len(labels) == 0 {
		return "every pod"
	}
	return LabelsTyped(labels)
}

// LabelsTyped writes labels as they are typed into a form, sorted by key; empty
// for none.
func LabelsTyped(labels map[string]string) string {
	pairs := make([]string, 0, len(labels))
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		pairs = append(pairs, key+"="+labels[key])
	}
	return strings.Join(pairs, ", ")
}
