package admission

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// fields is a governed object without what only the API server writes: status
// and its part of the metadata.
type fields struct {
	labels, annotations map[string]string
	owners, finalizers  []any
	body                map[string]any // spec, subjects, roleRef, …: all beside metadata and status
}

// decodeFields reads an object as the API server sent it.
func decodeFields(raw []byte) (fields, error) {
	if len(raw) == 0 {
		return fields{}, errNoObject
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return fields{}, fmt.Errorf("decode object: %w", err)
	}
	return newFields(object), nil
}

func newFields(object map[string]any) fields {
	metadata, _ := object["metadata"].(map[string]any)
	f := fields{
		labels:      textMap(metadata["labels"]),
		annotations: textMap(metadata["annotations"]),
		body:        map[string]any{},
	}
	f.owners, _ = metadata["ownerReferences"].([]any)
	f.finalizers, _ = metadata["finalizers"].([]any)
	for key, value := range object {
		switch key {
		case "apiVersion", "kind", "metadata", "status":
		default:
			if value = withoutEmpty(value); value != nil {
				f.body[key] = value
			}
		}
	}
	return f
}

// textMap reads labels or annotations.
func textMap(value any) map[string]string {
	texts := map[string]string{}
	entries, _ := value.(map[string]any)
	for key, value := range entries {
		texts[key], _ = value.(string)
	}
	return texts
}

// withoutEmpty drops nulls and empty lists, which mean the same as nothing in
// every governed kind. Empty objects stay: a selector {} selects everything.
func withoutEmpty(value any) any {
	switch value := value.(type) {
	case map[string]any:
		kept := make(map[string]any, len(value))
		for key, entry := range value {
			if entry = withoutEmpty(entry); entry != nil {
				kept[key] = entry
			}
		}
		return kept
	case []any:
		if len(value) == 0 {
			return nil
		}
		kept := make([]any, len(value))
		for i, entry := range value {
			if kept[i] = withoutEmpty(entry); kept[i] == nil {
				kept[i] = map[string]any{}
			}
		}
		return kept
	}
	return value
}

// bookkeeping are annotations that say how an object came to the cluster and
// nothing about what it does.
var bookkeeping = map[string]bool{
	"argocd.argoproj.io/tracking-id":   true,
	corev1.LastAppliedConfigAnnotation: true,
}

// sameAs says whether a write from f to now changes nothing that is governed,
// and if it does, one field that it changes. Taking finalizers off is no
// change: it only lets a deletion that was judged come to its end.
func (f fields) sameAs(now fields, kind schema.GroupKind) (path string, same bool) {
	if key, same := sameTexts(f.labels, now.labels, func(key string) bool {
		return kind == namespaceKind && key == corev1.LabelMetadataName
	}); !same {
		return "metadata.labels[" + key + "]", false
	}
	if key, same := sameTexts(f.annotations, now.annotations, func(key string) bool { return bookkeeping[key] }); !same {
		return "metadata.annotations[" + key + "]", false
	}
	if !within(now.owners, f.owners) || !within(f.owners, now.owners) {
		return "metadata.ownerReferences", false
	}
	if !within(now.finalizers, f.finalizers) {
		return "metadata.finalizers", false
	}
	if kind == namespaceKind {
		return "", true // its spec holds the finalizers of the namespace controller
	}
	return sameBody("", f.body, now.body)
}

// sameTexts compares labels or annotations, and names one that differs.
func sameTexts(a, b map[string]string, ignored func(string) bool) (string, bool) {
	keys := map[string]bool{}
	for key := range a {
		keys[key] = true
	}
	for key := range b {
		keys[key] = true
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		av, af := a[key]
		bv, bf := b[key]
		if (av != bv || af != bf) && !ignored(key) {
			return key, false
		}
	}
	return "", true
}

// sameBody compares two objects and gives the path of one field that differs.
func sameBody(prefix string, a, b map[string]any) (string, bool) {
	keys := maps.Clone(a)
	if keys == nil {
		keys = map[string]any{}
	}
	maps.Copy(keys, b)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if equal(a[key], b[key]) {
			continue
		}
		am, aok := a[key].(map[string]any)
		bm, bok := b[key].(map[string]any)
		if aok && bok {
			return sameBody(prefix+key+".", am, bm)
		}
		return prefix + key, false
	}
	return "", true
}

// equal compares plain JSON values.
func equal(a, b any) bool { return reflect.DeepEqual(a, b) }

// within says whether each entry of part is one of whole.
func within(part, whole []any) bool {
	for _, entry := range part {
		if !slices.ContainsFunc(whole, func(other any) bool { return equal(entry, other) }) {
			return false
		}
	}
	return true
}

// text gives a scalar of the object by its path, for a violation; empty for
// anything longer.
func (f fields) text(path string) string {
	if key, ok := strings.CutPrefix(path, "metadata.labels["); ok {
		return f.labels[strings.TrimSuffix(key, "]")]
	}
	if key, ok := strings.CutPrefix(path, "metadata.annotations["); ok {
		return f.annotations[strings.TrimSuffix(key, "]")]
	}
	var value any = f.body
	for _, part := range strings.Split(path, ".") {
		object, _ := value.(map[string]any)
		value = object[part]
	}
	switch value := value.(type) {
	case string, bool, json.Number:
		return fmt.Sprint(value)
	}
	return ""
}
