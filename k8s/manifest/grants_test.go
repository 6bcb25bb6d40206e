package manifest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"pgregory.net/rapid"

	"tenure.dev/workflow"
)

// The commit of an end leaves exactly what the objects said there would be.
func TestWithoutWhatARequestGaveEachObjectIsWhatItWasSaidToBecome(t *testing.T) {
	policy := generousPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		tenancy := workflow.Tenancy{Name: "payments", Namespaces: []workflow.Namespace{namespaces().Draw(t, "namespace")}}
		namespace := tenancy.Namespaces[0]
		for _, object := range objectsOf(t, policy, tenancy) {
			if object.Until.IsZero() {
				if object.Then != nil {
					t.Fatalf("%s has no end and becomes %s", object.Key, object.Then.Key)
				}
				continue
			}
			if object.Request == namespace.Request {
				continue // it came with the namespace, and goes with it
			}
			left := objectsOf(t, policy, tenancy.WithoutGrants(object.Request))
			i := slices.IndexFunc(left, func(other Object) bool { return other.Key == object.Key })
			switch {
			case i < 0 && object.Then == nil:
			case i < 0 || object.Then == nil:
				t.Fatalf("%s: it becomes %v, and is %d of what is left", object.Key, object.Then, i)
			default:
				if diff := cmp.Diff(left[i], *object.Then, byAmount); diff != "" {
					t.Fatalf("%s (-left +then):\n%s", object.Key, diff)
				}
			}
		}
	})
}

func objectsOf(t *rapid.T, policy workflow.Policy, tenancy workflow.Tenancy) []Object {
	objects, err := Objects(policy, tenancy, tenancy.Namespaces[0])
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

func TestAQuotaIsTheIncreasedOneUntilTheIncreaseEnds(t *testing.T) {
	policy := generousPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		namespace := namespaces().Draw(t, "namespace")
		object := objectsOf(t, policy, workflow.Tenancy{Name: "payments", Namespaces: []workflow.Namespace{namespace}})[1]
		quota, raise := namespace.Quota, namespace.Quota.Raise
		if raise == nil {
			checkQuota(t, object, quota.Lasting(), quota.Request, nil)
			return
		}
		if object.Request != raise.Request || !object.Until.Equal(raise.Until) || object.Then == nil || object.Then.Path != object.Path {
			t.Fatalf("request %d, until %s, then %+v", object.Request, object.Until, object.Then)
		}
		checkQuota(t, object, quota.Effective(), quota.Request, raise)
		checkQuota(t, *object.Then, quota.Lasting(), quota.Request, nil)
	})
}

// checkQuota compares a ResourceQuota, amount by amount, with what it is to be.
func checkQuota(t *rapid.T, object Object, size workflow.Size, request int64, raise *workflow.QuotaRaise) {
	want := corev1.ResourceList{
		"requests.cpu": size.CPU, "limits.cpu": size.CPU, "requests.memory": size.Memory, "limits.memory": size.Memory, "requests.storage": size.Storage,
	}
	for name, count := range map[corev1.ResourceName]int64{"pods": size.Pods, "services.loadbalancers": 0, "services.nodeports": 0} {
		want[name] = *resource.NewQuantity(count, resource.DecimalSI)
	}
	for kind, count := range size.Objects {
		want[corev1.ResourceName(kind)] = *resource.NewQuantity(count, resource.DecimalSI)
	}
	if diff := cmp.Diff(want, object.Typed.(*corev1.ResourceQuota).Spec.Hard, byAmount); diff != "" {
		t.Fatalf("hard (-want +got):\n%s", diff)
	}
	annotations := map[string]string{AnnotationSyncWave: "-40", AnnotationSyncOptions: "Prune=false"}
	if request != 0 {
		annotations[AnnotationRequest] = fmt.Sprint(request)
	}
	if raise != nil {
		annotations[AnnotationUntil], annotations[AnnotationRaisedBy] = raise.Until.Format(time.RFC3339), fmt.Sprint(raise.Request)
	}
	if diff := cmp.Diff(annotations, object.Typed.GetAnnotations()); diff != "" {
		t.Fatalf("annotations (-want +got):\n%s", diff)
	}
}

func TestEachAccessIsOneBindingThatSaysWhoseAndUntilWhen(t *testing.T) {
	policy := generousPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		namespace := namespaces().Draw(t, "namespace")
		bindings := map[string]Object{}
		for _, object := range objectsOf(t, policy, workflow.Tenancy{Name: "payments", Namespaces: []workflow.Namespace{namespace}}) {
			if object.Key.Kind == "RoleBinding" {
				bindings[object.Key.Name] = object
			}
		}
		if len(bindings) != len(namespace.Access) {
			t.Fatalf("%d bindings for %d entries", len(bindings), len(namespace.Access))
		}
		for _, access := range namespace.Access {
			object := bindings[access.ObjectName()]
			want := rbacv1.Subject{APIGroup: "rbac.authorization.k8s.io", Kind: "Group", Name: access.Group}
			if access.Person != "" {
				want.Kind, want.Name = "User", access.User
			}
			binding := object.Typed.(*rbacv1.RoleBinding)
			if diff := cmp.Diff([]rbacv1.Subject{want}, binding.Subjects); diff != "" || binding.RoleRef.Name != "tenure:"+string(access.Role) {
				t.Fatalf("%s is of %s:\n%s", object.Key, binding.RoleRef.Name, diff)
			}
			until := ""
			if !access.Until.IsZero() {
				until = access.Until.Format(time.RFC3339)
			}
			if object.Request != access.Request || !object.Until.Equal(access.Until) || binding.Annotations[AnnotationUntil] != until {
				t.Fatalf("%s is of request %d until %s, and says %q", object.Key, object.Request, object.Until, binding.Annotations[AnnotationUntil])
			}
			if strings.Contains(binding.Annotations[AnnotationSyncOptions], "Prune") {
				t.Fatalf("Argo CD would leave %s where it is", object.Key)
			}
		}
	})
}

func TestAPreviewsGrantsNameNoRequest(t *testing.T) {
	tenancy := payments(t)
	namespace := &tenancy.Namespaces[0]
	namespace.Quota.Raise = &workflow.QuotaRaise{Until: time.Unix(4e9, 0)}
	namespace.Access[0].Request, namespace.Access[0].Until = 0, time.Unix(4e9, 0)
	objects, err := Objects(examplePolicy(t), tenancy, *namespace)
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range objects {
		annotations := object.Typed.GetAnnotations()
		if _, says := annotations[AnnotationRaisedBy]; says || (!object.Until.IsZero() && object.Key.Kind == "RoleBinding" && annotations[AnnotationRequest] != "") {
			t.Errorf("%s says %v", object.Key, annotations)
		}
	}
}

func TestExemptionsRenderToNothing(t *testing.T) {
	policy := generousPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		tenancy := workflow.Tenancy{Name: "payments", Namespaces: []workflow.Namespace{namespaces().Draw(t, "namespace")}}
		with := objectsOf(t, policy, tenancy)
		tenancy.Namespaces[0].Exemptions = nil
		if diff := cmp.Diff(with, objectsOf(t, policy, tenancy), byAmount); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestAGrantWithAnythingWrongIsRefusedNamingFileLineAndField(t *testing.T) {
	for name, test := range map[string]struct {
		edit edit
		want string // prefix of the first error
	}{
		"an object that is not counted":    {edit{"count/jobs.batch: 20", "count/pods: 20"}, `approved/ledger.yaml:21: spec.namespaces[0].quota.objects: "count/pods"`},
		"a negative count":                 {edit{"count/jobs.batch: 0", "count/jobs.batch: -1"}, `approved/ledger.yaml:28: spec.namespaces[0].quota.raise.objects.count/jobs.batch: -1 is negative`},
		"an increase without an end":       {edit{"          until: 2027-02-01T00:00:00Z\n", ""}, `approved/ledger.yaml:23: spec.namespaces[0].quota.raise.until: an end is needed`},
		"an end in another zone":           {edit{"2027-02-01T00:00:00Z", "2027-02-01T00:00:00+01:00"}, `approved/ledger.yaml:29: spec.namespaces[0].quota.raise.until: "2027-02-01T00:00:00+01:00" is not a moment in UTC`},
		"an end with a fraction":           {edit{"2027-01-15T08:30:00Z", "2027-01-15T08:30:00.5Z"}, `approved/ledger.yaml:33: spec.namespaces[0].access[1].until: "2027-01-15T08:30:00.5Z" is not a moment`},
		"an unknown field of an increase":  {edit{"          request: 91\n", "          request: 91\n          reason: more\n"}, `approved/ledger.yaml:31: spec.namespaces[0].quota.raise.reason: there is no such field`},
		"a person without a user name":     {edit{"user: dana@contoso.example, ", ""}, `approved/ledger.yaml:32: spec.namespaces[0].access[0].user`},
		"the API server's own user":        {edit{"user: dana@contoso.example", `user: "system:admin"`}, `approved/ledger.yaml:32: spec.namespaces[0].access[0].user: "system:admin" is not the user name of a person`},
		"a group and a person":             {edit{"- {group: 77de0000-1111-4222-8333-444455556666, ", "- {group: 77de0000-1111-4222-8333-444455556666, person: 5c5c5c5c-1111-4222-8333-444455556666, "}, `approved/ledger.yaml:34: spec.namespaces[0].access[2]: a group or a person is needed, and only one of them`},
		"a selector that picks every pod":  {edit{"selector: {app: legacy}", "selector: {}"}, `approved/ledger.yaml:37: spec.namespaces[0].exemptions[0].selector`},
		"a rule that has no exemptions":    {edit{"rule: required-label", "rule: governed"}, `approved/ledger.yaml:37: spec.namespaces[0].exemptions[0]`},
		"an image of another registry's *": {edit{"redis:7.2", "*"}, `approved/ledger.yaml:38: spec.namespaces[0].exemptions[1]`},
	} {
		t.Run(name, func(t *testing.T) {
			tenancy, err := DecodeTenancy("approved/ledger.yaml", test.edit.apply(t, readTestdata(t, "grants/ledger.yaml")))
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
