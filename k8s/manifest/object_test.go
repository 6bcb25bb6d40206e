package manifest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	podsecurity "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"tenure.dev/workflow"
)

// decodeStrictly reads a manifest as kubectl apply does with strict validation.
func decodeStrictly(data []byte) (Typed, error) {
	var meta metav1.TypeMeta
	if err := yaml.Unmarshal(data, &meta); err != nil {
		return nil, err
	}
	types := map[string]Typed{
		"v1 Namespace":      &corev1.Namespace{},
		"v1 ResourceQuota":  &corev1.ResourceQuota{},
		"v1 LimitRange":     &corev1.LimitRange{},
		"v1 ServiceAccount": &corev1.ServiceAccount{},
		"rbac.authorization.k8s.io/v1 RoleBinding": &rbacv1.RoleBinding{},
		"networking.k8s.io/v1 NetworkPolicy":       &networkingv1.NetworkPolicy{},
		"cilium.io/v2 CiliumNetworkPolicy":         &CiliumNetworkPolicy{},
	}
	typed, known := types[meta.APIVersion+" "+meta.Kind]
	if !known {
		return nil, fmt.Errorf("a manifest of %s %s", meta.APIVersion, meta.Kind)
	}
	return typed, yaml.UnmarshalStrict(data, typed)
}

func TestDecodingTheFilesGivesExactlyTheObjects(t *testing.T) {
	policy := generousPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		tenancy := tenancies().Draw(t, "tenancy")
		files := map[string][]byte{}
		for _, file := range render(t, policy, tenancy) {
			files[file.Path] = file.Content
		}
		delete(files, ApprovedPath(tenancy.Name))
		delete(files, ArgoCDPath(tenancy.Name))
		for _, cluster := range tenancy.Clusters {
			delete(files, TenantDir(cluster, tenancy.Name)+placeholder)
		}
		for _, namespace := range tenancy.Namespaces {
			objects, err := Objects(policy, tenancy, namespace)
			if err != nil {
				t.Fatal(err)
			}
			for _, object := range objects {
				checkFile(t, object, files[object.Path])
				delete(files, object.Path)
			}
		}
		for path := range files {
			t.Errorf("%s follows from no object", path)
		}
	})
}

// checkFile compares an object with its file, as typed object and field by field.
func checkFile(t *rapid.T, object Object, file []byte) {
	decoded, err := decodeStrictly(file)
	if err != nil {
		t.Fatalf("%s: %v\n%s", object.Path, err, file)
	}
	if diff := cmp.Diff(object.Typed, decoded, byAmount); diff != "" {
		t.Fatalf("%s (-object +file):\n%s", object.Path, diff)
	}
	fields, err := object.Fields()
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := yaml.YAMLToJSONStrict(file)
	if err != nil {
		t.Fatal(err)
	}
	decoder, written := json.NewDecoder(bytes.NewReader(asJSON)), map[string]any{}
	decoder.UseNumber()
	if err := decoder.Decode(&written); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fields, written); diff != "" {
		t.Fatalf("%s (-fields +file):\n%s", object.Path, diff)
	}
	if keyOf(decoded) != object.Key {
		t.Fatalf("%s holds %s, want %s", object.Path, keyOf(decoded), object.Key)
	}
}

func TestObjectsComeInOneOrderWhateverTheOrderOfEntries(t *testing.T) {
	policy := generousPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		namespace := namespaces().Draw(t, "namespace")
		tenancy := workflow.Tenancy{Name: "payments"}
		ordered, err := Objects(policy, tenancy, namespace)
		if err != nil {
			t.Fatal(err)
		}
		namespace.Access = rapid.Permutation(namespace.Access).Draw(t, "access")
		namespace.Network = rapid.Permutation(namespace.Network).Draw(t, "network")
		shuffledPolicy := policy
		shuffledPolicy.PlatformFlows = rapid.Permutation(policy.PlatformFlows).Draw(t, "flows")
		shuffled, err := Objects(shuffledPolicy, tenancy, namespace)
		if err != nil {
			t.Fatal(err)
		}
		for i := range ordered {
			if ordered[i].Key != shuffled[i].Key {
				t.Fatalf("object %d is %s, then %s", i, ordered[i].Key, shuffled[i].Key)
			}
		}
	})
}

func TestEveryObjectIsTheTenantsAndComesBeforeWorkloads(t *testing.T) {
	policy := generousPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		tenancy := tenancies().Draw(t, "tenancy")
		for _, namespace := range tenancy.Namespaces {
			objects, err := Objects(policy, tenancy, namespace)
			if err != nil {
				t.Fatal(err)
			}
			checkPlace(t, objects, tenancy, namespace)
		}
	})
}

func checkPlace(t *rapid.T, objects []Object, tenancy workflow.Tenancy, namespace workflow.Namespace) {
	wave := -1000
	for i, object := range objects {
		meta := object.Typed
		if meta.GetLabels()[LabelManagedBy] != "tenure" || meta.GetLabels()[LabelTenant] != tenancy.Name {
			t.Fatalf("%s has labels %v", object.Key, meta.GetLabels())
		}
		if isNamespace := object.Key.Kind == "Namespace"; isNamespace != (i == 0) || isNamespace == (meta.GetNamespace() == namespace.Name) {
			t.Fatalf("object %d is %s, of namespace %q", i, object.Key, meta.GetNamespace())
		}
		var own int
		if _, err := fmt.Sscan(meta.GetAnnotations()[AnnotationSyncWave], &own); err != nil || own < wave || own >= 0 {
			t.Fatalf("%s has sync wave %d after %d", object.Key, own, wave)
		}
		wave = own
	}
}

func TestANamespacePinsThePodSecurityItWasApprovedWith(t *testing.T) {
	tenancy := payments(t)
	prod, _ := tenancy.Namespace("weu-1", "payments-api-prod")
	objects, err := Objects(examplePolicy(t), tenancy, prod)
	if err != nil {
		t.Fatal(err)
	}
	found, errs := podsecurity.PolicyToEvaluate(objects[0].Typed.GetLabels(), podsecurity.Policy{})
	if len(errs) > 0 {
		t.Fatal(errs.ToAggregate())
	}
	version, err := podsecurity.ParseVersion(PodSecurityVersion)
	if err != nil {
		t.Fatal(err)
	}
	pinned := podsecurity.LevelVersion{Level: podsecurity.LevelRestricted, Version: version}
	if want := (podsecurity.Policy{Enforce: pinned, Audit: pinned, Warn: pinned}); found != want {
		t.Errorf("the API server would evaluate %v, want %v", found, want)
	}
}

func TestTheLinkedPodSecurityLibraryKnowsThePinnedVersion(t *testing.T) {
	pinned, err := podsecurity.ParseVersion(PodSecurityVersion)
	if err != nil {
		t.Fatal(err)
	}
	newest := podsecurity.Version{}
	for _, check := range policy.DefaultChecks() {
		for _, version := range check.Versions {
			if newest.Older(version.MinimumVersion) {
				newest = version.MinimumVersion
			}
		}
	}
	if newest.Older(pinned) {
		t.Errorf("%s is pinned, the library's newest checks are of %s", pinned.String(), newest.String())
	}
}

func TestNetworkPoliciesCloseTheNamespaceBeforeAnythingIsOpened(t *testing.T) {
	tenancy := payments(t)
	objects, err := Objects(examplePolicy(t), tenancy, tenancy.Namespaces[0])
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, object := range objects {
		policy, ok := object.Typed.(*networkingv1.NetworkPolicy)
		if !ok {
			continue
		}
		names = append(names, policy.Name)
		if policy.Name == "tenure-default-deny" {
			want := networkingv1.NetworkPolicySpec{PolicyTypes: []networkingv1.PolicyType{"Ingress", "Egress"}}
			if !reflect.DeepEqual(policy.Spec, want) {
				t.Errorf("default-deny is %+v", policy.Spec)
			}
			continue
		}
		if peerless(policy.Spec) {
			t.Errorf("%s opens the namespace to everybody", policy.Name)
		}
	}
	want := "tenure-default-deny tenure-allow-dns tenure-flow-entra tenure-flow-ingress tenure-flow-monitoring tenure-flow-node-local-dns"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("policies %s, want %s", got, want)
	}
}

// peerless says whether a rule names nobody, which NetworkPolicy takes for everybody.
func peerless(spec networkingv1.NetworkPolicySpec) bool {
	for _, rule := range spec.Ingress {
		if len(rule.From) == 0 {
			return true
		}
	}
	for _, rule := range spec.Egress {
		if len(rule.To) == 0 {
			return true
		}
	}
	return false
}

func TestAContainerDefaultThatIsNotGivenIsAsTheAPIServerSetsIt(t *testing.T) {
	policy, tenancy := examplePolicy(t), payments(t)
	policy.ContainerDefaults.Requests.CPU.Set(0)
	policy.ContainerDefaults.Limits.Memory.Set(0)
	objects, err := Objects(policy, tenancy, tenancy.Namespaces[0])
	if err != nil {
		t.Fatal(err)
	}
	item := objects[2].Typed.(*corev1.LimitRange).Spec.Limits[0]
	if limit := item.Default[corev1.ResourceCPU]; limit.String() != "500m" {
		t.Errorf("default CPU limit %s", limit.String())
	}
	if request := item.DefaultRequest[corev1.ResourceCPU]; request.String() != "500m" {
		t.Errorf("a CPU request that is not given is %s, want the limit", request.String())
	}
	if _, limited := item.Default[corev1.ResourceMemory]; limited {
		t.Error("a memory limit of 0 was rendered")
	}
}
