package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tenure.dev/workflow"
)

func TestATenancyIsReadBackAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tenancy := tenancies().Draw(t, "tenancy")
		written, err := EncodeTenancy(tenancy)
		if err != nil {
			t.Fatal(err)
		}
		read, err := DecodeTenancy(ApprovedPath(tenancy.Name), written)
		if err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
		again, err := EncodeTenancy(read)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(written, again) {
			t.Fatalf("written and read and written:\n%s", cmp.Diff(string(written), string(again)))
		}
		if read.DisplayName != tenancy.DisplayName || len(read.Namespaces) != len(tenancy.Namespaces) {
			t.Fatalf("read %+v, want %+v", read, tenancy)
		}
		for what, pair := range map[string][2][]string{"clusters": {tenancy.Clusters, read.Clusters}, "repositories": {tenancy.Repositories, read.Repositories}} {
			if want := slices.Sorted(slices.Values(pair[0])); !slices.Equal(want, pair[1]) {
				t.Fatalf("read %s %q, want %q", what, pair[1], want)
			}
		}
		for _, n := range tenancy.Namespaces {
			got, _ := read.Namespace(n.Cluster, n.Name)
			n, err := canonical(n) // their order is the encoder's
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(n, got, byAmount); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

func TestAPolicyIsReadBackAsItWasWritten(t *testing.T) {
	policy := examplePolicy(t)
	written, err := EncodePolicy(policy)
	if err != nil {
		t.Fatal(err)
	}
	read, err := DecodePolicy(PolicyPath, written)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(policy, read, byAmount); diff != "" {
		t.Error(diff)
	}
	if got := string(read.Rules["trusted-registry"].Params); got != `{"images":["contoso.azurecr.io/*","mcr.microsoft.com/*"]}` {
		t.Errorf("the rule's parameters became %s", got)
	}
}

// edit changes one text of a document of testdata.
type edit struct{ from, to string }

func (e edit) apply(t *testing.T, data []byte) []byte {
	t.Helper()
	if bytes.Count(data, []byte(e.from)) != 1 {
		t.Fatalf("%q stands %d times in the document", e.from, bytes.Count(data, []byte(e.from)))
	}
	return bytes.Replace(data, []byte(e.from), []byte(e.to), 1)
}

func TestATenancyWithAnythingWrongIsRefusedNamingFileLineAndField(t *testing.T) {
	for name, test := range map[string]struct {
		edit edit
		want string // prefix of the first error
	}{
		"an unknown field":              {edit{"      request: 42\n      quota", "      owner: me\n      request: 42\n      quota"}, "approved/payments.yaml:16: spec.namespaces[0].owner: there is no such field; there are name, cluster"},
		"a field in other letters":      {edit{"displayName", "displayname"}, "approved/payments.yaml:6: spec.displayname: there is no such field"},
		"a field twice":                 {edit{"      environment: dev\n", "      environment: dev\n      environment: prod\n"}, "approved/payments.yaml:25: spec.namespaces[1].environment: stands twice, first on line 24"},
		"another version":               {edit{"tenure.dev/v1", "tenure.dev/v2"}, `approved/payments.yaml:1: apiVersion: "tenure.dev/v2": only "tenure.dev/v1" is allowed here`},
		"another kind":                  {edit{"kind: Tenancy", "kind: Policy"}, `approved/payments.yaml:2: kind: "Policy": only "Tenancy"`},
		"no kind":                       {edit{"kind: Tenancy\n", ""}, `approved/payments.yaml:1: kind: is missing`},
		"no spec":                       {edit{"spec:", "specs:"}, `approved/payments.yaml:1: spec: is missing`},
		"another tenant's name":         {edit{"name: payments\n", "name: ledger\n"}, `approved/payments.yaml:4: metadata.name: "ledger": the file of this tenant is approved/ledger.yaml`},
		"an unknown role":               {edit{"role: view", "role: cluster-admin"}, `approved/payments.yaml:21: spec.namespaces[0].access[2].role: "cluster-admin"`},
		"the privileged level":          {edit{"podSecurity: baseline", "podSecurity: privileged"}, `approved/payments.yaml:25: spec.namespaces[1].podSecurity: "privileged"`},
		"a number for a text":           {edit{"name: payments-api-dev", "name: 123"}, `approved/payments.yaml:22: spec.namespaces[1].name: "123" is not a text; write it in quotes`},
		"a text for a number":           {edit{"request: 43\n      quota", "request: \"43\"\n      quota"}, `approved/payments.yaml:26: spec.namespaces[1].request: "43" is not a whole number`},
		"a fraction for a whole number": {edit{"namespaces: 20}", "namespaces: 2.5}"}, `approved/payments.yaml:9: spec.ceiling.namespaces: "2.5" is not a whole number of 64 bits`},
		"a number beyond its bits":      {edit{"namespaces: 20}", "namespaces: 9223372036854775808}"}, `approved/payments.yaml:9: spec.ceiling.namespaces: "9223372036854775808" is not a whole number of 64 bits`},
		"a number in octal":             {edit{"namespaces: 20}", "namespaces: 024}"}, `approved/payments.yaml:9: spec.ceiling.namespaces: 024 is not a decimal number`},
		"an amount that is none":        {edit{"cpu: 2500m", "cpu: lots"}, `approved/payments.yaml:27: spec.namespaces[1].quota.cpu: "lots" is not an amount such as 500m, 2 or 8Gi`},
		"a field without a value":       {edit{"memory: 256Gi", "memory: "}, `approved/payments.yaml:9: spec.ceiling.memory: has no value`},
		"a list for fields":             {edit{"owners: {group: 6f1c2d3e-90ab-4cde-8f01-23456789abcd}", "owners: []"}, `approved/payments.yaml:7: spec.owners: a list: fields are needed here`},
		"fields for a list":             {edit{"  namespaces:\n", "  namespaces: {}\n  other:\n"}, `approved/payments.yaml:10: spec.namespaces: a mapping: a list is needed here`},
		"an alias":                      {edit{"owners: {group: 6f1c2d3e-90ab-4cde-8f01-23456789abcd}\n  members: {group: 90ab1234-5678-4cde-8f01-23456789abcd}", "owners: &g {group: 6f1c2d3e-90ab-4cde-8f01-23456789abcd}\n  members: *g"}, `approved/payments.yaml:7: spec.owners: anchors and aliases are not allowed`},
		"a merge key":                   {edit{"ceiling: {", "ceiling: {<<: {cpu: 9}, "}, `approved/payments.yaml:9: spec.ceiling: a field's name is a plain text`},
		"a tag":                         {edit{"name: payments-api-dev", "name: !!str payments-api-dev"}, `approved/payments.yaml:22: spec.namespaces[1].name: the tag !!str is not allowed`},
		"two documents":                 {edit{"\nspec:", "\n---\nspec:"}, `approved/payments.yaml:5: a second document starts here`},
		"broken YAML":                   {edit{"spec:\n", "spec: [\n"}, `approved/payments.yaml:`},
		"bytes that are no text":        {edit{"Payments & Cards", "\xff"}, `approved/payments.yaml: the file is not valid UTF-8`},
	} {
		t.Run(name, func(t *testing.T) {
			data := test.edit.apply(t, readTestdata(t, "payments.yaml"))
			tenancy, err := DecodeTenancy("approved/payments.yaml", data)
			var first *DocumentError
			if !errors.As(err, &first) || !strings.HasPrefix(first.Error(), test.want) {
				t.Errorf("error %v\nwant  %s", err, test.want)
			}
			if diff := cmp.Diff(workflow.Tenancy{}, tenancy, byAmount); diff != "" {
				t.Errorf("something was decoded beside the error:\n%s", diff)
			}
		})
	}
}

func TestAPolicyWithAnythingWrongIsRefusedNamingFileLineAndField(t *testing.T) {
	for name, test := range map[string]struct {
		edit edit
		want string
	}{
		"an unknown field":          {edit{"fallback: admin", "fallback: admin\n  fallbacks: 2"}, "policy.yaml:45: spec.fallbacks: there is no such field"},
		"an unknown cluster mode":   {edit{"mode: enforce", "mode: strict"}, `policy.yaml:7: spec.clusters.weu-1.mode: "strict"`},
		"an unknown rule mode":      {edit{"trusted-registry: {mode: deny", "trusted-registry: {mode: maybe"}, `policy.yaml:33: spec.rules.trusted-registry.mode: "maybe"`},
		"a mode that is no text":    {edit{"trusted-registry: {mode: deny", "trusted-registry: {mode: [deny]"}, `policy.yaml:33: spec.rules.trusted-registry: mode: array is not allowed here`},
		"a stage of two roles":      {edit{"[{owner: 1}, {security: 1}]", "[{owner: 1, security: 1}]"}, `policy.yaml:43: spec.reviews[1].stages[0]: a stage is one role`},
		"a stage of an unknown one": {edit{"[{owner: 1}, {security: 1}]", "[{boss: 1}]"}, `policy.yaml:43: spec.reviews[1].stages[0]: "boss"`},
		"a port beyond its bits":    {edit{"endPort: 8099", "endPort: 2147483648"}, `policy.yaml:19: spec.platformFlows[1].ports[0].endPort: "2147483648" is not a whole number of 32 bits`},
		"a label that is a boolean": {edit{"app.kubernetes.io/name: prometheus", "app.kubernetes.io/name: true"}, `policy.yaml:18: spec.platformFlows[1].from.podLabels.app.kubernetes.io/name: "true" is not a text`},
		"another name":              {edit{"name: platform}", "name: mine}"}, `policy.yaml:4: metadata.name: "mine": the policy's name is "platform"`},
	} {
		t.Run(name, func(t *testing.T) {
			data := test.edit.apply(t, readTestdata(t, "policy.yaml"))
			_, err := DecodePolicy("policy.yaml", data)
			var first *DocumentError
			if !errors.As(err, &first) || !strings.HasPrefix(first.Error(), test.want) {
				t.Errorf("error %v\nwant  %s", err, test.want)
			}
		})
	}
}

func TestEverythingWrongIsReportedInTheOrderOfItsLines(t *testing.T) {
	data := readTestdata(t, "payments.yaml")
	data = edit{"role: view", "rolle: view"}.apply(t, data)
	data = edit{"cpu: 2500m", "cpu: lots"}.apply(t, data)
	data = edit{"  displayName", "  title"}.apply(t, data)
	_, err := DecodeTenancy("approved/payments.yaml", data)
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != 3 {
		t.Fatalf("error %v, want three", err)
	}
	for i, want := range []int{6, 21, 27} {
		var problem *DocumentError
		if !errors.As(joined.Unwrap()[i], &problem) || problem.Line != want {
			t.Errorf("problem %d is %v, want line %d", i, joined.Unwrap()[i], want)
		}
	}
}

func TestDocumentsBeyondTheBoundsAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		data string
		want string
	}{
		"too large":       {"#" + strings.Repeat("x", MaxDocumentSize), "approved/a.yaml: the file has 1048577 bytes"},
		"too deep":        {"apiVersion: " + strings.Repeat("[", 100) + strings.Repeat("]", 100), "is nested more than 32 levels deep"},
		"empty":           {"", "approved/a.yaml: the document is empty"},
		"only a comment":  {"# nothing\n", "approved/a.yaml: the document is empty"},
		"only a text":     {"hello", "approved/a.yaml:1: a document with apiVersion, kind"},
		"a list":          {"- a", "approved/a.yaml:1: a document with apiVersion, kind"},
		"a control byte":  {"a: \x01", "approved/a.yaml: not YAML: control characters are not allowed"},
		"billion laughs":  {laughs(), "anchors and aliases are not allowed"},
		"a numbered name": {"1: a", "approved/a.yaml:1: a field's name is a plain text"},
		"a mapped name":   {"? {a: b}\n: c", "approved/a.yaml:1: a field's name is a plain text"},
		"infinity":        {"a: .inf", "approved/a.yaml:1: a: .inf is not a decimal number"},
		"a tab":           {"a:\n\t- b", "approved/a.yaml:2: not YAML"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := DecodeTenancy("approved/a.yaml", []byte(test.data))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

// laughs is the classic document that grows when its aliases are followed.
func laughs() string {
	text := "a0: &a0 [x, x]\n"
	for i := range 30 {
		text += fmt.Sprintf("a%d: &a%d [*a%d, *a%d]\n", i+1, i+1, i, i)
	}
	return text
}
