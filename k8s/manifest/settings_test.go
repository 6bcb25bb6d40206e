package manifest

import (
	"errors"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func TestWrongHostsRegistriesAndClassesOfATenancyAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		edit edit
		want string
	}{
		"a wildcard":           {edit{"hosts: [www.shop.example.com", `hosts: ["*.shop.example.com"`}, `approved/shop.yaml:18: spec.namespaces[0].hosts[0]: "*.shop.example.com" stands for many names`},
		"a host in capitals":   {edit{"[www.shop.example.com", "[WWW.shop.example.com"}, `approved/shop.yaml:18: spec.namespaces[0].hosts[0]: "WWW.shop.example.com" is written "www.shop.example.com"`},
		"a host twice":         {edit{"[www.shop.example.com", "[shop.example.com"}, `approved/shop.yaml:18: spec.namespaces[0].hosts[1]: "shop.example.com" stands twice`},
		"a host of two":        {edit{"      podSecurity: baseline\n", "      podSecurity: baseline\n      hosts: [shop.example.com]\n"}, `approved/shop.yaml:29: spec.namespaces[1].hosts[0]: "shop.example.com" is the host of shop-web-prod already`},
		"hosts that are none":  {edit{"hosts: [www.shop.example.com, shop.example.com]", "hosts: {www.shop.example.com: true}"}, `approved/shop.yaml:18: spec.namespaces[0].hosts: a mapping: a list is needed here`},
		"a host of numbers":    {edit{"[www.shop.example.com", "[10.1"}, `approved/shop.yaml:18: spec.namespaces[0].hosts[0]: "10.1" is not a text`},
		"a registry's name":    {edit{"[quay,", "[quay.io,"}, `approved/shop.yaml:19: spec.namespaces[0].registries[0]: "quay.io": '.' cannot be in a name`},
		"a registry twice":     {edit{"[quay,", "[docker-official,"}, `approved/shop.yaml:19: spec.namespaces[0].registries[1]: "docker-official" stands twice`},
		"a class with a blank": {edit{"classification: confidential", "classification: very secret"}, `approved/shop.yaml:17: spec.namespaces[0].classification: "very secret": ' ' cannot be in a name`},
		"an unknown field":     {edit{"registries: [quay", "registry: [quay"}, `approved/shop.yaml:19: spec.namespaces[0].registry: there is no such field`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := DecodeTenancy("approved/shop.yaml", test.edit.apply(t, readTestdata(t, "settings/shop.yaml")))
			wantFirst(t, err, test.want)
		})
	}
}

func TestAWrongCatalogueIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		edit edit
		want string
	}{
		"a registry's name":            {edit{"    quay: {images", "    quay.io: {images"}, `spec.registries.quay.io: "quay.io": '.' cannot be in a name`},
		"a registry without images":    {edit{`{images: ["docker.io/library/*"], `, "{images: [], "}, "spec.registries.docker-official.images: name at least one pattern"},
		"an unknown field":             {edit{"means: The curated", "what: The curated"}, "spec.registries.docker-official.what: there is no such field"},
		"an invisible sentence":        {edit{"The curated images", "The\u200b curated images"}, "spec.registries.docker-official.means: The invisible character U+200B"},
		"a class twice":                {edit{"{name: confidential}", "{name: internal}"}, `spec.classifications[1].name: "internal" stands twice`},
		"a class without a name":       {edit{"{name: confidential}", "{means: much}"}, "spec.classifications[1].name: \"\": A name is needed"},
		"a reserved host that is none": {edit{"[status.example.com", "[status"}, `spec.reservedHosts[0]: "status" is neither the name of a host nor *. and one`},
		"a size that means numbers":    {edit{"  sizes:\n", "  sizes:\n    own: {cpu: \"1\", memory: 1Gi, storage: 1Gi, pods: 1}\n"}, `spec.sizes.own: "own" says that the person types numbers`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := DecodePolicy("policy.yaml", test.edit.apply(t, readTestdata(t, "settings/policy.yaml")))
			var first *DocumentError
			if !errors.As(err, &first) || !strings.Contains(first.Error(), test.want) {
				t.Errorf("error %v\nwant  %s", err, test.want)
			}
		})
	}
}

func wantFirst(t *testing.T, err error, want string) {
	t.Helper()
	var first *DocumentError
	if !errors.As(err, &first) || !strings.HasPrefix(first.Error(), want) {
		t.Errorf("error %v\nwant  %s", err, want)
	}
}

// Hosts and registries have no object: admission looks them up. The class stands
// on the Namespace, for whatever else selects by it.
func TestAClassIsALabelOfTheNamespaceAndNothingElseIsRendered(t *testing.T) {
	policy, tenancy := policyOf(t, "settings/policy.yaml"), tenancyOf(t, "settings/shop.yaml")
	full := tenancy.Namespaces[0]
	bare := full
	bare.Hosts, bare.Registries = nil, nil
	for _, n := range tenancy.Namespaces {
		objects, err := Objects(policy, tenancy, n)
		if err != nil {
			t.Fatal(err)
		}
		if n.Name == full.Name {
			without, err := Objects(policy, tenancy, bare)
			if err != nil || len(without) != len(objects) {
				t.Errorf("hosts and registries change what is rendered: %v", err)
			}
		}
		namespace := objects[0].Typed.(*corev1.Namespace)
		if class, found := namespace.Labels[LabelClass]; class != n.Classification || found != (n.Classification != "") {
			t.Errorf("%s carries the class %q (%v)", n.Name, class, found)
		}
	}
	wrong := full
	wrong.Classification = "very secret"
	if _, err := Objects(policy, tenancy, wrong); err == nil || !strings.Contains(err.Error(), "classification") {
		t.Errorf("a class that is no label is rendered: %v", err)
	}
}
