package manifest

import (
	"iter"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// LocateField finds the line, from 1, on which a field of a document stands,
// by its path: "spec.rules.trusted-registry.images[0]". A field that is not in
// the document is found at the nearest field around it. 0 when the data is not
// YAML.
func LocateField(data []byte, field string) int { return Locator(data)(field) }

// Locator is LocateField for many fields of one document, which it reads once.
func Locator(data []byte) func(field string) int {
	var doc yaml.Node
	if len(data) > MaxDocumentSize || yaml.Unmarshal(data, &doc) != nil || len(doc.Content) != 1 {
		return func(string) int { return 0 }
	}
	return func(field string) int { return locate(doc.Content[0], field) }
}

// locate is LocateField in a document that has been read.
func locate(root *yaml.Node, field string) int {
	if root == nil {
		return 0
	}
	line, _ := find(root, root.Line, field)
	return line
}

// find follows the path as far as it goes: the line of the last field on it
// that exists, and how much of the path was left.
func find(node *yaml.Node, line int, rest string) (int, int) {
	rest = strings.TrimPrefix(rest, ".")
	if rest == "" {
		return line, 0
	}
	best, left := line, len(rest)
	if node.Kind == yaml.SequenceNode {
		number, after, ok := strings.Cut(strings.TrimPrefix(rest, "["), "]")
		index, err := strconv.Atoi(number)
		if !ok || err != nil || index < 0 || index >= len(node.Content) {
			return best, left
		}
		return find(node.Content[index], node.Content[index].Line, after)
	}
	if node.Kind != yaml.MappingNode {
		return best, left
	}
	// A key may hold dots itself, as labels do: of the keys that the path can
	// begin with, the one that leads furthest is meant.
	for key, value := range pairs(node) {
		after, found := strings.CutPrefix(rest, key.Value)
		if !found || (after != "" && after[0] != '.' && after[0] != '[') {
			continue
		}
		if l, n := find(value, key.Line, after); n < left {
			best, left = l, n
		}
	}
	return best, left
}

// pairs goes over a mapping's keys and values.
func pairs(node *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; i+1 < len(node.Content); i += 2 {
			if !yield(node.Content[i], node.Content[i+1]) {
				return
			}
		}
	}
}

// child is the value of a mapping's field, or nil.
func child(node *yaml.Node, name string) *yaml.Node {
	for key, value := range pairs(node) {
		if key.Value == name {
			return value
		}
	}
	return nil
}

func joined(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func indexed(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
