package manifest

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/validation"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"tenure.dev/workflow"
)

// argocdFile is argocd/<tenant>.yaml, read as strictly as kubectl does.
type argocdFile struct {
	project      *appProject
	applications []application
}

func readArgoCDFile(content []byte) (file argocdFile, err error) {
	for i, document := range bytes.Split(content, []byte("---\n")) {
		var meta argocdMeta
		if err := yaml.Unmarshal(document, &meta); err != nil {
			return file, err
		}
		switch {
		case meta.Kind == "AppProject" && i == 0:
			file.project = &appProject{}
			err = yaml.UnmarshalStrict(document, file.project)
		case meta.Kind == "Application":
			file.applications = append(file.applications, application{})
			err = yaml.UnmarshalStrict(document, &file.applications[len(file.applications)-1])
		default:
			err = fmt.Errorf("document %d is of kind %q", i, meta.Kind)
		}
		if err != nil {
			return file, err
		}
	}
	return file, nil
}

// contentOf finds a file; nil when it is not there.
func contentOf(files []workflow.File, path string) []byte {
	i := slices.IndexFunc(files, func(f workflow.File) bool { return f.Path == path })
	if i < 0 {
		return nil
	}
	return files[i].Content
}

func TestEachClusterOfATenantHasItsApplicationAndItsFolder(t *testing.T) {
	policy := generousPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		tenancy := tenancies().Draw(t, "tenancy")
		files := render(t, policy, tenancy)
		read, err := readArgoCDFile(contentOf(files, ArgoCDPath(tenancy.Name)))
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, app := range read.applications {
			cluster := app.Metadata.Labels[LabelCluster]
			found = append(found, cluster)
			if app.Metadata.Name != ApplicationName(tenancy.Name, cluster) || app.Metadata.Namespace != "argocd" || app.Metadata.Labels[LabelTenant] != tenancy.Name {
				t.Fatalf("the Application is %+v", app.Metadata)
			}
			if problems := validation.IsDNS1123Label(app.Metadata.Name); len(problems) > 0 {
				t.Fatalf("%q: %v", app.Metadata.Name, problems)
			}
			if app.Spec.Project != "tenure" || app.Spec.Destination != (destination{Server: policy.Clusters[cluster].Server}) {
				t.Fatalf("it goes to %+v in project %q", app.Spec.Destination, app.Spec.Project)
			}
			if app.Spec.Source.Path+"/" != TenantDir(cluster, tenancy.Name) || app.Spec.Source.RepoURL != policy.ArgoCD.Repository || app.Spec.Source.TargetRevision != "main" {
				t.Fatalf("it comes from %+v", app.Spec.Source)
			}
			if len(contentOf(files, app.Spec.Source.Path+"/.gitkeep")) == 0 {
				t.Fatalf("%s is not kept while it is empty", app.Spec.Source.Path)
			}
		}
		if want := slices.Sorted(slices.Values(tenancy.Clusters)); !slices.Equal(want, found) {
			t.Fatalf("Applications for %v, want %v", found, want)
		}
	})
}

func TestATenantsProjectPermitsItsNamespacesAndNothingGoverned(t *testing.T) {
	policy := generousPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		tenancy := tenancies().Draw(t, "tenancy")
		read, err := readArgoCDFile(contentOf(render(t, policy, tenancy), ArgoCDPath(tenancy.Name)))
		if err != nil {
			t.Fatal(err)
		}
		if len(tenancy.Repositories) == 0 {
			if read.project != nil {
				t.Fatalf("a tenant without repositories has %+v", read.project)
			}
			return
		}
		project := read.project
		if project.Metadata.Name != "tenant-"+tenancy.Name || project.Metadata.Namespace != "argocd" {
			t.Fatalf("the project is %+v", project.Metadata)
		}
		if want := slices.Sorted(slices.Values(tenancy.Repositories)); !slices.Equal(want, project.Spec.SourceRepos) {
			t.Fatalf("it reads %q, want %q", project.Spec.SourceRepos, want)
		}
		places := map[destination]string{}
		for _, n := range tenancy.Namespaces {
			places[destination{Server: policy.Clusters[n.Cluster].Server, Namespace: n.Name}] = n.Name + ":tenure-deployer"
		}
		accounts := map[destination]string{}
		for i, a := range project.Spec.DestinationServiceAccounts {
			place := destination{Server: a.Server, Namespace: a.Namespace}
			accounts[place] = a.DefaultServiceAccount
			if project.Spec.Destinations[i] != place {
				t.Fatalf("destination %d is %+v, its account is for %+v", i, project.Spec.Destinations[i], place)
			}
		}
		if diff := cmp.Diff(places, accounts); diff != "" || len(project.Spec.Destinations) != len(places) {
			t.Fatalf("destinations %+v\n%s", project.Spec.Destinations, diff)
		}
		for _, kind := range GovernedKinds() {
			if !slices.Contains(project.Spec.NamespaceResourceBlacklist, projectKind{Group: kind.Group, Kind: kind.Kind}) {
				t.Fatalf("%s is not forbidden", kind)
			}
		}
		if text := strings.Join(project.Spec.SourceRepos, ""); strings.ContainsAny(text, "*?[]{}!\\") {
			t.Fatalf("%q holds a pattern", text)
		}
	})
}

func TestOnlyATenantWithRepositoriesHasADeployer(t *testing.T) {
	for name, test := range map[string]struct {
		repositories []string
		want         string
	}{
		"without repositories": {nil, ""},
		"with a repository":    {[]string{"https://git.example.com/a"}, "RoleBinding payments-api-prod/tenure-edit-deployer ServiceAccount payments-api-prod/tenure-deployer"},
	} {
		tenancy := payments(t)
		tenancy.Repositories = test.repositories
		prod, _ := tenancy.Namespace("weu-1", "payments-api-prod")
		objects, err := Objects(examplePolicy(t), tenancy, prod)
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, object := range objects {
			if strings.Contains(object.Key.Name, "deployer") {
				found = append(found, object.Key.String())
			}
		}
		if slices.Sort(found); strings.Join(found, " ") != test.want {
			t.Errorf("%s: %v, want %s", name, found, test.want)
		}
	}
}

func TestWithoutArgoCDInThePolicyNothingIsMadeForIt(t *testing.T) {
	policy := generousPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		tenancy := tenancies().Draw(t, "tenancy")
		with := render(t, policy, tenancy)
		without := policy
		without.ArgoCD = nil
		rest := slices.DeleteFunc(slices.Clone(with), func(f workflow.File) bool { return f.Path == ArgoCDPath(tenancy.Name) })
		if len(rest) != len(with)-1 {
			t.Fatal("with it there is no such file")
		}
		if again := render(t, without, tenancy); !reflect.DeepEqual(rest, again) {
			t.Fatalf("something else differs:\n%s", cmp.Diff(rest, again))
		}
	})
}

func TestThePolicySaysWhereArgoCDIsAndWhatItFollows(t *testing.T) {
	policy := examplePolicy(t)
	policy.ArgoCD = &workflow.ArgoCDSettings{Repository: "git@git.example.com:gitops.git", Revision: "release/1", Namespace: "argo"}
	files, err := Renderer{}.Render(policy, payments(t))
	if err != nil {
		t.Fatal(err)
	}
	read, err := readArgoCDFile(contentOf(files, "argocd/payments.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if read.project.Metadata.Namespace != "argo" {
		t.Errorf("the project is in %q", read.project.Metadata.Namespace)
	}
	for _, app := range read.applications {
		if app.Metadata.Namespace != "argo" || app.Spec.Source.TargetRevision != "release/1" || app.Spec.Source.RepoURL != "git@git.example.com:gitops.git" {
			t.Errorf("the Application is %+v of %+v", app.Metadata, app.Spec.Source)
		}
	}
}

func TestAPolicyUnderWhichTwoTenantsCouldShareAnApplicationIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "weu", "1"}), 3, 6).Draw(t, "parts")
		cut := rapid.IntRange(1, len(parts)-2).Draw(t, "first cut")
		later := rapid.IntRange(cut+1, len(parts)-1).Draw(t, "second cut")
		at := func(cut int) (tenant, cluster string) {
			return strings.Join(parts[:cut], "-"), strings.Join(parts[cut:], "-")
		}
		tenant, cluster := at(cut)
		another, elsewhere := at(later)
		if ApplicationName(tenant, cluster) != ApplicationName(another, elsewhere) {
			t.Fatal("the names differ, so this test says nothing")
		}
		policy := clustersAlone(cluster, elsewhere)
		if !slices.ContainsFunc(policy.Check(), func(p workflow.FieldProblem) bool { return p.Field == "spec.clusters."+cluster }) {
			t.Fatalf("%s on %s and %s on %s would both be %s", tenant, cluster, another, elsewhere, ApplicationName(tenant, cluster))
		}
	})
}

// clustersAlone is a policy of nothing but clusters.
func clustersAlone(clusters ...string) workflow.Policy {
	policy := workflow.Policy{Clusters: map[string]workflow.Cluster{}}
	for _, name := range clusters {
		policy.Clusters[name] = workflow.Cluster{Server: "https://" + name + ".example.com", NetworkEngine: workflow.EngineCilium, Mode: workflow.ModeEnforce}
	}
	return policy
}
