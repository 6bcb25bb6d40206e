package admission

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	yamlv3 "go.yaml.in/yaml/v3"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// Bounds of what a person may have judged at once.
const (
	maxStream    = 3 << 20 // bytes; what the API server takes in one request
	maxDocuments = 500     // objects, those in Lists included
	maxLists     = 4       // Lists inside Lists
)

// document is one object of a stream, as JSON.
type document struct {
	position int // of its YAML document, from 1
	raw      json.RawMessage
	head     head
}

// head is what of an object says which it is.
type head struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Metadata   Meta              `json:"metadata"`
	Items      []json.RawMessage `json:"items"`
}

// splitStream reads the objects of a YAML or JSON stream as kubectl does:
// documents end at a line that begins with ---, empty ones are nothing, and
// Lists are unpacked. Whatever somebody else might read and this does not is an
// error: a key that stands twice in one mapping, more than one document between
// two separators, items in what is no List. The error is a *workflow.Problem
// for the person whose stream it is.
func splitStream(stream []byte) ([]document, error) {
	if len(stream) > maxStream {
		return nil, refuseManifest("The manifest is longer than %d MiB.", maxStream>>20)
	}
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(stream)))
	var documents []document
	for position := 1; ; position++ {
		text, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, refuseManifest("Document %d cannot be read: %v", position, err)
		}
		if !single(text) {
			return nil, refuseManifest("Document %d goes on after its end. Separate objects by a line of three hyphens: ---", position)
		}
		raw, err := yaml.YAMLToJSONStrict(text)
		if err != nil {
			return nil, refuseManifest("Document %d is no YAML: %v", position, err)
		}
		if string(raw) == "null" {
			continue
		}
		if documents, err = unpack(documents, position, raw, maxLists); err != nil {
			return nil, err
		}
	}
}

// single says whether the text holds one YAML document at the most. Several
// can stand in it without a separating line: after a line of three dots, as
// JSON values one behind the other, or between lone carriage returns.
func single(text []byte) bool {
	documents := yamlv3.NewDecoder(bytes.NewReader(text))
	var document yamlv3.Node
	if err := documents.Decode(&document); err != nil {
		return true // none, or what the strict decoder says more of
	}
	return errors.Is(documents.Decode(&document), io.EOF)
}

// unpack appends an object or, of a List, each of its objects.
func unpack(documents []document, position int, raw json.RawMessage, depth int) ([]document, error) {
	d := document{position: position, raw: raw}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(raw, &d.head); err != nil {
		return nil, refuseManifest("Document %d is no Kubernetes object: %v", position, err)
	}
	if d.head.APIVersion == "" || d.head.Kind == "" {
		return nil, refuseManifest("Document %d has no apiVersion or no kind.", position)
	}
	if d.head.Items != nil && !strings.HasSuffix(d.head.Kind, "List") {
		// The client libraries would take it for a List, whatever its kind.
		return nil, refuseManifest("Document %d is a %s and has items, which only a List has.", position, d.head.Kind)
	}
	if d.head.Items == nil {
		if len(documents) == maxDocuments {
			return nil, refuseManifest("The manifest has more than %d objects.", maxDocuments)
		}
		return append(documents, d), nil
	}
	if depth == 0 {
		return nil, refuseManifest("Document %d has Lists inside Lists.", position)
	}
	var err error
	for _, item := range d.head.Items {
		if documents, err = unpack(documents, position, item, depth-1); err != nil {
			return nil, err
		}
	}
	return documents, nil
}
