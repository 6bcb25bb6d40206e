package manifest

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"reflect"
	"slices"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"tenure.dev/workflow"
)

// What the documents of the GitOps repository call themselves.
const (
	APIVersion  = "tenure.dev/v1"
	KindPolicy  = "Policy"
	KindTenancy = "Tenancy"
	PolicyName  = "platform" // metadata.name of policy.yaml: there is one policy
)

// document is the frame of both documents.
type document[Spec any] struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Metadata   metadata `json:"metadata"`
	Spec       Spec     `json:"spec"`
}

type metadata struct {
	Name string `json:"name"`
}

// DecodePolicy reads policy.yaml and checks it. The rules' parameters are kept
// as they are: admission checks them. Any problem refuses the document whole;
// the error is one or more *DocumentError.
func DecodePolicy(file string, data []byte) (workflow.Policy, error) {
	p := &problems{file: file}
	decoded, root := decode[workflow.Policy](p, KindPolicy, data)
	if len(p.found) == 0 && decoded.Metadata.Name != PolicyName {
		p.add(locate(root, "metadata.name"), "metadata.name", "%q: the policy's name is %q", decoded.Metadata.Name, PolicyName)
	}
	if len(p.found) == 0 {
		p.addFields(root, decoded.Spec.Check())
	}
	if len(p.found) > 0 {
		return workflow.Policy{}, p.err()
	}
	return decoded.Spec, nil
}

// DecodeNewPolicy is DecodePolicy for a policy that nobody has approved yet: it is
// held to workflow.Policy.CheckNew as well, and to what can be seen of its text.
// What was approved before stays readable by DecodePolicy.
func DecodeNewPolicy(file string, data []byte) (workflow.Policy, error) {
	p := &problems{file: file}
	for _, problem := range workflow.CheckPolicyText(data) {
		p.add(problem.Line, "", "%s", problem.Message)
	}
	if len(p.found) > 0 {
		return workflow.Policy{}, p.err()
	}
	policy, err := DecodePolicy(file, data)
	if err != nil {
		return workflow.Policy{}, err
	}
	root := p.parse(data)
	p.visible(root, "")
	p.addFields(root, policy.CheckNew())
	if len(p.found) > 0 {
		return workflow.Policy{}, p.err()
	}
	return policy, nil
}

// visible refuses texts that are written with escapes for what their file may not
// hold as it is.
func (p *problems) visible(node *yaml.Node, path string) {
	switch node.Kind {
	case yaml.MappingNode:
		for key, value := range pairs(node) {
			p.visible(key, path)
			p.visible(value, joined(path, key.Value))
		}
	case yaml.SequenceNode:
		for i, item := range node.Content {
			p.visible(item, indexed(path, i))
		}
	default:
		for _, problem := range workflow.CheckPolicyText([]byte(node.Value)) {
			p.add(node.Line, path, "%s", problem.Message)
		}
	}
}

// DecodeTenancy reads approved/<tenant>.yaml and checks it on its own, not
// against a policy. A file in the folder approved must be called as its tenant
// is. Any problem refuses the document whole; the error is one or more
// *DocumentError.
func DecodeTenancy(file string, data []byte) (workflow.Tenancy, error) {
	p := &problems{file: file}
	decoded, root := decode[workflow.Tenancy](p, KindTenancy, data)
	tenancy := decoded.Spec
	tenancy.Name = decoded.Metadata.Name
	if len(p.found) == 0 && path.Dir(path.Clean("/"+file)) == "/approved" && path.Base(file) != tenancy.Name+".yaml" {
		p.add(locate(root, "metadata.name"), "metadata.name", "%q: the file of this tenant is %s", tenancy.Name, ApprovedPath(tenancy.Name))
	}
	if len(p.found) == 0 {
		p.addFields(root, tenancy.Check())
	}
	if len(p.found) > 0 {
		return workflow.Tenancy{}, p.err()
	}
	return tenancy, nil
}

// decode reads the frame and what is in it. The node is the document's root,
// or nil when the file could not be read as YAML.
func decode[Spec any](p *problems, kind string, data []byte) (document[Spec], *yaml.Node) {
	var decoded document[Spec]
	root := p.parse(data)
	if len(p.found) > 0 {
		return decoded, root
	}
	p.frame(root, kind)
	if len(p.found) > 0 {
		return decoded, root
	}
	p.bind(root, reflect.ValueOf(&decoded).Elem(), "")
	return decoded, root
}

// frame checks that the document is what its place says, before a stranger's
// fields are complained about one by one.
func (p *problems) frame(root *yaml.Node, kind string) {
	if root.Kind != yaml.MappingNode {
		p.add(root.Line, "", "a document with apiVersion, kind, metadata and spec is needed")
		return
	}
	for _, want := range []struct{ field, value string }{{"apiVersion", APIVersion}, {"kind", kind}} {
		switch node := child(root, want.field); {
		case node == nil:
			p.add(root.Line, want.field, "is missing; it is %q", want.value)
		case node.Value != want.value:
			p.add(node.Line, want.field, "%q: only %q is allowed here", node.Value, want.value)
		}
	}
	for _, want := range []string{"metadata", "spec"} {
		if child(root, want) == nil {
			p.add(root.Line, want, "is missing")
		}
	}
}

// maxLocated is how many problems of fields are told with their lines: nobody reads
// more, and each line has to be looked for.
const maxLocated = 500

// addFields maps problems of the domain to their lines.
func (p *problems) addFields(root *yaml.Node, fields []workflow.FieldProblem) {
	for i, f := range fields {
		if i == maxLocated {
			p.add(locate(root, f.Field), "", "there are %d more problems", len(fields)-i)
			return
		}
		p.add(locate(root, f.Field), f.Field, "%s", f.Message)
	}
}

// EncodePolicy writes policy.yaml: fields in the order of the Go type, maps
// sorted by key.
func EncodePolicy(policy workflow.Policy) ([]byte, error) {
	return encode(KindPolicy, PolicyName, policy)
}

// EncodeTenancy writes approved/<tenant>.yaml: fields in the order of the Go
// type, clusters and repositories sorted, namespaces by cluster and name,
// hosts and registries sorted, access by group and role with persons last, network
// exceptions by request and direction, exemptions by request.
func EncodeTenancy(tenancy workflow.Tenancy) ([]byte, error) {
	if !utf8.ValidString(tenancy.DisplayName) {
		return nil, errors.New("encode tenancy: the display name is not valid UTF-8")
	}
	tenancy.Clusters = slices.Sorted(slices.Values(tenancy.Clusters))
	tenancy.Repositories = slices.Sorted(slices.Values(tenancy.Repositories))
	tenancy.Namespaces = slices.Clone(tenancy.Namespaces)
	for i := range tenancy.Namespaces {
		n, err := canonical(tenancy.Namespaces[i])
		if err != nil {
			return nil, fmt.Errorf("encode tenancy: %w", err)
		}
		tenancy.Namespaces[i] = n
	}
	slices.SortStableFunc(tenancy.Namespaces, func(a, b workflow.Namespace) int {
		return cmp.Or(cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.Name, b.Name))
	})
	return encode(KindTenancy, tenancy.Name, tenancy)
}

// canonical gives a namespace as documents have it: entries in order, moments in
// UTC. It shares nothing that it changes.
func canonical(n workflow.Namespace) (workflow.Namespace, error) {
	if !utf8.ValidString(n.Purpose) {
		return n, fmt.Errorf("the purpose of namespace %q is not valid UTF-8", n.Name)
	}
	n.Hosts = slices.Sorted(slices.Values(n.Hosts))
	n.Registries = slices.Sorted(slices.Values(n.Registries))
	n.Network = slices.SortedStableFunc(slices.Values(n.Network), byRequest)
	for i := range n.Network {
		n.Network[i].Until = n.Network[i].Until.UTC()
	}
	n.Access = slices.SortedFunc(slices.Values(n.Access), bySubject)
	for i, access := range n.Access {
		if !utf8.ValidString(access.User) {
			return n, fmt.Errorf("namespace %q: the user name %q is not valid UTF-8", n.Name, access.User)
		}
		n.Access[i].Until = access.Until.UTC()
	}
	n.Exemptions = slices.SortedStableFunc(slices.Values(n.Exemptions), func(a, b workflow.Exemption) int { return cmp.Compare(a.Request, b.Request) })
	for i, exemption := range n.Exemptions {
		if !utf8.ValidString(exemption.Value) {
			return n, fmt.Errorf("namespace %q: what is exempt by request %d is not valid UTF-8", n.Name, exemption.Request)
		}
		n.Exemptions[i].Until = exemption.Until.UTC()
	}
	if n.Quota.Raise != nil {
		raise := *n.Quota.Raise
		raise.Until = raise.Until.UTC()
		n.Quota.Raise = &raise
	}
	return n, nil
}

// bySubject orders access by group and role, persons last.
func bySubject(a, b workflow.Access) int {
	return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Group, b.Group), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Request, b.Request))
}

func encode[Spec any](kind, name string, spec Spec) ([]byte, error) {
	tree, err := treeOf(document[Spec]{APIVersion: APIVersion, Kind: kind, Metadata: metadata{Name: name}, Spec: spec})
	if err != nil {
		return nil, fmt.Errorf("encode %s %q: %w", kind, name, err)
	}
	return tree.yaml(), nil
}
