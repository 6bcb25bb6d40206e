package manifest

import (
	"fmt"
	"testing"

	"sigs.k8s.io/yaml"

	"tenure.dev/workflow"
)

// largeTenancy is a tenant with 20 namespaces, the most that a usual ceiling allows.
func largeTenancy(b *testing.B) workflow.Tenancy {
	tenancy := payments(b)
	model := tenancy.Namespaces[0]
	tenancy.Namespaces = nil
	for i := range 20 {
		model.Name = fmt.Sprintf("payments-api-%02d", i)
		tenancy.Namespaces = append(tenancy.Namespaces, model)
	}
	return tenancy
}

// BenchmarkRender compares rendering a tenant of 20 namespaces with its
// baseline, the same objects through the library that kubectl uses.
func BenchmarkRender(b *testing.B) {
	policy, tenancy := examplePolicy(b), largeTenancy(b)
	b.Run("tenure", func(b *testing.B) {
		for b.Loop() {
			if _, err := (Renderer{}).Render(policy, tenancy); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("baseline", func(b *testing.B) {
		var objects []Object
		for _, namespace := range tenancy.Namespaces {
			made, err := Objects(policy, tenancy, namespace)
			if err != nil {
				b.Fatal(err)
			}
			objects = append(objects, made...)
		}
		for b.Loop() {
			if _, err := yaml.Marshal(tenancy); err != nil {
				b.Fatal(err)
			}
			for _, object := range objects {
				if _, err := yaml.Marshal(object.Typed); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// BenchmarkDecodeTenancy compares our strict reader with the lenient one of the library.
func BenchmarkDecodeTenancy(b *testing.B) {
	data, err := EncodeTenancy(largeTenancy(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("tenure", func(b *testing.B) {
		for b.Loop() {
			if _, err := DecodeTenancy("approved/payments.yaml", data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("baseline", func(b *testing.B) {
		for b.Loop() {
			var doc document[workflow.Tenancy]
			if err := yaml.UnmarshalStrict(data, &doc); err != nil {
				b.Fatal(err)
			}
		}
	})
}
