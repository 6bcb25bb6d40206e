package network

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	yamlv3 "go.yaml.in/yaml/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// maxLists is how deep Lists may stand inside Lists.
const maxLists = 4

// Read takes the Namespaces, Pods, workloads and NetworkPolicies out of a stream of
// YAML or JSON documents, as kubectl reads it: documents are separated by ---, Lists
// are unpacked, an object without a namespace is of the namespace default. Objects of
// other kinds are passed over. A NetworkPolicy with a field that the API does not have
// is an error, since it says something that nothing would heed. Errors name the
// document, counted from 1, and the object.
func Read(stream []byte) (Objects, error) {
	var r reader
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(stream)))
	for position := 1; ; position++ {
		text, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return r.finish(), nil
		}
		if err == nil {
			err = r.document(text)
		}
		if err != nil {
			return Objects{}, fmt.Errorf("document %d: %w", position, err)
		}
	}
}

// reader gathers objects.
type reader struct {
	objects Objects
	read    []owned
}

// head is what of an object says which it is.
type head struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name         string            `json:"name"`
		GenerateName string            `json:"generateName"`
		Namespace    string            `json:"namespace"`
		Labels       map[string]string `json:"labels"`

		OwnerReferences []metav1.OwnerReference `json:"ownerReferences"`
	} `json:"metadata"`
	Items []json.RawMessage `json:"items"`
}

func (r *reader) document(text []byte) error {
	if !singleDocument(text) {
		return errors.New("goes on after its end: separate documents by a line of three hyphens")
	}
	raw, err := yaml.YAMLToJSON(text)
	if err != nil {
		return err
	}
	if string(raw) == "null" {
		return nil
	}
	strict := sync.OnceValue(func() error { _, err := yaml.YAMLToJSONStrict(text); return err })
	return r.object(raw, "", "", maxLists, strict)
}

// singleDocument says whether the text holds one YAML document at the most. Several
// can stand in it without a separating line, as after a line of three dots, and the
// decoder would drop all but the first.
func singleDocument(text []byte) bool {
	documents := yamlv3.NewDecoder(bytes.NewReader(text))
	var document yamlv3.Node
	if err := documents.Decode(&document); err != nil {
		return true // none, or what the other decoder says more of
	}
	return errors.Is(documents.Decode(&document), io.EOF)
}

// object takes one object or, of a List, each of its items. The items of typed lists
// need not repeat the kind.
func (r *reader) object(raw json.RawMessage, apiVersion, kind string, depth int, strict func() error) error {
	h := head{}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(raw, &h); err != nil {
		return fmt.Errorf("no Kubernetes object: %w", err)
	}
	if h.Kind == "" {
		h.APIVersion, h.Kind = apiVersion, kind
	}
	if h.Kind == "" || h.APIVersion == "" {
		return errors.New("no apiVersion or no kind")
	}
	if h.Items == nil || !strings.HasSuffix(h.Kind, "List") {
		if err := r.take(h, raw, strict); err != nil {
			return fmt.Errorf("%s %q: %w", h.Kind, h.name(), err)
		}
		return nil
	}
	if depth == 0 {
		return errors.New("Lists inside Lists") //nolint:staticcheck // List is the kind's name
	}
	apiVersion, kind = "", ""
	if h.Kind != "List" {
		apiVersion, kind = h.APIVersion, strings.TrimSuffix(h.Kind, "List")
	}
	for i, item := range h.Items {
		if err := r.object(item, apiVersion, kind, depth-1, strict); err != nil {
			return fmt.Errorf("item %d: %w", i+1, err)
		}
	}
	return nil
}

// name is what errors call the object.
func (h head) name() string {
	name := h.Metadata.Name
	if name == "" {
		name = h.Metadata.GenerateName
	}
	if h.Metadata.Namespace != "" {
		name = h.Metadata.Namespace + "/" + name
	}
	return name
}

// namespace is the one the object is created in.
func (h head) namespace() string {
	if h.Metadata.Namespace == "" {
		return "default"
	}
	return h.Metadata.Namespace
}
