package manifest

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tenure.dev/workflow"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldens are what is rendered from which documents of testdata.
var goldens = map[string]struct{ policy, tenancy, golden string }{
	"a tenancy":                        {"policy.yaml", "payments.yaml", "testdata/golden"},
	"network exceptions of every kind": {"exceptions/policy.yaml", "exceptions/shop.yaml", "testdata/exceptions/golden"},
	"quotas, access and exemptions":    {"policy.yaml", "grants/ledger.yaml", "testdata/grants/golden"},
	"hosts, registries and a class":    {"settings/policy.yaml", "settings/shop.yaml", "testdata/settings/golden"},
}

func TestRenderingGivesTheGoldenFiles(t *testing.T) {
	for name, documents := range goldens {
		t.Run(name, func(t *testing.T) {
			policy, tenancy := policyOf(t, documents.policy), tenancyOf(t, documents.tenancy)
			files, err := Renderer{}.Render(policy, tenancy)
			if err != nil {
				t.Fatal(err)
			}
			written, err := EncodePolicy(policy)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files,
				workflow.File{Path: PolicyPath, Content: written},
				workflow.File{Path: "renderer-version", Content: []byte(Renderer{}.Version() + "\n")})
			if *update {
				writeGolden(t, documents.golden, files)
			}
			checkGolden(t, documents.golden, files)
		})
	}
}

func checkGolden(t *testing.T, dir string, files []workflow.File) {
	t.Helper()
	golden := readGolden(t, dir)
	for _, file := range files {
		if diff := cmp.Diff(string(golden[file.Path]), string(file.Content)); diff != "" {
			t.Errorf("%s is not what %s/%s says (-golden +rendered):\n%s\n"+
				"If this change is meant: raise RendererVersion (now %q), since plans and commits name it, and run go test ./k8s/manifest -update.",
				file.Path, dir, file.Path, diff, RendererVersion)
		}
		delete(golden, file.Path)
	}
	for path := range golden {
		t.Errorf("%s stands in %s and was not rendered; raise RendererVersion and run with -update", path, dir)
	}
}

func writeGolden(t *testing.T, dir string, files []workflow.File) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		path := filepath.Join(dir, filepath.FromSlash(file.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func readGolden(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	golden := map[string][]byte{}
	root := os.DirFS(dir)
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		golden[path], err = fs.ReadFile(root, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return golden
}

func TestRenderingIsByteStableAndIndependentOfTheOrderOfEntries(t *testing.T) {
	policy := generousPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		tenancy := tenancies().Draw(t, "tenancy")
		files := render(t, policy, tenancy)
		shuffled := tenancy
		shuffled.Namespaces = rapid.Permutation(tenancy.Namespaces).Draw(t, "order")
		shuffled.Clusters = rapid.Permutation(tenancy.Clusters).Draw(t, "cluster order")
		shuffled.Repositories = rapid.Permutation(tenancy.Repositories).Draw(t, "repository order")
		for i, n := range shuffled.Namespaces {
			shuffled.Namespaces[i].Hosts = rapid.Permutation(n.Hosts).Draw(t, "host order")
			shuffled.Namespaces[i].Registries = rapid.Permutation(n.Registries).Draw(t, "registry order")
			shuffled.Namespaces[i].Access = rapid.Permutation(n.Access).Draw(t, "access order")
			shuffled.Namespaces[i].Network = rapid.Permutation(n.Network).Draw(t, "network order")
			shuffled.Namespaces[i].Exemptions = rapid.Permutation(n.Exemptions).Draw(t, "exemption order")
		}
		if again := render(t, policy, shuffled); !reflect.DeepEqual(files, again) {
			t.Fatal(cmp.Diff(files, again))
		}
	})
}

func TestNoTwoFilesHaveOnePathAndPathsAreSorted(t *testing.T) {
	policy := generousPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		tenancy := tenancies().Draw(t, "tenancy")
		files := render(t, policy, tenancy)
		for i := 1; i < len(files); i++ {
			if files[i-1].Path >= files[i].Path {
				t.Fatalf("%q stands before %q", files[i-1].Path, files[i].Path)
			}
		}
		for _, file := range files {
			if !ownPath(tenancy, file.Path) {
				t.Fatalf("%q is no path of tenant %q", file.Path, tenancy.Name)
			}
		}
	})
}

// ownPath says whether a path is one that the tenant's files may have.
func ownPath(tenancy workflow.Tenancy, path string) bool {
	if path == ApprovedPath(tenancy.Name) || path == ArgoCDPath(tenancy.Name) {
		return true
	}
	if slices.ContainsFunc(tenancy.Clusters, func(cluster string) bool { return path == TenantDir(cluster, tenancy.Name)+placeholder }) {
		return true
	}
	return slices.ContainsFunc(tenancy.Namespaces, func(n workflow.Namespace) bool {
		name, under := strings.CutPrefix(path, NamespaceDir(n.Cluster, tenancy.Name, n.Name))
		return under && !strings.Contains(name, "/") && filepath.Clean(path) == path
	})
}

func TestAddingANamespaceChangesNoOtherNamespacesFiles(t *testing.T) {
	policy := generousPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		tenancy := tenancies().Filter(func(t workflow.Tenancy) bool { return len(t.Namespaces) > 0 }).Draw(t, "tenancy")
		all := map[string][]byte{}
		for _, file := range render(t, policy, tenancy) {
			all[file.Path] = file.Content
		}
		fewer := tenancy
		fewer.Namespaces = slices.Clone(tenancy.Namespaces[1:])
		for _, file := range render(t, policy, fewer) {
			follows := file.Path != ApprovedPath(tenancy.Name) && file.Path != ArgoCDPath(tenancy.Name)
			if follows && !bytes.Equal(all[file.Path], file.Content) {
				t.Fatalf("%s changed", file.Path)
			}
		}
	})
}

func render(t *rapid.T, policy workflow.Policy, tenancy workflow.Tenancy) []workflow.File {
	files, err := Renderer{}.Render(policy, tenancy)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// change is what a test does to a policy and a tenancy that can be rendered.
type change = func(*workflow.Policy, *workflow.Tenancy)

// accessWith changes the first entry of access.
func accessWith(change func(*workflow.Access)) change {
	return func(_ *workflow.Policy, t *workflow.Tenancy) { change(&t.Namespaces[0].Access[0]) }
}

// accessOfUser makes the first entry of access that of a person with this user name.
func accessOfUser(name string) change {
	return accessWith(func(a *workflow.Access) { a.Group, a.Person, a.User = "", a.Group, name })
}

// counting counts these in the first namespace.
func counting(counts map[workflow.ObjectCount]int64) change {
	return func(_ *workflow.Policy, t *workflow.Tenancy) { t.Namespaces[0].Quota.Objects = counts }
}

// raisedWith gives the first namespace a temporary increase with something changed.
func raisedWith(change func(*workflow.QuotaRaise)) change {
	return func(_ *workflow.Policy, t *workflow.Tenancy) {
		t.Namespaces[0].Quota.Raise = &workflow.QuotaRaise{Until: time.Unix(1, 0), Request: 91}
		change(t.Namespaces[0].Quota.Raise)
	}
}

func TestWhatCannotBeRenderedSafelyIsAnError(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*workflow.Policy, *workflow.Tenancy)
		want   string
	}{
		"a tenant that climbs out of its folder":  {func(_ *workflow.Policy, t *workflow.Tenancy) { t.Name = ".." }, `tenant ".."`},
		"a tenant with a slash":                   {func(_ *workflow.Policy, t *workflow.Tenancy) { t.Name = "a/b" }, `tenant "a/b"`},
		"a namespace that climbs":                 {func(_ *workflow.Policy, t *workflow.Tenancy) { t.Namespaces[0].Name = "../../policy" }, `namespace "../../policy"`},
		"a namespace with a line break":           {func(_ *workflow.Policy, t *workflow.Tenancy) { t.Namespaces[0].Name = "a\nb" }, `namespace "a\nb"`},
		"a namespace without a name":              {func(_ *workflow.Policy, t *workflow.Tenancy) { t.Namespaces[0].Name = "" }, `namespace ""`},
		"a cluster with a slash":                  {func(_ *workflow.Policy, t *workflow.Tenancy) { t.Namespaces[0].Cluster = "weu/1" }, `cluster "weu/1"`},
		"an environment that is no label":         {func(_ *workflow.Policy, t *workflow.Tenancy) { t.Namespaces[0].Environment = "a b" }, `environment "a b"`},
		"a tenant's cluster with a slash":         {func(_ *workflow.Policy, t *workflow.Tenancy) { t.Clusters[0] = "../weu-1" }, `cluster "../weu-1"`},
		"a tenant's cluster without a name":       {func(_ *workflow.Policy, t *workflow.Tenancy) { t.Clusters[0] = "" }, `cluster ""`},
		"a tenant's cluster twice":                {func(_ *workflow.Policy, t *workflow.Tenancy) { t.Clusters[1] = t.Clusters[0] }, "would be written twice"},
		"a tenant's cluster that is no cluster":   {func(_ *workflow.Policy, t *workflow.Tenancy) { t.Clusters[0] = "mars-1" }, `no cluster "mars-1"`},
		"a cluster without a server":              {func(p *workflow.Policy, _ *workflow.Tenancy) { p.Clusters["weu-1"] = workflow.Cluster{} }, `no server of cluster "weu-1"`},
		"a namespace of Argo CD that is no label": {func(p *workflow.Policy, _ *workflow.Tenancy) { p.ArgoCD.Namespace = "a/b" }, `"a/b"`},
		"a namespace twice":                       {func(_ *workflow.Policy, t *workflow.Tenancy) { t.Namespaces = append(t.Namespaces, t.Namespaces[0]) }, "stands twice"},
		"the privileged level":                    {func(_ *workflow.Policy, t *workflow.Tenancy) { t.Namespaces[0].PodSecurity = "privileged" }, `"privileged"`},
		"a purpose that is not UTF-8":             {func(_ *workflow.Policy, t *workflow.Tenancy) { t.Namespaces[0].Purpose = "\xff" }, "UTF-8"},
		"a display name that is not UTF-8":        {func(_ *workflow.Policy, t *workflow.Tenancy) { t.DisplayName = "\xff" }, "UTF-8"},
		"a negative quota":                        {func(_ *workflow.Policy, t *workflow.Tenancy) { t.Namespaces[0].Quota.Pods = -1 }, "negative"},
		"a role that is no role":                  {func(_ *workflow.Policy, t *workflow.Tenancy) { t.Namespaces[0].Access[0].Role = "cluster-admin" }, `"cluster-admin"`},
		"a group of the API server's own":         {func(_ *workflow.Policy, t *workflow.Tenancy) { t.Namespaces[0].Access[0].Group = "system:masters" }, `"system:masters"`},
		"access of nobody":                        {accessWith(func(a *workflow.Access) { a.Group = "" }), "either a group or a person"},
		"access of a group and a person":          {accessWith(func(a *workflow.Access) { a.Person, a.User = a.Group, "dana@contoso.example" }), "either a group or a person"},
		"access of a group with a user name":      {accessWith(func(a *workflow.Access) { a.User = "dana@contoso.example" }), "a group has no user name"},
		"access of a person without a name":       {accessWith(func(a *workflow.Access) { a.Group, a.Person = "", a.Group }), `"" is not the user name`},
		"access of a person without an id":        {accessWith(func(a *workflow.Access) { a.Group, a.User = "", "dana@contoso.example" }), "either a group or a person"},
		"access of a person whose id is a path": {accessWith(func(a *workflow.Access) {
			a.Group, a.Person, a.User = "", "../policy", "dana@contoso.example"
		}), `person "../policy"`},
		"access of the API server's own user":   {accessOfUser("system:admin"), `"system:admin"`},
		"access of a service account as a user": {accessOfUser("system:serviceaccount:kube-system:default"), "is not the user name of a person"},
		"access of a user name with a space":    {accessOfUser("dana@contoso.example "), "is not the user name of a person"},
		"access of a user name of two lines":    {accessOfUser("dana\neve"), "is not the user name of a person"},
		"access of a user name not in UTF-8":    {accessOfUser("\xff"), "not valid UTF-8"},
		"access until half a second":            {accessWith(func(a *workflow.Access) { a.Until = time.Unix(1, 5e8) }), "whole seconds"},
		"access of a negative request":          {accessWith(func(a *workflow.Access) { a.Request = -1 }), "no request has that number"},
		"counting what is no object":            {counting(map[workflow.ObjectCount]int64{"requests.cpu": 1}), `"requests.cpu" is nothing that is counted`},
		"counting node ports":                   {counting(map[workflow.ObjectCount]int64{"services.nodeports": 1}), `"services.nodeports" is nothing that is counted`},
		"a negative count":                      {counting(map[workflow.ObjectCount]int64{workflow.CountSecrets: -1}), `quota secrets "-1" is negative`},
		"an increase without an end":            {raisedWith(func(r *workflow.QuotaRaise) { r.Until = time.Time{} }), "quota increase of request 91: its end"},
		"an increase until half a second":       {raisedWith(func(r *workflow.QuotaRaise) { r.Until = time.Unix(1, 5e8) }), "whole seconds"},
		"an increase of a negative request":     {raisedWith(func(r *workflow.QuotaRaise) { r.Request = -1 }), "no request has that number"},
		"an increase to less than nothing":      {raisedWith(func(r *workflow.QuotaRaise) { r.CPU.Set(-1) }), "is negative"},
		"an increase of what is no object":      {raisedWith(func(r *workflow.QuotaRaise) { r.Objects = map[workflow.ObjectCount]int64{"pods": 1} }), `"pods" is nothing that is counted`},
		"an exempt value that is not UTF-8": {func(_ *workflow.Policy, t *workflow.Tenancy) {
			t.Namespaces[0].Exemptions = []workflow.Exemption{{Value: "\xff", Request: 90}}
		}, "exempt by request 90 is not valid UTF-8"},
		"a group twice in one role": {func(_ *workflow.Policy, t *workflow.Tenancy) {
			t.Namespaces[0].Access = append(t.Namespaces[0].Access, t.Namespaces[0].Access[0])
		}, "would exist twice"},
		"two flows of one name": {func(p *workflow.Policy, _ *workflow.Tenancy) {
			p.PlatformFlows = append(p.PlatformFlows, p.PlatformFlows[0])
		}, "would exist twice"},
		"a flow without a peer, which opens all": {func(p *workflow.Policy, _ *workflow.Tenancy) { p.PlatformFlows[0].From = nil }, `"from"`},
		"a flow whose peer says nothing":         {func(p *workflow.Policy, _ *workflow.Tenancy) { p.PlatformFlows[0].From = &workflow.FlowPeer{} }, "either a namespace or a cidr"},
		"a flow with the peer on both sides":     {func(p *workflow.Policy, _ *workflow.Tenancy) { p.PlatformFlows[2].From = p.PlatformFlows[2].To }, "nowhere else"},
		"a flow without a direction":             {func(p *workflow.Policy, _ *workflow.Tenancy) { p.PlatformFlows[0].Direction = "" }, "no direction"},
		"a flow whose name is no label":          {func(p *workflow.Policy, _ *workflow.Tenancy) { p.PlatformFlows[0].Name = "a/b" }, `"a/b"`},
		"a flow from a namespace that is no label": {func(p *workflow.Policy, _ *workflow.Tenancy) {
			p.PlatformFlows[0].From = &workflow.FlowPeer{Namespace: "*"}
		}, `"*"`},
		"a flow to half an address": {func(p *workflow.Policy, _ *workflow.Tenancy) {
			p.PlatformFlows[2].To = &workflow.FlowPeer{CIDR: "10.0.0.1/8"}
		}, `"10.0.0.1/8"`},
		"an exception outside its range": {func(p *workflow.Policy, _ *workflow.Tenancy) {
			p.PlatformFlows[2].To = &workflow.FlowPeer{CIDR: "10.0.0.0/8", Except: []string{"11.0.0.0/9"}}
		}, `"11.0.0.0/9"`},
		"an exception from a namespace": {func(p *workflow.Policy, _ *workflow.Tenancy) { p.PlatformFlows[0].From.Except = []string{"10.0.0.0/8"} }, "except"},
		"pod labels of a range": {func(p *workflow.Policy, _ *workflow.Tenancy) {
			p.PlatformFlows[2].To = &workflow.FlowPeer{CIDR: "10.0.0.0/8", PodLabels: map[string]string{"a": "b"}}
		}, "podLabels"},
		"pod labels that are no labels": {func(p *workflow.Policy, _ *workflow.Tenancy) {
			p.PlatformFlows[0].From.PodLabels = map[string]string{"a b": "c"}
		}, `pods of its peer: selector.matchLabels: Invalid value: "a b"`},
		"a port without a protocol":                 {func(p *workflow.Policy, _ *workflow.Tenancy) { p.PlatformFlows[1].Ports[0].Protocol = "" }, "protocol"},
		"a port out of range":                       {func(p *workflow.Policy, _ *workflow.Tenancy) { p.PlatformFlows[1].Ports[0].Port = 0 }, "port 0"},
		"a range of ports backwards":                {func(p *workflow.Policy, _ *workflow.Tenancy) { p.PlatformFlows[1].Ports[0].EndPort = 80 }, "endPort 80"},
		"defaults that request more than the limit": {func(p *workflow.Policy, _ *workflow.Tenancy) { p.ContainerDefaults.Requests.CPU.SetMilli(501) }, "more than the limit"},
		"negative defaults":                         {func(p *workflow.Policy, _ *workflow.Tenancy) { p.ContainerDefaults.Limits.Memory.Set(-1) }, "negative"},
	} {
		t.Run(name, func(t *testing.T) {
			policy, tenancy := examplePolicy(t), payments(t)
			test.change(&policy, &tenancy)
			files, err := Renderer{}.Render(policy, tenancy)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if files != nil {
				t.Errorf("%d files beside the error", len(files))
			}
		})
	}
}
