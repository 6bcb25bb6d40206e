package manifest

import (
	"fmt"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"
	"pgregory.net/rapid"

	"tenure.dev/workflow"
)

// examplePolicy is testdata/policy.yaml.
func examplePolicy(t testing.TB) workflow.Policy {
	t.Helper()
	return policyOf(t, "policy.yaml")
}

// policyOf reads a policy of testdata.
func policyOf(t testing.TB, name string) workflow.Policy {
	t.Helper()
	policy, err := DecodePolicy("policy.yaml", readTestdata(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

// payments is testdata/payments.yaml.
func payments(t testing.TB) workflow.Tenancy {
	t.Helper()
	return tenancyOf(t, "payments.yaml")
}

// tenancyOf reads a tenancy of testdata, called as its tenant is.
func tenancyOf(t testing.TB, name string) workflow.Tenancy {
	t.Helper()
	tenancy, err := DecodeTenancy("approved/"+path.Base(name), readTestdata(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return tenancy
}

func readTestdata(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// byAmount compares quantities by what they mean.
var byAmount = cmp.Comparer(func(a, b resource.Quantity) bool { return a.Cmp(b) == 0 })

// tenancies generates well-formed tenancies, with texts made to trouble YAML.
func tenancies() *rapid.Generator[workflow.Tenancy] {
	return rapid.Custom(func(t *rapid.T) workflow.Tenancy {
		tenancy := workflow.Tenancy{
			Name:        labels().Filter(func(s string) bool { return len(s) <= 30 }).Draw(t, "tenant"),
			DisplayName: awkwardTexts().Filter(oneLine).Draw(t, "displayName"),
			Owners:      workflow.Group{Group: groups().Draw(t, "owners")},
			Members:     workflow.Group{Group: groups().Draw(t, "members")},
			Ceiling: workflow.Ceiling{
				CPU: amounts().Draw(t, "cpu"), Memory: amounts().Draw(t, "memory"), Storage: amounts().Draw(t, "storage"),
				Namespaces: rapid.Int64Range(0, 50).Draw(t, "most"),
			},
			Clusters:     rapid.SliceOfNDistinct(rapid.SampledFrom(clusters), 1, len(clusters), rapid.ID).Draw(t, "clusters"),
			Repositories: rapid.SliceOfNDistinct(repositories(), 0, 3, strings.ToLower).Draw(t, "repositories"),
		}
		tenancy.Namespaces = rapid.SliceOfNDistinct(namespacesOn(tenancy.Clusters), 0, 5, func(n workflow.Namespace) string {
			return n.Cluster + "/" + n.Name
		}).Draw(t, "namespaces")
		return tenancy
	})
}

// clusters are those of generousPolicy, named so that YAML could take some for something else.
var clusters = []string{"weu-1", "neu-1", "2", "null"}

// generousPolicy is a policy with every cluster that is generated.
func generousPolicy(t testing.TB) workflow.Policy {
	t.Helper()
	policy := examplePolicy(t)
	for _, name := range clusters {
		policy.Clusters[name] = workflow.Cluster{
			Server: "https://" + name + ".example.com", NetworkEngine: workflow.EngineCilium, Mode: workflow.ModeEnforce,
		}
	}
	if problems := policy.Check(); len(problems) > 0 {
		t.Fatal(problems)
	}
	return policy
}

// repositories generates URLs that a tenant's Applications may read.
func repositories() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`https://[a-z]{1,8}\.example\.com/[A-Za-z0-9%._~-]{1,3}[a-z]{1,8}(\.git)?`).Filter(func(s string) bool { return !strings.Contains(s, "%") }),
		rapid.StringMatching(`ssh://git@[a-z]{1,8}\.example\.com:22/v3/[a-z]{1,8}`),
		rapid.StringMatching(`git@[a-z]{1,8}\.example\.com:v3/[a-z]{1,8}`),
	)
}

func namespaces() *rapid.Generator[workflow.Namespace] { return namespacesOn(clusters) }

func namespacesOn(clusters []string) *rapid.Generator[workflow.Namespace] {
	return rapid.Custom(func(t *rapid.T) workflow.Namespace {
		n := workflow.Namespace{
			Name:           labels().Draw(t, "name"),
			Cluster:        rapid.SampledFrom(clusters).Draw(t, "cluster"),
			Environment:    rapid.SampledFrom([]string{"dev", "prod", "yes"}).Draw(t, "environment"),
			PodSecurity:    rapid.SampledFrom([]workflow.SecurityLevel{workflow.LevelBaseline, workflow.LevelRestricted}).Draw(t, "level"),
			Purpose:        awkwardTexts().Draw(t, "purpose"),
			Classification: rapid.SampledFrom([]string{"", "internal", "null", "1"}).Draw(t, "class"),
			Registries:     rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"quay", "docker-official", "true", "2"}), 0, 3, rapid.ID[string]).Draw(t, "registries"),
			Request:        rapid.Int64Range(0, 1<<40).Draw(t, "request"),
			Quota:          quotas().Draw(t, "quota"),
			Access:         rapid.SliceOfNDistinct(accesses(), 0, 4, workflow.Access.ObjectName).Draw(t, "access"),
			Network:        rapid.SliceOfNDistinct(exceptions(), 0, 4, workflow.NetworkException.ObjectName).Draw(t, "network"),
			Exemptions:     exemptions().Draw(t, "exemptions"),
		}
		for _, part := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"www", "api", "no", "1"}), 0, 3, rapid.ID[string]).Draw(t, "hosts") {
			n.Hosts = append(n.Hosts, part+"."+n.Name+".example.com")
		}
		return n
	})
}

// exceptions generates network exceptions that can be approved on a cluster with Cilium.
func exceptions() *rapid.Generator[workflow.NetworkException] {
	return rapid.Custom(func(t *rapid.T) workflow.NetworkException {
		exception := workflow.NetworkException{
			Direction: rapid.SampledFrom([]workflow.FlowDirection{workflow.Ingress, workflow.Egress}).Draw(t, "direction"),
			Pods:      podLabels().Draw(t, "pods"),
			Ports:     portRanges().Draw(t, "ports"),
			Until:     time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "until"), 0).UTC(),
			Request:   rapid.Int64Range(1, 99).Draw(t, "request"),
		}
		peers := []workflow.FlowPeer{
			{Namespace: "peer-" + labels().Draw(t, "namespace"), PodLabels: podLabels().Draw(t, "podLabels")},
			{Internet: true},
			{CIDR: "10.0.0.0/8"},
			{CIDR: "10.0.0.0/8", Except: []string{"10.240.0.0/16", "10.1.2.3/32"}},
			{CIDR: "fd12:3456::/32"},
		}
		if exception.Direction == workflow.Egress {
			peers = append(peers, workflow.FlowPeer{FQDN: "api.example.com"}, workflow.FlowPeer{FQDN: "*.example.com"})
		}
		peer := rapid.SampledFrom(peers).Draw(t, "peer")
		if exception.Direction == workflow.Egress {
			exception.To = &peer
		} else {
			exception.From = &peer
		}
		return exception
	})
}

// podLabels generates labels of pods; none is nil.
func podLabels() *rapid.Generator[map[string]string] {
	some := rapid.SampledFrom([]map[string]string{{"app": "api"}, {"app.kubernetes.io/name": "yes", "tier": "1"}, {"x": ""}})
	return rapid.OneOf(rapid.Just(map[string]string(nil)), some)
}

// portRanges generates ports as a tenancy has them: sorted, without overlap.
func portRanges() *rapid.Generator[[]workflow.FlowPort] {
	return rapid.SampledFrom([][]workflow.FlowPort{
		{{Protocol: "TCP", Port: 1}},
		{{Protocol: "SCTP", Port: 36412}, {Protocol: "TCP", Port: 1, EndPort: 65535}},
		{{Protocol: "TCP", Port: 443}, {Protocol: "TCP", Port: 8000, EndPort: 8100}, {Protocol: "UDP", Port: 65535}},
	})
}

// labels generates DNS labels, among them those that YAML could take for something else.
func labels() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?`),
		rapid.SampledFrom([]string{"yes", "no", "on", "null", "true", "y", "1e3", "0x1f", "017", "12", "2026-01-01", "8gi"}),
	)
}

func groups() *rapid.Generator[string] {
	return rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}`)
}

// awkwardTexts generates texts that a sloppy writer of YAML would break, short
// enough for a purpose, without what the domain refuses.
func awkwardTexts() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom(troublesome),
		rapid.StringOfN(rapid.SampledFrom([]rune("ab \n\t\"'\\#:-{}[]&*!|>%@`,?~=<ü漢🙂0")), 0, 30, -1),
	)
}

// oneLine says whether a text has no line breaks and tabs, which a display name cannot have.
func oneLine(text string) bool { return !strings.ContainsAny(text, "\n\r\t") }

// troublesome are texts that readers of YAML take for something else.
var troublesome = []string{
	"", " ", "yes", "No", "on", "null", "~", "true", "1e3", "0x1f", "0o17", "1_000", "12:30:45", ".inf", ".NaN", "-", "---", "...", "=", "<<",
	"2026-01-01", "a: b", "a #b", "#a", "a:", "'", `"`, `\`, "- a", "? a", "| ", "&a", "*a", "!a", "%a", "@a", "`a", "{a: b}", "[a]",
	"a\nb", "\na", "a\n", "a\n---\nb", " a", "a ", "\ta", "für Kärnten", "漢字", "🙂", "a\r\nb", "y", "N", "8Gi", "100m", "1E", "0.5", "+1", "a  b",
}

// amounts generates quantities in the ways people write them.
func amounts() *rapid.Generator[resource.Quantity] {
	return rapid.Custom(func(t *rapid.T) resource.Quantity {
		unit := rapid.SampledFrom([]string{"", "m", "k", "M", "Ki", "Mi", "Gi"}).Draw(t, "unit")
		return resource.MustParse(fmt.Sprint(rapid.Int64Range(0, 100_000).Draw(t, "amount")) + unit)
	})
}
